//! A meeting as the system of its body's organisation knows it: made, changed or named by its external id.

use super::{EditMeetings, MeetingPatch, MeetingView, NewMeeting, tell};
use crate::answer::Done;
use crate::app::App;
use crate::auth::Member;
use crate::external_ids::{About, ByExternalId, Own, require_same, required, said};
use crate::extract::{Incoming, Path};
use crate::patch::{double, present};
use crate::problem::Problem;
use actix_web::{put, web::Data};
use serde::Deserialize;
use utoipa::ToSchema;
use yhteen_domain::Fault;
use yhteen_domain::bodies::Body;
use yhteen_domain::ids::{BodyId, MeetingId, OrganisationId};
use yhteen_domain::meetings::{Meeting, MeetingState};
use yhteen_domain::text::{PlainName, Tag, ZoneName};
use yhteen_domain::time::{Day, Moment};
use yhteen_persistence::{Error, Tx, bodies, decision_steps, meetings, referred};

/// What an organisation's own system says of a meeting: an absent member stays as it is, null removes.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "body_id": "01980000-0000-7000-8000-000000000006",
    "starts_at": "2026-11-09T14:00:00Z",
    "state": "invited"
})))]
pub struct MeetingByExternalId {
    /// A meeting that is to get the external id; without it, an unknown external id makes a new one.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    meeting_id: Option<MeetingId>,
    /// The body that meets, one of the organisation's: a new meeting needs it, and it never changes.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    body_id: Option<BodyId>,
    /// A new meeting needs it.
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
    /// Of a new meeting, any; of a known one, at most one step on: `planned`, `invited`, `held`.
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
    /// True cancels it; nothing takes that back.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    cancelled: Option<bool>,
}

impl MeetingByExternalId {
    fn patch(&self) -> MeetingPatch {
        let said = self.clone();
        MeetingPatch {
            starts_at: said.starts_at,
            ends_at: said.ends_at,
            agenda_deadline: said.agenda_deadline,
            zone: said.zone,
            state: said.state,
            tags: said.tags,
            location: said.location,
            minutes_published_on: said.minutes_published_on,
        }
    }

    /// The meeting as it is said to be: what has changed, and then whether it is cancelled, each kept by itself.
    fn applied(&self, tx: &mut Tx<'_>, body: &Body, mut meeting: Meeting) -> Result<Meeting, Error> {
        let details = self.patch().apply(meeting.details.clone(), body);
        let reinstated = self.cancelled == Some(false) && meeting.cancelled;
        if reinstated || !meeting.has(details.clone())? {
            let before = meeting.year();
            meeting = meeting.changed(body, details, tx.now())?;
            meetings::save_from(tx, "meeting.updated", before, &meeting)?;
        }
        if self.cancelled == Some(true) && !meeting.cancelled {
            meeting = meeting.cancel(tx.now())?;
            meetings::save(tx, "meeting.cancelled", &meeting)?;
        }
        Ok(meeting)
    }
}

/// Say what is known of a meeting by its external id.
///
/// The body's organisation does this. A meeting that nothing is known of by this external id is made, or the one that is
/// named by `meeting_id` gets the external id; another is changed. What changes nothing leaves its version as it is.
#[utoipa::path(tag = "Meetings", params(ByExternalId), request_body = MeetingByExternalId,
    security(("oauth2" = ["meetings:write"])),
    responses((status = 200, description = "As it is now", body = MeetingView),
        (status = 201, description = "Created", body = MeetingView)))]
#[put("/api/v1/organisations/{organisation_id}/meetings/by-external-id/{source}/{value}")]
pub async fn put_meeting(
    member: Member<EditMeetings>,
    app: Data<App>,
    path: Path<ByExternalId>,
    incoming: Incoming<MeetingByExternalId>,
) -> Result<Done, Problem> {
    let id: MeetingId = app.fresh();
    let location = app.url(&format!("/api/v1/meetings/{id}"));
    app.write(member, incoming, move |tx, member, incoming| {
        let (own, said) = said(tx, member, &path, incoming)?;
        let (meeting, location) = match own.about(tx, said.meeting_id, "/meeting_id")? {
            About::New => (made(tx, member, incoming, &own, id)?, Some(location.clone())),
            About::Known(id) => {
                let found = meetings::lock(tx, member.scope(), id)?;
                (told(tx, incoming, &own, found)?, None)
            }
            About::Given(id) => {
                let found = referred(meetings::lock(tx, member.scope(), id), "/meeting_id")?;
                (named(tx, incoming, &own, found)?, None)
            }
        };
        tell(tx, member.access(), meeting, location)
    })
    .await
}

/// A new meeting.
fn made(
    tx: &mut Tx<'_>,
    member: &Member<EditMeetings>,
    incoming: &Incoming<MeetingByExternalId>,
    own: &Own,
    id: MeetingId,
) -> Result<Meeting, Error> {
    let said = incoming.body()?;
    let (body_id, starts_at) = (required(said.body_id, "body_id")?, required(said.starts_at, "starts_at")?);
    let organisation = decision_steps::organisation_of_body(tx, member.scope(), body_id)?;
    require_own(own, organisation, "/body_id")?;
    let body = bodies::hold(tx, member.scope(), body_id)?;
    incoming.expect_if_given(0)?;
    let details = said.patch().apply(NewMeeting::at(starts_at).details(&body), &body);
    let meeting = Meeting::new(id, &body, details, tx.now())?;
    meetings::create(tx, &meeting)?;
    let meeting = said.applied(tx, &body, meeting)?;
    own.give(tx, id)?;
    Ok(meeting)
}

/// A meeting that has the external id, as it is said to be.
fn told(
    tx: &mut Tx<'_>,
    incoming: &Incoming<MeetingByExternalId>,
    own: &Own,
    (body, meeting): (Body, Meeting),
) -> Result<Meeting, Error> {
    let said = incoming.body()?;
    own.require(meeting.organisation_id)?;
    require_same(said.body_id, body.id, "body_id")?;
    incoming.expect_if_given(meeting.meta.version)?;
    said.applied(tx, &body, meeting)
}

/// A meeting that gets the external id, as it is said to be: in a new version, since there is something new to be read.
fn named(
    tx: &mut Tx<'_>,
    incoming: &Incoming<MeetingByExternalId>,
    own: &Own,
    (body, meeting): (Body, Meeting),
) -> Result<Meeting, Error> {
    require_own(own, meeting.organisation_id, "/meeting_id")?;
    let before = meeting.meta.version;
    let mut meeting = told(tx, incoming, own, (body, meeting))?;
    if meeting.meta.version == before {
        meeting = meeting.touched(tx.now());
        meetings::save(tx, "meeting.updated", &meeting)?;
    }
    own.give(tx, meeting.id)?;
    Ok(meeting)
}

/// Refuses a reference to what is another organisation's.
fn require_own(own: &Own, organisation: OrganisationId, pointer: &str) -> Result<(), Fault> {
    if organisation == own.organisation_id {
        return Ok(());
    }
    Err(Fault::invalid(pointer, "other_organisation", "This is another organisation's."))
}
