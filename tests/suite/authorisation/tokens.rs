//! Which tokens count, for how long, and how soon a right that was taken away is gone.

use base64::prelude::*;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::Method;
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};
use yhteen_domain::roles::{Role, TokenScope};
use yhteen_domain::vocabulary::Vocabulary;
use yhteen_http::auth::keys::{Grant, Keys};
use yhteen_tests::process::Process;
use yhteen_tests::world::signing_key;
use yhteen_tests::{Caller, Organisation, Reply, World, both};

/// A good token taken apart.
struct Parts {
    header: Header,
    claims: Value,
}

impl Parts {
    /// Of the admin of an organisation.
    fn of(caller: &Caller) -> Self {
        let token = caller.token().unwrap();
        let claims = token.split('.').nth(1).unwrap();
        let claims = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
        Self { header: jsonwebtoken::decode_header(token).unwrap(), claims }
    }

    fn signed(&self) -> String {
        let key = EncodingKey::from_ed_pem(signing_key().as_bytes()).unwrap();
        jsonwebtoken::encode(&self.header, &self.claims, &key).unwrap()
    }

    /// The same with one claim different, or without it where the value is null.
    fn with(&self, claim: &str, value: Value) -> Self {
        let mut claims = self.claims.clone();
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(claim)),
            value => claims[claim] = value,
        }
        Self { header: self.header.clone(), claims }
    }

    /// The same with another header.
    fn headed(&self, change: impl FnOnce(&mut Header)) -> Self {
        let mut header = self.header.clone();
        change(&mut header);
        Self { header, claims: self.claims.clone() }
    }

    /// With a header as given and a signature as given.
    fn forged(&self, header: &Value, signature: &str) -> String {
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.{signature}", part(header), part(&self.claims))
    }
}

/// What a token is answered: where anyone may come, and where a scope is needed.
async fn answers(caller: &Caller, token: String, organisation: &Organisation) -> [Reply; 3] {
    let caller = caller.with_token(token);
    let users = format!("/api/v1/users?organisation_id={}", organisation.id);
    [caller.get("/api/v1/organisations").await, caller.get("/api/v1/me").await, caller.get(&users).await]
}

