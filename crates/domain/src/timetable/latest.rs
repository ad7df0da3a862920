//! How late a step can be handled while some placement of all the others keeps the target.
//!
//! The meetings at which that holds are the first of those that fit when all others are at their earliest. Where
//! that front ends is found by bisection: the step is put at a meeting, and the forward pass is run again over what
//! depends on it.

use super::calendar::{Needs, Place};
use super::earliest::{self, Inputs, Pass};
use super::facts::{BeforeValidity, Gates, Standing};
use super::graph::{Graph, Ix, PerStep};
use crate::time::Instant;

/// The last place of a step, and how many places it has after its earliest, up to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Latest {
    pub(super) place: Place,
    pub(super) spare: usize,
}

/// Runs the forward pass again with one step at another place.
pub(super) struct Trial<'g, 'a> {
    graph: &'g Graph<'a>,
    /// When the authoritative steps must have reached the start gate.
    target: Instant,
    /// The gates in the trial under way.
    gates: PerStep<Gates>,
    is_changed: PerStep<bool>,
}

impl<'g, 'a> Trial<'g, 'a> {
    pub(super) fn new(graph: &'g Graph<'a>, target: Instant) -> Self {
        let gates = graph.per_step(|_| Gates::default());
        Self { graph, target, gates, is_changed: graph.per_step(|_| false) }
    }

    /// Whether the target is kept with the open step `moved` at `place`, steps in `fixed` where they are, and all
    /// others that the start needs at their first fit; `before` has the gates of all steps before the move.
    fn keeps(
        &mut self,
        moved: Ix,
        place: Place,
        fixed: &PerStep<Option<Place>>,
        before: &PerStep<Gates>,
    ) -> Result<bool, BeforeValidity> {
        let graph = self.graph;
        let node = graph.node(moved);
        let slot = node.calendar.slot(place);
        self.gates.clone_from(before);
        self.gates[moved] = Gates::at(&slot, node.lawful, before[moved].proposed);
        self.is_changed[moved] = self.gates[moved] != before[moved];
        if !self.starts_in_time(moved)? {
            return Ok(false);
        }
        for ix in graph.order_after(moved) {
            let node = graph.node(ix);
            self.is_changed[ix] = false;
            let Standing::Open { base, .. } = node.standing else { continue };
            let is_touched = node.edges.iter().any(|edge| edge.from >= moved && self.is_changed[edge.from]);
            if !is_touched || !(node.relevant || node.wanted.draft) {
                continue;
            }
            let inputs = Inputs::of(node, &self.gates)?;
            let place = if node.relevant {
                let place = earliest::place(node, base, &inputs, fixed[ix]);
                if place.is_none() {
                    return Ok(false);
                }
                place
            } else {
                None
            };
            self.gates[ix] = earliest::gates(node, base, &inputs, place);
            self.is_changed[ix] = self.gates[ix] != before[ix];
            if !self.starts_in_time(ix)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn starts_in_time(&self, ix: Ix) -> Result<bool, BeforeValidity> {
        if !self.graph.node(ix).step.authoritative {
            return Ok(true);
        }
        let at = self.gates[ix].get(self.graph.start_gate, ix)?;
        Ok(at.is_some_and(|at| at <= self.target))
    }

    /// How late the step can be, with steps in `fixed` kept where they are.
    pub(super) fn latest(
        &mut self,
        ix: Ix,
        earliest: &Pass,
        fixed: &PerStep<Option<Place>>,
    ) -> Result<Option<Latest>, BeforeValidity> {
        let node = self.graph.node(ix);
        let (Standing::Open { base, .. }, Some(first)) = (node.standing, earliest.places[ix]) else {
            return Ok(None);
        };
        let inputs = Inputs::of(node, &earliest.gates)?;
        let needs: Needs<'_> = inputs.needs(node, base);
        let later = node.calendar.fits_after(first, &needs, self.target);
        let kept = later.last_kept(|place| self.keeps(ix, place, fixed, &earliest.gates))?;
        let (place, spare) = kept.unwrap_or((first, 0));
        Ok(Some(Latest { place, spare }))
    }
}
