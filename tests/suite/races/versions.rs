//! Races for one version of one thing.

use super::{Ends, ROUNDS, at_once, one_of, side_by_side};
use crate::reports::Stage;
use crate::seed::Seen;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use yhteen_tests::caller::id;
use yhteen_tests::{Caller, both};

/// Something that a caller changes by one member.
struct Thing {
    caller: Caller,
    path: String,
    member: &'static str,
    /// What it becomes, by the round and which of two changes it is.
    value: fn(usize, u8) -> Value,
}

fn updated_at(body: &Value) -> DateTime<Utc> {
    body["updated_at"].as_str().unwrap().parse().unwrap()
}

both! {
    async fn of_two_changes_of_one_version_one_is_made(world: World) {
        let stage = Stage::new(&world, Seen::ByEveryone).await;
        let (lead, county) = (&stage.lead, &stage.county);
        let body = json!({"organisation_id": lead.id, "name": {"fi": "Lautakunta"}, "kind": "committee",
            "agenda_lead": {"days": 7, "time": "12:00"}, "minutes_publication_days": 7});
        let body = format!("/api/v1/bodies/{}", id(&lead.admin.post("/api/v1/bodies", body).await.expect(201)));
        let meeting = lead.editor.post(&format!("{body}/meetings"), json!({"starts_at": "2026-03-10T15:00:00Z"})).await;
        let goal = json!({"code": "T1", "title": {"fi": "Tavoite"}});
        let goal = id(&county.admin.post(&format!("{}/goals", stage.programme), goal).await.expect(201));
        // Another value each time: what is so already would change nothing.
        let names: fn(usize, u8) -> Value = |round, change| json!({"fi": format!("N{round}-{change}")});
        let words: fn(usize, u8) -> Value = |round, change| json!(format!("N{round}-{change}"));
        let thing =
            |caller: &Caller, path: String, member, value: fn(usize, u8) -> Value| Thing { caller: caller.clone(), path, member, value };
        let (goal, period) = (format!("/api/v1/goals/{goal}"), format!("/api/v1/reporting-periods/{}", stage.period));
        let meeting = format!("/api/v1/meetings/{}", id(&meeting.expect(201)));
        // Each lane has its own aggregate; goals and periods are parts of their programme.
        let lanes = [
            vec![thing(&lead.editor, format!("/api/v1/actions/{}", stage.action), "title", names)],
            vec![thing(&lead.admin, format!("/api/v1/organisations/{}", lead.id), "name", names)],
            vec![thing(&lead.admin, body, "name", names)],
            vec![thing(&lead.editor, meeting, "location", words)],
            vec![thing(&stage.city.reporter, stage.draft(&stage.city).await, "summary", names)],
            vec![
                thing(&county.admin, stage.programme.clone(), "title", names),
                thing(&county.admin, goal, "title", names),
                thing(&county.admin, period, "code", words),
            ],
        ];
        let ends = Ends::default();
        side_by_side(lanes.into_iter().map(|things| {
            let ends = ends.clone();
            async move {
                for round in 0..ROUNDS * 4 / 3 {
                    let Thing { caller, path, member, value } = &things[round % things.len()];
                    let before = caller.get(path).await;
                    let (version, before) = (before.version(), before.expect(200));
                    let values = [value(round, 0), value(round, 1)];
                    let change = async |value: &Value| caller.patch(path, version, json!({*member: value})).await;
                    let (one, other) = at_once(round, change(&values[0]), change(&values[1])).await;
                    let second = one_of([one, other], 412, "request.precondition_failed");
                    ends.count(second);
                    let after = caller.get(path).await;
                    assert_eq!(after.version(), version + 1);
                    let after = after.expect(200);
                    assert_eq!(after[*member], values[usize::from(second)]);
                    assert!(updated_at(&before) <= updated_at(&after));
                }
            }
        }))
        .await;
        ends.both_came_about();
    }
}
