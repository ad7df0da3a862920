//! The booking of a step that an organisation knows by its external id: asked for by the accountable organisation,
//! reserved and handed in by the body's own, also long ago.

use super::super::change::{Asked, Changed, carry_out};
use super::super::input::occasion;
use super::super::shown_step;
use super::{BookingView, named, present as booked};
use crate::actions::{EditActions, ReadActions};
use crate::answer::{Answer, Done, Versioned};
use crate::app::App;
use crate::auth::{Member, Reader};
use crate::external_ids::{ByExternalId, Own, one_of, said};
use crate::extract::{Incoming, Path};
use crate::patch::present;
use crate::problem::Problem;
use actix_web::{get, put, web::Data};
use serde::Deserialize;
use utoipa::ToSchema;
use yhteen_domain::bookings::{NOT_BOOKED, Venue};
use yhteen_domain::decision_steps::DecisionStep;
use yhteen_domain::external_ids::ExternalId;
use yhteen_domain::hindsight::happened;
use yhteen_domain::ids::{Id, MeetingId, StepId};
use yhteen_domain::time::{Date, Day, Instant, Moment};
use yhteen_domain::{Fault, message};
use yhteen_persistence::decision_steps::{self as steps, Locked};
use yhteen_persistence::idempotency::Guard;
use yhteen_persistence::{Error, Tx, bookings};

/// What an organisation's own system says of the booking of a step: an absent member stays as it is. The meeting or the
/// day is needed where nothing is booked yet.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "meeting": {"source": "asianhallinta.example.org", "value": "KH/2026/5"},
    "handed_in_at": "2026-03-02T08:00:00Z"
})))]
pub struct BookingByExternalId {
    /// A meeting of the step's body.
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
    /// When the body's organisation reserved it, if that was before now: said by that organisation alone.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    booked_at: Option<Moment>,
    /// Since when the matter is on the agenda: said by the body's organisation alone.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    handed_in_at: Option<Moment>,
}

/// Say what is known of a step's booking by its external id.
///
/// The body's organisation reserves the meeting and says since when the matter is on its agenda; the accountable
/// organisation proposes a meeting. With `booked_at` and `handed_in_at` the past is entered as it was, also of a step that
/// has been handled at that meeting since. What is so already changes nothing.
#[utoipa::path(tag = "Bookings", params(ByExternalId), request_body = BookingByExternalId,
    security(("oauth2" = ["actions:write"])),
    responses((status = 200, description = "As it is now", body = BookingView)))]
#[put("/api/v1/organisations/{organisation_id}/decision-steps/by-external-id/{source}/{value}/booking")]
pub async fn put_booking(
    member: Member<EditActions>,
    app: Data<App>,
    path: Path<ByExternalId>,
    incoming: Incoming<BookingByExternalId>,
) -> Result<Done, Problem> {
    app.write(member, incoming, move |tx, member, incoming| {
        let (own, said) = said(tx, member, &path, incoming)?;
        let id: StepId = own.known(tx)?;
        let locked = steps::lock(tx, member.scope(), id)?;
        incoming.expect_if_given(locked.action.meta.version)?;
        let Changed { action, step, .. } = said.carried_out(tx, member, &own, locked, "")?;
        let view = BookingView::from(step.booking.ok_or_else(Fault::not_found)?);
        Ok(Answer::ok(action.meta.version, &view, Guard::Sees(action.id.uuid())))
    })
    .await
}

/// Get a step's booking by its external id.
///
/// For who reads for the organisation.
#[utoipa::path(tag = "Bookings", params(ByExternalId), security((), ("oauth2" = ["actions:read"])),
    responses((status = 200, description = "The booking", body = BookingView)))]
