//! What would be if something else happened: tried, told, and not stored.

use super::{Route, Value, body as new_body, both, id, json, local, meetings, new_step, step, timetable};
use yhteen_tests::Caller;

/// An identifier of nothing.
pub(super) const NOTHING: &str = "00000000-0000-7000-8000-000000000000";

async fn simulated(reader: &Caller, at: &str, changes: Value) -> Value {
    reader.post(&format!("{at}/timetable:simulate"), json!({"changes": changes})).await.expect(200)
}

/// The steps that differ, by number.
fn changed(route: &Route, seen: &Value) -> Vec<usize> {
    let number = |step: &Value| route.steps.iter().position(|known| step["step_id"] == known.as_str()).unwrap();
    seen["changed"].as_array().unwrap().iter().map(number).collect()
}

both! {
    async fn an_extra_meeting_is_tried_and_nothing_is_stored(world: World) {
        let route = Route::new(&world).await;
        let anyone = world.anonymous();
        let before = timetable(&anyone, &route.at, "").await;
        // What is only tried cannot be booked.
        let mut tried = before.clone();
        tried["plan_digest"] = Value::Null;
        let extra = json!([{
            "kind": "meeting_added", "meeting_id": NOTHING, "body_id": route.bodies[1],
            "starts_at": local("2026-02-16 17:00"), "ends_at": local("2026-02-16 20:00")
        }]);
        let seen = simulated(&anyone, &route.at, extra).await;
        assert_eq!(seen["before"], tried);
        // Its agenda is closed seven days before at 12:00, on 9 February, when the board has decided. The council's
        // minutes come out on 23 February, notice is on 2 March, 30 days end on Wednesday 1 April. So the parish council
        // can decide on 21 April: minutes 27 April, notice 4 May, 30 days: 3 June.
        let council = &seen["after"]["steps"][1]["earliest"];
        assert_eq!((&council["meeting_id"], &council["agenda_deadline"]), (&json!(NOTHING), &json!(local("2026-02-09 12:00"))));
        assert_eq!((&council["notice_on"], &council["legal_force_on"]), (&json!("2026-03-02"), &json!("2026-04-02")));
        assert_eq!(seen["after"]["start"], json!({"earliest_on": "2026-06-04", "delay_days": 0}));
        assert_eq!(seen["before"]["start"]["earliest_on"], "2026-06-23");
        assert_eq!(changed(&route, &seen), [1, 2]);
        assert_eq!(seen["changed"][0]["before"]["earliest"], before["steps"][1]["earliest"]);
        assert_eq!(seen["changed"][0]["after"]["earliest"], *council);

        assert_eq!(timetable(&anyone, &route.at, "").await, before);
        anyone.get(&format!("/api/v1/meetings/{NOTHING}")).await.refused(404, "request.not_found");
        assert_eq!(anyone.all(&format!("/api/v1/meetings?body_id={}", route.bodies[1])).await.len(), 4);
    }

    async fn each_kind_of_change_does_what_it_says(world: World) {
        let route = Route::new(&world).await;
        let anyone = world.anonymous();
        let [prepares, decides, joins] = &route.steps;
        let own = route.at.rsplit('/').next().unwrap();
        let start = |on: &str, delay: Value| json!({"earliest_on": on, "delay_days": delay});
        for (change, verdict, start, steps) in [
            // The council of 30 March: minutes 6 April, notice 13 April, 30 days: 13 May. The parish council of 2 June:
            // minutes 8 June, notice 15 June, 30 days: 15 July.
            (json!({"kind": "meeting_cancelled", "meeting_id": route.meetings[1][1]}), "late", start("2026-07-16", json!(15)), vec![0, 1, 2]),
            // On 9 March: minutes 16 March, notice 23 March, 30 days: 22 April. That is in time for 30 April.
            (json!({"kind": "meeting_moved", "meeting_id": route.meetings[1][1], "starts_at": local("2026-03-09 17:00"),
                "ends_at": local("2026-03-09 20:00")}), "feasible", start("2026-06-23", json!(0)), vec![1]),
            // A tabled matter is prepared anew: three days after the evening of 2 February it is in time for the agenda
            // of 10 February, and the board of 16 February for that of the council.
            (json!({"kind": "step_handled", "step_id": prepares, "meeting_id": route.meetings[0][1], "outcome": "tabled"}), "feasible", start("2026-06-23", json!(0)), vec![0]),
            (json!({"kind": "step_handled", "step_id": decides, "meeting_id": route.meetings[1][1], "outcome": "rejected"}), "infeasible", json!({"earliest_on": null, "delay_days": null}), vec![0, 1, 2]),
            // The council decides on 2 March, the parish council on 21 April, without waiting for 16 April. The others
            // have more time.
            (json!({"kind": "dependency_changed", "step_id": joins, "depends_on_step_id": decides, "gate": "decided"}), "feasible", start("2026-06-04", json!(0)), vec![0, 1, 2]),
            // 16 April is before the evening of 21 April.
            (json!({"kind": "dependency_changed", "step_id": joins, "depends_on_step_id": decides, "by": "meeting"}), "feasible", start("2026-06-04", json!(0)), vec![2]),
            (json!({"kind": "target_moved", "target_on": "2026-06-01"}), "late", start("2026-06-23", json!(22)), vec![]),
            (json!({"kind": "target_moved", "action_id": own, "target_on": null}), "feasible", start("2026-06-23", json!(null)), vec![0, 1, 2]),
            (json!({"kind": "start_gate_changed", "start_gate": "decided"}), "feasible", start("2026-05-08", json!(0)), vec![0, 1, 2]),
        ] {
            let seen = simulated(&anyone, &route.at, json!([change])).await;
            let told = (&seen["after"]["verdict"], &seen["after"]["start"]);
            assert_eq!(told, (&json!(verdict), &start), "{change}");
            assert_eq!(changed(&route, &seen), steps, "{change}");
        }
    }

    async fn changes_happen_one_after_the_other(world: World) {
        let route = Route::new(&world).await;
        let anyone = world.anonymous();
        let changes = json!([
            {"kind": "meeting_added", "meeting_id": NOTHING, "body_id": route.bodies[1], "starts_at": local("2026-02-16 17:00")},
            {"kind": "meeting_moved", "meeting_id": NOTHING, "starts_at": local("2026-02-23 17:00")},
            {"kind": "meeting_held", "meeting_id": NOTHING},
            {"kind": "minutes_published", "meeting_id": NOTHING, "on": "2026-02-25"},
            {"kind": "step_handled", "step_id": route.steps[1], "meeting_id": NOTHING, "outcome": "approved"}
        ]);
        let moved = simulated(&anyone, &route.at, json!([changes[0], changes[1]])).await;
        // The default of its agenda deadline moves with it.
        let council = &moved["after"]["steps"][1]["earliest"];
        assert_eq!((&council["meeting_id"], &council["agenda_deadline"]), (&json!(NOTHING), &json!(local("2026-02-16 12:00"))));
        let seen = simulated(&anyone, &route.at, changes).await;
        let council = &seen["after"]["steps"][1];
        // Notice seven days after 25 February, 4 March, 30 days: Good Friday 3 April, so Tuesday 7 April.
        assert_eq!((&council["state"], &council["earliest"]["legal_force_on"]), (&json!("decided"), &json!("2026-04-08")));
    }

    async fn what_would_not_be_is_refused_at_its_place(world: World) {
        let route = Route::new(&world).await;
        let other = new_body(&route.region.city, "committee", "Lautakunta", 4).await;
        let foreign = meetings(&route.region.city, &other, &[("2026-02-11", "16:00", "18:00", "2026-02-04")]).await;
        let hidden = route.region.draft("A2", "public").await;
        let elsewhere = step(&route.region.city, &hidden, new_step(&other, "decision", &[])).await;
        let [prepares, decides, _] = &route.steps;
        let fine = json!({"kind": "meeting_held", "meeting_id": route.meetings[0][0]});
        let start = local("2026-02-16 17:00");
        let anyone = world.anonymous();
        for (change, pointer, code) in [
            (json!({"kind": "meeting_added", "body_id": NOTHING, "starts_at": start}), "body_id", "unknown_reference"),
            // Everyone sees this body; no step of the action is on it.
            (json!({"kind": "meeting_added", "body_id": other, "starts_at": start}), "body_id", "unknown_reference"),
            (json!({"kind": "meeting_added", "body_id": route.bodies[0], "meeting_id": route.meetings[1][0], "starts_at": start}), "meeting_id", "duplicate"),
            (json!({"kind": "meeting_added", "body_id": route.bodies[0], "starts_at": start, "ends_at": local("2026-02-16 16:00")}), "ends_at", "before_start"),
            (json!({"kind": "meeting_added", "body_id": route.bodies[0], "starts_at": start, "agenda_deadline": local("2026-02-16 18:00")}), "agenda_deadline", "after_start"),
            (json!({"kind": "meeting_cancelled", "meeting_id": foreign[0]}), "meeting_id", "unknown_reference"),
            (json!({"kind": "meeting_cancelled", "meeting_id": NOTHING}), "meeting_id", "unknown_reference"),
            (json!({"kind": "meeting_cancelled", "meeting_id": route.meetings[0][0]}), "meeting_id", "held"),
            (json!({"kind": "step_handled", "step_id": elsewhere, "day": "2026-02-16", "outcome": "approved"}), "step_id", "unknown_reference"),
            (json!({"kind": "step_handled", "step_id": prepares, "outcome": "approved"}), "meeting_id", "required"),
            (json!({"kind": "step_handled", "step_id": prepares, "day": "2026-02-16", "outcome": "approved"}), "day", "not_office_holder"),
            (json!({"kind": "step_handled", "step_id": prepares, "meeting_id": route.meetings[1][1], "outcome": "approved"}), "meeting_id", "unknown_reference"),
            (json!({"kind": "step_handled", "step_id": prepares, "meeting_id": route.meetings[0][1], "outcome": "returned", "returned_to_step_id": decides}), "returned_to_step_id", "not_before_it"),
            (json!({"kind": "dependency_changed", "step_id": prepares, "depends_on_step_id": decides, "gate": "final"}), "depends_on_step_id", "unknown_reference"),
            (json!({"kind": "minutes_published", "meeting_id": route.meetings[0][1], "on": "2026-02-01"}), "on", "before_meeting"),
            (json!({"kind": "target_moved", "action_id": NOTHING, "target_on": null}), "action_id", "unknown_reference"),
            (json!({"kind": "target_moved", "action_id": hidden.rsplit('/').next(), "target_on": null}), "action_id", "unknown_reference"),
        ] {
            let body = json!({"changes": [fine, change]});
            let refused = anyone.post(&format!("{}/timetable:simulate", route.at), body).await.refused(422, "request.invalid");
            let place = &refused["errors"][0];
            assert_eq!((place["pointer"].as_str(), place["code"].as_str()), (Some(&*format!("/changes/1/{pointer}")), Some(code)), "{change}");
        }
        let changes = json!({"changes": []});
        for at in [&hidden, &format!("/api/v1/actions/{NOTHING}")] {
            anyone.post(&format!("{at}/timetable:simulate"), changes.clone()).await.refused(404, "request.not_found");
        }
    }

    async fn a_simulation_may_be_repeated_at_will_and_takes_the_statements_of_a_timetable(world: World) {
        let route = Route::new(&world).await;
        let anyone = world.anonymous();
        let changes: Vec<_> = (0..100).map(|number| json!({
            "kind": "meeting_added", "body_id": route.bodies[number % 3], "starts_at": local(&format!("2026-09-{:02} 17:00", 1 + number % 28))
        })).collect();
        let path = format!("{}/timetable:simulate", route.at);
        let body = json!({"changes": changes, "objective": "latest", "now": "2026-01-16T10:00:00Z", "lang": "fi"});
        let said = world.statements(async { anyone.post(&path, body.clone()).await.expect(200) }).await;
        assert_eq!(said.len(), 8, "{said:?}");
        let mut answers = Vec::new();
        for (caller, key) in [(&anyone, "a"), (&route.region.city.editor, "a"), (&route.region.city.editor, "a")] {
            let request = caller.request(reqwest::Method::POST, &path).header("idempotency-key", key).json(&body);
            answers.push(caller.send(request).await.expect(200));
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]));
        assert_eq!((&answers[0]["after"]["objective"], &answers[0]["after"]["computed_at"]), (&json!("latest"), &json!("2026-01-16T10:00:00Z")));
        assert_eq!(answers[0]["after"]["critical_chain"].as_array().unwrap().last().unwrap()["text"], "aloitus");
        let more: Vec<_> = changes.iter().chain(&changes[..1]).collect();
        let refused = anyone.post(&path, json!({"changes": more})).await.refused(422, "request.invalid");
        assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!("/changes"), &json!("too_many")));
        assert_eq!(id(&anyone.get(&route.at).await.expect(200)), route.at.rsplit('/').next().unwrap());
    }
}
