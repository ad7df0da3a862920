//! Calendar files, at addresses that a calendar program can follow.

use super::{CalendarParams, CalendarReader, days};
use crate::answer::CalendarText;
use crate::app::App;
use crate::extract::{Params, Path, Spoken};
use crate::problem::Problem;
use actix_web::{get, web::Data};
use serde::Deserialize;
use utoipa::IntoParams;
use yhteen_domain::calendar::{Calendar, CalendarKind, Filter, Span};
use yhteen_domain::icalendar::write::write;
use yhteen_domain::ids::{ActionId, BodyId, OrganisationId, ProgrammeId};
use yhteen_domain::text::Language;
use yhteen_domain::time::Day;
use yhteen_persistence::scope::Scope;
use yhteen_persistence::{Db, Error, actions, bodies, calendar, organisations, programmes};

/// What a calendar is called that is nobody's in particular.
const NAME: &str = "Yhteen";

/// The file of a calendar.
pub(super) fn told(app: &App, name: &str, calendar: &Calendar, language: Language) -> CalendarText {
    let host = url::Url::parse(&app.public_url).ok().and_then(|url| url.host_str().map(str::to_owned));
    let host = host.unwrap_or_else(|| "localhost".to_owned());
    let (events, description) = calendar.events(language, &app.public_url, &host);
    CalendarText(write(name, description.as_deref(), &events))
}

/// The file of what the reader sees.
pub(super) async fn file(
    app: &App,
    scope: Scope,
    params: CalendarParams,
    spoken: Language,
) -> Result<CalendarText, Problem> {
    let (span, now) = (days(params.from, params.to, app.today())?, app.now());
    let language = params.lang.unwrap_or(spoken);
    let filter = params.filter();
    let calendar = app.store.read(move |db| calendar::entries(db, &scope, span, &filter, now)).await?;
    Ok(told(app, NAME, &calendar, language))
}

/// Get the calendar as a file.
///
/// A file of calendar programs (RFC 5545) with the meetings, agenda deadlines, dates of legal force and days on which
/// reports are due, as `/api/v1/calendar` has them. Meetings are busy time, all else is not. A cancelled meeting stays,
/// as cancelled. While nothing changes, the file stays the same to the last byte and so does its `ETag`. A file of more than
/// 5,000 entries is cut off after the last day that it holds in full: an all-day event on that day, and the description of
/// the calendar, say so. Narrow it by `organisation_id`, `body_id`, `programme_id`, `action_id` or `kind`.
#[utoipa::path(tag = "Calendars",
    security((), ("oauth2" = ["meetings:read", "actions:read", "programmes:read"])),
    params(CalendarParams, ("Accept-Language" = Option<String>, Header, nullable = false, example = "sv, fi;q=0.5",
        description = "The language of the file: Finnish, Swedish or English.")),
    responses((status = 200, description = "The file", body = String, content_type = "text/calendar")))]
#[get("/api/v1/calendar.ics")]
pub async fn get_calendar_file(
    reader: CalendarReader,
    app: Data<App>,
    params: Params<CalendarParams>,
    Spoken(spoken): Spoken,
) -> Result<CalendarText, Problem> {
    file(&app, reader.scope, params.get()?, spoken).await
}

/// Which part of a calendar.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FileParams {
    /// The first day, in Europe/Helsinki: 90 days before today, or two years before `to`, where nothing is said.
    #[param(nullable = false)]
    from: Option<Day>,
    /// The last day, at most three years after the first: two years after today, or after `from`, where nothing is said.
    #[param(nullable = false)]
    to: Option<Day>,
    /// Only what happens of these kinds.
    #[serde(default)]
    #[param(inline)]
    kind: Vec<CalendarKind>,
    /// The language, where `Accept-Language` cannot say.
    #[param(nullable = false)]
    lang: Option<Language>,
}

/// The file of one thing: `find` answers what it is called in a language, where the reader may know of it, and `filter`
/// picks what belongs to it.
async fn file_of(
    app: &App,
    reader: CalendarReader,
    params: Params<FileParams>,
    spoken: Language,
    find: impl FnOnce(&mut Db, &Scope, Language) -> Result<String, Error> + Send + 'static,
    filter: Filter,
) -> Result<CalendarText, Problem> {
    let (scope, now, today) = (reader.scope, app.now(), app.today());
    let params = params.get();
    let read = app.store.read(move |db| {
        let language = params.as_ref().ok().and_then(|params| params.lang).unwrap_or(spoken);
        let name = find(db, &scope, language)?;
        let FileParams { from, to, kind, lang: _ } = params?;
        let span: Span = days(from, to, today)?;
        let calendar = calendar::entries(db, &scope, span, &Filter { kind, ..filter }, now)?;
        Ok((name, calendar, language))
    });
    let (name, calendar, language) = read.await?;
    Ok(told(app, &name, &calendar, language))
}

