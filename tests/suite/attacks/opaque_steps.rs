//! A reader who may not see a step tries to learn when its private body meets: from another time, from what would be if
//! something else happened, from other plans, and from what the action lacks.

use crate::actions::region;
use crate::bodies::board;
use crate::timetable::{body, local, new_step, step, timetable};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use yhteen_tests::{Caller, World, both, caller::id};

/// The days on which the private body meets, one of which its step has.
const DAYS: [&str; 6] = ["2026-02-03", "2026-02-18", "2026-03-05", "2026-03-19", "2026-04-01", "2026-04-15"];

/// Those on which the council does.
const COUNCIL: [&str; 6] = ["2026-01-26", "2026-02-09", "2026-02-23", "2026-03-09", "2026-03-23", "2026-06-15"];

/// A public action with a step on a private body, after one on a public council and before another.
struct Target {
    action: String,
    hidden: String,
    council: String,
    owner: Caller,
    editor: Caller,
}

impl Target {
    async fn new(world: &World) -> Self {
        let region = region(world).await;
        let council = body(&region.city, "council", "Valtuusto", 7).await;
        let mut private = board(&region.town, "committee");
        private["visibility"] = json!("public");
        let private = id(&region.town.admin.post("/api/v1/bodies", private).await.expect(201));
        for (of, body, days) in
            [(&region.town, &private, &DAYS[..]), (&region.city, &council, &COUNCIL[..])]
        {
            for day in days {
                let new = json!({"starts_at": local(&format!("{day} 17:00"))});
                of.editor.post(&format!("/api/v1/bodies/{body}/meetings"), new).await.expect(201);
            }
        }
        let action = region.draft("A1", "public").await;
        let first = step(&region.city, &action, new_step(&council, "preparation", &[])).await;
        let mut middle = new_step(&private, "decision", &[&first]);
        middle["authoritative"] = json!(true);
        let hidden = step(&region.city, &action, middle).await;
        let mut last = new_step(&council, "decision", &[&hidden]);
        last["authoritative"] = json!(false);
        step(&region.city, &action, last).await;
        region.city.editor.change(&action, json!({"starts_on": "2026-12-01"})).await.expect(200);
        region.city.editor.act(&format!("{action}:propose")).await.expect(200);
        let hide = json!({"visibility": "private"});
        region.town.admin.change(&format!("/api/v1/bodies/{private}"), hide).await.expect(200);
        Self { action, hidden, council, owner: region.town.viewer.clone(), editor: region.city.editor.clone() }
    }

    /// The step that is hidden, as an answer shows it.
    fn shown<'a>(&self, answer: &'a Value) -> &'a Value {
        answer["steps"].as_array().unwrap().iter().find(|step| step["step_id"] == self.hidden.as_str()).unwrap()
    }
}

/// Which of the private body's days a text names, in whichever way.
fn named(text: &str) -> BTreeSet<&'static str> {
    let ways = |day: &str| {
        let on: chrono::NaiveDate = day.parse().unwrap();
        let fi = on.format("%-d.%-m.");
        // 00:00 in Helsinki is the evening before in UTC.
        let eve = on.pred_opt().unwrap().format("%Y-%m-%dT22:00:00Z").to_string();
        [day.to_owned(), format!(">{fi}"), format!(" {fi}"), eve]
    };
    DAYS.into_iter().filter(|day| ways(day).iter().any(|way| text.contains(way))).collect()
}

