//! The rules of the house for the OpenAPI document and the table of codes.

use serde_json::Value;
use std::collections::BTreeSet;
use yhteen_http::error_codes;
use yhteen_tests::contract::{resolved, validator};

fn document() -> Value {
    serde_json::to_value(yhteen_http::openapi::document()).unwrap()
}

/// Every operation with its path and method.
fn operations(document: &Value) -> Vec<(String, &String, &Value)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        all.extend(
            item.as_object().unwrap().iter().map(|(method, operation)| (format!("{method} {path}"), path, operation)),
        );
    }
    assert!(all.len() > 80, "the whole API");
    all
}

/// Visits every value of the document.
fn each(value: &Value, at: &str, visit: &mut impl FnMut(&str, &Value)) {
    visit(at, value);
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| each(value, &format!("{at}/{name}"), visit)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| each(value, &format!("{at}/{index}"), visit));
        }
        _ => {}
    }
}

fn is_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.trim().is_empty())
}

#[test]
fn every_operation_is_named_by_its_verb_and_described() {
    let document = document();
    let tags: Vec<_> = document["tags"].as_array().unwrap().iter().collect();
    assert!(tags.iter().all(|tag| is_text(&tag["description"])), "{tags:?}");
    let mut ids = BTreeSet::new();
    let mut used = BTreeSet::new();
    for (at, _, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap();
        assert!(ids.insert(id), "{at}: {id} is there twice");
        assert!(id.contains('_') && id.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{at}: {id}");
        assert!(is_text(&operation["summary"]) && is_text(&operation["description"]), "{at} is not described");
        assert!(operation["summary"].as_str().unwrap().chars().count() <= 60, "{at}: the summary is too long");
        let tag = operation["tags"][0].as_str().unwrap();
        assert!(tags.iter().any(|known| known["name"] == tag), "{at}: the tag {tag} is not described");
        used.insert(tag);
        assert!(operation["security"].is_array(), "{at} does not say who may call it");
    }
    assert_eq!(used.len(), tags.len(), "every tag is used");
}

#[test]
fn every_operation_says_how_it_is_refused() {
    let document = document();
    for (at, path, operation) in operations(&document) {
        let answers = operation["responses"].as_object().unwrap();
        let open = operation["security"].as_array().unwrap().iter().all(|way| way == &serde_json::json!({}));
        let needs_nothing = open && operation["parameters"].is_null() && operation["requestBody"].is_null();
        assert!(needs_nothing || answers.keys().any(|status| status.starts_with('4')), "{at} is never refused");
        assert!(answers.keys().any(|status| status.starts_with('2')), "{at} is never answered");
        for status in ["500", "503"].into_iter().chain(path.contains('{').then_some("404")) {
            assert!(answers.contains_key(status), "{at} is never {status}");
        }
        assert_eq!(!open || path.starts_with("/oauth/"), answers.contains_key("401"), "{at}: whether a token matters");
        for (status, answer) in answers {
            let answer = resolved(&document, answer);
            assert!(is_text(&answer["description"]), "{at} {status} is not described");
            let problem = matches!(status.as_bytes()[0], b'4' | b'5');
            assert_eq!(problem, !answer["content"]["application/problem+json"].is_null(), "{at} {status}");
        }
    }
}

#[test]
fn every_body_has_an_example_that_is_one() {
    let document = document();
    let mut count = 0;
    for (at, _, operation) in operations(&document) {
        let answers = operation["responses"].as_object().unwrap().iter();
        let answers = answers.map(|(status, answer)| (format!("{at} {status}"), resolved(&document, answer)));
        for (at, body) in answers.chain([(at.clone(), resolved(&document, &operation["requestBody"]))]) {
            for (media_type, content) in body["content"].as_object().into_iter().flatten() {
                let schema = resolved(&document, &content["schema"]);
                let examples = schema["examples"].as_array().cloned().unwrap_or_default();
                let examples: Vec<_> = examples.into_iter().chain(content.get("example").cloned()).collect();
                assert!(!examples.is_empty() || media_type == "text/calendar", "{at} has no example");
                let validator = validator(&document, &content["schema"]);
                for example in examples {
                    assert!(validator.is_valid(&example), "{at}: {example}: {:?}", validator.validate(&example));
                    count += 1;
                }
            }
        }
    }
    assert!(count > 500, "{count} examples");
}

#[test]
fn every_reference_leads_somewhere_and_every_component_is_used() {
    let document = document();
    let mut used = BTreeSet::new();
    each(&document, "", &mut |at, value| {
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            resolved(&document, value);
            assert!(!at.is_empty());
            used.insert(reference.to_owned());
        }
    });
    for kind in ["schemas", "responses", "parameters", "headers"] {
        for name in document["components"][kind].as_object().unwrap().keys() {
            assert!(used.contains(&format!("#/components/{kind}/{name}")), "{kind}/{name} is not used");
            let pascal =
                name.starts_with(|c: char| c.is_ascii_uppercase()) && name.bytes().all(|b| b.is_ascii_alphanumeric());
            assert!(pascal, "{kind}/{name}");
        }
    }
}

