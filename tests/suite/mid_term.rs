//! A system that joins in mid-term says what happened before, by its own names: bookings, handlings, remedies, routes.

use crate::actions::region;
use crate::bookings::{Matter, new_body};
use crate::external_ids::{path, say};
use crate::nightly::events;
use reqwest::Method;
use serde_json::{Value, json};
use yhteen_tests::caller::id;
use yhteen_tests::{Caller, Organisation, World, both};

fn step(matter: &Matter) -> &str {
    matter.step.rsplit('/').next().unwrap()
}

fn name(value: &str) -> Value {
    json!({"source": "asianhallinta", "value": value})
}

/// The matter on 20 March, when its first meeting is over, and the town's editor, whose system knows the step as `s` and
/// the meeting as `m`.
async fn joined(world: &World) -> (Matter, Organisation, Caller) {
    let mut matter = Matter::new(world).await;
    world.set_clock("2026-03-20T10:00:00Z");
    let town = Organisation { editor: world.renewed(&matter.region.town.editor), ..matter.region.town.clone() };
    matter.region.town = town.clone();
    matter.region.city.editor = world.renewed(&matter.region.city.editor);
    let editor = town.editor.clone();
    say(&editor, &path(&town, "meetings", "m"), json!({"meeting_id": matter.meetings[0]})).await.expect(200);
    say(&editor, &path(&town, "decision-steps", "s"), json!({"decision_step_id": step(&matter)})).await.expect(200);
    (matter, town, editor)
}

