//! Levers: the single changes that bring the start of an action forward, each with its exact gain.
//!
//! Only changes that can gain anything are tried, each with one forward pass. That nothing is missed follows from
//! the placement rule: a change of one step helps only if it moves what that step waits for longest, or opens a
//! meeting to it before the one it has.

mod extra_meeting;
mod late_item;
mod parallel;
mod words;

pub use extra_meeting::extraordinary;
pub use words::Names;

use super::calendar::{Calendars, Needs, Place};
use super::clock;
use super::earliest::{self, Inputs, Pass};
use super::facts::{BeforeValidity, Standing};
use super::graph::{Graph, Node};
use super::model::{Body, Input, Progress, Route};
use super::{before_validity, verdict};
use crate::bodies::AgendaRule;
use crate::fault::Fault;
use crate::ids::{BodyId, Id, MeetingId, OrganisationId, StepId};
use crate::time::Date;
use crate::vocabulary::Gate;
// The schemas know chrono's types by their own names.
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

crate::vocabulary! {
    /// A way to bring the start of an action forward.
    LeverKind {
        /// Its body calls an extra meeting.
        ExtraMeeting = "extra_meeting",
        /// Its body takes the matter onto an agenda that is closed already.
        LateItem = "late_item",
        /// The action starts when the decisions are made, before they have legal force (Local Government Act §143).
        StartWhenDecided = "start_when_decided",
        /// It is prepared while what it waits for is still under way.
        ParallelPreparation = "parallel_preparation",
    }
}

/// One change that brings the start of an action forward.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TimetableLever)]
pub struct Lever {
    /// What is changed.
    pub kind: LeverKind,
    /// The step that comes earlier by it; null for the start gate, which is the action's.
    #[schema(required)]
    pub step_id: Option<StepId>,
    /// The body of the step; null where the reader may not know it.
    #[schema(required)]
    pub body_id: Option<BodyId>,
    /// The organisation of that body.
    #[schema(required)]
    pub organisation_id: Option<OrganisationId>,
    /// Whether the reader may not see the step, and so no more than whom to ask and what there is to gain.
    pub opaque: bool,
    /// For a late item: the meeting.
    #[schema(required)]
    pub meeting_id: Option<MeetingId>,
    /// For a late item: how many days after the agenda deadline it would have to be let in, though never after the
    /// start of the meeting.
    #[schema(required)]
    pub days: Option<u32>,
    /// For parallel preparation: the step that has to be done by the start of the meeting only.
    #[schema(required)]
    pub depends_on_step_id: Option<StepId>,
    /// For an extra meeting: the first day on which it would gain as much.
    #[schema(required)]
    pub from: Option<NaiveDate>,
    /// For an extra meeting: the last day up to which it would gain as much.
    #[schema(required)]
    pub to: Option<NaiveDate>,
    /// The first date on which the action can start then.
    pub earliest_on: NaiveDate,
    /// How many days earlier that is; null where nothing published says so far when it can start.
    #[schema(required)]
    pub gain_days: Option<i64>,
    /// The lever in words; null where the reader may not know the step.
    // Left out by the engine, which does not know the names of bodies: see `words`.
    #[schema(required, examples("Extra meeting of Kouvola council between 9 and 12 March: start 21 days earlier"))]
    pub text: Option<String>,
}

impl Lever {
    /// Leaves of the levers on steps for which `is_hidden` holds no more than kind, step, organisation and gain.
    pub fn veil(&mut self, is_hidden: impl Fn(StepId) -> bool) {
        if self.step_id.is_some_and(is_hidden) {
            self.opaque = true;
            (self.body_id, self.meeting_id, self.days) = (None, None, None);
            (self.depends_on_step_id, self.from, self.to) = (None, None, None);
        }
    }
}

/// The single changes that bring the start of an action forward by a day at least, best first; where the published
/// calendars, or a pending appeal, do not say when it can start, those after which it is known.
///
/// - Extra meetings: one for each body that would gain by one, with the days on which that gains most. It is held at
///   the body's usual time ([`extraordinary`]), its agenda is closed as `rules` say, and it has the tags that the
///   steps of the body ask for. A body for which `rules` say nothing is left out.
/// - Late items: for a step and a meeting before the one it has, the fewest days that gain anything, and the fewest
///   that gain most, where these are two. Other steps on that meeting keep the deadline.
/// - Parallel preparation: for a step and one that it waits for; several dependencies between two are one.
///
/// # Errors
/// As [`super::timetable`].
pub fn levers(input: &Input, rules: &BTreeMap<BodyId, AgendaRule>) -> Result<Vec<Lever>, Fault> {
    let named: BTreeSet<BodyId> = input.route.steps.iter().map(|step| step.body_id).collect();
    let bodies: BTreeMap<BodyId, &Body> =
        input.bodies.iter().filter(|body| named.contains(&body.id)).map(|body| (body.id, body)).collect();
    let calendars = Calendars::prepare(input.now, bodies.values().copied())?;
    if matches!(input.route.progress, Progress::NotApplicable(_)) {
        return Ok(Vec::new());
    }
    let graph = Graph::new(&input.route, &calendars)?;
    let base = Base::new(&graph).map_err(|what| before_validity(&graph, what))?;
    let Some(base) = base else { return Ok(Vec::new()) };
    let mut trial = Trial {
        route: input.route.clone(),
        calendars: calendars.clone(),
        made_up: unused(&named),
        starts_on: base.starts_on,
    };
    let mut found: Vec<(usize, Lever)> = Vec::new();
    for (id, body) in &bodies {
        if let Some(rule) = rules.get(id) {
            found.extend(extra_meeting::lever(&mut trial, &base, body, rule)?);
        }
    }
    for open in base.open.iter().filter(|open| open.movable) {
        let given = open.node.given;
        found.extend(late_item::levers(&mut trial, open)?.into_iter().map(|lever| (given, lever)));
    }
    found.extend(trial.start_when_decided()?.map(|lever| (0, lever)));
    for open in &base.open {
        found.extend(parallel::lever(&mut trial, open)?);
    }
    found.sort_by_key(|(given, lever)| (lever.earliest_on, lever.kind, *given, lever.days));
    Ok(found.into_iter().map(|(_, lever)| lever).collect())
}

