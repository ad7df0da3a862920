//! The timetables of all actions of a programme beside each other.

use super::{Route, World, body, id, json, local, meetings as add_meetings, new_step, region, step};
use crate::seed::{self, Seen};
use crate::statements::count;
use reqwest::Method;
use serde_json::Value;
use yhteen_tests::{Caller, both};

/// The codes of the actions, in order.
fn codes(page: &Value) -> Vec<String> {
    page["items"].as_array().unwrap().iter().map(|item| item["code"].as_str().unwrap().to_owned()).collect()
}

fn item<'a>(page: &'a Value, code: &str) -> &'a Value {
    page["items"].as_array().unwrap().iter().find(|item| item["code"] == code).unwrap()
}

/// The route A1 through three bodies, which has no slack left, and others of one step each.
struct Programme {
    route: Route,
    path: String,
    /// The bodies that have no meeting: one that may still get one, and one that is no more.
    idle: [String; 2],
}

impl Programme {
    async fn new(world: &World) -> Self {
        let route = Route::new(world).await;
        let city = &route.region.city;
        let idle = body(city, "committee", "Lautakunta", 3).await;
        let ended = body(city, "committee", "Entinen", 3).await;
        city.admin.change(&format!("/api/v1/bodies/{ended}"), json!({"valid_to": "2026-01-10"})).await.expect(200);
        let path = format!("/api/v1/programmes/{}/timetable", route.region.programme);
        let it = Self { route, path, idle: [idle, ended] };
        let council = it.route.bodies[1].clone();
        it.action("A2", Some(&council), Some("2026-02-01")).await;
        it.action("A3", Some(&council), Some("2026-01-20")).await;
        it.action("A4", Some(&it.idle[0]), Some("2026-02-01")).await;
        it.action("A5", Some(&council), Some("2026-12-01")).await;
        it.action("A6", None, None).await;
        it.action("A7", Some(&it.idle[1]), Some("2026-02-01")).await;
        it
    }

    /// An action that everyone sees, with a decision of a body that it waits for: its path.
    async fn action(&self, code: &str, body: Option<&str>, starts_on: Option<&str>) -> String {
        let (region, city) = (&self.route.region, &self.route.region.city);
        let at = region.draft(code, "public").await;
        if let Some(body) = body {
            step(city, &at, new_step(body, "decision", &[])).await;
        }
        city.editor.change(&at, json!({"starts_on": starts_on})).await.expect(200);
        city.editor.act(&format!("{at}:propose")).await.expect(200);
        at
    }

    async fn get(&self, reader: &Caller, query: &str) -> Value {
        reader.get(&format!("{}{query}", self.path)).await.expect(200)
    }
}

