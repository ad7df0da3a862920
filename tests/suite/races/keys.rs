//! Races of requests that name themselves by an idempotency key.

use super::{LANES, ROUNDS, TIMES, at_once, side_by_side};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use yhteen_tests::caller::id;
use yhteen_tests::process::Process;
use yhteen_tests::{Caller, Reply, both};

async fn post(caller: &Caller, path: &str, key: &str, body: &Value) -> Reply {
    caller.send(caller.request(Method::POST, path).header("idempotency-key", key).json(body)).await
}

both! {
    async fn one_key_through_two_processes_makes_one_thing(world: World) {
        let program = Path::new(env!("CARGO_BIN_EXE_yhteen-server"));
        let operator = world.join_the_present();
        let processes = [0, 1].map(|_| Process::start(program, &world.database, &world.base));
        for process in &processes {
            process.ready().await;
        }
        let ends = processes.each_ref().map(|process| operator.at(&process.base));
        side_by_side((0..LANES).map(|lane| {
            let [here, there] = ends.clone();
            async move {
                for round in 0..ROUNDS {
                    let (key, path) = (format!("{lane}.{round}"), "/api/v1/organisations");
                    let body = json!({"name": {"fi": format!("Järjestö {key}")}, "kind": "ngo"});
                    let (one, other) = at_once(round, post(&here, path, &key, &body), post(&there, path, &key, &body)).await;
                    for header in ["etag", "location"] {
                        assert_eq!(one.header(header).unwrap(), other.header(header).unwrap());
                    }
                    assert_eq!(one.expect(201), other.expect(201));
                }
            }
        }))
        .await;
        let made = world.anonymous().all("/api/v1/organisations").await;
        let names: BTreeSet<_> = made.iter().map(|it| it["name"]["fi"].as_str().unwrap()).collect();
        assert_eq!((made.len(), names.len()), (TIMES, TIMES));
    }

    async fn one_key_of_two_organisations_makes_one_thing_for_each(world: World) {
        let cities = [world.municipality("Kouvola").await, world.municipality("Kotka").await];
        side_by_side((0..LANES).map(|lane| {
            let cities = cities.clone();
            async move {
                let bodies = cities.each_ref().map(|city| {
                    json!({"organisation_id": city.id, "name": {"fi": "Lautakunta"}, "kind": "committee",
                        "agenda_lead": {"days": 7, "time": "12:00"}, "minutes_publication_days": 7})
                });
                for round in 0..ROUNDS {
                    let key = format!("{lane}.{round}");
                    let send = async |which: usize| post(&cities[which].admin, "/api/v1/bodies", &key, &bodies[which]).await;
                    let (one, other) = at_once(round, send(0), send(1)).await;
                    for (which, made) in [one.expect(201), other.expect(201)].into_iter().enumerate() {
                        assert_eq!(made["organisation_id"], cities[which].id.as_str());
                        assert_eq!(send(which).await.expect(201), made);
                    }
                }
            }
        }))
        .await;
        for city in cities {
            let made = city.viewer.all(&format!("/api/v1/bodies?organisation_id={}", city.id)).await;
            assert_eq!(made.iter().map(id).collect::<BTreeSet<_>>().len(), TIMES);
        }
    }
}
