//! What the progress of a programme is counted over, read in five statements however much there is.

use crate::schema::{action_goals, actions, goals, participants, reports};
use crate::scope::{Scope, visible};
use crate::sql_types::{IdOf, Word};
use crate::{Db, Error};
use diesel::prelude::*;
use yhteen_domain::actions::ActionStatus;
use yhteen_domain::actions::participants::Commitment;
use yhteen_domain::ids::{ActionId, GoalId, OrganisationId, PeriodId};
use yhteen_domain::programmes::Programme;
use yhteen_domain::progress::{Facts, Part, SeenAction, SeenReport};
use yhteen_domain::reports::ReportState;
use yhteen_domain::time::Date;

/// What the caller sees of the actions of a programme that it has found, and of the reports on them for a period, if
/// there is one.
pub fn facts(db: &mut Db, scope: &Scope, programme: &Programme, period: Option<PeriodId>) -> Result<Facts, Error> {
    type FoundPart = (IdOf<ActionId>, IdOf<OrganisationId>, bool, bool, bool);
    let of = IdOf(programme.id);
    let actions: Vec<(IdOf<ActionId>, Word<ActionStatus>, Option<Date>)> = actions::table
        .filter(actions::programme_id.eq(of))
        .filter(visible!(scope, actions::id))
        .select((actions::id, actions::status, actions::ended_on))
        .load(db)?;
    let parts: Vec<FoundPart> = participants::table
        .inner_join(actions::table)
        .filter(actions::programme_id.eq(of))
        .filter(visible!(scope, actions::id))
        .filter(participants::commitment.eq(Word(Commitment::Committed)))
        .select((
            participants::action_id,
            participants::organisation_id,
            participants::accountable,
            participants::implementing,
            participants::funding,
        ))
        .load(db)?;
    let reports: Vec<(IdOf<ActionId>, IdOf<OrganisationId>, Word<ReportState>)> = reports::table
        .filter(reports::period_id.eq_any(period.map(IdOf)))
        .filter(reports::state.eq_any([ReportState::Submitted, ReportState::Accepted].map(Word)))
        .filter(visible!(scope, reports::id))
        .select((reports::action_id, reports::organisation_id, reports::state))
        .load(db)?;
    let serves: Vec<(IdOf<ActionId>, IdOf<GoalId>)> = action_goals::table
        .inner_join(actions::table)
        .filter(actions::programme_id.eq(of))
        .filter(visible!(scope, actions::id))
        .select((action_goals::action_id, action_goals::goal_id))
        .load(db)?;
    let goals: Vec<(IdOf<GoalId>, Option<IdOf<GoalId>>)> = goals::table
        .filter(goals::programme_id.eq(of))
        .order((goals::position, goals::code))
        .select((goals::id, goals::parent_id))
        .load(db)?;
    Ok(Facts {
        actions: actions
            .into_iter()
            .map(|(id, status, ended_on)| SeenAction { id: id.0, status: status.0, ended_on })
            .collect(),
        parts: parts
            .into_iter()
            .map(|(action, organisation, accountable, implementing, funding)| Part {
                action_id: action.0,
                organisation_id: organisation.0,
                owes: accountable || implementing || funding,
            })
            .collect(),
        reports: reports
            .into_iter()
            .map(|(action, organisation, state)| SeenReport {
                action_id: action.0,
                organisation_id: organisation.0,
                state: state.0,
            })
            .collect(),
        serves: serves.into_iter().map(|(action, goal)| (action.0, goal.0)).collect(),
        goals: goals.iter().map(|(id, _)| id.0).collect(),
        tree: goals.into_iter().map(|(id, parent)| (id.0, parent.map(|id| id.0))).collect(),
    })
}
