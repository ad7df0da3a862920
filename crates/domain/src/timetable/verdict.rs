//! What stands in the way: the steps that cannot be placed for a reason of their own.

use super::answer::{BlockReason, Blocking};
use super::calendar::Place;
use super::earliest::{Inputs, Pass};
use super::facts::{BeforeValidity, Standing};
use super::graph::{Graph, Node};
use super::model::Challenge;
use crate::time::{Date, Instant};

/// The roots among the relevant steps, in the order in which they were given.
pub(super) fn blocking(graph: &Graph<'_>, earliest: &Pass) -> Result<Vec<Blocking>, BeforeValidity> {
    let mut roots = Vec::new();
    for ix in graph.order() {
        let node = graph.node(ix);
        let found = match node.standing {
            _ if !node.relevant => None,
            Standing::Rejected(reason) => Some((reason, None)),
            Standing::Decided(fact) => {
                let waits = node.wanted.legal_force && node.step.challenge == Challenge::Pending;
                (waits && fact.gates.legal_force.is_none()).then_some((BlockReason::AppealPending, None))
            }
            Standing::Open { .. } if earliest.places[ix].is_some() => None,
            Standing::Open { base, .. } => {
                let inputs = Inputs::of(node, &earliest.gates)?;
                unplaced(node, base, &inputs).map(|reason| (reason, inputs.needed_until(node, base)))
            }
        };
        if let Some((reason, needed_until)) = found {
            let blocking = Blocking { step_id: node.step.id, body_id: Some(node.step.body_id), reason, needed_until };
            roots.push((node.given, blocking));
        }
    }
    roots.sort_unstable_by_key(|(given, _)| *given);
    Ok(roots.into_iter().map(|(_, blocking)| blocking).collect())
}

/// Why a step without a place has none even when inputs without a time are left out.
pub(super) fn unplaced(node: &Node<'_>, base: Instant, inputs: &Inputs) -> Option<BlockReason> {
    let needs = inputs.needs(node, base);
    let Some(pin) = node.pin else {
        let ends = node.calendar.valid_to.is_some_and(|last| ends_before(node, base, inputs, last));
        let reason = if ends { BlockReason::BodyEnds } else { BlockReason::Calendar };
        return node.calendar.first_fit(&needs).is_none().then_some(reason);
    };
    if node.calendar.fits(pin, &needs) {
        return None;
    }
    let in_time = node.calendar.fits(pin, &super::calendar::Needs { handed_in: Some(pin), ..needs });
    Some(match pin {
        _ if in_time => BlockReason::BookingMissed,
        Place::Day(_) | Place::Meeting(_) if node.calendar.counts(pin) => BlockReason::BookingTooEarly,
        _ if node.calendar.is_over(pin) => BlockReason::BodyEnds,
        Place::Day(_) | Place::Meeting(_) => BlockReason::BookingCancelled,
    })
}

/// Whether the body of a step that fits nothing ends before it could decide: any other body could still call a
/// meeting, but an office holder has no other days.
fn ends_before(node: &Node<'_>, base: Instant, inputs: &Inputs, last: Date) -> bool {
    let no_more_days = node.calendar.office_holder && node.step.required_tag.is_none();
    no_more_days || inputs.decided_from(node, base).is_some_and(|date| last < date)
}
