//! The OpenAPI document: made from the handlers, with what all operations share added once.

mod examples;
mod operations;
mod problems;
mod schemas;
mod shared;

use crate::problem::{ProblemBody, ProblemPlace};
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{
    ClientCredentials, Flow, HttpAuthScheme, HttpBuilder, OAuth2, Password, Scopes, SecurityScheme,
};
use utoipa::{Modify, OpenApi as _};
use utoipa_actix_web::service_config::ServiceConfig;
use yhteen_domain::roles::TokenScope;
use yhteen_domain::text::Language;
use yhteen_domain::vocabulary::Vocabulary;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Yhteen",
        description = include_str!("openapi/about.md"),
        license(name = "EUPL-1.2", identifier = "EUPL-1.2"),
        contact(name = "Yhteen", url = "https://yhteen.example", email = "yhteen@example.org")
    ),
    servers((url = "/", description = "This server")),
    tags(
        (name = "Organisations", description = "Municipalities, authorities, parishes and NGOs: known to everyone."),
        (name = "Programmes", description = "One strategy each, with the organisations that carry it out."),
        (name = "Goals", description = "What a programme is to reach, as a tree."),
        (name = "Actions", description = "Shared change actions, from the draft to their completion."),
        (name = "Participants", description = "Who takes part in an action, and as what: each answers for itself."),
        (name = "Decision steps", description = "The route of an action through the bodies that decide on it."),
        (name = "Bookings", description = "The meetings that steps are to have: proposed by one organisation, reserved by the body's own."),
        (name = "Handlings", description = "What bodies did with steps at their meetings, and the remedies sought against that."),
        (name = "Timetables", description = "How the decisions that an action needs fit together, and when it can start."),
        (name = "Meetings", description = "The bodies that decide, and when they meet."),
        (name = "Calendars", description = "What happens when, of many organisations together: as JSON, and as files and feeds for calendar programs."),
        (name = "Legal calendar", description = "When a decision gains legal force, and the days on which no period ends."),
        (name = "Reporting periods", description = "For which time reports are due, and until when they are taken."),
        (name = "Reports", description = "What each organisation says of each action for each period."),
        (name = "Progress", description = "How far a programme has come, counted over what you may see."),
        (name = "Changes", description = "What has changed since you looked last: for systems that keep a copy."),
        (name = "Users", description = "People's accounts, managed by the administrators of their organisation."),
        (name = "Clients", description = "Systems' accounts, managed by the administrators of their organisation."),
        (name = "Me", description = "Who you are, and what you may do."),
        (name = "Authentication", description = "Access tokens by OAuth 2.0. *Authorize* above does this for you."),
        (name = "Service", description = "Whether the service lives and can answer: for those who run it."),
    ),
    components(schemas(Language, ProblemBody, ProblemPlace)),
    modifiers(&Shared)
)]
struct Base;

struct Shared;

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
                    .description(Some("An access token that you have already, from `/oauth/token`."))
                    .build(),
            ),
        );
        components.add_security_scheme(
            "oauth2",
            SecurityScheme::OAuth2(OAuth2::new([
                Flow::Password(Password::with_refresh_url("/oauth/token", scopes(), "/oauth/token")),
                Flow::ClientCredentials(ClientCredentials::new("/oauth/token", scopes())),
            ])),
        );
        shared::add(components);
        problems::add(components);
    }
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
    crate::sessions::routes(config);
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
    crate::calendar::routes(config);
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

/// Adds what follows from the method, the path and the security of each operation, and gives schemas their final form.
fn finish(mut document: OpenApi) -> OpenApi {
    document.info.description = document.info.description.take().map(|text| schemas::unwrapped(&text));
    schemas::finish(&mut document);
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations::of(item) {
            operations::finish(path, method, operation);
        }
    }
    examples::add(&mut document);
    document
}
