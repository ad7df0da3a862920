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

/// Counts of reports: those of the states that are named, and as many as they come to.
fn reports(states: &[(&str, u32)]) -> Value {
    let mut counts = json!({"not_started": 0, "draft": 0, "submitted": 0, "returned": 0, "accepted": 0, "reported": 0,
        "owed": states.iter().map(|(_, count)| count).sum::<u32>()});
    for (state, count) in states {
        counts[*state] = json!(count);
    }
    counts
}

/// The counts of an answer but for what is overdue.
fn states(answer: &Value) -> Value {
    let mut counts = answer["reports"].clone();
    counts.as_object_mut().unwrap().remove("overdue").expect("what is overdue is always told");
    counts
}

both! {
    async fn what_is_owed_is_in_the_state_that_the_reader_may_know(world: World) {
        let stage = Stage::new(&world, Seen::ByEveryone).await;
        let check = |step: &'static str, seen: [&'static str; 4]| {
            let (stage, world) = (&stage, &world);
            async move {
                // The author, the coordinator, the accountable organisation, and anyone.
                let anyone = world.anonymous();
                let readers = [&stage.city.viewer, &stage.county.admin, &stage.lead.viewer, &anyone];
                for (number, (reader, state)) in readers.iter().zip(seen).enumerate() {
                    let expect = match state {
                        "not_started" => reports(&[("not_started", 2)]),
                        state => reports(&[("not_started", 1), (state, 1)]),
                    };
                    assert_eq!(states(&progress(reader, stage).await), expect, "{step}: reader {number}");
                }
            }
        };
        check("nothing", ["not_started"; 4]).await;
        let report = stage.draft(&stage.city).await;
        check("draft", ["draft", "not_started", "not_started", "not_started"]).await;
        let submit = format!("{report}:submit");
        stage.city.reporter.act(&submit).await.expect(200);
        check("submitted", ["submitted", "submitted", "submitted", "reported"]).await;
        stage.county.admin.post(&format!("{report}:return"), json!({"note": "Lisää"})).await.expect(200);
        check("returned", ["returned", "returned", "returned", "reported"]).await;
        stage.city.reporter.act(&submit).await.expect(200);
        stage.county.admin.act(&format!("{report}:accept")).await.expect(200);
        check("accepted", ["accepted"; 4]).await;
        stage.submitted(&stage.city).await;
        check("a second revision", ["accepted"; 4]).await;
    }

    async fn overdue_is_told_to_those_who_may_know_of_extensions(world: World) {
        let stage = Stage::new(&world, Seen::ByEveryone).await;
        let extension = format!("/api/v1/reporting-periods/{}/extensions/{}", stage.period, stage.city.id);
        stage.county.admin.put(&extension, json!({"until": "2026-03-10"})).await.expect(200);
        let of = async |reader: &Caller, day: &str| {
            world.set_clock(&format!("{day}T10:00:00Z"));
            let reader = if reader.token().is_some() { world.renewed(reader) } else { reader.clone() };
            let found = progress(&reader, &stage).await;
            let at = format!("{}/progress/reports?reporting_period_id={}", stage.programme, stage.period);
            let items = reader.all(&at).await;
            let of = |id: &str| items.iter().find(|it| it["organisation_id"] == id).unwrap()["days_overdue"].clone();
            let overdue = reader.all(&format!("{at}&overdue=true")).await.len();
            assert!(found["reports"]["overdue"].is_null() || found["reports"]["overdue"] == overdue, "{found}");
            (found["reports"]["overdue"].clone(), of(&stage.lead.id), of(&stage.city.id))
        };
        let null = Value::Null;
        let anyone = world.anonymous();
        assert_eq!(of(&stage.county.admin, "2026-02-28").await, (json!(0), json!(0), json!(0)));
        assert_eq!(of(&stage.county.admin, "2026-03-01").await, (json!(1), json!(1), json!(0)));
        assert_eq!(of(&stage.county.admin, "2026-03-11").await, (json!(2), json!(11), json!(1)));
        assert_eq!(of(&stage.city.viewer, "2026-03-11").await, (null.clone(), null.clone(), json!(1)));
        // With or without an extension: the same.
        assert_eq!(of(&anyone, "2026-03-05").await, (null.clone(), null.clone(), null.clone()));
        assert_eq!(of(&anyone, "2026-03-11").await, (null.clone(), null.clone(), null.clone()));
        let own = progress(&world.renewed(&stage.city.viewer), &stage).await;
        let by = |id: &str| own["organisations"].as_array().unwrap().iter().find(|it| it["organisation_id"] == id).unwrap();
        assert_eq!((&by(&stage.city.id)["reports"]["overdue"], &by(&stage.lead.id)["reports"]["overdue"]), (&json!(1), &null));
    }

    async fn the_list_names_the_organisations_behind_the_numbers(world: World) {
        let stage = Stage::new(&world, Seen::ByEveryone).await;
        let parts = [(&stage.lead, "accountable", "committed"), (&stage.stranger, "funding", "committed")];
        for _ in 0..3 {
            seed::action(&world, &stage.programme, "agreed", &parts, Seen::ByEveryone).await;
        }
        let hidden = seed::action(&world, &stage.programme, "agreed", &parts, Seen::ByParticipants).await;
        let report = stage.accepted(&stage.city).await;
        let (anyone, at) = (world.anonymous(), format!("{}/progress/reports", stage.programme));
        let items = anyone.all(&at).await;
        assert_eq!(items.len(), 8);
        let own = items.iter().find(|it| it["organisation_id"] == stage.city.id.as_str()).unwrap();
        assert_eq!(own, &json!({
            "reporting_period_id": stage.period, "action_id": stage.action, "action_code": own["action_code"],
            "action_title": {"fi": "Toimenpide"}, "organisation_id": stage.city.id, "organisation_name": {"fi": "Kotka"},
            "state": "accepted", "report_id": report.rsplit('/').next(), "due_on": null, "days_overdue": 0
        }));
        let count = async |query: &str| anyone.all(&format!("{at}?{query}")).await.len();
        assert_eq!(count(&format!("organisation_id={}", stage.lead.id)).await, 4);
        assert_eq!(count(&format!("organisation_id={}&organisation_id={}", stage.lead.id, stage.city.id)).await, 5);
        assert_eq!(count(&format!("action_id={}", stage.action)).await, 2);
        assert_eq!(count(&format!("action_id={hidden}")).await, 0);
        assert_eq!((count("state=accepted").await, count("state=accepted&state=not_started").await), (1, 8));
        // Of what is accepted everyone knows that it is not overdue.
        assert_eq!((count("overdue=false").await, count("overdue=true").await), (1, 0));
        assert_eq!(stage.lead.viewer.all(&at).await.len(), 10);

        // Page by page it is the same list.
        let (mut paged, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = anyone.get(&format!("{at}?limit=3{cursor}")).await.expect(200);
            paged.extend(page["items"].as_array().unwrap().clone());
            let Some(next) = page["next"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(paged, items);
        anyone.get(&format!("{at}?state=accepted{cursor}")).await.refused(400, "request.bad_cursor");
    }

    async fn an_action_that_is_not_seen_is_not_there(world: World) {
        let stage = Stage::new(&world, Seen::ByParticipants).await;
        stage.accepted(&stage.city).await;
        let own = progress(&stage.city.viewer, &stage).await;
        assert_eq!((&own["actions"]["in_progress"], states(&own)), (&json!(1), reports(&[("not_started", 1), ("accepted", 1)])));
        for caller in [world.anonymous(), stage.stranger.admin.clone()] {
            let seen = progress(&caller, &stage).await;
            assert_eq!((&seen["actions"]["in_progress"], states(&seen)), (&json!(0), reports(&[])));
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
        let some = |not_started| reports(&[("not_started", not_started), ("accepted", 1)]);
        assert_eq!(states(&seen), some(2));
        assert_eq!((&seen["actions"]["proposed"], &seen["actions"]["agreed"]), (&json!(1), &json!(1)));
        let by_goal = |index: usize| (&seen["goals"][index]["goal_id"], states(&seen["goals"][index]));
        assert_eq!(by_goal(0), (&json!(goals[0]), some(2)));
        assert_eq!(by_goal(1), (&json!(goals[1]), some(1)));
        assert_eq!(by_goal(2), (&json!(goals[2]), reports(&[])));
        for (goal, count) in [(0, 3), (1, 2), (2, 0)] {
            let at = format!("{}/progress/reports?goal_id={}", stage.programme, goals[goal]);
            assert_eq!(world.anonymous().all(&at).await.len(), count);
        }
        let organisations = seen["organisations"].as_array().unwrap();
        let own = |organisation: &str| organisations.iter().find(|it| it["organisation_id"] == organisation).unwrap();
        assert_eq!(states(own(&stage.lead.id)), reports(&[("not_started", 2)]));
        assert_eq!(states(own(&stage.city.id)), reports(&[("accepted", 1)]));
        assert_eq!((states(own(&stage.stranger.id)), &own(&stage.stranger.id)["actions"]["agreed"]), (reports(&[]), &json!(1)));
        assert_eq!(organisations.len(), 3);
    }

    async fn without_a_period_it_is_of_the_one_that_was_opened_most_recently(world: World) {
        let stage = Stage::new(&world, Seen::ByEveryone).await;
        let at = format!("{}/progress", stage.programme);
        let chosen = async || world.anonymous().get(&at).await.expect(200)["reporting_period_id"].clone();
        assert_eq!(chosen().await, stage.period.as_str());
        let add = async |code: &str, opens_on: &str, due_on: &str| {
            let mut body = year();
            (body["code"], body["opens_on"], body["due_on"]) = (json!(code), json!(opens_on), json!(due_on));
            period(&world.renewed(&stage.county.admin), &stage.programme, body).await
        };
        // The final evaluation begins with the programme, and opens at its end.
        add("FINAL2029", "2029-12-01", "2030-05-31").await;
        assert_eq!(chosen().await, stage.period.as_str());
        // Of two that open on one day, the one that is due first.
        add("MID2026", "2026-02-01", "2026-08-31").await;
        let half = add("2026H1", "2026-02-01", "2026-06-30").await;
        assert_eq!(chosen().await, stage.period.as_str());
        world.set_clock("2026-02-01T10:00:00Z");
        assert_eq!(chosen().await, half.as_str());
        let owed = world.anonymous().all(&format!("{at}/reports")).await;
        assert!(!owed.is_empty() && owed.iter().all(|it| it["reporting_period_id"] == half.as_str()), "{owed:?}");

        // Where none has been opened, nothing is owed.
        let other = active(&world.municipality("Virolahti").await, &[]).await;
        let none = world.anonymous().get(&format!("{other}/progress")).await.expect(200);
        assert_eq!((&none["reporting_period_id"], states(&none)), (&Value::Null, reports(&[])));
        assert!(world.anonymous().all(&format!("{other}/progress/reports")).await.is_empty());
    }

    async fn progress_takes_as_many_statements_for_one_action_as_for_many(world: World) {
        let stage = Stage::new(&world, Seen::ByEveryone).await;
        let paths = ["", "/reports", "/reports?limit=1"].map(|path| format!("{}/progress{path}", stage.programme));
        let mut before = Vec::new();
        for path in &paths {
            before.push(crate::statements::count(&world, path).await);
        }
        let parts = [(&stage.lead, "accountable", "committed"), (&stage.city, "implementing", "committed")];
        for _ in 0..20 {
            seed::action(&world, &stage.programme, "agreed", &parts, Seen::ByEveryone).await;
        }
        assert_eq!(world.anonymous().all(&paths[1]).await.len(), 42);
        for (path, before) in paths.iter().zip(before) {
            assert_eq!(crate::statements::count(&world, path).await, before, "{path}");
        }
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
