//! To become somebody else by managing their account.

use crate::oauth::{PASSWORD, sign_in, with};
use serde_json::{Value, json};
use yhteen_domain::roles::{Role, TokenScope};
use yhteen_domain::vocabulary::Vocabulary;
use yhteen_tests::{Caller, Organisation, World, both, caller::id};

fn role(organisation: &Organisation, role: &str) -> Value {
    json!({"organisation_id": organisation.id, "role": role})
}

/// A caller who administers all of these.
async fn administrator(world: &World, of: &[&Organisation]) -> Caller {
    let roles: Vec<_> = of.iter().map(|organisation| (organisation.id.as_str(), Role::Admin)).collect();
    world.client(&of[0].id, &roles, TokenScope::ALL).await
}

/// A person of the first organisation, with these roles.
async fn person(world: &World, of: &[&Organisation], roles: Value) -> String {
    let body = json!({"organisation_id": of[0].id, "name": "Virve Virkanainen", "email": "virve@example.org",
        "password": PASSWORD, "roles": roles});
    id(&administrator(world, of).await.post("/api/v1/users", body).await.expect(201))
}

/// Everything that would make the caller the person, or shut the person out, is refused.
async fn cannot_take_over(caller: &Caller, at: &str) {
    assert_eq!(caller.get(at).await.expect(200)["permissions"]["edit"], false);
    caller.act(&format!("{at}:reset-password")).await.refused(403, "auth.forbidden");
    for change in [json!({"active": false}), json!({"name": "Toinen"}), json!({"email": "toinen@example.org"})] {
        caller.change(at, change).await.refused(403, "auth.forbidden");
    }
}

