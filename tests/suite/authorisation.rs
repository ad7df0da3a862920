//! Who may do what: every operation of the OpenAPI document, called by every kind of caller, answers as the one table
//! says. An operation without a row fails, and so does a row without an operation.

mod page;
mod permissions;
mod requests;
mod restore;
mod table;
mod tokens;
mod world;

use reqwest::Method;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use table::{CALLERS, Row, rows};
use world::Scene;
use yhteen_domain::roles::TokenScope;
use yhteen_domain::vocabulary::Vocabulary;
use yhteen_tests::{Reply, both};

/// An operation, as the document describes it.
struct Operation {
    id: String,
    tag: String,
    method: Method,
    path: String,
    /// The scope that a token must carry for it.
    scope: Option<TokenScope>,
}

/// All operations by their `operationId`.
fn operations() -> BTreeMap<String, Operation> {
    let document = serde_json::to_value(yhteen_http::openapi::document()).unwrap();
    let mut operations = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let of = |(method, operation): (&String, &Value)| {
            let id = operation["operationId"].as_str()?.to_owned();
            let security = operation["security"].as_array().unwrap();
            let scope = security.iter().find_map(|all| all["oauth2"][0].as_str());
            Some(Operation {
                id,
                tag: operation["tags"][0].as_str().unwrap().to_owned(),
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
                scope: scope.map(|scope| TokenScope::from_word(scope).unwrap()),
            })
        };
        let all = item.as_object().unwrap().iter().filter_map(of);
        operations.extend(all.map(|operation| (operation.id.clone(), operation)));
    }
    operations
}

#[test]
fn every_operation_has_its_rows_and_every_row_its_operation() {
    let operations = operations();
    let rows = rows();
    let documented: BTreeSet<&str> = operations.keys().map(String::as_str).collect();
    let tabled: BTreeSet<&str> = rows.iter().map(|row| row.operation).collect();
    assert!(documented.is_subset(&tabled), "without a row: {:?}", documented.difference(&tabled));
    assert!(tabled.is_subset(&documented), "no operation: {:?}", tabled.difference(&documented));
    let mut names = BTreeSet::new();
    for Row { tag, operation, variant, statuses } in &rows {
        assert!(names.insert((operation, variant)), "{operation} · {variant} stands there twice");
        assert_eq!(*tag, operations[*operation].tag, "{operation}");
        assert!(statuses.iter().any(|status| *status < 300), "{operation} · {variant} succeeds for nobody");
    }
}

/// Whether the answer is the one that is expected: its status, and a code that says what the status is for.
fn is_expected(reply: &Reply, expected: u16, operation: &Operation, caller: &str) -> bool {
    let code = match expected {
        // These speak OAuth's own language.
        _ if operation.path.starts_with("/oauth/") => None,
        401 => Some("auth.unauthenticated"),
        403 if caller == "unscoped" => Some("auth.scope_missing"),
        403 => Some("auth.forbidden"),
        404 => Some("request.not_found"),
        _ => None,
    };
    reply.status == expected && code.is_none_or(|code| reply.body["code"] == code)
}

/// Calls each operation as each caller, and answers what was other than expected.
async fn call_all(scene: &Scene) -> Vec<String> {
    let operations = operations();
    let mut wrong = Vec::new();
    for Row { operation, variant, statuses, .. } in rows() {
        let operation = &operations[operation];
        let mut before = restore::changes(&scene.world).await;
        for (column, expected) in statuses.into_iter().enumerate() {
            let (name, caller) = (CALLERS[column].1, scene.caller(column, operation.scope));
            let reply = caller.send(requests::request(scene, &caller, operation, variant)).await;
            let mut complain = |what: &str| {
                wrong.push(format!("{} · {variant}, {name}: {what}: {} {}", operation.id, reply.status, reply.text));
            };
            if !is_expected(&reply, expected, operation, name) {
                complain(&format!("expected {expected}"));
            }
            if operation.method == Method::GET {
                continue;
            }
            if reply.status.is_success() {
                restore::restore(&scene.world).await;
                before = restore::changes(&scene.world).await;
            } else if restore::changes(&scene.world).await != before {
                complain("refused, and yet something has changed");
            }
        }
    }
    wrong
}

both! {
    async fn every_operation_answers_every_caller_as_the_table_says(world: World) {
        let wrong = call_all(&Scene::new(world).await).await;
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    async fn what_a_caller_finds_is_what_its_lists_show(world: World) {
        let scene = Scene::new(world).await;
        for (column, (_, name, _)) in CALLERS.into_iter().enumerate() {
            let caller = scene.caller(column, None);
            for (sort, list) in [
                ("programme", "/api/v1/programmes"),
                ("action", "/api/v1/actions"),
                ("report", "/api/v1/reports"),
                ("body", "/api/v1/bodies"),
                ("meeting", "/api/v1/meetings"),
            ] {
                let listed: BTreeSet<_> = caller.all(list).await.iter().map(yhteen_tests::caller::id).collect();
                for (thing, id) in scene.things.iter().filter(|(thing, _)| thing.split(' ').next() == Some(sort)) {
                    let found = caller.get(&format!("{list}/{id}")).await.status == 200;
                    assert_eq!(found, listed.contains(id), "{name} finds {thing}, and sees it in the list");
                }
            }
        }
    }
}
