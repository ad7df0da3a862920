//! What happens around every request: its identifier and log line, 404 and 405 from the table of the document, HEAD,
//! OPTIONS, panics, security headers, and the final form of every problem.

use crate::app::App;
use crate::client_address::client_address;
use crate::extract::unknown_parameter;
use crate::problem::{Problem, internal};
use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ResourceDef, Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, HttpResponse, ResponseError};
use std::future::{Future, Ready, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;
use utoipa::openapi::RefOr;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use yhteen_domain::text::Language;
use yhteen_domain::{Fault, Message, Reference, codes, message};
use yhteen_persistence::organisations;

/// The policy under which Swagger UI runs: nothing from outside.
const DOCS_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
/// The policy of everything else: it is data.
const DATA_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// The operations of the OpenAPI document: which methods each path has, and which query parameters they take.
pub struct Table(Vec<Row>);

/// One path of the document.
struct Row {
    resource: ResourceDef,
    /// Whether it belongs to the API, whose unknown parameters are refused: OAuth ignores what it does not know
    /// (RFC 6749, section 3.2), and probes may send what they like.
    strict: bool,
    methods: Vec<Method>,
    /// The query parameters of each method that has an operation of its own.
    parameters: Vec<(Method, Vec<String>)>,
}

impl Table {
    /// The table of a document.
    pub fn new(document: &utoipa::openapi::OpenApi) -> Self {
        let rows = document.paths.paths.iter().map(|(path, item)| {
            let operations = [
                (&item.get, Method::GET),
                (&item.get, Method::HEAD),
                (&item.put, Method::PUT),
                (&item.post, Method::POST),
                (&item.patch, Method::PATCH),
                (&item.delete, Method::DELETE),
            ];
            let parameters: Vec<_> = operations
                .into_iter()
                .filter_map(|(operation, method)| Some((method, query_parameters(operation.as_ref()?))))
                .collect();
            // An identifier has no colon: what follows one is a verb. Another system's name for something may have one.
            let pattern = path.replace('}', ":[^/:]+}").replace("{value:[^/:]+}", "{value:[^/]+}");
            let resource = ResourceDef::new(pattern);
            let methods = parameters.iter().map(|(method, _)| method.clone()).chain([Method::OPTIONS]).collect();
            Row { resource, strict: path.starts_with("/api/"), methods, parameters }
        });
        Self(rows.collect())
    }

    /// The row of a path; nothing where there is no such path.
    fn row(&self, path: &str) -> Option<&Row> {
        self.0.iter().find(|row| row.resource.is_match(path))
    }
}

impl Row {
    /// The refusal of the first parameter in the query that the operation does not take.
    fn unknown_parameter(&self, method: &Method, query: &str) -> Option<Fault> {
        if !self.strict || query.is_empty() {
            return None;
        }
        let (_, known) = self.parameters.iter().find(|(own, _)| own == method)?;
        let given: Vec<(String, String)> = serde_html_form::from_str(query).unwrap_or_default();
        let (name, _) = given.iter().find(|(name, _)| !known.contains(name))?;
        Some(unknown_parameter(name, known.iter().map(String::as_str)))
    }
}

/// The names of the query parameters that an operation takes.
fn query_parameters(operation: &Operation) -> Vec<String> {
    let name = |parameter: &RefOr<Parameter>| match parameter {
        RefOr::T(it) if it.parameter_in == ParameterIn::Query => Some(it.name.clone()),
        _ => None,
    };
    operation.parameters.iter().flatten().filter_map(name).collect()
}

/// A query parameter that the operation does not take. What reads the body refuses it there, after 404 and before the
/// right to write; what reads nothing but the path is refused in the place of its answer.
#[derive(Clone, Debug)]
pub(crate) struct UnknownParameter(pub(crate) Fault);

/// The identifier of a request, as its handler may ask for it.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Wraps the whole service.
#[derive(Clone)]
pub struct Around {
    table: Arc<Table>,
}

impl Around {
    /// With the table of the document.
    pub fn new(table: Arc<Table>) -> Self {
        Self { table }
    }
}

impl<S, B> Transform<S, ServiceRequest> for Around
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<BoxBody, B>>;
    type Error = Error;
    type Transform = AroundService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;
    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(AroundService { service: Rc::new(service), table: Arc::clone(&self.table) }))
    }
}

