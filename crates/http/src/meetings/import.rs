//! Meetings from a calendar file.

use super::EditMeetings;
use crate::answer::{Answer, Done};
use crate::app::App;
use crate::auth::Member;
use crate::extract::{Calendar, Incoming, Params, Path};
use crate::problem::{Problem, internal};
use actix_web::post;
use actix_web::web::{Data, block};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use yhteen_domain::Fault;
use yhteen_domain::icalendar::{CalendarFile, EventReport, Reading, Window, read_as};
use yhteen_domain::ids::{BodyId, Id, MeetingId};
use yhteen_domain::meetings::{Import, ImportCounts, calendar_window};
use yhteen_domain::text::PlainName;
use yhteen_persistence::idempotency::Guard;
use yhteen_persistence::{Error, bodies, meetings};

/// How to import a calendar file.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportMeetings {
    /// Tell what would be done, and change nothing.
    #[serde(default)]
    #[param(required = false, default = false)]
    dry_run: bool,
    /// Leave out events that cannot be read or lie outside the body's validity, and report them. Without it, one of them
    /// refuses the whole file.
    #[serde(default)]
    #[param(required = false, default = false)]
    skip_invalid: bool,
    /// Only events that have one of these categories, in any case; of a series, one of its events must have it.
    #[serde(default)]
    #[param(inline)]
    category: Vec<PlainName>,
}

/// What an import did, or in a dry run would do.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeetingsImported {
    /// Whether nothing was changed.
    dry_run: bool,
    counts: ImportCounts,
    /// What became of every event, and of every instance of a series.
    events: Vec<EventReport>,
}

/// Import meetings from a calendar file.
///
/// The body is a `text/calendar` file of up to 10 MiB (RFC 5545), as Outlook and Exchange write it. Its events from
/// two years before today to two years after become meetings of the body; series are expanded. An event is known
/// again by its UID and, in a series, by its original time, so that the same file imported again changes nothing, a
/// changed one moves its meetings, and one that is cancelled or no longer in its series cancels them. Meetings that
/// have been held stay as they are, and so do those that did not come from a calendar or whose event is not in the
/// file. Categories become tags, and later changes of them follow; tags that people have set here stay. Events of this
/// service's own calendars are known again: a meeting of the body is that meeting, and an agenda deadline is no meeting.
/// All is done or nothing, unless `skip_invalid` says otherwise. At most 2,000 meetings are added by one import, unless the
/// service is set otherwise.
#[utoipa::path(tag = "Meetings", params(ImportMeetings), security(("oauth2" = ["meetings:write"])),
    request_body(content = String, content_type = "text/calendar", description = "The calendar file"),
    responses((status = 200, description = "What was done", body = MeetingsImported)))]
#[post("/api/v1/bodies/{body_id}/meetings:import")]
pub async fn import_meetings(
    member: Member<EditMeetings>,
    app: Data<App>,
    path: Path<BodyId>,
    params: Params<ImportMeetings>,
    incoming: Incoming<Calendar>,
) -> Result<Done, Problem> {
    let params = params.get();
    let file = if may_import(&member, &app, &path).await? {
        calendar_file(&incoming, &params, calendar_window(app.today())).await?
    } else {
        // Who has no right is told so before this.
        Err(Fault::not_found())
    };
    let occurrences = file.as_ref().map_or(0, |file| file.occurrences.len());
    let ids: Vec<MeetingId> = (0..occurrences).map(|_| app.fresh()).collect();
    app.write(member, incoming, move |tx, member, incoming| {
        let body = bodies::lock(tx, member.scope(), path.get()?)?;
        let dry_run = params.as_ref().map_err(Clone::clone)?.dry_run;
        incoming.body()?;
        member.require(body.organisation_id)?;
        let file = file.as_ref().map_err(Clone::clone)?;
        tx.act_for(body.organisation_id);
        incoming.expect_if_given(body.meta.version)?;
        let own: Vec<MeetingId> = file.own_meetings().into_keys().collect();
        let known = meetings::imported(tx, body.id, &own)?;
        let import = Import::of(&body, known, file, &ids, tx.now())?;
        if dry_run {
            meetings::require_room(tx, body.id, &import)?;
        } else {
            meetings::keep_import(tx, body.id, &import)?;
        }
        let view = MeetingsImported { dry_run, counts: import.counts(), events: import.reports };
        Ok(Answer::done(&view, Guard::Sees(body.id.uuid())))
    })
    .await
}

/// Whether there is such a body and the caller may import its meetings: for nobody else a large file is taken apart.
async fn may_import(member: &Member<EditMeetings>, app: &App, path: &Path<BodyId>) -> Result<bool, Problem> {
    let Ok(id) = path.get() else { return Ok(false) };
    let scope = member.scope().clone();
    match app.store.read(move |db| bodies::find(db, &scope, id)).await {
        Ok(body) => Ok(member.may(body.organisation_id)),
        Err(Error::Fault(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// The file taken apart, outside the transaction and the threads that serve requests: it may be large. What is wrong
/// with it is for the handler to tell in its turn.
async fn calendar_file(
    incoming: &Incoming<Calendar>,
    params: &Result<ImportMeetings, Fault>,
    window: Window,
) -> Result<Result<CalendarFile, Fault>, Problem> {
    let reading = match params {
        Ok(params) => Reading::new(params.skip_invalid, params.category.iter().map(PlainName::as_str)),
        Err(fault) => return Ok(Err(fault.clone())),
    };
    let bytes = match incoming.body() {
        Ok(Calendar(bytes)) => bytes.clone(),
        Err(fault) => return Ok(Err(fault)),
    };
    block(move || read_as(&bytes, window, &reading)).await.map_err(|error| {
        log::error!("a calendar file was not read to its end: {error}");
        Problem(internal())
    })
}
