//! What a reader may not see is nowhere in what is tried or assessed: neither in an answer nor in a refusal, and what is
//! not to be seen is refused in the very words for what is not there.

use super::opaque::Stage;
use super::simulate::NOTHING;
use super::{Value, both, json, local};
use yhteen_tests::{Caller, Reply};

/// Changes that name something of a step on the body: its step, its body, and one of its meetings.
fn naming(step: &str, body: &str, meeting: &str) -> Vec<Value> {
    vec![
        json!({"kind": "meeting_added", "body_id": body, "starts_at": local("2026-03-09 16:00")}),
        json!({"kind": "meeting_moved", "meeting_id": meeting, "starts_at": local("2026-09-09 16:00")}),
        json!({"kind": "meeting_cancelled", "meeting_id": meeting}),
        json!({"kind": "meeting_held", "meeting_id": meeting}),
        json!({"kind": "minutes_published", "meeting_id": meeting, "on": "2026-12-09"}),
        json!({"kind": "step_handled", "step_id": step, "meeting_id": meeting, "outcome": "approved"}),
        json!({"kind": "dependency_changed", "step_id": step, "depends_on_step_id": step, "gate": "proposed"}),
    ]
}

/// The refusal without what is of this one request.
fn words(reply: &Reply) -> Value {
    let mut body = reply.body.clone();
    body["request_id"] = Value::Null;
    json!([reply.status.as_u16(), body])
}

#[track_caller]
fn assert_silent(name: &str, stage: &Stage, sees: [bool; 2], reply: &Reply) {
    for (secrets, sees) in stage.secrets.iter().zip(sees) {
        for secret in secrets.iter().filter(|_| !sees) {
            let headers = format!("{:?}", reply.headers);
            assert!(!reply.text.contains(secret) && !headers.contains(secret), "{name} reads {secret}: {}", reply.text);
        }
    }
}

async fn tried(reader: &Caller, path: &str, changes: &[Value]) -> Reply {
    reader.post(path, json!({"changes": changes})).await
}

