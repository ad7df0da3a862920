//! Meetings from a calendar file.

use super::EditMeetings;
use crate::answer::{Answer, Done};
use crate::app::App;
use crate::auth::Member;
use crate::extract::{Calendar, Incoming, Params, Path, Spoken};
use crate::problem::{Problem, internal};
use actix_web::post;
use actix_web::web::{Data, block};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use yhteen_domain::Fault;
use yhteen_domain::icalendar::{CalendarFile, EventReport, Window, read};
use yhteen_domain::ids::{BodyId, Id, MeetingId};
use yhteen_domain::meetings::{Import, ImportCounts, calendar_window};
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
/// file. All is done or nothing.
#[utoipa::path(tag = "Meetings", params(ImportMeetings), security(("oauth2" = ["meetings:write"])),
    request_body(content = String, content_type = "text/calendar", description = "The calendar file"),
    responses((status = 200, description = "What was done", body = MeetingsImported)))]
#[post("/api/v1/bodies/{body_id}/meetings:import")]
pub async fn import_meetings(
    member: Member<EditMeetings>,
    app: Data<App>,
    path: Path<BodyId>,
    params: Params<ImportMeetings>,
    Spoken(language): Spoken,
    incoming: Incoming<Calendar>,
) -> Result<Done, Problem> {
    let file = if may_import(&member, &app, &path).await? {
        calendar_file(&incoming, calendar_window(app.today())).await?
    } else {
        // Who has no right is told so before this.
        Err(Fault::not_found())
    };
    let occurrences = file.as_ref().map_or(0, |file| file.occurrences.len());
    let ids: Vec<MeetingId> = (0..occurrences).map(|_| app.fresh()).collect();
    let params = params.get();
    app.write(member, incoming, move |tx, member, incoming| {
        let body = bodies::lock(tx, member.scope(), path.get()?)?;
        let ImportMeetings { dry_run } = params.clone()?;
        incoming.body()?;
        member.require(body.organisation_id)?;
        let file = file.as_ref().map_err(Clone::clone)?;
        tx.act_for(body.organisation_id);
        incoming.expect_if_given(body.meta.version)?;
        let known = meetings::imported(tx, body.id)?;
        let import = Import::of(&body, known, file, &ids, tx.now());
        if dry_run {
            meetings::require_room(tx, body.id, &import)?;
        } else {
            meetings::keep_import(tx, body.id, &import)?;
        }
        let counts = import.counts();
        let events = import.reports.into_iter().map(|report| report.told(language)).collect();
        let view = MeetingsImported { dry_run, counts, events };
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
async fn calendar_file(incoming: &Incoming<Calendar>, window: Window) -> Result<Result<CalendarFile, Fault>, Problem> {
    let bytes = match incoming.body() {
        Ok(Calendar(bytes)) => bytes.clone(),
        Err(fault) => return Ok(Err(fault)),
    };
    block(move || read(&bytes, window)).await.map_err(|error| {
        log::error!("a calendar file was not read to its end: {error}");
        Problem(internal())
    })
}
