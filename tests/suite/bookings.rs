//! Bookings: proposed by one organisation, reserved by the body's own, kept to by the timetable.

pub(crate) mod plan;

use crate::actions::{Region, region};
use serde_json::{Value, json};
use yhteen_tests::caller::id;
use yhteen_tests::{World, both};

/// The city's action with a step before the town's board, which meets on 3 March, 7 April and 5 May.
pub(super) struct Matter {
    pub(super) region: Region,
    pub(super) action: String,
    pub(super) step: String,
    pub(super) meetings: Vec<String>,
}

pub(super) fn new_body(organisation: &str, kind: &str) -> Value {
    json!({
        "organisation_id": organisation,
        "name": {"fi": "Hallitus"},
        "kind": kind,
        "agenda_lead": {"days": 7, "time": "12:00"},
        "minutes_publication_days": 4
    })
}

impl Matter {
    pub(super) async fn new(world: &World) -> Self {
        let region = region(world).await;
        let town = &region.town;
        let body = id(&town.admin.post("/api/v1/bodies", new_body(&town.id, "board")).await.expect(201));
        let mut meetings = Vec::new();
        for day in ["2026-03-03", "2026-04-07", "2026-05-05"] {
            let new = json!({"starts_at": format!("{day}T14:00:00Z"), "ends_at": format!("{day}T16:00:00Z")});
            meetings.push(id(&town.editor.post(&format!("/api/v1/bodies/{body}/meetings"), new).await.expect(201)));
        }
        let action = region.draft("A1", "public").await;
        let new = json!({"body_id": body, "title": {"fi": "Päätös"}, "function": "decision", "authoritative": true});
        let city = &region.city.editor;
        let step = id(&city.post(&format!("{action}/decision-steps"), new).await.expect(201));
        city.act(&format!("{action}:propose")).await.expect(200);
        Self { step: format!("/api/v1/decision-steps/{step}"), region, action, meetings }
    }

    pub(super) fn meeting(&self, number: usize) -> Value {
        json!({"meeting_id": self.meetings[number]})
    }

    /// What the anonymous timetable says of the step.
    pub(super) async fn timetable(&self, world: &World) -> Value {
        world.anonymous().get(&format!("{}/timetable", self.action)).await.expect(200)
    }
}

