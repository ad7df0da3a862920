//! A caller that asks without end is told to come back later, and the others do not notice.

use std::num::NonZeroU32;
use yhteen_domain::roles::TokenScope;
use yhteen_domain::vocabulary::Vocabulary;
use yhteen_http::limits::Limits;
use yhteen_tests::{Reply, both};

const PATH: &str = "/api/v1/organisations";

fn limits(requests: u32, anonymous: u32) -> Limits {
    let number = |number| NonZeroU32::new(number).unwrap();
    Limits { requests: number(requests), anonymous_requests: number(anonymous), ..Limits::boundless() }
}

/// The fields of an answer: policy and standing.
#[track_caller]
fn fields(reply: &Reply) -> (&str, &str) {
    (reply.header("ratelimit-policy").unwrap(), reply.header("ratelimit").unwrap())
}

both! {
    async fn a_network_asks_so_often_by_the_minute(world: World) {
        let world = world.limited(limits(5, 3)).await;
        let anyone = world.anonymous().from("192.0.2.1");
        for left in [2, 1] {
            let reply = anyone.get(PATH).await;
            assert_eq!(fields(&reply), ("\"anonymous\";q=3;w=60", format!("\"anonymous\";r={left};t=20").as_str()));
            reply.expect(200);
        }
        // Errors say it as well, and count.
        let missing = anyone.get("/nowhere").await;
        assert_eq!(fields(&missing).1, "\"anonymous\";r=0;t=20");
        missing.refused(404, "request.not_found");
        let refused = anyone.get(PATH).await;
        let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=20).contains(&wait), "{wait}");
        assert_eq!(fields(&refused), ("\"anonymous\";q=3;w=60", format!("\"anonymous\";r=0;t={wait}").as_str()));
        let request_id = refused.header("x-request-id").unwrap().to_owned();
        assert_eq!(refused.refused(429, "request.too_many")["request_id"], request_id);
        // Who sends a token of its own invention is of that network still.
        anyone.with_token("x.y.z".into()).get(PATH).await.refused(429, "request.too_many");
        // Health is told to everyone, and others are others.
        for _ in 0..5 {
            anyone.get("/health/live").await.expect(200);
        }
        world.anonymous().from("192.0.2.2").get(PATH).await.expect(200);
        world.anonymous().from("2001:db8::1").get(PATH).await.expect(200);
    }

    async fn an_account_asks_so_often_by_the_minute_wherever_it_is(world: World) {
        let kotka = world.municipality("Kotka").await;
        let world = world.limited(limits(4, 1)).await;
        let one = world.client(&kotka.id, &[], TokenScope::ALL).await;
        let other = world.client(&kotka.id, &[], TokenScope::ALL).await;
        for number in 0..4 {
            let reply = one.from(&format!("192.0.2.{number}")).get("/api/v1/me").await;
            assert_eq!(fields(&reply), ("\"signed-in\";q=4;w=60", format!("\"signed-in\";r={};t=15", 3 - number).as_str()));
            reply.expect(200);
        }
        one.from("192.0.2.9").get("/api/v1/me").await.refused(429, "request.too_many");
        // A network that has used up its own share leaves that of an account alone.
        world.anonymous().from("192.0.2.1").get(PATH).await.expect(200);
        world.anonymous().from("192.0.2.1").get(PATH).await.refused(429, "request.too_many");
        other.from("192.0.2.1").get("/api/v1/me").await.expect(200);
    }
}
