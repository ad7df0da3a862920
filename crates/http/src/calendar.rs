//! The calendar over HTTP: what happens, of many organisations together, as JSON and as a file for calendar programs.

mod feeds;
mod files;

use crate::actions::ReadActions;
use crate::answer::CalendarText;
use crate::app::App;
use crate::auth::Reader;
use crate::extract::{Params, Spoken};
use crate::meetings::ReadMeetings;
use crate::problem::Problem;
use crate::programmes::ReadProgrammes;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{Either, FromRequest, HttpRequest, get};
use chrono::{DateTime, Months, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::future::Future;
use std::pin::Pin;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use yhteen_domain::calendar::{
    About, Calendar, CalendarKind, Entry, Filter, MOST_ENTRIES, MOST_YEARS, NARROW_BY, Span,
};
use yhteen_domain::holidays::Wording;
use yhteen_domain::icalendar::write::{Status, When};
use yhteen_domain::ids::{ActionId, BodyId, MeetingId, OrganisationId, PeriodId, ProgrammeId, StepId};
use yhteen_domain::text::Language;
use yhteen_domain::time::{Date, Day};
use yhteen_domain::{Fault, Message, codes, message};
use yhteen_persistence::calendar;
use yhteen_persistence::scope::Scope;

/// The operations on calendars.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(get_calendar)
        .service(files::get_calendar_file)
        .service(files::get_body_calendar)
        .service(files::get_organisation_calendar)
        .service(files::get_action_calendar)
        .service(files::get_programme_calendar)
        .service(feeds::create_calendar_feed)
        .service(feeds::list_calendar_feeds)
        .service(feeds::get_calendar_feed)
        .service(feeds::delete_calendar_feed)
        .service(feeds::read_calendar_feed);
}

/// The media type of calendar files.
const FILE: &str = "text/calendar";

/// Anyone: someone signed in whose token carries the scopes of all that a calendar shows, or someone who is not signed in.
pub struct CalendarReader {
    scope: Scope,
}

impl FromRequest for CalendarReader {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let meetings = Reader::<ReadMeetings>::extract(&request).await?;
            Reader::<ReadActions>::extract(&request).await?;
            Reader::<ReadProgrammes>::extract(&request).await?;
            Ok(Self { scope: meetings.scope().clone() })
        })
    }
}

/// What happens, in order of time.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Calendar)]
pub struct CalendarView {
    items: Vec<CalendarEntry>,
    /// Where the calendar was cut off; null where it is complete.
    #[schema(required)]
    truncated: Option<CalendarTruncated>,
}

