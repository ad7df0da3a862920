//! The security log: nothing that concerns security happens unseen, and the log itself gives nothing away.

use crate::actions::region;
use crate::oauth::{self, PASSWORD, ask, sign_in, user};
use crate::reports::Stage;
use crate::seed::Seen;
use serde_json::{Value, json};
use yhteen_http::auth::keys::{Grant, Keys};
use yhteen_tests::caller::id;
use yhteen_tests::{Caller, both};

const LOG: &str = "/api/v1/security-events";

/// The entries of a kind that the caller may read, the oldest first.
async fn entries(caller: &Caller, kind: &str) -> Vec<Value> {
    let mut entries = caller.all(&format!("{LOG}?kind={kind}")).await;
    entries.reverse();
    entries
}

fn words<'a>(entries: &'a [Value], name: &str) -> Vec<&'a str> {
    entries.iter().map(|entry| entry[name].as_str().unwrap_or("-")).collect()
}

both! {
    async fn sign_ins_and_failures_are_logged_and_what_was_typed_is_not(world: World) {
        let (city, town) = (world.municipality("Kouvola").await, world.municipality("Kotka").await);
        let account = user(&city, "kirjaaja@example.org", "editor").await;
        sign_in(&world, "kirjaaja@example.org", PASSWORD).await.expect(200);
        sign_in(&world, "kirjaaja@example.org", "väärä salasana").await.refused(400, "oauth.invalid_grant");
        // People type a password where the address belongs.
        sign_in(&world, "salainen.salasana@example.org", "väärä salasana").await.refused(400, "oauth.invalid_grant");
        sign_in(&world, "hevonen on vahva", "väärä salasana").await.refused(400, "oauth.invalid_grant");

        let own = entries(&city.admin, "sign_in").await;
        assert_eq!(words(&own, "outcome"), ["success", "failure"]);
        assert_eq!(words(&own, "detail"), ["password", "oauth.invalid_grant"]);
        assert_eq!((&own[0]["principal_id"], &own[0]["organisation_id"]), (&json!(account), &json!(city.id)));
        // Nobody has proved to be the one whose account was tried.
        assert_eq!((&own[1]["principal_id"], &own[1]["subject"]), (&Value::Null, &json!({"type": "user", "id": account})));
        assert_eq!((&own[1]["client_address"], &own[1]["operation"]), (&json!("127.0.0.1"), &json!("POST /oauth/token")));
        assert!(own[1]["request_id"].is_string());
        assert!(entries(&town.admin, "sign_in").await.is_empty());
        let all = entries(&world.operator, "sign_in").await;
        assert_eq!(all.iter().map(|entry| entry["times"].as_i64().unwrap()).sum::<i64>(), 4);
        let text = json!(all).to_string();
        for typed in ["salainen", "hevonen", "väärä", "kirjaaja@"] {
            assert!(!text.contains(typed), "{typed}: {text}");
        }
    }

    async fn a_failed_sign_in_of_a_machine_names_the_machine_alone(world: World) {
        let city = world.municipality("Kouvola").await;
        let new = json!({"organisation_id": city.id, "name": "Arkisto", "scopes": ["actions:read"]});
        let client = id(&city.admin.post("/api/v1/clients", new).await.expect(201));
        let form = [("grant_type", "client_credentials"), ("client_id", client.as_str()), ("client_secret", "arvaus")];
        ask(&world, &form).await.refused(401, "oauth.invalid_client");
        let own = entries(&city.admin, "sign_in").await;
        assert_eq!((words(&own, "outcome"), &own[0]["subject"]["id"]), (vec!["failure"], &json!(client)));
    }

    async fn tokens_that_are_forged_or_have_expired_are_logged(world: World) {
        let city = world.municipality("Kouvola").await;
        let foreign = Keys::from_pem(&Keys::generate().unwrap(), &world.base).unwrap();
        let principal = world.principal(&city.editor);
        let forged = foreign.issue(&Grant { principal, scopes: Vec::new(), generation: 0, session: None }, uuid::Uuid::now_v7(), world.app().now()).unwrap();
        world.anonymous().with_token(forged).get("/api/v1/me").await.refused(401, "auth.unauthenticated");
        world.anonymous().with_token("roska".to_owned()).get("/api/v1/me").await.refused(401, "auth.unauthenticated");
        world.set_clock("2026-01-15T11:00:00Z");
        city.editor.get("/api/v1/me").await.refused(401, "auth.unauthenticated");

        let operator = world.renewed(&world.operator);
        let all = entries(&operator, "token_refused").await;
        assert_eq!(words(&all, "detail"), ["forged", "expired"]);
        // Whose a forged token is, nobody knows: it concerns nobody's administrators.
        assert_eq!((&all[0]["principal_id"], &all[0]["organisation_ids"]), (&Value::Null, &json!([])));
        assert_eq!(all[0]["times"], 2);
        assert_eq!(entries(&world.renewed(&city.admin), "token_refused").await, [all[1].clone()]);
    }

    async fn a_refusal_names_the_operation_the_thing_and_the_reason(world: World) {
        let (city, town) = (world.municipality("Kouvola").await, world.municipality("Kotka").await);
        let at = format!("/api/v1/organisations/{}", city.id);
        town.editor.change(&at, json!({"website": null})).await.refused(403, "auth.forbidden");
        let own = entries(&town.admin, "permission_denied").await;
        assert_eq!(words(&own, "operation"), ["PATCH /api/v1/organisations/{organisation_id}"]);
        assert_eq!((&own[0]["subject"]["id"], &own[0]["detail"]), (&json!(city.id), &json!("auth.forbidden")));
        assert_eq!(own[0]["principal_id"], world.principal(&town.editor).to_string());
        assert!(entries(&city.admin, "permission_denied").await.is_empty());
    }

    async fn a_flood_of_the_same_is_one_entry_with_a_count(world: World) {
        let city = world.municipality("Kouvola").await;
        for _ in 0..40 {
            city.viewer.post("/api/v1/organisations", json!({"name": {"fi": "X"}, "kind": "ngo"})).await
                .refused(403, "auth.forbidden");
        }
        let own = entries(&city.admin, "permission_denied").await;
        assert_eq!((own.len(), &own[0]["times"]), (1, &json!(40)));
    }

    async fn changes_of_accounts_roles_passwords_and_clients_are_logged(world: World) {
        let city = world.municipality("Kouvola").await;
        let account = user(&city, "kirjaaja@example.org", "viewer").await;
        let at = format!("/api/v1/users/{account}");
        let roles = json!({"roles": [{"organisation_id": city.id, "role": "editor"}]});
        city.admin.change(&at, roles).await.expect(200);
        city.admin.change(&at, json!({"active": false})).await.expect(200);
        city.admin.act(&format!("{at}:reset-password")).await.expect(200);
        let new = json!({"organisation_id": city.id, "name": "Arkisto", "scopes": ["actions:read"]});
        let client = id(&city.admin.post("/api/v1/clients", new).await.expect(201));
        city.admin.act(&format!("/api/v1/clients/{client}:rotate-secret")).await.expect(200);
        let by = world.principal(&city.admin).to_string();
        let mut own = city.admin.all(LOG).await;
        own.retain(|entry| entry["principal_id"] == by.as_str());
        own.reverse();
        let kinds =
            ["account_created", "roles_changed", "account_changed", "password_changed", "account_created", "secret_rotated"];
        assert_eq!(words(&own, "kind"), kinds);
        assert_eq!(own[0]["subject"], json!({"type": "user", "id": account}));
        assert_eq!(own[5]["subject"], json!({"type": "client", "id": client}));
    }

    async fn what_is_rolled_back_is_not_logged(world: World) {
        let city = world.municipality("Kouvola").await;
        user(&city, "kirjaaja@example.org", "viewer").await;
        let created = entries(&city.admin, "account_created").await.len();
        let again = json!({"organisation_id": city.id, "name": "Toinen", "email": "kirjaaja@example.org"});
        city.admin.post("/api/v1/users", again).await.refused(409, "request.already_exists");
        assert_eq!(entries(&city.admin, "account_created").await.len(), created);
    }

    async fn whoever_reads_a_report_that_is_not_accepted_is_known_to_its_author(world: World) {
        let stage = Stage::new(&world, Seen::ByEveryone).await;
        let report = stage.submitted(&stage.city).await;
        stage.city.viewer.get(&report).await.expect(200);
        for _ in 0..3 {
            stage.county.admin.get(&report).await.expect(200);
        }
        stage.stranger.viewer.get(&report).await.refused(404, "request.not_found");
        let seen = entries(&stage.city.admin, "restricted_read").await;
        assert_eq!((seen.len(), &seen[0]["organisation_id"]), (1, &json!(stage.county.id)));
        // Which of the other organisation's people it was, is that organisation's own affair.
        assert_eq!((&seen[0]["principal_id"], &seen[0]["client_address"]), (&Value::Null, &Value::Null));
        let own = entries(&stage.county.admin, "restricted_read").await;
        assert_eq!(own[0]["principal_id"], world.principal(&stage.county.admin).to_string());
        assert!(entries(&stage.stranger.admin, "restricted_read").await.is_empty());
    }

    async fn whoever_reads_a_private_action_is_known_to_its_organisation(world: World) {
        let region = region(&world).await;
        let action = region.draft("A1", "private").await;
        region.city.editor.act(&format!("{action}:propose")).await.expect(200);
        region.county.admin.get(&action).await.expect(200);
        region.city.viewer.get(&action).await.expect(200);
        let seen = entries(&region.city.admin, "restricted_read").await;
        assert_eq!((seen.len(), &seen[0]["organisation_id"]), (1, &json!(region.county.id)));
        assert_eq!(seen[0]["subject"]["type"], "action");
    }

    async fn calendars_that_are_taken_out_are_logged(world: World) {
        let city = world.municipality("Kouvola").await;
        city.viewer.get("/api/v1/calendar.ics").await;
        world.anonymous().get("/api/v1/calendar.ics").await;
        city.viewer.post("/api/v1/calendar-feeds", json!({"language": "fi"})).await.expect(201);
        assert_eq!(words(&entries(&city.admin, "exported").await, "operation"), ["GET /api/v1/calendar.ics"]);
        assert_eq!(entries(&world.operator, "exported").await.len(), 1);
        assert_eq!(entries(&city.admin, "calendar_feed_created").await.len(), 1);
    }

    async fn suspensions_and_coordinators_are_logged(world: World) {
        let region = region(&world).await;
        let (county, at) = (&region.county, format!("/api/v1/programmes/{}", region.programme));
        let editor = world.principal(&county.editor);
        county.admin.put(&format!("{at}/coordinators/{editor}"), json!({})).await.expect(200);
        assert_eq!(words(&entries(&county.admin, "coordinator_changed").await, "detail"), [format!("appointed {editor}")]);
        let account = user(&region.city, "kirjaaja@example.org", "viewer").await;
        let suspend = format!("/api/v1/users/{account}:suspend");
        world.operator.post(&suspend, json!({"reason": "Väärinkäyttö"})).await.expect(200);
        assert_eq!(entries(&region.city.admin, "suspended").await[0]["subject"]["id"], account);
    }

    async fn the_log_is_read_by_administrators_of_their_own_and_page_by_page(world: World) {
        let (city, town) = (world.municipality("Kouvola").await, world.municipality("Kotka").await);
        for number in 0..5 {
            user(&city, &format!("kirjaaja{number}@example.org"), "viewer").await;
        }
        for reader in [&city.editor, &city.viewer] {
            assert!(reader.all(LOG).await.is_empty());
        }
        world.anonymous().get(LOG).await.refused(401, "auth.unauthenticated");
        let of_city = format!("{LOG}?organisation_id={}", city.id);
        town.admin.get(&of_city).await.refused(403, "auth.forbidden");
        let all = city.admin.all(&format!("{LOG}?kind=account_created")).await;
        let mut paged = Vec::new();
        let mut page = city.admin.get(&format!("{LOG}?kind=account_created&limit=2")).await.expect(200);
        loop {
            paged.extend(page["items"].as_array().unwrap().iter().cloned());
            let Some(next) = page["next"].as_str() else { break };
            let path = format!("{LOG}?kind=account_created&limit=2&cursor={next}");
            page = city.admin.get(&path).await.expect(200);
        }
        assert_eq!(all, paged);
        // Who opened the log does not see what came before or after the days that were asked for.
        assert!(city.admin.all(&format!("{LOG}?to=2026-01-15T10:00:00Z")).await.is_empty());
        assert!(city.admin.all(&format!("{LOG}?from=2026-01-15T10:00:01Z")).await.is_empty());
        let by = format!("{LOG}?principal_id={}", world.principal(&city.admin));
        assert_eq!(city.admin.all(&by).await.len(), 5);
        assert!(town.admin.all(&by).await.is_empty());
    }

    async fn old_entries_go_in_batches_and_the_rest_stays(world: World) {
        let city = world.municipality("Kouvola").await;
        user(&city, "kirjaaja@example.org", "viewer").await;
        world.set_clock("2026-06-01T10:00:00Z");
        sign_in(&world, "kirjaaja@example.org", PASSWORD).await.expect(200);
        let admin = world.renewed(&city.admin);
        assert_eq!(entries(&admin, "sign_in").await.len(), 1);
        let removed = yhteen_http::security::forget_old(world.app(), 30).await.unwrap();
        assert!(removed > 0);
        assert_eq!(words(&admin.all(LOG).await, "kind"), ["sign_in"]);
        assert_eq!(yhteen_http::security::forget_old(world.app(), 30).await.unwrap(), 0);
    }

    async fn a_flood_of_strangers_is_counted_and_stalls_nobody(world: World) {
        // More different refusals than wait at a time: each from another operation and thing.
        let city = world.municipality("Kouvola").await;
        let origin = |number: u32| yhteen_domain::security::Origin {
            client_address: format!("10.0.{}.{}", number / 256, number % 256),
            ..Default::default()
        };
        let app = world.app();
        for number in 0..10_050 {
            let kind = yhteen_domain::security::SecurityEventKind::TokenRefused;
            let note = yhteen_http::security::Note::refused(kind, None, "forged");
            app.security.note(app.now(), Some(origin(number)), note);
        }
        let lost = entries(&world.operator, "entries_lost").await;
        assert_eq!((lost.len(), &lost[0]["times"]), (1, &json!(50)));
        assert!(entries(&city.admin, "entries_lost").await.is_empty());
        let token = oauth::with(&world, &json!({"access_token": city.editor.token().unwrap()}));
        token.get("/api/v1/me").await.expect(200);
    }
}
