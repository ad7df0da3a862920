//! What changes do to all actions that they touch, and dry runs of changes of meetings.

use super::simulate::NOTHING;
use super::{Route, Value, body as new_body, both, id, json, local, new_step, step, timetable};
use reqwest::Method;
use yhteen_domain::roles::{Role, TokenScope};
use yhteen_tests::{Caller, Organisation};

const IMPACT: &str = "/api/v1/timetable:impact";

/// Another action of the city's, which its council alone decides, to start on 1 May: its path.
async fn small(route: &Route, code: &str, visibility: &str) -> String {
    let at = route.region.draft(code, visibility).await;
    step(&route.region.city, &at, new_step(&route.bodies[1], "decision", &[])).await;
    route.region.city.editor.change(&at, json!({"starts_on": "2026-05-01"})).await.expect(200);
    at
}

fn cancelled(meetings: &[&String]) -> Value {
    let changes = meetings.iter().map(|meeting| json!({"kind": "meeting_cancelled", "meeting_id": meeting}));
    json!({"changes": changes.collect::<Vec<_>>()})
}

/// The codes of the actions, with the first dates on which they can start, before and after.
fn starts(impact: &Value) -> Vec<[&str; 3]> {
    let actions = impact["actions"].as_array().unwrap().iter();
    let on =
        |summary: &Value| summary["earliest_on"].as_str().map_or("-", |on| Box::leak(on.to_owned().into_boxed_str()));
    actions.map(|action| [action["code"].as_str().unwrap(), on(&action["before"]), on(&action["after"])]).collect()
}

fn organisations(impact: &Value) -> Vec<(&str, i64)> {
    let all = impact["organisations"].as_array().unwrap().iter();
    all.map(|it| (it["organisation_id"].as_str().unwrap(), it["actions"].as_i64().unwrap())).collect()
}

async fn dry(editor: &Caller, path: &str, patch: Value) -> Value {
    editor.change(&format!("{path}?dry_run=true"), patch).await.expect(200)
}