both! {
    async fn what_was_booked_handed_in_and_handled_is_entered_as_it_was(world: World) {
        let (matter, town, editor) = joined(&world).await;
        let booking = path(&town, "decision-steps", "s/booking");
        editor.get(&booking).await.refused(404, "request.not_found");
        let handled = json!({"decision_step": name("s"), "meeting": name("m"), "outcome": "approved",
            "recorded_at": "2026-03-04T08:00:00Z"});
        let handling = say(&editor, &path(&town, "handlings", "h"), handled.clone()).await.expect(201);
        assert_eq!(handling["recorded_at"], "2026-03-04T08:00:00Z");
        assert_eq!(say(&editor, &path(&town, "handlings", "h"), handled).await.expect(200), handling);
        assert_eq!(editor.get(&path(&town, "handlings", "h")).await.expect(200), handling);

        let was = json!({"meeting": name("m"), "booked_at": "2026-02-01T08:00:00Z", "handed_in_at": "2026-02-20T08:00:00Z"});
        let booked = say(&editor, &booking, was.clone()).await.expect(200);
        assert_eq!((&booked["state"], &booked["answered_at"]), (&json!("accepted"), &json!("2026-02-01T08:00:00Z")));
        assert_eq!((&booked["proposed_at"], &booked["handed_in_at"]),
            (&json!("2026-02-01T08:00:00Z"), &json!("2026-02-20T08:00:00Z")));
        assert_eq!(editor.get(&booking).await.expect(200), booked);
        let before = events(&world).await;
        for same in [was, json!({}), json!({"meeting_id": matter.meetings[0]})] {
            assert_eq!(say(&editor, &booking, same).await.expect(200), booked);
        }
        assert_eq!(events(&world).await, before);
        // That it was entered has its own time.
        world.settle_timetables().await;
        let feed = editor.get("/api/v1/changes?limit=1000").await.expect(200);
        let entered = feed["items"].as_array().unwrap().iter().rev().find(|it| it["type"] == "action.step_handed_in");
        assert_eq!(entered.map(|it| it["occurred_at"].clone()), Some(json!("2026-03-20T10:00:00Z")));

        // It is decided, so nothing else is booked any more.
        say(&editor, &booking, json!({"meeting_id": matter.meetings[1]})).await.refused(409, "booking.decided");
        let seen = matter.timetable(&world).await;
        assert_eq!((&seen["verdict"], &seen["steps"][0]["state"]), (&json!("feasible"), &json!("decided")));
    }

    async fn what_cannot_have_been_so_is_refused_by_its_place(world: World) {
        let (matter, town, editor) = joined(&world).await;
        let body = format!("/api/v1/bodies/{}", body_of(&editor, &matter).await);
        world.renewed(&town.admin).change(&body, json!({"valid_from": "2026-01-01"})).await.expect(200);
        let booking = path(&town, "decision-steps", "s/booking");
        let at = |member: &str, at: &str| json!({"meeting": name("m"), "booked_at": "2026-02-01T08:00:00Z", member: at});
        for (body, pointer, code) in [
            (at("booked_at", "2026-03-20T10:00:01Z"), "/booked_at", "in_future"),
            (at("booked_at", "2025-12-31T21:59:59Z"), "/booked_at", "before_existence"),
            (at("handed_in_at", "2026-03-20T10:00:01Z"), "/handed_in_at", "in_future"),
            (at("handed_in_at", "2025-12-31T21:59:59Z"), "/handed_in_at", "before_existence"),
            (json!({"meeting": name("unknown")}), "/meeting", "unknown_reference"),
            (json!({}), "/meeting_id", "required"),
        ] {
            let refused = say(&editor, &booking, body.clone()).await.refused(422, "request.invalid");
            assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!(pointer), &json!(code)), "{body}");
        }
        for late in [at("booked_at", "2026-03-03T14:00:00Z"), at("handed_in_at", "2026-03-03T14:00:00Z")] {
            say(&editor, &booking, late).await.refused(409, "booking.meeting_past");
        }
        say(&editor, &booking, json!({"meeting": name("m")})).await.refused(409, "booking.meeting_past");
        for (recorded_at, code) in [("2026-03-03T13:59:59Z", "before_meeting"), ("2026-03-20T10:00:01Z", "in_future")] {
            let new = json!({"decision_step": name("s"), "meeting": name("m"), "outcome": "approved", "recorded_at": recorded_at});
            let refused = say(&editor, &path(&town, "handlings", "h"), new).await.refused(422, "request.invalid");
            assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!("/recorded_at"), &json!(code)));
        }
        // The accountable organisation proposes, and says nothing of the body's past.
        let city = &matter.region.city;
        say(&city.editor, &path(city, "decision-steps", "c"), json!({"decision_step_id": step(&matter)})).await.expect(200);
        let own = path(city, "decision-steps", "c/booking");
        let past = json!({"meeting_id": matter.meetings[1], "booked_at": "2026-02-01T08:00:00Z"});
        say(&city.editor, &own, past).await.refused(403, "auth.forbidden");
        let proposed = say(&city.editor, &own, json!({"meeting_id": matter.meetings[1]})).await.expect(200);
        assert_eq!((&proposed["state"], &proposed["proposed_by"]), (&json!("proposed"), &json!(city.id)));
        // Nobody else reads by its names.
        for stranger in [&world.renewed(&matter.region.county.admin), &world.anonymous()] {
            stranger.get(&own).await.refused(404, "request.not_found");
            stranger.get(&path(city, "decision-steps", "c")).await.refused(404, "request.not_found");
        }
    }

    async fn a_remedy_is_recorded_and_ruled_on_by_its_external_id(world: World) {
        let (_, town, editor) = joined(&world).await;
        let handled = json!({"decision_step": name("s"), "meeting": name("m"), "outcome": "approved"});
        say(&editor, &path(&town, "handlings", "h"), handled).await.expect(201);
        let at = path(&town, "remedy-claims", "o%2F1");
        let new = json!({"decision_step": name("s"), "kind": "rectification", "filed_on": "2026-03-12"});
        let reply = say(&editor, &at, new.clone()).await;
        let location = reply.header("location").unwrap().to_owned();
        let filed = reply.expect(201);
        assert_eq!((&filed["filed_on"], &filed["external_ids"]), (&json!("2026-03-12"), &json!([name("o/1")])));
        for seen in [&at, &location] {
            assert_eq!(editor.get(seen).await.expect(200), filed);
        }
        let before = events(&world).await;
        for same in [new, json!({})] {
            assert_eq!(say(&editor, &at, same).await.expect(200), filed);
        }
        assert_eq!(events(&world).await, before);
        say(&editor, &at, json!({"filed_on": "2026-03-13"})).await.refused(422, "request.invalid");
        say(&editor, &at, json!({"ruling": "dismissed"})).await.refused(422, "request.invalid");
        let early = json!({"ruling": "dismissed", "ruled_on": "2026-03-11"});
        let refused = say(&editor, &at, early).await.refused(422, "request.invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/ruled_on");
        let ruling = json!({"ruling": "dismissed", "ruled_on": "2026-03-19"});
        let ruled = say(&editor, &at, ruling.clone()).await.expect(200);
        assert_eq!((&ruled["ruling"], &ruled["ruled_on"]), (&json!("dismissed"), &json!("2026-03-19")));
        assert_eq!(say(&editor, &at, ruling).await.expect(200), ruled);
        say(&editor, &at, json!({"ruling": "upheld", "ruled_on": "2026-03-19"})).await.refused(409, "remedy.ruled");
        // One that is on record gets its name.
        let named = say(&editor, &path(&town, "remedy-claims", "2"), json!({"remedy_claim_id": filed["id"]})).await.expect(200);
        assert_eq!(named["external_ids"], json!([name("2"), name("o/1")]));
        // Another with its ruling in one call.
        let whole = json!({"decision_step": name("s"), "kind": "appeal", "filed_on": "2026-03-19", "ruling": "dismissed",
            "ruled_on": "2026-03-20"});
        assert_eq!(say(&editor, &path(&town, "remedy-claims", "3"), whole).await.expect(201)["ruling"], "dismissed");
    }

    async fn a_handling_sends_a_step_back_to_another_by_its_name(world: World) {
        let (matter, town, editor) = joined(&world).await;
        let city = &matter.region.city;
        let second = json!({"action_id": matter.action.rsplit('/').next(), "body_id": body_of(&editor, &matter).await,
            "title": {"fi": "Päätös 2"}, "function": "decision", "authoritative": true,
            "depends_on": [{"step_id": step(&matter)}]});
        let second = id(&say(&city.editor, &path(city, "decision-steps", "2"), second).await.expect(201));
        say(&editor, &path(&town, "decision-steps", "t"), json!({"decision_step_id": second})).await.expect(200);
        let first = json!({"decision_step": name("s"), "meeting": name("m"), "outcome": "approved"});
        say(&editor, &path(&town, "handlings", "1"), first).await.expect(201);
        let returned = json!({"decision_step": name("t"), "meeting": name("m"), "outcome": "returned", "returned_to_step": name("s")});
        let handling = say(&editor, &path(&town, "handlings", "2"), returned.clone()).await.expect(201);
        assert_eq!(handling["returned_to_step_id"], json!(step(&matter)));
        assert_eq!(say(&editor, &path(&town, "handlings", "2"), returned).await.expect(200), handling);
    }

    async fn a_route_is_said_in_one_call_or_not_at_all(world: World) {
        let region = region(&world).await;
        let city = &region.city;
        let board = id(&city.admin.post("/api/v1/bodies", new_body(&city.id, "board")).await.expect(201));
        let council = id(&city.admin.post("/api/v1/bodies", new_body(&city.id, "council")).await.expect(201));
        let meeting = json!({"body_id": board, "starts_at": "2026-03-03T14:00:00Z"});
        say(&city.editor, &path(city, "meetings", "m"), meeting).await.expect(201);
        let action = region.draft("A1", "public").await;
        let action_id = action.rsplit('/').next().unwrap().to_owned();
        let at = format!("/api/v1/organisations/{}/actions/{action_id}/route", city.id);
        let route_step = |value: &str, body: &str, after: &[&str]| {
            let depends_on: Vec<_> = after.iter().map(|value| name(value)).collect();
            json!({"external_id": name(value), "step": {"body_id": body, "title": {"fi": value}, "function": "decision",
                "authoritative": true, "depends_on": depends_on}})
        };
        let mut second = route_step("b", &board, &[]);
        second["booking"] = json!({"meeting": name("m")});
        // What depends on another may come before it.
        let route = json!({"steps": [route_step("a", &council, &["b"]), second]});
        let told = say(&city.editor, &at, route.clone()).await.expect(200);
        let steps = told["items"].as_array().unwrap();
        let known = |value: &str| steps.iter().find(|step| step["external_ids"] == json!([name(value)])).unwrap();
        assert_eq!(known("a")["depends_on"][0]["step_id"], known("b")["id"]);
        assert_eq!((&known("b")["booking"]["state"], steps.len()), (&json!("accepted"), 2));
        assert_eq!(city.editor.get(&format!("{action}/decision-steps")).await.expect(200), told);

        let before = (events(&world).await, city.editor.get(&action).await.expect(200));
        assert_eq!(say(&city.editor, &at, route).await.expect(200), told);
        // All or nothing, and each refusal names its place.
        let circle = json!({"steps": [route_step("c", &board, &["d"]), route_step("d", &board, &["e"]), route_step("e", &board, &["c"])]});
        let refused = say(&city.editor, &at, circle).await.refused(422, "decision_step.cycle");
        assert!(refused["detail"].as_str().unwrap().contains("c → d → e → c"), "{refused}");
        let no_body = json!({"steps": [route_step("c", &board, &[]), route_step("d", "00000000-0000-7000-8000-000000000000", &["c"])]});
        let refused = say(&city.editor, &at, no_body).await.refused(422, "request.invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/steps/1/step/body_id");
        let mut unknown = route_step("c", &board, &[]);
        unknown["booking"] = json!({"meeting": name("unknown")});
        let refused = say(&city.editor, &at, json!({"steps": [unknown]})).await.refused(422, "request.invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/steps/0/booking/meeting");
        let many: Vec<_> = (0..51).map(|number| route_step(&number.to_string(), &board, &[])).collect();
        for (steps, code) in [(json!([]), "out_of_range"), (json!(many), "out_of_range"),
            (json!([route_step("c", &board, &[]), route_step("c", &board, &[])]), "duplicate")] {
            let refused = say(&city.editor, &at, json!({"steps": steps})).await.refused(422, "request.invalid");
            assert_eq!(refused["errors"][0]["code"], code);
        }
        let stale = city.editor.request(Method::PUT, &at).header("if-match", "\"1\"").json(&json!({"steps": [route_step("c", &board, &[])]}));
        city.editor.send(stale).await.refused(412, "request.precondition_failed");
        assert_eq!((events(&world).await, city.editor.get(&action).await.expect(200)), before);
    }

    async fn a_member_joins_a_programme_whatever_its_version(world: World) {
        let region = region(&world).await;
        let (county, outsider) = (&region.county, &region.outsider);
        let at = format!("/api/v1/programmes/{}/members/{}", region.programme, outsider.id);
        let member = json!({"role": "member", "joined_on": "2026-01-01"});
        say(&county.admin, &at, member.clone()).await.expect(200);
        let stale = county.admin.request(Method::PUT, &at).header("if-match", "\"1\"").json(&member);
        county.admin.send(stale).await.refused(412, "request.precondition_failed");
    }
}

/// The body of the matter's step.
async fn body_of(editor: &Caller, matter: &Matter) -> String {
    editor.get(&matter.step).await.expect(200)["body_id"].as_str().unwrap().to_owned()
}
