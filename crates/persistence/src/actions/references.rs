//! What an action refers to in its programme: the programme itself, its members and its goals.

use crate::dialect::DialectExt;
use crate::schema::{actions, goals, programme_members, programmes};
use crate::scope::{Scope, visible};
use crate::sql_types::IdOf;
use crate::{Db, Error, Tx};
use diesel::prelude::*;
use std::collections::BTreeSet;
use yhteen_domain::Fault;
use yhteen_domain::actions::PROGRAMME_CLOSED;
use yhteen_domain::ids::{ActionId, GoalId, OrganisationId, ProgrammeId};
use yhteen_domain::time::Date;

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

/// Refuses a programme that the scope does not see, or that is closed. It stays as it is until the transaction ends.
pub fn require_open_programme(tx: &mut Tx<'_>, scope: &Scope, programme: ProgrammeId) -> Result<(), Error> {
    let status: Option<String> = programmes::table
        .find(IdOf(programme))
        .filter(visible!(scope, programmes::id))
        .select(programmes::status)
        .for_share_of_engine()
        .get_result(&mut **tx)
        .optional()?;
    match status.ok_or_else(|| crate::dangling("/programme_id"))?.as_str() {
        "closed" => Err(Fault::new(&PROGRAMME_CLOSED, "The programme is closed and takes no new actions.").into()),
        _ => Ok(()),
    }
}

/// Refuses an organisation that is no member of the programme today, or only observes it. Its membership
/// stays as it is until the transaction ends.
pub fn require_member(
    tx: &mut Tx<'_>,
    programme: ProgrammeId,
    organisation: OrganisationId,
    today: Date,
) -> Result<(), Error> {
    let role: Option<String> = programme_members::table
        .find((IdOf(programme), IdOf(organisation)))
        .filter(programme_members::joined_on.le(today))
        .filter(programme_members::left_on.is_null().or(programme_members::left_on.gt(today)))
        .select(programme_members::role)
        .for_share_of_engine()
        .get_result(&mut **tx)
        .optional()?;
    let refused = |code: &'static str, detail: &str| Err(Fault::invalid("/organisation_id", code, detail).into());
    match role.as_deref() {
        None => refused("not_a_member", "The organisation is no member of the programme today."),
        Some("observer") => refused("observer", "The organisation only observes the programme."),
        Some(_) => Ok(()),
    }
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