/// The service with everything around it.
pub struct AroundService<S> {
    service: Rc<S>,
    table: Arc<Table>,
}

impl<S, B> Service<ServiceRequest> for AroundService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<BoxBody, B>>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Error>>>>;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.service.poll_ready(context)
    }

    fn call(&self, mut request: ServiceRequest) -> Self::Future {
        let started = Instant::now();
        let seen = Seen::of(&request);
        request.extensions_mut().insert(RequestId(seen.id.clone()));
        let row = self.table.row(&seen.path);
        let unknown = row.and_then(|row| row.unknown_parameter(&seen.method, request.query_string()));
        if let Some(unknown) = &unknown {
            request.extensions_mut().insert(UnknownParameter(unknown.clone()));
        }
        if let Some(response) = early(row, &request, &seen) {
            let mut response = request.into_response(response).map_into_left_body();
            complete(&mut response, &seen, started);
            return Box::pin(ready(Ok(response)));
        }
        if seen.method == Method::HEAD {
            // actix writes no body in answer to HEAD, whatever the handler gives.
            request.head_mut().method = Method::GET;
        }
        let service = Rc::clone(&self.service);
        Box::pin(async move {
            let answered = Guarded { inner: Some(Box::pin(service.call(request))) }.await;
            let mut response = match (answered, unknown.filter(|_| seen.reads())) {
                // Whatever else there is to refuse comes before.
                (Some(Ok(response)), Some(unknown)) if is_answer(response.status()) => {
                    response.into_response(seen.problem(&Problem(unknown))).map_into_left_body()
                }
                (Some(Ok(mut response)), _) => {
                    name_organisations(&mut response).await;
                    finished(response, &seen)
                }
                (Some(Err(error)), _) => return Err(Final::of(problem_of(&error), seen).into()),
                (None, _) => return Err(Final::of(Problem(internal()), seen).into()),
            };
            complete(&mut response, &seen, started);
            Ok(response)
        })
    }
}

/// An error with all that its answer says, where the request itself is gone.
#[derive(Debug)]
struct Final {
    problem: Problem,
    seen: Seen,
}

impl Final {
    fn of(problem: Problem, seen: Seen) -> Self {
        log::error!(
            target: "yhteen::http",
            request_id = seen.id.as_str(), method = seen.method.as_str(), path = seen.shown.as_str();
            "the request failed: {problem}"
        );
        Self { problem, seen }
    }
}

impl std::fmt::Display for Final {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.problem.fmt(f)
    }
}

impl ResponseError for Final {
    fn status_code(&self) -> StatusCode {
        self.problem.status_code()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = self.seen.problem(&self.problem);
        headers(response.headers_mut(), &self.seen);
        response
    }
}

/// Adds the header fields of every answer, and writes the log line.
fn complete<B>(response: &mut ServiceResponse<B>, seen: &Seen, started: Instant) {
    headers(response.headers_mut(), seen);
    let status = response.status().as_u16();
    let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    log::info!(
        target: "yhteen::http",
        request_id = seen.id.as_str(), method = seen.method.as_str(), path = seen.shown.as_str(), status,
        client = seen.client.as_str(), micros;
        "request"
    );
}

/// Whether this is the status of an answer, or of one that the caller has already.
fn is_answer(status: StatusCode) -> bool {
    status.is_success() || status == StatusCode::NOT_MODIFIED
}

