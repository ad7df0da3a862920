//! To get by way of another account what one's own token does not carry.

use crate::oauth::PASSWORD;
use serde_json::{Value, json};
use yhteen_domain::roles::{Role, TokenScope};
use yhteen_domain::vocabulary::Vocabulary;
use yhteen_tests::{Caller, Organisation, World, both, caller::id};

/// The administrator of an organisation, by a token that manages accounts and does nothing else.
async fn narrowed(world: &World, of: &Organisation) -> Caller {
    let scopes = [TokenScope::AccountsRead, TokenScope::AccountsWrite];
    world.client(&of.id, &[(&of.id, Role::Admin)], &scopes).await
}

fn machine(of: &Organisation, scopes: Value) -> Value {
    json!({"organisation_id": of.id, "name": "Järjestelmä", "scopes": scopes})
}

both! {
    async fn a_token_makes_no_client_that_may_do_more(world: World) {
        let kotka = world.municipality("Kotka").await;
        let narrow = narrowed(&world, &kotka).await;
        let all: Vec<_> = TokenScope::ALL.iter().map(|scope| scope.as_str()).collect();
        let refused = narrow.post("/api/v1/clients", machine(&kotka, json!(all))).await.refused(403, "auth.scope_missing");
        let detail = refused["detail"].as_str().unwrap();
        assert!(detail.contains("reports:write") && !detail.contains("accounts:write"), "{detail}");
        let made = narrow.post("/api/v1/clients", machine(&kotka, json!(["accounts:read"]))).await.expect(201);
        let at = format!("/api/v1/clients/{}", id(&made));
        for scopes in [json!(all), json!(["accounts:read", "actions:read"])] {
            narrow.change(&at, json!({"scopes": scopes})).await.refused(403, "auth.scope_missing");
        }
        narrow.change(&at, json!({"scopes": ["accounts:read", "accounts:write"]})).await.expect(200);
    }

    async fn a_client_gives_itself_no_scope(world: World) {
        let kotka = world.municipality("Kotka").await;
        let narrow = narrowed(&world, &kotka).await;
        let at = format!("/api/v1/clients/{}", world.principal(&narrow));
        narrow.change(&at, json!({"scopes": ["accounts:write", "reports:write"]})).await.refused(403, "auth.scope_missing");
        assert_eq!(kotka.admin.get(&at).await.expect(200)["scopes"], json!(["accounts:read", "accounts:write"]));
    }

    async fn a_token_gets_no_secret_of_a_client_that_may_do_more(world: World) {
        let kotka = world.municipality("Kotka").await;
        let made = kotka.admin.post("/api/v1/clients", machine(&kotka, json!(["actions:write"]))).await.expect(201);
        let at = format!("/api/v1/clients/{}", id(&made));
        let narrow = narrowed(&world, &kotka).await;
        narrow.act(&format!("{at}:rotate-secret")).await.refused(403, "auth.scope_missing");
        // To take something away is to grant nothing; to give it back is.
        narrow.change(&at, json!({"name": "Toinen", "roles": []})).await.expect(200);
        narrow.change(&at, json!({"roles": [{"organisation_id": kotka.id, "role": "viewer"}]})).await.refused(403, "auth.scope_missing");
        narrow.change(&at, json!({"active": false})).await.expect(200);
        narrow.change(&at, json!({"active": true})).await.refused(403, "auth.scope_missing");
        kotka.admin.change(&at, json!({"active": true})).await.expect(200);
    }

    async fn a_token_makes_and_becomes_no_person_who_may_do_more(world: World) {
        let kotka = world.municipality("Kotka").await;
        let narrow = narrowed(&world, &kotka).await;
        let person = |email: &str| json!({"organisation_id": kotka.id, "name": "Virve", "email": email, "password": PASSWORD});
        narrow.post("/api/v1/users", person("uusi@example.org")).await.refused(403, "auth.scope_missing");
        let at = format!("/api/v1/users/{}", id(&kotka.admin.post("/api/v1/users", person("virve@example.org")).await.expect(201)));
        narrow.act(&format!("{at}:reset-password")).await.refused(403, "auth.scope_missing");
        narrow.change(&at, json!({"email": "oma@example.org"})).await.refused(403, "auth.scope_missing");
        narrow.change(&at, json!({"roles": [{"organisation_id": kotka.id, "role": "admin"}]})).await.refused(403, "auth.scope_missing");
        narrow.change(&at, json!({"active": false})).await.expect(200);
        narrow.change(&at, json!({"active": true})).await.refused(403, "auth.scope_missing");
    }

    async fn a_token_appoints_no_coordinator_who_may_do_more(world: World) {
        let county = world.organisation("Hyvinvointialue", "wellbeing_services_county").await;
        let programme = json!({"organisation_id": county.id, "title": {"fi": "Suunnitelma"}, "starts_on": "2026-01-01", "ends_on": "2029-12-31"});
        let programme = id(&county.admin.post("/api/v1/programmes", programme).await.expect(201));
        let at = |of: &Caller| format!("/api/v1/programmes/{programme}/coordinators/{}", world.principal(of));
        let scopes = [TokenScope::ProgrammesRead, TokenScope::ProgrammesWrite];
        let narrow = world.client(&county.id, &[(&county.id, Role::Admin)], &scopes).await;
        narrow.put(&at(&county.viewer), json!({})).await.refused(403, "auth.scope_missing");
        narrow.put(&at(&narrow), json!({})).await.expect(200);
        county.admin.put(&at(&county.viewer), json!({})).await.expect(200);
    }
}
