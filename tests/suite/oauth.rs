//! Signing in: people with passwords, systems with secrets, and what stops those who guess.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use yhteen_tests::{Caller, Organisation, Reply, World, both, caller::id};

pub(crate) const PASSWORD: &str = "hevonen on vahva";

/// A user of an organisation with a role in it.
pub(crate) async fn user(organisation: &Organisation, email: &str, role: &str) -> String {
    let body = json!({"organisation_id": organisation.id, "name": "Kirjaamo", "email": email, "password": PASSWORD,
        "roles": [{"organisation_id": organisation.id, "role": role}]});
    id(&organisation.admin.post("/api/v1/users", body).await.expect(201))
}

fn asking(world: &World, form: &[(&str, &str)]) -> RequestBuilder {
    world.anonymous().request(Method::POST, "/oauth/token").form(form)
}

pub(crate) async fn ask(world: &World, form: &[(&str, &str)]) -> Reply {
    world.anonymous().send(asking(world, form)).await
}

pub(crate) async fn sign_in(world: &World, email: &str, password: &str) -> Reply {
    ask(world, &[("grant_type", "password"), ("username", email), ("password", password)]).await
}

pub(crate) async fn refresh(world: &World, token: &Value) -> Reply {
    ask(world, &[("grant_type", "refresh_token"), ("refresh_token", token["refresh_token"].as_str().unwrap())]).await
}

pub(crate) fn with(world: &World, token: &Value) -> Caller {
    Caller::new(&world.base, Some(token["access_token"].as_str().unwrap().to_owned()))
}

#[track_caller]
fn oauth_error(reply: Reply, status: u16, error: &str) {
    let body = reply.clone().refused(status, &format!("oauth.{error}"));
    assert_eq!((body["error"].as_str(), &body["error_description"]), (Some(error), &body["detail"]));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
}

