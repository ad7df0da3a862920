//! The one write of a round: what is told now, its events, and how far the worker has come.

use super::compute::{Computed, Row};
use super::worker::Worker;
use crate::changes::{audiences_of, record_timetable};
use crate::dialect::{DialectExt, each};
use crate::schema::{actions, timetable_states};
use crate::sql_types::IdOf;
use crate::{Db, Error, Tx};
use diesel::prelude::*;
use std::collections::BTreeSet;
use yhteen_domain::ids::{ActionId, Id};

/// Keeps what was computed, unless the worker has moved since; answers whether it was kept. Six statements with the
/// events, however many actions have changed.
pub(super) fn settle(tx: &mut Tx<'_>, worker: Worker, computed: &Computed) -> Result<bool, Error> {
    if !worker.save(tx)? {
        return Ok(false);
    }
    if computed.says_nothing() {
        return Ok(true);
    }
    let changed: Vec<ActionId> = computed.changes.iter().map(|(action, ..)| *action).collect();
    // One that was deleted meanwhile is told of by its deletion alone, which comes after.
    let there = lock(tx, &changed)?;
    let mut audiences = audiences_of(tx, &changed.iter().map(|id| id.uuid()).collect::<Vec<_>>())?;
    let before = changed.iter().chain(&computed.gone).copied().map(IdOf);
    diesel::delete(timetable_states::table.filter(timetable_states::action_id.eq_any(before))).execute(&mut **tx)?;
    let mut rows = Vec::with_capacity(changed.len());
    for (action, told, change) in computed.changes.iter().filter(|(action, ..)| there.contains(action)) {
        let audience = audiences.remove(&action.uuid()).unwrap_or_default();
        record_timetable(tx, *action, told.version, audience, *change);
        rows.push(Row::new(*action, *told, tx.now));
    }
    if !rows.is_empty() {
        let db: &mut Db = tx;
        each!(db => diesel::insert_into(timetable_states::table).values(&rows).execute(db))?;
    }
    Ok(true)
}

/// Keeps these actions as they are until the transaction ends, in the order of their identifiers: nobody who may not
/// see an action any more is told of it, and what happens to it next stands after this in the feed. Answers those that
/// are there.
fn lock(tx: &mut Tx<'_>, ids: &[ActionId]) -> Result<BTreeSet<ActionId>, Error> {
    let there: Vec<IdOf<ActionId>> = actions::table
        .filter(actions::id.eq_any(ids.iter().copied().map(IdOf)))
        .order(actions::id)
        .select(actions::id)
        .for_share_of_engine()
        .get_results(&mut **tx)?;
    Ok(there.into_iter().map(|id| id.0).collect())
}
