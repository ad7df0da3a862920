//! A whole plan is booked, or nothing of it.

use super::new_body;
use crate::actions::{Region, region};
use serde_json::{Value, json};
use std::sync::Arc;
use yhteen_tests::caller::id;
use yhteen_tests::{Caller, Organisation, World, both};

/// An action of the city's: its council decides, and the town's board once that is decided.
pub(crate) struct Plan {
    pub(crate) region: Arc<Region>,
    pub(crate) action: String,
    /// Of the council and of the board, which meet on the first and the fifteenth of March to May.
    pub(crate) meetings: [Vec<String>; 2],
    pub(crate) steps: [String; 2],
}

async fn body(of: &Organisation, kind: &str, days: &[&str]) -> (String, Vec<String>) {
    let body = id(&of.admin.post("/api/v1/bodies", new_body(&of.id, kind)).await.expect(201));
    let mut meetings = Vec::new();
    for day in days {
        let new = json!({"starts_at": format!("{day}T14:00:00Z")});
        meetings.push(id(&of.editor.post(&format!("/api/v1/bodies/{body}/meetings"), new).await.expect(201)));
    }
    (body, meetings)
}

impl Plan {
    pub(crate) async fn new(world: &World) -> Self {
        Self::within(Arc::new(region(world).await), "A1").await
    }

    /// An action with this code, and bodies of its own.
    pub(crate) async fn within(region: Arc<Region>, code: &str) -> Self {
        let (council, of_council) = body(&region.city, "council", &["2026-03-02", "2026-04-01", "2026-05-04"]).await;
        let (board, of_board) = body(&region.town, "board", &["2026-03-16", "2026-04-15", "2026-05-15"]).await;
        let action = region.draft(code, "public").await;
        let city = &region.city.editor;
        let at = format!("{action}/decision-steps");
        let decides = json!({"title": {"fi": "Päätös"}, "function": "decision", "authoritative": true});
        let with = |body: &str, depends_on: Value| {
            let mut new = decides.clone();
            new["body_id"] = json!(body);
            new["depends_on"] = depends_on;
            new
        };
        let first = id(&city.post(&at, with(&council, json!([]))).await.expect(201));
        let second = id(&city.post(&at, with(&board, json!([{"step_id": first}]))).await.expect(201));
        city.act(&format!("{action}:propose")).await.expect(200);
        Self { region, action, meetings: [of_council, of_board], steps: [first, second] }
    }

    pub(crate) async fn digest(&self, reader: &Caller) -> Value {
        reader.get(&format!("{}/timetable", self.action)).await.expect(200)["plan_digest"].clone()
    }

    pub(crate) async fn book(&self, by: &Caller, digest: &Value) -> yhteen_tests::Reply {
        by.post(&format!("{}/timetable:book", self.action), json!({"plan_digest": digest})).await
    }

    /// What stands booked, step by step: the meeting and the state.
    pub(crate) async fn bookings(&self, reader: &Caller) -> Vec<(Value, Value)> {
        let steps = reader.get(&format!("{}/decision-steps", self.action)).await.expect(200);
        let booking = |step: &Value| (step["booking"]["meeting_id"].clone(), step["booking"]["state"].clone());
        steps["items"].as_array().unwrap().iter().map(booking).collect()
    }
}

