//! The calendar: what happens, of many organisations together, for each reader what it may see.

mod feeds;
mod files;
mod hidden;

use crate::actions::{Region, region};
use crate::meetings_import::import;
use crate::reporting_periods::{period, year};
use crate::statements::count;
use serde_json::{Value, json};
use yhteen_domain::roles::{Role, TokenScope};
use yhteen_domain::vocabulary::Vocabulary;
use yhteen_tests::caller::id;
use yhteen_tests::{Caller, Organisation, World, both};

/// The year 2026, as parameters.
const YEAR: &str = "from=2026-01-01&to=2026-12-31";

/// A body with a name of its own.
async fn body(of: &Organisation, name: Value, visibility: &str) -> String {
    let new = json!({
        "organisation_id": of.id, "name": name, "kind": "council", "visibility": visibility,
        "agenda_lead": {"days": 7, "time": "12:00"}, "minutes_publication_days": 7
    });
    id(&of.admin.post("/api/v1/bodies", new).await.expect(201))
}

async fn meeting(of: &Organisation, body: &str, new: Value) -> String {
    id(&of.editor.post(&format!("/api/v1/bodies/{body}/meetings"), new).await.expect(201))
}

async fn items(reader: &Caller, query: &str) -> Vec<Value> {
    let calendar = reader.get(&format!("/api/v1/calendar?{query}")).await.expect(200);
    calendar["items"].as_array().unwrap().clone()
}

/// The kinds of the entries and when they are.
fn outline(items: &[Value]) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let when = |item: &Value| text(&item["starts_at"]).or_else(|| text(&item["on"])).unwrap();
    items.iter().map(|item| (text(&item["kind"]).unwrap(), when(item))).collect()
}

/// An action of the city's that everyone sees, with a decision of its council that is booked for 9 March 2026.
struct Stage {
    region: Region,
    action: String,
    council: String,
    meeting: String,
    step: String,
    period: String,
}

impl Stage {
    async fn new(world: &World) -> Self {
        let region = region(world).await;
        let name = json!({"fi": "kaupunginvaltuusto", "sv": "stadsfullmäktige"});
        let council = body(&region.city, name, "public").await;
        let new = json!({"starts_at": "2026-03-09T15:00:00Z", "ends_at": "2026-03-09T18:00:00Z", "tags": ["budget"]});
        let meeting = meeting(&region.city, &council, new).await;
        let at = region.draft("A1", "public").await;
        let step =
            json!({"body_id": council, "title": {"fi": "Perustaminen"}, "function": "decision", "authoritative": true});
        let step = id(&region.city.editor.post(&format!("{at}/decision-steps"), step).await.expect(201));
        region.city.editor.act(&format!("{at}:propose")).await.expect(200);
        let programme = format!("/api/v1/programmes/{}", region.programme);
        let period = period(&region.county.admin, &programme, year()).await;
        let action = at.rsplit('/').next().unwrap().to_owned();
        let stage = Self { region, action, council, meeting, step, period };
        stage.do_with_step("book", json!({"meeting_id": stage.meeting})).await;
        stage
    }

    async fn do_with_step(&self, verb: &str, body: Value) {
        let path = format!("/api/v1/decision-steps/{}:{verb}", self.step);
        self.region.city.editor.post(&path, body).await.expect(200);
    }
}

