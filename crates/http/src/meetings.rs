//! Meetings over HTTP.

mod by_external_id;
mod import;
mod trial;

use crate::answer::{Answer, Done, Listing, Versioned};
use crate::app::App;
use crate::auth::{Member, Reader};
use crate::extract::{Incoming, Nothing, Params, Path};
use crate::patch::{double, patched, present};
use crate::problem::Problem;
use crate::timetable::Impacts;
use actix_web::{get, patch, post, web::Data};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use trial::{DryRun, Rule, trial};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use yhteen_domain::Fault;
use yhteen_domain::bodies::Body;
use yhteen_domain::external_ids::ExternalId;
use yhteen_domain::ids::{BodyId, Id, MeetingId, OrganisationId};
use yhteen_domain::meetings::{Details, Meeting, MeetingState};
use yhteen_domain::roles::Role;
use yhteen_domain::text::{PlainName, Tag, ZoneName};
use yhteen_domain::time::{Day, Instant, Moment, days_after, midnight};
use yhteen_persistence::external_ids::{self, ExternalIds};
use yhteen_persistence::idempotency::Guard;
use yhteen_persistence::meetings::{self, Filter};
use yhteen_persistence::scope::Access;
use yhteen_persistence::{Error, Tx, bodies};

crate::permissions! {
    /// Reads bodies and meetings.
    ReadMeetings = MeetingsRead, Viewer;
    /// Changes meetings.
    EditMeetings = MeetingsWrite, Editor;
}

/// The operations on meetings.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_meetings)
        .service(create_meeting)
        .service(get_meeting)
        .service(patch_meeting)
        .service(cancel_meeting)
        .service(by_external_id::put_meeting)
        .service(import::import_meetings);
}

/// A meeting of a body.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Meeting)]
pub struct MeetingView {
    id: MeetingId,
    /// Counts the changes, from 1.
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// The body that meets.
    body_id: BodyId,
    /// The organisation of the body.
    organisation_id: OrganisationId,
    starts_at: DateTime<Utc>,
    #[schema(required)]
    ends_at: Option<DateTime<Utc>>,
    /// The last moment to hand an item in.
    agenda_deadline: DateTime<Utc>,
    /// The zone in which its times are told.
    zone: ZoneName,
    state: MeetingState,
    /// Whether it will not take place.
    cancelled: bool,
    tags: Vec<Tag>,
    #[schema(required)]
    location: Option<PlainName>,
    /// The date on which its minutes were published.
    #[schema(required)]
    minutes_published_on: Option<NaiveDate>,
    /// What the calendar calls it that it was imported from (UID of RFC 5545).
    #[schema(required)]
    calendar_uid: Option<String>,
    /// How the body's organisation knows it, for who reads for that organisation.
    external_ids: Vec<ExternalId>,
    permissions: MeetingPermissions,
}

/// What the caller may do with the meeting.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeetingPermissions {
    /// Change it.
    edit: bool,
    /// Cancel it.
    cancel: bool,
}

impl MeetingView {
    fn of(meeting: Meeting, external_ids: &ExternalIds, access: Option<&Access>) -> Self {
        let Meeting { id, body_id, organisation_id, meta, details, cancelled, origin } = meeting;
        let Details { starts_at, ends_at, agenda_deadline, zone, state, tags, location, minutes_published_on } =
            details;
        let edit = !cancelled && access.is_some_and(|access| access.may(organisation_id, Role::Editor));
        Self {
            id,
            version: meta.version,
            created_at: meta.created_at,
            updated_at: meta.updated_at,
            body_id,
            organisation_id,
            starts_at,
            ends_at,
            agenda_deadline,
            zone,
            state,
            cancelled,
            tags,
            location,
            minutes_published_on,
            calendar_uid: origin.map(|origin| origin.uid),
            external_ids: external_ids.of(id),
            permissions: MeetingPermissions { edit, cancel: edit && state != MeetingState::Held },
        }
    }
}

/// The meeting as it is now, or what a dry run would do to the timetables of actions.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum ChangedMeeting {
    /// As it is now.
    Done(MeetingView),
    /// What would differ.
    DryRun(Impacts),
}

