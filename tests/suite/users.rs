//! People's accounts: made and managed by the administrators of their organisations.

use crate::oauth::{PASSWORD, refresh, sign_in, user, with};
use reqwest::Method;
use serde_json::{Value, json};
use yhteen_tests::{both, caller::id};

both! {
    async fn the_operator_makes_the_first_administrator_and_only_that(world: World) {
        let made = world.operator.post("/api/v1/organisations", json!({"name": {"fi": "Hamina"}, "kind": "municipality"})).await;
        let hamina = id(&made.expect(201));
        let new = |email: &str| json!({"organisation_id": hamina, "name": "Ensimmäinen", "email": email, "password": PASSWORD,
            "roles": [{"organisation_id": hamina, "role": "admin"}]});
        // Nobody else: neither someone who only reads, nor a machine, whose secret the operator would know.
        for roles in [json!([]), json!([{"organisation_id": hamina, "role": "viewer"}])] {
            let mut reader = new("first@example.org");
            reader["roles"] = roles;
            world.operator.post("/api/v1/users", reader).await.refused(403, "auth.forbidden");
        }
        let mut machine = json!({"organisation_id": hamina, "name": "Järjestelmä", "scopes": ["actions:read"]});
        world.operator.post("/api/v1/clients", machine.clone()).await.refused(403, "auth.forbidden");
        machine["roles"] = json!([{"organisation_id": hamina, "role": "admin"}]);
        world.operator.post("/api/v1/clients", machine).await.refused(403, "auth.forbidden");
        let first = id(&world.operator.post("/api/v1/users", new("first@example.org")).await.expect(201));
        world.operator.post("/api/v1/users", new("second@example.org")).await.refused(403, "auth.forbidden");
        // Nor does the operator read people's data.
        world.operator.get(&format!("/api/v1/users/{first}")).await.refused(404, "request.not_found");
        let admin = with(&world, &sign_in(&world, "first@example.org", PASSWORD).await.expect(200));
        admin.post("/api/v1/users", new("second@example.org")).await.expect(201);
        assert_eq!(admin.all("/api/v1/users").await.len(), 2);
    }

    async fn a_successors_administrator_is_one_from_its_day_on(world: World) {
        let new = world.municipality("Hyvinvointialue").await;
        let old = json!({"name": {"fi": "Kymsote"}, "kind": "joint_authority"});
        let old = id(&world.operator.post("/api/v1/organisations", old).await.expect(201));
        let at = format!("/api/v1/organisations/{old}");
        let first = |email: &str| {
            let (operator, email) = (world.operator.clone(), email.to_owned());
            let body = json!({"organisation_id": old, "name": "A", "email": email,
                "roles": [{"organisation_id": old, "role": "admin"}]});
            async move { operator.post("/api/v1/users", body).await }
        };
        let succeeds = |on: &str| json!({"successor_id": new.id, "succeeded_on": on});
        world.operator.change(&at, succeeds("2026-01-15")).await.expect(200);
        first("a@example.org").await.refused(403, "auth.forbidden");
        world.operator.change(&at, succeeds("2026-01-16")).await.expect(200);
        first("a@example.org").await.expect(201);
    }

    async fn accounts_are_for_administrators_and_for_oneself(world: World) {
        let (kotka, kouvola) = (world.municipality("Kotka").await, world.municipality("Kouvola").await);
        let user = user(&kotka, "kirjaaja@example.org", "editor").await;
        let at = format!("/api/v1/users/{user}");
        let seen = kotka.admin.get(&at).await.expect(200);
        assert_eq!((&seen["email"], &seen["active"]), (&json!("kirjaaja@example.org"), &json!(true)));
        assert_eq!(seen["permissions"], json!({"edit": true, "edit_roles": true}));
        assert!(!seen.to_string().contains("argon2"));
        let own = with(&world, &sign_in(&world, "kirjaaja@example.org", PASSWORD).await.expect(200));
        assert_eq!(own.get(&at).await.expect(200)["permissions"], json!({"edit": false, "edit_roles": false}));
        own.change(&at, json!({"name": "Toinen"})).await.refused(403, "auth.forbidden");
        own.change(&at, json!({"roles": []})).await.refused(403, "auth.forbidden");
        own.act(&format!("{at}:reset-password")).await.refused(403, "auth.forbidden");
        for stranger in [&kotka.editor, &kouvola.admin, &world.operator] {
            stranger.get(&at).await.refused(404, "request.not_found");
            stranger.change(&at, json!({"active": false})).await.refused(404, "request.not_found");
            stranger.act(&format!("{at}:reset-password")).await.refused(404, "request.not_found");
        }
        world.anonymous().get(&at).await.refused(401, "auth.unauthenticated");
        kotka.editor.get(&format!("/api/v1/users?organisation_id={}", kotka.id)).await.refused(403, "auth.forbidden");
        assert_eq!(kotka.editor.all("/api/v1/users").await.len(), 0);
        assert_eq!(kouvola.admin.all("/api/v1/users").await.len(), 0);
        assert_eq!(kotka.admin.all(&format!("/api/v1/users?organisation_id={}", kotka.id)).await.len(), 1);
        // A person is no client.
        kotka.admin.get(&format!("/api/v1/clients/{user}")).await.refused(404, "request.not_found");
    }

    async fn roles_are_given_where_one_administers(world: World) {
        let (kotka, kouvola) = (world.municipality("Kotka").await, world.municipality("Kouvola").await);
        let role = |organisation: &str, role: &str| json!({"organisation_id": organisation, "role": role});
        let new = |roles: Value| json!({"organisation_id": kotka.id, "name": "Kirjaaja", "email": "kirjaaja@example.org", "roles": roles});
        let both = new(json!([role(&kotka.id, "viewer"), role(&kouvola.id, "admin")]));
        kotka.admin.post("/api/v1/users", both).await.refused(403, "auth.forbidden");
        let twice = new(json!([role(&kotka.id, "viewer"), role(&kotka.id, "admin")]));
        let refused = kotka.admin.post("/api/v1/users", twice).await.refused(422, "request.invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/roles/1/organisation_id");
        let theirs = json!({"organisation_id": kouvola.id, "name": "Kirjaaja", "email": "kirjaaja@example.org"});
        kotka.admin.post("/api/v1/users", theirs).await.refused(403, "auth.forbidden");

        // Someone of both gives a role in each; from then on each keeps to its own.
        let across = world.client(&kotka.id, &[(&kotka.id, yhteen_domain::roles::Role::Admin), (&kouvola.id, yhteen_domain::roles::Role::Admin)],
            yhteen_domain::vocabulary::Vocabulary::ALL).await;
        let made = across.post("/api/v1/users", new(json!([role(&kotka.id, "viewer"), role(&kouvola.id, "editor")]))).await.expect(201);
        let at = format!("/api/v1/users/{}", id(&made));
        let changed = kouvola.admin.patch(&at, 1, json!({"roles": [role(&kouvola.id, "reporter")]})).await.expect(200);
        assert_eq!(changed["roles"], json!([role(&kouvola.id, "reporter")]));
        assert_eq!(changed["permissions"], json!({"edit": false, "edit_roles": true}));
        kouvola.admin.patch(&at, 2, json!({"name": "Toinen"})).await.refused(403, "auth.forbidden");
        kouvola.admin.act(&format!("{at}:reset-password")).await.refused(403, "auth.forbidden");
        kouvola.admin.patch(&at, 2, json!({"roles": [role(&kotka.id, "admin")]})).await.refused(403, "auth.forbidden");
        let seen = kotka.admin.get(&at).await.expect(200);
        let mut roles = vec![role(&kotka.id, "viewer"), role(&kouvola.id, "reporter")];
        roles.sort_by_key(|role| role["organisation_id"].as_str().unwrap().to_owned());
        assert_eq!(seen["roles"], json!(roles));
        kotka.admin.patch(&at, 2, json!({"roles": []})).await.expect(200);
        assert_eq!(kotka.admin.get(&at).await.expect(200)["roles"], json!([role(&kouvola.id, "reporter")]));
        kouvola.admin.patch(&at, 3, json!({"roles": []})).await.expect(200);
        kouvola.admin.get(&at).await.refused(404, "request.not_found");
    }

    async fn what_is_taken_away_is_gone_at_once(world: World) {
        let kotka = world.municipality("Kotka").await;
        let user = user(&kotka, "kirjaaja@example.org", "admin").await;
        let at = format!("/api/v1/users/{user}");
        let token = sign_in(&world, "kirjaaja@example.org", PASSWORD).await.expect(200);
        let own = with(&world, &token);
        own.get(&format!("/api/v1/users?organisation_id={}", kotka.id)).await.expect(200);
        kotka.admin.patch(&at, 1, json!({"roles": [{"organisation_id": kotka.id, "role": "editor"}]})).await.expect(200);
        own.get(&format!("/api/v1/users?organisation_id={}", kotka.id)).await.refused(403, "auth.forbidden");
        let off = kotka.admin.patch(&at, 2, json!({"active": false})).await.expect(200);
        assert_eq!((&off["active"], off["deactivated_at"].is_string()), (&json!(false), true));
        own.get("/api/v1/me").await.refused(401, "auth.unauthenticated");
        refresh(&world, &token).await.refused(400, "oauth.invalid_grant");
        sign_in(&world, "kirjaaja@example.org", PASSWORD).await.refused(400, "oauth.invalid_grant");
        assert_eq!(kotka.admin.all("/api/v1/users?active=true").await.len(), 0);
        assert_eq!(kotka.admin.all("/api/v1/users?active=false").await.len(), 1);
        kotka.admin.patch(&at, 2, json!({"active": true})).await.refused(412, "request.precondition_failed");
        kotka.admin.patch(&at, 3, json!({"active": true})).await.expect(200);
        sign_in(&world, "kirjaaja@example.org", PASSWORD).await.expect(200);
        // The old sign-in does not come back.
        refresh(&world, &token).await.refused(400, "oauth.invalid_grant");
    }

    async fn a_one_time_code_is_shown_once(world: World) {
        let kotka = world.municipality("Kotka").await;
        let user = user(&kotka, "kirjaaja@example.org", "editor").await;
        let reset = || {
            let request = kotka.admin.request(Method::POST, &format!("/api/v1/users/{user}:reset-password"));
            kotka.admin.send(request.header("idempotency-key", "once"))
        };
        let code = reset().await.expect(200)["code"].as_str().unwrap().to_owned();
        assert_eq!(reset().await.expect(200), json!({"user_id": user, "expires_at": "2026-01-16T10:00:00Z"}));
        let set = json!({"email": "kirjaaja@example.org", "code": code, "new_password": "toinen hyvä salasana"});
        assert_eq!(world.anonymous().post("/api/v1/me:set-password", set).await.status, 204);
        sign_in(&world, "kirjaaja@example.org", "toinen hyvä salasana").await.expect(200);
    }

    async fn the_address_to_sign_in_with_is_changed(world: World) {
        let kotka = world.municipality("Kotka").await;
        user(&kotka, "toinen@example.org", "editor").await;
        let at = format!("/api/v1/users/{}", user(&kotka, "kirjaaja@example.org", "editor").await);
        let taken = kotka.admin.change(&at, json!({"email": "TOINEN@example.org"})).await.refused(409, "request.already_exists");
        assert_eq!(taken["errors"][0]["pointer"], "/email");
        kotka.admin.change(&at, json!({"email": null})).await.refused(422, "request.invalid");
        let changed = kotka.admin.change(&at, json!({"email": "Kolmas@example.org"})).await.expect(200);
        assert_eq!(changed["email"], "kolmas@example.org");
        sign_in(&world, "kolmas@example.org", PASSWORD).await.expect(200);
    }

    async fn an_account_without_a_password_cannot_sign_in(world: World) {
        let kotka = world.municipality("Kotka").await;
        let body = json!({"organisation_id": kotka.id, "name": "Kirjaaja", "email": "kirjaaja@example.org"});
        kotka.admin.post("/api/v1/users", body).await.expect(201);
        sign_in(&world, "kirjaaja@example.org", PASSWORD).await.refused(400, "oauth.invalid_grant");
    }

    async fn wrong_users_are_refused_by_the_place_that_is_wrong(world: World) {
        let kotka = world.municipality("Kotka").await;
        user(&kotka, "kirjaaja@example.org", "editor").await;
        let good = json!({"organisation_id": kotka.id, "name": "Toinen", "email": "toinen@example.org", "password": PASSWORD});
        let table = [
            ("email", json!("nobody"), 422, "request.invalid", "/email"),
            ("email", json!("KIRJAAJA@example.org"), 409, "request.already_exists", "/email"),
            ("name", json!(""), 422, "request.invalid", "/name"),
            ("password", json!("short"), 422, "request.invalid", "/password"),
            ("password", json!("Toinen@Example.org"), 422, "request.invalid", "/password"),
            ("password", json!("a".repeat(201)), 422, "request.invalid", "/password"),
            ("roles", json!([{"organisation_id": kotka.id, "role": "king"}]), 422, "request.invalid", "/roles/0/role"),
            ("roles", json!([{"organisation_id": kotka.id}]), 422, "request.invalid", "/roles/0/organisation_id"),
            ("operator", json!(true), 422, "request.invalid", "/operator"),
            ("organisation_id", Value::Null, 422, "request.invalid", "/organisation_id"),
        ];
        for (member, value, status, code, pointer) in table {
            let mut body = good.clone();
            body[member] = value;
            let refused = kotka.admin.post("/api/v1/users", body).await.refused(status, code);
            if pointer != "/roles/0/organisation_id" {
                assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
            }
        }
        assert_eq!(kotka.admin.all("/api/v1/users").await.len(), 1);
    }
}