#[test]
fn names_have_one_shape() {
    let document = document();
    let snake = |name: &str| name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    let kebab = |name: &str| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    for path in document["paths"].as_object().unwrap().keys().filter(|path| path.starts_with("/api/")) {
        // A calendar program knows its files by the end of their names.
        for segment in path.trim_start_matches("/api/v1/").trim_end_matches(".ics").split('/') {
            let (thing, verb) = segment.split_once(':').unwrap_or((segment, ""));
            // A picture of a thing is called as its file is.
            let thing = thing.strip_suffix(".svg").unwrap_or(thing);
            let parameter = thing.strip_prefix('{').and_then(|name| name.strip_suffix('}'));
            assert!(parameter.map_or_else(|| kebab(thing), snake) && kebab(verb), "{path}");
        }
    }
    each(&document["components"]["schemas"], "", &mut |at, value| {
        let properties = value.get("properties").and_then(Value::as_object).filter(|_| !at.contains("/examples/"));
        for name in properties.into_iter().flat_map(serde_json::Map::keys) {
            assert!(snake(name), "{at}: {name}");
        }
    });
    for (at, _, operation) in operations(&document) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let parameter = resolved(&document, parameter);
            assert!(is_text(&parameter["description"]), "{at}: {parameter}");
            assert!(parameter["in"] == "header" || snake(parameter["name"].as_str().unwrap()), "{at}: {parameter}");
        }
    }
}

#[test]
fn no_text_has_the_line_breaks_of_the_source() {
    each(&document(), "", &mut |at, value| {
        let Some(text) = value.get("description").and_then(Value::as_str) else { return };
        for (line, next) in text.lines().zip(text.lines().skip(1)) {
            assert!(line.is_empty() || next.is_empty() || next.starts_with("- "), "{at}: {text}");
        }
    });
}

#[test]
fn identifiers_and_vocabularies_are_named() {
    let document = document();
    each(&document, "", &mut |at, value| {
        let within =
            |prefix: &str| at.starts_with(prefix) && at.matches('/').count() == prefix.matches('/').count() + 1;
        let named = within("/components/schemas") || at.contains("/examples/");
        let one_of_many = value.get("enum").is_some_and(|words| words.as_array().is_some_and(|words| words.len() > 1));
        assert!(named || !one_of_many, "{at} is a vocabulary without a name");
        let identifier = value.get("format").is_some_and(|format| format == "uuid");
        assert!(
            // What these two name may be of any type.
            named
                || !identifier
                || at.ends_with("/Aggregate/properties/id")
                || at.ends_with("/SecuritySubjectReference/properties/id"),
            "{at} is an identifier without a name"
        );
    });
}

#[test]
fn every_code_of_the_domain_is_in_the_table_once() {
    let table = error_codes::markdown();
    let sources = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/domain/src");
    let mut count = 0;
    for file in files(&sources) {
        for line in std::fs::read_to_string(&file).unwrap().lines().filter(|line| line.contains("{ fi: \"")) {
            let name = line.split('"').nth(1).unwrap();
            assert_eq!(table.matches(&format!("| `{name}` |")).count(), 1, "{name} of {}", file.display());
            count += 1;
        }
    }
    assert_eq!(count, table.matches("\n| `").count(), "nothing else is in the table");
}

fn files(directory: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