/// A new meeting.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"starts_at": "2026-11-09T14:00:00Z", "tags": ["budget"]})))]
pub struct NewMeeting {
    starts_at: Moment,
    ends_at: Option<Moment>,
    /// The last moment to hand an item in; by default as long before as the body's `agenda_lead` says.
    agenda_deadline: Option<Moment>,
    /// The zone in which its times are told: `Europe/Helsinki`, unless this says otherwise.
    zone: Option<ZoneName>,
    /// At most 20.
    #[serde(default)]
    tags: Vec<Tag>,
    location: Option<PlainName>,
}

impl NewMeeting {
    /// One of which nothing is known but when it begins.
    fn at(starts_at: Moment) -> Self {
        Self { starts_at, ends_at: None, agenda_deadline: None, zone: None, tags: Vec::new(), location: None }
    }

    fn details(self, body: &Body) -> Details {
        let Self { starts_at, ends_at, agenda_deadline, zone, tags, location } = self;
        let starts_at = starts_at.into();
        let default = || body.details.agenda_lead.deadline(starts_at);
        Details {
            starts_at,
            ends_at: ends_at.map(Instant::from),
            agenda_deadline: agenda_deadline.map_or_else(default, Instant::from),
            zone: zone.unwrap_or_else(ZoneName::helsinki),
            state: MeetingState::Planned,
            tags,
            location,
            minutes_published_on: None,
        }
    }
}

/// Changes of a meeting (JSON merge patch, RFC 7396): an absent member stays, null removes.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"state": "held"}), json!({"minutes_published_on": "2026-11-13"})))]
pub struct MeetingPatch {
    /// An agenda deadline that was the body's default for the old start follows, unless it is given too.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    starts_at: Option<Moment>,
    #[serde(default, with = "double")]
    #[schema(value_type = Option<Moment>, required = false)]
    ends_at: Option<Option<Moment>>,
    /// Null for the body's default.
    #[serde(default, with = "double")]
    #[schema(value_type = Option<Moment>, required = false)]
    agenda_deadline: Option<Option<Moment>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    zone: Option<ZoneName>,
    /// One step on: `planned`, `invited`, `held`.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    state: Option<MeetingState>,
    /// In full.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    tags: Option<Vec<Tag>>,
    #[serde(default, with = "double")]
    #[schema(value_type = Option<PlainName>, required = false)]
    location: Option<Option<PlainName>>,
    /// Of a meeting that has been held.
    #[serde(default, with = "double")]
    #[schema(value_type = Option<Day>, required = false)]
    minutes_published_on: Option<Option<Day>>,
}

impl MeetingPatch {
    fn apply(&self, old: Details, body: &Body) -> Details {
        let patch = self.clone();
        let starts_at = patch.starts_at.map_or(old.starts_at, Instant::from);
        let agenda_deadline = match patch.agenda_deadline {
            None => old.deadline_after_move(body, starts_at),
            Some(None) => body.details.agenda_lead.deadline(starts_at),
            Some(Some(deadline)) => deadline.into(),
        };
        Details {
            starts_at,
            ends_at: patched(patch.ends_at, old.ends_at),
            agenda_deadline,
            zone: patch.zone.unwrap_or(old.zone),
            state: patch.state.unwrap_or(old.state),
            tags: patch.tags.unwrap_or(old.tags),
            location: patch.location.unwrap_or(old.location),
            minutes_published_on: patched(patch.minutes_published_on, old.minutes_published_on),
        }
    }
}

/// Which meetings to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListMeetings {
    /// Only those of these bodies.
    #[serde(default)]
    #[param(inline)]
    body_id: Vec<BodyId>,
    /// Only those of bodies of these organisations.
    #[serde(default)]
    #[param(inline)]
    organisation_id: Vec<OrganisationId>,
    /// Only what begins on this date, in Europe/Helsinki, or later.
    #[param(nullable = false)]
    starts_from: Option<Day>,
    /// Only what begins on this date, in Europe/Helsinki, or earlier.
    #[param(nullable = false)]
    starts_to: Option<Day>,
    /// Only what is, or is not, cancelled.
    #[param(nullable = false)]
    cancelled: Option<bool>,
    /// Only what has changed at or after this time.
    #[param(nullable = false)]
    updated_since: Option<Moment>,
    /// Where to go on: `next` of the page before.
    #[param(nullable = false)]
    cursor: Option<String>,
    /// How many at most.
    #[param(nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
}

