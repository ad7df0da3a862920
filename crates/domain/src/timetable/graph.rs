//! The decision route as a graph: checked, sorted so that every step comes after what it waits for, and with the
//! facts of each step at hand.

use super::answer::StepState;
use super::calendar::{Calendar, Calendars, Place};
use super::facts::{self, Standing};
use super::model::{BookingState, Challenge, Occasion, Route, Step};
use super::range::{dates_in_range, days_in_range};
use super::{CYCLE, DUPLICATE, UNKNOWN_MEETING, UNKNOWN_STEP};
use crate::fault::Fault;
use crate::ids::StepId;
use crate::message;
use crate::time::Instant;
use crate::vocabulary::{By, Gate, Regime, StepFunction};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Index, IndexMut};

/// A step by its place in the order of the graph: what it waits for has a lower one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ix(usize);

/// One value for each step of a graph.
#[derive(Clone, Debug)]
pub(super) struct PerStep<T>(Vec<T>);

impl<T> Index<Ix> for PerStep<T> {
    type Output = T;
    #[expect(clippy::indexing_slicing, reason = "an Ix is made by the graph alone, for vectors of its own length")]
    fn index(&self, ix: Ix) -> &T {
        &self.0[ix.0]
    }
}

impl<T> IndexMut<Ix> for PerStep<T> {
    #[expect(clippy::indexing_slicing, reason = "an Ix is made by the graph alone, for vectors of its own length")]
    fn index_mut(&mut self, ix: Ix) -> &mut T {
        &mut self.0[ix.0]
    }
}

/// What a step waits for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub(super) from: Ix,
    pub(super) gate: Gate,
    pub(super) by: By,
}

/// A step with what belongs to it.
#[derive(Debug)]
pub(super) struct Node<'a> {
    pub(super) step: &'a Step,
    pub(super) calendar: &'a Calendar,
    pub(super) edges: Vec<Edge>,
    pub(super) standing: Standing,
    /// The meeting of an accepted booking.
    pub(super) pin: Option<Place>,
    /// The meeting for which it is handed in, and when that was.
    pub(super) handed_in: Option<(Place, Instant)>,
    /// Whether its decision falls under a regime with remedies.
    pub(super) lawful: bool,
    /// Whether the start of the action needs its meeting.
    pub(super) relevant: bool,
    pub(super) wanted: Wanted,
    /// Its place in the input.
    pub(super) given: usize,
}

impl Node<'_> {
    /// How far it has come.
    pub(super) fn state(&self) -> StepState {
        match self.standing {
            Standing::Decided(_) | Standing::Rejected(_) => StepState::Decided,
            Standing::Open { .. } if self.handed_in.is_some() => StepState::OnAgenda,
            Standing::Open { .. } if self.pin.is_some() => StepState::Booked,
            Standing::Open { .. } => StepState::Open,
        }
    }
}

/// Which gates of a step are waited for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wanted {
    /// Its draft, by any step.
    pub(super) draft: bool,
    /// Its legal force, by the start of the action or a step that the start needs.
    pub(super) legal_force: bool,
}

/// A checked decision route.
#[derive(Debug)]
pub(super) struct Graph<'a> {
    nodes: PerStep<Node<'a>>,
    pub(super) now: Instant,
    pub(super) start_gate: Gate,
}

impl<'a> Graph<'a> {
    /// Checks and sorts a route, and reads its facts.
    pub(super) fn new(route: &'a Route, calendars: &'a Calendars) -> Result<Self, Fault> {
        check_range(route)?;
        let sorted = sort(&route.steps)?;
        let mut placed: Vec<(StepId, Ix)> =
            sorted.iter().enumerate().map(|(ix, (_, step))| (step.id, Ix(ix))).collect();
        placed.sort_unstable();
        let find = |id: StepId| {
            let at = placed.binary_search_by_key(&id, |(id, _)| *id).ok()?;
            placed.get(at).map(|(_, ix)| *ix)
        };
        let mut nodes = Vec::with_capacity(sorted.len());
        for (given, step) in sorted {
            let calendar = calendars.of(step)?;
            let edges = step.depends_on.iter().map(|dependency| {
                let from = find(dependency.step_id).ok_or_else(|| unknown_step(dependency.step_id, step.id))?;
                Ok(Edge { from, gate: dependency.gate, by: dependency.by })
            });
            nodes.push(Node {
                step,
                calendar,
                edges: edges.collect::<Result<_, Fault>>()?,
                standing: Standing::Open { base: calendars.now(), restarted: None },
                pin: None,
                handed_in: None,
                lawful: step.function == StepFunction::Decision && calendar.regime != Regime::None,
                relevant: false,
                wanted: Wanted::default(),
                given,
            });
        }
        let mut graph = Self { nodes: PerStep(nodes), now: calendars.now(), start_gate: route.start_gate };
        facts::read(&mut graph, find)?;
        graph.read_bookings()?;
        graph.find_relevant();
        Ok(graph)
    }

    /// The steps in order: what a step waits for comes before it.
    pub(super) fn order(&self) -> impl DoubleEndedIterator<Item = Ix> + use<> {
        (0..self.nodes.0.len()).map(Ix)
    }

