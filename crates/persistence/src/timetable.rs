//! What the timetable of an action is computed from, read in five statements however much there is.

use crate::bodies::Sighted;
use crate::scope::Scope;
use crate::{Db, Error, bodies, decision_steps, meetings, organisations};
use std::collections::{BTreeMap, BTreeSet};
use yhteen_domain::actions::Action;
use yhteen_domain::bodies::{self as body, Body};
use yhteen_domain::decision_steps::{self as decision_step, DecisionStep};
use yhteen_domain::ids::{BodyId, OrganisationId, StepId};
use yhteen_domain::meetings::{self as meeting, Meeting, MeetingState};
use yhteen_domain::organisations::Organisation;
use yhteen_domain::text::Name;
use yhteen_domain::time::Instant;
use yhteen_domain::timetable::{self as engine, Handler, Input, Route, Step};
use yhteen_domain::vocabulary::OrganisationKind;

/// What the timetable of an action is computed from, and what its reader may know of that.
#[derive(Clone, Debug)]
pub struct Sources {
    /// All that counts, also what the reader may not see: the timetable is right for everyone.
    pub input: Input,
    /// Who handles the steps that the reader sees; the others are shown opaque.
    pub handlers: BTreeMap<StepId, Handler>,
    /// The names of the organisations of all steps, which everyone may know.
    pub organisations: BTreeMap<OrganisationId, Name>,
}

/// The sources of the timetable, at the time `now`, of an action that was found within the scope.
pub fn sources(db: &mut Db, scope: &Scope, action: &Action, now: Instant) -> Result<Sources, Error> {
    let steps = decision_steps::of_action(db, action.id)?;
    let body_ids: Vec<BodyId> = distinct(steps.iter().map(|step| step.body_id));
    let organisation_ids: Vec<OrganisationId> = distinct(steps.iter().map(|step| step.organisation_id));
    let bodies = bodies::of_ids(db, scope, &body_ids)?;
    let organisations = organisations::of_ids(db, &organisation_ids)?;
    let meetings = meetings::of_bodies(db, &body_ids)?;

    let bodies: BTreeMap<BodyId, Sighted> = bodies.into_iter().map(|sighted| (sighted.body.id, sighted)).collect();
    let organisations: BTreeMap<OrganisationId, Organisation> =
        organisations.into_iter().map(|organisation| (organisation.id, organisation)).collect();
    let handlers = steps.iter().filter_map(|step| {
        let Sighted { body, visible } = bodies.get(&step.body_id)?;
        let shown = step.is_shown_to(action.accountable_id, *visible, |organisation| scope.reads_for(organisation));
        let organisation = organisations.get(&step.organisation_id).filter(|_| shown)?;
        Some((step.id, handler(organisation, body, step)))
    });
    let handlers = handlers.collect();

    let mut meetings_of: BTreeMap<BodyId, Vec<engine::Meeting>> = BTreeMap::new();
    for meeting in meetings {
        meetings_of.entry(meeting.body_id).or_default().push(meeting_of(meeting));
    }
    let bodies = bodies.into_values().filter_map(|Sighted { body, .. }| {
        let kind = organisations.get(&body.organisation_id)?.details.kind;
        let meetings = meetings_of.remove(&body.id).unwrap_or_default();
        Some(body_of(body, kind, meetings))
    });
    let route = Route {
        target_on: action.details.starts_on,
        start_gate: action.details.start_gate.gate(),
        steps: steps.into_iter().map(step_of).collect(),
    };
    let bodies = bodies.collect();
    let organisations = organisations.into_iter().map(|(id, organisation)| (id, organisation.details.name));
    Ok(Sources { input: Input { now, route, bodies }, handlers, organisations: organisations.collect() })
}

fn distinct<T: Ord>(ids: impl Iterator<Item = T>) -> Vec<T> {
    ids.collect::<BTreeSet<T>>().into_iter().collect()
}

fn handler(organisation: &Organisation, body: &Body, step: &DecisionStep) -> Handler {
    Handler {
        organisation: organisation.details.name.clone(),
        body: body.details.name.clone(),
        title: step.details.title.clone(),
        function: step.details.function,
    }
}

/// The step as the engine knows it.
fn step_of(step: DecisionStep) -> Step {
    let DecisionStep {
        id,
        action_id: _,
        body_id,
        organisation_id: _,
        details,
        recorded_legal_force_on,
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
        authoritative,
        depends_on: depends_on.collect(),
        not_before,
        preparation_days: preparation_days.into(),
        required_tag,
        recorded_legal_force_on,
        ..Step::new(id, body_id, function)
    }
}

/// The body of an organisation of some kind, as the engine knows it.
fn body_of(body: Body, organisation_kind: OrganisationKind, meetings: Vec<engine::Meeting>) -> engine::Body {
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
fn meeting_of(meeting: Meeting) -> engine::Meeting {
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
        agenda_deadline,
        cancelled,
        held: state == MeetingState::Held,
        tags,
        minutes_published_on,
    }
}