both! {
    async fn what_happens_is_told_in_order_of_time(world: World) {
        let stage = Stage::new(&world).await;
        let Stage { region, action, council, meeting, step, period } = &stage;
        let found = items(&world.anonymous(), YEAR).await;
        let expect = [
            ("report_due", "2026-02-28"),
            ("agenda_deadline", "2026-03-02T10:00:00Z"),
            ("meeting", "2026-03-09T15:00:00Z"),
            // Minutes on the 16th, notice on the 23rd, 30 days to 22 April.
            ("legal_force", "2026-04-23"),
        ];
        let expect: Vec<_> = expect.iter().map(|(kind, at)| ((*kind).to_owned(), (*at).to_owned())).collect();
        assert_eq!(outline(&found), expect);
        let null = Value::Null;
        assert_eq!(found[0], json!({
            "kind": "report_due", "starts_at": null, "ends_at": null, "on": "2026-02-28", "cancelled": false,
            "tentative": false, "organisation_id": null, "body_id": null, "meeting_id": null, "step_id": null,
            "action_id": null, "period_id": period, "programme_id": region.programme, "title": found[0]["title"],
        }));
        assert_eq!(found[2], json!({
            "kind": "meeting", "starts_at": "2026-03-09T15:00:00Z", "ends_at": "2026-03-09T18:00:00Z", "on": null,
            "cancelled": false, "tentative": true, "organisation_id": region.city.id, "body_id": council,
            "meeting_id": meeting, "step_id": null, "action_id": null, "period_id": null, "programme_id": null,
            "title": {
                "fi": "Kouvola: kaupunginvaltuusto", "sv": "Kouvola: stadsfullmäktige", "en": "Kouvola: kaupunginvaltuusto"
            },
        }));
        assert_eq!((&found[1]["meeting_id"], &found[1]["ends_at"]), (&json!(meeting), &null));
        assert_eq!(found[1]["title"]["sv"], "Tidsfrist för föredragningslistan: Kouvola: stadsfullmäktige");
        assert_eq!(found[3]["title"]["fi"], "Lainvoima: Kouvola: kaupunginvaltuusto: Perustaminen");
        let of = ["step_id", "action_id", "meeting_id", "body_id", "programme_id", "tentative"].map(|name| &found[3][name]);
        assert_eq!(json!(of), json!([step, action, meeting, council, region.programme, true]));

        // Nothing is there twice, and the days are those of Finland: the first begins at 22:00 of the day before.
        assert_eq!(items(&world.anonymous(), "from=2026-03-09&to=2026-03-09").await, found[2..3]);
        assert_eq!(items(&world.anonymous(), "from=2026-03-10&to=2026-04-22").await, [] as [Value; 0]);
        assert_eq!(items(&world.anonymous(), "from=2026-04-23&to=2026-04-23").await, found[3..]);
        assert_eq!(items(&world.anonymous(), "from=2026-02-28&to=2026-03-02").await, found[..2]);
    }

    async fn a_calendar_is_narrowed_by_whose_it_is(world: World) {
        let stage = Stage::new(&world).await;
        let Stage { region, action, council, .. } = &stage;
        let other = body(&region.city, json!({"fi": "lautakunta"}), "public").await;
        let elsewhere = body(&region.outsider, json!({"fi": "valtuusto"}), "public").await;
        for (of, body) in [(&region.city, &other), (&region.outsider, &elsewhere)] {
            meeting(of, body, json!({"starts_at": "2026-03-10T15:00:00Z"})).await;
        }
        let kinds = |found: Vec<Value>| {
            let mut kinds: Vec<_> = found.iter().map(|it| it["kind"].as_str().unwrap().to_owned()).collect();
            kinds.sort();
            let short = |kind: String| kind.chars().next().unwrap();
            kinds.into_iter().map(short).collect::<String>()
        };
        let nothing = "00000000-0000-7000-8000-000000000000";
        let (city, county, outsider) = (&region.city.id, &region.county.id, &region.outsider.id);
        for (query, expect) in [
            (String::new(), "aaalmmmr"),
            (format!("organisation_id={city}"), "aalmmr"),
            (format!("organisation_id={county}"), "r"),
            (format!("organisation_id={outsider}"), "am"),
            (format!("organisation_id={outsider}&organisation_id={county}"), "amr"),
            (format!("body_id={council}"), "alm"),
            (format!("body_id={other}&body_id={elsewhere}"), "aamm"),
            (format!("body_id={other}&organisation_id={outsider}"), ""),
            (format!("programme_id={}", region.programme), "almr"),
            (format!("action_id={action}"), "alm"),
            (format!("action_id={action}&programme_id={}", region.programme), "alm"),
            (format!("action_id={action}&body_id={other}"), ""),
            (format!("programme_id={}&organisation_id={outsider}", region.programme), ""),
            ("kind=meeting".to_owned(), "mmm"),
            ("kind=agenda_deadline&kind=report_due".to_owned(), "aaar"),
            (format!("kind=legal_force&organisation_id={city}"), "l"),
            (format!("body_id={nothing}"), ""),
            (format!("organisation_id={nothing}"), ""),
            (format!("action_id={nothing}"), ""),
            (format!("programme_id={nothing}"), ""),
        ] {
            let found = items(&world.anonymous(), &format!("{YEAR}&{query}")).await;
            assert_eq!(kinds(found), expect, "{query}");
        }
    }

    async fn legal_force_follows_what_is_recorded(world: World) {
        let stage = Stage::new(&world).await;
        let force = async || {
            let found = items(&world.anonymous(), "from=2026-01-01&to=2027-12-31&kind=legal_force").await;
            found.iter().map(|it| (it["on"].as_str().unwrap().to_owned(), it["tentative"] == false)).collect::<Vec<_>>()
        };
        let on = |day: &str, sure: bool| vec![(day.to_owned(), sure)];
        assert_eq!(force().await, on("2026-04-23", false));
        let editor = async || world.renewed(&stage.region.city.editor);
        let at = format!("/api/v1/meetings/{}", stage.meeting);
        editor().await.change(&at, json!({"starts_at": "2026-03-10T15:00:00Z", "ends_at": null})).await.expect(200);
        assert_eq!(force().await, on("2026-04-24", false));
        stage.do_with_step("hand-in", json!({})).await;
        assert_eq!(force().await, on("2026-04-24", false));

        world.set_clock("2026-03-11T08:00:00Z");
        let handling = json!({"meeting_id": stage.meeting, "outcome": "approved"});
        editor().await.post(&format!("/api/v1/decision-steps/{}/handlings", stage.step), handling).await.expect(201);
        assert_eq!(force().await, on("2026-04-24", true));
        let certificate = json!({"on": "2026-06-01"});
        let path = format!("/api/v1/decision-steps/{}:record-legal-force", stage.step);
        editor().await.post(&path, certificate).await.expect(200);
        assert_eq!(force().await, on("2026-06-01", true));
        // What is cancelled has no dates to come, and keeps none.
        editor().await.act(&format!("/api/v1/actions/{}:cancel", stage.action)).await.expect(200);
        assert_eq!(force().await, []);
    }

    async fn a_meeting_that_is_called_off_brings_nothing_into_force(world: World) {
        let stage = Stage::new(&world).await;
        stage.region.city.editor.act(&format!("/api/v1/meetings/{}:cancel", stage.meeting)).await.expect(200);
        let found = items(&world.anonymous(), YEAR).await;
        let seen: Vec<_> = found.iter().map(|it| (it["kind"].as_str().unwrap(), it["cancelled"] == true)).collect();
        assert_eq!(seen, [("report_due", false), ("agenda_deadline", true), ("meeting", true)]);
    }

    async fn a_token_must_carry_the_scopes_of_all_that_is_shown(world: World) {
        let kotka = world.municipality("Kotka").await;
        let needed = [TokenScope::MeetingsRead, TokenScope::ActionsRead, TokenScope::ProgrammesRead];
        for lacking in needed {
            let scopes: Vec<_> = TokenScope::ALL.iter().copied().filter(|scope| *scope != lacking).collect();
            let caller = world.client(&kotka.id, &[(&kotka.id, Role::Admin)], &scopes).await;
            for path in [&format!("/api/v1/calendar?{YEAR}"), "/api/v1/calendar.ics"] {
                caller.get(path).await.refused(403, "auth.scope_missing");
            }
            let feed = json!({"language": "fi"});
            caller.post("/api/v1/calendar-feeds", feed).await.refused(403, "auth.scope_missing");
        }
        let caller = world.client(&kotka.id, &[(&kotka.id, Role::Viewer)], &needed).await;
        caller.get(&format!("/api/v1/calendar?{YEAR}")).await.expect(200);
    }

    async fn a_calendar_takes_as_many_statements_whatever_there_is(world: World) {
        let stage = Stage::new(&world).await;
        let programme = &stage.region.programme;
        let queries = [String::new(), format!("&programme_id={programme}"), "&kind=legal_force".to_owned()];
        let path = |query: &String| format!("/api/v1/calendar?{YEAR}{query}");
        let mut before = Vec::new();
        for query in &queries {
            before.push(count(&world, &path(query)).await);
        }
        assert_eq!(before, [11, 12, 9]);
        let editor = &stage.region.city.editor;
        for number in 2..6 {
            let council = body(&stage.region.city, json!({"fi": format!("Toimielin {number}")}), "public").await;
            let meeting = meeting(&stage.region.city, &council, json!({"starts_at": "2026-05-05T15:00:00Z"})).await;
            let at = stage.region.draft(&format!("A{number}"), "public").await;
            for body in [&council, &stage.council] {
                let step = json!({"body_id": body, "title": {"fi": "Päätös"}, "function": "decision", "authoritative": true});
                let step = id(&editor.post(&format!("{at}/decision-steps"), step).await.expect(201));
                let booked = if body == &council { &meeting } else { &stage.meeting };
                if number == 2 {
                    editor.act(&format!("{at}:propose")).await;
                }
                let book = json!({"meeting_id": booked});
                editor.post(&format!("/api/v1/decision-steps/{step}:book"), book).await.expect(200);
            }
            if number > 2 {
                editor.act(&format!("{at}:propose")).await.expect(200);
            }
        }
        assert_eq!(items(&world.anonymous(), &format!("{YEAR}&kind=legal_force")).await.len(), 9);
        for (query, before) in queries.iter().zip(before) {
            assert_eq!(count(&world, &path(query)).await, before, "{query}");
        }
    }

    async fn a_calendar_that_is_too_large_asks_to_be_narrowed(world: World) {
        let kotka = world.municipality("Kotka").await;
        let of = crate::bodies::body(&kotka, "committee").await;
        let event = |number: u32| format!(
            "BEGIN:VEVENT\r\nUID:{number}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260201T{:02}0000Z\r\n\
             RRULE:FREQ=DAILY;COUNT=500\r\nEND:VEVENT\r\n", number + 8
        );
        let events: String = (0..6).map(event).collect();
        let file = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\n{events}END:VCALENDAR\r\n");
        let done = import(&kotka.editor, &format!("/api/v1/bodies/{of}/meetings:import"), &file).await.expect(200);
        assert_eq!(done["counts"]["created"], 3_000);
        let anyone = world.anonymous();
        for path in ["/api/v1/calendar?from=2026-01-01&to=2027-12-31", "/api/v1/calendar.ics"] {
            let refused = anyone.get(path).await.refused(422, "calendar.too_large");
            assert_eq!(refused["errors"][0]["pointer"], "?to");
        }
        assert_eq!(items(&anyone, "from=2026-01-01&to=2027-12-31&kind=meeting").await.len(), 3_000);
        let part = items(&anyone, "from=2026-01-01&to=2026-12-31").await;
        // The agendas of 8, 9 and 10 January 2027 would be closed on New Year's Day, a Saturday and a Sunday.
        assert_eq!(part.len(), 6 * 334 + 6 * (334 + 7 + 3));
        let times: Vec<_> = part.iter().map(|it| it["starts_at"].as_str().unwrap()).collect();
        assert!(times.is_sorted());
    }
}
