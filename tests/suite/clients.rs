//! Machines' accounts: their secret is shown once, and they keep to their organisation.

use crate::oauth::{ask, with};
use reqwest::Method;
use serde_json::{Value, json};
use yhteen_tests::{Reply, World, both, caller::id};

async fn sign_in(world: &World, client: &str, secret: &str) -> Reply {
    ask(world, &[("grant_type", "client_credentials"), ("client_id", client), ("client_secret", secret)]).await
}

both! {
    async fn a_secret_is_shown_once(world: World) {
        let kotka = world.municipality("Kotka").await;
        let create = || {
            let body = json!({"organisation_id": kotka.id, "name": "Järjestelmä", "scopes": ["actions:read"]});
            let request = kotka.admin.request(Method::POST, "/api/v1/clients").header("idempotency-key", "one").json(&body);
            kotka.admin.send(request)
        };
        let mut made = create().await.expect(201);
        let secret = made["client_secret"].as_str().unwrap().to_owned();
        let client = id(&made);
        made.as_object_mut().unwrap().remove("client_secret");
        assert_eq!(create().await.expect(201), made);
        let at = format!("/api/v1/clients/{client}");
        assert_eq!(kotka.admin.get(&at).await.expect(200), made);
        assert_eq!(kotka.admin.all("/api/v1/clients").await.iter().filter(|item| item["id"] == made["id"]).count(), 1);

        let token = sign_in(&world, &client, &secret).await.expect(200);
        let rotated = kotka.admin.act(&format!("{at}:rotate-secret")).await.expect(200);
        assert_eq!(rotated["version"], 2);
        sign_in(&world, &client, &secret).await.refused(401, "oauth.invalid_client");
        sign_in(&world, &client, rotated["client_secret"].as_str().unwrap()).await.expect(200);
        with(&world, &token).get("/api/v1/me").await.expect(200);
    }

    async fn a_client_keeps_to_its_organisation(world: World) {
        let city = world.municipality("Kaupunki").await;
        let office = world.part_of(Some(&city.id), "Toimiala", "other").await;
        let new = |home: &str, place: &str| json!({"organisation_id": home, "name": "Järjestelmä", "scopes": ["actions:read"],
            "roles": [{"organisation_id": place, "role": "reporter"}]});
        city.admin.post("/api/v1/clients", new(&office.id, &city.id)).await.refused(422, "account.outside_organisation");
        office.admin.post("/api/v1/clients", new(&city.id, &city.id)).await.refused(403, "auth.forbidden");
        city.editor.post("/api/v1/clients", new(&city.id, &city.id)).await.refused(403, "auth.forbidden");
        let made = city.admin.post("/api/v1/clients", new(&city.id, &office.id)).await.expect(201);
        let at = format!("/api/v1/clients/{}", id(&made));
        // The part's administrator sees it, and takes its role away, but does not manage it.
        office.admin.patch(&at, 1, json!({"name": "Toinen"})).await.refused(403, "auth.forbidden");
        office.admin.act(&format!("{at}:rotate-secret")).await.refused(403, "auth.forbidden");
        assert_eq!(office.admin.patch(&at, 1, json!({"roles": []})).await.expect(200)["roles"], json!([]));
        office.admin.get(&at).await.refused(404, "request.not_found");
    }

    async fn a_client_is_narrowed_and_stopped(world: World) {
        let kotka = world.municipality("Kotka").await;
        let body = json!({"organisation_id": kotka.id, "name": "Järjestelmä", "scopes": ["actions:write", "actions:read"]});
        let made = kotka.admin.post("/api/v1/clients", body).await.expect(201);
        let (client, secret) = (id(&made), made["client_secret"].as_str().unwrap().to_owned());
        let at = format!("/api/v1/clients/{client}");
        kotka.admin.patch(&at, 1, json!({"scopes": []})).await.refused(422, "request.invalid");
        kotka.admin.patch(&at, 1, json!({"scopes": ["actions:fly"]})).await.refused(422, "request.invalid");
        kotka.admin.patch(&at, 1, json!({"scopes": ["actions:read"]})).await.expect(200);
        let token = sign_in(&world, &client, &secret).await.expect(200);
        assert_eq!(token["scope"], "actions:read");
        kotka.admin.patch(&at, 2, json!({"active": false})).await.expect(200);
        with(&world, &token).get("/api/v1/me").await.refused(401, "auth.unauthenticated");
        sign_in(&world, &client, &secret).await.refused(401, "oauth.invalid_client");
        let missing = kotka.admin.post("/api/v1/clients", json!({"organisation_id": kotka.id, "name": "A"})).await;
        assert_eq!(missing.refused(422, "request.invalid")["errors"][0]["pointer"], "/scopes");
        assert_eq!(made["deactivated_at"], Value::Null);
    }
}
