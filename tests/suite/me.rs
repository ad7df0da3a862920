//! The caller's own affairs.

use crate::oauth::{PASSWORD, refresh, sign_in, user, with};
use serde_json::{Value, json};
use yhteen_domain::roles::Role;
use yhteen_tests::{Caller, both};

both! {
    async fn one_learns_who_one_is_whatever_the_scopes(world: World) {
        let city = world.municipality("Kaupunki").await;
        let office = world.part_of(Some(&city.id), "Toimiala", "other").await;
        let machine = world.client(&city.id, &[(&city.id, Role::Editor)], &[]).await;
        let me = machine.get("/api/v1/me").await.expect(200);
        assert_eq!((&me["organisation_id"], &me["scopes"], &me["coordinates"]), (&json!(city.id), &json!([]), &json!([])));
        // A role in a city is one in its parts.
        assert_eq!(me["roles"].as_array().unwrap().len(), 2);
        assert!(me["roles"].as_array().unwrap().contains(&json!({"organisation_id": office.id, "role": "editor", "read_only": false})));
        let operator = world.operator.get("/api/v1/me").await.expect(200);
        assert_eq!((&operator["operator"], &operator["organisation_id"]), (&json!(true), &Value::Null));
        world.anonymous().get("/api/v1/me").await.refused(401, "auth.unauthenticated");
    }

    async fn one_changes_ones_own_password(world: World) {
        let kotka = world.municipality("Kotka").await;
        user(&kotka, "kirjaaja@example.org", "editor").await;
        let token = sign_in(&world, "kirjaaja@example.org", PASSWORD).await.expect(200);
        let own = with(&world, &token);
        let change_as = |own: &Caller, current: &str, new: &str| {
            let body = json!({"current_password": current, "new_password": new});
            let own = own.clone();
            async move { own.post("/api/v1/me:change-password", body).await }
        };
        let change = |current: &str, new: &str| change_as(&own, current, new);
        let wrong = change("wrong password", "another password").await.refused(422, "account.wrong_password");
        assert_eq!(wrong["errors"][0]["pointer"], "/current_password");
        assert_eq!(change(PASSWORD, "short").await.refused(422, "request.invalid")["errors"][0]["pointer"], "/new_password");
        assert_eq!(change(PASSWORD, PASSWORD).await.refused(422, "request.invalid")["errors"][0]["code"], "unchanged");
        change(PASSWORD, "kirjaaja@example.org").await.refused(422, "request.invalid");
        assert_eq!(change(PASSWORD, "another password").await.status, 204);
        sign_in(&world, "kirjaaja@example.org", PASSWORD).await.refused(400, "oauth.invalid_grant");
        refresh(&world, &token).await.refused(400, "oauth.invalid_grant");
        change("another password", "another password 2").await.refused(401, "auth.unauthenticated");
        let own = with(&world, &sign_in(&world, "kirjaaja@example.org", "another password").await.expect(200));
        let change = |current: &str, new: &str| change_as(&own, current, new);
        let machine = kotka.editor.post("/api/v1/me:change-password", json!({"current_password": "x", "new_password": PASSWORD})).await;
        machine.refused(409, "account.no_password");
        // Guessing is slowed down as it is at the door.
        for _ in 0..5 {
            change("wrong password", "another password 2").await.refused(422, "account.wrong_password");
        }
        change("another password", "another password 2").await.refused(429, "auth.throttled");
    }
}