/// List meetings.
///
/// In the order of their start, cancelled ones included.
#[utoipa::path(tag = "Meetings", params(ListMeetings), security((), ("oauth2" = ["meetings:read"])),
    responses((status = 200, description = "A page of meetings", body = Listing<MeetingView>)))]
#[get("/api/v1/meetings")]
pub async fn list_meetings(
    reader: Reader<ReadMeetings>,
    app: Data<App>,
    params: Params<ListMeetings>,
) -> Result<Listing<MeetingView>, Problem> {
    let ListMeetings { body_id, organisation_id, starts_from, starts_to, cancelled, updated_since, cursor, limit } =
        params.get()?;
    let filter = Filter {
        bodies: body_id,
        organisations: organisation_id,
        from: starts_from.map(|day| midnight(day.into())),
        before: starts_to.map(|day| midnight(days_after(day.into(), 1))),
        cancelled,
        updated_since: updated_since.map(Instant::from),
    };
    let listed = app.listed(format!("meetings {filter:?}"), cursor.as_deref(), limit)?;
    let (scope, slice) = (reader.scope().clone(), listed.slice.clone());
    let read = app.store.read(move |db| {
        let page = meetings::list(db, &scope, &filter, &slice)?;
        let external_ids = external_ids::shown(db, &scope, page.items.iter().map(naming))?;
        Ok((page, external_ids))
    });
    let (page, external_ids) = read.await?;
    let place = |item: &Meeting| (item.details.starts_at, item.id);
    Ok(app.listing(listed.name(), page, place, |item| MeetingView::of(item, &external_ids, reader.access())))
}

/// Add a meeting to a body.
#[utoipa::path(tag = "Meetings", request_body = NewMeeting, security(("oauth2" = ["meetings:write"])),
    responses((status = 201, description = "Created", body = MeetingView)))]
#[post("/api/v1/bodies/{body_id}/meetings")]
pub async fn create_meeting(
    member: Member<EditMeetings>,
    app: Data<App>,
    path: Path<BodyId>,
    incoming: Incoming<NewMeeting>,
) -> Result<Done, Problem> {
    let id: MeetingId = app.fresh();
    let location = app.url(&format!("/api/v1/meetings/{id}"));
    app.write(member, incoming, move |tx, member, incoming| {
        let body = bodies::hold(tx, member.scope(), path.get()?)?;
        let new = incoming.body()?.clone();
        member.require(body.organisation_id)?;
        tx.act_for(body.organisation_id);
        let meeting = Meeting::new(id, &body, new.details(&body), tx.now())?;
        meetings::create(tx, &meeting)?;
        tell(tx, member.access(), meeting, Some(location.clone()))
    })
    .await
}

/// Get a meeting.
#[utoipa::path(tag = "Meetings", security((), ("oauth2" = ["meetings:read"])),
    responses((status = 200, description = "The meeting", body = MeetingView)))]
#[get("/api/v1/meetings/{meeting_id}")]
pub async fn get_meeting(
    reader: Reader<ReadMeetings>,
    app: Data<App>,
    path: Path<MeetingId>,
) -> Result<Versioned<MeetingView>, Problem> {
    let (id, scope) = (path.get()?, reader.scope().clone());
    let read = app.store.read(move |db| {
        let meeting = meetings::find(db, &scope, id)?;
        let external_ids = external_ids::shown(db, &scope, [naming(&meeting)])?;
        Ok((meeting, external_ids))
    });
    let (meeting, external_ids) = read.await?;
    Ok(Versioned { version: meeting.meta.version, view: MeetingView::of(meeting, &external_ids, reader.access()) })
}

/// Change a meeting.
///
/// A meeting that has been held keeps its times; a cancelled one does not change at all. With `dry_run=true` all is checked
/// and nothing changed, and the answer is what the change would do to the timetables of the actions that you see, as of
/// `POST /api/v1/timetable:impact`.
#[utoipa::path(tag = "Meetings", params(DryRun), security(("oauth2" = ["meetings:write"])),
    request_body(content = MeetingPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "As it is now, or what a dry run would do", body = ChangedMeeting,
        example = json!({"actions": [], "organisations": []}))))]
