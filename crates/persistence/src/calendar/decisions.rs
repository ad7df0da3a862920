//! From which dates decisions have legal force, or are to have it.

use super::{enough, too_large};
use crate::bodies::Sighted;
use crate::decision_steps::Of;
use crate::schema::{actions, bodies, decision_steps, handlings, participants, step_bookings};
use crate::scope::{Scope, visible};
use crate::sql_types::{IdOf, Word};
use crate::standings::{body_of, distinct, meeting_of, named, step_of};
use crate::{Db, Error, meetings, organisations};
use diesel::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use yhteen_domain::actions::ActionStatus;
use yhteen_domain::bodies::Body;
use yhteen_domain::calendar::{
    About, CalendarKind, Entry, Filter, MOST_ACTIONS, Span, name_of_body, name_of_legal_force,
};
use yhteen_domain::decision_steps::DecisionStep;
use yhteen_domain::icalendar::write::{Status, When};
use yhteen_domain::ids::{ActionId, BodyId, MeetingId, OrganisationId, ProgrammeId, StepId};
use yhteen_domain::meetings::Meeting;
use yhteen_domain::organisations::Organisation;
use yhteen_domain::time::Instant;
use yhteen_domain::timetable::{BookingState, Calendars, LegalForce, Outcome, Progress, Route, legal_force};
use yhteen_domain::vocabulary::{Gate, StepFunction};

/// An action: its version, its programme and the organisation that answers for it.
type ActionRow = (IdOf<ActionId>, i64, IdOf<ProgrammeId>, IdOf<OrganisationId>);

/// The dates of legal force of the steps that the reader sees and the filter names. Nine statements, or one where there
/// are none.
pub(super) fn entries(
    db: &mut Db,
    scope: &Scope,
    span: Span,
    filter: &Filter,
    now: Instant,
) -> Result<Vec<Entry>, Error> {
    let actions = actions(db, scope, span, filter)?;
    if actions.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<ActionId> = actions.iter().map(|(id, ..)| id.0).collect();
    let steps = crate::decision_steps::of(db, Of::Actions(&ids))?;
    let surroundings = Surroundings::of(db, scope, &steps)?;
    let mut of_action: BTreeMap<ActionId, Vec<DecisionStep>> = BTreeMap::new();
    for step in steps {
        of_action.entry(step.action_id).or_default().push(step);
    }
    let mut entries = Vec::new();
    for action in actions {
        let own = of_action.remove(&action.0.0).unwrap_or_default();
        let known = surroundings.legal_force(&own, now);
        for step in own.iter().filter(|step| is_named(filter, step) && surroundings.shows(scope, &action, step)) {
            let date = known.get(&step.id).filter(|date| span.holds(date.on));
            entries.extend(date.and_then(|date| surroundings.entry(&action, step, date)));
        }
    }
    Ok(entries)
}

/// Whether a filter on bodies and organisations lets a step through.
fn is_named(filter: &Filter, step: &DecisionStep) -> bool {
    let body = filter.body_id.is_empty() || filter.body_id.contains(&step.body_id);
    body && (filter.organisation_id.is_empty() || filter.organisation_id.contains(&step.organisation_id))
}

/// The actions that the reader sees, were not cancelled, and have a decision that is taken or for which a meeting is
/// reserved. One statement. Of what only a certificate tells, the date on that counts, whatever else there is.
fn actions(db: &mut Db, scope: &Scope, span: Span, filter: &Filter) -> Result<Vec<ActionRow>, Error> {
    // Asked step by step: what is reserved or decided for other actions is not looked at.
    let reserved = step_bookings::table
        .filter(step_bookings::step_id.eq(decision_steps::id))
        .filter(step_bookings::state.eq(Word(BookingState::Accepted)));
    let decided = handlings::table
        .filter(handlings::step_id.eq(decision_steps::id))
        .filter(handlings::superseded_by_id.is_null())
        .filter(handlings::outcome.eq_any([Outcome::Approved, Outcome::ApprovedAmended].map(Word)));
    let mut query = decision_steps::table
        .inner_join(bodies::table)
        .inner_join(actions::table.inner_join(participants::table))
        .filter(participants::accountable)
        .filter(visible!(scope, decision_steps::action_id))
        .filter(actions::status.ne(Word(ActionStatus::Cancelled)))
        .filter(decision_steps::function.eq(Word(StepFunction::Decision)))
        .filter(
            decision_steps::recorded_legal_force_on
                .between(span.from, span.to)
                .or(diesel::dsl::exists(reserved))
                .or(diesel::dsl::exists(decided)),
        )
        .select((actions::id, actions::version, actions::programme_id, participants::organisation_id))
        .distinct()
        .into_boxed();
    if !filter.body_id.is_empty() {
        query = query.filter(decision_steps::body_id.eq_any(filter.body_id.iter().copied().map(IdOf)));
    }
    if !filter.organisation_id.is_empty() {
        query = query.filter(bodies::organisation_id.eq_any(filter.organisation_id.iter().copied().map(IdOf)));
    }
    if !filter.programme_id.is_empty() {
        query = query.filter(actions::programme_id.eq_any(filter.programme_id.iter().copied().map(IdOf)));
    }
    if !filter.action_id.is_empty() {
        query = query.filter(actions::id.eq_any(filter.action_id.iter().copied().map(IdOf)));
    }
    let found: Vec<ActionRow> = query.limit(enough(MOST_ACTIONS)).load(db)?;
    if found.len() > MOST_ACTIONS {
        return Err(too_large(&format!("it would rest on the decisions of more than {MOST_ACTIONS} actions")).into());
    }
    Ok(found)
}