both! {
    async fn what_a_reader_may_not_see_is_nowhere_in_what_it_tries(world: World) {
        let stage = Stage::new(&world).await;
        let simulate = format!("{}/timetable:simulate", stage.at);
        let [.., third] = &stage.steps;
        let council = world.anonymous().get(&format!("/api/v1/decision-steps/{third}")).await.expect(200)["body_id"].clone();
        let meetings = world.anonymous().all(&format!("/api/v1/meetings?body_id={}", council.as_str().unwrap())).await;
        let open = naming(third, council.as_str().unwrap(), meetings[0]["id"].as_str().unwrap());
        for (name, reader, sees) in &stage.readers {
            // All that may be named at all, alone.
            for change in &open[..6] {
                for path in [&*simulate, "/api/v1/timetable:impact"] {
                    let reply = tried(reader, path, std::slice::from_ref(change)).await;
                    assert_silent(name, &stage, *sees, &reply);
                    if *path == *simulate && *sees != [true, true] {
                        reply.refused(403, "timetable.opaque_steps");
                        continue;
                    }
                    let seen = reply.expect(200);
                    for action in seen["actions"].as_array().into_iter().flatten() {
                        assert_eq!(action["after"].is_null(), *sees != [true, true], "{name}: {action}");
                    }
                }
            }
            for query in ["", "?lang=fi", "?now=2026-04-20T00:00:00Z", "?now=2026-07-01T00:00:00Z"] {
                let reply = reader.get(&format!("{}/timetable/levers{query}", stage.at)).await;
                assert_silent(name, &stage, *sees, &reply);
                if query.contains("now=") && *sees != [true, true] {
                    reply.refused(403, "timetable.opaque_steps");
                    continue;
                }
                for lever in reply.expect(200)["items"].as_array().unwrap() {
                    let hidden = [0, 1].into_iter().any(|number| !sees[number] && lever["step_id"] == stage.steps[number].as_str());
                    assert_eq!((&lever["opaque"], lever["text"].is_null()), (&json!(hidden), hidden), "{name}: {lever}");
                }
            }
        }
    }

    async fn what_is_not_to_be_seen_is_refused_like_what_is_not_there(world: World) {
        let stage = Stage::new(&world).await;
        let simulate = format!("{}/timetable:simulate", stage.at);
        let nothing = naming(NOTHING, NOTHING, NOTHING);
        for (name, reader, sees) in &stage.readers {
            for number in [0, 1] {
                let (step, [body, _, meeting, ..]) = (&stage.steps[number], &stage.secrets[number][..]) else { panic!() };
                for (change, of_nothing) in naming(step, body, meeting).iter().zip(&nothing) {
                    let reply = tried(reader, &simulate, std::slice::from_ref(change)).await;
                    if *sees != [true, true] {
                        assert_silent(name, &stage, *sees, &reply);
                        let other = tried(reader, &simulate, std::slice::from_ref(of_nothing)).await;
                        assert_eq!((reply.status.as_u16(), words(&reply)), (403, words(&other)), "{name}: {change}");
                    } else if change["kind"] != "dependency_changed" {
                        reply.expect(200);
                    }
                    // The second body is everyone's; that a step is on it is not.
                    let reply = tried(reader, "/api/v1/timetable:impact", std::slice::from_ref(change)).await;
                    let named = change["step_id"].is_null() && number == 1;
                    if !sees[number] && !named {
                        let other = tried(reader, "/api/v1/timetable:impact", std::slice::from_ref(of_nothing)).await;
                        assert_eq!((reply.status.as_u16(), words(&reply)), (422, words(&other)), "{name}: {change}");
                    }
                    assert_silent(name, &stage, *sees, &reply);
                }
            }
        }
    }

    async fn a_made_up_meeting_may_have_the_name_of_one_that_is_not_to_be_seen(world: World) {
        let stage = Stage::new(&world).await;
        let assess = "/api/v1/timetable:impact";
        let council = world.anonymous().get(&format!("/api/v1/decision-steps/{}", stage.steps[2])).await.expect(200)["body_id"].clone();
        let add = |id: &str| json!({"kind": "meeting_added", "meeting_id": id, "body_id": council, "starts_at": local("2026-09-09 16:00")});
        let anyone = world.anonymous();
        let of_nothing = tried(&anyone, assess, &[add(NOTHING)]).await.expect(200);
        // The second body is everyone's with its meetings.
        for meeting in &stage.secrets[0][2..] {
            let seen = tried(&anyone, assess, &[add(meeting)]).await.expect(200);
            assert_eq!(seen.to_string().replace(meeting, NOTHING), of_nothing.to_string());
        }
        // To whom may know of it, it is there already.
        let known = tried(&stage.town.viewer, assess, &[add(&stage.secrets[0][2])]).await.refused(422, "request.invalid");
        assert_eq!((&known["errors"][0]["pointer"], &known["errors"][0]["code"]), (&json!("/changes/0/meeting_id"), &json!("duplicate")));
    }

    async fn a_dry_run_on_what_is_not_to_be_seen_finds_nothing(world: World) {
        let stage = Stage::new(&world).await;
        let dry = |meeting: &str| format!("/api/v1/meetings/{meeting}?dry_run=true");
        let patch = json!({"starts_at": local("2026-09-09 16:00"), "agenda_deadline": null});
        for (name, reader, sees) in stage.readers.iter().filter(|(name, ..)| *name != "everyone" && !name.contains("machine")) {
            let mut reply = reader.change(&dry(&stage.secrets[0][2]), patch.clone()).await;
            // What was asked for, whoever asked knows.
            reply.text = reply.text.replace(&stage.secrets[0][2], "");
            assert_silent(name, &stage, *sees, &reply);
            match reply.status.as_u16() {
                404 => assert!(!sees[0], "{name}"),
                403 | 200 => assert!(sees[0], "{name}"),
                status => panic!("{name}: {status}"),
            }
            // The second body is everyone's, its meetings are changed by its own organisation alone.
            let mut reply = reader.change(&dry(&stage.secrets[1][2]), patch.clone()).await;
            reply.text = reply.text.replace(&stage.secrets[1][2], "");
            assert!([200, 403].contains(&reply.status.as_u16()), "{name}: {}", reply.text);
            assert_silent(name, &stage, *sees, &reply);
        }
    }
}
