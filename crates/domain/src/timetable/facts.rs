//! What has happened: the handlings of each step, read into what they mean for the timetable.

use super::UNKNOWN_STEP;
use super::answer::{BlockReason, Placement};
use super::calendar::{Law, Place, Slot};
use super::graph::{Graph, Ix, Node};
use super::model::{BookingState, Challenge, Handling, Outcome};
use crate::fault::Fault;
use crate::ids::StepId;
use crate::legal;
use crate::message;
use crate::time::{Date, Instant, midnight};
use crate::vocabulary::Gate;

/// Where a step stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Standing {
    /// It waits to be handled.
    Open {
        /// When its preparation can start: now, or when it was sent back.
        base: Instant,
        /// When it was sent back.
        restarted: Option<Instant>,
    },
    /// It has been handled.
    Decided(Fact),
    /// It was decided against, or taken off, and the action cannot do without it.
    Rejected(BlockReason),
}

/// A decision as it was taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fact {
    pub(super) gates: Gates,
    pub(super) date: Date,
    pub(super) shown: Placement,
}

/// When a step reaches its gates; `None` where it never does, or nobody knows when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Gates {
    pub(super) proposed: Option<Instant>,
    pub(super) decided: Option<Instant>,
    notified: Option<Instant>,
    pub(super) legal_force: Option<Instant>,
    /// Its minutes are older than the rules that are known, so that no date of notice can be given.
    notified_unlawful: bool,
    /// The same for the date of legal force.
    legal_force_unlawful: bool,
}

/// A question about notice or legal force of this step's decision that the known rules do not answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct BeforeValidity(pub(super) Ix);

impl Gates {
    /// The gates of a step that has a draft, or is to have one, and no meeting.
    pub(super) fn drafted(proposed: Option<Instant>) -> Self {
        Self { proposed, ..Self::default() }
    }

    /// The gates of a step whose decision is taken at a slot.
    pub(super) fn at(slot: &Slot, is_lawful: bool, proposed: Option<Instant>) -> Self {
        let decided = Some(slot.decided);
        let mut gates = Self { proposed, decided, notified: decided, legal_force: decided, ..Self::default() };
        match slot.law {
            Law::Dated { notified, force, .. } if is_lawful => {
                (gates.notified, gates.legal_force) = (Some(notified), Some(force));
            }
            Law::BeforeValidity if is_lawful => {
                (gates.notified, gates.legal_force) = (None, None);
                (gates.notified_unlawful, gates.legal_force_unlawful) = (true, true);
            }
            Law::Dated { .. } | Law::BeforeValidity | Law::Immediate => {}
        }
        gates
    }

    /// When the step `ix`, whose gates these are, reaches `gate`.
    pub(super) fn get(&self, gate: Gate, ix: Ix) -> Result<Option<Instant>, BeforeValidity> {
        match gate {
            Gate::Proposed => Ok(self.proposed),
            Gate::Decided => Ok(self.decided),
            Gate::Notified if self.notified_unlawful => Err(BeforeValidity(ix)),
            Gate::Final if self.legal_force_unlawful => Err(BeforeValidity(ix)),
            Gate::Notified => Ok(self.notified),
            Gate::Final => Ok(self.legal_force),
        }
    }
}

/// What is shown of a step at a slot.
pub(super) fn shown(slot: &Slot, is_lawful: bool) -> Placement {
    let (notice_on, legal_force_on, minutes_overdue) = match slot.law {
        Law::Dated { notice_on, force_on, overdue, .. } if is_lawful => (Some(notice_on), Some(force_on), overdue),
        Law::Dated { .. } | Law::BeforeValidity | Law::Immediate => (None, None, false),
    };
    Placement {
        meeting_id: slot.meeting_id,
        starts_at: slot.starts_at,
        agenda_deadline: slot.deadline,
        decided_at: slot.decided,
        notice_on,
        legal_force_on,
        minutes_overdue,
    }
}

/// Reads the handlings of all steps, each after those that it waits for, into their standing.
pub(super) fn read(graph: &mut Graph<'_>, find: impl Fn(StepId) -> Option<Ix>) -> Result<(), Fault> {
    let mut returned: Vec<(Ix, Instant)> = Vec::new();
    for ix in graph.order() {
        for handling in &graph.node(ix).step.handlings {
            if let Some(id) = handling.returned_to_step_id.filter(|_| handling.outcome == Outcome::Returned) {
                let to = find(id).ok_or_else(|| {
                    Fault::new(
                        &UNKNOWN_STEP,
                        message!(
                            fi: "Käsittely palauttaa asian vaiheeseen {id}, jota ei ole toimenpiteessä.",
                            sv: "En behandling återremitterar ärendet till steget {id}, som inte finns i åtgärden.",
                            en: "A handling returns the matter to the step {id}, which is not in the action.",
                            id = id,
                        ),
                    )
                })?;
                let place = graph.occasion(ix, handling.occasion)?;
                returned.push((to, graph.node(ix).calendar.slot(place).decided));
            }
        }
    }
    let mut reopened = graph.per_step(|_| None);
    for (to, at) in returned {
        reopened[to] = reopened[to].max(Some(at));
    }
    for ix in graph.order() {
        let inherited = graph.node(ix).edges.iter().filter_map(|edge| reopened[edge.from]).max();
        reopened[ix] = reopened[ix].max(inherited);
        graph.node_mut(ix).standing = standing(graph, ix, reopened[ix])?;
    }
    Ok(())
}