/// What can be answered from the table alone.
fn early(row: Option<&Row>, request: &ServiceRequest, seen: &Seen) -> Option<HttpResponse> {
    let documentation = seen.path == "/" || seen.path == "/docs" || seen.path.starts_with("/docs/");
    if documentation || seen.path == "/openapi.json" {
        return None;
    }
    let Some(Row { methods, .. }) = row else {
        return Some(seen.problem(&Problem(Fault::not_found())));
    };
    if methods.contains(request.method()) && *request.method() != Method::OPTIONS {
        return None;
    }
    let allow = methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
    let mut response = if *request.method() == Method::OPTIONS {
        HttpResponse::NoContent().finish()
    } else {
        let detail = message!(
            fi: "Tämä polku hyväksyy metodit {allow}.",
            sv: "Denna sökväg tar emot metoderna {allow}.",
            en: "This path takes {allow}.",
        );
        seen.problem(&Problem(Fault::new(&codes::METHOD_NOT_ALLOWED, detail)))
    };
    if let Ok(allow) = HeaderValue::from_str(&allow) {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    Some(response)
}

/// What of a request is still needed when its answer is there.
#[derive(Debug)]
struct Seen {
    id: String,
    method: Method,
    path: String,
    /// The path without secrets, as logs and problems show it.
    shown: String,
    client: String,
    language: Language,
}

impl Seen {
    fn of(request: &ServiceRequest) -> Self {
        let given = request.headers().get("x-request-id").and_then(|value| value.to_str().ok());
        let fit =
            |id: &&str| (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        Self {
            id: given.filter(fit).map_or_else(|| uuid::Uuid::now_v7().to_string(), str::to_owned),
            method: request.method().clone(),
            path: request.path().to_owned(),
            shown: without_secrets(request.path()),
            client: client_address(request.request()).map(|address| address.to_string()).unwrap_or_default(),
            language: language(request.headers().get(header::ACCEPT_LANGUAGE)),
        }
    }

    /// Whether it changes nothing.
    fn reads(&self) -> bool {
        matches!(self.method, Method::GET | Method::HEAD)
    }

    fn problem(&self, problem: &Problem) -> HttpResponse {
        problem.respond(self.language, &self.shown, &self.id)
    }
}

/// The path, in which the secrets of calendar feeds are left out: whatever follows the name of the feeds and is no
/// identifier, whether or not the path leads anywhere.
fn without_secrets(path: &str) -> String {
    let mut of_a_feed = false;
    let segments = path.split('/').map(|segment| {
        let secret = of_a_feed && !segment.is_empty() && uuid::Uuid::try_parse(segment).is_err();
        of_a_feed = segment.eq_ignore_ascii_case("calendar-feeds") || (of_a_feed && segment.is_empty());
        if secret { "-" } else { segment }
    });
    segments.collect::<Vec<_>>().join("/")
}

/// The language of labels: the best of Finnish, Swedish and English by the weights of `Accept-Language`.
pub fn language(value: Option<&HeaderValue>) -> Language {
    let text = value.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut best = (0.0, Language::En);
    for range in text.split(',') {
        let mut parts = range.split(';');
        let tag = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
        let weight: f32 =
            parts.find_map(|part| part.trim().strip_prefix("q=")).map_or(1.0, |weight| weight.parse().unwrap_or(0.0));
        let language = match tag.split('-').next().unwrap_or_default() {
            "fi" => Language::Fi,
            "sv" => Language::Sv,
            "en" => Language::En,
            _ => continue,
        };
        if weight > best.0 {
            best = (weight, language);
        }
    }
    best.1
}

/// Puts names in the place of the identifiers of organisations in a problem: whoever may be told of an organisation
/// may know what it is called, since organisations are public.
async fn name_organisations<B>(response: &mut ServiceResponse<B>) {
    let problem = response.response().extensions().get::<Problem>().cloned();
    let Some(Problem(fault)) = problem else { return };
    let organisation = |reference: &Reference| match reference {
        Reference::Organisation(id) => Some(*id),
        Reference::Body(_) | Reference::Step(_) => None,
    };
    let ids: Vec<_> = fault.messages().flat_map(Message::references).filter_map(organisation).collect();
    let Some(app) = response.request().app_data::<Data<App>>().filter(|_| !ids.is_empty()) else { return };
    let names = app.store.read(move |db| organisations::names(db, &ids)).await;
    match names {
        Ok(names) => {
            let named = fault.named(|reference| names.get(&organisation(&reference)?));
            response.response_mut().extensions_mut().insert(Problem(named));
        }
        Err(error) => log::warn!("a refusal is told with identifiers in the place of names: {error}"),
    }
}

/// Gives a problem its final form.
fn finished<B: MessageBody + 'static>(
    response: ServiceResponse<B>,
    seen: &Seen,
) -> ServiceResponse<EitherBody<BoxBody, B>> {
    let problem = response.response().extensions().get::<Problem>().cloned();
    let status = response.status();
    let is_problem =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|t| t.as_bytes().starts_with(b"application/"));
    match problem {
        Some(problem) => response.into_response(seen.problem(&problem)).map_into_left_body(),
        // An error that actix itself has answered, or one without a body of ours.
        None if status.is_client_error() && !is_problem => {
            response.into_response(seen.problem(&Problem(of_status(status)))).map_into_left_body()
        }
        None => response.map_into_right_body(),
    }
}

