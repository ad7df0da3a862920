//! What is wrong with the timetable of an action as things stand, for somebody to settle.

use super::answer::BlockReason;
use super::calendar::{Calendars, Place};
use super::clock::date_reached;
use super::earliest::{self, Inputs, Pass};
use super::facts::{BeforeValidity, Standing};
use super::graph::{Graph, Ix, Node};
use super::model::{Progress, Route};
use super::verdict::{self, unplaced};
use crate::actions::ActionStatus;
use crate::ids::{BodyId, MeetingId, OrganisationId, StepId};
use crate::time::{Date, Instant, date_of};

crate::vocabulary! {
    /// What is wrong.
    ConflictKind {
        /// What the step needs is not in by the agenda deadline of its booked meeting, or the meeting does not suit it.
        BookingTooEarly = "booking_too_early",
        /// The agenda of the booked meeting is closed and nothing was handed in.
        BookingMissed = "booking_missed",
        /// The booked meeting was cancelled.
        BookingCancelled = "booking_cancelled",
        /// The body ends before it could decide.
        BodyEnds = "body_ends",
        /// No published meeting of its body suits a step that the start needs.
        CalendarMissing = "calendar_missing",
        /// The minutes of a meeting are not published, though they should be.
        MinutesOverdue = "minutes_overdue",
        /// The body has decided against.
        StepRejected = "step_rejected",
        /// The matter was taken off.
        StepWithdrawn = "step_withdrawn",
        /// The decision was annulled.
        StepAnnulled = "step_annulled",
        /// The action is planned to start before it can.
        StartTooEarly = "start_too_early",
        /// One that was to carry out or to pay for the action has withdrawn after it was agreed on.
        ParticipantWithdrawn = "participant_withdrawn",
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// What it is.
    pub kind: ConflictKind,
    /// Whose turn it is: the body's organisation for what it has to do itself, else the accountable one.
    pub organisation_id: OrganisationId,
    /// The step.
    pub step_id: Option<StepId>,
    /// Its body.
    pub body_id: Option<BodyId>,
    /// The meeting.
    pub meeting_id: Option<MeetingId>,
    /// Who has withdrawn.
    pub participant_id: Option<OrganisationId>,
    /// Since when it is wrong, or until when it can be put right.
    pub on: Option<Date>,
    /// The other date that it is about: that of the meeting, or the first on which the action can start.
    pub beside: Option<Date>,
}

/// A participant that has withdrawn.
#[derive(Clone, Debug)]
pub struct Withdrawal {
    /// Who.
    pub organisation_id: OrganisationId,
    /// When.
    pub at: Option<Instant>,
}

/// An action as far as something can be wrong with it.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Its decision route.
    pub route: &'a Route,
    /// Who answers for it.
    pub accountable_id: OrganisationId,
    /// How far it has come.
    pub status: ActionStatus,
    /// The day on which it was started.
    pub started_on: Option<Date>,
    /// Those who were to carry it out or to pay for it and have withdrawn. No action is agreed on without all of them, so
    /// that of one that is, they have withdrawn after that.
    pub withdrawn: &'a [Withdrawal],
}

/// All that is wrong with an action, by kind and then by the age of its steps. Of a route that cannot be computed, which
/// the action's own timetable says, nothing is told.
pub fn conflicts(subject: Subject<'_>, calendars: &Calendars) -> Vec<Conflict> {
    let mut found = match Graph::new(subject.route, calendars) {
        // Nothing is planned that could be wrong.
        Ok(_) if matches!(subject.route.progress, Progress::NotApplicable(_)) => Vec::new(),
        Ok(graph) => of_route(&graph, subject).unwrap_or_default(),
        Err(_) => Vec::new(),
    };
    if matches!(subject.status, ActionStatus::Agreed | ActionStatus::InProgress | ActionStatus::OnHold) {
        found.extend(subject.withdrawn.iter().map(|Withdrawal { organisation_id, at }| Conflict {
            participant_id: Some(*organisation_id),
            ..Conflict::of_action(ConflictKind::ParticipantWithdrawn, subject.accountable_id, at.map(date_of))
        }));
    }
    found.sort_by_key(|conflict| (conflict.kind, conflict.step_id, conflict.participant_id));
    found
}

fn of_route(graph: &Graph<'_>, subject: Subject<'_>) -> Result<Vec<Conflict>, BeforeValidity> {
    let pass = earliest::pass(graph)?;
    let mut found = Vec::new();
    for ix in graph.order() {
        found.extend(of_standing(graph, ix, &pass, subject.accountable_id)?);
        found.extend(overdue_minutes(graph.node(ix), pass.places[ix]));
    }
    let may_start = subject.status != ActionStatus::InProgress && subject.started_on.is_none();
    if let Some(target) = subject.route.target_on.filter(|_| may_start)
        && verdict::blocking(graph, &pass)?.is_empty()
        && let Some((at, _)) = earliest::start(graph, &pass.gates)?
    {
        let earliest_on = date_reached(at);
        if target < earliest_on {
            let conflict = Conflict::of_action(ConflictKind::StartTooEarly, subject.accountable_id, Some(target));
            found.push(Conflict { beside: Some(earliest_on), ..conflict });
        }
    }
    Ok(found)
}

