//! Where the steps of an action stand by what has been recorded: read without the calendars that a plan would need.

use crate::bodies::Sighted;
use crate::external_ids::ExternalIds;
use crate::scope::Scope;
use crate::{Db, Error, bodies, decision_steps, external_ids, meetings, organisations};
use std::collections::{BTreeMap, BTreeSet};
use yhteen_domain::Fault;
use yhteen_domain::actions::Action;
use yhteen_domain::bodies::{self as body, Body};
use yhteen_domain::bookings::Booking;
use yhteen_domain::decision_steps::{self as decision_step, DecisionStep};
use yhteen_domain::ids::{BodyId, Id, MeetingId, OrganisationId, StepId};
use yhteen_domain::meetings::{self as meeting, Meeting, MeetingState};
use yhteen_domain::time::Instant;
use yhteen_domain::timetable::{self as engine, Calendars, Occasion, Readiness, Route, Step, StepStanding};
use yhteen_domain::vocabulary::OrganisationKind;

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
    fn readiness(&self) -> Result<Readiness, Fault> {
        engine::readiness(&self.route, &self.calendars)
    }
}

/// What the decisions of an action come to.
#[derive(Clone, Debug)]
pub struct Decisions {
    /// What it lacks before it may start.
    pub readiness: Readiness,
    /// The organisations whose bodies have a step.
    pub organisations: BTreeSet<OrganisationId>,
}

/// What the decisions of an action that the caller was found to see come to: of the steps that it may not see, none is
/// named, since those that are missing are authoritative. Eight statements, however many steps there
/// are; one where there are none.
pub fn decisions(db: &mut Db, scope: &Scope, action: &Action, now: Instant) -> Result<Decisions, Error> {
    let steps = decision_steps::of_action(db, action.id)?;
    let recorded = read(db, scope, action, &steps, now)?;
    let mut readiness = recorded.readiness()?;
    let shown = |step: &DecisionStep| {
        let sees_body = recorded.seen.contains(&step.body_id);
        step.is_shown_to(action.accountable_id, sees_body, |organisation| scope.reads_for(organisation))
    };
    let shown: BTreeSet<StepId> = steps.iter().filter(|step| shown(step)).map(|step| step.id).collect();
    readiness.missing.retain(|missing| shown.contains(&missing.step_id));
    Ok(Decisions { readiness, organisations: steps.iter().map(|step| step.organisation_id).collect() })
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
    let recorded = read(db, scope, action, steps, now)?;
    if steps.is_empty() {
        return Ok(recorded);
    }
    let external_ids = external_ids::shown(db, scope, namings(action, steps))?;
    Ok(Recorded { external_ids, ..recorded })
}

/// The same without what the organisations of the reader call the steps.
fn read(db: &mut Db, scope: &Scope, action: &Action, steps: &[DecisionStep], now: Instant) -> Result<Recorded, Error> {
    let gate = action.details.start_gate.gate();
    if steps.is_empty() {
        let route = Route { target_on: None, start_gate: gate, steps: Vec::new(), progress: action.status.into() };
        let calendars = Calendars::prepare(now, [])?;
        return Ok(Recorded { seen: BTreeSet::new(), external_ids: ExternalIds::default(), route, calendars });
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
        progress: action.status.into(),
        steps: steps.iter().cloned().map(step_of).collect(),
    };
    Ok(Recorded { seen, external_ids: ExternalIds::default(), route, calendars: Calendars::prepare(now, &bodies)? })
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
pub(crate) fn named(steps: &[DecisionStep]) -> Vec<MeetingId> {
    let booked = steps.iter().filter_map(|step| step.booking.as_ref()).map(|booking| booking.occasion);
    let handled = steps.iter().flat_map(|step| &step.handlings).map(|handling| handling.details.occasion);
    distinct(booked.chain(handled).filter_map(|occasion| match occasion {
        Occasion::Meeting(id) => Some(id),
        Occasion::Day(_) => None,
    }))
}

pub(crate) fn distinct<T: Ord>(ids: impl Iterator<Item = T>) -> Vec<T> {
    ids.collect::<BTreeSet<T>>().into_iter().collect()
}

/// The step as the engine knows it.
pub(crate) fn step_of(step: DecisionStep) -> Step {
    let challenge = step.challenge();
    let handlings = step.standing_handlings().map(|handling| engine::Handling {
        occasion: handling.details.occasion,
        outcome: handling.details.outcome,
        returned_to_step_id: handling.details.returned_to_step_id,
    });
    let handlings = handlings.collect();
    let DecisionStep {
        id,
        action_id: _,
        body_id,
        organisation_id: _,
        details,
        recorded_legal_force_on,
        booking,
        handlings: _,
        claims: _,
        created_at: _,
        updated_at: _,
    } = step;
    let decision_step::Details {
        title: _,
        function,
        authoritative,
        depends_on,
        not_before,
        preparation_days,
        required_tag,
        visibility: _,
        diary_number: _,
    } = details;
    let depends_on = depends_on.into_iter().map(|decision_step::Dependency { step_id, gate, by }| engine::Dependency {
        step_id,
        gate,
        by,
    });
    Step {
        id,
        body_id,
        function,
        authoritative,
        depends_on: depends_on.collect(),
        not_before,
        preparation_days: preparation_days.into(),
        required_tag,
        booking: booking.map(|Booking { occasion, state, handed_in_at, .. }| engine::Booking {
            occasion,
            state,
            handed_in_at,
        }),
        handlings,
        challenge,
        recorded_legal_force_on,
    }
}

/// The body of an organisation of some kind, as the engine knows it.
pub(crate) fn body_of(body: Body, organisation_kind: OrganisationKind, meetings: Vec<engine::Meeting>) -> engine::Body {
    let Body { id, organisation_id, meta: _, details } = body;
    let body::Details {
        name: _,
        kind,
        visibility: _,
        valid_from: _,
        valid_to,
        published_until,
        // Every meeting has its own deadline.
        agenda_lead: _,
        agenda_deadline_shift: _,
        minutes_publication_days,
        regime,
    } = details;
    engine::Body {
        id,
        organisation_id,
        organisation_kind,
        kind,
        regime,
        minutes_publication_days: minutes_publication_days.into(),
        published_until,
        valid_to,
        meetings,
    }
}

/// The meeting as the engine knows it.
pub(crate) fn meeting_of(meeting: Meeting) -> engine::Meeting {
    let Meeting { id, body_id: _, organisation_id: _, meta: _, details, cancelled, origin: _ } = meeting;
    let meeting::Details {
        starts_at,
        ends_at,
        agenda_deadline,
        zone: _,
        state,
        tags,
        location: _,
        minutes_published_on,
    } = details;
    engine::Meeting {
        id,
        starts_at,
        ends_at,
        agenda_deadline: agenda_deadline.at,
        cancelled,
        held: state == MeetingState::Held,
        tags,
        minutes_published_on,
    }
}
