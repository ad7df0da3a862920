//! Suspension: at once, for accounts and organisations, and no key to anything for the operator.

use crate::actions::region;
use crate::oauth::{self, PASSWORD, ask, refresh, sign_in, user};
use serde_json::{Value, json};
use yhteen_domain::roles::{Role, TokenScope};
use yhteen_domain::vocabulary::Vocabulary;
use yhteen_tests::caller::id;
use yhteen_tests::{Caller, World, both};

fn reason() -> Value {
    json!({"reason": "Tunnus on joutunut vääriin käsiin"})
}

/// Suspends what is at the path: the suspension.
async fn suspend(world: &World, at: &str) -> Value {
    world.operator.post(&format!("{at}:suspend"), reason()).await.expect(200)
}

/// The types of the changes that the caller can read from the beginning of the feed, with those of the aggregates.
async fn told(world: &World, caller: &Caller) -> Vec<String> {
    crate::attacks::settled(world).await;
    let feed = caller.get("/api/v1/changes?limit=1000").await.expect(200);
    let items = feed["items"].as_array().unwrap().iter();
    items.map(|item| item["type"].as_str().unwrap().to_owned()).filter(|kind| kind.contains("suspen")).collect()
}

both! {
    async fn a_suspended_user_neither_signs_in_nor_uses_what_it_has(world: World) {
        let city = world.municipality("Kouvola").await;
        let account = user(&city, "kirjaaja@example.org", "editor").await;
        let token = sign_in(&world, "kirjaaja@example.org", PASSWORD).await.expect(200);
        let person = oauth::with(&world, &token);
        let feed = person.post("/api/v1/calendar-feeds", json!({"language": "fi"})).await.expect(201);
        let at = format!("/api/v1/users/{account}");
        let suspension = suspend(&world, &at).await;
        assert_eq!((&suspension["principal_id"], &suspension["lifted_at"]), (&json!(account), &Value::Null));

        person.get("/api/v1/me").await.refused(401, "auth.unauthenticated");
        person.get("/api/v1/organisations").await.refused(401, "auth.unauthenticated");
        sign_in(&world, "kirjaaja@example.org", PASSWORD).await.refused(400, "oauth.invalid_grant");
        refresh(&world, &token).await.refused(400, "oauth.invalid_grant");
        world.anonymous().get(feed["url"].as_str().unwrap()).await.refused(404, "request.not_found");

        let lifted = world.operator.act(&format!("{at}:lift-suspension")).await.expect(200);
        assert_eq!((&lifted["id"], &lifted["version"]), (&suspension["id"], &json!(2)));
        // What had been signed in before stays ended.
        refresh(&world, &token).await.refused(400, "oauth.invalid_grant");
        sign_in(&world, "kirjaaja@example.org", PASSWORD).await.expect(200);
        world.operator.act(&format!("{at}:lift-suspension")).await.refused(409, "suspension.not_suspended");
    }

    async fn a_suspended_client_gets_no_token_and_its_own_is_refused(world: World) {
        let city = world.municipality("Kouvola").await;
        let new = json!({"organisation_id": city.id, "name": "Arkisto", "scopes": ["actions:read"]});
        let client = city.admin.post("/api/v1/clients", new).await.expect(201);
        let secret = client["client_secret"].as_str().unwrap().to_owned();
        let client = id(&client);
        let form = [("grant_type", "client_credentials"), ("client_id", &client), ("client_secret", &secret)];
        let token = ask(&world, &form).await.expect(200);
        let machine = oauth::with(&world, &token);
        suspend(&world, &format!("/api/v1/clients/{client}")).await;
        machine.get("/api/v1/actions").await.refused(401, "auth.unauthenticated");
        ask(&world, &form).await.refused(401, "oauth.invalid_client");
        // A machine is no user, and a user no machine.
        let other = format!("/api/v1/users/{client}:suspend");
        world.operator.post(&other, reason()).await.refused(404, "request.not_found");
    }

    async fn in_a_suspended_organisation_nobody_reads_as_it_or_writes_for_it(world: World) {
        let region = region(&world).await;
        let draft = region.draft("A1", "private").await;
        let (city, town) = (&region.city, &region.town);
        // Someone of another organisation with a role in this one, and someone of this one with a role in another.
        let guest = world.client(&town.id, &[(&city.id, Role::Admin), (&town.id, Role::Editor)], TokenScope::ALL).await;
        let envoy = world.client(&city.id, &[(&city.id, Role::Viewer), (&town.id, Role::Admin)], TokenScope::ALL).await;
        suspend(&world, &format!("/api/v1/organisations/{}", city.id)).await;
        for caller in [&city.admin, &city.editor, &city.viewer, &guest, &envoy] {
            caller.get(&draft).await.refused(404, "request.not_found");
            caller.get("/api/v1/me").await.expect(200);
        }
        city.editor.post("/api/v1/actions", region.plan("A2", "private")).await.refused(403, "organisation.suspended");
        guest.post("/api/v1/actions", region.plan("A2", "private")).await.refused(403, "organisation.suspended");
        let users = format!("/api/v1/users?organisation_id={}", city.id);
        city.admin.get(&users).await.refused(403, "organisation.suspended");
        // The guest goes on where it belongs; the envoy has lost every role with its home.
        let body = crate::attacks::body(town, "public");
        town.admin.post("/api/v1/bodies", body.clone()).await.expect(201);
        envoy.post("/api/v1/bodies", body).await.refused(403, "organisation.suspended");
        assert_eq!(guest.get("/api/v1/me").await.expect(200)["roles"].as_array().unwrap().len(), 1);
        assert_eq!(envoy.get("/api/v1/me").await.expect(200)["roles"], json!([]));

        world.operator.act(&format!("/api/v1/organisations/{}:lift-suspension", city.id)).await.expect(200);
        for caller in [&city.admin, &guest, &envoy] {
            caller.get(&draft).await.expect(200);
        }
    }

    async fn neither_parent_nor_successor_gets_around_a_suspension(world: World) {
        let city = world.municipality("Kouvola").await;
        let office = world.part_of(Some(&city.id), "Sivistystoimi", "municipality").await;
        suspend(&world, &format!("/api/v1/organisations/{}", office.id)).await;
        let body = crate::attacks::body(&office, "public");
        city.admin.post("/api/v1/bodies", body.clone()).await.refused(403, "organisation.suspended");
        office.admin.post("/api/v1/bodies", body.clone()).await.refused(403, "organisation.suspended");
        let successor = json!({"successor_id": city.id, "succeeded_on": "2026-01-01", "parent_id": null});
        world.operator.change(&format!("/api/v1/organisations/{}", office.id), successor).await.expect(200);
        city.admin.post("/api/v1/bodies", body).await.refused(403, "organisation.suspended");
    }

    async fn those_concerned_are_told_and_nobody_else(world: World) {
        let (city, town) = (world.municipality("Kouvola").await, world.municipality("Kotka").await);
        let account = user(&city, "kirjaaja@example.org", "editor").await;
        suspend(&world, &format!("/api/v1/users/{account}")).await;
        let of_city = suspend(&world, &format!("/api/v1/organisations/{}", city.id)).await;
        assert_eq!(told(&world, &city.admin).await, ["user.suspended", "organisation.suspended"]);
        for other in [&city.editor, &town.admin, &world.anonymous()] {
            assert!(told(&world, other).await.is_empty());
        }
        // The reason is read by its administrator while the suspension is in force.
        let at = format!("/api/v1/suspensions/{}", id(&of_city));
        assert_eq!(city.admin.get(&at).await.expect(200)["reason"], reason()["reason"]);
        assert_eq!(city.admin.all("/api/v1/suspensions").await.len(), 2);
        assert_eq!(world.operator.all("/api/v1/suspensions?active=true").await.len(), 2);
        for other in [&city.editor, &town.admin] {
            other.get(&at).await.refused(404, "request.not_found");
            assert!(other.all("/api/v1/suspensions").await.is_empty());
        }
        world.operator.act(&format!("/api/v1/organisations/{}:lift-suspension", city.id)).await.expect(200);
        assert_eq!(told(&world, &city.admin).await.last().unwrap(), "organisation.suspension_lifted");
        assert_eq!(world.operator.all("/api/v1/suspensions?active=false").await.len(), 1);
    }

    async fn a_suspension_opens_nothing_to_the_operator(world: World) {
        let region = region(&world).await;
        let draft = region.draft("A1", "private").await;
        let city = &region.city;
        let account = user(city, "kirjaaja@example.org", "admin").await;
        let at = format!("/api/v1/users/{account}");
        for client in [&city.admin, &city.editor, &city.viewer, &city.reporter] {
            suspend(&world, &format!("/api/v1/clients/{}", world.principal(client))).await;
        }
        let shown = suspend(&world, &at).await;
        assert!(!shown.to_string().contains("example.org"), "{shown}");
        world.operator.get(&at).await.refused(404, "request.not_found");
        world.operator.get(&draft).await.refused(404, "request.not_found");
        // A suspended administrator is one: no further first administrator is made in its place.
        let new = json!({"organisation_id": city.id, "name": "Soluttautuja", "email": "uusi@example.org",
            "roles": [{"organisation_id": city.id, "role": "admin"}]});
        world.operator.post("/api/v1/users", new).await.refused(403, "auth.forbidden");
    }

    async fn only_the_operator_suspends_and_never_itself(world: World) {
        let (city, town) = (world.municipality("Kouvola").await, world.municipality("Kotka").await);
        let account = user(&city, "kirjaaja@example.org", "viewer").await;
        let at = format!("/api/v1/users/{account}:suspend");
        city.admin.post(&at, reason()).await.refused(403, "auth.forbidden");
        town.admin.post(&at, reason()).await.refused(404, "request.not_found");
        let organisation = format!("/api/v1/organisations/{}:suspend", city.id);
        town.admin.post(&organisation, reason()).await.refused(403, "auth.forbidden");
        city.admin.post(&organisation, reason()).await.refused(403, "auth.forbidden");
        let own = format!("/api/v1/clients/{}:suspend", world.principal(&world.operator));
        world.operator.post(&own, reason()).await.refused(409, "suspension.own_account");
        world.operator.post(&at, json!({})).await.refused(422, "request.invalid");
    }

    async fn suspending_twice_changes_nothing(world: World) {
        let city = world.municipality("Kouvola").await;
        let at = format!("/api/v1/organisations/{}", city.id);
        let first = suspend(&world, &at).await;
        let again = world.operator.post(&format!("{at}:suspend"), json!({"reason": "Toinen syy"})).await.expect(200);
        assert_eq!(first, again);
        assert_eq!(told(&world, &city.admin).await, ["organisation.suspended"]);
        world.operator.act(&format!("{at}:lift-suspension")).await.expect(200);
        assert_ne!(suspend(&world, &at).await["id"], first["id"]);
        assert_eq!(world.operator.all("/api/v1/suspensions").await.len(), 2);
    }
}
