//! The problems that operations answer, each named once, with an example made like the real ones.

use super::shared::{CHALLENGE, ETAG, RATE_LIMIT, RATE_LIMIT_POLICY, RETRY_AFTER, header_ref};
use crate::problem::{MEDIA_TYPE, ProblemBody};
use utoipa::openapi::schema::Components;
use utoipa::openapi::{Content, ContentBuilder, Ref, Response, ResponseBuilder};
use yhteen_domain::text::Language;
use yhteen_domain::{Code, Fault, Message, codes};

/// The problems by status: the name of the response, what it means, an example, the places at fault in it.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static Code,
    &'static str,
    &'static [(&'static str, &'static str, &'static str)],
);

/// In the order of their status.
#[rustfmt::skip]
const PROBLEMS: &[Row] = &[
    ("400", "Unreadable", "The request cannot be read: a parameter, a header or the body.",
        &codes::BAD_PARAMETER, "The parameter limit must be from 1 to 200.",
        &[("?limit", "out_of_range", "The parameter limit must be from 1 to 200.")]),
    ("401", "Unauthenticated", "There is no valid access token.",
        &codes::UNAUTHENTICATED, "Send an access token.", &[]),
    ("403", "Forbidden", "The token lacks the scope, or the caller the right.",
        &codes::FORBIDDEN, "This needs the role editor in the organisation that it concerns.", &[]),
    ("404", "NotFound", "There is no such resource, or the caller may not know of it.",
        &codes::NOT_FOUND, "There is no such resource.", &[]),
    ("408", "Timeout", "The body did not arrive in time.",
        &codes::TIMEOUT, "The body did not arrive in time.", &[]),
    ("409", "Conflict", "A rule stands against it in the present state; `errors` lists what is missing.",
        &yhteen_domain::actions::NOT_COMMITTED, "Every implementing and funding participant must be committed.",
        &[("", "not_committed", "City of Kotka has not answered its invitation yet.")]),
    ("410", "Gone", "The cursor is no longer good: read everything again.",
        &yhteen_domain::changes::RESYNC, "The cursor is no longer valid: get a new one with after=now, then read everything again.",
        &[("?after", "resync", "The cursor is no longer valid: get a new one with after=now, then read everything again.")]),
    ("412", "PreconditionFailed", "The resource has changed since the version in `If-Match`.",
        &codes::PRECONDITION_FAILED, "The resource has changed: its version is now 4.", &[]),
    ("413", "TooLarge", "The body is too large.",
        &codes::TOO_LARGE, "The body may have at most 1048576 bytes.", &[]),
    ("415", "UnsupportedMediaType", "The body's media type is not understood.",
        &codes::UNSUPPORTED_MEDIA_TYPE, "Send application/json.",
        &[("content-type", "media_type", "Send application/json.")]),
    ("422", "Invalid", "The request says something that cannot be; `errors` names each place.",
        &codes::INVALID, "must have at most 200 characters",
        &[("/title/fi", "too_long", "must have at most 200 characters")]),
    ("428", "PreconditionRequired", "`If-Match` is needed.",
        &codes::PRECONDITION_REQUIRED, "If-Match must name the version that you have seen.",
        &[("if-match", "required", "If-Match must name the version that you have seen.")]),
    ("429", "TooManyRequests", "The caller asks too often, or for too much at a time.",
        &codes::TOO_MANY_REQUESTS, "Too many requests: try again in 1 s.", &[]),
    ("500", "Internal", "A defect of the service: it is in its log under the request's identifier.",
        &codes::INTERNAL, "Something went wrong in the service. It has been logged under the request id.", &[]),
    ("503", "Unavailable", "The service cannot answer just now.",
        &codes::UNAVAILABLE, "The database cannot be reached just now.", &[]),
];

/// The name of the response with a status.
pub(super) fn name(status: &str) -> Option<&'static str> {
    PROBLEMS.iter().find(|row| row.0 == status).map(|row| row.1)
}

/// Adds them to the components of the document.
pub(super) fn add(components: &mut Components) {
    for row in PROBLEMS {
        components.responses.insert(row.1.to_owned(), response(row).into());
    }
}

fn response(row: &Row) -> Response {
    let (status, _, about, ..) = row;
    let mut response = ResponseBuilder::new().description(*about).content(MEDIA_TYPE, content(row)).build();
    let fields: &[(&str, &str)] = match *status {
        "401" => &[("WWW-Authenticate", CHALLENGE)],
        "412" => &[("ETag", ETAG)],
        "429" => &[("Retry-After", RETRY_AFTER), ("RateLimit", RATE_LIMIT), ("RateLimit-Policy", RATE_LIMIT_POLICY)],
        "503" => &[("Retry-After", RETRY_AFTER)],
        _ => &[],
    };
    response.headers.extend(fields.iter().map(|(field, name)| ((*field).to_owned(), header_ref(name))));
    response
}

fn content((.., code, detail, places): &Row) -> Content {
    // The document is in English.
    let said = |detail: &'static str| Message::new(detail, detail, detail);
    let fault = places
        .iter()
        .fold(Fault::new(code, said(detail)), |fault, (pointer, code, detail)| fault.at(*pointer, *code, said(detail)));
    let path = "/api/v1/actions/01980000-0000-7000-8000-000000000005";
    let body = ProblemBody::of(&fault, Language::En, path, "01980000-0000-7000-8000-0000000000ff");
    let example = serde_json::to_value(body).unwrap_or_default();
    ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).example(Some(example)).build()
}
