//! Bookings over HTTP: the accountable organisation proposes, the body's own organisation books, answers, hands in.

pub(super) mod by_external_id;

use super::change::{Asked, By, change};
use super::input::occasion;
use super::view::DecisionStepView;
use crate::actions::EditActions;
use crate::answer::Done;
use crate::app::App;
use crate::auth::Member;
use crate::extract::{Incoming, Nothing, Path};
use crate::problem::Problem;
use actix_web::{post, web::Data};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use yhteen_domain::bookings::{Booking, NOT_BOOKED, NOT_PROPOSED, Venue};
use yhteen_domain::decision_steps::DecisionStep;
use yhteen_domain::ids::{MeetingId, OrganisationId, StepId};
use yhteen_domain::time::{Day, Instant, Moment};
use yhteen_domain::timetable::{BookingState, Occasion};
use yhteen_domain::{Code, Fault, message};
use yhteen_persistence::{Error, Tx, bookings};

/// The operations on bookings.
pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(propose_booking)
        .service(book_decision_step)
        .service(accept_booking)
        .service(decline_booking)
        .service(hand_in_decision_step)
        .service(release_booking)
        .service(by_external_id::put_booking)
        .service(by_external_id::get_booking);
}

/// Which meeting a step is to have: one of its body's, or the day of an office holder.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"meeting_id": "0197f2b4-7c1e-7a10-8f00-000000000006"})))]
pub struct NewBooking {
    /// A meeting of the step's body.
    meeting_id: Option<MeetingId>,
    /// For an office holder: the working day.
    day: Option<Day>,
}

/// When a matter was handed in.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"at": "2026-03-02T08:00:00Z"})))]
pub struct HandIn {
    /// When it was put on the agenda; now where nothing is said.
    at: Option<Moment>,
}

/// The meeting that a step is to have.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Booking)]
pub struct BookingView {
    /// The meeting; null for the day of an office holder.
    #[schema(required)]
    meeting_id: Option<MeetingId>,
    /// The day of an office holder.
    #[schema(required)]
    day: Option<NaiveDate>,
    state: BookingState,
    /// The organisation that asked for it.
    proposed_by: OrganisationId,
    proposed_at: DateTime<Utc>,
    /// When the body's organisation answered.
    #[schema(required)]
    answered_at: Option<DateTime<Utc>>,
    /// When the matter was put on the agenda.
    #[schema(required)]
    handed_in_at: Option<DateTime<Utc>>,
}

impl From<Booking> for BookingView {
    fn from(booking: Booking) -> Self {
        let Booking { occasion, state, proposed_by, proposed_at, answered_at, handed_in_at } = booking;
        let (meeting_id, day) = super::view::apart(occasion);
        Self { meeting_id, day, state, proposed_by, proposed_at, answered_at, handed_in_at }
    }
}

/// Propose a meeting for a decision step.
///
/// The accountable organisation asks the body's; nothing is reserved until that accepts. A proposal takes the place of an
/// earlier one, but not of a meeting that the body's organisation has reserved.
#[utoipa::path(tag = "Bookings", request_body = NewBooking, security(("oauth2" = ["actions:write"])),
    responses((status = 200, description = "Proposed", body = DecisionStepView)))]
#[post("/api/v1/decision-steps/{decision_step_id}:propose-booking")]
pub async fn propose_booking(
    member: Member<EditActions>,
    app: Data<App>,
    path: Path<StepId>,
    incoming: Incoming<NewBooking>,
) -> Result<Done, Problem> {
    let rule = |asked: Asked, tx: &mut Tx<'_>, new: &NewBooking, now| {
        let venue = named(tx, &asked, occasion(new.meeting_id, new.day)?)?;
        let by = tx.acting_for().ok_or_else(Fault::not_found)?;
        let is_open = asked.is_open();
        Ok(asked.step.propose_booking(&venue, by, is_open, now)?)
    };
    change((member, app, path, incoming), "action.booking_proposed", By::Lead, rule).await
}

/// Book a meeting for a decision step.
///
/// The body's own organisation reserves the meeting, in the place of whatever was proposed or reserved before. The
/// timetable keeps to it from then on.
#[utoipa::path(tag = "Bookings", request_body = NewBooking, security(("oauth2" = ["actions:write"])),
    responses((status = 200, description = "Booked", body = DecisionStepView)))]
#[post("/api/v1/decision-steps/{decision_step_id}:book")]
pub async fn book_decision_step(
    member: Member<EditActions>,
    app: Data<App>,
    path: Path<StepId>,
    incoming: Incoming<NewBooking>,
) -> Result<Done, Problem> {
    let rule = |asked: Asked, tx: &mut Tx<'_>, new: &NewBooking, now| {
        let venue = named(tx, &asked, occasion(new.meeting_id, new.day)?)?;
        let is_open = asked.is_open();
        Ok(asked.step.book(&venue, is_open, now)?)
    };
    change((member, app, path, incoming), "action.step_booked", By::Body, rule).await
}

/// Accept the meeting that is proposed for a decision step.
///
/// The body's own organisation reserves it.
#[utoipa::path(tag = "Bookings", security(("oauth2" = ["actions:write"])),
    responses((status = 200, description = "Booked", body = DecisionStepView)))]
