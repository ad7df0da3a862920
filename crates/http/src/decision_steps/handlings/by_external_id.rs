//! A handling as the system of the body's organisation knows it: recorded, or superseded where it was another.

use super::super::by_external_id::lock_step_of;
use super::super::change::{Changed, carry_out};
use super::super::input::occasion;
use super::{HandlingView, read_handling};
use crate::actions::{EditActions, ReadActions};
use crate::answer::{Answer, Done, Versioned};
use crate::app::App;
use crate::auth::{Member, Reader};
use crate::external_ids::{About, ByExternalId, Own, one_of, required, said};
use crate::extract::{Incoming, Path};
use crate::patch::{double, present};
use crate::problem::Problem;
use actix_web::{get, put, web::Data};
use serde::Deserialize;
use utoipa::ToSchema;
use yhteen_domain::decision_steps::DecisionStep;
use yhteen_domain::external_ids::ExternalId;
use yhteen_domain::handlings::{AgendaNumber, Details, Handling};
use yhteen_domain::ids::{HandlingId, Id, MeetingId, StepId};
use yhteen_domain::text::{Prose, WebAddress};
use yhteen_domain::time::{Day, Instant, Moment, to_microsecond};
use yhteen_domain::timetable::Outcome;
use yhteen_domain::{Fault, message};
use yhteen_persistence::decision_steps::{self as steps, Locked, Part};
use yhteen_persistence::idempotency::Guard;
use yhteen_persistence::{Error, Tx, bookings, external_ids};

/// What an organisation's own system says of a handling: an absent member is as it was recorded, null removes. A new
/// record needs the decision step, the meeting or the day, and the outcome.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "decision_step": {"source": "asianhallinta.example.org", "value": "KOT/12/2026"},
    "meeting": {"source": "asianhallinta.example.org", "value": "KH/2026/5"},
    "agenda_number": "§ 12",
    "outcome": "approved"
})))]
pub struct HandlingByExternalId {
    /// A handling on record that is to get the external id; without it, an unknown external id makes a new record.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    handling_id: Option<HandlingId>,
    /// The decision step, which never changes.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    decision_step_id: Option<StepId>,
    /// The decision step, as the organisation knows it.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    decision_step: Option<ExternalId>,
    /// A meeting of the step's body that has begun.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    meeting_id: Option<MeetingId>,
    /// The meeting, as the organisation knows it.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    meeting: Option<ExternalId>,
    /// For an office holder: the working day.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    day: Option<Day>,
    /// The number of the item (pykälä).
    #[serde(default, with = "double")]
    #[schema(value_type = Option<AgendaNumber>, required = false)]
    agenda_number: Option<Option<AgendaNumber>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    outcome: Option<Outcome>,
    /// The text of the resolution.
    #[serde(default, with = "double")]
    #[schema(value_type = Option<Prose>, required = false)]
    resolution: Option<Option<Prose>>,
    /// Where the minutes, or the extract from them, can be read.
    #[serde(default, with = "double")]
    #[schema(value_type = Option<WebAddress>, required = false)]
    minutes_url: Option<Option<WebAddress>>,
    /// For the outcome `returned`: an earlier step of the route, which is then open again with all that depends on it.
    #[serde(default, with = "double")]
    #[schema(value_type = Option<StepId>, required = false)]
    returned_to_step_id: Option<Option<StepId>>,
    /// That step, as the organisation knows it.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    returned_to_step: Option<ExternalId>,
    /// When it was recorded, if that was before now: not before the meeting began.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    recorded_at: Option<Moment>,
}

impl HandlingByExternalId {
    /// What is to be recorded, where `old` is what was.
    fn details(&self, tx: &mut Tx<'_>, own: &Own, old: Option<&Details>) -> Result<Details, Error> {
        if self.day.is_some() && self.meeting.is_some() {
            return Err(one_of("/day").into());
        }
        let meeting = own.reference(tx, "meeting", self.meeting_id, self.meeting.as_ref())?.map(|(id, _)| id);
        let said = self.clone();
        let returned_to = self.returned_to_step.as_ref();
        let named = own.reference(tx, "returned_to_step", said.returned_to_step_id.flatten(), returned_to)?;
        Ok(Details {
            occasion: match (old, meeting, self.day) {
                (Some(old), None, None) => old.occasion,
                _ => occasion(meeting, self.day)?,
            },
            agenda_number: said.agenda_number.unwrap_or_else(|| old.and_then(|old| old.agenda_number.clone())),
            outcome: required(said.outcome.or(old.map(|old| old.outcome)), "outcome")?,
            resolution: said.resolution.unwrap_or_else(|| old.and_then(|old| old.resolution.clone())),
            minutes_url: said.minutes_url.unwrap_or_else(|| old.and_then(|old| old.minutes_url.clone())),
            returned_to_step_id: match (named, said.returned_to_step_id) {
                (Some((id, _)), _) => Some(id),
                (None, Some(none)) => none,
                (None, None) => old.and_then(|old| old.returned_to_step_id),
            },
        })
    }
}

/// Get a handling by its external id.
///
/// For who reads for the organisation. It is the record that stands, however often it was superseded.
#[utoipa::path(tag = "Handlings", params(ByExternalId), security((), ("oauth2" = ["actions:read"])),
    responses((status = 200, description = "The handling", body = HandlingView)))]
