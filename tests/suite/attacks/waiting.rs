//! Those who wait for changes cost nothing until there is one for them.

use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use yhteen_http::limits::Limits;
use yhteen_tests::{Caller, Reply, World, both};

/// The position of the present, once the feed shows all that there is.
async fn now(world: &World, caller: &Caller) -> String {
    until("the feed has settled", || world.database.has_settled()).await;
    let feed = caller.get("/api/v1/changes?after=now").await.expect(200);
    feed["next"].as_str().unwrap().to_owned()
}

fn wait(caller: &Caller, cursor: &str, seconds: u8) -> JoinHandle<Reply> {
    let (caller, path) = (caller.clone(), format!("/api/v1/changes?after={cursor}&wait={seconds}"));
    tokio::spawn(async move { caller.get(&path).await })
}

async fn until(what: &str, mut done: impl FnMut() -> bool) {
    let since = Instant::now();
    while !done() {
        assert!(since.elapsed() < Duration::from_secs(20), "{what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn items(reply: Reply) -> Vec<Value> {
    reply.expect(200)["items"].as_array().unwrap().clone()
}

both! {
    async fn nobody_is_woken_by_what_is_not_theirs(world: World) {
        let kotka = world.municipality("Kotka").await;
        let anyone = world.anonymous();
        let cursor = now(&world, &anyone).await;
        let waiting: Vec<_> = (0..30).map(|_| wait(&anyone, &cursor, 3)).collect();
        let tide = &world.app().tide;
        until("all wait", || tide.waiting() == 30).await;
        let woken = tide.woken();
        for number in 0..10 {
            let body = json!({"organisation_id": kotka.id, "name": "A", "email": format!("{number}@example.org")});
            kotka.admin.post("/api/v1/users", body).await.expect(201);
        }
        for reply in waiting {
            assert_eq!(items(reply.await.unwrap()).len(), 0);
        }
        assert_eq!(tide.woken(), woken);
        assert_eq!(tide.waiting(), 0);
    }

    async fn what_concerns_many_is_read_once(world: World) {
        let anyone = world.anonymous();
        let cursor = now(&world, &anyone).await;
        let tide = &world.app().tide;
        let before = tide.looks();
        let statements = world.statements(async {
            let waiting: Vec<_> = (0..50).map(|_| wait(&anyone, &cursor, 30)).collect();
            until("all wait", || tide.waiting() == 50).await;
            let body = json!({"name": {"fi": "Järjestö"}, "kind": "ngo"});
            world.operator.post("/api/v1/organisations", body).await.expect(201);
            for reply in waiting {
                assert_eq!(items(reply.await.unwrap()).len(), 1);
            }
        });
        let statements = statements.await;
        let reads = statements.iter().filter(|text| text.starts_with("SELECT") && text.contains("seen_before")).count();
        // Each has looked once, when it came.
        let looks = 50 + usize::try_from(tide.looks() - before).unwrap();
        assert!(reads <= looks, "{reads} reads in {looks} looks");
    }

    async fn one_caller_waits_with_so_many_requests(world: World) {
        let limits = Limits { waiting: 8, waiting_of_a_caller: 3, ..Limits::boundless() };
        let world = world.limited(limits).await;
        let tide = &world.app().tide;
        let (here, there) = (world.anonymous().from("192.0.2.1"), world.anonymous().from("192.0.2.2"));
        let cursor = now(&world, &here).await;
        let path = format!("/api/v1/changes?after={cursor}&wait=30");
        let mut waiting: Vec<_> = (0..3).map(|_| wait(&here, &cursor, 30)).collect();
        until("three wait", || tide.waiting() == 3).await;
        let refused = here.get(&path).await;
        assert_eq!(refused.header("retry-after"), Some("5"));
        refused.refused(429, "request.too_many");
        // Whoever does not wait is answered.
        here.get(&format!("/api/v1/changes?after={cursor}")).await.expect(200);
        // Strangers together have half of the places.
        waiting.push(wait(&there, &cursor, 30));
        until("four wait", || tide.waiting() == 4).await;
        there.get(&path).await.refused(503, "service.unavailable");
        let own = now(&world, &world.operator).await;
        waiting.push(wait(&world.operator, &own, 30));
        until("five wait", || tide.waiting() == 5).await;
        let body = json!({"name": {"fi": "Järjestö"}, "kind": "ngo"});
        world.operator.post("/api/v1/organisations", body).await.expect(201);
        for reply in waiting {
            assert_eq!(items(reply.await.unwrap()).len(), 1);
        }
        until("nobody waits", || tide.waiting() == 0).await;
    }
}