/// Where a calendar was cut off, since there is more than one answer holds.
#[derive(Debug, Serialize, ToSchema)]
pub struct CalendarTruncated {
    /// How many entries a calendar has at most.
    #[schema(example = 5000)]
    limit: usize,
    /// The last day that is complete: give the day after it as `from` to see more. Null where no day is known to be
    /// complete, since the first day alone has more entries, or more actions have decisions than one calendar looks
    /// through: narrow it.
    #[schema(required)]
    until: Option<NaiveDate>,
    /// The parameters that narrow a calendar.
    #[schema(example = json!(["organisation_id", "body_id", "programme_id", "action_id", "kind"]))]
    narrow_by: [&'static str; 5],
    /// The same in words.
    notice: Wording,
}

impl From<Calendar> for CalendarView {
    fn from(Calendar { entries, cut }: Calendar) -> Self {
        let truncated = cut.map(|cut| CalendarTruncated {
            limit: MOST_ENTRIES,
            until: cut.until,
            narrow_by: NARROW_BY,
            notice: cut.notice(),
        });
        Self { items: entries.into_iter().map(CalendarEntry::of).collect(), truncated }
    }
}

/// One thing that happens.
#[derive(Debug, Serialize, ToSchema)]
pub struct CalendarEntry {
    kind: CalendarKind,
    /// When a meeting starts, or its agenda is closed; null where `on` says the day.
    #[schema(required)]
    starts_at: Option<DateTime<Utc>>,
    /// When a meeting ends, where that is known.
    #[schema(required)]
    ends_at: Option<DateTime<Utc>>,
    /// The day, in Europe/Helsinki; null where `starts_at` says the time.
    #[schema(required)]
    on: Option<NaiveDate>,
    /// What it is called, in the words that a calendar program shows. A name that lacks a language is told in one that
    /// there is.
    title: Wording,
    /// Whether the meeting will not take place.
    cancelled: bool,
    /// Whether it is planned and not yet sure: a meeting to which nobody was invited yet, legal force of what is still to
    /// be decided.
    tentative: bool,
    /// The organisation of the body.
    #[schema(required)]
    organisation_id: Option<OrganisationId>,
    /// The body that meets or decides.
    #[schema(required)]
    body_id: Option<BodyId>,
    /// The meeting, or the one that decides.
    #[schema(required)]
    meeting_id: Option<MeetingId>,
    /// The decision step that has legal force.
    #[schema(required)]
    step_id: Option<StepId>,
    /// The action of the step.
    #[schema(required)]
    action_id: Option<ActionId>,
    /// The reporting period whose reports are due.
    #[schema(required)]
    period_id: Option<PeriodId>,
    /// The programme of the period or of the action.
    #[schema(required)]
    programme_id: Option<ProgrammeId>,
}

impl CalendarEntry {
    fn of(entry: Entry) -> Self {
        let (starts_at, ends_at, on) = match entry.when {
            When::Time(starts_at, ends_at) => (Some(starts_at), ends_at, None),
            When::Day(on) => (None, None, Some(on)),
        };
        let bare = Self {
            kind: entry.kind,
            starts_at,
            ends_at,
            on,
            title: entry.title,
            cancelled: entry.status == Status::Cancelled,
            tentative: entry.status == Status::Tentative,
            organisation_id: None,
            body_id: None,
            meeting_id: None,
            step_id: None,
            action_id: None,
            period_id: None,
            programme_id: None,
        };
        match entry.about {
            About::Meeting { id, body, organisation } => {
                Self { meeting_id: Some(id), body_id: Some(body), organisation_id: Some(organisation), ..bare }
            }
            About::Step { id, body, organisation, meeting, action, programme } => Self {
                step_id: Some(id),
                body_id: Some(body),
                organisation_id: Some(organisation),
                meeting_id: meeting,
                action_id: Some(action),
                programme_id: Some(programme),
                ..bare
            },
            About::Period { id, programme } => Self { period_id: Some(id), programme_id: Some(programme), ..bare },
        }
    }
}

/// What to show. What is named in one way is alternatives, and what is named in several ways must fit them all.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CalendarParams {
    /// The first day, in Europe/Helsinki. JSON needs it; in a file it is 90 days before today, or two years before `to`.
    #[param(nullable = false)]
    from: Option<Day>,
    /// The last day, at most three years after the first. JSON needs it; in a file it is two years after today, or after
    /// `from`.
    #[param(nullable = false)]
    to: Option<Day>,
    /// Only what these organisations do: the meetings and decisions of their bodies, and the reports of the programmes
    /// of which they are members.
    #[serde(default)]
    #[param(inline)]
    organisation_id: Vec<OrganisationId>,
    /// Only what these bodies do.
    #[serde(default)]
    #[param(inline)]
    body_id: Vec<BodyId>,
    /// Only what belongs to these programmes: the bodies that have a step that you see in one of their actions, the
    /// decisions of these steps, and the reports.
    #[serde(default)]
    #[param(inline)]
    programme_id: Vec<ProgrammeId>,
    /// Only what belongs to these actions: the bodies that have a step that you see in one of them, and the decisions of
    /// these steps.
    #[serde(default)]
    #[param(inline)]
    action_id: Vec<ActionId>,
    /// Only what happens of these kinds.
    #[serde(default)]
    #[param(inline)]
    kind: Vec<CalendarKind>,
    /// The language of a file, where `Accept-Language` cannot say.
    #[param(nullable = false)]
    lang: Option<Language>,
}

impl CalendarParams {
    fn filter(self) -> Filter {
        let Self { from: _, to: _, organisation_id, body_id, programme_id, action_id, kind, lang: _ } = self;
        Filter { organisation_id, body_id, programme_id, action_id, kind }
    }
}