/// What is wrong with the booking, the calendar or the decision of a step.
fn of_standing(
    graph: &Graph<'_>,
    ix: Ix,
    pass: &Pass,
    accountable: OrganisationId,
) -> Result<Option<Conflict>, BeforeValidity> {
    let node = graph.node(ix);
    let (base, placed) = match node.standing {
        Standing::Decided(_) => return Ok(None),
        Standing::Rejected(reason) => return Ok(rejection(node, reason, accountable)),
        Standing::Open { base, .. } => (base, pass.places[ix].is_some()),
    };
    // Without a booking, only what the start needs is waited for.
    if placed || node.pin.is_none() && !node.relevant {
        return Ok(None);
    }
    let inputs = Inputs::of(node, &pass.gates)?;
    let Some(reason) = unplaced(node, base, &inputs) else { return Ok(None) };
    let own = node.calendar.organisation_id;
    let slot = node.pin.map(|pin| node.calendar.slot(pin));
    let (date, deadline) = (slot.map(|slot| slot.date), slot.map(|slot| date_of(slot.deadline)));
    let (kind, turn, on) = match reason {
        BlockReason::BookingTooEarly => (ConflictKind::BookingTooEarly, own, deadline),
        BlockReason::BookingMissed => (ConflictKind::BookingMissed, own, deadline),
        BlockReason::BookingCancelled => (ConflictKind::BookingCancelled, own, date),
        BlockReason::BodyEnds => (ConflictKind::BodyEnds, accountable, node.calendar.valid_to),
        BlockReason::Calendar => (ConflictKind::CalendarMissing, own, inputs.needed_until(node, base)),
        // These are no reasons why an open step has no place.
        BlockReason::Rejected | BlockReason::Withdrawn | BlockReason::Annulled | BlockReason::AppealPending => {
            return Ok(None);
        }
    };
    let meeting_id = slot.and_then(|slot| slot.meeting_id);
    Ok(Some(Conflict { meeting_id, beside: date, ..Conflict::of_step(kind, node, turn, on) }))
}

/// A decision without which the action cannot be.
fn rejection(node: &Node<'_>, reason: BlockReason, accountable: OrganisationId) -> Option<Conflict> {
    let kind = match reason {
        BlockReason::Withdrawn => ConflictKind::StepWithdrawn,
        BlockReason::Annulled => ConflictKind::StepAnnulled,
        _ => ConflictKind::StepRejected,
    };
    let last = node.step.handlings.last()?;
    let slot = node.calendar.find(last.occasion).map(|place| node.calendar.slot(place))?;
    let conflict = Conflict::of_step(kind, node, accountable, Some(slot.date));
    Some(Conflict { meeting_id: slot.meeting_id, beside: Some(slot.date), ..conflict })
}

/// Minutes that should have been published, where no certificate says what they would.
fn overdue_minutes(node: &Node<'_>, place: Option<Place>) -> Option<Conflict> {
    let (shown, date) = (earliest::placement(node, place)?, earliest::date(node, place)?);
    if !shown.minutes_overdue || node.step.recorded_legal_force_on.is_some() {
        return None;
    }
    let due = node.calendar.minutes_due(date);
    let conflict = Conflict::of_step(ConflictKind::MinutesOverdue, node, node.calendar.organisation_id, Some(due));
    Some(Conflict { meeting_id: shown.meeting_id, beside: Some(date), ..conflict })
}

impl Conflict {
    fn of_action(kind: ConflictKind, accountable: OrganisationId, on: Option<Date>) -> Self {
        Self {
            kind,
            organisation_id: accountable,
            step_id: None,
            body_id: None,
            meeting_id: None,
            participant_id: None,
            on,
            beside: None,
        }
    }

    fn of_step(kind: ConflictKind, node: &Node<'_>, turn: OrganisationId, on: Option<Date>) -> Self {
        let (step_id, body_id) = (Some(node.step.id), Some(node.step.body_id));
        Self { step_id, body_id, ..Self::of_action(kind, turn, on) }
    }

    /// Leaves of it what may be known of a step that is opaque: its organisation and its dates. The last day of its body
    /// is none of these.
    pub fn veil(&mut self) {
        self.body_id = None;
        self.meeting_id = None;
        if self.kind == ConflictKind::BodyEnds {
            self.on = None;
        }
    }
}
