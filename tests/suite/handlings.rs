//! Handlings: what bodies did, the remedies sought against it, and when the action may start.

use crate::bookings::Matter;
use serde_json::{Value, json};
use yhteen_tests::{Caller, World, both};

/// Moves on to a day on which everyone has signed in again: the town's editor and the city's.
fn on(world: &World, matter: &mut Matter, day: &str) -> (Caller, Caller) {
    world.set_clock(&format!("{day}T18:00:00Z"));
    matter.region.town.editor = world.renewed(&matter.region.town.editor);
    matter.region.city.editor = world.renewed(&matter.region.city.editor);
    (matter.region.town.editor.clone(), matter.region.city.editor.clone())
}

fn handled(meeting: &Value, outcome: &str) -> Value {
    let mut handling = meeting.clone();
    handling["outcome"] = json!(outcome);
    handling
}

both! {
    async fn a_decision_is_recorded_once_and_superseded_where_it_is_wrong(world: World) {
        let mut matter = Matter::new(&world).await;
        let handlings = format!("{}/handlings", matter.step);
        matter.region.town.editor.post(&handlings, handled(&matter.meeting(0), "approved")).await
            .refused(409, "handling.not_begun");
        let (town, city) = on(&world, &mut matter, "2026-03-03");
        let mut new = handled(&matter.meeting(0), "approved");
        new["agenda_number"] = json!("§ 12");
        new["resolution"] = json!({"fi": "Hyväksyttiin.", "sv": "Godkändes."});
        new["minutes_url"] = json!("https://www.example.org/poytakirja.pdf");
        city.post(&handlings, new.clone()).await.refused(403, "auth.forbidden");
        let reply = town.post(&handlings, new.clone()).await;
        let location = reply.header("location").unwrap().to_owned();
        let recorded = reply.expect(201);
        assert!(location.ends_with(&format!("/api/v1/handlings/{}", recorded["id"].as_str().unwrap())));
        let path = format!("/api/v1/handlings/{}", recorded["id"].as_str().unwrap());
        assert_eq!(world.anonymous().get(&path).await.expect(200), recorded);
        town.post(&handlings, new).await.refused(409, "handling.already_recorded");
        let step = world.anonymous().get(&matter.step).await.expect(200);
        assert_eq!((&step["state"], &step["handlings"]), (&json!("decided"), &json!([recorded])));

        let corrected = town.post(&format!("{path}:supersede"), handled(&matter.meeting(0), "tabled")).await.expect(201);
        let step = world.anonymous().get(&matter.step).await.expect(200);
        assert_eq!((&step["state"], &step["handlings"][1]), (&json!("open"), &corrected));
        assert_eq!(step["handlings"][0]["superseded_by_id"], corrected["id"]);
        town.post(&format!("{path}:supersede"), handled(&matter.meeting(0), "approved")).await
            .refused(409, "handling.superseded");
        let gone = world.anonymous().get("/api/v1/handlings/00000000-0000-7000-8000-000000000000").await;
        gone.refused(404, "request.not_found");
    }

    async fn what_is_tabled_moves_on_and_keeps_its_history(world: World) {
        let mut matter = Matter::new(&world).await;
        matter.region.town.editor.post(&format!("{}:book", matter.step), matter.meeting(0)).await.expect(200);
        let (town, _) = on(&world, &mut matter, "2026-03-03");
        let handlings = format!("{}/handlings", matter.step);
        town.post(&handlings, handled(&matter.meeting(0), "tabled")).await.expect(201);
        let seen = matter.timetable(&world).await;
        let step = &seen["steps"][0];
        assert_eq!((&step["state"], &step["earliest"]["meeting_id"]), (&json!("open"), &json!(matter.meetings[1])));
        let (town, _) = on(&world, &mut matter, "2026-04-07");
        town.post(&handlings, handled(&matter.meeting(1), "approved_amended")).await.expect(201);
        let step = world.anonymous().get(&matter.step).await.expect(200);
        let outcomes: Vec<_> = step["handlings"].as_array().unwrap().iter().map(|it| it["outcome"].as_str()).collect();
        assert_eq!((&step["state"], outcomes), (&json!("decided"), vec![Some("tabled"), Some("approved_amended")]));
        let (town, _) = on(&world, &mut matter, "2026-05-05");
        town.post(&handlings, handled(&matter.meeting(2), "approved")).await.refused(409, "handling.decided");
    }

    async fn what_is_rejected_shows_at_once_in_the_verdict_and_in_the_actions_readiness(world: World) {
        let mut matter = Matter::new(&world).await;
        let missing = |reason: &str| {
            let id = matter.step.rsplit('/').next().unwrap().to_owned();
            json!([{"step_id": id, "reason": reason, "expected_on": null}])
        };
        let before = world.anonymous().get(&matter.action).await.expect(200);
        let not_decided = json!({"ready": false, "start_gate": "decided", "missing": missing("not_decided")});
        assert_eq!(before["readiness"], not_decided);
        let rejected = missing("rejected");
        let (town, city) = on(&world, &mut matter, "2026-03-03");
        town.post(&format!("{}/handlings", matter.step), handled(&matter.meeting(0), "rejected")).await.expect(201);
        let seen = matter.timetable(&world).await;
        assert_eq!((&seen["verdict"], &seen["blocking"][0]["reason"]), (&json!("infeasible"), &json!("rejected")));
        let after = world.anonymous().get(&matter.action).await.expect(200);
        assert_eq!(after["readiness"]["missing"], rejected);
        city.act(&format!("{}:agree", matter.action)).await.expect(200);
        let refused = city.act(&format!("{}:start", matter.action)).await.refused(409, "action.not_decided");
        assert_eq!(refused["errors"][0]["code"], "rejected");
    }

    async fn a_remedy_holds_legal_force_back_and_its_ruling_says_how_it_goes_on(world: World) {
        let mut matter = Matter::new(&world).await;
        let gate = json!({"start_gate": "final"});
        matter.region.city.editor.change(&matter.action, gate).await.expect(200);
        let (town, _) = on(&world, &mut matter, "2026-03-03");
        let claims = format!("{}/remedy-claims", matter.step);
        let claim = |kind: &str, on: &str| json!({"kind": kind, "filed_on": on});
        town.post(&claims, claim("rectification", "2026-03-03")).await.refused(409, "remedy.no_decision");
        town.post(&format!("{}/handlings", matter.step), handled(&matter.meeting(0), "approved")).await.expect(201);
        // Minutes on Saturday 7 March, notice on 14 March, 14 days: Saturday 28 March, so Monday 30 March.
        let expected = |seen: &Value| seen["readiness"]["missing"][0]["expected_on"].clone();
        assert_eq!(expected(&world.anonymous().get(&matter.action).await.expect(200)), "2026-03-31");

        let (town, city) = on(&world, &mut matter, "2026-03-20");
        town.post(&claims, claim("appeal", "2026-03-20")).await.refused(409, "remedy.not_available");
        let filed = town.post(&claims, claim("rectification", "2026-03-20")).await.expect(201);
        let seen = world.anonymous().get(&matter.action).await.expect(200);
        let reason = |seen: &Value| seen["readiness"]["missing"][0]["reason"].clone();
        assert_eq!((reason(&seen), expected(&seen)), (json!("appeal_pending"), Value::Null));
        assert_eq!(matter.timetable(&world).await["blocking"][0]["reason"], "appeal_pending");
        city.act(&format!("{}:agree", matter.action)).await.expect(200);

        let (town, _) = on(&world, &mut matter, "2026-04-21");
        let rule = |claim: &Value| format!("/api/v1/remedy-claims/{}:rule", claim["id"].as_str().unwrap());
        let dismissed = json!({"outcome": "dismissed", "on": "2026-04-20"});
        let ruled = town.post(&rule(&filed), dismissed.clone()).await.expect(200);
        assert_eq!((&ruled["ruling"], &ruled["ruled_on"]), (&json!("dismissed"), &json!("2026-04-20")));
        assert_eq!(town.post(&rule(&filed), dismissed).await.expect(200), ruled);
        let otherwise = json!({"outcome": "upheld", "on": "2026-04-20"});
        town.post(&rule(&filed), otherwise).await.refused(409, "remedy.ruled");
        // A dismissed claim opens an appeal of 30 days from 20 April: Wednesday 20 May.
        let seen = world.anonymous().get(&matter.action).await.expect(200);
        assert_eq!((reason(&seen), expected(&seen)), (json!("not_final"), json!("2026-05-21")));

        let appealed = town.post(&claims, claim("appeal", "2026-04-21")).await.expect(201);
        let upheld = json!({"outcome": "upheld", "on": "2026-04-21"});
        town.post(&rule(&appealed), upheld).await.expect(200);
        assert_eq!(reason(&world.anonymous().get(&matter.action).await.expect(200)), "annulled");
        assert_eq!(matter.timetable(&world).await["blocking"][0]["reason"], "annulled");
    }

    async fn a_held_meeting_without_minutes_is_flagged_and_its_legal_force_stays_ahead(world: World) {
        let mut matter = Matter::new(&world).await;
        let (town, _) = on(&world, &mut matter, "2026-03-03");
        let meeting = format!("/api/v1/meetings/{}", matter.meetings[0]);
        for state in ["invited", "held"] {
            town.change(&meeting, json!({"state": state})).await.expect(200);
        }
        town.post(&format!("{}/handlings", matter.step), handled(&matter.meeting(0), "approved")).await.expect(201);
        // Sixty days later nothing is known of the minutes.
        let (town, _) = on(&world, &mut matter, "2026-05-02");
        let step = &matter.timetable(&world).await["steps"][0];
        assert_eq!(step["earliest"]["minutes_overdue"], true);
        // If they came out today: notice on 9 May, 14 days: Saturday 23 May, so Monday 25 May.
        assert_eq!(step["earliest"]["legal_force_on"], "2026-05-26");
        town.change(&meeting, json!({"minutes_published_on": "2026-03-10"})).await.expect(200);
        let step = &matter.timetable(&world).await["steps"][0];
        assert_eq!((&step["earliest"]["minutes_overdue"], &step["earliest"]["legal_force_on"]), (&json!(false), &json!("2026-04-01")));
    }
}
