//! The OpenAPI document as a contract: every answer that any test gets is one that the document describes, to the last
//! member, and every body that was taken is one that the document allows.

use jsonschema::Validator;
use reqwest::{Method, StatusCode, Url, header};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

/// What was asked.
pub struct Question {
    method: Method,
    url: Url,
    media_type: String,
    body: Value,
}

impl Question {
    /// Of a request.
    pub fn of(request: &reqwest::Request) -> Self {
        let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
        Self {
            method: request.method().clone(),
            url: request.url().clone(),
            media_type: essence(request.headers()),
            body: serde_json::from_slice(body).unwrap_or(Value::Null),
        }
    }
}

/// The media type without its parameters.
fn essence(headers: &header::HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The document in which no object has members besides those that it names.
fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let mut document = serde_json::to_value(yhteen_http::openapi::document()).unwrap();
        for schema in document["components"]["schemas"].as_object_mut().unwrap().values_mut() {
            if schema["properties"].is_object() {
                schema["additionalProperties"] = false.into();
            }
        }
        document
    })
}

/// Follows a reference within the document.
pub fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => {
            let pointer = reference.strip_prefix('#').unwrap_or_else(|| panic!("{reference} leads outside"));
            document.pointer(pointer).unwrap_or_else(|| panic!("{reference} leads nowhere"))
        }
        None => value,
    }
}

/// A validator of a schema of the document.
pub fn validator(document: &Value, schema: &Value) -> Validator {
    let mut whole = schema.clone();
    whole["components"] = json!({"schemas": document["components"]["schemas"]});
    jsonschema::options()
        .should_validate_formats(true)
        .build(&whole)
        .unwrap_or_else(|error| panic!("{schema}: {error}"))
}

/// The same, made once.
fn known(schema: &Value) -> Arc<Validator> {
    static KNOWN: OnceLock<Mutex<HashMap<String, Arc<Validator>>>> = OnceLock::new();
    let mut known = KNOWN.get_or_init(Mutex::default).lock().unwrap();
    let made = known.entry(schema.to_string()).or_insert_with(|| Arc::new(validator(document(), schema)));
    Arc::clone(made)
}

#[track_caller]
fn conforms(what: &str, schema: &Value, value: &Value) {
    if let Err(error) = known(schema).validate(value) {
        panic!("{what} is not as the document says at {:?}: {error}\n{value}", error.instance_path().to_string());
    }
}

/// Whether a path is one of a template: `{name}` stands for anything without a slash or colon.
fn matches(template: &str, path: &str) -> bool {
    let (mut templates, mut paths) = (template.split('/'), path.split('/'));
    loop {
        match (templates.next(), paths.next()) {
            (None, None) => return true,
            (Some(template), Some(path)) if segment_matches(template, path) => {}
            _ => return false,
        }
    }
}

fn segment_matches(template: &str, segment: &str) -> bool {
    match template.split_once('}') {
        // Another system's name for something may have a colon.
        _ if template == "{value}" => !segment.is_empty(),
        None => template == segment,
        Some((_, verb)) => segment.strip_suffix(verb).is_some_and(|id| !id.is_empty() && !id.contains(':')),
    }
}

/// Checks an answer, and the question where it was taken.
#[track_caller]
pub fn check(question: &Question, status: StatusCode, headers: &header::HeaderMap, text: &str) {
    let document = document();
    let (path, head) = (question.url.path(), question.method == Method::HEAD);
    let paths = document["paths"].as_object().unwrap();
    let Some((template, item)) = paths.iter().find(|(template, _)| matches(template, path)) else { return };
    let method = if head { "get".to_owned() } else { question.method.as_str().to_lowercase() };
    let Some(operation) = item.get(&method) else { return };
    let what = format!("{method} {template} {status}");
    let answer = &operation["responses"][status.as_str()];
    assert!(!answer.is_null(), "{what} is not in the document: {text}");
    let answer = resolved(document, answer);
    match answer["content"].as_object() {
        None => assert_eq!(text, "", "{what} has no body in the document"),
        Some(_) if head => {}
        Some(content) => {
            let media_type = essence(headers);
            let content = content.get(&media_type).unwrap_or_else(|| panic!("{what} is no {media_type}"));
            let body = match media_type.as_str() {
                // To the document a file is a text.
                "text/calendar" => Value::from(text),
                _ => serde_json::from_str(text).unwrap_or_else(|error| panic!("{what}: {error}: {text}")),
            };
            conforms(&what, &content["schema"], &body);
        }
    }
    for name in ["ETag", "Location", "Link", "Retry-After", "WWW-Authenticate"] {
        let (told, given) = (!answer["headers"][name].is_null(), headers.contains_key(name));
        // The last page has no link to the next.
        assert!(told == given || (told && name == "Link"), "{what}: {name} told: {told}, given: {given}");
    }
    let taken = resolved(document, &operation["requestBody"]);
    // What takes no body takes an empty one too.
    let said = !question.body.is_null() && question.body != json!({});
    if status.is_success() && said && question.media_type.contains("json") {
        let content = taken["content"].as_object().and_then(|content| content.values().next());
        let content = content.unwrap_or_else(|| panic!("{what} has taken a body: {}", question.body));
        conforms(&format!("what {what} has taken"), &content["schema"], &question.body);
    }
}