#[get("/api/v1/organisations/{organisation_id}/decision-steps/by-external-id/{source}/{value}/booking")]
pub async fn get_booking(
    reader: Reader<ReadActions>,
    app: Data<App>,
    path: Path<ByExternalId>,
) -> Result<Versioned<BookingView>, Problem> {
    let own = Own::of(&path)?;
    let shown = shown_step(&app, &reader, move |db, scope| own.find(db, scope)).await?;
    let booking = shown.step.booking.ok_or_else(Fault::not_found)?;
    Ok(Versioned { version: shown.version, view: booking.into() })
}

impl BookingByExternalId {
    /// Books the step as is said, for the organisation whose affair it is; `at` is the place of this in the body.
    pub(in crate::decision_steps) fn carried_out(
        &self,
        tx: &mut Tx<'_>,
        member: &Member<EditActions>,
        own: &Own,
        locked: Locked,
        at: &str,
    ) -> Result<Changed, Error> {
        let of_body = own.organisation_id == locked.step.organisation_id;
        if !of_body {
            own.require(locked.action.accountable_id)?;
            if self.booked_at.is_some() || self.handed_in_at.is_some() {
                let detail = message!(
                    fi: "Vain toimielimen oma organisaatio kirjaa, milloin kokous on varattu ja asia jätetty sille.",
                    sv: "Endast organets egen organisation antecknar när sammanträdet har reserverats och ärendet lämnats in.",
                    en: "Only the body's own organisation records when the meeting was reserved and the matter handed in."
                );
                return Err(Fault::forbidden(detail).into());
            }
        }
        let kind = match (of_body, self.handed_in_at) {
            (true, Some(_)) => "action.step_handed_in",
            (true, None) => "action.step_booked",
            (false, _) => "action.booking_proposed",
        };
        let done = carry_out(tx, member, locked, kind, |asked, tx, now| {
            let venue = self.venue(tx, own, &asked)?;
            let is_open = asked.is_open();
            if !of_body {
                return Ok(asked.step.propose_booking(&venue, own.organisation_id, is_open, now)?);
            }
            let since = match self.booked_at.or(self.handed_in_at) {
                Some(_) => bookings::exists_since(tx, asked.step.body_id)?,
                None => None,
            };
            Ok(self.reserved(asked.step, &venue, since, is_open, now)?)
        });
        done.map_err(|error| within(error, at))
    }

    /// The step with its meeting reserved, and handed in where that is said.
    fn reserved(
        &self,
        step: DecisionStep,
        venue: &Venue,
        since: Option<Date>,
        is_open: bool,
        now: Instant,
    ) -> Result<DecisionStep, Fault> {
        let step = match self.booked_at {
            Some(at) => {
                let at = happened("/booked_at", at.into(), since, now)?;
                step.booked_at(venue, at, is_open, now)?
            }
            None => step.book(venue, is_open, now)?,
        };
        let Some(at) = self.handed_in_at else { return Ok(step) };
        let at = happened("/handed_in_at", at.into(), since, now)?;
        step.hand_in(venue, Some(at), is_open, now)
    }

    /// The place that is named, or the one that is booked already.
    fn venue(&self, tx: &mut Tx<'_>, own: &Own, asked: &Asked) -> Result<Venue, Error> {
        if self.day.is_some() && self.meeting.is_some() {
            return Err(one_of("/day").into());
        }
        let meeting = own.reference(tx, "meeting", self.meeting_id, self.meeting.as_ref())?.map(|(id, _)| id);
        if meeting.is_none() && self.day.is_none() && asked.step.booking.is_some() {
            return booked(tx, asked, &NOT_BOOKED);
        }
        named(tx, asked, occasion(meeting, self.day)?)
    }
}

/// The refusal, with its pointers below a place in the body.
pub(in crate::decision_steps) fn within(error: Error, at: &str) -> Error {
    match error {
        Error::Fault(mut fault) => {
            for culprit in fault.culprits.iter_mut().filter(|culprit| !culprit.pointer.starts_with('?')) {
                culprit.pointer.insert_str(0, at);
            }
            Error::Fault(fault)
        }
        other => other,
    }
}
