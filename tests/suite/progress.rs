//! Progress: counted over what each caller sees.

use crate::programmes::active;
use crate::reporting_periods::{period, year};
use crate::reports::Stage;
use crate::seed::{self, Seen};
use serde_json::{Value, json};
use yhteen_tests::caller::id;
use yhteen_tests::{Caller, both};

async fn progress(caller: &Caller, stage: &Stage) -> Value {
    caller.get(&format!("{}/progress?reporting_period_id={}", stage.programme, stage.period)).await.expect(200)
}

fn reports(owed: u32, submitted: u32, accepted: u32, missing: u32) -> Value {
    json!({"owed": owed, "submitted": submitted, "accepted": accepted, "missing": missing})
}

both! {
    async fn what_is_owed_is_missing_then_submitted_then_accepted(world: World) {
        let stage = Stage::new(&world, Seen::ByEveryone).await;
        let check = |step: &'static str, coordinator: Value, anyone: Value| {
            let (stage, world) = (&stage, &world);
            async move {
                assert_eq!(progress(&stage.county.admin, stage).await["reports"], coordinator, "{step}");
                // Nobody learns from the numbers of a report that it does not see.
                assert_eq!(progress(&world.anonymous(), stage).await["reports"], anyone, "{step}");
            }
        };
        check("nothing", reports(2, 0, 0, 2), reports(2, 0, 0, 2)).await;
        let report = stage.draft(&stage.city).await;
        check("draft", reports(2, 0, 0, 2), reports(2, 0, 0, 2)).await;
        stage.city.reporter.act(&format!("{report}:submit")).await.expect(200);
        check("submitted", reports(2, 1, 0, 1), reports(2, 0, 0, 2)).await;
        stage.county.admin.act(&format!("{report}:accept")).await.expect(200);
        check("accepted", reports(2, 0, 1, 1), reports(2, 0, 1, 1)).await;
        stage.submitted(&stage.city).await;
        check("a second revision", reports(2, 0, 1, 1), reports(2, 0, 1, 1)).await;
    }

    async fn an_action_that_is_not_seen_is_not_there(world: World) {
        let stage = Stage::new(&world, Seen::ByParticipants).await;
        stage.accepted(&stage.city).await;
        let own = progress(&stage.city.viewer, &stage).await;
        assert_eq!((&own["actions"]["in_progress"], &own["reports"]), (&json!(1), &reports(2, 0, 1, 1)));
        for caller in [world.anonymous(), stage.stranger.admin.clone()] {
            let seen = progress(&caller, &stage).await;
            assert_eq!((&seen["actions"]["in_progress"], &seen["reports"]), (&json!(0), &reports(0, 0, 0, 0)));
            assert_eq!(seen["organisations"], json!([]));
        }
    }

    async fn progress_is_told_by_goal_and_by_organisation(world: World) {
        let stage = Stage::new(&world, Seen::ByEveryone).await;
        let mut goals: Vec<String> = Vec::new();
        for (code, parent) in [("T1", None), ("T1.1", Some(0)), ("T2", None)] {
            let parent = parent.map(|index: usize| goals[index].clone());
            let body = json!({"code": code, "title": {"fi": "Tavoite"}, "parent_id": parent});
            let goal = stage.county.admin.post(&format!("{}/goals", stage.programme), body).await.expect(201);
            goals.push(id(&goal));
        }
        let parts = [
            (&stage.lead, "accountable", "committed"),
            (&stage.city, "funding", "invited"),
            (&stage.stranger, "supporting", "committed"),
        ];
        let second = seed::action(&world, &stage.programme, "agreed", &parts, Seen::ByEveryone).await;
        seed::action(&world, &stage.programme, "proposed", &parts, Seen::ByEveryone).await;
        seed::serves(&world, &stage.action, &goals[1]).await;
        seed::serves(&world, &second, &goals[0]).await;
        stage.accepted(&stage.city).await;

        let seen = progress(&world.anonymous(), &stage).await;
        assert_eq!(seen["reports"], reports(3, 0, 1, 2));
        assert_eq!((&seen["actions"]["proposed"], &seen["actions"]["agreed"]), (&json!(1), &json!(1)));
        let by_goal = |index: usize| (&seen["goals"][index]["goal_id"], &seen["goals"][index]["reports"]);
        assert_eq!(by_goal(0), (&json!(goals[0]), &reports(3, 0, 1, 2)));
        assert_eq!(by_goal(1), (&json!(goals[1]), &reports(2, 0, 1, 1)));
        assert_eq!(by_goal(2), (&json!(goals[2]), &reports(0, 0, 0, 0)));
        let organisations = seen["organisations"].as_array().unwrap();
        let own = |organisation: &str| organisations.iter().find(|it| it["organisation_id"] == organisation).unwrap();
        assert_eq!(own(&stage.lead.id)["reports"], reports(2, 0, 0, 2));
        assert_eq!(own(&stage.city.id)["reports"], reports(1, 0, 1, 0));
        assert_eq!((&own(&stage.stranger.id)["reports"], &own(&stage.stranger.id)["actions"]["agreed"]), (&reports(0, 0, 0, 0), &json!(1)));
        assert_eq!(organisations.len(), 3);
    }

    async fn without_a_period_it_is_of_the_one_that_has_begun_last(world: World) {
        let stage = Stage::new(&world, Seen::ByEveryone).await;
        stage.accepted(&stage.city).await;
        let at = format!("{}/progress", stage.programme);
        let asked = progress(&world.anonymous(), &stage).await;
        assert_eq!(world.anonymous().get(&at).await.expect(200), asked);
        // Where none has begun, nothing is owed.
        let other = active(&stage.county, &[]).await;
        let none = world.anonymous().get(&format!("{other}/progress")).await.expect(200);
        assert_eq!((&none["reporting_period_id"], &none["reports"]), (&Value::Null, &reports(0, 0, 0, 0)));
    }

    async fn progress_is_of_a_programme_and_a_period_of_its_own(world: World) {
        let stage = Stage::new(&world, Seen::ByEveryone).await;
        let other = active(&stage.county, &[]).await;
        let foreign = period(&stage.county.admin, &other, year()).await;
        let anyone = world.anonymous();
        let at = format!("{}/progress", stage.programme);
        for query in ["?reporting_period_id=x", &format!("?reporting_period_id={foreign}"), "?period=1"] {
            anyone.get(&format!("{at}{query}")).await.refused(400, "request.bad_parameter");
        }
        let nothing = "/api/v1/programmes/00000000-0000-7000-8000-000000000000/progress";
        anyone.get(nothing).await.refused(404, "request.not_found");
        let reply = anyone.get(&format!("{at}?reporting_period_id={}", stage.period)).await;
        let etag = reply.header("etag").unwrap().to_owned();
        let known = anyone.request(reqwest::Method::GET, &format!("{at}?reporting_period_id={}", stage.period));
        assert_eq!(anyone.send(known.header("if-none-match", etag)).await.status, 304);
    }
}