both! {
    async fn a_proposal_binds_nobody_until_the_body_accepts(world: World) {
        let matter = Matter::new(&world).await;
        let (city, town) = (&matter.region.city.editor, &matter.region.town.editor);
        let step = &matter.step;
        let proposed = city.post(&format!("{step}:propose-booking"), matter.meeting(1)).await.expect(200);
        assert_eq!((&proposed["state"], &proposed["booking"]["state"]), (&json!("open"), &json!("proposed")));
        assert_eq!(proposed["booking"]["proposed_by"], json!(matter.region.city.id));
        // The timetable goes on with the first meeting.
        assert_eq!(matter.timetable(&world).await["steps"][0]["earliest"]["meeting_id"], json!(matter.meetings[0]));

        city.act(&format!("{step}:accept-booking")).await.refused(403, "auth.forbidden");
        let declined = town.act(&format!("{step}:decline-booking")).await.expect(200);
        assert_eq!(declined["booking"]["state"], "declined");
        town.act(&format!("{step}:accept-booking")).await.refused(409, "booking.not_proposed");

        city.post(&format!("{step}:propose-booking"), matter.meeting(1)).await.expect(200);
        let accepted = town.act(&format!("{step}:accept-booking")).await.expect(200);
        assert_eq!((&accepted["state"], &accepted["booking"]["state"]), (&json!("booked"), &json!("accepted")));
        let seen = &matter.timetable(&world).await["steps"][0];
        assert_eq!(seen["earliest"]["meeting_id"], json!(matter.meetings[1]));
        assert_eq!((&seen["state"], &seen["binding"]["kind"]), (&json!("booked"), &json!("booking")));

        city.post(&format!("{step}:propose-booking"), matter.meeting(2)).await.refused(409, "booking.accepted");
        city.act(&format!("{step}:release-booking")).await.refused(403, "auth.forbidden");
        let moved = town.post(&format!("{step}:book"), matter.meeting(2)).await.expect(200);
        assert_eq!(moved["booking"]["meeting_id"], json!(matter.meetings[2]));
        let released = town.act(&format!("{step}:release-booking")).await.expect(200);
        assert_eq!((&released["state"], &released["booking"]), (&json!("open"), &Value::Null));
        town.act(&format!("{step}:release-booking")).await.refused(409, "booking.not_booked");
    }

    async fn nobody_books_anothers_body(world: World) {
        let matter = Matter::new(&world).await;
        let region = &matter.region;
        for stranger in [&region.city.admin, &region.county.admin, &region.town.reporter] {
            for verb in ["book", "accept-booking", "decline-booking", "hand-in"] {
                let body = if verb == "book" { matter.meeting(0) } else { json!({}) };
                let path = format!("{}:{verb}", matter.step);
                stranger.post(&path, body).await.refused(403, "auth.forbidden");
            }
        }
        for stranger in [&region.town.editor, &region.county.admin] {
            let path = format!("{}:propose-booking", matter.step);
            stranger.post(&path, matter.meeting(0)).await.refused(403, "auth.forbidden");
        }
        assert_eq!(world.anonymous().get(&matter.step).await.expect(200)["booking"], Value::Null);
    }

    async fn a_matter_that_is_handed_in_does_not_miss_the_agenda(world: World) {
        let matter = Matter::new(&world).await;
        let town = &matter.region.town.editor;
        town.post(&format!("{}:hand-in", matter.step), json!({})).await.refused(409, "booking.not_booked");
        town.post(&format!("{}:book", matter.step), matter.meeting(0)).await.expect(200);
        // The agenda of 3 March is closed on 24 February.
        let late = "?now=2026-02-25T10:00:00Z";
        let missed = world.anonymous().get(&format!("{}/timetable{late}", matter.action)).await.expect(200);
        assert_eq!((&missed["verdict"], &missed["blocking"][0]["reason"]), (&json!("infeasible"), &json!("booking_missed")));
        let handed_in = town.post(&format!("{}:hand-in", matter.step), json!({})).await.expect(200);
        assert_eq!(handed_in["state"], "on_agenda");
        let held = world.anonymous().get(&format!("{}/timetable{late}", matter.action)).await.expect(200);
        assert_eq!((&held["verdict"], &held["steps"][0]["state"]), (&json!("feasible"), &json!("on_agenda")));
    }

    async fn what_cannot_be_reserved_is_named(world: World) {
        let matter = Matter::new(&world).await;
        let town = &matter.region.town;
        let office = id(&town.admin.post("/api/v1/bodies", new_body(&town.id, "office_holder")).await.expect(201));
        let other = id(&town.admin.post("/api/v1/bodies", new_body(&town.id, "council")).await.expect(201));
        let at = json!({"starts_at": "2026-03-04T14:00:00Z"});
        let foreign = id(&town.editor.post(&format!("/api/v1/bodies/{other}/meetings"), at).await.expect(201));
        let new = json!({"body_id": office, "title": {"fi": "Päätös"}, "function": "decision", "authoritative": true});
        let steps = format!("{}/decision-steps", matter.action);
        let of_office = format!("/api/v1/decision-steps/{}", id(&matter.region.city.editor.post(&steps, new).await.expect(201)));
        let nothing = "00000000-0000-7000-8000-000000000000";
        for (step, body, pointer, code) in [
            (&matter.step, json!({}), "/meeting_id", "required"),
            (&matter.step, json!({"meeting_id": nothing}), "/meeting_id", "unknown_reference"),
            (&matter.step, json!({"meeting_id": foreign}), "/meeting_id", "unknown_reference"),
            (&matter.step, json!({"day": "2026-03-03"}), "/day", "no_office_holder"),
            (&matter.step, json!({"meeting_id": matter.meetings[0], "day": "2026-03-03"}), "/day", "one_of"),
            (&matter.step, json!({"meeting_id": "x"}), "/meeting_id", "bad_value"),
            (&of_office, matter.meeting(0), "/meeting_id", "office_holder"),
            (&of_office, json!({"day": "2026-03-01"}), "/day", "no_working_day"),
            (&of_office, json!({"day": "2026-02-30"}), "/day", "bad_value"),
            (&of_office, json!({"day": "9999-03-03"}), "/day", "out_of_range"),
        ] {
            let refused = town.editor.post(&format!("{step}:book"), body.clone()).await.refused(422, "request.invalid");
            let place = &refused["errors"][0];
            assert_eq!((place["pointer"].as_str(), place["code"].as_str()), (Some(pointer), Some(code)), "{body}");
        }
        town.editor.post(&format!("{of_office}:book"), json!({"day": "2026-01-14"})).await.refused(409, "booking.meeting_past");
        town.editor.act(&format!("/api/v1/meetings/{}:cancel", matter.meetings[0])).await.expect(200);
        town.editor.post(&format!("{}:book", matter.step), matter.meeting(0)).await.refused(409, "booking.meeting_cancelled");
        let booked = town.editor.post(&format!("{of_office}:book"), json!({"day": "2026-03-02"})).await.expect(200);
        assert_eq!((&booked["booking"]["day"], &booked["booking"]["meeting_id"]), (&json!("2026-03-02"), &Value::Null));
    }

    async fn a_booking_on_a_meeting_that_is_cancelled_is_shown_as_a_conflict(world: World) {
        let matter = Matter::new(&world).await;
        let town = &matter.region.town.editor;
        town.post(&format!("{}:book", matter.step), matter.meeting(0)).await.expect(200);
        town.act(&format!("/api/v1/meetings/{}:cancel", matter.meetings[0])).await.expect(200);
        let seen = matter.timetable(&world).await;
        assert_eq!((&seen["verdict"], &seen["blocking"][0]["reason"]), (&json!("infeasible"), &json!("booking_cancelled")));
        town.post(&format!("{}:book", matter.step), matter.meeting(1)).await.expect(200);
        assert_eq!(matter.timetable(&world).await["verdict"], "feasible");
    }
}