both! {
    async fn the_plan_is_booked_for_oneself_and_proposed_to_the_others(world: World) {
        let plan = Plan::new(&world).await;
        let (city, town) = (&plan.region.city.editor, &plan.region.town.editor);
        let before = city.get(&format!("{}/timetable", plan.action)).await.expect(200);
        let digest = plan.digest(&world.anonymous()).await;
        let booked = plan.book(city, &digest).await.expect(200);
        assert_eq!(booked["items"].as_array().unwrap().len(), 2);
        let proposed = vec![
            (json!(plan.meetings[0][0]), json!("accepted")),
            (json!(plan.meetings[1][0]), json!("proposed")),
        ];
        assert_eq!(plan.bookings(city).await, proposed);
        // What is booked is what was planned.
        let after = city.get(&format!("{}/timetable", plan.action)).await.expect(200);
        assert_eq!((&after["start"], &after["steps"][1]["earliest"]), (&before["start"], &before["steps"][1]["earliest"]));
        plan.book(city, &digest).await.refused(409, "booking.plan_changed");
        // Booked again as it is, nothing changes.
        let version = city.get(&plan.action).await.expect(200)["version"].clone();
        plan.book(city, &plan.digest(city).await).await.expect(200);
        assert_eq!(city.get(&plan.action).await.expect(200)["version"], version);
        // The town books the rest by its own plan, and proposes nothing new.
        plan.book(town, &plan.digest(town).await).await.expect(200);
        assert_eq!(plan.bookings(town).await[1].1, json!("accepted"));
        let town_alone = city.get(&format!("/api/v1/decision-steps/{}", plan.steps[0])).await.expect(200);
        assert_eq!(town_alone["booking"]["proposed_by"], json!(plan.region.city.id));
    }

    async fn who_has_a_step_books_it_and_proposes_to_the_accountable_organisation(world: World) {
        let plan = Plan::new(&world).await;
        let town = &plan.region.town.editor;
        plan.book(town, &plan.digest(town).await).await.expect(200);
        let states: Vec<_> = plan.bookings(town).await.into_iter().map(|(_, state)| state).collect();
        assert_eq!(states, [json!("proposed"), json!("accepted")]);
        for stranger in [&plan.region.county.admin, &plan.region.town.reporter] {
            plan.book(stranger, &plan.digest(stranger).await).await.refused(403, "auth.forbidden");
        }
        plan.book(&world.anonymous(), &json!("x")).await.refused(401, "auth.unauthenticated");
    }

    async fn a_plan_that_rests_on_something_else_now_is_refused(world: World) {
        let plan = Plan::new(&world).await;
        let city = &plan.region.city.editor;
        let meeting = |number: usize| format!("/api/v1/meetings/{}", plan.meetings[1][number]);
        let town = &plan.region.town.editor;
        for round in 0..4 {
            let digest = plan.digest(city).await;
            match round {
                0 => drop(town.change(&meeting(2), json!({"location": "Kunnantalo", "tags": ["budget"]})).await.expect(200)),
                1 => drop(town.change(&meeting(0), json!({"starts_at": "2026-03-17T14:00:00Z"})).await.expect(200)),
                2 => drop(town.act(&format!("{}:cancel", meeting(1))).await.expect(200)),
                _ => {
                    let step = format!("/api/v1/decision-steps/{}", plan.steps[1]);
                    drop(city.change(&step, json!({"preparation_days": 3})).await.expect(200));
                }
            }
            let refused = plan.book(city, &digest).await.refused(409, "booking.plan_changed");
            assert_eq!(refused["errors"][0]["pointer"], "/plan_digest");
        }
        let none = vec![(Value::Null, Value::Null), (Value::Null, Value::Null)];
        assert_eq!(plan.bookings(city).await, none);
        // Time alone makes another plan, too: the agenda of 2 March is closed on 23 February.
        let digest = plan.digest(city).await;
        world.set_clock("2026-02-24T10:00:00Z");
        plan.book(&world.renewed(city), &digest).await.refused(409, "booking.plan_changed");
    }

    async fn a_plan_without_a_meeting_for_every_step_is_refused_whole(world: World) {
        let plan = Plan::new(&world).await;
        let city = &plan.region.city.editor;
        for meeting in &plan.meetings[1] {
            plan.region.town.editor.act(&format!("/api/v1/meetings/{meeting}:cancel")).await.expect(200);
        }
        let refused = plan.book(city, &plan.digest(city).await).await.refused(409, "booking.no_plan");
        assert_eq!(refused["errors"][0]["code"], "calendar");
        assert_eq!(plan.bookings(city).await[0], (Value::Null, Value::Null));
    }
}
