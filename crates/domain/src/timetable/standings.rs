//! Where each step of a route stands by what has been recorded, and what the action still lacks before it may start.

use super::answer::{BlockReason, StepState};
use super::calendar::Calendars;
use super::clock::date_reached;
use super::facts::{self, Standing};
use super::graph::{Graph, Ix, Node};
use super::model::{Challenge, Route};
use crate::fault::Fault;
use crate::ids::{MeetingId, StepId};
use crate::vocabulary::{Gate, Regime, Remedy};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

/// Where a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepStanding {
    /// The step.
    pub step_id: StepId,
    /// How far it has come.
    pub state: StepState,
    /// The remedy that lies against its decision.
    pub remedy: Option<Remedy>,
}

crate::vocabulary! {
    /// What an authoritative step lacks.
    Lack {
        /// Its body has not decided.
        NotDecided = "not_decided",
        /// Its decision has no legal force yet.
        NotFinal = "not_final",
        /// A remedy sought against its decision waits for a ruling.
        AppealPending = "appeal_pending",
        /// Its body has decided against.
        Rejected = "rejected",
        /// It was withdrawn.
        Withdrawn = "withdrawn",
        /// Its decision was annulled.
        Annulled = "annulled",
    }
}

/// Whether an action's decisions let it start now, and what is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Readiness {
    /// Whether every authoritative step has reached the start gate.
    pub ready: bool,
    /// The gate.
    pub start_gate: Gate,
    /// The authoritative steps that have not reached it, in the order in which they came to be.
    pub missing: Vec<MissingStep>,
}

/// An authoritative step that has not reached the start gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MissingStep {
    /// The step.
    pub step_id: StepId,
    /// What it lacks.
    pub reason: Lack,
    /// The date from which it will have reached the gate; null where what is recorded does not say.
    #[schema(required)]
    pub expected_on: Option<NaiveDate>,
}

/// Where the steps of a route stand, in the order in which they were given. The calendars need no more meetings than
/// those that are booked or at which something was handled.
///
/// # Errors
/// As [`super::compute`], dates of law aside.
pub fn standings(route: &Route, calendars: &Calendars) -> Result<Vec<StepStanding>, Fault> {
    let graph = Graph::new(route, calendars)?;
    let mut standings: Vec<(usize, StepStanding)> =
        graph.order().map(|ix| (graph.node(ix).given, of(&graph, ix))).collect();
    standings.sort_unstable_by_key(|(given, _)| *given);
    Ok(standings.into_iter().map(|(_, standing)| standing).collect())
}

fn of(graph: &Graph<'_>, ix: Ix) -> StepStanding {
    let node = graph.node(ix);
    let remedy = match node.calendar.regime {
        Regime::MunicipalCouncil | Regime::ParishCouncil => Some(Remedy::Appeal),
        Regime::MunicipalBoard | Regime::ParishBoard => Some(Remedy::Rectification),
        Regime::None => None,
    };
    StepStanding { step_id: node.step.id, state: node.state(), remedy: remedy.filter(|_| node.lawful) }
}

/// From which date the decision of a step has legal force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegalForce {
    /// The step.
    pub step_id: StepId,
    /// The date.
    pub on: NaiveDate,
    /// The meeting that has decided, or is to; office holders have none.
    pub meeting_id: Option<MeetingId>,
    /// Whether the decision is taken; else its meeting is booked.
    pub decided: bool,
}

/// From which dates the decisions of a route have legal force, or are to have it at the meetings that are reserved for
/// them, where a date can be told. The calendars need no more meetings than [`standings`] does.
///
/// # Errors
/// As [`standings`].
pub fn legal_force(route: &Route, calendars: &Calendars) -> Result<Vec<LegalForce>, Fault> {
    let graph = Graph::new(route, calendars)?;
    Ok(graph.order().filter_map(|ix| legal_force_of(graph.node(ix))).collect())
}

fn legal_force_of(node: &Node<'_>) -> Option<LegalForce> {
    let (shown, decided) = match node.standing {
        // What was taken off or decided against, where the action can do without it, brings nothing into force.
        Standing::Decided(_) if node.step.recorded_legal_force_on.is_none() && !is_approved(node) => return None,
        Standing::Decided(fact) => (fact.shown, true),
        Standing::Open { .. } => {
            let place =
                node.handed_in.map(|(place, _)| place).or(node.pin).filter(|place| node.calendar.counts(*place))?;
            (facts::shown(&node.calendar.slot(place), node.lawful), false)
        }
        Standing::Rejected(_) => return None,
    };
    Some(LegalForce { step_id: node.step.id, on: shown.legal_force_on?, meeting_id: shown.meeting_id, decided })
}

fn is_approved(node: &Node<'_>) -> bool {
    node.step.handlings.last().is_some_and(|last| last.outcome.is_approval())
}

/// What the action still lacks before it may start, by what is recorded until now. The calendars need no more meetings
/// than [`standings`] does.
///
/// # Errors
/// As [`standings`].
pub fn readiness(route: &Route, calendars: &Calendars) -> Result<Readiness, Fault> {
    let graph = Graph::new(route, calendars)?;
    let authoritative = graph.order().filter(|ix| graph.node(*ix).step.authoritative);
    let mut missing: Vec<(usize, MissingStep)> =
        authoritative.filter_map(|ix| Some((graph.node(ix).given, lack(&graph, ix)?))).collect();
    missing.sort_unstable_by_key(|(given, _)| *given);
    let missing: Vec<MissingStep> = missing.into_iter().map(|(_, step)| step).collect();
    Ok(Readiness { ready: missing.is_empty(), start_gate: route.start_gate, missing })
}

fn lack(graph: &Graph<'_>, ix: Ix) -> Option<MissingStep> {
    let node = graph.node(ix);
    let (reason, expected_on) = match node.standing {
        Standing::Open { .. } => (Lack::NotDecided, None),
        Standing::Rejected(BlockReason::Withdrawn) => (Lack::Withdrawn, None),
        Standing::Rejected(BlockReason::Annulled) => (Lack::Annulled, None),
        Standing::Rejected(_) => (Lack::Rejected, None),
        // A meeting that has recorded its decision has made it, whenever it is to end.
        Standing::Decided(_) if graph.start_gate == Gate::Decided => return None,
        Standing::Decided(fact) => {
            // A decision older than the rules that are known waits for its certificate.
            let at = fact.gates.get(graph.start_gate, ix).unwrap_or(None);
            if at.is_some_and(|at| at <= graph.now) {
                return None;
            }
            let pending = at.is_none() && node.step.challenge == Challenge::Pending;
            (if pending { Lack::AppealPending } else { Lack::NotFinal }, at.map(date_reached))
        }
    };
    Some(MissingStep { step_id: node.step.id, reason, expected_on })
}
