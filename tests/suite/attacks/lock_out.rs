//! Whoever guesses at passwords is slowed down, and keeps nobody out by it.

use crate::oauth::{PASSWORD, user};
use reqwest::Method;
use serde_json::json;
use yhteen_domain::accounts::{Account, AccountKind};
use yhteen_domain::meta::Meta;
use yhteen_domain::text::{Email, Text};
use yhteen_persistence::{Actor, Tx, accounts};
use yhteen_tests::{Reply, World, both, caller::id};

const HOME: &str = "192.0.2.1";

async fn sign_in(world: &World, from: &str, email: &str, password: &str) -> Reply {
    let form = [("grant_type", "password"), ("username", email), ("password", password)];
    let caller = world.anonymous().from(from);
    caller.send(caller.request(Method::POST, "/oauth/token").form(&form)).await
}

async fn machine(world: &World, from: &str, id: &str, secret: &str) -> Reply {
    let form = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
    let caller = world.anonymous().from(from);
    caller.send(caller.request(Method::POST, "/oauth/token").form(&form)).await
}

/// Guesses once from each of so many networks; answers how many guesses were looked at.
async fn guess(world: &World, email: &str, networks: std::ops::Range<u32>) -> usize {
    let mut looked_at = 0;
    for number in networks {
        let reply = sign_in(world, &format!("198.51.{}.{}", 100 + number / 250, number % 250), email, "wrong").await;
        if reply.status == 429 {
            reply.refused(429, "auth.throttled");
        } else {
            reply.refused(400, "oauth.invalid_grant");
            looked_at += 1;
        }
    }
    looked_at
}

/// The operator's own account, with a password.
async fn operator(world: &World, email: &str) {
    let hash =
        world.app().hashing.hash(world.app().fresh(), yhteen_domain::accounts::Password::parse(PASSWORD).unwrap());
    let (hash, now) = (hash.await.unwrap(), world.app().now());
    let account = Account {
        id: world.app().fresh(),
        meta: Meta::new(now),
        kind: AccountKind::User,
        organisation_id: None,
        name: Text::parse("Ylläpito").unwrap(),
        email: Some(Email::parse(email).unwrap()),
        scopes: vec![yhteen_domain::roles::TokenScope::OrganisationsRead],
        operator: true,
        deactivated_at: None,
        roles: [].into(),
    };
    let create = move |tx: &mut Tx<'_>| accounts::create(tx, &account, Some(&hash));
    world.app().store.write(Actor::default(), now, create).await.unwrap();
}

