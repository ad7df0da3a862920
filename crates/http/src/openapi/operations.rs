//! What follows from the method, the path and the security of an operation: parameters, problems, header fields.

use super::problems;
use super::schemas::unwrapped;
use super::shared::{
    ETAG, EXPECTED_VERSION, IDEMPOTENCY_KEY, KNOWN_ANSWER, LINK, LOCATION, SEEN_VERSION, header_ref, parameter_ref,
};
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{Ref, RefOr, Required, Response, ResponseBuilder};

/// The operations of a path with their methods.
pub(super) fn of(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let all = [
        ("get", &mut item.get),
        ("put", &mut item.put),
        ("post", &mut item.post),
        ("delete", &mut item.delete),
        ("patch", &mut item.patch),
    ];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// Completes an operation.
pub(super) fn finish(path: &str, method: &str, operation: &mut Operation) {
    describe(operation);
    path_parameters(path, operation);
    let security = Security::of(operation);
    success_fields(path, method, operation, security);
    for status in statuses(path, method, operation, security) {
        if let Some(name) = problems::name(status) {
            let answer = || RefOr::Ref(Ref::from_response_name(name));
            operation.responses.responses.entry(status.to_owned()).or_insert_with(answer);
        }
    }
    if security == Security::Either {
        // Anonymous callers are answered; a bad token is refused all the same.
        let text = operation.description.take().unwrap_or_default();
        operation.description = Some(format!("{text}\n\nWithout signing in you see what is public."));
    }
    bearer(operation);
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(Parameter { description: Some(text), .. }) = parameter {
            *text = unwrapped(text);
        }
    }
}

/// The first line of a doc comment is the summary, the rest the description.
fn describe(operation: &mut Operation) {
    let text = [operation.summary.take(), operation.description.take()].into_iter().flatten().collect::<Vec<_>>();
    let text = text.join("\n\n");
    let (summary, description) = text.split_once("\n\n").unwrap_or((&text, ""));
    operation.summary = Some(summary.trim().trim_end_matches('.').to_owned());
    let description = if description.trim().is_empty() { summary } else { description };
    operation.description = Some(unwrapped(description));
}

/// Who may call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Security {
    /// Whoever is signed in.
    SignedIn,
    /// Anyone, signed in or not.
    Either,
    /// Anyone; a token is not looked at.
    Open,
}

impl Security {
    fn of(operation: &Operation) -> Self {
        let requirements = operation.security.as_deref().unwrap_or_default();
        match requirements.iter().filter(|requirement| is_empty(requirement)).count() {
            0 => Self::SignedIn,
            count if count == requirements.len() => Self::Open,
            _ => Self::Either,
        }
    }
}

fn is_empty(requirement: &SecurityRequirement) -> bool {
    serde_json::to_value(requirement).is_ok_and(|value| value.as_object().is_none_or(serde_json::Map::is_empty))
}

/// A token is a token, wherever it is from.
fn bearer(operation: &mut Operation) {
    if let Some(requirements) = operation.security.as_mut().filter(|all| !all.iter().all(is_empty)) {
        requirements.push(SecurityRequirement::new::<_, [&str; 0], _>("bearer", []));
    }
}

fn path_parameters(path: &str, operation: &mut Operation) {
    for name in path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
        let parameters = operation.parameters.get_or_insert_default();
        let text = format!("The identifier of the {}.", name.trim_end_matches("_id").replace('_', " "));
        let known = parameters.iter_mut().find_map(|parameter| match parameter {
            RefOr::T(parameter) if parameter.name == name => Some(parameter),
            _ => None,
        });
        match known {
            Some(parameter) => drop(parameter.description.get_or_insert(text)),
            None => parameters.push(identifier(name, text).into()),
        }
    }
}

fn identifier(name: &str, text: String) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(text))
        .schema(Some(Ref::from_schema_name(identifier_schema(name))))
        .build()
}

