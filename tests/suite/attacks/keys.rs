//! To sign tokens oneself, with a key that was stolen, or to make a good one last.

use base64::prelude::*;
use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};
use yhteen_domain::accounts::Password;
use yhteen_http::app::{App, Clock};
use yhteen_http::auth::digests::DigestKeys;
use yhteen_http::auth::keys::{Grant, Keys};
use yhteen_http::auth::secrets::hash_password;
use yhteen_http::serve::{Size, server};
use yhteen_http::service::Shared;
use yhteen_persistence::Store;
use yhteen_tests::world::{secrets, signing_key};
use yhteen_tests::{Caller, World, both};

/// The caller's token with other claims, signed with the stolen key.
fn forged(caller: &Caller, changes: &[(&str, Value)]) -> Caller {
    let token = caller.token().unwrap();
    let claims = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let mut claims: Value = serde_json::from_slice(&claims).unwrap();
    for (claim, value) in changes {
        claims[claim] = value.clone();
    }
    let header: Header = jsonwebtoken::decode_header(token).unwrap();
    let key = EncodingKey::from_ed_pem(signing_key().as_bytes()).unwrap();
    caller.with_token(jsonwebtoken::encode(&header, &claims, &key).unwrap())
}

/// Another process on the database of the world, started with these files at this time; its address.
fn started(world: &World, pem: &str, secrets: &str, at: &'static str) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let keys = Keys::from_pem(pem, &world.base).unwrap().digesting_with(DigestKeys::parse(secrets).unwrap());
    let store = Store::open(&world.database.url, 2).unwrap();
    let app = App::new(store, Clock::from_fn(move || at.parse().unwrap()), keys, world.base.clone());
    let shared = Shared::new(app, Vec::new());
    std::thread::spawn(move || {
        let size = Size { workers: 1, connections: 100, draining_time: 1 };
        actix_web::rt::System::new().block_on(async { server(shared, listener, size).unwrap().await.unwrap() });
    });
    base
}

both! {
    async fn a_token_lasts_no_longer_than_tokens_do(world: World) {
        let kotka = world.municipality("Kotka").await;
        let now = world.app().now().timestamp();
        forged(&kotka.admin, &[("exp", json!(now + 900))]).get("/api/v1/me").await.expect(200);
        for changes in [
            vec![("exp", json!(now + 901))],
            vec![("exp", json!(now + 10 * 365 * 86_400))],
            // One for every quarter of an hour to come.
            vec![("iat", json!(now + 3_600)), ("exp", json!(now + 4_500))],
            vec![("iat", json!(now + 60))],
            vec![("iat", json!(i64::MIN)), ("exp", json!(i64::MAX))],
        ] {
            forged(&kotka.admin, &changes).get("/api/v1/me").await.refused(401, "auth.unauthenticated");
        }
        // The clock of the process that has issued it may be a little ahead.
        forged(&kotka.admin, &[("iat", json!(now + 2))]).get("/api/v1/me").await.expect(200);
    }

    async fn a_stolen_key_is_worth_nothing_once_it_is_replaced(world: World) {
        let kotka = world.municipality("Kotka").await;
        let renewed = Keys::renewed(signing_key(), "2026-01-15T11:00:00Z".parse().unwrap()).unwrap();
        let before = started(&world, &renewed, secrets(), "2026-01-15T10:59:00Z");
        let after = started(&world, &renewed, secrets(), "2026-01-15T11:05:00Z");
        let later = started(&world, &renewed, secrets(), "2026-01-15T11:20:00Z");
        let principal = world.principal(&kotka.admin);
        let signed = |pem: &str, at: &str| {
            let keys = Keys::from_pem(pem, &world.base).unwrap();
            let grant = Grant::new(principal, &[]);
            kotka.admin.with_token(keys.issue(&grant, uuid::Uuid::now_v7(), at.parse().unwrap()).unwrap())
        };
        // Until it is replaced it serves, and what it has signed is good to its end.
        let last = signed(signing_key(), "2026-01-15T10:59:00Z");
        last.at(&before).get("/api/v1/me").await.expect(200);
        last.at(&after).get("/api/v1/me").await.expect(200);
        signed(&renewed, "2026-01-15T11:05:00Z").at(&after).get("/api/v1/me").await.expect(200);
        // The thief signs on.
        signed(signing_key(), "2026-01-15T11:05:00Z").at(&after).get("/api/v1/me").await.refused(401, "auth.unauthenticated");
        for at in ["2026-01-15T10:59:59Z", "2026-01-15T11:20:00Z"] {
            signed(signing_key(), at).at(&later).get("/api/v1/me").await.refused(401, "auth.unauthenticated");
        }
    }

    async fn new_secrets_and_new_keys_end_nothing_that_is_good(world: World) {
        let hash = hash_password(&Password::parse(crate::oauth::PASSWORD).unwrap()).unwrap();
        let kotka = world.municipality("Kotka").await;
        let (principal, own) = world.user(&kotka.id, Some(hash)).await;
        let refresh = world.refresh_token(principal).await;
        let feed = own.post("/api/v1/calendar-feeds", json!({"language": "fi"})).await.expect(201);
        let machine = json!({"organisation_id": kotka.id, "name": "Järjestelmä", "scopes": ["actions:read"]});
        let machine = kotka.admin.post("/api/v1/clients", machine).await.expect(201);
        // Another signing key altogether, and a new secret before the old one.
        let newer = DigestKeys::parse(secrets()).unwrap().renewed().unwrap().text();
        let base = started(&world, &Keys::generate().unwrap(), &newer, "2026-01-15T10:01:00Z");
        let there = world.anonymous().at(&base);
        let token = |form: Vec<(&'static str, String)>| {
            let there = there.clone();
            async move { there.send(there.request(reqwest::Method::POST, "/oauth/token").form(&form)).await }
        };
        let client = vec![("grant_type", "client_credentials".to_owned()), ("client_id", yhteen_tests::caller::id(&machine)),
            ("client_secret", machine["client_secret"].as_str().unwrap().to_owned())];
        token(client).await.expect(200);
        let refreshed = token(vec![("grant_type", "refresh_token".to_owned()), ("refresh_token", refresh)]).await.expect(200);
        token(vec![("grant_type", "refresh_token".to_owned()), ("refresh_token", refreshed["refresh_token"].as_str().unwrap().to_owned())]).await.expect(200);
        let path = feed["url"].as_str().unwrap().strip_prefix(world.base.as_str()).unwrap().to_owned();
        there.get(&path).await.expect(200);
    }
}
