//! Many actions at once, and several who do the work of the worker at the same time.

use super::{Stage, last_of_each, state, told};
use crate::seed::{self, Seen};
use serde_json::json;
use std::collections::BTreeSet;
use yhteen_persistence::timetable_changes::{Round, round};
use yhteen_tests::{World, both};

/// So many more actions that wait for the committee.
async fn more(world: &World, stage: &Stage, count: u32) {
    let parts = [(&stage.region.city, "accountable", "committed")];
    for _ in 0..count {
        let action = seed::action(world, &stage.region.programme, "agreed", &parts, Seen::ByEveryone).await;
        seed::step(world, &action, &stage.body).await;
    }
}

both! {
    async fn a_meeting_of_many_actions_takes_no_more_statements_than_one_of_few(world: World) {
        let stage = Stage::new(&world, "public").await;
        more(&world, &stage, 1).await;
        stage.region.city.admin.change(&format!("/api/v1/bodies/{}", stage.body), json!({"minutes_publication_days": 8})).await.expect(200);
        world.settle_timetables().await;
        stage.cancel(0).await;
        let few = world.statements(world.settle_timetables()).await;
        more(&world, &stage, 60).await;
        // They were put there without an event: the next day brings them up.
        world.set_clock("2026-01-16T10:00:00Z");
        world.settle_timetables().await;
        let stage = Stage { region: renewed(&world, &stage), ..stage };
        stage.cancel(1).await;
        let many = world.statements(world.settle_timetables()).await;
        assert_eq!(last_of_each(&told(&stage.region.city.viewer).await).len(), 62);
        // On PostgreSQL other transactions of the cluster may hold the feed back, so that it is looked at more often.
        let looks = |it: &&String| it.starts_with("SELECT") && (it.contains("`workers`") || it.contains("\"workers\"") || it.contains("change_events"));
        let work = |statements: &[String]| statements.len() - statements.iter().filter(looks).count();
        assert_eq!(work(&few), work(&many), "{few:#?}\n{many:#?}");
        assert!(work(&many) <= 20, "{many:#?}");
    }

    async fn more_actions_than_are_computed_together_are_each_told_of_once(world: World) {
        let stage = Stage::new(&world, "public").await;
        more(&world, &stage, 430).await;
        world.settle_timetables().await;
        stage.cancel(0).await;
        world.settle_timetables().await;
        let seen = told(&stage.region.city.viewer).await;
        assert_eq!(seen.len(), 2 * 431);
        let starts: BTreeSet<_> =
            last_of_each(&seen).into_values().map(|state| state["earliest_on"].as_str().unwrap().to_owned()).collect();
        assert_eq!(starts, BTreeSet::from(["2026-03-11".to_owned()]));
    }

    async fn whoever_works_at_the_same_time_tells_nothing_twice(world: World) {
        let stage = Stage::new(&world, "public").await;
        more(&world, &stage, 20).await;
        let app = &world.app();
        // Each of them takes the work for its own: the clocks of two go quite differently, so that no lease keeps them.
        let work = async |worker: u128| {
            let holder = uuid::Uuid::from_u128(worker);
            let ahead = chrono::TimeDelta::minutes(i64::try_from(worker).unwrap());
            let mut done = 0;
            for _ in 0..60 {
                done += u32::from(round(&app.store, holder, || app.now() + ahead).await.unwrap() == Round::Done);
            }
            done
        };
        let write = async {
            for day in 1..=20 {
                let starts_on = json!({"starts_on": format!("2026-03-{:02}", 1 + day % 14)});
                stage.region.city.editor.change(&stage.at, starts_on).await.expect(200);
                if day == 10 {
                    stage.cancel(0).await;
                }
            }
        };
        let (one, two, three, ()) = tokio::join!(work(1), work(2), work(3), write);
        assert!(one + two + three > 1);
        world.settle_timetables().await;
        let seen = told(&stage.region.city.viewer).await;
        let last = last_of_each(&seen);
        assert_eq!(last.len(), 21);
        assert_eq!(last[&stage.action], state("late", Some("2026-03-11"), Some(4), Some(0)));
    }
}

/// The same region with tokens of today.
fn renewed(world: &World, stage: &Stage) -> crate::actions::Region {
    let city = yhteen_tests::Organisation {
        admin: world.renewed(&stage.region.city.admin),
        editor: world.renewed(&stage.region.city.editor),
        viewer: world.renewed(&stage.region.city.viewer),
        ..stage.region.city.clone()
    };
    let crate::actions::Region { programme, county, town, outsider, .. } = &stage.region;
    crate::actions::Region {
        programme: programme.clone(),
        county: county.clone(),
        city,
        town: town.clone(),
        outsider: outsider.clone(),
    }
}