both! {
    async fn strangers_keep_nobody_out_of_a_network_that_the_account_has_signed_in_from(world: World) {
        let kotka = world.municipality("Kotka").await;
        user(&kotka, "kirjaaja@example.org", "editor").await;
        operator(&world, "operator@example.org").await;
        for email in ["kirjaaja@example.org", "operator@example.org"] {
            sign_in(&world, HOME, email, PASSWORD).await.expect(200);
            // However many networks guess, they are looked at twenty times in all.
            assert_eq!(guess(&world, email, 0..40).await, 20);
            sign_in(&world, HOME, email, "a slip of the hand").await.refused(400, "oauth.invalid_grant");
            sign_in(&world, HOME, email, PASSWORD).await.expect(200);
            // From elsewhere its owner waits as the strangers do.
            let elsewhere = sign_in(&world, "203.0.113.7", email, PASSWORD).await;
            assert!(elsewhere.header("retry-after").is_some());
            elsewhere.refused(429, "auth.throttled");
        }
    }

    async fn an_account_that_everyone_guesses_at_is_guessed_at_slowly(world: World) {
        let kotka = world.municipality("Kotka").await;
        user(&kotka, "kirjaaja@example.org", "editor").await;
        assert_eq!(guess(&world, "kirjaaja@example.org", 0..30).await, 20);
        // In the hour that follows, with fresh networks every minute: the wait doubles up to a quarter of an hour.
        let mut looked_at = 0;
        for minute in 1..60 {
            world.set_clock(&format!("2026-01-15T10:{minute:02}:00Z"));
            looked_at += guess(&world, "kirjaaja@example.org", minute * 4..minute * 4 + 4).await;
        }
        assert!((5..=12).contains(&looked_at), "{looked_at}");
    }

    async fn who_shares_a_network_is_not_kept_out_by_a_neighbour(world: World) {
        let kotka = world.municipality("Kotka").await;
        user(&kotka, "kirjaaja@example.org", "editor").await;
        let body = json!({"organisation_id": kotka.id, "name": "Kokousjärjestelmä", "scopes": ["meetings:read"]});
        let made = kotka.admin.post("/api/v1/clients", body).await.expect(201);
        let (client, secret) = (id(&made), made["client_secret"].as_str().unwrap().to_owned());
        sign_in(&world, HOME, "kirjaaja@example.org", PASSWORD).await.expect(200);
        machine(&world, HOME, &client, &secret).await.expect(200);
        // The neighbour goes through accounts, until the network has to wait.
        for number in 0..100 {
            machine(&world, HOME, &number.to_string(), "x").await.refused(401, "oauth.invalid_client");
        }
        machine(&world, HOME, "100", "x").await.refused(429, "auth.throttled");
        sign_in(&world, HOME, "kirjaaja@example.org", PASSWORD).await.expect(200);
        machine(&world, HOME, &client, &secret).await.expect(200);
        // Who guesses at that account itself waits, also there.
        for _ in 0..5 {
            sign_in(&world, HOME, "kirjaaja@example.org", "wrong").await.refused(400, "oauth.invalid_grant");
        }
        sign_in(&world, HOME, "kirjaaja@example.org", PASSWORD).await.refused(429, "auth.throttled");
    }

    async fn a_network_is_one_address_of_ipv4_and_a_household_of_ipv6(world: World) {
        let kotka = world.municipality("Kotka").await;
        user(&kotka, "kirjaaja@example.org", "editor").await;
        sign_in(&world, "2001:db8:1:2::1", "kirjaaja@example.org", PASSWORD).await.expect(200);
        assert_eq!(guess(&world, "kirjaaja@example.org", 0..25).await, 20);
        sign_in(&world, "2001:db8:1:2:ffff::9", "kirjaaja@example.org", PASSWORD).await.expect(200);
        sign_in(&world, "2001:db8:1:3::1", "kirjaaja@example.org", PASSWORD).await.refused(429, "auth.throttled");
    }

    async fn an_account_is_known_from_its_ten_latest_networks_for_ninety_days(world: World) {
        let kotka = world.municipality("Kotka").await;
        user(&kotka, "kirjaaja@example.org", "editor").await;
        for day in 1..=11 {
            world.set_clock(&format!("2026-02-{day:02}T10:00:00Z"));
            sign_in(&world, &format!("192.0.2.{day}"), "kirjaaja@example.org", PASSWORD).await.expect(200);
        }
        assert_eq!(guess(&world, "kirjaaja@example.org", 0..25).await, 20);
        sign_in(&world, "192.0.2.2", "kirjaaja@example.org", PASSWORD).await.expect(200);
        sign_in(&world, "192.0.2.1", "kirjaaja@example.org", PASSWORD).await.refused(429, "auth.throttled");
        // Of February, the days after the tenth count in the morning of the eleventh of May.
        world.set_clock("2026-05-11T10:00:00Z");
        assert_eq!(guess(&world, "kirjaaja@example.org", 0..25).await, 20);
        sign_in(&world, "192.0.2.10", "kirjaaja@example.org", PASSWORD).await.refused(429, "auth.throttled");
        for known in ["192.0.2.2", "192.0.2.11"] {
            sign_in(&world, known, "kirjaaja@example.org", PASSWORD).await.expect(200);
        }
    }
}
