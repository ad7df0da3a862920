//! The OpenAPI document: made from the handlers, with what all operations share added once.

use crate::app::App;
use crate::problem::{MEDIA_TYPE, ProblemBody, ProblemPlace};
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::Type;
use utoipa::openapi::security::{
    ClientCredentials, Flow, HttpAuthScheme, HttpBuilder, OAuth2, Password, Scopes, SecurityScheme,
};
use utoipa::openapi::{
    Content, ContentBuilder, Header, HeaderBuilder, KnownFormat, ObjectBuilder, OpenApi, Ref, RefOr, Required,
    Response, ResponseBuilder, SchemaFormat,
};
use utoipa::{Modify, OpenApi as _};
use utoipa_actix_web::service_config::ServiceConfig;
use yhteen_domain::roles::TokenScope;
use yhteen_domain::vocabulary::Vocabulary;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Yhteen",
        description = "The API in which independent organisations carry out one strategy together: they register \
            shared actions, synchronise the timetables of their decisions, and report progress.",
        license(name = "EUPL-1.2", identifier = "EUPL-1.2"),
        contact(name = "Yhteen", url = "https://yhteen.example", email = "yhteen@example.org")
    ),
    servers((url = "/", description = "This server")),
    components(schemas(ProblemBody, ProblemPlace)),
    modifiers(&Shared)
)]
struct Base;

struct Shared;

/// The problems by status, with the name and description of the response.
const PROBLEMS: &[(&str, &str, &str)] = &[
    ("400", "Unreadable", "The request cannot be read: a parameter, a header or the body."),
    ("401", "Unauthenticated", "There is no valid access token."),
    ("403", "Forbidden", "The token lacks the scope, or the caller the right."),
    ("404", "NotFound", "There is no such resource, or the caller may not know of it."),
    ("409", "Conflict", "A rule stands against it in the present state; `errors` lists what is missing."),
    ("410", "Gone", "The cursor is no longer good: read everything again."),
    ("412", "PreconditionFailed", "The resource has changed since the version in `If-Match`."),
    ("413", "TooLarge", "The body is too large."),
    ("415", "UnsupportedMediaType", "The body's media type is not understood."),
    ("422", "Invalid", "The request says something that cannot be; `errors` names each place."),
    ("428", "PreconditionRequired", "`If-Match` is needed."),
    ("429", "TooManyRequests", "The caller tries too often."),
    ("503", "Unavailable", "The service cannot answer just now."),
];

impl Modify for Shared {
    fn modify(&self, document: &mut OpenApi) {
        let components = document.components.get_or_insert_default();
        let scopes = || TokenScope::ALL.iter().map(|scope| (scope.as_str(), scope_text(*scope))).collect::<Scopes>();
        components.add_security_scheme(
            "bearer",
            SecurityScheme::Http(
                HttpBuilder::new()
                    .scheme(HttpAuthScheme::Bearer)
                    .bearer_format("JWT")
                    .description(Some("An access token from `/oauth/token`."))
                    .build(),
            ),
        );
        components.add_security_scheme(
            "oauth2",
            SecurityScheme::OAuth2(OAuth2::new([
                Flow::Password(Password::new("/oauth/token", scopes())),
                Flow::ClientCredentials(ClientCredentials::new("/oauth/token", scopes())),
            ])),
        );
        for (status, name, text) in PROBLEMS {
            let mut response = ResponseBuilder::new().description(*text).content(MEDIA_TYPE, problem_content());
            response = match *status {
                "401" => response.header("WWW-Authenticate", header(Type::String, "How to sign in")),
                "412" => response.header("ETag", header(Type::String, "The present version")),
                "429" | "503" => response.header("Retry-After", header(Type::Integer, "Seconds to wait")),
                _ => response,
            };
            components.responses.insert((*name).to_owned(), response.build().into());
        }
    }
}

fn problem_content() -> Content {
    ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build()
}

fn header(of: Type, text: &str) -> Header {
    HeaderBuilder::new().schema(Some(ObjectBuilder::new().schema_type(of).build())).description(Some(text)).build()
}

fn scope_text(scope: TokenScope) -> &'static str {
    match scope {
        TokenScope::OrganisationsRead => "Read organisations",
        TokenScope::OrganisationsWrite => "Create and change organisations",
        TokenScope::AccountsRead => "Read users and clients",
        TokenScope::AccountsWrite => "Create and change users and clients",
        TokenScope::ProgrammesRead => "Read programmes, goals and reporting periods",
        TokenScope::ProgrammesWrite => "Create and change programmes, goals and reporting periods",
        TokenScope::ActionsRead => "Read actions, their participants, decision steps and timetables",
        TokenScope::ActionsWrite => "Create and change actions, their participants and decision steps",
        TokenScope::MeetingsRead => "Read bodies and meetings",
        TokenScope::MeetingsWrite => "Create and change bodies and meetings",
        TokenScope::ReportsRead => "Read reports",
        TokenScope::ReportsWrite => "Create, submit and review reports",
        TokenScope::ChangesRead => "Follow the change feed",
    }
}

/// The routes of the API, feature by feature; the document follows from them.
pub fn routes(config: &mut ServiceConfig<'_>) {
    crate::health::routes(config);
    crate::oauth::routes(config);
    crate::me::routes(config);
    crate::users::routes(config);
    crate::clients::routes(config);
    crate::organisations::routes(config);
    crate::programmes::routes(config);
    crate::goals::routes(config);
    crate::reporting_periods::routes(config);
    crate::reports::routes(config);
    crate::progress::routes(config);
    crate::actions::routes(config);
    crate::decision_steps::routes(config);
    crate::timetable::routes(config);
    crate::bodies::routes(config);
    crate::meetings::routes(config);
    crate::legal::routes(config);
    crate::changes::routes(config);
}