#[get("/api/v1/organisations/{organisation_id}/handlings/by-external-id/{source}/{value}")]
pub async fn get_handling_by_external_id(
    reader: Reader<ReadActions>,
    app: Data<App>,
    path: Path<ByExternalId>,
) -> Result<Versioned<HandlingView>, Problem> {
    let (own, scope) = (Own::of(&path)?, reader.scope().clone());
    let id: HandlingId = app.store.read(move |db| own.find(db, &scope)).await?;
    read_handling(&reader, &app, id).await
}

/// Say what is known of a handling by its external id.
///
/// The body's organisation does this. A handling that nothing is known of by this external id is recorded, or the one that
/// is named by `handling_id` gets the external id. Where what was
/// recorded by it is said to be otherwise, a further record stands in its place and has the external id from then on;
/// where not, nothing changes.
#[utoipa::path(tag = "Handlings", params(ByExternalId), request_body = HandlingByExternalId,
    security(("oauth2" = ["actions:write"])),
    responses((status = 200, description = "As it stands on record now", body = HandlingView),
        (status = 201, description = "Recorded", body = HandlingView)))]
#[put("/api/v1/organisations/{organisation_id}/handlings/by-external-id/{source}/{value}")]
pub async fn put_handling(
    member: Member<EditActions>,
    app: Data<App>,
    path: Path<ByExternalId>,
    incoming: Incoming<HandlingByExternalId>,
) -> Result<Done, Problem> {
    let id: HandlingId = app.fresh();
    let location = app.url(&format!("/api/v1/handlings/{id}"));
    app.write(member, incoming, move |tx, member, incoming| {
        let (own, said) = said(tx, member, &path, incoming)?;
        let step = own.reference(tx, "decision_step", said.decision_step_id, said.decision_step.as_ref())?;
        let part = (said.handling_id, "/handling_id", Part::Handling as fn(_) -> _);
        let locked = lock_step_of(tx, member, &own, step, part)?;
        own.require(locked.step.organisation_id)?;
        incoming.expect_if_given(locked.action.meta.version)?;
        // Looked for once the action is locked: what is called so now is called so until this is done.
        let (old, is_given) = match own.about(tx, said.handling_id, "/handling_id")? {
            About::Known(old) => (Some(handling(&locked.step, old)?), false),
            About::Given(old) => (Some(handling(&locked.step, old)?), true),
            About::New => (None, false),
        };
        let details = said.details(tx, &own, old.as_ref().map(|old| &old.details))?;
        let recorded_at = said.recorded_at.map(|at| to_microsecond(at.into()));
        let same = |old: &&Handling| old.details == details && recorded_at.is_none_or(|at| at == old.recorded_at);
        let before = locked.action.meta.version;
        let (id, kept) = match old.as_ref().filter(same) {
            Some(old) => (old.id, locked),
            None => (id, recorded(tx, member, &own, locked, (id, details, recorded_at), old.as_ref())?.locked()),
        };
        let kept = if is_given {
            own.give(tx, id)?;
            steps::touch(tx, kept, before, "action.step_changed")?
        } else {
            kept
        };
        let external_ids = external_ids::shown(tx, member.scope(), [(id.uuid(), kept.step.organisation_id)])?;
        let (version, guard) = (kept.action.meta.version, Guard::Sees(kept.action.id.uuid()));
        let view = HandlingView::of(handling(&kept.step, id)?, &external_ids);
        Ok(match old {
            None => Answer::created(location.clone(), version, &view, guard),
            Some(_) => Answer::ok(version, &view, guard),
        })
    })
    .await
}

/// A handling of the step.
fn handling(step: &DecisionStep, id: HandlingId) -> Result<Handling, Fault> {
    let found = step.handlings.iter().find(|handling| handling.id == id);
    // By another step of the route, which was named meanwhile.
    found.cloned().ok_or_else(|| {
        Fault::invalid(
            "/decision_step_id",
            "cannot_change",
            message!(
                fi: "Käsittely kuuluu toiseen vaiheeseen.",
                sv: "Behandlingen hör till ett annat steg.",
                en: "The handling belongs to another step.",
            ),
        )
    })
}

/// Records it, in the place of the `old` record where there is one.
fn recorded(
    tx: &mut Tx<'_>,
    member: &Member<EditActions>,
    own: &Own,
    locked: Locked,
    (id, details, recorded_at): (HandlingId, Details, Option<Instant>),
    old: Option<&Handling>,
) -> Result<Changed, Error> {
    let kind = if old.is_some() { "action.handling_superseded" } else { "action.step_handled" };
    carry_out(tx, member, locked, kind, |asked, tx, now| {
        let venue = bookings::venue(tx, &asked.step, details.occasion)?;
        if let Some(old) = old {
            let step = asked.step.corrected(old.id, id, (details, &venue), &asked.steps, now)?;
            return Ok(step.recorded_at(id, &venue, recorded_at, now)?);
        }
        let is_open = asked.is_open();
        let step = asked.step.handled(id, (details, &venue), &asked.steps, is_open, now)?;
        own.give(tx, id)?;
        Ok(step.recorded_at(id, &venue, recorded_at, now)?)
    })
}