#[post("/api/v1/decision-steps/{decision_step_id}:accept-booking")]
pub async fn accept_booking(
    member: Member<EditActions>,
    app: Data<App>,
    path: Path<StepId>,
    incoming: Incoming<Nothing>,
) -> Result<Done, Problem> {
    let rule = |asked: Asked, tx: &mut Tx<'_>, _: &Nothing, now| {
        let venue = present(tx, &asked, &NOT_PROPOSED)?;
        let is_open = asked.is_open();
        Ok(asked.step.accept_booking(&venue, is_open, now)?)
    };
    change((member, app, path, incoming), "action.booking_accepted", By::Body, rule).await
}

/// Decline the meeting that is proposed for a decision step.
///
/// The body's own organisation does this; another meeting can be proposed afterwards.
#[utoipa::path(tag = "Bookings", security(("oauth2" = ["actions:write"])),
    responses((status = 200, description = "Declined", body = DecisionStepView)))]
#[post("/api/v1/decision-steps/{decision_step_id}:decline-booking")]
pub async fn decline_booking(
    member: Member<EditActions>,
    app: Data<App>,
    path: Path<StepId>,
    incoming: Incoming<Nothing>,
) -> Result<Done, Problem> {
    let rule = |asked: Asked, _: &mut Tx<'_>, _: &Nothing, now| Ok(asked.step.decline_booking(now)?);
    change((member, app, path, incoming), "action.booking_declined", By::Body, rule).await
}

/// Record that a matter is on the agenda of its meeting.
///
/// The body's own organisation does this, for the meeting that it has reserved. From then on the matter does not miss
/// the agenda any more.
#[utoipa::path(tag = "Bookings", request_body = HandIn, security(("oauth2" = ["actions:write"])),
    responses((status = 200, description = "On the agenda", body = DecisionStepView)))]
#[post("/api/v1/decision-steps/{decision_step_id}:hand-in")]
pub async fn hand_in_decision_step(
    member: Member<EditActions>,
    app: Data<App>,
    path: Path<StepId>,
    incoming: Incoming<HandIn>,
) -> Result<Done, Problem> {
    let rule = |asked: Asked, tx: &mut Tx<'_>, HandIn { at }: &HandIn, now| {
        let venue = present(tx, &asked, &NOT_BOOKED)?;
        let is_open = asked.is_open();
        Ok(asked.step.hand_in(&venue, at.map(Instant::from), is_open, now)?)
    };
    change((member, app, path, incoming), "action.step_handed_in", By::Body, rule).await
}

/// Release the meeting of a decision step.
///
/// The body's own organisation takes back what it has reserved; the accountable one, what it has proposed.
#[utoipa::path(tag = "Bookings", security(("oauth2" = ["actions:write"])),
    responses((status = 200, description = "Released", body = DecisionStepView)))]
#[post("/api/v1/decision-steps/{decision_step_id}:release-booking")]
pub async fn release_booking(
    member: Member<EditActions>,
    app: Data<App>,
    path: Path<StepId>,
    incoming: Incoming<Nothing>,
) -> Result<Done, Problem> {
    let rule = |asked: Asked, tx: &mut Tx<'_>, _: &Nothing, now| {
        let own = tx.acting_for() == Some(asked.step.organisation_id);
        if asked.step.stands_booked() && !own {
            return Err(Fault::forbidden(message!(
                fi: "Vain toimielimen organisaatio voi vapauttaa varaamansa kokouksen.",
                sv: "Endast organets organisation kan häva den bokning som den har gjort.",
                en: "Only the body's organisation can release what it has booked.",
            ))
            .into());
        }
        Ok(asked.step.release_booking(now)?)
    };
    change((member, app, path, incoming), "action.booking_released", By::Both, rule).await
}

/// The place that the caller names. To whom the step is opaque, its body has no meeting.
fn named(tx: &mut Tx<'_>, asked: &Asked, occasion: Occasion) -> Result<Venue, Error> {
    if !asked.shown {
        let pointer = if matches!(occasion, Occasion::Day(_)) { "/day" } else { "/meeting_id" };
        return Err(Fault::invalid(
            pointer,
            "unknown_reference",
            message!(
                fi: "Sinulla ei ole oikeutta nähdä vaiheen toimielintä.",
                sv: "Du har inte rätt att se stegets organ.",
                en: "You may not see this step's body.",
            ),
        )
        .into());
    }
    bookings::venue(tx, &asked.step, occasion)
}

/// The place that is proposed or reserved.
fn present(tx: &mut Tx<'_>, asked: &Asked, lacking: &'static Code) -> Result<Venue, Error> {
    let DecisionStep { booking, .. } = &asked.step;
    let occasion = booking.as_ref().map(|booking| booking.occasion);
    let occasion = occasion.ok_or_else(|| {
        Fault::new(
            lacking,
            message!(
                fi: "Vaiheella ei ole varausta.",
                sv: "Steget har ingen bokning.",
                en: "The step has no booking.",
            ),
        )
    })?;
    bookings::venue(tx, &asked.step, occasion)
}
