//! The actions that changes of meetings, handlings and plans touch.

use super::{Sources, calendars, sources};
use crate::decision_steps::Of;
use crate::schema::{bodies, decision_steps, meetings};
use crate::scope::{Scope, visible};
use crate::sql_types::IdOf;
use crate::{Db, Error};
use diesel::prelude::*;
use std::collections::BTreeSet;
use yhteen_domain::ids::{ActionId, BodyId, MeetingId, StepId};

/// What changes name.
#[derive(Clone, Debug, Default)]
pub struct Touched {
    /// Bodies.
    pub bodies: Vec<BodyId>,
    /// Meetings.
    pub meetings: Vec<MeetingId>,
    /// Decision steps.
    pub steps: Vec<StepId>,
    /// Actions.
    pub actions: Vec<ActionId>,
}

/// The sources of the timetables that changes may alter, as far as the scope sees the actions and these are neither
/// completed nor cancelled: of those that have a step on one of the bodies that are named, or of whose meetings one is;
/// and of those that are named, or of whose steps one is. With the bodies that are named, or of whose meetings one is,
/// even if they have no such step, where the scope sees them. Twelve statements at most.
pub fn affected(db: &mut Db, scope: &Scope, touched: &Touched) -> Result<Sources, Error> {
    let meeting = meetings::table.filter(meetings::id.eq_any(touched.meetings.iter().copied().map(IdOf)));
    let of_meetings = meeting.select(meetings::body_id);
    let named = touched.bodies.iter().copied().map(IdOf);
    let found: Vec<IdOf<BodyId>> = bodies::table
        .filter(bodies::id.eq_any(named).or(bodies::id.eq_any(of_meetings)))
        .filter(visible!(scope, bodies::id))
        .select(bodies::id)
        .load(db)?;
    let bodies: Vec<BodyId> = found.into_iter().map(|id| id.0).collect();
    let of_steps: Vec<IdOf<ActionId>> = decision_steps::table
        .filter(decision_steps::id.eq_any(touched.steps.iter().copied().map(IdOf)))
        .select(decision_steps::action_id)
        .load(db)?;
    let actions: BTreeSet<ActionId> = of_steps.into_iter().map(|id| id.0).chain(touched.actions.clone()).collect();
    let actions: Vec<ActionId> = actions.into_iter().collect();
    let both = Of::Affected { bodies: &bodies, actions: &actions };
    let of = if actions.is_empty() { Of::Bodies(&bodies) } else { both };
    let mut sources = sources(db, scope, of)?;
    let idle: Vec<BodyId> = bodies.iter().copied().filter(|body| !sources.names.contains_key(body)).collect();
    if !idle.is_empty() {
        let (bodies, names) = calendars::these(db, scope, &idle)?;
        sources.bodies.extend(bodies);
        sources.names.extend(names);
    }
    Ok(sources)
}
