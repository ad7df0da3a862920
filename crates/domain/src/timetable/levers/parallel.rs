//! Parallel preparation: a step is prepared while one that it waits for is still under way, and has to be done by
//! the start of the meeting only.

use super::{Lever, LeverKind, Open, Trial};
use crate::fault::Fault;
use crate::ids::StepId;
use crate::time::Instant;
use crate::timetable::facts::{BeforeValidity, Gates};
use crate::timetable::graph::{Graph, Ix, Node, PerStep};
use crate::vocabulary::By;
use std::collections::BTreeMap;

/// The step that alone is due last by the agenda deadline of another: without it all others are in earlier. What has
/// no time comes after all that has.
pub(super) fn last_input(
    graph: &Graph<'_>,
    node: &Node<'_>,
    gates: &PerStep<Gates>,
) -> Result<Option<StepId>, BeforeValidity> {
    let mut due: BTreeMap<Ix, (bool, Option<Instant>)> = BTreeMap::new();
    for edge in node.edges.iter().filter(|edge| edge.by == By::AgendaDeadline) {
        let at = gates[edge.from].get(edge.gate, edge.from)?;
        let key = (at.is_none(), at);
        due.entry(edge.from).and_modify(|other| *other = key.max(*other)).or_insert(key);
    }
    let last = due.values().max();
    let mut latest = due.iter().filter(|(_, key)| Some(*key) == last);
    let one = latest.next().map(|(ix, _)| graph.node(*ix).step.id);
    Ok(one.filter(|_| latest.next().is_none()))
}

/// The gain of relaxing the dependency on the last input of a step, with its place in the input.
pub(super) fn lever(trial: &mut Trial, open: &Open<'_, '_>) -> Result<Option<(usize, Lever)>, Fault> {
    let given = open.node.given;
    let Some((on, step)) = open.last_input.zip(trial.route.steps.get_mut(given)) else { return Ok(None) };
    let former = step.depends_on.clone();
    for dependency in step.depends_on.iter_mut().filter(|dependency| dependency.step_id == on) {
        dependency.by = By::Meeting;
    }
    let after = trial.gains()?;
    if let Some(step) = trial.route.steps.get_mut(given) {
        step.depends_on = former;
    }
    Ok(after.map(|after| {
        let lever = trial.lever(LeverKind::ParallelPreparation, Some(open.node), after);
        (given, Lever { depends_on_step_id: Some(on), ..lever })
    }))
}
