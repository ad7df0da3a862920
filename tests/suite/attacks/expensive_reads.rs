//! Whoever asks for much at a time waits for itself, and the service says how it is all the while.

use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};
use yhteen_http::limits::Limits;
use yhteen_tests::{World, both};

const CALENDAR: &str = "/api/v1/calendar?from=2025-01-01&to=2026-12-31";

/// Takes every connection for reading, until what it answers is dropped.
async fn hold_connections(world: &World) -> Vec<Sender<()>> {
    let mut held = Vec::new();
    for _ in 0..4 {
        let (release, wait) = channel::<()>();
        let (began, begun) = tokio::sync::oneshot::channel();
        let store = world.app().store.clone();
        tokio::spawn(async move {
            let hold = store.read(move |_| {
                began.send(()).unwrap();
                // Until the other end is dropped.
                let _ = wait.recv();
                Ok(())
            });
            hold.await.unwrap();
        });
        begun.await.unwrap();
        held.push(release);
    }
    held
}

async fn until(what: &str, mut done: impl FnMut() -> bool) {
    let since = Instant::now();
    while !done() {
        assert!(since.elapsed() < Duration::from_secs(20), "{what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

both! {
    async fn one_caller_has_so_many_expensive_requests_at_hand(world: World) {
        let world = world.limited(Limits { expensive: 2, expensive_of_a_caller: 3, ..Limits::boundless() }).await;
        let held = hold_connections(&world).await;
        let ask = |from: &str| {
            let caller = world.anonymous().from(from);
            tokio::spawn(async move { caller.get(CALENDAR).await })
        };
        let asked: Vec<_> = (0..10).map(|_| ask("192.0.2.1")).collect();
        let done = || asked.iter().filter(|reply| reply.is_finished()).count();
        until("seven are refused", || done() == 7).await;
        let other = ask("192.0.2.2");
        until("the other has its turn", || world.app().expensive.at_hand() == 4).await;
        drop(held);
        let mut answered = 0;
        for reply in asked {
            let reply = reply.await.unwrap();
            if reply.status == 200 {
                answered += 1;
            } else {
                assert_eq!(reply.header("retry-after"), Some("2"));
                reply.refused(429, "request.too_many");
            }
        }
        assert_eq!(answered, 3);
        other.await.unwrap().expect(200);
        until("all turns are given back", || world.app().expensive.at_hand() == 0).await;
    }

    async fn who_hangs_up_keeps_its_turn_until_the_work_is_done(world: World) {
        let world = world.limited(Limits { expensive: 1, expensive_of_a_caller: 1, ..Limits::boundless() }).await;
        let held = hold_connections(&world).await;
        let caller = world.anonymous();
        let asked = tokio::spawn(async move { caller.get(CALENDAR).await });
        until("it has its turn", || world.app().expensive.at_hand() == 1).await;
        asked.abort();
        // Others of the network learn that there is work under way for them.
        world.anonymous().get(CALENDAR).await.refused(429, "request.too_many");
        drop(held);
        until("the turn is given back", || world.app().expensive.at_hand() == 0).await;
        world.anonymous().get(CALENDAR).await.expect(200);
    }

    async fn health_is_answered_while_every_connection_is_in_use(world: World) {
        let held = hold_connections(&world).await;
        let anyone = world.anonymous();
        let waiting: Vec<_> = (0..40)
            .map(|_| {
                let anyone = anyone.clone();
                tokio::spawn(async move { anyone.get("/api/v1/organisations").await })
            })
            .collect();
        for _ in 0..5 {
            anyone.get("/health/live").await.expect(200);
            anyone.get("/health/ready").await.expect(200);
        }
        assert!(waiting.iter().all(|reply| !reply.is_finished()));
        drop(held);
        for reply in waiting {
            reply.await.unwrap().expect(200);
        }
    }
}
