//! To go on with what was stolen, after its owner has changed the locks.

use crate::oauth::{PASSWORD, refresh, sign_in, user, with};
use serde_json::{Value, json};
use yhteen_domain::accounts::Password;
use yhteen_http::auth::secrets::hash_password;
use yhteen_tests::{Caller, World, both};

const EMAIL: &str = "virve@example.org";
const OTHER: &str = "uusi hyvä salasana";

/// What a thief has of one sign-in: the access token, the refresh token and a calendar feed.
struct Stolen {
    token: Value,
    caller: Caller,
    feed: String,
}

impl Stolen {
    async fn of(world: &World, password: &str) -> Self {
        let token = sign_in(world, EMAIL, password).await.expect(200);
        let caller = with(world, &token);
        let feed = caller.post("/api/v1/calendar-feeds", json!({"language": "fi"})).await.expect(201);
        Self { caller, feed: feed["url"].as_str().unwrap().to_owned(), token }
    }

    async fn serves_for_nothing(self, world: &World) {
        self.caller.get("/api/v1/me").await.refused(401, "auth.unauthenticated");
        self.caller.get("/api/v1/organisations").await.refused(401, "auth.unauthenticated");
        refresh(world, &self.token).await.refused(400, "oauth.invalid_grant");
        world.anonymous().get(&self.feed).await.refused(404, "request.not_found");
    }
}

