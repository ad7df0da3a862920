//! Where the steps of an action stand by what has been recorded: read without the calendars that a plan would need.

use crate::bodies::Sighted;
use crate::external_ids::ExternalIds;
use crate::scope::Scope;
use crate::timetable::{body_of, distinct, meeting_of, step_of};
use crate::{Db, Error, bodies, decision_steps, external_ids, meetings, organisations};
use std::collections::{BTreeMap, BTreeSet};
use yhteen_domain::Fault;
use yhteen_domain::actions::Action;
use yhteen_domain::decision_steps::DecisionStep;
use yhteen_domain::ids::{BodyId, Id, MeetingId, OrganisationId, StepId};
use yhteen_domain::time::Instant;
use yhteen_domain::timetable::{self as engine, Calendars, Occasion, Readiness, Route, StepStanding};

/// What has been recorded of the steps of an action.
#[derive(Debug)]
pub struct Recorded {
    /// Those bodies of the steps that the reader sees; the others make their steps opaque.
    pub seen: BTreeSet<BodyId>,
    /// How the organisations for which the reader reads know the steps and their handlings: those of the bodies, and the
    /// accountable one.
    pub external_ids: ExternalIds,
    route: Route,
    calendars: Calendars,
}

impl Recorded {
    /// Where each step stands.
    pub fn standings(&self) -> Result<BTreeMap<StepId, StepStanding>, Fault> {
        let standings = engine::standings(&self.route, &self.calendars)?;
        Ok(standings.into_iter().map(|standing| (standing.step_id, standing)).collect())
    }

    /// Where one of the steps stands.
    pub fn standing(&self, step: StepId) -> Result<StepStanding, Fault> {
        self.standings()?.remove(&step).ok_or_else(Fault::not_found)
    }

    /// What the action lacks before it may start.
    pub fn readiness(&self) -> Result<Readiness, Fault> {
        engine::readiness(&self.route, &self.calendars)
    }
}

/// What an action that the caller was found to see lacks before it may start. Eight statements, however many steps there
/// are; one where there are none.
pub fn readiness(db: &mut Db, action: &Action, now: Instant) -> Result<Readiness, Error> {
    let steps = decision_steps::of_action(db, action.id)?;
    Ok(recorded(db, &Scope::anonymous(), action, &steps, now)?.readiness()?)
}

/// What has been recorded until `now` of all the steps of an action. Three statements, however many there are, and one
/// more for a reader with external ids of its own.
pub fn recorded(
    db: &mut Db,
    scope: &Scope,
    action: &Action,
    steps: &[DecisionStep],
    now: Instant,
) -> Result<Recorded, Error> {
    let gate = action.details.start_gate.gate();
    if steps.is_empty() {
        let route = Route { target_on: None, start_gate: gate, steps: Vec::new() };
        let (seen, external_ids) = (BTreeSet::new(), ExternalIds::default());
        return Ok(Recorded { seen, external_ids, route, calendars: Calendars::prepare(now, [])? });
    }
    let found = bodies::of_ids(db, scope, &distinct(steps.iter().map(|step| step.body_id)))?;
    let owners = organisations::of_ids(db, &distinct(steps.iter().map(|step| step.organisation_id)))?;
    let kinds: BTreeMap<_, _> = owners.into_iter().map(|owner| (owner.id, owner.details.kind)).collect();
    let mut meetings: BTreeMap<BodyId, Vec<engine::Meeting>> = BTreeMap::new();
    for meeting in meetings::of_ids(db, &named(steps))? {
        meetings.entry(meeting.body_id).or_default().push(meeting_of(meeting));
    }
    let seen = found.iter().filter(|sighted| sighted.visible).map(|sighted| sighted.body.id).collect();
    let bodies = found.into_iter().filter_map(|Sighted { body, .. }| {
        let kind = *kinds.get(&body.organisation_id)?;
        let meetings = meetings.remove(&body.id).unwrap_or_default();
        Some(body_of(body, kind, meetings))
    });
    let bodies: Vec<_> = bodies.collect();
    let route = Route {
        target_on: action.details.starts_on,
        start_gate: gate,
        steps: steps.iter().cloned().map(step_of).collect(),
    };
    let external_ids = external_ids::shown(db, scope, namings(action, steps))?;
    Ok(Recorded { seen, external_ids, route, calendars: Calendars::prepare(now, &bodies)? })
}

/// Which organisations may have names of their own for the steps and their handlings.
fn namings(action: &Action, steps: &[DecisionStep]) -> impl Iterator<Item = (uuid::Uuid, OrganisationId)> {
    let accountable = action.accountable_id;
    steps.iter().flat_map(move |step| {
        let own = step.organisation_id;
        let handlings = step.handlings.iter().map(move |handling| (handling.id.uuid(), own));
        [(step.id.uuid(), own), (step.id.uuid(), accountable)].into_iter().chain(handlings)
    })
}

/// The meetings that the steps name.
fn named(steps: &[DecisionStep]) -> Vec<MeetingId> {
    let booked = steps.iter().filter_map(|step| step.booking.as_ref()).map(|booking| booking.occasion);
    let handled = steps.iter().flat_map(|step| &step.handlings).map(|handling| handling.details.occasion);
    distinct(booked.chain(handled).filter_map(|occasion| match occasion {
        Occasion::Meeting(id) => Some(id),
        Occasion::Day(_) => None,
    }))
}
