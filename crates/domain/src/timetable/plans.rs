//! Plans in which all placements fit together, one for each objective.

use super::answer::Window;
use super::calendar::Place;
use super::candidates::Candidates;
use super::earliest::{self, Inputs, Pass};
use super::facts::{BeforeValidity, Gates, Standing};
use super::graph::{Graph, Ix, PerStep};
use super::latest::Trial;
use crate::holidays::{working_day_from, working_day_until};
use crate::time::{Date, Instant};
use std::collections::BTreeSet;

/// The places of open steps in a plan.
pub(super) type Plan = PerStep<Option<Place>>;

/// Just in time: from the last steps to the first, each at its last meeting that fits those after it, while those
/// before it are at their earliest.
///
/// Each trial looks at one step alone, with those beside it at their earliest: what a later step asks is asked of
/// each of its inputs by itself, so that placements that suit it one by one suit it together.
pub(super) fn latest(graph: &Graph<'_>, earliest: &Pass, target: Instant) -> Result<Plan, BeforeValidity> {
    let mut plan = graph.per_step(|ix| graph.node(ix).pin.filter(|_| graph.node(ix).relevant));
    let mut trial = Trial::new(graph, target);
    for ix in graph.order().rev().filter(|ix| graph.node(*ix).relevant && graph.node(*ix).pin.is_none()) {
        plan[ix] = trial.latest(ix, earliest, &plan)?.map(|last| last.place);
    }
    complete(graph, plan)
}

/// The end steps within the shortest span of days, all others at their earliest.
pub(super) fn tightest_window(graph: &Graph<'_>, earliest: &Pass) -> Result<(Plan, Option<Window>), BeforeValidity> {
    let mut ends = Vec::new();
    for ix in end_steps(graph) {
        ends.push(End::new(graph, earliest, ix)?);
    }
    let mut best: Option<(Window, Vec<Option<Place>>)> = None;
    let dates: BTreeSet<Date> =
        ends.iter().flat_map(|end| &end.dates).flat_map(|date| [*date, working_day_from(*date)]).collect();
    for last in dates {
        let Some(placed) = ends.iter_mut().map(|end| end.until(last)).collect::<Option<Vec<_>>>() else { continue };
        let (Some(from), Some(to)) = (placed.iter().map(|at| at.0).min(), placed.iter().map(|at| at.0).max()) else {
            continue;
        };
        let window = Window { from, to, days: to.signed_duration_since(from).num_days() };
        let key = |window: &Window| (window.days, window.from);
        if best.as_ref().is_none_or(|(other, _)| key(&window) < key(other)) {
            best = Some((window, placed.into_iter().map(|at| at.1).collect()));
        }
    }
    let mut plan = graph.per_step(|ix| earliest.places[ix].filter(|_| graph.node(ix).relevant));
    let Some((window, placed)) = best else { return Ok((complete(graph, plan)?, None)) };
    for (end, place) in ends.iter().zip(placed) {
        plan[end.ix] = place;
    }
    Ok((complete(graph, plan)?, Some(window)))
}

/// Authoritative steps with no authoritative step after them.
fn end_steps(graph: &Graph<'_>) -> Vec<Ix> {
    let mut leads_on = graph.per_step(|_| false);
    let mut ends = Vec::new();
    for ix in graph.order().rev() {
        let node = graph.node(ix);
        if node.step.authoritative && !leads_on[ix] {
            ends.push(ix);
        }
        for edge in &node.edges {
            leads_on[edge.from] |= node.step.authoritative || leads_on[ix];
        }
    }
    ends
}

/// An end step with where it can be when all others are at their earliest.
struct End {
    ix: Ix,
    /// The dates that a window may have to end on for this step's sake.
    dates: Vec<Date>,
    at: Usable,
}

enum Usable {
    /// It has happened, or is booked.
    Fixed(Date, Option<Place>),
    /// At these meetings, of which the first `passed` are on or before the last date that was asked about.
    Meetings { all: Vec<(Date, Place)>, passed: usize },
    /// At the earliest place, or on every working day of an office holder from a later first to the last there is.
    Days { earliest: (Date, Place), from: Option<Date>, end: Option<Date> },
}

impl End {
    fn new(graph: &Graph<'_>, earliest: &Pass, ix: Ix) -> Result<Self, BeforeValidity> {
        let node = graph.node(ix);
        let first = earliest.places[ix];
        let date = earliest::date(node, first).unwrap_or_default();
        let (Standing::Open { base, .. }, Some(first), None) = (node.standing, first, node.pin) else {
            return Ok(Self { ix, dates: vec![date], at: Usable::Fixed(date, first) });
        };
        let needs = Inputs::of(node, &earliest.gates)?.needs(node, base);
        if node.calendar.office_holder {
            // Between the dates of others' meetings a day gains nothing over the working day after such a date.
            let from = node.calendar.day_after(first, &needs);
            let at = Usable::Days { earliest: (date, first), from, end: node.calendar.valid_to };
            return Ok(Self { ix, dates: [date].into_iter().chain(from).collect(), at });
        }
        let mut places = vec![first];
        if let Candidates::Meetings(later) = node.calendar.fits_after(first, &needs, Instant::MAX_UTC) {
            places.extend(later);
        }
        let meetings: Vec<_> = places.into_iter().map(|place| (node.calendar.slot(place).date, place)).collect();
        let dates = meetings.iter().map(|(date, _)| *date).collect();
        Ok(Self { ix, dates, at: Usable::Meetings { all: meetings, passed: 0 } })
    }

    /// The last place up to a date; what is fixed is where it is. Dates are asked about in their order.
    fn until(&mut self, last: Date) -> Option<(Date, Option<Place>)> {
        match &mut self.at {
            Usable::Fixed(date, place) => Some((*date, *place)),
            Usable::Meetings { all, passed } => {
                while all.get(*passed).is_some_and(|(date, _)| *date <= last) {
                    *passed += 1;
                }
                all.get(passed.checked_sub(1)?).map(|(date, place)| (*date, Some(*place)))
            }
            Usable::Days { earliest: (date, place), from, end } => {
                let day = working_day_until(end.map_or(last, |end| end.min(last)));
                if from.is_some_and(|from| from <= day) {
                    return Some((day, Some(Place::Day(day))));
                }
                (*date <= last).then_some((*date, Some(*place)))
            }
        }
    }
}

/// Completes a plan of the steps that the start needs: the others at their first fit after these, and nowhere if
/// that leaves them no meeting.
fn complete(graph: &Graph<'_>, mut plan: Plan) -> Result<Plan, BeforeValidity> {
    let mut gates = graph.per_step(|_| Gates::default());
    for ix in graph.order() {
        let node = graph.node(ix);
        match node.standing {
            Standing::Decided(fact) => gates[ix] = fact.gates,
            Standing::Rejected(_) => {}
            Standing::Open { base, .. } => {
                let inputs = Inputs::of(node, &gates)?;
                if !node.relevant {
                    plan[ix] = earliest::place(node, base, &inputs, node.pin);
                }
                gates[ix] = earliest::gates(node, base, &inputs, plan[ix]);
            }
        }
    }
    Ok(plan)
}