both! {
    async fn moving_the_clock_does_not_walk_through_a_private_calendar(world: World) {
        let target = Target::new(&world).await;
        let mut learned = BTreeSet::new();
        for reader in [world.anonymous(), target.editor.clone()] {
            for day in DAYS {
                let now = format!("now={day}T23:00:00Z");
                for path in [
                    format!("{}/timetable?{now}", target.action),
                    format!("{}/timetable.svg?{now}", target.action),
                    format!("{}/timetable/levers?{now}", target.action),
                ] {
                    let reply = reader.get(&path).await;
                    learned.extend(named(&reply.text));
                    reply.refused(403, "timetable.opaque_steps");
                }
                let simulate = json!({"changes": [], "now": format!("{day}T23:00:00Z")});
                let reply = reader.post(&format!("{}/timetable:simulate", target.action), simulate).await;
                learned.extend(named(&reply.text));
                reply.refused(403, "timetable.opaque_steps");
            }
        }
        assert_eq!(learned, BTreeSet::new());
        // Of many actions at once, this one is not computed for another time.
        let programme = world.anonymous().get(&target.action).await.expect(200)["programme_id"].clone();
        let list = format!("/api/v1/programmes/{}/timetable?now=2026-02-18T00:00:00Z", programme.as_str().unwrap());
        let line = &world.anonymous().get(&list).await.expect(200)["items"][0];
        assert_eq!((&line["error_code"], &line["start"]["earliest_on"]), (&json!("timetable.opaque_steps"), &Value::Null));
        // Whoever sees all steps asks what it likes.
        assert_eq!(target.owner.get(&list).await.expect(200)["items"][0]["error_code"], Value::Null);
        let seen = timetable(&target.owner, &target.action, "?now=2026-02-18T00:00:00Z").await;
        assert_eq!(named(&seen.to_string()).len(), 2);
    }

    async fn no_plan_names_more_than_the_one_day_of_the_hidden_step(world: World) {
        let target = Target::new(&world).await;
        let own = target.shown(&timetable(&target.owner, &target.action, "").await)["earliest"].clone();
        let own = named(&own.to_string());
        assert_eq!(own, BTreeSet::from([DAYS[0]]));
        for reader in [world.anonymous(), target.editor.clone()] {
            for query in ["", "?objective=latest", "?objective=tightest_window", "?lang=sv"] {
                for path in ["timetable", "timetable.svg", "timetable/levers"] {
                    let reply = reader.get(&format!("{}/{path}{query}", target.action)).await;
                    // Levers strive for nothing.
                    if reply.status == 200 {
                        assert!(named(&reply.text).is_subset(&own), "{path}{query}: {}", reply.text);
                    }
                }
            }
            let seen = timetable(&reader, &target.action, "?objective=latest").await;
            let shown = target.shown(&seen);
            assert_eq!((&shown["latest"], &shown["slack_days"], &shown["spare_meetings"]), (&Value::Null, &Value::Null, &Value::Null));
        }
    }

    async fn what_would_be_does_not_walk_through_a_private_calendar(world: World) {
        let target = Target::new(&world).await;
        let mut learned = BTreeSet::new();
        for reader in [world.anonymous(), target.editor.clone()] {
            for day in DAYS {
                // The council before the hidden step would meet later and later.
                let change = json!([{
                    "kind": "meeting_added", "body_id": target.council, "starts_at": local(&format!("{day} 12:00"))
                }, {"kind": "target_moved", "action_id": target.action.rsplit('/').next(), "target_on": day}]);
                let reply = reader.post(&format!("{}/timetable:simulate", target.action), json!({"changes": change})).await;
                reply.refused(403, "timetable.opaque_steps");
                let assessed = reader.post("/api/v1/timetable:impact", json!({"changes": change})).await;
                let seen = assessed.expect(200);
                // That it would be affected is told, and as things stand it is what everyone may read.
                assert_eq!((seen["actions"].as_array().unwrap().len(), &seen["actions"][0]["after"]), (1, &Value::Null));
                assert_eq!(seen["actions"][0]["steps"], json!([]));
                learned.extend(named(&seen["actions"][0]["after"].to_string()));
            }
        }
        assert_eq!(learned, BTreeSet::new());
    }

    async fn what_the_action_lacks_does_not_say_that_a_hidden_step_is_authoritative(world: World) {
        let target = Target::new(&world).await;
        for reader in [world.anonymous(), target.editor.clone()] {
            let seen = reader.get(&target.action).await.expect(200);
            assert_eq!(seen["readiness"]["ready"], false);
            assert!(!seen["readiness"].to_string().contains(&target.hidden), "{}", seen["readiness"]);
        }
        let seen = target.owner.get(&target.action).await.expect(200);
        assert!(seen["readiness"]["missing"].to_string().contains(&target.hidden));
        target.editor.act(&format!("{}:agree", target.action)).await.expect(200);
        let refused = target.editor.act(&format!("{}:start", target.action)).await;
        assert!(!refused.text.contains(&target.hidden), "{}", refused.text);
        refused.refused(409, "action.not_decided");
    }
}
