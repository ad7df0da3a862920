//! Races of refresh tokens: each is good once, and one that is used again later ends the whole session.

use super::{Ends, LANES, ROUNDS, at_once, side_by_side};
use crate::oauth::{PASSWORD, sign_in};
use diesel::connection::SimpleConnection;
use serde_json::{Value, json};
use yhteen_domain::accounts::Password;
use yhteen_http::auth::secrets::hash_password;
use yhteen_persistence::Db;
use yhteen_tests::{Caller, Reply, both};

async fn refresh(anyone: &Caller, token: &str) -> Reply {
    let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
    anyone.send(anyone.request(reqwest::Method::POST, "/oauth/token").form(&form)).await
}

/// The next refresh token, where one was given.
#[track_caller]
fn given(reply: Reply) -> Option<String> {
    if reply.status == 400 {
        reply.refused(400, "oauth.invalid_grant");
        return None;
    }
    let Value::String(token) = reply.expect(200)["refresh_token"].take() else { panic!("there is no refresh token") };
    Some(token)
}

both! {
    async fn a_copied_refresh_token_ends_the_session_whatever_its_owner_does_meanwhile(world: World) {
        let kotka = world.municipality("Kotka").await;
        let ends = Ends::default();
        let mut lanes = Vec::new();
        for _ in 0..LANES {
            let (mut principal, _) = world.user(&kotka.id, None).await;
            let mut tokens = Vec::new();
            for round in 1..=ROUNDS {
                // An account has no more sessions than that.
                if round % 50 == 0 {
                    principal = world.user(&kotka.id, None).await.0;
                }
                let first = world.refresh_token(principal).await;
                let next = given(refresh(&world.anonymous(), &first).await).unwrap();
                tokens.push((first, next));
            }
            let (anyone, ends) = (world.anonymous(), ends.clone());
            lanes.push(async move {
                for (round, (stolen, own)) in tokens.into_iter().enumerate() {
                    let (one, other) = at_once(round, refresh(&anyone, &stolen), refresh(&anyone, &own)).await;
                    let tokens = [given(one), given(other)];
                    assert_eq!(tokens[0], None, "round {round}: the copy was good");
                    ends.count(tokens[1].is_some());
                    for token in tokens.iter().flatten().chain([&stolen, &own]) {
                        assert_eq!(given(refresh(&anyone, token).await), None, "round {round}: the session goes on");
                    }
                }
            });
        }
        // For a moment, both would be its owner's.
        world.set_clock("2026-01-15T10:00:11Z");
        side_by_side(lanes).await;
        ends.both_came_about();
    }
    async fn nobody_stays_signed_in_with_a_password_that_was_changed(world: World) {
        const NEW: &str = "hevonen oli heikko";
        let kotka = world.municipality("Kotka").await;
        let hash = hash_password(&Password::parse(PASSWORD).unwrap()).unwrap();
        let mut users = Vec::new();
        for _ in 0..40 {
            users.push(world.user(&kotka.id, Some(hash.clone())).await);
        }
        for (round, (principal, caller)) in users.into_iter().enumerate() {
            let email = format!("{principal}@example.org");
            let change = json!({"current_password": PASSWORD, "new_password": NEW});
            let late = async {
                // The one takes as long as one hash, the other as two.
                tokio::time::sleep(std::time::Duration::from_millis(3 * (round as u64 % 20))).await;
                sign_in(&world, &email, PASSWORD).await
            };
            let (changed, signed_in) = tokio::join!(caller.post("/api/v1/me:change-password", change), late);
            changed.expect(204);
            if signed_in.status == 200 {
                let token = signed_in.body["access_token"].as_str().unwrap().to_owned();
                caller.with_token(token).get("/api/v1/me").await.refused(401, "auth.unauthenticated");
            }
            if let Some(token) = given(signed_in) {
                assert_eq!(given(refresh(&world.anonymous(), &token).await), None, "round {round}");
            }
            // All guesses come from one address here, which is not what is raced for.
            Db::open(&world.database.url).unwrap().batch_execute("DELETE FROM sign_in_failures").unwrap();
        }
    }
    async fn of_two_changes_of_one_password_one_is_made(world: World) {
        let kotka = world.municipality("Kotka").await;
        let hash = hash_password(&Password::parse(PASSWORD).unwrap()).unwrap();
        for round in 0..20 {
            let (principal, caller) = world.user(&kotka.id, Some(hash.clone())).await;
            let passwords = ["hevonen oli heikko", "kissa on nopea"];
            let change = async |new: &str| {
                let body = json!({"current_password": PASSWORD, "new_password": new});
                caller.post("/api/v1/me:change-password", body).await
            };
            let (one, other) = at_once(round, change(passwords[0]), change(passwords[1])).await;
            let second = one.status != 204;
            let (made, refused) = if second { (other, one) } else { (one, other) };
            made.expect(204);
            if refused.status == 401 {
                // The change has ended the sign-in before it was looked at.
                refused.refused(401, "auth.unauthenticated");
            } else {
                refused.refused(422, "account.wrong_password");
            }
            let email = format!("{principal}@example.org");
            sign_in(&world, &email, passwords[usize::from(second)]).await.expect(200);
        }
    }
}
