//! Whoever signs in with many threads, even with the right password, leaves room for the others.

use crate::oauth::{PASSWORD, user};
use reqwest::Method;
use std::num::NonZeroU32;
use yhteen_http::limits::Limits;
use yhteen_tests::{Reply, World, both};

fn sign_in(world: &World, from: &str, email: &str) -> tokio::task::JoinHandle<Reply> {
    let (caller, email) = (world.anonymous().from(from), email.to_owned());
    tokio::spawn(async move {
        let form = [("grant_type", "password"), ("username", email.as_str()), ("password", PASSWORD)];
        caller.send(caller.request(Method::POST, "/oauth/token").form(&form)).await
    })
}

/// How many were let in; the others were told to come back.
async fn let_in(flood: Vec<tokio::task::JoinHandle<Reply>>) -> usize {
    let mut count = 0;
    for reply in flood {
        let reply = reply.await.unwrap();
        if reply.status == 200 {
            count += 1;
        } else {
            assert!(reply.header("retry-after").is_some());
            reply.refused(429, "auth.throttled");
        }
    }
    count
}

both! {
    async fn one_account_signs_in_so_often_by_the_minute(world: World) {
        let kotka = world.municipality("Kotka").await;
        for email in ["one@example.org", "other@example.org"] {
            user(&kotka, email, "editor").await;
        }
        let world = world.limited(Limits { sign_ins: NonZeroU32::MIN, ..Limits::boundless() }).await;
        let flood = (0..60).map(|_| sign_in(&world, "192.0.2.1", "one@example.org")).collect();
        let other = sign_in(&world, "192.0.2.1", "other@example.org");
        // Once, and once more when the network has become one that the account is known from.
        let count = let_in(flood).await;
        assert!((1..=2).contains(&count), "{count}");
        other.await.unwrap().expect(200);
        // From many networks together no more often.
        let flood = (0..60).map(|number| sign_in(&world, &format!("198.51.100.{number}"), "one@example.org")).collect();
        let count = let_in(flood).await;
        assert!(count <= 1, "{count}");
    }

    async fn a_crowd_of_sign_ins_waits_for_itself(world: World) {
        let kotka = world.municipality("Kotka").await;
        for email in ["one@example.org", "other@example.org", "neighbour@example.org"] {
            user(&kotka, email, "editor").await;
        }
        let flood: Vec<_> = (0..100).map(|_| sign_in(&world, "192.0.2.1", "one@example.org")).collect();
        let neighbour = sign_in(&world, "192.0.2.1", "neighbour@example.org");
        let other = sign_in(&world, "203.0.113.7", "other@example.org");
        other.await.unwrap().expect(200);
        neighbour.await.unwrap().expect(200);
        let count = let_in(flood).await;
        assert!((1..100).contains(&count), "{count}");
        assert_eq!(world.app().hashing.free(), 2);
    }
}
