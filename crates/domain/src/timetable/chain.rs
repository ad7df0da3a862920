//! What keeps a step from being earlier, and the chain of such reasons from the start of the action back to now.

use super::answer::{Binding, BindingKind, ChainLink};
use super::calendar::{Place, Slot};
use super::clock::in_time;
use super::earliest::Pass;
use super::facts::{BeforeValidity, Standing};
use super::graph::{Edge, Graph, Ix, Node};
use crate::ids::StepId;
use crate::time::Instant;
use crate::vocabulary::{By, Gate};
use std::cmp::Reverse;

/// What keeps a placed open step from the nearest earlier meeting that it could have had.
pub(super) enum Bound {
    Booking,
    Predecessor(Edge),
    NotBefore,
    Now,
    Calendar,
}

/// What a step that is at its earliest is bound by; `None` for what has happened or has no place.
pub(super) fn bound(graph: &Graph<'_>, ix: Ix, earliest: &Pass) -> Result<Option<Bound>, BeforeValidity> {
    let node = graph.node(ix);
    let (Standing::Open { base, .. }, Some(place)) = (node.standing, earliest.places[ix]) else { return Ok(None) };
    if node.pin.is_some() {
        return Ok(Some(Bound::Booking));
    }
    let Some(before) = node.calendar.place_before(place, node.step.required_tag.as_ref()) else {
        return Ok(Some(Bound::Calendar));
    };
    let slot = node.calendar.slot(before);
    if let Some((_, edge)) = last_input(graph, node, earliest, |edge, at| rules_out(node, &slot, edge.by, at))? {
        return Ok(Some(Bound::Predecessor(edge)));
    }
    Ok(Some(match node.step.not_before {
        Some(date) if slot.date < date => Bound::NotBefore,
        _ if is_too_late(node, &slot, base, before) => Bound::Now,
        _ => Bound::Calendar,
    }))
}

fn rules_out(node: &Node<'_>, slot: &Slot, by: By, at: Instant) -> bool {
    match by {
        By::AgendaDeadline => !in_time(at, slot.deadline, node.step.preparation_days),
        By::Meeting => slot.starts_at < at,
    }
}

fn is_too_late(node: &Node<'_>, slot: &Slot, base: Instant, place: Place) -> bool {
    let handed_in = node.handed_in.is_some_and(|(meeting, _)| meeting == place);
    !handed_in && rules_out(node, slot, By::AgendaDeadline, base)
}

/// What came last: by time, else the lowest step and gate.
type InputOrder = (Instant, Reverse<(StepId, Gate)>);

/// The last of a step's inputs of those that are `wanted`; of several the one of the lowest step.
fn last_input(
    graph: &Graph<'_>,
    node: &Node<'_>,
    earliest: &Pass,
    wanted: impl Fn(&Edge, Instant) -> bool,
) -> Result<Option<(Instant, Edge)>, BeforeValidity> {
    let mut last: Option<(InputOrder, Edge)> = None;
    for edge in &node.edges {
        let Some(at) = earliest.gates[edge.from].get(edge.gate, edge.from)? else { continue };
        let key = (at, Reverse((graph.node(edge.from).step.id, edge.gate)));
        if wanted(edge, at) && last.is_none_or(|(other, _)| other < key) {
            last = Some((key, *edge));
        }
    }
    Ok(last.map(|((at, _), edge)| (at, edge)))
}

/// The binding constraint as it is answered.
pub(super) fn binding(graph: &Graph<'_>, bound: Option<&Bound>) -> Option<Binding> {
    let plain = |kind| Binding { kind, step_id: None, gate: None };
    Some(match bound? {
        Bound::Booking => plain(BindingKind::Booking),
        Bound::Predecessor(edge) => Binding {
            kind: BindingKind::Predecessor,
            step_id: Some(graph.node(edge.from).step.id),
            gate: Some(edge.gate),
        },
        Bound::NotBefore => plain(BindingKind::NotBefore),
        Bound::Now => plain(BindingKind::Now),
        Bound::Calendar => plain(BindingKind::Calendar),
    })
}

/// The links from the first step that something else than a step keeps from being earlier, to the start at
/// `starts_at`, which waits for the step `last`.
pub(super) fn chain(
    graph: &Graph<'_>,
    earliest: &Pass,
    last: Ix,
    starts_at: Instant,
) -> Result<Vec<ChainLink>, BeforeValidity> {
    let mut links = vec![ChainLink { step_id: None, gate: None, at: starts_at, text: None }];
    let mut next = Some((last, graph.start_gate));
    // Every round moves to a step earlier in the order, so this ends.
    while let Some((ix, gate)) = next {
        let node = graph.node(ix);
        let mut link = |gate: Gate, at: Instant| {
            links.push(ChainLink { step_id: Some(node.step.id), gate: Some(gate), at, text: None });
        };
        let gates = earliest.gates[ix];
        let at = gates.get(gate, ix)?;
        if let Some(at) = at.filter(|at| gate == Gate::Proposed || Some(*at) != gates.decided) {
            link(gate, at);
        }
        if gate == Gate::Proposed {
            next = draft_input(graph, node, earliest)?.map(|edge| (edge.from, edge.gate));
            continue;
        }
        if let Some(at) = gates.decided {
            link(Gate::Decided, at);
        }
        next = match bound(graph, ix, earliest)? {
            Some(Bound::Predecessor(edge)) => Some((edge.from, edge.gate)),
            _ => None,
        };
    }
    links.reverse();
    Ok(links)
}

/// The input that the draft of an open step waited for, if it waited for any.
fn draft_input(graph: &Graph<'_>, node: &Node<'_>, earliest: &Pass) -> Result<Option<Edge>, BeforeValidity> {
    let Standing::Open { base, .. } = node.standing else { return Ok(None) };
    if node.handed_in.is_some() {
        return Ok(None);
    }
    let last = last_input(graph, node, earliest, |edge, at| edge.by == By::AgendaDeadline && base < at)?;
    Ok(last.map(|(_, edge)| edge))
}