    /// The steps after one in the order.
    pub(super) fn order_after(&self, ix: Ix) -> impl DoubleEndedIterator<Item = Ix> + use<> {
        (ix.0 + 1..self.nodes.0.len()).map(Ix)
    }

    pub(super) fn node(&self, ix: Ix) -> &Node<'a> {
        &self.nodes[ix]
    }

    pub(super) fn node_mut(&mut self, ix: Ix) -> &mut Node<'a> {
        &mut self.nodes[ix]
    }

    /// A value for each step.
    pub(super) fn per_step<T>(&self, value: impl FnMut(Ix) -> T) -> PerStep<T> {
        PerStep(self.order().map(value).collect())
    }

    /// Finds the bookings that still stand: those of open steps that no handling has spent.
    fn read_bookings(&mut self) -> Result<(), Fault> {
        for node in &mut self.nodes.0 {
            let Some(booking) = node.step.booking.filter(|booking| booking.state != BookingState::Declined) else {
                continue;
            };
            let place = node.calendar.find(booking.occasion).ok_or_else(|| unknown_meeting(node.step))?;
            let Standing::Open { restarted, .. } = node.standing else { continue };
            let handled = node.step.handlings.iter().any(|handling| handling.occasion == booking.occasion);
            // A meeting before the step was opened again belongs to its former life.
            let former = restarted.is_some_and(|at| node.calendar.slot(place).decided <= at);
            if handled || former {
                continue;
            }
            node.pin = (booking.state == BookingState::Accepted).then_some(place);
            node.handed_in = booking.handed_in_at.map(|at| (place, at));
        }
        Ok(())
    }

    /// Finds the steps whose meeting the start of the action needs, from the last to the first.
    fn find_relevant(&mut self) {
        let mut draft_needed = self.per_step(|_| false);
        for ix in self.order().rev() {
            let draft_needed_here = draft_needed[ix];
            let start_gate = self.start_gate;
            let node = &mut self.nodes[ix];
            node.relevant |= node.step.authoritative;
            node.wanted.legal_force |= node.step.authoritative && start_gate == Gate::Final;
            let (relevant, open) = (node.relevant, matches!(node.standing, Standing::Open { .. }));
            let draft = draft_needed_here && node.handed_in.is_none();
            let edges = std::mem::take(&mut node.edges);
            for edge in &edges {
                let from = &mut self.nodes[edge.from];
                from.wanted.draft |= edge.gate == Gate::Proposed;
                if open && (relevant || draft && edge.by == By::AgendaDeadline) {
                    match edge.gate {
                        Gate::Proposed => draft_needed[edge.from] = true,
                        Gate::Decided | Gate::Notified | Gate::Final => from.relevant = true,
                    }
                    from.wanted.legal_force |= edge.gate == Gate::Final;
                }
            }
            self.nodes[ix].edges = edges;
        }
    }
}

/// Finds a cycle among dependencies, each given as (step, what it waits for): the steps along it, each waiting for
/// the next and the last for the first; the same one whatever the order of the dependencies.
pub fn find_cycle(dependencies: impl IntoIterator<Item = (StepId, StepId)>) -> Option<Vec<StepId>> {
    let mut waits: BTreeMap<StepId, BTreeSet<StepId>> = BTreeMap::new();
    let mut awaited_by: BTreeMap<StepId, BTreeSet<StepId>> = BTreeMap::new();
    for (step, on) in dependencies {
        waits.entry(step).or_default().insert(on);
        awaited_by.entry(on).or_default().insert(step);
    }
    // A step that waits for nothing is on no cycle. Taken away one after the other, they leave those that wait in
    // circles, and those that wait for these: from any of them, every way leads into a cycle.
    let mut free: Vec<StepId> = awaited_by.keys().filter(|id| !waits.contains_key(id)).copied().collect();
    while let Some(id) = free.pop() {
        for step in awaited_by.remove(&id).unwrap_or_default() {
            if let Some(on) = waits.get_mut(&step) {
                on.remove(&id);
                if on.is_empty() {
                    waits.remove(&step);
                    free.push(step);
                }
            }
        }
    }
    let mut path: Vec<StepId> = vec![*waits.keys().next()?];
    let mut met: BTreeMap<StepId, usize> = BTreeMap::new();
    loop {
        let last = *path.last()?;
        met.insert(last, path.len() - 1);
        let next = *waits.get(&last)?.first()?;
        if let Some(start) = met.get(&next) {
            return path.get(*start..).map(<[StepId]>::to_vec);
        }
        path.push(next);
    }
}