both! {
    async fn a_token_that_is_not_ours_is_refused_wherever_it_is_sent(world: World) {
        let kotka = world.municipality("Kotka").await;
        let good = Parts::of(&kotka.admin);
        let nobody = world.anonymous();
        for reply in answers(&nobody, good.signed(), &kotka).await {
            reply.expect(200);
        }
        let kid = good.header.kid.clone().unwrap();
        let public = nobody.get("/.well-known/jwks.json").await.expect(200)["keys"][0]["x"].as_str().unwrap().to_owned();
        let of_another = EncodingKey::from_ed_pem(Keys::generate().unwrap().as_bytes()).unwrap();
        let by_another = jsonwebtoken::encode(&good.header, &good.claims, &of_another).unwrap();
        let mut symmetric = good.header.clone();
        symmetric.alg = Algorithm::HS256;
        // The public key is known to everyone: it must not serve as a secret.
        let secret = EncodingKey::from_secret(&BASE64_URL_SAFE_NO_PAD.decode(public).unwrap());
        let by_public_key = jsonwebtoken::encode(&symmetric, &good.claims, &secret).unwrap();
        let own = good.signed();
        let signature = own.rsplit('.').next().unwrap();
        let header = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": kid});
        let other_claims = good.with("scope", json!("accounts:read")).forged(&header, signature);
        let expired = world.app().now().timestamp();
        for (what, token) in [
            ("another audience", good.with("aud", json!("elsewhere")).signed()),
            ("no audience", good.with("aud", Value::Null).signed()),
            ("another issuer", good.with("iss", json!("https://elsewhere.example")).signed()),
            ("no issuer", good.with("iss", Value::Null).signed()),
            ("no scope", good.with("scope", Value::Null).signed()),
            ("no subject", good.with("sub", Value::Null).signed()),
            ("a subject that is nobody", good.with("sub", json!("00000000-0000-7000-8000-000000000000")).signed()),
            ("no expiry", good.with("exp", Value::Null).signed()),
            ("expired just now", good.with("exp", json!(expired)).signed()),
            ("a life of its own", good.with("exp", json!(expired + 901)).signed()),
            ("no beginning", good.with("iat", Value::Null).signed()),
            ("of the future", good.with("iat", json!(expired + 60)).signed()),
            ("of another generation", good.with("generation", json!(1)).signed()),
            ("another type", good.headed(|header| header.typ = Some("JWT".into())).signed()),
            ("no type", good.headed(|header| header.typ = None).signed()),
            ("another key's name", good.headed(|header| header.kid = Some("elsewhere".into())).signed()),
            ("no key's name", good.headed(|header| header.kid = None).signed()),
            ("another key", by_another),
            ("the public key as a secret", by_public_key),
            ("no algorithm", good.forged(&json!({"alg": "none", "typ": "at+jwt", "kid": kid}), "")),
            ("another algorithm", good.forged(&json!({"alg": "ES256", "typ": "at+jwt", "kid": kid}), signature)),
            ("other claims under the signature", other_claims),
            ("no signature", own.rsplit_once('.').unwrap().0.to_owned()),
            ("nothing", String::new()),
        ] {
            for reply in answers(&nobody, token, &kotka).await {
                assert_eq!(reply.body["code"], "auth.unauthenticated", "{what}: {}", reply.text);
                assert!(reply.header("www-authenticate").unwrap().starts_with("Bearer"), "{what}");
                reply.expect(401);
            }
        }
    }

    async fn a_token_is_good_for_a_quarter_of_an_hour(world: World) {
        let kotka = world.municipality("Kotka").await;
        world.set_clock("2026-01-15T10:14:59Z");
        kotka.admin.get("/api/v1/me").await.expect(200);
        world.set_clock("2026-01-15T10:15:00Z");
        // Though it was verified a moment ago, and though anyone may ask this.
        kotka.admin.get("/api/v1/me").await.refused(401, "auth.unauthenticated");
        kotka.admin.get("/api/v1/organisations").await.refused(401, "auth.unauthenticated");
        world.renewed(&kotka.admin).get("/api/v1/me").await.expect(200);
    }

    async fn a_token_without_any_scope_serves_ones_own_affairs_alone(world: World) {
        let kotka = world.municipality("Kotka").await;
        let token = Parts::of(&kotka.admin).with("scope", json!("")).signed();
        let [organisations, me, users] = answers(&world.anonymous(), token, &kotka).await;
        organisations.refused(403, "auth.scope_missing");
        me.expect(200);
        users.refused(403, "auth.scope_missing");
        // An unknown scope is none.
        let token = Parts::of(&kotka.admin).with("scope", json!("everything users")).signed();
        let [_, me, users] = answers(&world.anonymous(), token, &kotka).await;
        assert_eq!(me.expect(200)["scopes"], json!([]));
        users.refused(403, "auth.scope_missing");
    }

    async fn what_is_taken_away_is_gone_in_every_process_within_a_second(world: World) {
        let kotka = world.municipality("Kotka").await;
        let process = Process::start(Path::new(env!("CARGO_BIN_EXE_yhteen-server")), &world.database, &world.base);
        process.ready().await;
        for (patch, status) in [(json!({"roles": []}), 403), (json!({"active": false}), 401)] {
            let client = world.client(&kotka.id, &[(&kotka.id, Role::Admin)], TokenScope::ALL).await;
            let at = format!("/api/v1/clients/{}", world.principal(&client));
            let elsewhere = today(&world, &client).at(&process.base);
            let users = format!("/api/v1/users?organisation_id={}", kotka.id);
            elsewhere.get(&users).await.expect(200);
            kotka.admin.change(&at, patch.clone()).await.expect(200);
            let since = Instant::now();
            client.get(&users).await.expect(status);
            // Whatever is sent a second later is refused; what was sent before may be answered yet.
            loop {
                let sent = since.elapsed();
                let reply = elsewhere.send(elsewhere.request(Method::GET, &users)).await;
                if reply.status != 200 {
                    reply.expect(status);
                    break;
                }
                assert!(sent < Duration::from_secs(1), "{patch} still answered, sent after {sent:?}");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

/// The caller with a token of today: processes of their own go by the machine's clock.
fn today(world: &World, caller: &Caller) -> Caller {
    #[allow(clippy::disallowed_methods, reason = "the process has the machine's clock")]
    let now = chrono::Utc::now();
    let grant = Grant::new(world.principal(caller), TokenScope::ALL);
    caller.with_token(world.app().keys.issue(&grant, uuid::Uuid::now_v7(), now).unwrap())
}
