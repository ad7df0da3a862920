//! The forward pass: every step at its first fitting meeting.
//!
//! No gate time of planned meetings decreases in their order, so that the first fit of a step is the best for all
//! that wait for it: minutes of coming meetings that would break this are refused when the calendar is prepared.

use super::answer::Placement;
use super::calendar::{Needs, Place};
use super::clock::{LONG_AGO, days_later};
use super::facts::{self, BeforeValidity, Gates, Standing};
use super::graph::{Graph, Ix, Node, PerStep};
use crate::ids::StepId;
use crate::time::{Date, Instant};
use crate::vocabulary::By;
use std::cmp::Reverse;

/// When what a step waits for is in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Inputs {
    /// All that is due by the agenda deadline and has a time.
    by_deadline: Instant,
    /// Whether something due by the agenda deadline has no time.
    deadline_open: bool,
    /// All that is due by the start of the meeting and has a time.
    by_start: Instant,
    /// Whether something due by the start of the meeting has no time.
    start_open: bool,
}

/// Where every step is, and when it reaches its gates.
#[derive(Clone, Debug)]
pub(super) struct Pass {
    /// The places of open steps.
    pub(super) places: PerStep<Option<Place>>,
    pub(super) gates: PerStep<Gates>,
}

impl Inputs {
    pub(super) fn of(node: &Node<'_>, gates: &PerStep<Gates>) -> Result<Self, BeforeValidity> {
        let mut inputs = Self { by_deadline: LONG_AGO, deadline_open: false, by_start: LONG_AGO, start_open: false };
        for edge in &node.edges {
            let (limit, open) = match edge.by {
                By::AgendaDeadline => (&mut inputs.by_deadline, &mut inputs.deadline_open),
                By::Meeting => (&mut inputs.by_start, &mut inputs.start_open),
            };
            match gates[edge.from].get(edge.gate, edge.from)? {
                Some(at) => *limit = at.max(*limit),
                None => *open = true,
            }
        }
        Ok(inputs)
    }

    /// Whether something has no time.
    pub(super) fn is_open(&self) -> bool {
        self.deadline_open || self.start_open
    }

    /// When the draft of an open step exists.
    pub(super) fn draft(&self, node: &Node<'_>, base: Instant) -> Option<Instant> {
        match node.handed_in {
            Some((_, at)) => Some(at),
            None if self.deadline_open => None,
            None => days_later(self.by_deadline.max(base), node.step.preparation_days),
        }
    }

    /// The first date on which an agenda deadline would do, where all inputs have a time.
    pub(super) fn needed_until(&self, node: &Node<'_>, base: Instant) -> Option<Date> {
        let at = days_later(self.by_deadline.max(base), node.step.preparation_days);
        at.filter(|_| !self.deadline_open).map(crate::time::date_of)
    }

    /// The first date on which the body could decide, as far as the inputs have times.
    pub(super) fn decided_from(&self, node: &Node<'_>, base: Instant) -> Option<Date> {
        let drafted = days_later(self.by_deadline.max(base), node.step.preparation_days)?;
        let at = drafted.max(self.by_start);
        Some(crate::time::date_of(at).max(node.step.not_before.unwrap_or(Date::MIN)))
    }

    /// What the step asks of its meeting, inputs without a time left out.
    pub(super) fn needs<'a>(&self, node: &Node<'a>, base: Instant) -> Needs<'a> {
        Needs {
            inputs: self.by_deadline,
            base,
            handed_in: node.handed_in.map(|(place, _)| place),
            before_start: self.by_start,
            preparation_days: node.step.preparation_days,
            not_before: node.step.not_before,
            tag: node.step.required_tag.as_ref(),
        }
    }
}

/// Places an open step as early as its inputs allow, or exactly at `fixed`.
pub(super) fn place(node: &Node<'_>, base: Instant, inputs: &Inputs, fixed: Option<Place>) -> Option<Place> {
    if inputs.is_open() {
        return None;
    }
    let needs = inputs.needs(node, base);
    match fixed {
        Some(place) => node.calendar.fits(place, &needs).then_some(place),
        None => node.calendar.first_fit(&needs),
    }
}

/// The gates of an open step at its place.
pub(super) fn gates(node: &Node<'_>, base: Instant, inputs: &Inputs, place: Option<Place>) -> Gates {
    let proposed = if node.wanted.draft { inputs.draft(node, base) } else { None };
    place.map_or(Gates::drafted(proposed), |place| Gates::at(&node.calendar.slot(place), node.lawful, proposed))
}

/// Places every step as early as it can be.
pub(super) fn pass(graph: &Graph<'_>) -> Result<Pass, BeforeValidity> {
    let mut pass = Pass { places: graph.per_step(|_| None), gates: graph.per_step(|_| Gates::default()) };
    for ix in graph.order() {
        let node = graph.node(ix);
        match node.standing {
            Standing::Decided(fact) => pass.gates[ix] = fact.gates,
            Standing::Rejected(_) => {}
            Standing::Open { base, .. } => {
                let inputs = Inputs::of(node, &pass.gates)?;
                let place = place(node, base, &inputs, node.pin);
                pass.places[ix] = place;
                pass.gates[ix] = gates(node, base, &inputs, place);
            }
        }
    }
    Ok(pass)
}

/// When the last authoritative step reaches the start gate, and which that is; of several the lowest id. `None`
/// where there is no such step, or one has no time.
pub(super) fn start(graph: &Graph<'_>, gates: &PerStep<Gates>) -> Result<Option<(Instant, Ix)>, BeforeValidity> {
    let mut last: Option<(Instant, Reverse<StepId>, Ix)> = None;
    for ix in graph.order().filter(|ix| graph.node(*ix).step.authoritative) {
        let Some(at) = gates[ix].get(graph.start_gate, ix)? else { return Ok(None) };
        last = last.max(Some((at, Reverse(graph.node(ix).step.id), ix)));
    }
    Ok(last.map(|(at, _, ix)| (at, ix)))
}

/// What is shown of a step at a place.
pub(super) fn placement(node: &Node<'_>, place: Option<Place>) -> Option<Placement> {
    match node.standing {
        Standing::Decided(fact) => Some(fact.shown),
        Standing::Rejected(_) => None,
        Standing::Open { .. } => place.map(|place| facts::shown(&node.calendar.slot(place), node.lawful)),
    }
}

/// The date of a step at a place.
pub(super) fn date(node: &Node<'_>, place: Option<Place>) -> Option<Date> {
    match node.standing {
        Standing::Decided(fact) => Some(fact.date),
        Standing::Rejected(_) => None,
        Standing::Open { .. } => place.map(|place| node.calendar.slot(place).date),
    }
}