both! {
    async fn a_change_of_the_password_ends_what_was_stolen(world: World) {
        let kotka = world.municipality("Kotka").await;
        user(&kotka, EMAIL, "editor").await;
        let stolen = Stolen::of(&world, PASSWORD).await;
        let own = with(&world, &sign_in(&world, EMAIL, PASSWORD).await.expect(200));
        let body = json!({"current_password": PASSWORD, "new_password": OTHER});
        assert_eq!(own.post("/api/v1/me:change-password", body).await.status, 204);
        // In the same second: the old one is good no more, the new one is.
        stolen.serves_for_nothing(&world).await;
        with(&world, &sign_in(&world, EMAIL, OTHER).await.expect(200)).get("/api/v1/me").await.expect(200);
    }

    async fn a_reset_of_the_password_ends_what_was_stolen(world: World) {
        let kotka = world.municipality("Kotka").await;
        let user = user(&kotka, EMAIL, "editor").await;
        let stolen = Stolen::of(&world, PASSWORD).await;
        let reset = kotka.admin.act(&format!("/api/v1/users/{user}:reset-password")).await.expect(200);
        stolen.serves_for_nothing(&world).await;
        let body = json!({"email": EMAIL, "code": reset["code"], "new_password": OTHER});
        assert_eq!(world.anonymous().post("/api/v1/me:set-password", body).await.status, 204);
        with(&world, &sign_in(&world, EMAIL, OTHER).await.expect(200)).get("/api/v1/me").await.expect(200);
    }

    async fn another_address_ends_what_was_stolen(world: World) {
        let kotka = world.municipality("Kotka").await;
        let user = user(&kotka, EMAIL, "editor").await;
        let stolen = Stolen::of(&world, PASSWORD).await;
        let at = format!("/api/v1/users/{user}");
        kotka.admin.change(&at, json!({"email": EMAIL})).await.expect(200);
        stolen.caller.get("/api/v1/me").await.expect(200);
        let changed = kotka.admin.change(&at, json!({"email": "Toinen@example.org"})).await.expect(200);
        assert_eq!(changed["email"], "toinen@example.org");
        stolen.serves_for_nothing(&world).await;
        sign_in(&world, "toinen@example.org", PASSWORD).await.expect(200);
        sign_in(&world, EMAIL, PASSWORD).await.refused(400, "oauth.invalid_grant");
    }

    async fn a_deactivation_ends_what_was_stolen_for_good(world: World) {
        let kotka = world.municipality("Kotka").await;
        let user = user(&kotka, EMAIL, "editor").await;
        let stolen = Stolen::of(&world, PASSWORD).await;
        let at = format!("/api/v1/users/{user}");
        kotka.admin.change(&at, json!({"active": false})).await.expect(200);
        kotka.admin.change(&at, json!({"active": true})).await.expect(200);
        stolen.serves_for_nothing(&world).await;
        with(&world, &sign_in(&world, EMAIL, PASSWORD).await.expect(200)).get("/api/v1/me").await.expect(200);
    }

    async fn signing_out_everywhere_ends_what_was_stolen(world: World) {
        let kotka = world.municipality("Kotka").await;
        user(&kotka, EMAIL, "editor").await;
        let stolen = Stolen::of(&world, PASSWORD).await;
        let own = with(&world, &sign_in(&world, EMAIL, PASSWORD).await.expect(200));
        assert_eq!(own.act("/api/v1/me:sign-out-everywhere").await.status, 204);
        own.get("/api/v1/me").await.refused(401, "auth.unauthenticated");
        stolen.serves_for_nothing(&world).await;
        with(&world, &sign_in(&world, EMAIL, PASSWORD).await.expect(200)).get("/api/v1/me").await.expect(200);
    }

    async fn one_sees_a_sign_in_of_somebody_elses_and_ends_it(world: World) {
        let kotka = world.municipality("Kotka").await;
        user(&kotka, EMAIL, "editor").await;
        let thief = sign_in(&world, EMAIL, PASSWORD).await.expect(200);
        world.set_clock("2026-01-15T10:05:00Z");
        let own = sign_in(&world, EMAIL, PASSWORD).await.expect(200);
        let seen = with(&world, &own).all("/api/v1/me/sessions").await;
        let mine: Vec<_> = seen.iter().map(|session| session["current"].as_bool().unwrap()).collect();
        assert_eq!(mine, [false, true]);
        assert_eq!((&seen[0]["begun_at"], &seen[0]["last_used_at"]), (&json!("2026-01-15T10:00:00Z"), &json!("2026-01-15T10:00:00Z")));
        let at = format!("/api/v1/me/sessions/{}", seen[0]["id"].as_str().unwrap());
        // It is nobody else's to see or to end.
        kotka.admin.delete(&at).await.refused(404, "request.not_found");
        assert!(kotka.admin.all("/api/v1/me/sessions").await.is_empty());
        assert_eq!(with(&world, &own).delete(&at).await.status, 204);
        with(&world, &own).delete(&at).await.refused(404, "request.not_found");
        refresh(&world, &thief).await.refused(400, "oauth.invalid_grant");
        refresh(&world, &own).await.expect(200);
        assert_eq!(with(&world, &own).all("/api/v1/me/sessions").await.len(), 1);
    }

    async fn a_sign_in_does_not_last_for_ever(world: World) {
        let kotka = world.municipality("Kotka").await;
        user(&kotka, EMAIL, "editor").await;
        let mut token = sign_in(&world, EMAIL, PASSWORD).await.expect(200);
        for day in ["2026-02-10", "2026-03-10", "2026-04-05"] {
            world.set_clock(&format!("{day}T10:00:00Z"));
            token = refresh(&world, &token).await.expect(200);
        }
        let seen = with(&world, &token).all("/api/v1/me/sessions").await;
        assert_eq!((&seen[0]["last_used_at"], &seen[0]["expires_at"]), (&json!("2026-04-05T10:00:00Z"), &json!("2026-04-15T10:00:00Z")));
        world.set_clock("2026-04-15T09:59:59Z");
        token = refresh(&world, &token).await.expect(200);
        world.set_clock("2026-04-15T10:00:00Z");
        refresh(&world, &token).await.refused(400, "oauth.invalid_grant");
    }

    async fn two_tabs_that_refresh_together_stay_signed_in_and_a_copy_does_not(world: World) {
        let kotka = world.municipality("Kotka").await;
        user(&kotka, EMAIL, "editor").await;
        let first = sign_in(&world, EMAIL, PASSWORD).await.expect(200);
        let one = refresh(&world, &first).await.expect(200);
        world.set_clock("2026-01-15T10:00:10Z");
        let other = refresh(&world, &first).await.expect(200);
        // Each tab goes on by itself, in one session.
        let (one, other) = (refresh(&world, &one).await.expect(200), refresh(&world, &other).await.expect(200));
        assert_eq!(with(&world, &one).all("/api/v1/me/sessions").await.len(), 1);
        // Later the first one can only be a copy: all of it ends.
        world.set_clock("2026-01-15T10:00:11Z");
        refresh(&world, &first).await.refused(400, "oauth.invalid_grant");
        for token in [one, other] {
            refresh(&world, &token).await.refused(400, "oauth.invalid_grant");
        }
    }

    async fn an_account_has_so_many_sessions_and_the_oldest_ends(world: World) {
        let hash = hash_password(&Password::parse(PASSWORD).unwrap()).unwrap();
        let kotka = world.municipality("Kotka").await;
        let (principal, own) = world.user(&kotka.id, Some(hash)).await;
        let oldest = world.refresh_token(principal).await;
        for _ in 1..50 {
            world.refresh_token(principal).await;
        }
        assert_eq!(own.all("/api/v1/me/sessions").await.len(), 50);
        sign_in(&world, &format!("{principal}@example.org"), PASSWORD).await.expect(200);
        assert_eq!(own.all("/api/v1/me/sessions").await.len(), 50);
        refresh(&world, &json!({"refresh_token": oldest})).await.refused(400, "oauth.invalid_grant");
    }
}