both! {
    async fn the_administrator_of_a_part_does_not_become_the_administrator_of_the_whole(world: World) {
        let city = world.municipality("Kaupunki").await;
        let office = world.part_of(Some(&city.id), "Toimiala", "other").await;
        let user = person(&world, &[&office, &city], json!([role(&office, "viewer"), role(&city, "admin")])).await;
        let at = format!("/api/v1/users/{user}");
        cannot_take_over(&office.admin, &at).await;
        let own = with(&world, &sign_in(&world, "virve@example.org", PASSWORD).await.expect(200));
        own.get(&format!("/api/v1/users?organisation_id={}", city.id)).await.expect(200);
        // Whoever administers the whole administers the part.
        assert_eq!(city.admin.get(&at).await.expect(200)["permissions"]["edit"], true);
        city.admin.change(&at, json!({"email": "virve.virkanainen@example.org"})).await.expect(200);
        city.admin.act(&format!("{at}:reset-password")).await.expect(200);
        // The part may take back its own role, which is no way to the person's other ones.
        let left = office.admin.change(&at, json!({"roles": []})).await.expect(200);
        assert_eq!(left["permissions"]["edit"], false);
    }

    async fn nobody_manages_whoever_works_elsewhere_too(world: World) {
        let (kotka, kouvola) = (world.municipality("Kotka").await, world.municipality("Kouvola").await);
        let user = person(&world, &[&kotka, &kouvola], json!([role(&kotka, "editor"), role(&kouvola, "reporter")])).await;
        let at = format!("/api/v1/users/{user}");
        for one in [&kotka.admin, &kouvola.admin] {
            cannot_take_over(one, &at).await;
        }
        let both = administrator(&world, &[&kouvola, &kotka]).await;
        both.change(&at, json!({"active": false})).await.expect(200);
        // Once its role elsewhere has been taken back, it is its own organisation's to manage.
        kouvola.admin.change(&at, json!({"roles": []})).await.expect(200);
        kotka.admin.change(&at, json!({"active": true})).await.expect(200);
    }

    async fn the_role_of_a_coordinator_is_not_gained_by_managing_one(world: World) {
        let (kotka, county) = (world.municipality("Kotka").await, world.organisation("Hyvinvointialue", "wellbeing_services_county").await);
        let user = person(&world, &[&kotka, &county], json!([role(&kotka, "viewer"), role(&county, "viewer")])).await;
        let programme = json!({"organisation_id": county.id, "title": {"fi": "Suunnitelma"}, "starts_on": "2026-01-01", "ends_on": "2029-12-31"});
        let programme = id(&county.admin.post("/api/v1/programmes", programme).await.expect(201));
        county.admin.put(&format!("/api/v1/programmes/{programme}/coordinators/{user}"), json!({})).await.expect(200);
        cannot_take_over(&kotka.admin, &format!("/api/v1/users/{user}")).await;
        // Without a role in a coordinating member the appointment is worth nothing, and so is the account to Kotka.
        county.admin.change(&format!("/api/v1/users/{user}"), json!({"roles": []})).await.expect(200);
        let own = with(&world, &sign_in(&world, "virve@example.org", PASSWORD).await.expect(200));
        assert_eq!(own.get("/api/v1/me").await.expect(200)["coordinates"], json!([]));
        kotka.admin.act(&format!("/api/v1/users/{user}:reset-password")).await.expect(200);
    }

    async fn the_administrator_of_a_part_does_not_get_the_secret_of_the_wholes_machine(world: World) {
        let city = world.municipality("Kaupunki").await;
        let office = world.part_of(Some(&city.id), "Toimiala", "other").await;
        let machine = json!({"organisation_id": office.id, "name": "Järjestelmä", "scopes": ["actions:read"]});
        let at = format!("/api/v1/clients/{}", id(&office.admin.post("/api/v1/clients", machine).await.expect(201)));
        assert_eq!(office.admin.get(&at).await.expect(200)["permissions"]["edit"], true);
        // The part is set up anew elsewhere, and its machine with it has a role in what it was a part of.
        let other = world.municipality("Toinen").await;
        city.admin.change(&at, json!({"roles": [role(&office, "editor")]})).await.expect(200);
        other.admin.act(&format!("{at}:rotate-secret")).await.refused(404, "request.not_found");
        office.admin.act(&format!("{at}:rotate-secret")).await.expect(200);
    }

    async fn a_reset_gives_a_code_that_is_no_password(world: World) {
        let kotka = world.municipality("Kotka").await;
        let user = person(&world, &[&kotka], json!([role(&kotka, "editor")])).await;
        let reset = kotka.admin.act(&format!("/api/v1/users/{user}:reset-password")).await.expect(200);
        let code = reset["code"].as_str().unwrap();
        assert_eq!(reset["expires_at"], "2026-01-16T10:00:00Z");
        sign_in(&world, "virve@example.org", PASSWORD).await.refused(400, "oauth.invalid_grant");
        // The code signs nobody in: it is for setting a password, once, within a day.
        sign_in(&world, "virve@example.org", code).await.refused(400, "oauth.invalid_grant");
        let set = |code: &str, password: &str| {
            let body = json!({"email": "virve@example.org", "code": code, "new_password": password});
            let nobody = world.anonymous();
            async move { nobody.post("/api/v1/me:set-password", body).await }
        };
        set("wrong", "uusi hyvä salasana").await.refused(422, "account.wrong_code");
        assert_eq!(set(code, code).await.refused(422, "request.invalid")["errors"][0]["code"], "unchanged");
        assert_eq!(set(code, "uusi hyvä salasana").await.status, 204);
        set(code, "kolmas hyvä salasana").await.refused(422, "account.wrong_code");
        sign_in(&world, "virve@example.org", code).await.refused(400, "oauth.invalid_grant");
        sign_in(&world, "virve@example.org", "uusi hyvä salasana").await.expect(200);
        // A password is no code.
        set("uusi hyvä salasana", "kolmas hyvä salasana").await.refused(422, "account.wrong_code");
    }

    async fn a_code_is_good_for_a_day_and_guessed_by_nobody(world: World) {
        let kotka = world.municipality("Kotka").await;
        let user = person(&world, &[&kotka], json!([])).await;
        let code = kotka.admin.act(&format!("/api/v1/users/{user}:reset-password")).await.expect(200)["code"].clone();
        let set = |code: &Value| {
            let body = json!({"email": "virve@example.org", "code": code, "new_password": "uusi hyvä salasana"});
            let nobody = world.anonymous();
            async move { nobody.post("/api/v1/me:set-password", body).await }
        };
        for _ in 0..5 {
            set(&json!("wrong")).await.refused(422, "account.wrong_code");
        }
        let slowed = set(&code).await;
        assert!(slowed.header("retry-after").is_some());
        slowed.refused(429, "auth.throttled");
        world.set_clock("2026-01-16T10:00:00Z");
        set(&code).await.refused(422, "account.wrong_code");
    }
}