/// The schema of an identifier of this name.
fn identifier_schema(name: &str) -> String {
    match name {
        "user_id" | "client_id" => "PrincipalId".to_owned(),
        "decision_step_id" => "StepId".to_owned(),
        "reporting_period_id" => "PeriodId".to_owned(),
        _ => name.split('_').map(capitalised).collect(),
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}

fn has_query(operation: &Operation) -> bool {
    let query =
        |parameter: &RefOr<Parameter>| matches!(parameter, RefOr::T(it) if it.parameter_in == ParameterIn::Query);
    operation.parameters.iter().flatten().any(query)
}

/// The problems that an operation may answer.
fn statuses(path: &str, method: &str, operation: &Operation, security: Security) -> Vec<&'static str> {
    let api = path.starts_with("/api/");
    let mut statuses = vec!["500", "503"];
    if !path.starts_with("/health/") {
        statuses.push("429");
    }
    if api && security != Security::Open {
        statuses.extend(["401", "403"]);
    }
    if path.contains('{') {
        statuses.push("404");
    }
    // Where a parameter is unknown.
    if api || has_query(operation) {
        statuses.push("400");
    }
    if api && method != "get" {
        statuses.extend(["400", "408", "409", "413", "415", "422"]);
        if has_version(path, security) {
            statuses.push("412");
        }
        if method != "post" && !is_natural(path) && has_version(path, security) {
            statuses.push("428");
        }
    }
    match path {
        "/oauth/token" | "/oauth/revoke" => statuses.extend(["400", "401", "408", "413", "415"]),
        "/api/v1/changes" => statuses.push("410"),
        "/api/v1/legal-effect" => statuses.push("422"),
        _ => {}
    }
    statuses
}

/// Whether what is written there has a version, or belongs to something that has one.
fn has_version(path: &str, security: Security) -> bool {
    !QUESTIONS.contains(&path) && path != SESSION && security != Security::Open
}

/// A session changes whenever it is used: nobody needs to have seen how it is now to end it.
const SESSION: &str = "/api/v1/me/sessions/{session_id}";

/// Whether what is written there is known by a name that the caller has for it: it need not have seen a version.
fn is_natural(path: &str) -> bool {
    path.contains("/by-external-id/")
        || path == "/api/v1/organisations/{organisation_id}/actions/{action_id}/route"
        || path == "/api/v1/programmes/{programme_id}/members/{organisation_id}"
}

/// The parameters and header fields that go with versions, new things, repetitions and pages.
fn success_fields(path: &str, method: &str, operation: &mut Operation, security: Security) {
    if !path.starts_with("/api/") {
        return;
    }
    let mut versioned = false;
    for (status, answer) in &mut operation.responses.responses {
        let RefOr::T(answer) = answer else { continue };
        let fields: &[(&str, &str)] = match (status.as_str(), body_of(answer).as_deref()) {
            ("200", Some(body)) if body.ends_with("Page") => &[("Link", LINK)],
            ("200", Some("ProgrammeTimetable")) => &[("ETag", ETAG), ("Link", LINK)],
            ("200", Some(body)) if UNVERSIONED.contains(&body) => &[],
            ("200", Some(_)) => &[("ETag", ETAG)],
            ("201", Some(_)) => &[("ETag", ETAG), ("Location", LOCATION)],
            _ => &[],
        };
        versioned |= fields.iter().any(|(_, name)| *name == ETAG);
        answer.headers.extend(fields.iter().map(|(field, name)| ((*field).to_owned(), header_ref(name))));
    }
    let parameters: &[&str] = match method {
        "get" if versioned => &[KNOWN_ANSWER],
        "get" => &[],
        "post" | "delete" if !has_version(path, security) => &[],
        "post" => &[IDEMPOTENCY_KEY, SEEN_VERSION],
        "put" if is_natural(path) => &[SEEN_VERSION],
        _ => &[EXPECTED_VERSION],
    };
    if !parameters.is_empty() {
        operation.parameters.get_or_insert_default().extend(parameters.iter().map(|name| parameter_ref(name)));
    }
    if method == "get" && versioned {
        let mut unchanged = ResponseBuilder::new().description("You have this answer already.").build();
        unchanged.headers.insert("ETag".to_owned(), header_ref(ETAG));
        operation.responses.responses.insert("304".to_owned(), unchanged.into());
    }
}

/// Answers that are no resource and so have no version.
const UNVERSIONED: &[&str] = &["Changes", "MeetingsImported", "TimetableSimulation", "TimetableImpacts"];

/// What is posted to these is a question: nothing is changed, so that it may be repeated at will.
const QUESTIONS: &[&str] = &["/api/v1/actions/{action_id}/timetable:simulate", "/api/v1/timetable:impact"];

/// The name of the schema of an answer.
fn body_of(answer: &Response) -> Option<String> {
    let RefOr::T(content) = answer.content.values().next()? else { return None };
    match content.schema.as_ref()? {
        RefOr::Ref(reference) => reference.ref_location.rsplit('/').next().map(str::to_owned),
        RefOr::T(_) => Some(String::new()),
    }
}