both! {
    async fn cancelled_meetings_are_assessed_for_every_action_that_the_reader_sees(world: World) {
        let route = Route::new(&world).await;
        let city = &route.region.city;
        let open = small(&route, "A2", "public").await;
        city.editor.act(&format!("{open}:propose")).await.expect(200);
        small(&route, "A3", "private").await;
        let over = small(&route, "A4", "public").await;
        city.editor.act(&format!("{over}:cancel")).await.expect(200);
        let council = &route.meetings[1];
        let body = cancelled(&[&council[0], &council[1]]);

        // Without 9 February and 2 March the council decides on 30 March, and A2 starts the day after. A1 was to be before
        // the council of 2 March: minutes 6 April, notice 13 April, 30 days: 13 May; the parish council of 2 June: minutes
        // 8 June, notice 15 June, 30 days: 15 July.
        let seen = world.anonymous().post(IMPACT, body.clone()).await.expect(200);
        assert_eq!(starts(&seen), [["A2", "2026-02-10", "2026-03-31"], ["A1", "2026-06-23", "2026-07-16"]]);
        assert_eq!(organisations(&seen), [(&*city.id, 2), (&*route.parish.id, 1)]);
        let large = &seen["actions"][1];
        assert_eq!(large["before"], json!({"verdict": "feasible", "target_on": "2026-07-01", "earliest_on": "2026-06-23", "delay_days": 0, "slack_days": 0}));
        assert_eq!((&large["after"]["verdict"], &large["after"]["delay_days"]), (&json!("late"), &json!(15)));
        assert_eq!(large["steps"].as_array().unwrap().len(), 3);
        assert_eq!(large["steps"][1]["after"]["earliest"]["meeting_id"], json!(council[2]));

        let own = city.viewer.post(IMPACT, body).await.expect(200);
        let codes: Vec<_> = starts(&own).iter().map(|action| action[0].to_owned()).collect();
        assert_eq!((codes.len(), codes[2].as_str()), (3, "A1"));
        assert!(codes.contains(&"A3".to_owned()) && !codes.contains(&"A4".to_owned()));
        // What nobody waits for changes nothing.
        let idle = world.anonymous().post(IMPACT, cancelled(&[&council[3]])).await.expect(200);
        assert_eq!(idle["organisations"].as_array().unwrap().len(), idle["actions"].as_array().unwrap().len());
        assert_eq!(starts(&world.anonymous().post(IMPACT, json!({"changes": []})).await.expect(200)).len(), 0);
    }

    async fn handlings_and_plans_are_assessed_too(world: World) {
        let route = Route::new(&world).await;
        let open = small(&route, "A2", "public").await;
        route.region.city.editor.act(&format!("{open}:propose")).await.expect(200);
        let (first, second) = (route.at.rsplit('/').next().unwrap(), open.rsplit('/').next().unwrap());
        let changes = json!([
            {"kind": "step_handled", "step_id": route.steps[1], "meeting_id": route.meetings[1][1], "outcome": "rejected"},
            {"kind": "target_moved", "action_id": second, "target_on": "2026-02-01"},
        ]);
        let seen = world.anonymous().post(IMPACT, json!({"changes": changes})).await.expect(200);
        // What cannot start at all comes first; the other would be nine days late.
        assert_eq!(starts(&seen), [["A1", "2026-06-23", "-"], ["A2", "2026-02-10", "2026-02-10"]]);
        assert_eq!((&seen["actions"][0]["after"]["verdict"], &seen["actions"][1]["after"]["delay_days"]), (&json!("infeasible"), &json!(9)));
        let gate = json!([{"kind": "start_gate_changed", "action_id": first, "start_gate": "decided"}]);
        let seen = world.anonymous().post(IMPACT, json!({"changes": gate})).await.expect(200);
        assert_eq!(starts(&seen), [["A1", "2026-06-23", "2026-05-08"]]);
        for (change, place) in [
            (json!({"kind": "target_moved", "target_on": null}), ("/changes/0/action_id", "required")),
            (json!({"kind": "target_moved", "action_id": NOTHING, "target_on": null}), ("/changes/0/action_id", "unknown_reference")),
            (json!({"kind": "meeting_held", "meeting_id": NOTHING}), ("/changes/0/meeting_id", "unknown_reference")),
            (json!({"kind": "meeting_added", "body_id": NOTHING, "starts_at": local("2026-05-05 12:00")}), ("/changes/0/body_id", "unknown_reference")),
        ] {
            let refused = world.anonymous().post(IMPACT, json!({"changes": [change]})).await.refused(422, "request.invalid");
            let at = &refused["errors"][0];
            assert_eq!((at["pointer"].as_str(), at["code"].as_str()), (Some(place.0), Some(place.1)));
        }
    }

    async fn an_assessment_takes_as_many_statements_for_one_action_as_for_twelve(world: World) {
        let route = Route::new(&world).await;
        let anyone = world.anonymous();
        let body = cancelled(&[&route.meetings[1][0]]);
        let many = json!({"changes": [
            body["changes"][0],
            {"kind": "dependency_changed", "step_id": route.steps[2], "depends_on_step_id": route.steps[1], "gate": "decided"}
        ]});
        for number in 0..12 {
            if [0, 1, 11].contains(&number) {
                for body in [&body, &many] {
                    let said = world.statements(async { anyone.post(IMPACT, body.clone()).await.expect(200) }).await;
                    assert_eq!(said.len(), 10, "{said:?}");
                }
            }
            let at = small(&route, &format!("B{number}"), "public").await;
            route.region.city.editor.act(&format!("{at}:propose")).await.expect(200);
        }
        assert_eq!(starts(&anyone.post(IMPACT, body).await.expect(200)).len(), 12);
        // A body without steps is read beside them.
        let idle = new_body(&route.region.city, "committee", "Lautakunta", 4).await;
        let added = json!({"changes": [{"kind": "meeting_added", "body_id": idle, "starts_at": local("2026-05-05 12:00")}]});
        assert_eq!(anyone.post(IMPACT, added).await.expect(200), json!({"actions": [], "organisations": []}));
    }

    async fn a_dry_run_says_what_a_change_would_do_and_makes_none(world: World) {
        let route = Route::new(&world).await;
        let Organisation { editor, admin, .. } = &route.region.city;
        let path = format!("/api/v1/meetings/{}", route.meetings[1][1]);
        let before = editor.get(&path).await.expect(200);
        let feed = || async { admin.get("/api/v1/changes?limit=200").await.expect(200)["items"].as_array().unwrap().len() };
        let events = feed().await;

        let reply = editor.change(&format!("{path}?dry_run=true"), json!({"starts_at": local("2026-03-30 18:00"), "ends_at": local("2026-03-30 21:00")})).await;
        assert_eq!(reply.version(), 1);
        let moved = reply.expect(200);
        let assess = json!({"changes": [{"kind": "meeting_moved", "meeting_id": route.meetings[1][1], "starts_at": local("2026-03-30 18:00"), "ends_at": local("2026-03-30 21:00")}]});
        assert_eq!(moved, editor.post(IMPACT, assess).await.expect(200));
        // At either time of 30 March: minutes 6 April, and so on to 16 July.
        assert_eq!(starts(&moved), [["A1", "2026-06-23", "2026-07-16"]]);
        let gone = editor.act(&format!("{path}:cancel?dry_run=true")).await.expect(200);
        assert_eq!(gone, editor.post(IMPACT, cancelled(&[&route.meetings[1][1]])).await.expect(200));
        let keyed = editor.request(Method::POST, &format!("{path}:cancel?dry_run=true")).header("idempotency-key", "a");
        assert_eq!(editor.send(keyed).await.expect(200), gone);
        assert_eq!(dry(editor, &path, json!({"location": "Sali"})).await, json!({"actions": [], "organisations": []}));
        assert_eq!((editor.get(&path).await.expect(200), feed().await), (before, events));

        // And then it is done, and no more than told.
        let done = editor.change(&format!("{path}?dry_run=false"), json!({"location": "Sali"})).await.expect(200);
        assert_eq!((&done["location"], &done["version"]), (&json!("Sali"), &json!(2)));
        assert_eq!(id(&editor.act(&format!("{path}:cancel")).await.expect(200)), route.meetings[1][1]);
        assert_eq!(starts(&json!({"actions": [{"code": "A1", "before": moved["actions"][0]["before"], "after": timetable(editor, &route.at, "").await["start"]}]})), starts(&moved));
    }

    async fn a_dry_run_is_checked_like_the_change(world: World) {
        let route = Route::new(&world).await;
        let editor = &route.region.city.editor;
        let path = format!("/api/v1/meetings/{}", route.meetings[1][1]);
        let dry_path = format!("{path}?dry_run=true");
        editor.send(editor.request(Method::PATCH, &dry_path).json(&json!({}))).await.refused(428, "request.precondition_required");
        editor.patch(&dry_path, 7, json!({})).await.refused(412, "request.precondition_failed");
        editor.change(&dry_path, json!({"state": "held"})).await.refused(409, "meeting.not_started");
        editor.change(&dry_path, json!({"ends_at": local("2026-03-02 16:00")})).await.refused(422, "request.invalid");
        editor.change(&dry_path, json!({"held": true})).await.refused(422, "request.invalid");
        editor.change(&format!("{path}?dry_run=maybe"), json!({})).await.refused(400, "request.bad_parameter");
        editor.change(&format!("{path}?dryrun=true"), json!({})).await.refused(400, "request.bad_parameter");
        editor.change(&format!("/api/v1/meetings/{NOTHING}?dry_run=true"), json!({})).await.refused(404, "request.not_found");
        let cancel = format!("{path}:cancel?dry_run=true");
        for stranger in [&route.parish.editor, &route.region.city.reporter] {
            stranger.change(&dry_path, json!({})).await.refused(403, "auth.forbidden");
            stranger.act(&cancel).await.refused(403, "auth.forbidden");
        }
        world.anonymous().change(&dry_path, json!({})).await.refused(401, "auth.unauthenticated");
        let stale = editor.request(Method::POST, &cancel).header("if-match", "\"9\"");
        editor.send(stale).await.refused(412, "request.precondition_failed");
        editor.post(&cancel, json!({"why": "?"})).await.refused(422, "request.invalid");

        // What a machine may not read it does not hear of in this way.
        let home = &route.region.city.id;
        let machine = world.client(home, &[(home, Role::Editor)], &[TokenScope::MeetingsWrite]).await;
        machine.change(&dry_path, json!({})).await.refused(403, "auth.scope_missing");
        machine.act(&cancel).await.refused(403, "auth.scope_missing");
        machine.change(&path, json!({"location": "Sali"})).await.expect(200);
        editor.act(&format!("{path}:cancel")).await.expect(200);
        assert_eq!(editor.act(&cancel).await.expect(200)["actions"], json!([]));
    }
}