both! {
    async fn a_person_signs_in_and_acts(world: World) {
        let kotka = world.municipality("Kotka").await;
        let user = user(&kotka, "Kirjaaja@example.org", "editor").await;
        let answer = sign_in(&world, "kirjaaja@example.org", PASSWORD).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let token = answer.expect(200);
        assert_eq!((&token["token_type"], &token["expires_in"]), (&json!("Bearer"), &json!(900)));
        assert!(token["scope"].as_str().unwrap().contains("actions:write"));
        let me = with(&world, &token).get("/api/v1/me").await.expect(200);
        assert_eq!((&me["id"], &me["kind"], &me["operator"]), (&json!(user), &json!("user"), &json!(false)));
        assert_eq!(me["roles"], json!([{"organisation_id": kotka.id, "role": "editor", "read_only": false}]));
        assert_eq!(me["scopes"].as_array().unwrap().len(), token["scope"].as_str().unwrap().split(' ').count());

        // After a quarter of an hour the access token is good no more; the refresh token is.
        world.set_clock("2026-01-15T10:15:00Z");
        with(&world, &token).get("/api/v1/me").await.refused(401, "auth.unauthenticated");
        let next = refresh(&world, &token).await.expect(200);
        with(&world, &next).get("/api/v1/me").await.expect(200);
    }

    async fn a_token_has_the_scopes_that_were_asked_for(world: World) {
        let kotka = world.municipality("Kotka").await;
        user(&kotka, "kirjaaja@example.org", "admin").await;
        let narrow = [("grant_type", "password"), ("username", "kirjaaja@example.org"), ("password", PASSWORD), ("scope", "actions:read accounts:read")];
        let token = ask(&world, &narrow).await.expect(200);
        assert_eq!(token["scope"], "accounts:read actions:read");
        let user = with(&world, &token);
        user.get("/api/v1/users").await.expect(200);
        user.post("/api/v1/users", json!({})).await.refused(403, "auth.scope_missing");
        // Its successor may be narrower, but not wider.
        let again = |scope: &'static str, token: &Value| {
            let token = token["refresh_token"].as_str().unwrap().to_owned();
            let world = &world;
            async move { ask(world, &[("grant_type", "refresh_token"), ("refresh_token", &token), ("scope", scope)]).await }
        };
        oauth_error(again("accounts:write", &token).await, 400, "invalid_scope");
        oauth_error(again("accounts:fly", &token).await, 400, "invalid_scope");
        let narrower = again("accounts:read", &token).await.expect(200);
        assert_eq!(narrower["scope"], "accounts:read");
        assert_eq!(again("", &narrower).await.expect(200)["scope"], "accounts:read actions:read");
        let unknown = [narrow[0], narrow[1], narrow[2], ("scope", "everything")];
        oauth_error(ask(&world, &unknown).await, 400, "invalid_scope");
    }

    async fn a_refresh_token_used_twice_ends_the_sign_in(world: World) {
        let kotka = world.municipality("Kotka").await;
        user(&kotka, "kirjaaja@example.org", "editor").await;
        let first = sign_in(&world, "kirjaaja@example.org", PASSWORD).await.expect(200);
        let other = sign_in(&world, "kirjaaja@example.org", PASSWORD).await.expect(200);
        let second = refresh(&world, &first).await.expect(200);
        world.set_clock("2026-01-15T10:00:11Z");
        oauth_error(refresh(&world, &first).await, 400, "invalid_grant");
        oauth_error(refresh(&world, &second).await, 400, "invalid_grant");
        // Another sign-in goes on.
        let third = refresh(&world, &other).await.expect(200);
        // It ends after thirty days.
        world.set_clock("2026-02-14T10:00:11Z");
        oauth_error(refresh(&world, &third).await, 400, "invalid_grant");
    }

    async fn of_uses_at_once_all_go_on_with_one_session(world: World) {
        let kotka = world.municipality("Kotka").await;
        user(&kotka, "kirjaaja@example.org", "editor").await;
        let token = sign_in(&world, "kirjaaja@example.org", PASSWORD).await.expect(200);
        let (one, two, three) = tokio::join!(refresh(&world, &token), refresh(&world, &token), refresh(&world, &token));
        let answers = [one, two, three].map(|answer| answer.expect(200));
        assert_eq!(with(&world, &answers[0]).all("/api/v1/me/sessions").await.len(), 1);
        // What each of them has got is good once, like any other.
        for answer in &answers {
            refresh(&world, answer).await.expect(200);
        }
        world.set_clock("2026-01-15T10:00:11Z");
        let (one, two) = tokio::join!(refresh(&world, &answers[0]), refresh(&world, &answers[1]));
        oauth_error(one, 400, "invalid_grant");
        oauth_error(two, 400, "invalid_grant");
        oauth_error(refresh(&world, &answers[2]).await, 400, "invalid_grant");
    }

    async fn a_revoked_sign_in_is_over(world: World) {
        let kotka = world.municipality("Kotka").await;
        user(&kotka, "kirjaaja@example.org", "editor").await;
        let token = sign_in(&world, "kirjaaja@example.org", PASSWORD).await.expect(200);
        let revoke = |text: &str| {
            let form = [("token", text.to_owned()), ("token_type_hint", "refresh_token".to_owned())];
            world.anonymous().request(Method::POST, "/oauth/revoke").form(&form)
        };
        let anyone = world.anonymous();
        oauth_error(anyone.send(revoke(token["access_token"].as_str().unwrap())).await, 400, "unsupported_token_type");
        anyone.send(revoke("unknown")).await.expect(200);
        oauth_error(anyone.send(revoke("")).await, 400, "invalid_request");
        anyone.send(revoke(token["refresh_token"].as_str().unwrap())).await.expect(200);
        anyone.send(revoke(token["refresh_token"].as_str().unwrap())).await.expect(200);
        oauth_error(refresh(&world, &token).await, 400, "invalid_grant");
    }

    async fn a_system_signs_in_by_basic_or_in_the_body(world: World) {
        let kotka = world.municipality("Kotka").await;
        let body = json!({"organisation_id": kotka.id, "name": "Kokousjärjestelmä", "scopes": ["meetings:write", "meetings:read"]});
        let made = kotka.admin.post("/api/v1/clients", body).await.expect(201);
        let (client, secret) = (id(&made), made["client_secret"].as_str().unwrap().to_owned());
        let grant = ("grant_type", "client_credentials");
        let token = ask(&world, &[grant, ("client_id", &client), ("client_secret", &secret)]).await.expect(200);
        assert_eq!(token["scope"], "meetings:read meetings:write");
        assert_eq!(token["refresh_token"], Value::Null);
        let me = with(&world, &token).get("/api/v1/me").await.expect(200);
        assert_eq!((&me["id"], &me["kind"]), (&made["id"], &json!("client")));
        assert_eq!(me["roles"], json!([{"organisation_id": kotka.id, "role": "editor", "read_only": false}]));

        let anyone = world.anonymous();
        let basic = asking(&world, &[grant, ("scope", "meetings:read reports:read")]).basic_auth(&client, Some(&secret));
        assert_eq!(anyone.send(basic).await.expect(200)["scope"], "meetings:read");
        let wrong = anyone.send(asking(&world, &[grant]).basic_auth(&client, Some("x"))).await;
        assert!(wrong.header("www-authenticate").unwrap().starts_with("Basic "));
        oauth_error(wrong, 401, "invalid_client");
        let wrong = ask(&world, &[grant, ("client_id", &client), ("client_secret", "x")]).await;
        assert!(wrong.header("www-authenticate").unwrap().starts_with("Bearer "));
        oauth_error(wrong, 401, "invalid_client");
        oauth_error(ask(&world, &[grant]).await, 401, "invalid_client");
        let twice = asking(&world, &[grant, ("client_id", &client), ("client_secret", &secret)]).basic_auth(&client, Some(&secret));
        oauth_error(anyone.send(twice).await, 400, "invalid_request");
    }

    async fn a_form_that_cannot_be_is_refused_by_name(world: World) {
        let anyone = world.anonymous();
        let password = ("grant_type", "password");
        oauth_error(ask(&world, &[]).await, 400, "invalid_request");
        oauth_error(ask(&world, &[password]).await, 400, "invalid_request");
        oauth_error(ask(&world, &[password, ("username", "a@example.org"), ("password", "")]).await, 400, "invalid_request");
        oauth_error(ask(&world, &[("grant_type", "implicit")]).await, 400, "unsupported_grant_type");
        oauth_error(ask(&world, &[("grant_type", "refresh_token"), ("refresh_token", "x")]).await, 400, "invalid_grant");
        let table = [
            (anyone.request(Method::POST, "/oauth/token").json(&json!({"grant_type": "password"})), 415, "request.unsupported_media_type"),
            (asking(&world, &[password, password]), 400, "request.unreadable"),
            (asking(&world, &[("scope", &"x".repeat(20_000))]), 413, "request.too_large"),
            (anyone.request(Method::GET, "/oauth/token"), 405, "request.method_not_allowed"),
        ];
        for (request, status, code) in table {
            let body = anyone.send(request).await.refused(status, code);
            assert_eq!(body["error"], "invalid_request", "{body}");
        }
        let bearer = asking(&world, &[password]).bearer_auth("x");
        oauth_error(anyone.send(bearer).await, 401, "invalid_client");
        // Elsewhere problems are without these members.
        assert_eq!(anyone.get("/nowhere").await.refused(404, "request.not_found")["error"], Value::Null);
    }

    async fn swagger_ui_sends_an_empty_client_with_a_password(world: World) {
        let kotka = world.municipality("Kotka").await;
        user(&kotka, "kirjaaja@example.org", "editor").await;
        let form = [("grant_type", "password"), ("username", "kirjaaja@example.org"), ("password", PASSWORD), ("client_id", ""), ("client_secret", "")];
        world.anonymous().send(asking(&world, &form).basic_auth("", Some(""))).await.expect(200);
        ask(&world, &form).await.expect(200);
        // A client that is named must be one.
        let named = [form[0], form[1], form[2], ("client_id", "somebody")];
        oauth_error(ask(&world, &named).await, 401, "invalid_client");
    }

    async fn guessing_is_slowed_down(world: World) {
        let kotka = world.municipality("Kotka").await;
        user(&kotka, "kirjaaja@example.org", "editor").await;
        for _ in 0..4 {
            oauth_error(sign_in(&world, "kirjaaja@example.org", "wrong password").await, 400, "invalid_grant");
        }
        // A success clears what led up to it.
        sign_in(&world, "KIRJAAJA@example.org", PASSWORD).await.expect(200);
        for _ in 0..5 {
            oauth_error(sign_in(&world, "kirjaaja@example.org", "wrong password").await, 400, "invalid_grant");
        }
        let refused = sign_in(&world, "kirjaaja@example.org", PASSWORD).await;
        assert_eq!(refused.header("retry-after"), Some("2"));
        assert_eq!(refused.refused(429, "auth.throttled")["error"], "temporarily_unavailable");
        // Others at that address are not.
        oauth_error(sign_in(&world, "nobody@example.org", PASSWORD).await, 400, "invalid_grant");
        world.set_clock("2026-01-15T10:00:02Z");
        oauth_error(sign_in(&world, "kirjaaja@example.org", "wrong password").await, 400, "invalid_grant");
        assert_eq!(sign_in(&world, "kirjaaja@example.org", PASSWORD).await.header("retry-after"), Some("4"));
        world.set_clock("2026-01-15T10:00:06Z");
        sign_in(&world, "kirjaaja@example.org", PASSWORD).await.expect(200);
        sign_in(&world, "kirjaaja@example.org", PASSWORD).await.expect(200);
    }

    async fn who_guesses_at_one_machine_keeps_no_other_out(world: World) {
        let kotka = world.municipality("Kotka").await;
        let machine = async |name: &str| {
            let body = json!({"organisation_id": kotka.id, "name": name, "scopes": ["meetings:read"]});
            let made = kotka.admin.post("/api/v1/clients", body).await.expect(201);
            (id(&made), made["client_secret"].as_str().unwrap().to_owned())
        };
        let (one, other) = (machine("Kokousjärjestelmä").await, machine("Tietovarasto").await);
        let newcomer = machine("Raportointi").await;
        let enter = async |client: &str, secret: &str| {
            ask(&world, &[("grant_type", "client_credentials"), ("client_id", client), ("client_secret", secret)]).await
        };
        for _ in 0..4 {
            oauth_error(enter(&one.0, "x").await, 401, "invalid_client");
        }
        // A success clears what led up to it.
        enter(&one.0, &one.1).await.expect(200);
        for _ in 0..5 {
            oauth_error(enter(&one.0, "x").await, 401, "invalid_client");
        }
        enter(&one.0, &one.1).await.refused(429, "auth.throttled");
        enter(&other.0, &other.1).await.expect(200);
        // Whoever goes through very many keeps out those of the address who have never signed in from there, and clears
        // it by no success of its own.
        for number in 0..95 {
            oauth_error(enter(&number.to_string(), "x").await, 401, "invalid_client");
        }
        enter(&newcomer.0, &newcomer.1).await.refused(429, "auth.throttled");
        enter(&other.0, &other.1).await.expect(200);
        world.set_clock("2026-01-15T10:00:02Z");
        oauth_error(enter("95", "x").await, 401, "invalid_client");
        assert_eq!(enter(&newcomer.0, &newcomer.1).await.header("retry-after"), Some("4"));
        enter(&other.0, &other.1).await.expect(200);
        world.set_clock("2026-01-15T10:00:06Z");
        enter(&newcomer.0, &newcomer.1).await.expect(200);
    }

    async fn who_hangs_up_is_counted_all_the_same(world: World) {
        use std::future::Future;
        use std::task::Poll;
        use yhteen_http::auth::sign_in::by_password;
        use yhteen_persistence::accounts::sign_ins;
        let app = world.shared.app.clone();
        let (free, mut hung_up) = (app.hashing.free(), 0);
        for number in 1..=5 {
            let mut attempt = Box::pin(by_password(&app, "kirjaaja@example.org", "wrong password", "address:far".into()));
            // Until it has its turn, or has ended before anyone could hang up.
            std::future::poll_fn(|context| match attempt.as_mut().poll(context) {
                Poll::Ready(_) => Poll::Ready(()),
                Poll::Pending if app.hashing.free() < free => {
                    hung_up += 1;
                    Poll::Ready(())
                }
                Poll::Pending => Poll::Pending,
            })
            .await;
            drop(attempt);
            let since = std::time::Instant::now();
            loop {
                let counted = app.store.read(|db| sign_ins::failures(db, "address:far")).await.unwrap();
                if counted.is_some_and(|failures| failures.count == number) {
                    break;
                }
                assert!(since.elapsed() < std::time::Duration::from_secs(10), "{counted:?}");
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        }
        assert_ne!(hung_up, 0);
    }

    async fn clients_find_what_they_need_to_know(world: World) {
        let anyone = world.anonymous();
        let server = anyone.get("/.well-known/oauth-authorization-server").await.expect(200);
        assert_eq!(server["issuer"], world.base);
        assert_eq!(server["grant_types_supported"], json!(["client_credentials", "password", "refresh_token"]));
        let keys = anyone.get(server["jwks_uri"].as_str().unwrap()).await.expect(200);
        let key = &keys["keys"][0];
        assert_eq!((&key["kty"], &key["crv"], &key["alg"]), (&json!("OKP"), &json!("Ed25519"), &json!("EdDSA")));
        assert_eq!(key["d"], Value::Null, "the private half stays private");
        assert!(key["kid"].is_string());
    }
}