/// Get the calendar.
///
/// The meetings, agenda deadlines, dates of legal force and days on which reports are due, of all organisations
/// together, in order of time, cancelled meetings included. A date of legal force is that of a decision, or of one whose
/// meeting is booked, as it follows from what is recorded. With `Accept: text/calendar` the answer is a calendar file, as
/// from `/api/v1/calendar.ics`. It shows what you may see: of a step that you may not see there is no date here; its
/// dates stand in the timetable of its action. A calendar of more than 5,000 entries, or one that rests on the decisions
/// of more than 2,000 actions, is cut off: `truncated` says up to which day it is complete, and by which parameters to
/// narrow it.
#[utoipa::path(tag = "Calendars",
    security((), ("oauth2" = ["meetings:read", "actions:read", "programmes:read"])),
    params(CalendarParams,
        ("Accept-Language" = Option<String>, Header, nullable = false, example = "sv, fi;q=0.5",
            description = "The language of a file: Finnish, Swedish or English.")),
    responses(
        (status = 200, description = "What happens", content((CalendarView = "application/json"), (String = "text/calendar")))))]
#[get("/api/v1/calendar")]
pub async fn get_calendar(
    reader: CalendarReader,
    app: Data<App>,
    params: Params<CalendarParams>,
    Spoken(spoken): Spoken,
    request: HttpRequest,
) -> Result<Either<CalendarText, crate::answer::CalendarJson<CalendarView>>, Problem> {
    let params = params.get()?;
    if wants_file(&request) {
        return Ok(Either::Left(files::file(&app, reader.scope, params, spoken).await?));
    }
    let (Some(from), Some(to)) = (params.from, params.to) else {
        let missing = if params.from.is_none() { "from" } else { "to" };
        return Err(refused(
            missing,
            "required",
            message!(
                fi: "Parametri {missing} puuttuu.",
                sv: "Parametern {missing} saknas.",
                en: "The parameter {missing} is required.",
            ),
        )
        .into());
    };
    let span = checked(Span { from: from.into(), to: to.into() })?;
    let (filter, now) = (params.filter(), app.now());
    let calendar = app.store.read(move |db| calendar::entries(db, &reader.scope, span, &filter, now)).await?;
    Ok(Either::Right(crate::answer::CalendarJson(calendar.into())))
}

/// Whether the caller takes a calendar file rather than JSON (RFC 9110, section 12.5.1).
fn wants_file(request: &HttpRequest) -> bool {
    let accept = request.headers().get_all(header::ACCEPT).filter_map(|value| value.to_str().ok());
    let ranges: Vec<(String, f32)> = accept
        .flat_map(|value| value.split(','))
        .map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let media = parts.next().unwrap_or_default().to_ascii_lowercase();
            let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(1.0, |q| q.parse().unwrap_or(0.0));
            (media, weight)
        })
        .collect();
    // The range that says the most of a type counts.
    let weight = |names: [&str; 3]| {
        names.iter().find_map(|name| ranges.iter().find(|(media, _)| media == name)).map_or(0.0, |(_, weight)| *weight)
    };
    weight([FILE, "text/*", "*/*"]) > weight(["application/json", "application/*", "*/*"])
}

/// The days of a file.
fn days(from: Option<Day>, to: Option<Day>, today: Date) -> Result<Span, Fault> {
    let span = match (from.map(Date::from), to.map(Date::from)) {
        (Some(from), Some(to)) => Span { from, to },
        (Some(from), None) => Span { from, to: from.checked_add_months(Months::new(24)).unwrap_or(from) },
        (None, Some(to)) => Span { from: to.checked_sub_months(Months::new(24)).unwrap_or(to), to },
        (None, None) => Span::around(today),
    };
    checked(span)
}

fn checked(span: Span) -> Result<Span, Fault> {
    if span.is_allowed() {
        return Ok(span);
    }
    let detail = message!(
        fi: "Parametrin to on oltava päivän from ja sitä {MOST_YEARS} vuotta myöhemmän päivän välillä.",
        sv: "Parametern to ska vara mellan dagen i from och dagen {MOST_YEARS} år efter den.",
        en: "The parameter to must be from the day of from to {MOST_YEARS} years after it."
    );
    Err(refused("to", "out_of_range", detail))
}

fn refused(name: &str, code: &'static str, detail: Message) -> Fault {
    Fault::new(&codes::BAD_PARAMETER, detail.clone()).at(format!("?{name}"), code, detail)
}
