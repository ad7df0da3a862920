//! To guess a password, or to find one where a browser has left it.

use crate::oauth::{PASSWORD, sign_in, user, with};
use serde_json::json;
use yhteen_tests::both;

both! {
    async fn a_password_that_anybody_would_try_is_refused(world: World) {
        let kotka = world.municipality("Kotka").await;
        let new = |password: &str| json!({"organisation_id": kotka.id, "name": "Virve Virkanainen",
            "email": "virve.virkanainen@example.org", "password": password});
        for (password, code) in [
            ("password123", "too_common"),
            ("Password123", "too_common"),
            ("QWERTYUIOP", "too_common"),
            ("1234567890", "too_common"),
            ("Virve Virkanainen", "like_account"),
            ("virvevirkanainen", "like_account"),
            ("VIRVE.VIRKANAINEN", "like_account"),
            ("nenianakriv.evriv", "like_account"),
            ("virve.virkanainen@example.org", "like_account"),
            ("virve.virkanainen2026", "like_account"),
        ] {
            let refused = kotka.admin.post("/api/v1/users", new(password)).await.refused(422, "request.invalid");
            assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!("/password"), &json!(code)), "{password}");
        }
        kotka.admin.post("/api/v1/users", new(PASSWORD)).await.expect(201);
        // Nor by the ways on which people set their own.
        let other = user(&kotka, "kirjaaja@example.org", "editor").await;
        let own = with(&world, &sign_in(&world, "kirjaaja@example.org", PASSWORD).await.expect(200));
        let reset = format!("/api/v1/users/{other}:reset-password");
        let change = json!({"current_password": PASSWORD, "new_password": "password123"});
        own.post("/api/v1/me:change-password", change).await.refused(422, "request.invalid");
        let code = kotka.admin.act(&reset).await.expect(200)["code"].clone();
        let set = json!({"email": "kirjaaja@example.org", "code": code, "new_password": "kirjaaja@EXAMPLE.org"});
        world.anonymous().post("/api/v1/me:set-password", set).await.refused(422, "request.invalid");
    }

    async fn the_documentation_leaves_no_token_in_the_browser(world: World) {
        let settings = world.anonymous().get("/docs/swagger-initializer.js").await;
        assert!(settings.text.contains("SwaggerUIBundle"), "{}", settings.text);
        assert!(!settings.text.contains("\"persistAuthorization\": true"), "{}", settings.text);
    }
}
