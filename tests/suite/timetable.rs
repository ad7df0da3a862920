//! The timetable of an action: right for everyone, whatever each may see of it.

mod absurd;
mod conflicts;
mod everywhere;
mod impact;
mod levers;
mod opaque;
mod picture;
mod programme;
mod secrets;
mod simulate;

use crate::actions::{Region, region};
use crate::statements::count;
use chrono::{NaiveDateTime, TimeZone};
use chrono_tz::Europe::Helsinki;
use reqwest::Method;
use serde_json::{Value, json};
use yhteen_tests::caller::id;
use yhteen_tests::{Caller, Organisation, World, both};

/// The instant of a local time in Helsinki, such as `2026-02-02 16:00`.
pub(crate) fn local(text: &str) -> String {
    let naive = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
    Helsinki.from_local_datetime(&naive).unwrap().to_utc().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A body of the organisation, whose minutes come out some days after its meetings: its identifier.
pub(crate) async fn body(of: &Organisation, kind: &str, name: &str, minutes: u32) -> String {
    let new = json!({
        "organisation_id": of.id,
        "name": {"fi": name},
        "kind": kind,
        "agenda_lead": {"days": 7, "time": "12:00"},
        "minutes_publication_days": minutes
    });
    id(&of.admin.post("/api/v1/bodies", new).await.expect(201))
}

/// Meetings of a body, each as its day, its start and end, and the date at noon of which its agenda is closed.
async fn meetings(of: &Organisation, body: &str, all: &[(&str, &str, &str, &str)]) -> Vec<String> {
    let mut ids = Vec::new();
    for (day, start, end, deadline) in all {
        let new = json!({
            "starts_at": local(&format!("{day} {start}")),
            "ends_at": local(&format!("{day} {end}")),
            "agenda_deadline": local(&format!("{deadline} 12:00"))
        });
        ids.push(id(&of.editor.post(&format!("/api/v1/bodies/{body}/meetings"), new).await.expect(201)));
    }
    ids
}

/// What the city proposes for a body; `depends_on` are steps that are to be final before the agenda is closed.
pub(crate) fn new_step(body: &str, function: &str, depends_on: &[&str]) -> Value {
    let depends_on: Vec<_> = depends_on.iter().map(|step| json!({"step_id": step, "gate": "final"})).collect();
    json!({
        "body_id": body,
        "title": {"fi": "Käsittely"},
        "function": function,
        "authoritative": function == "decision",
        "depends_on": depends_on
    })
}

pub(crate) async fn step(city: &Organisation, at: &str, new: Value) -> String {
    id(&city.editor.post(&format!("{at}/decision-steps"), new).await.expect(201))
}

pub(crate) async fn timetable(reader: &Caller, at: &str, query: &str) -> Value {
    reader.get(&format!("{at}/timetable{query}")).await.expect(200)
}

/// The city's board prepares, its council decides, and once that is final the parish council decides. The action is
/// to start on 1 July, when all is final.
struct Route {
    region: Region,
    parish: Organisation,
    at: String,
    bodies: [String; 3],
    steps: [String; 3],
    /// By body.
    meetings: [Vec<String>; 3],
}

impl Route {
    async fn new(world: &World) -> Self {
        let region = region(world).await;
        let parish = world.organisation("Seurakunta", "parish").await;
        let board = body(&region.city, "board", "Kaupunginhallitus", 3).await;
        let council = body(&region.city, "council", "Kaupunginvaltuusto", 7).await;
        let parish_council = body(&parish, "parish_council", "Kirkkovaltuusto", 6).await;
        let of_board = meetings(
            &region.city,
            &board,
            &[
                ("2026-01-19", "16:00", "18:00", "2026-01-13"),
                ("2026-02-02", "16:00", "18:00", "2026-01-27"),
                ("2026-02-16", "16:00", "18:00", "2026-02-10"),
                ("2026-03-02", "12:00", "14:00", "2026-02-24"),
            ],
        );
        let of_council = meetings(
            &region.city,
            &council,
            &[
                ("2026-02-09", "17:00", "20:00", "2026-01-30"),
                ("2026-03-02", "17:00", "20:00", "2026-02-20"),
                ("2026-03-30", "17:00", "20:00", "2026-03-20"),
                ("2026-04-27", "17:00", "20:00", "2026-04-17"),
            ],
        );
        let of_parish = meetings(
            &parish,
            &parish_council,
            &[
                ("2026-04-21", "18:00", "19:00", "2026-04-15"),
                ("2026-05-07", "18:00", "19:00", "2026-04-30"),
                ("2026-06-02", "18:00", "19:00", "2026-05-26"),
            ],
        );
        let meetings = [of_board.await, of_council.await, of_parish.await];
        let at = region.draft("A1", "public").await;
        let mut prepares = new_step(&board, "preparation", &[]);
        prepares["preparation_days"] = json!(3);
        let prepares = step(&region.city, &at, prepares).await;
        let decides = step(&region.city, &at, new_step(&council, "decision", &[&prepares])).await;
        let joins = step(&region.city, &at, new_step(&parish_council, "decision", &[&decides])).await;
        region.city.editor.change(&at, json!({"starts_on": "2026-07-01", "start_gate": "final"})).await.expect(200);
        region.city.editor.act(&format!("{at}:propose")).await.expect(200);
        let bodies = [board, council, parish_council];
        Self { region, parish, at, bodies, steps: [prepares, decides, joins], meetings }
    }

    /// The place of a meeting, by body and number, with its dates of law.
    fn place(&self, body: usize, meeting: usize, times: [&str; 3], law: [Option<&str>; 2]) -> Value {
        let [starts_at, agenda_deadline, decided_at] = times.map(local);
        json!({
            "meeting_id": self.meetings[body][meeting],
            "starts_at": starts_at,
            "agenda_deadline": agenda_deadline,
            "decided_at": decided_at,
            "notice_on": law[0],
            "legal_force_on": law[1],
            "minutes_overdue": false
        })
    }

    /// What the board is at on 2 and on 16 February.
    fn board_places(&self) -> [Value; 2] {
        [(1, "2026-02-02", "2026-01-27"), (2, "2026-02-16", "2026-02-10")].map(|(number, day, deadline)| {
            let times = [format!("{day} 16:00"), format!("{deadline} 12:00"), format!("{day} 18:00")];
            self.place(0, number, [&times[0], &times[1], &times[2]], [None, None])
        })
    }

    async fn starts_on(&self, date: Option<&str>) {
        self.region.city.editor.change(&self.at, json!({"starts_on": date})).await.expect(200);
    }
}

fn chain(timetable: &Value) -> String {
    let links = timetable["critical_chain"].as_array().unwrap().iter();
    links.map(|link| link["text"].as_str().unwrap_or("?")).collect::<Vec<_>>().join(" → ")
}

both! {
    async fn every_date_of_a_route_through_three_bodies_is_as_the_law_says(world: World) {
        let route = Route::new(&world).await;
        let mut seen = timetable(&world.anonymous(), &route.at, "").await;
        assert!(seen.as_object_mut().unwrap().remove("plan_digest").unwrap().is_string());
        // No remedy lies against preparation: the board's on 2 February is in time for the council of 2 March, whose
        // agenda is closed on 20 February. A remedy of 14 days would have lasted until 26 February.
        let [board, board_latest] = route.board_places();
        // Minutes 9 March, notice 16 March, 30 days: Wednesday 15 April.
        let law = [Some("2026-03-16"), Some("2026-04-16")];
        let council = route.place(1, 1, ["2026-03-02 17:00", "2026-02-20 12:00", "2026-03-02 20:00"], law);
        // The agenda of 21 April is closed the day before that. Minutes 13 May, notice 20 May, 30 days: 19 June, which
        // is Midsummer Eve, so Monday 22 June.
        let law = [Some("2026-05-20"), Some("2026-06-23")];
        let parish = route.place(2, 1, ["2026-05-07 18:00", "2026-04-30 12:00", "2026-05-07 19:00"], law);
        let [prepares, decides, joins] = &route.steps;
        let [board_id, council_id, parish_id] = &route.bodies;
        let (city, church) = (&route.region.city.id, &route.parish.id);
        assert_eq!(seen, json!({
            "verdict": "feasible",
            "objective": "earliest",
            "computed_at": "2026-01-15T10:00:00Z",
            "target_on": "2026-07-01",
            "start_gate": "final",
            "start": {"earliest_on": "2026-06-23", "delay_days": 0},
            "blocking": [],
            "steps": [
                {
                    "step_id": prepares, "body_id": board_id, "organisation_id": city, "opaque": false,
                    "state": "open", "planned": board, "earliest": board, "latest": board_latest,
                    "slack_days": 14, "spare_meetings": 1, "critical": false,
                    "binding": {"kind": "now", "step_id": null, "gate": null}
                },
                {
                    "step_id": decides, "body_id": council_id, "organisation_id": city, "opaque": false,
                    "state": "open", "planned": council, "earliest": council, "latest": council,
                    "slack_days": 0, "spare_meetings": 0, "critical": true,
                    "binding": {"kind": "predecessor", "step_id": prepares, "gate": "final"}
                },
                {
                    "step_id": joins, "body_id": parish_id, "organisation_id": church, "opaque": false,
                    "state": "open", "planned": parish, "earliest": parish, "latest": parish,
                    "slack_days": 0, "spare_meetings": 0, "critical": true,
                    "binding": {"kind": "predecessor", "step_id": decides, "gate": "final"}
                }
            ],
            "critical_chain": [
                {"step_id": prepares, "gate": "decided", "at": local("2026-02-02 18:00"),
                    "text": "Kouvola Kaupunginhallitus prepares on 2 Feb"},
                {"step_id": decides, "gate": "decided", "at": local("2026-03-02 20:00"),
                    "text": "Kouvola Kaupunginvaltuusto decides on 2 Mar"},
                {"step_id": decides, "gate": "final", "at": local("2026-04-16 00:00"), "text": "legal force 16 Apr"},
                {"step_id": joins, "gate": "decided", "at": local("2026-05-07 19:00"),
                    "text": "Seurakunta Kirkkovaltuusto decides on 7 May"},
                {"step_id": joins, "gate": "final", "at": local("2026-06-23 00:00"), "text": "legal force 23 Jun"},
                {"step_id": null, "gate": null, "at": local("2026-06-23 00:00"), "text": "start"}
            ]
        }));
    }

    async fn a_start_is_late_or_not_known_or_not_planned(world: World) {
        let route = Route::new(&world).await;
        let anyone = world.anonymous();
        route.starts_on(Some("2026-06-01")).await;
        let late = timetable(&anyone, &route.at, "").await;
        assert_eq!((&late["verdict"], &late["start"]), (&json!("late"), &json!({"earliest_on": "2026-06-23", "delay_days": 22})));
        // What cannot be met is replaced by what can: the limits are the same.
        assert_eq!(late["steps"][0]["slack_days"], 14);
        route.starts_on(None).await;
        let open = timetable(&anyone, &route.at, "").await;
        assert_eq!((&open["verdict"], &open["start"]), (&json!("feasible"), &json!({"earliest_on": "2026-06-23", "delay_days": null})));
        assert_eq!((&open["steps"][1]["latest"], &open["steps"][1]["critical"]), (&Value::Null, &json!(false)));

        // The decided meeting is enough: the evening of 7 May, so from 8 May on.
        route.region.city.editor.change(&route.at, json!({"start_gate": "decided"})).await.expect(200);
        assert_eq!(timetable(&anyone, &route.at, "").await["start"]["earliest_on"], "2026-05-08");

        // After the last meeting of the board its calendar does not say more; the council's goes on.
        let unknown = timetable(&anyone, &route.at, "?now=2026-03-25T10:00:00Z").await;
        assert_eq!((&unknown["verdict"], &unknown["start"]["earliest_on"]), (&json!("unknown"), &Value::Null));
        let root = json!({"step_id": route.steps[0], "body_id": route.bodies[0], "reason": "calendar", "needed_until": "2026-03-28"});
        assert_eq!(unknown["blocking"], json!([root]));
        assert_eq!((&unknown["critical_chain"], &unknown["steps"][2]["earliest"]), (&json!([]), &Value::Null));
        let further = [("2026-04-14", "16:00", "18:00", "2026-04-08")];
        meetings(&route.region.city, &route.bodies[0], &further).await;
        // Then the council decides on 27 April: minutes 4 May, notice 11 May, 30 days: 10 June. That is too late for
        // the parish council of 2 June, the last that is known.
        let unknown = timetable(&anyone, &route.at, "?now=2026-03-25T10:00:00Z").await;
        let root = json!({"step_id": route.steps[2], "body_id": route.bodies[2], "reason": "calendar", "needed_until": "2026-06-11"});
        assert_eq!((&unknown["verdict"], &unknown["blocking"]), (&json!("unknown"), &json!([root])));
        let further = [("2026-06-23", "18:00", "19:00", "2026-06-11")];
        meetings(&route.parish, &route.bodies[2], &further).await;
        let known = timetable(&anyone, &route.at, "?now=2026-03-25T10:00:00Z").await;
        assert_eq!((&known["verdict"], &known["start"]["earliest_on"]), (&json!("feasible"), &json!("2026-06-24")));
    }

    async fn a_cancelled_meeting_does_not_count_and_a_certificate_does(world: World) {
        let route = Route::new(&world).await;
        let anyone = world.anonymous();
        let second = format!("/api/v1/meetings/{}:cancel", route.meetings[1][1]);
        route.region.city.editor.act(&second).await.expect(200);
        // The council of 30 March: minutes 6 April, notice 13 April, 30 days: 13 May. Then the parish council of 2 June:
        // minutes 8 June, notice 15 June, 30 days: 15 July.
        let later = timetable(&anyone, &route.at, "").await;
        assert_eq!(later["steps"][1]["earliest"]["legal_force_on"], "2026-05-14");
        assert_eq!((&later["verdict"], &later["start"]), (&json!("late"), &json!({"earliest_on": "2026-07-16", "delay_days": 15})));

        let record = format!("/api/v1/decision-steps/{}:record-legal-force", route.steps[1]);
        route.region.city.editor.post(&record, json!({"on": "2026-04-20"})).await.expect(200);
        let recorded = timetable(&anyone, &route.at, "").await;
        assert_eq!((&recorded["verdict"], &recorded["start"]["earliest_on"]), (&json!("feasible"), &json!("2026-06-23")));
        let council = &recorded["steps"][1];
        assert_eq!((&council["state"], &council["earliest"]["legal_force_on"]), (&json!("decided"), &json!("2026-04-20")));
        assert_eq!((&council["slack_days"], &council["critical"], &council["binding"]), (&json!(0), &json!(false), &Value::Null));
        // Nothing waits for the board any more.
        assert_eq!((&recorded["steps"][0]["latest"], &recorded["steps"][0]["critical"]), (&Value::Null, &json!(false)));
        let told = "Kouvola Kaupunginvaltuusto: legal force 20 Apr → Seurakunta Kirkkovaltuusto decides on 7 May → \
            legal force 23 Jun → start";
        assert_eq!(chain(&recorded), told);
    }

    async fn plans_strive_for_what_is_asked(world: World) {
        let route = Route::new(&world).await;
        let anyone = world.anonymous();
        let planned = |seen: &Value| [0, 1, 2].map(|step| seen["steps"][step]["planned"]["meeting_id"].as_str().unwrap().to_owned());
        let of = |board: usize| [&route.meetings[0][board], &route.meetings[1][1], &route.meetings[2][1]].map(String::clone);
        let earliest = timetable(&anyone, &route.at, "?objective=earliest").await;
        assert_eq!(earliest, timetable(&anyone, &route.at, "").await);
        assert_eq!((planned(&earliest), earliest.get("window")), (of(1), None));
        let latest = timetable(&anyone, &route.at, "?objective=latest").await;
        assert_eq!((planned(&latest), &latest["objective"]), (of(2), &json!("latest")));
        assert_eq!(latest["steps"][0]["earliest"], earliest["steps"][0]["earliest"]);
        let window = timetable(&anyone, &route.at, "?objective=tightest_window").await;
        assert_eq!(window["window"], json!({"from": "2026-05-07", "to": "2026-05-07", "days": 0}));
    }

    async fn the_clock_can_be_set_and_what_is_recorded_counts_all_the_same(world: World) {
        let route = Route::new(&world).await;
        let anyone = world.anonymous();
        // A day before the agenda of 19 January is closed, but not with three days of preparation.
        let tight = timetable(&anyone, &route.at, "?now=2026-01-12T10:00:00Z").await;
        assert_eq!((&tight["computed_at"], &tight["steps"][0]["earliest"]["meeting_id"]), (&json!("2026-01-12T10:00:00Z"), &json!(route.meetings[0][1])));
        let early = timetable(&anyone, &route.at, "?now=2026-01-10T12:00:00%2B02:00").await;
        assert_eq!((&early["computed_at"], &early["steps"][0]["earliest"]["meeting_id"]), (&json!("2026-01-10T10:00:00Z"), &json!(route.meetings[0][0])));
        let later = timetable(&anyone, &route.at, "?now=2026-02-05T00:00:00Z").await;
        assert_eq!(later["steps"][0]["earliest"]["meeting_id"], json!(route.meetings[0][2]));
        for far in ["1900-01-01T00:00:00Z", "8000-12-31T23:59:59Z"] {
            timetable(&anyone, &route.at, &format!("?now={far}")).await;
        }
    }

    async fn bad_questions_are_refused(world: World) {
        let route = Route::new(&world).await;
        let anyone = world.anonymous();
        for (query, pointer, code) in [
            ("objective=cheapest", "?objective", "not_in_vocabulary"),
            ("objective=earliest&objective=latest", "?objective", "duplicate_parameter"),
            ("objectives=latest", "?objectives", "unknown_parameter"),
            ("now=today", "?now", "bad_value"),
            ("now=2026-01-15", "?now", "bad_value"),
            ("now=1899-12-31T23:59:59Z", "?now", "out_of_range"),
            ("now=8001-01-01T00:00:00Z", "?now", "out_of_range"),
            ("now=-0001-01-01T00:00:00Z", "?now", "out_of_range"),
            ("now=%2B262142-12-31T23:59:59Z", "?now", "out_of_range"),
            ("now=%2B999999-12-31T23:59:59Z", "?now", "bad_value"),
            ("lang=de", "?lang", "not_in_vocabulary"),
        ] {
            let refused = anyone.get(&format!("{}/timetable?{query}", route.at)).await;
            let refused = refused.refused(400, "request.bad_parameter");
            let place = &refused["errors"][0];
            assert_eq!((place["pointer"].as_str(), place["code"].as_str()), (Some(pointer), Some(code)), "{refused}");
        }
        // What is not there, or not to be seen, is not there whatever is asked.
        let hidden = route.region.draft("A2", "public").await;
        for at in ["/api/v1/actions/00000000-0000-7000-8000-000000000000", "/api/v1/actions/x", &hidden] {
            for query in ["", "?now=2026-02-05T00:00:00Z", "?objective=cheapest"] {
                for reader in [&anyone, &route.region.town.admin, &world.operator] {
                    reader.get(&format!("{at}/timetable{query}")).await.refused(404, "request.not_found");
                }
            }
        }
        assert_eq!(timetable(&route.region.city.viewer, &hidden, "").await["steps"], json!([]));
        anyone.get(&format!("{hidden}/timetable")).await.refused(404, "request.not_found");
        let expired = anyone.request(Method::GET, &format!("{}/timetable", route.at)).bearer_auth("x");
        anyone.send(expired).await.refused(401, "auth.unauthenticated");
    }

    async fn a_timetable_takes_as_many_statements_for_one_step_as_for_thirty(world: World) {
        let region = region(&world).await;
        let at = region.draft("A1", "public").await;
        region.city.editor.act(&format!("{at}:propose")).await.expect(200);
        let path = format!("{at}/timetable");
        // The action; its steps, what they wait for, their bookings, handlings and claims; their bodies and meetings.
        assert_eq!(count(&world, &path).await, 8);
        let mut before: Option<String> = None;
        for number in 0..30 {
            let of = if number % 2 == 0 { &region.city } else { &region.town };
            let body = body(of, "committee", "Lautakunta", 4).await;
            let day = format!("2026-{:02}-{:02}", 2 + number / 5, 1 + number % 28);
            meetings(of, &body, &[(&day, "16:00", "18:00", "2026-01-30"), ("2027-01-04", "16:00", "18:00", "2026-12-28")]).await;
            let after = before.as_deref().map_or(vec![], |step| vec![step]);
            before = Some(step(&region.city, &at, new_step(&body, "decision", &after)).await);
            if [0, 1, 9, 29].contains(&number) {
                assert_eq!(count(&world, &path).await, 8, "{number}");
            }
        }
        assert_eq!(timetable(&world.anonymous(), &at, "").await["steps"].as_array().unwrap().len(), 30);
    }

    async fn an_action_without_steps_can_start(world: World) {
        let region = region(&world).await;
        let at = region.draft("A1", "public").await;
        for query in ["", "?objective=latest", "?objective=tightest_window"] {
            let seen = timetable(&region.city.viewer, &at, query).await;
            assert_eq!((&seen["verdict"], &seen["start"]), (&json!("feasible"), &json!({"earliest_on": null, "delay_days": null})));
            assert_eq!((&seen["steps"], &seen["critical_chain"], seen.get("window")), (&json!([]), &json!([]), None));
        }
    }

    async fn the_chain_is_told_in_the_language_of_the_reader(world: World) {
        let route = Route::new(&world).await;
        let anyone = world.anonymous();
        let name = json!({"name": {"fi": "Kirkkovaltuusto", "sv": "Kyrkofullmäktige", "en": "parish council"}});
        route.parish.admin.change(&format!("/api/v1/bodies/{}", route.bodies[2]), name).await.expect(200);
        let fi = "Kouvola, Kaupunginhallitus: valmistelu 2.2. → Kouvola, Kaupunginvaltuusto: päätös 2.3. → \
            lainvoima 16.4. → Seurakunta, Kirkkovaltuusto: päätös 7.5. → lainvoima 23.6. → aloitus";
        let sv = "Kouvola, Kaupunginhallitus: beredning den 2 februari → Kouvola, Kaupunginvaltuusto: beslut den 2 mars → \
            laga kraft den 16 april → Seurakunta, Kyrkofullmäktige: beslut den 7 maj → laga kraft den 23 juni → start";
        let en = "Kouvola Kaupunginhallitus prepares on 2 Feb → Kouvola Kaupunginvaltuusto decides on 2 Mar → \
            legal force 16 Apr → Seurakunta parish council decides on 7 May → legal force 23 Jun → start";
        for (languages, lang, expect) in [
            ("", "", en),
            ("fi", "", fi),
            ("de, sv;q=0.5, fi;q=0.1", "", sv),
            ("fi", "?lang=sv", sv),
            ("", "?lang=fi", fi),
            ("fi", "?lang=en", en),
        ] {
            let request = anyone.request(Method::GET, &format!("{}/timetable{lang}", route.at));
            let reply = anyone.send(request.header("accept-language", languages)).await;
            let vary: Vec<_> = reply.headers.get_all("vary").iter().map(|it| it.to_str().unwrap().to_lowercase()).collect();
            assert!(vary.join(",").contains("accept-language"), "{vary:?}");
            assert_eq!(chain(&reply.expect(200)), expect, "{languages} {lang}");
        }
        // Another year than that of the clock is named. All is in time for the first meeting of the parish council, so
        // that nothing but its calendar keeps the start: minutes 27 April, notice 4 May, 30 days: 3 June.
        let past = timetable(&anyone, &route.at, "?lang=fi&now=2025-12-15T00:00:00Z").await;
        assert_eq!(chain(&past), "Seurakunta, Kirkkovaltuusto: päätös 21.4.2026 → lainvoima 4.6.2026 → aloitus");
    }

    async fn the_same_timetable_has_the_same_tag_until_something_changes(world: World) {
        let route = Route::new(&world).await;
        let anyone = world.anonymous();
        let path = format!("{}/timetable", route.at);
        let tag = anyone.get(&path).await.header("etag").unwrap().to_owned();
        let ask = |tag: &str| anyone.send(anyone.request(Method::GET, &path).header("if-none-match", tag));
        world.set_clock("2026-01-15T10:07:00Z");
        let same = ask(&tag).await;
        assert_eq!((same.status.as_u16(), same.header("etag"), same.text.as_str()), (304, Some(tag.as_str()), ""));
        let in_finnish = anyone.get(&format!("{path}?lang=fi")).await;
        assert_ne!(in_finnish.header("etag"), Some(tag.as_str()));
        let cancel = format!("/api/v1/meetings/{}:cancel", route.meetings[1][1]);
        world.renewed(&route.region.city.editor).act(&cancel).await.expect(200);
        assert_eq!(ask(&tag).await.status, 200);
    }
}