/// What the document says besides its operations.
pub fn base() -> OpenApi {
    Base::openapi()
}

/// The whole document.
pub fn document() -> OpenApi {
    use utoipa_actix_web::AppExt;
    finish(actix_web::App::new().into_utoipa_app().openapi(base()).configure(routes).split_for_parts().1)
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let all = [
        ("get", &mut item.get),
        ("put", &mut item.put),
        ("post", &mut item.post),
        ("delete", &mut item.delete),
        ("patch", &mut item.patch),
    ];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// Adds what follows from the method, the path and the security of an operation.
pub fn finish(mut document: OpenApi) -> OpenApi {
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            describe(operation);
            path_parameters(path, operation);
            shared_answers(path, method, operation);
        }
    }
    document
}

/// The first line of a doc comment is the summary, the rest the description.
fn describe(operation: &mut Operation) {
    let text = [operation.summary.take(), operation.description.take()].into_iter().flatten().collect::<Vec<_>>();
    let text = text.join("\n\n");
    let (summary, description) = text.split_once("\n\n").unwrap_or((&text, ""));
    operation.summary = Some(summary.trim().trim_end_matches('.').to_owned());
    let description = if description.trim().is_empty() { summary } else { description };
    operation.description = Some(description.trim().to_owned());
}

fn path_parameters(path: &str, operation: &mut Operation) {
    for name in path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
        let parameters = operation.parameters.get_or_insert_default();
        if parameters.iter().any(|parameter| is_parameter(parameter, |parameter| parameter.name == name)) {
            continue;
        }
        let what = name.trim_end_matches("_id").replace('_', " ");
        let uuid = ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)))
            .build();
        parameters.push(
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Path)
                .required(Required::True)
                .description(Some(format!("The identifier of the {what}")))
                .schema(Some(uuid))
                .build()
                .into(),
        );
    }
}

fn is_parameter(parameter: &RefOr<Parameter>, test: impl Fn(&Parameter) -> bool) -> bool {
    matches!(parameter, RefOr::T(parameter) if test(parameter))
}

fn header_parameter(operation: &mut Operation, name: &str, required: Required, text: &str, example: &str) {
    operation.parameters.get_or_insert_default().push(
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Header)
            .required(required)
            .description(Some(text))
            .schema(Some(ObjectBuilder::new().schema_type(Type::String).build()))
            .example(Some(example.into()))
            .build()
            .into(),
    );
}

fn shared_answers(path: &str, method: &str, operation: &mut Operation) {
    let api = path.starts_with("/api/");
    let public = operation.security.as_ref().is_some_and(|all| all.iter().any(is_empty));
    let open = operation.security.as_ref().is_some_and(|all| all.iter().all(is_empty));
    let mut statuses = Vec::new();
    if api && !open {
        statuses.extend(["401", "403"]);
    }
    if path.starts_with("/oauth/") {
        statuses.extend(["400", "401", "413", "415", "429"]);
    }
    if path == "/api/v1/changes" {
        statuses.push("410");
    }
    if path.ends_with(":change-password") {
        statuses.push("429");
    }
    if path.contains('{') {
        statuses.push("404");
    }
    if operation
        .parameters
        .iter()
        .flatten()
        .any(|parameter| is_parameter(parameter, |it| it.parameter_in == ParameterIn::Query))
    {
        statuses.push("400");
    }
    if api && method != "get" {
        statuses.extend(["400", "404", "409", "413", "415", "422"]);
        if method == "post" {
            statuses.push("412");
            let text = "Makes a repetition of the request harmless for 24 hours: the same answer is given again.";
            header_parameter(operation, "Idempotency-Key", Required::False, text, "4d1c7a52-6f0e-4b53");
            let text = "The version that you have seen, where it must not have changed.";
            header_parameter(operation, "If-Match", Required::False, text, "\"3\"");
        } else {
            statuses.extend(["412", "428"]);
            let text = "The version that you have seen: the `ETag` of its last answer, or `*`.";
            header_parameter(operation, "If-Match", Required::True, text, "\"3\"");
        }
    }
    statuses.push("503");
    if public && !open {
        // Anonymous callers are answered; a bad token is refused all the same.
        operation.description =
            operation.description.take().map(|text| format!("{text}\n\nWithout signing in you see what is public."));
    }
    let answers = &mut operation.responses.responses;
    for (status, name, _) in PROBLEMS.iter().filter(|(status, ..)| statuses.contains(status)) {
        answers.entry((*status).to_owned()).or_insert_with(|| RefOr::Ref(Ref::from_response_name(*name)));
    }
    for (status, answer) in answers.iter_mut() {
        if let RefOr::T(answer) = answer {
            success_headers(status, path, answer);
        }
    }
}

fn is_empty(requirement: &utoipa::openapi::security::SecurityRequirement) -> bool {
    serde_json::to_value(requirement).is_ok_and(|value| value.as_object().is_none_or(serde_json::Map::is_empty))
}

fn success_headers(status: &str, path: &str, answer: &mut Response) {
    if !path.starts_with("/api/") || answer.content.is_empty() {
        return;
    }
    if status == "200" || status == "201" {
        answer.headers.entry("ETag".into()).or_insert_with(|| {
            RefOr::T(header(Type::String, "The version, with a digest of the answer; absent on lists"))
        });
    }
    if status == "201" {
        answer.headers.entry("Location".into()).or_insert_with(|| RefOr::T(header(Type::String, "Where it is")));
    }
}

/// The document with the version and address of this service.
pub fn served(app: &App) -> OpenApi {
    let mut document = document();
    if let Some(server) = document.servers.as_mut().and_then(|servers| servers.first_mut()) {
        server.url.clone_from(&app.public_url);
    }
    document
}