fn problem_of(error: &Error) -> Problem {
    match error.as_error::<Problem>() {
        Some(problem) => problem.clone(),
        None => Problem(of_status(error.as_response_error().status_code())),
    }
}

fn of_status(status: StatusCode) -> Fault {
    let all = || codes::all();
    match all().find(|code| crate::problem::status(code.kind) == status) {
        Some(code) => Fault::new(code, Message::in_each(|language| code.label(language).to_owned() + ".")),
        None if status.is_client_error() => Fault::new(
            &codes::UNREADABLE,
            message!(
                fi: "Pyyntöä ei voi ymmärtää.",
                sv: "Begäran kan inte tolkas.",
                en: "The request cannot be understood.",
            ),
        ),
        None => internal(),
    }
}

fn headers(headers: &mut HeaderMap, seen: &Seen) {
    let documentation = seen.path.starts_with("/docs");
    let mut set = |name: HeaderName, value: &'static str| drop(headers.insert(name, HeaderValue::from_static(value)));
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    set(HeaderName::from_static("cross-origin-resource-policy"), "cross-origin");
    // A picture has a policy of its own.
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        let policy = if documentation { DOCS_POLICY } else { DATA_POLICY };
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        let rule = match () {
            () if documentation => "public, max-age=3600",
            // Nothing that has to do with secrets is kept anywhere.
            () if seen.path.starts_with("/oauth/") => "no-store",
            // Kept by the caller alone, and asked about with If-None-Match each time.
            () => "private, no-cache",
        };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(rule));
    }
    if let Ok(id) = HeaderValue::from_str(&seen.id) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
}

/// A future whose panic becomes `None`: one request fails, not its worker.
struct Guarded<F> {
    inner: Option<Pin<Box<F>>>,
}

impl<F: Future> Future for Guarded<F> {
    type Output = Option<F::Output>;
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(inner) = self.inner.as_mut() else { return Poll::Ready(None) };
        match catch_unwind(AssertUnwindSafe(|| inner.as_mut().poll(context))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(done)) => Poll::Ready(Some(done)),
            Err(_) => {
                self.inner = None;
                Poll::Ready(None)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_of_a_feed_is_shown() {
        let check = |path: &str, expect: &str| assert_eq!(without_secrets(path), expect, "{path}");
        let id = "01980000-0000-7000-8000-00000000000d";
        check("/", "/");
        check("/api/v1/calendar.ics", "/api/v1/calendar.ics");
        check("/api/v1/calendar-feeds", "/api/v1/calendar-feeds");
        check(&format!("/api/v1/calendar-feeds/{id}"), &format!("/api/v1/calendar-feeds/{id}"));
        check("/api/v1/calendar-feeds/q3Jm0cQ1/calendar.ics", "/api/v1/calendar-feeds/-/calendar.ics");
        check("/api/v1/calendar-feeds/q3Jm0cQ1", "/api/v1/calendar-feeds/-");
        check("/api//Calendar-Feeds//q3Jm0cQ1/", "/api//Calendar-Feeds//-/");
    }
}
