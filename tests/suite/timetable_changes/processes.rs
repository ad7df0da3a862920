//! The program itself tells of timetables: two processes on one database, of which one after the other is killed.

use super::{last_of_each, step, told};
use crate::actions::region;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};
use yhteen_tests::caller::id;
use yhteen_tests::process::Process;
use yhteen_tests::{Caller, both};

/// What the timetables of the actions come to now, as they are shown.
async fn shown(reader: &Caller, actions: &[String]) -> BTreeMap<String, Value> {
    let mut shown = BTreeMap::new();
    for at in actions {
        let timetable = reader.get(&format!("{at}/timetable")).await.expect(200);
        let steps = timetable["steps"].as_array().unwrap().iter();
        let slack =
            steps.filter(|step| step["state"] != "decided").filter_map(|step| step["slack_days"].as_i64()).min();
        let start = &timetable["start"];
        let state = json!({"verdict": timetable["verdict"], "earliest_on": start["earliest_on"],
            "delay_days": start["delay_days"], "slack_days": slack});
        shown.insert(at.rsplit('/').next().unwrap().to_owned(), state);
    }
    shown
}

/// Waits until all that changed has been told, by whoever is left to do it.
async fn caught_up(reader: &Caller, actions: &[String]) {
    let since = Instant::now();
    loop {
        let told = last_of_each(&told(reader).await);
        let shown = shown(reader, actions).await;
        if told == shown {
            return;
        }
        assert!(since.elapsed() < Duration::from_secs(50), "this is told: {told:#?}\nthis is shown: {shown:#?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

both! {
    async fn one_is_killed_and_the_other_goes_on(world: World) {
        world.join_the_present();
        let region = region(&world).await;
        let (city, today) = (&region.city, world.app().today());
        let day = |days: u64| today + chrono::Days::new(days);
        let new = json!({"organisation_id": city.id, "name": {"fi": "Lautakunta"}, "kind": "committee",
            "agenda_lead": {"days": 7, "time": "12:00"}, "minutes_publication_days": 7});
        let body = id(&city.admin.post("/api/v1/bodies", new).await.expect(201));
        let mut meetings = Vec::new();
        for number in 1..=12 {
            let new = json!({"starts_at": format!("{}T15:00:00Z", day(20 * number))});
            meetings.push(id(&city.editor.post(&format!("/api/v1/bodies/{body}/meetings"), new).await.expect(201)));
        }
        let mut actions = Vec::new();
        for number in 0..6 {
            let at = region.draft(&format!("A{number}"), "public").await;
            step(&city.editor, &at, &body).await;
            actions.push(at);
        }

        let program = Path::new(env!("CARGO_BIN_EXE_yhteen-server"));
        let start = || Process::start(program, &world.database, &world.base);
        let mut servers = [start(), start()];
        for turn in 0..4_usize {
            for server in &servers {
                server.ready().await;
            }
            for write in 0..30_usize {
                let editor = city.editor.at(&servers[write % 2].base);
                let starts_on = day(15 + u64::try_from((turn * 37 + write * 53) % 240).unwrap());
                editor.change(&actions[write % actions.len()], json!({"starts_on": starts_on})).await.expect(200);
                if write == 7 || write == 21 {
                    let meeting = &meetings[2 * turn + usize::from(write == 21)];
                    editor.act(&format!("/api/v1/meetings/{meeting}:cancel")).await.expect(200);
                }
                tokio::time::sleep(Duration::from_millis(u64::try_from(write % 4).unwrap() * 20)).await;
            }
            let dead = turn % 2;
            servers[dead].kill();
            let left = city.viewer.at(&servers[1 - dead].base);
            if turn == 3 {
                caught_up(&left, &actions).await;
            } else {
                servers[dead] = start();
            }
        }
        let seen = told(&city.viewer).await;
        assert!(seen.len() > 2 * actions.len(), "only {} changes were told", seen.len());
    }

    async fn a_process_that_is_left_alone_tells_within_moments(world: World) {
        world.join_the_present();
        let region = region(&world).await;
        let at = region.draft("A1", "public").await;
        let program = Path::new(env!("CARGO_BIN_EXE_yhteen-server"));
        let server = Process::start(program, &world.database, &world.base);
        server.ready().await;
        let new = json!({"organisation_id": region.city.id, "name": {"fi": "Lautakunta"}, "kind": "committee",
            "agenda_lead": {"days": 7, "time": "12:00"}, "minutes_publication_days": 7});
        let body = id(&region.city.admin.post("/api/v1/bodies", new).await.expect(201));
        // By the world's own server, which is another process's commit for the worker.
        step(&region.city.editor, &at, &body).await;
        let written = Instant::now();
        let viewer = region.city.viewer.at(&server.base);
        caught_up(&viewer, &[at]).await;
        assert!(written.elapsed() < Duration::from_secs(10), "{:?}", written.elapsed());
    }
}