/// What the dates of steps follow from beside the steps themselves.
struct Surroundings {
    bodies: BTreeMap<BodyId, Sighted>,
    organisations: BTreeMap<OrganisationId, Organisation>,
    /// Those that the steps name.
    meetings: BTreeMap<MeetingId, Meeting>,
}

impl Surroundings {
    /// Three statements.
    fn of(db: &mut Db, scope: &Scope, steps: &[DecisionStep]) -> Result<Self, Error> {
        let bodies = crate::bodies::of_ids(db, scope, &distinct(steps.iter().map(|step| step.body_id)))?;
        let owners = organisations::of_ids(db, &distinct(steps.iter().map(|step| step.organisation_id)))?;
        let meetings = meetings::of_ids(db, &named(steps))?;
        Ok(Self {
            bodies: bodies.into_iter().map(|sighted| (sighted.body.id, sighted)).collect(),
            organisations: owners.into_iter().map(|owner| (owner.id, owner)).collect(),
            meetings: meetings.into_iter().map(|meeting| (meeting.id, meeting)).collect(),
        })
    }

    /// From which dates the steps of one action have legal force. An action that lies where no dates can be computed has
    /// none, and keeps no other from having its own.
    fn legal_force(&self, steps: &[DecisionStep], now: Instant) -> BTreeMap<StepId, LegalForce> {
        let wanted: BTreeSet<MeetingId> = named(steps).into_iter().collect();
        let mut meetings: BTreeMap<BodyId, Vec<_>> = BTreeMap::new();
        for meeting in wanted.iter().filter_map(|id| self.meetings.get(id)) {
            meetings.entry(meeting.body_id).or_default().push(meeting_of(meeting.clone()));
        }
        let bodies = distinct(steps.iter().map(|step| step.body_id)).into_iter().filter_map(|id| {
            let Body { organisation_id, .. } = &self.bodies.get(&id)?.body;
            let kind = self.organisations.get(organisation_id)?.details.kind;
            Some(body_of(self.bodies.get(&id)?.body.clone(), kind, meetings.remove(&id).unwrap_or_default()))
        });
        let bodies: Vec<_> = bodies.collect();
        // The dates of steps that stand fixed do not depend on what the action waits for.
        let steps = steps.iter().cloned().map(step_of).collect();
        let route = Route { target_on: None, start_gate: Gate::Final, steps, progress: Progress::Started };
        let dates = Calendars::prepare(now, &bodies).and_then(|calendars| legal_force(&route, &calendars));
        dates.unwrap_or_default().into_iter().map(|date| (date.step_id, date)).collect()
    }

    /// Whether the reader sees more of a step than its dates.
    fn shows(&self, scope: &Scope, (.., accountable): &ActionRow, step: &DecisionStep) -> bool {
        let sees_body = self.bodies.get(&step.body_id).is_some_and(|sighted| sighted.visible);
        step.is_shown_to(accountable.0, sees_body, |organisation| scope.reads_for(organisation))
    }

    fn entry(&self, action: &ActionRow, step: &DecisionStep, date: &LegalForce) -> Option<Entry> {
        let (IdOf(action), version, IdOf(programme), _) = *action;
        let body = &self.bodies.get(&step.body_id)?.body;
        let organisation = self.organisations.get(&step.organisation_id)?;
        let meeting = date.meeting_id.and_then(|id| self.meetings.get(&id));
        let changes = [Some(step.updated_at), Some(body.meta.updated_at), meeting.map(|it| it.meta.updated_at)];
        let title = name_of_body(&organisation.details.name, &body.details.name);
        Some(Entry {
            kind: CalendarKind::LegalForce,
            when: When::Day(date.on),
            status: if date.decided { Status::Confirmed } else { Status::Tentative },
            title: name_of_legal_force(&title, &step.details.title),
            location: None,
            tags: Vec::new(),
            about: About::Step {
                id: step.id,
                body: body.id,
                organisation: organisation.id,
                meeting: date.meeting_id,
                action,
                programme,
            },
            version,
            updated_at: changes.into_iter().flatten().max()?,
        })
    }
}
