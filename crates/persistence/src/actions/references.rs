//! What an action refers to: its programme, and the goals of that.

use crate::schema::{actions, goals, programmes};
use crate::scope::{Scope, visible};
use crate::sql_types::IdOf;
use crate::{Db, Error, Tx};
use diesel::prelude::*;
use std::collections::BTreeSet;
use yhteen_domain::Fault;
use yhteen_domain::ids::{ActionId, GoalId, ProgrammeId};
use yhteen_domain::programmes::Programme;

/// The programme of an action that the scope sees, or a 404. It never changes, so it can be read before the locks,
/// which are taken in the order programme, action.
pub fn programme_of(db: &mut Db, scope: &Scope, action: ActionId) -> Result<ProgrammeId, Error> {
    let found: Option<IdOf<ProgrammeId>> = actions::table
        .find(IdOf(action))
        .filter(visible!(scope, actions::id))
        .select(actions::programme_id)
        .first(db)
        .optional()?;
    Ok(found.ok_or_else(Fault::not_found)?.0)
}

/// The programme, kept as it is until the transaction ends; a reference to one that the scope does not see is refused.
pub fn refer_to_programme(tx: &mut Tx<'_>, scope: &Scope, programme: ProgrammeId) -> Result<Programme, Error> {
    let seen: Option<IdOf<ProgrammeId>> = programmes::table
        .find(IdOf(programme))
        .filter(visible!(scope, programmes::id))
        .select(programmes::id)
        .first(&mut **tx)
        .optional()?;
    let IdOf(programme) = seen.ok_or_else(|| crate::dangling("/programme_id"))?;
    crate::programmes::share(tx, programme)
}

/// Refuses goals that the programme does not have.
pub fn check_goals(db: &mut Db, programme: ProgrammeId, named: &[GoalId]) -> Result<(), Error> {
    if named.is_empty() {
        return Ok(());
    }
    let known: Vec<IdOf<GoalId>> = goals::table
        .filter(goals::programme_id.eq(IdOf(programme)))
        .filter(goals::id.eq_any(named.iter().copied().map(IdOf)))
        .select(goals::id)
        .load(db)?;
    let known: BTreeSet<GoalId> = known.into_iter().map(|id| id.0).collect();
    match named.iter().position(|goal| !known.contains(goal)) {
        Some(index) => Err(crate::dangling(&format!("/goals/{index}")).into()),
        None => Ok(()),
    }
}