/// What the levers start from.
struct Base<'g, 'a> {
    /// The first date on which the action can start as things stand; `None` where what is known does not say.
    starts_on: Option<Date>,
    /// The open steps of which the start needs the meeting, or somebody the draft.
    open: Vec<Open<'g, 'a>>,
}

/// An open step.
struct Open<'g, 'a> {
    node: &'g Node<'a>,
    needs: Needs<'a>,
    /// Where it is in the earliest plan.
    place: Option<Place>,
    /// Whether the start needs its meeting, nothing keeps it at one, and all that it waits for has a time.
    movable: bool,
    /// The step that alone is due last by the agenda deadline, if there is one.
    last_input: Option<StepId>,
}

impl<'g, 'a> Base<'g, 'a> {
    /// Nothing where there is no start that could come earlier, or none at all.
    fn new(graph: &'g Graph<'a>) -> Result<Option<Self>, BeforeValidity> {
        let earliest = earliest::pass(graph)?;
        let blocking = verdict::blocking(graph, &earliest)?;
        if blocking.iter().any(|root| root.reason.is_infeasible()) {
            return Ok(None);
        }
        let starts_on = starts_on(graph, &earliest)?;
        if starts_on.is_none() && blocking.is_empty() {
            return Ok(None);
        }
        let mut open = Vec::new();
        for ix in graph.order() {
            let node = graph.node(ix);
            let Standing::Open { base, .. } = node.standing else { continue };
            if !node.relevant && !node.wanted.draft {
                continue;
            }
            let inputs = Inputs::of(node, &earliest.gates)?;
            open.push(Open {
                node,
                needs: inputs.needs(node, base),
                place: earliest.places[ix],
                movable: node.relevant && node.pin.is_none() && !inputs.is_open(),
                last_input: parallel::last_input(graph, node, &earliest.gates)?,
            });
        }
        Ok(Some(Self { starts_on, open }))
    }
}

/// The first date on which the action can start; `None` where something stands in the way, or nothing is to decide.
fn starts_on(graph: &Graph<'_>, earliest: &Pass) -> Result<Option<Date>, BeforeValidity> {
    if !verdict::blocking(graph, earliest)?.is_empty() {
        return Ok(None);
    }
    Ok(earliest::start(graph, &earliest.gates)?.map(|(at, _)| clock::date_reached(at)))
}

/// Route and calendars of the action, to be changed, tried and changed back.
struct Trial {
    route: Route,
    calendars: Calendars,
    /// A body of which no step of the route is.
    made_up: BodyId,
    /// The first date on which the action can start as things stand.
    starts_on: Option<Date>,
}

impl Trial {
    /// When the action can start as route and calendars are now, if that is a gain. What is asked of the law before
    /// it is known is none.
    fn gains(&self) -> Result<Option<Date>, Fault> {
        let graph = Graph::new(&self.route, &self.calendars)?;
        let after = earliest::pass(&graph).and_then(|earliest| starts_on(&graph, &earliest)).unwrap_or(None);
        Ok(after.filter(|after| self.starts_on.is_none_or(|before| *after < before)))
    }

    fn lever(&self, kind: LeverKind, node: Option<&Node<'_>>, earliest_on: Date) -> Lever {
        Lever {
            kind,
            step_id: node.map(|node| node.step.id),
            body_id: node.map(|node| node.step.body_id),
            organisation_id: node.map(|node| node.calendar.organisation_id),
            opaque: false,
            meeting_id: None,
            days: None,
            depends_on_step_id: None,
            from: None,
            to: None,
            earliest_on,
            gain_days: self.starts_on.map(|before| before.signed_duration_since(earliest_on).num_days()),
            text: None,
        }
    }

    fn start_when_decided(&mut self) -> Result<Option<Lever>, Fault> {
        if self.route.start_gate != Gate::Final {
            return Ok(None);
        }
        self.route.start_gate = Gate::Decided;
        let after = self.gains()?;
        self.route.start_gate = Gate::Final;
        Ok(after.map(|after| self.lever(LeverKind::StartWhenDecided, None, after)))
    }
}

/// An identifier for something made up, other than those in use.
fn unused<T: Id>(in_use: &BTreeSet<T>) -> T {
    let mut number = 0;
    loop {
        let id = T::from_uuid(uuid::Uuid::from_u128(number));
        if !in_use.contains(&id) {
            return id;
        }
        number += 1;
    }
}