both! {
    async fn the_most_urgent_actions_come_first(world: World) {
        let programme = Programme::new(&world).await;
        let anyone = world.anonymous();
        let seen = programme.get(&anyone, "").await;
        assert_eq!(codes(&seen), ["A7", "A3", "A2", "A4", "A1", "A5", "A6"]);
        assert_eq!((&seen["computed_at"], &seen["next"]), (&json!("2026-01-15T10:00:00Z"), &Value::Null));

        let route = &programme.route;
        let a1 = json!({
            "action_id": route.at.rsplit('/').next(),
            "code": "A1",
            "title": {"fi": "Perhekeskus"},
            "accountable_id": route.region.city.id,
            "verdict": "feasible",
            "target_on": "2026-07-01",
            "start_gate": "final",
            "start": {"earliest_on": "2026-06-23", "delay_days": 0},
            "slack_days": 0,
            // The board's meeting of 2 February.
            "next_step": {
                "step_id": route.steps[0], "body_id": route.bodies[0], "organisation_id": route.region.city.id,
                "opaque": false, "agenda_deadline": local("2026-01-27 12:00")
            },
            "blocking": [],
            "error_code": null
        });
        assert_eq!(*item(&seen, "A1"), a1);
        // The council decides on the evening of 9 February.
        let start = |code: &str| item(&seen, code)["start"].clone();
        assert_eq!(start("A2"), json!({"earliest_on": "2026-02-10", "delay_days": 9}));
        assert_eq!(start("A3"), json!({"earliest_on": "2026-02-10", "delay_days": 21}));
        assert_eq!(item(&seen, "A4")["blocking"][0]["reason"], "calendar");
        assert_eq!(item(&seen, "A7")["blocking"][0]["reason"], "body_ends");
        // From 9 February to 27 April.
        assert_eq!(item(&seen, "A5")["slack_days"], 77);
        let a6 = item(&seen, "A6");
        assert_eq!((&a6["verdict"], &a6["slack_days"], &a6["next_step"]), (&json!("feasible"), &Value::Null, &Value::Null));
        // Each is what its own timetable says.
        for item in seen["items"].as_array().unwrap() {
            let own = anyone.get(&format!("/api/v1/actions/{}/timetable", item["action_id"].as_str().unwrap())).await.expect(200);
            for member in ["verdict", "target_on", "start_gate", "start", "blocking"] {
                assert_eq!(item[member], own[member], "{} {member}", item["code"]);
            }
        }
    }

    async fn pages_of_any_size_are_one_list(world: World) {
        let programme = Programme::new(&world).await;
        let anyone = world.anonymous();
        for limit in [1, 2, 6, 7] {
            let (mut all, mut next) = (Vec::new(), String::new());
            loop {
                let reply = anyone.get(&format!("{}?limit={limit}{next}", programme.path)).await;
                let link = reply.header("link").map(str::to_owned);
                let page = reply.expect(200);
                assert!(page["items"].as_array().unwrap().len() <= limit);
                all.extend(codes(&page));
                let Some(cursor) = page["next"].as_str() else {
                    assert_eq!(link, None);
                    break;
                };
                assert!(link.unwrap().contains(&format!("cursor={cursor}>; rel=\"next\"")));
                next = format!("&cursor={cursor}");
            }
            assert_eq!(all, ["A7", "A3", "A2", "A4", "A1", "A5", "A6"], "{limit} at a time");
        }
        // A cursor is good for its own filters and time alone.
        let page = programme.get(&anyone, "?limit=1").await;
        let cursor = page["next"].as_str().unwrap();
        for query in ["verdict=late", "now=2026-01-16T10:00:00Z"] {
            let other = anyone.get(&format!("{}?{query}&cursor={cursor}", programme.path)).await;
            other.refused(400, "request.bad_cursor");
        }
    }

    async fn filters_find_by_organisation_body_and_verdict(world: World) {
        let programme = Programme::new(&world).await;
        let route = &programme.route;
        let (city, parish, town) = (&route.region.city.id, &route.parish.id, &route.region.town.id);
        let [board, council, parish_council] = &route.bodies;
        let all = ["A7", "A3", "A2", "A4", "A1", "A5", "A6"];
        let checks: [(String, &[&str]); 10] = [
            (format!("organisation_id={city}"), &all),
            (format!("organisation_id={parish}"), &["A1"]),
            (format!("organisation_id={town}"), &[]),
            (format!("organisation_id={town}&organisation_id={parish}"), &["A1"]),
            (format!("body_id={board}"), &["A1"]),
            (format!("body_id={council}"), &["A3", "A2", "A1", "A5"]),
            (format!("body_id={parish_council}&body_id={}", programme.idle[1]), &["A7", "A1"]),
            ("verdict=late&verdict=unknown".to_owned(), &["A3", "A2", "A4"]),
            (format!("verdict=feasible&body_id={council}&organisation_id={city}"), &["A1", "A5"]),
            // What is asked for another time is computed for that: the council's last meeting is over.
            ("now=2026-05-01T10:00:00Z&verdict=feasible".to_owned(), &["A6"]),
        ];
        for (query, expect) in checks {
            assert_eq!(codes(&programme.get(&world.anonymous(), &format!("?{query}")).await), expect, "{query}");
        }
    }

    async fn the_answer_is_kept_until_it_is_another(world: World) {
        let programme = Programme::new(&world).await;
        let anyone = world.anonymous();
        let first = anyone.get(&programme.path).await;
        let tag = first.header("etag").unwrap().to_owned();
        assert!(tag.starts_with("W/\""), "{tag}");
        let ask = async || {
            let request = anyone.request(Method::GET, &programme.path).header("If-None-Match", &tag);
            anyone.send(request).await
        };
        world.set_clock("2026-01-15T10:07:00Z");
        assert_eq!(ask().await.status, 304);
        let cancel = format!("/api/v1/meetings/{}:cancel", programme.route.meetings[1][1]);
        world.renewed(&programme.route.region.city.editor).act(&cancel).await.expect(200);
        let changed = ask().await;
        assert_eq!(changed.status, 200);
        assert_ne!(changed.header("etag"), Some(tag.as_str()));
    }

    async fn what_is_over_or_not_for_the_reader_is_left_out(world: World) {
        let programme = Programme::new(&world).await;
        let region = &programme.route.region;
        let a8 = programme.action("A8", None, None).await;
        region.city.editor.act(&format!("{a8}:cancel")).await.expect(200);
        region.draft("A9", "private").await;
        let sees = async |reader: &Caller| codes(&programme.get(reader, "").await).contains(&"A9".to_owned());
        assert!(sees(&region.city.viewer).await);
        for reader in [&world.anonymous(), &region.town.admin, &region.county.admin, &world.operator] {
            assert!(!sees(reader).await);
        }
        assert!(!codes(&programme.get(&region.city.viewer, "").await).contains(&"A8".to_owned()));
        let none = format!("/api/v1/programmes/{}/timetable", region.city.id);
        world.anonymous().get(&none).await.refused(404, "request.not_found");
    }

    async fn what_is_opaque_is_not_found_by_its_body(world: World) {
        let region = region(&world).await;
        let (city, town) = (&region.city, &region.town);
        let (hidden, open) = (body(town, "board", "Salainen", 3).await, body(town, "board", "Avoin", 3).await);
        for body in [&hidden, &open] {
            add_meetings(town, body, &[("2026-03-02", "16:00", "18:00", "2026-02-20")]).await;
        }
        let at = region.draft("A1", "public").await;
        let first = step(city, &at, new_step(&hidden, "decision", &[])).await;
        let mut narrow = new_step(&open, "decision", &[]);
        narrow["visibility"] = json!("narrow");
        step(city, &at, narrow).await;
        city.editor.act(&format!("{at}:propose")).await.expect(200);
        town.admin.change(&format!("/api/v1/bodies/{hidden}"), json!({"visibility": "private"})).await.expect(200);

        let path = format!("/api/v1/programmes/{}/timetable", region.programme);
        let by = |body: &str| format!("{path}?body_id={body}");
        let dates = json!({
            "step_id": first, "body_id": null, "organisation_id": town.id, "opaque": true,
            // By day.
            "agenda_deadline": local("2026-02-20 00:00")
        });
        for reader in [&world.anonymous(), &region.county.admin, &world.operator] {
            let seen = reader.get(&path).await.expect(200);
            assert_eq!(seen["items"][0]["next_step"], dates);
            reader.get(&by(&hidden)).await.refused(400, "request.bad_parameter");
            assert_eq!(codes(&reader.get(&by(&open)).await.expect(200)), Vec::<String>::new());
            // The organisation is no secret.
            let of_town = reader.get(&format!("{path}?organisation_id={}", town.id)).await.expect(200);
            assert_eq!(codes(&of_town), ["A1"]);
        }
        city.viewer.get(&by(&hidden)).await.refused(400, "request.bad_parameter");
        assert_eq!(codes(&city.viewer.get(&by(&open)).await.expect(200)), ["A1"]);
        let own = town.viewer.get(&by(&hidden)).await.expect(200);
        assert_eq!((&own["items"][0]["next_step"]["body_id"], &own["items"][0]["next_step"]["opaque"]), (&json!(hidden), &json!(false)));
    }

    async fn an_action_that_cannot_be_computed_hides_no_other(world: World) {
        let programme = Programme::new(&world).await;
        let city = &programme.route.region.city;
        let at = programme.action("A8", Some(&programme.route.bodies[1]), None).await;
        let steps = city.viewer.get(&format!("{at}/decision-steps")).await.expect(200);
        let first = id(&steps["items"][0]);
        let second = step(city, &at, new_step(&programme.route.bodies[1], "decision", &[&first])).await;
        // No write closes a circle; a database that was restored by hand might have one.
        seed::waits(&world, &first, &second).await;
        // Nor does any write keep a date so far off that nothing can be computed from it: it concerns the actions of its
        // body alone.
        seed::far_calendar(&world, &programme.idle[0]).await;
        let seen = programme.get(&world.anonymous(), "").await;
        assert_eq!(codes(&seen), ["A7", "A3", "A2", "A4", "A8", "A1", "A5", "A6"]);
        for (code, error) in [("A8", json!("timetable.cycle")), ("A4", json!("timetable.out_of_range")), ("A1", Value::Null)] {
            assert_eq!(item(&seen, code)["error_code"], error, "{code}");
        }
        assert_eq!((&item(&seen, "A8")["verdict"], &item(&seen, "A8")["start"]["earliest_on"]), (&json!("unknown"), &Value::Null));
    }

    async fn one_action_takes_as_many_statements_as_three_hundred(world: World) {
        let region = region(&world).await;
        let programme = format!("/api/v1/programmes/{}", region.programme);
        let paths = [
            format!("{programme}/timetable"),
            format!("{programme}/timetable?limit=1&organisation_id={}", region.city.id),
            format!("{programme}/timetable?limit=200"),
        ];
        let council = body(&region.city, "council", "Valtuusto", 7).await;
        add_meetings(&region.city, &council, &[("2026-03-02", "17:00", "20:00", "2026-02-20")]).await;
        let parts = [(&region.city, "accountable", "committed")];
        let mut counted = Vec::new();
        for number in 0..300 {
            let of = if number % 50 == 1 { body(&region.town, "committee", "Lautakunta", 4).await } else { council.clone() };
            let action = seed::action(&world, &region.programme, "agreed", &parts, Seen::ByEveryone).await;
            seed::steps(&world, &action, &[&of, &council, &of]).await;
            if [0, 299].contains(&number) {
                for path in &paths {
                    counted.push(count(&world, path).await);
                }
            }
        }
        let (one, many) = counted.split_at(paths.len());
        assert_eq!(one, many);
        // The programme with its members, and eight that read the sources of all timetables.
        assert_eq!(one, [10; 3]);
        let page = world.anonymous().get(&paths[2]).await.expect(200);
        assert_eq!((page["items"].as_array().unwrap().len(), page["next"].is_string()), (200, true));
    }
}