#[patch("/api/v1/meetings/{meeting_id}")]
pub async fn patch_meeting(
    member: Member<EditMeetings>,
    app: Data<App>,
    path: Path<MeetingId>,
    params: Params<DryRun>,
    incoming: Incoming<MeetingPatch>,
) -> Result<Done, Problem> {
    let rule: Rule<MeetingPatch> = |member, incoming, body, meeting, now| {
        let patch = incoming.body()?;
        member.require(body.organisation_id)?;
        incoming.expect(meeting.meta.version)?;
        let details = patch.apply(meeting.details.clone(), body);
        meeting.changed(body, details, now)
    };
    change((member, app, path, params, incoming), "meeting.updated", rule).await
}

/// Cancel a meeting.
///
/// It is kept and stays visible. One that has been held cannot be cancelled. With `dry_run=true` all is checked and nothing
/// changed, and the answer is what this would do to the timetables of the actions that you see, as of
/// `POST /api/v1/timetable:impact`.
#[utoipa::path(tag = "Meetings", params(DryRun), security(("oauth2" = ["meetings:write"])),
    responses((status = 200, description = "As it is now, or what a dry run would do", body = ChangedMeeting,
        example = json!({"actions": [], "organisations": []}))))]
#[post("/api/v1/meetings/{meeting_id}:cancel")]
pub async fn cancel_meeting(
    member: Member<EditMeetings>,
    app: Data<App>,
    path: Path<MeetingId>,
    params: Params<DryRun>,
    incoming: Incoming<Nothing>,
) -> Result<Done, Problem> {
    let rule: Rule<Nothing> = |member, incoming, body, meeting, now| {
        incoming.body()?;
        member.require(body.organisation_id)?;
        incoming.expect_if_given(meeting.meta.version)?;
        meeting.cancel(now)
    };
    change((member, app, path, params, incoming), "meeting.cancelled", rule).await
}

/// What comes with a request to change a meeting.
type Ask<T> = (Member<EditMeetings>, Data<App>, Path<MeetingId>, Params<DryRun>, Incoming<T>);

/// Changes a meeting by the rule, or tells what that would do.
async fn change<T: Send + Sync + 'static>(ask: Ask<T>, kind: &'static str, rule: Rule<T>) -> Result<Done, Problem> {
    let (member, app, path, params, incoming) = ask;
    let params: Result<DryRun, Fault> = params.get();
    if params.as_ref().is_ok_and(|params| params.dry_run) {
        return trial(member, app, path, incoming, rule).await;
    }
    app.write(member, incoming, move |tx, member, incoming| {
        let (body, meeting) = meetings::lock(tx, member.scope(), path.get()?)?;
        params.as_ref().map_err(Clone::clone)?;
        let before = meeting.year();
        let meeting = rule(member, incoming, &body, meeting, tx.now())?;
        keep(tx, member.access(), kind, before, meeting)
    })
    .await
}

/// Keeps a change of a meeting, which was in the year `before`, and answers with it.
fn keep(tx: &mut Tx<'_>, access: &Access, kind: &'static str, before: i32, meeting: Meeting) -> Result<Answer, Error> {
    tx.act_for(meeting.organisation_id);
    meetings::save_from(tx, kind, before, &meeting)?;
    tell(tx, access, meeting, None)
}

/// The meeting as it is now; one that is new, with where it is. A meeting is seen by whoever sees its body.
fn tell(tx: &mut Tx<'_>, access: &Access, meeting: Meeting, location: Option<String>) -> Result<Answer, Error> {
    let external_ids = external_ids::shown(tx, access.scope(), [naming(&meeting)])?;
    let (version, guard) = (meeting.meta.version, Guard::Sees(meeting.body_id.uuid()));
    let view = MeetingView::of(meeting, &external_ids, Some(access));
    Ok(match location {
        Some(location) => Answer::created(location, version, &view, guard),
        None => Answer::ok(version, &view, guard),
    })
}

/// Which organisation may have a name of its own for the meeting.
fn naming(meeting: &Meeting) -> (uuid::Uuid, OrganisationId) {
    (meeting.id.uuid(), meeting.organisation_id)
}