/// Where a step stands that was opened again at `reopened`, before which nothing counts.
fn standing(graph: &Graph<'_>, ix: Ix, reopened: Option<Instant>) -> Result<Standing, Fault> {
    let node = graph.node(ix);
    let mut last: Option<((Instant, bool), Place, &Handling)> = None;
    let mut restarted = reopened;
    for handling in &node.step.handlings {
        let place = graph.occasion(ix, handling.occasion)?;
        let at = node.calendar.slot(place).decided;
        if reopened.is_some_and(|reopened| at <= reopened) {
            continue;
        }
        if matches!(handling.outcome, Outcome::Returned | Outcome::Tabled) {
            restarted = restarted.max(Some(at));
        }
        // What sends the matter back comes after whatever else has happened at that moment.
        let order = (at, handling.returned_to_step_id.is_some());
        if last.is_none_or(|(latest, ..)| latest <= order) {
            last = Some((order, place, handling));
        }
    }
    let rejected = |reason| (node.step.authoritative).then_some(Standing::Rejected(reason));
    let ruling = match last {
        Some((_, place, handling)) => match handling.outcome {
            Outcome::Approved | Outcome::ApprovedAmended if node.step.challenge == Challenge::Annulled => {
                Some((place, rejected(BlockReason::Annulled)))
            }
            Outcome::Approved | Outcome::ApprovedAmended => Some((place, None)),
            Outcome::Rejected => Some((place, rejected(BlockReason::Rejected))),
            Outcome::Withdrawn => Some((place, rejected(BlockReason::Withdrawn))),
            Outcome::Returned | Outcome::Tabled => None,
        },
        None => None,
    };
    // A certificate older than the last time that the step was sent back speaks of its former decision.
    let recorded = node.step.recorded_legal_force_on;
    let recorded = recorded.filter(|on| restarted.is_none_or(|at| at < midnight(*on)));
    match (ruling, recorded) {
        (Some((_, Some(rejected))), _) => Ok(rejected),
        (Some((place, None)), recorded) => {
            let slot = node.calendar.slot(place);
            decided(node, &slot, recorded, Some(slot.decided)).map(Standing::Decided)
        }
        (None, Some(on)) => recorded_alone(node, on, restarted).map(Standing::Decided),
        (None, None) => Ok(Standing::Open { base: restarted.map_or(graph.now, |at| at.max(graph.now)), restarted }),
    }
}

/// The fact of a decision at a slot.
fn decided(node: &Node<'_>, slot: &Slot, recorded: Option<Date>, proposed: Option<Instant>) -> Result<Fact, Fault> {
    let mut gates = Gates::at(slot, node.lawful, proposed);
    let mut shown = shown(slot, node.lawful);
    let mut set = |on: Option<Date>| {
        gates.legal_force = on.map(midnight);
        gates.legal_force_unlawful = false;
        shown.legal_force_on = on;
    };
    match (recorded, node.step.challenge) {
        (Some(on), _) => set(Some(on)),
        (None, Challenge::Pending) => set(None),
        (None, Challenge::RectificationDismissed { notice_on }) => {
            set(Some(legal::after_rectification_dismissed(notice_on)?.legal_force_on));
        }
        (None, Challenge::AppealDismissed { on }) => {
            let computed = match slot.law {
                Law::Dated { force_on, .. } if node.lawful => Some(force_on),
                Law::Dated { .. } | Law::Immediate | Law::BeforeValidity => None,
            };
            set(computed.max(Some(on)));
        }
        (None, Challenge::None | Challenge::Annulled) => {}
    }
    Ok(Fact { gates, date: slot.date, shown })
}

/// The fact of a decision of which only the certificate is known: at the meeting for which it was handed in, or
/// else, to be on the safe side, no earlier than its legal force.
fn recorded_alone(node: &Node<'_>, on: Date, restarted: Option<Instant>) -> Result<Fact, Fault> {
    let at = midnight(on);
    let booking = node.step.booking.filter(|booking| booking.state == BookingState::Accepted);
    let handed_in_at = booking.and_then(|booking| booking.handed_in_at);
    if let Some((booking, _)) = booking.zip(handed_in_at)
        && let Some(slot) = node.calendar.find(booking.occasion).map(|place| node.calendar.slot(place))
        && slot.decided <= at
        && restarted.is_none_or(|restarted| restarted < slot.decided)
    {
        return decided(node, &slot, Some(on), Some(slot.decided));
    }
    let at_once = Some(at);
    let gates =
        Gates { proposed: at_once, decided: at_once, notified: at_once, legal_force: at_once, ..Gates::default() };
    let shown = Placement {
        meeting_id: None,
        starts_at: at,
        agenda_deadline: at,
        decided_at: at,
        notice_on: None,
        legal_force_on: Some(on),
        minutes_overdue: false,
    };
    Ok(Fact { gates, date: on, shown })
}