/// Get the calendar of a body.
///
/// A file of calendar programs with its meetings, agenda deadlines and dates of legal force.
#[utoipa::path(tag = "Calendars",
    security((), ("oauth2" = ["meetings:read", "actions:read", "programmes:read"])),
    params(FileParams, ("Accept-Language" = Option<String>, Header, nullable = false, example = "sv, fi;q=0.5",
        description = "The language of the file: Finnish, Swedish or English.")),
    responses((status = 200, description = "The file", body = String, content_type = "text/calendar")))]
#[get("/api/v1/bodies/{body_id}/calendar.ics")]
pub async fn get_body_calendar(
    reader: CalendarReader,
    app: Data<App>,
    path: Path<BodyId>,
    params: Params<FileParams>,
    Spoken(spoken): Spoken,
) -> Result<CalendarText, Problem> {
    let id = path.get()?;
    let find = move |db: &mut Db, scope: &Scope, language: Language| {
        Ok(bodies::find(db, scope, id)?.details.name.in_language(language).to_owned())
    };
    file_of(&app, reader, params, spoken, find, Filter { body_id: vec![id], ..Filter::default() }).await
}

/// Get the calendar of an organisation.
///
/// A file of calendar programs with the meetings, agenda deadlines and dates of legal force of its bodies, and the days on
/// which the reports of its programmes are due.
#[utoipa::path(tag = "Calendars",
    security((), ("oauth2" = ["meetings:read", "actions:read", "programmes:read"])),
    params(FileParams, ("Accept-Language" = Option<String>, Header, nullable = false, example = "sv, fi;q=0.5",
        description = "The language of the file: Finnish, Swedish or English.")),
    responses((status = 200, description = "The file", body = String, content_type = "text/calendar")))]
#[get("/api/v1/organisations/{organisation_id}/calendar.ics")]
pub async fn get_organisation_calendar(
    reader: CalendarReader,
    app: Data<App>,
    path: Path<OrganisationId>,
    params: Params<FileParams>,
    Spoken(spoken): Spoken,
) -> Result<CalendarText, Problem> {
    let id = path.get()?;
    let find = move |db: &mut Db, _: &Scope, language: Language| {
        Ok(organisations::find(db, id)?.details.name.in_language(language).to_owned())
    };
    file_of(&app, reader, params, spoken, find, Filter { organisation_id: vec![id], ..Filter::default() }).await
}

/// Get the calendar of an action.
///
/// A file of calendar programs with the meetings and agenda deadlines of the bodies that have a step in it, and the dates
/// of legal force of these steps.
#[utoipa::path(tag = "Calendars",
    security((), ("oauth2" = ["meetings:read", "actions:read", "programmes:read"])),
    params(FileParams, ("Accept-Language" = Option<String>, Header, nullable = false, example = "sv, fi;q=0.5",
        description = "The language of the file: Finnish, Swedish or English.")),
    responses((status = 200, description = "The file", body = String, content_type = "text/calendar")))]
#[get("/api/v1/actions/{action_id}/calendar.ics")]
pub async fn get_action_calendar(
    reader: CalendarReader,
    app: Data<App>,
    path: Path<ActionId>,
    params: Params<FileParams>,
    Spoken(spoken): Spoken,
) -> Result<CalendarText, Problem> {
    let id = path.get()?;
    let find = move |db: &mut Db, scope: &Scope, language: Language| {
        Ok(actions::find(db, scope, id)?.details.title.in_language(language).to_owned())
    };
    file_of(&app, reader, params, spoken, find, Filter { action_id: vec![id], ..Filter::default() }).await
}

/// Get the calendar of a programme.
///
/// A file of calendar programs with the meetings and agenda deadlines of the bodies that have a step in one of its
/// actions, the dates of legal force of these steps, and the days on which its reports are due.
#[utoipa::path(tag = "Calendars",
    security((), ("oauth2" = ["meetings:read", "actions:read", "programmes:read"])),
    params(FileParams, ("Accept-Language" = Option<String>, Header, nullable = false, example = "sv, fi;q=0.5",
        description = "The language of the file: Finnish, Swedish or English.")),
    responses((status = 200, description = "The file", body = String, content_type = "text/calendar")))]
#[get("/api/v1/programmes/{programme_id}/calendar.ics")]
pub async fn get_programme_calendar(
    reader: CalendarReader,
    app: Data<App>,
    path: Path<ProgrammeId>,
    params: Params<FileParams>,
    Spoken(spoken): Spoken,
) -> Result<CalendarText, Problem> {
    let id = path.get()?;
    let find = move |db: &mut Db, scope: &Scope, language: Language| {
        Ok(programmes::find(db, scope, id)?.details.title.in_language(language).to_owned())
    };
    file_of(&app, reader, params, spoken, find, Filter { programme_id: vec![id], ..Filter::default() }).await
}