/// The steps with their places in the input, each after those that it waits for and otherwise in the order given.
fn sort(steps: &[Step]) -> Result<Vec<(usize, &Step)>, Fault> {
    let mut by_id: Vec<(StepId, usize)> = steps.iter().enumerate().map(|(given, step)| (step.id, given)).collect();
    by_id.sort_unstable();
    if let Some([(id, _), _]) = by_id.windows(2).find(|pair| matches!(pair, [(one, _), (other, _)] if one == other)) {
        return Err(Fault::new(
            &DUPLICATE,
            message!(
                fi: "Vaihe {id} on annettu kahdesti.",
                sv: "Steget {id} har angetts två gånger.",
                en: "The step {id} is given twice.",
                id = id,
            ),
        ));
    }
    let mut sorted: Vec<(usize, &Step)> = Vec::with_capacity(steps.len());
    let mut is_placed = vec![false; steps.len()];
    // Rounds in the order given: as many as the longest chain that is given backwards, which is short in practice.
    while sorted.len() < steps.len() {
        let before = sorted.len();
        for (given, step) in steps.iter().enumerate() {
            let mut ready = !is_placed.get(given).copied().unwrap_or(true);
            for dependency in &step.depends_on {
                let at = by_id.binary_search_by_key(&dependency.step_id, |(id, _)| *id);
                let at =
                    at.ok().and_then(|at| by_id.get(at)).ok_or_else(|| unknown_step(dependency.step_id, step.id))?;
                ready &= is_placed.get(at.1).copied().unwrap_or(false);
            }
            if ready && let Some(placed) = is_placed.get_mut(given) {
                *placed = true;
                sorted.push((given, step));
            }
        }
        if sorted.len() == before {
            return Err(cycle(steps));
        }
    }
    Ok(sorted)
}

fn cycle(steps: &[Step]) -> Fault {
    let edges = steps.iter().flat_map(|step| step.depends_on.iter().map(|on| (step.id, on.step_id)));
    cycle_fault(&find_cycle(edges).unwrap_or_default())
}

/// The refusal of a cycle, which names its steps in order.
pub fn cycle_fault(cycle: &[StepId]) -> Fault {
    let names: Vec<String> = cycle.iter().map(ToString::to_string).collect();
    Fault::new(
        &CYCLE,
        message!(
            fi: "Nämä vaiheet odottaisivat toisiaan kehässä: {steps}.",
            sv: "Dessa steg skulle vänta på varandra i en cirkel: {steps}.",
            en: "These steps would wait for one another in a circle: {steps}.",
            steps = names.join(" → "),
        ),
    )
}

fn unknown_step(id: StepId, named_by: StepId) -> Fault {
    Fault::new(
        &UNKNOWN_STEP,
        message!(
            fi: "Vaihetta {id}, johon vaihe {named_by} viittaa, ei ole toimenpiteessä.",
            sv: "Steget {id}, som steget {named_by} hänvisar till, finns inte i åtgärden.",
            en: "The step {id}, to which the step {named_by} refers, is not in the action.",
            id = id,
            named_by = named_by,
        ),
    )
}

fn unknown_meeting(step: &Step) -> Fault {
    Fault::new(
        &UNKNOWN_MEETING,
        message!(
            fi: "Vaihe {step} viittaa kokoukseen, jota sen toimielimellä ei ole.",
            sv: "Steget {step} hänvisar till ett sammanträde som dess organ inte har.",
            en: "The step {step} refers to a meeting that its body does not have.",
            step = step.id,
        ),
    )
}

impl Graph<'_> {
    /// Where a handling of a step took place.
    pub(super) fn occasion(&self, ix: Ix, occasion: Occasion) -> Result<Place, Fault> {
        let node = self.node(ix);
        node.calendar.find(occasion).ok_or_else(|| unknown_meeting(node.step))
    }
}

/// Refuses dates so far off that what is computed from them could overflow.
fn check_range(route: &Route) -> Result<(), Fault> {
    dates_in_range(route.target_on)?;
    for step in &route.steps {
        days_in_range(step.preparation_days)?;
        let handed_in = step.booking.and_then(|booking| booking.handed_in_at).map(|at| at.date_naive());
        let challenge = match step.challenge {
            Challenge::RectificationDismissed { notice_on: on } | Challenge::AppealDismissed { on } => Some(on),
            Challenge::None | Challenge::Pending | Challenge::Annulled => None,
        };
        dates_in_range([step.not_before, step.recorded_legal_force_on, handed_in, challenge].into_iter().flatten())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Id;

    fn check(edges: &[(u128, u128)], cycle: Option<&[u128]>) {
        let id = |number: u128| StepId::from_uuid(uuid::Uuid::from_u128(number));
        let found = find_cycle(edges.iter().map(|(step, on)| (id(*step), id(*on))));
        assert_eq!(found, cycle.map(|cycle| cycle.iter().map(|number| id(*number)).collect()), "{edges:?}");
        let backwards = find_cycle(edges.iter().rev().map(|(step, on)| (id(*step), id(*on))));
        assert_eq!(found, backwards);
    }

    #[test]
    fn a_cycle_is_named() {
        check(&[], None);
        check(&[(1, 1)], Some(&[1]));
        check(&[(1, 2), (2, 3), (1, 3), (4, 1)], None);
        check(&[(1, 2), (2, 3), (3, 2), (3, 4)], Some(&[2, 3]));
        check(&[(5, 1), (1, 9), (9, 5), (9, 2), (2, 3)], Some(&[1, 9, 5]));
    }
}
