//! The actions that have a decision step on a body: they look different to whoever no longer sees it, or sees it now.

use crate::changes::{Changed, audiences_of, record_seen_by};
use crate::dialect::DialectExt;
use crate::schema::{actions, decision_steps};
use crate::sql_types::{At, IdOf};
use crate::{Error, Tx};
use diesel::prelude::*;
use yhteen_domain::changes::AggregateType;
use yhteen_domain::ids::{ActionId, BodyId, Id};

/// Locks the actions that have a step on the body, in the order of their identifiers.
pub(crate) fn lock_of_body(tx: &mut Tx<'_>, body: BodyId) -> Result<(), Error> {
    let own = decision_steps::table.filter(decision_steps::body_id.eq(IdOf(body))).select(decision_steps::action_id);
    let _locked: Vec<IdOf<ActionId>> = actions::table
        .filter(actions::id.eq_any(own))
        .order(actions::id)
        .select(actions::id)
        .for_update_of_engine()
        .get_results(&mut **tx)?;
    Ok(())
}

/// Records that other steps of these actions are opaque now, since others see their body. Who sees the actions is the
/// same as before.
pub(crate) fn record_steps_audience_changed(tx: &mut Tx<'_>, body: BodyId) -> Result<(), Error> {
    let own = decision_steps::table.filter(decision_steps::body_id.eq(IdOf(body))).select(decision_steps::action_id);
    let now = At::from(tx.now);
    let mut changed: Vec<(IdOf<ActionId>, i64)> = diesel::update(actions::table)
        .filter(actions::id.eq_any(own))
        .set((actions::version.eq(actions::version + 1), actions::updated_at.eq(now)))
        .returning((actions::id, actions::version))
        .get_results(&mut **tx)?;
    // The engines answer in no order of their own promise.
    changed.sort_unstable();
    let ids: Vec<_> = changed.iter().map(|(id, _)| id.0.uuid()).collect();
    let mut audiences = audiences_of(tx, &ids)?;
    for (id, version) in changed {
        let audience = audiences.remove(&id.0.uuid()).unwrap_or_default();
        let changed = Changed { aggregate_type: AggregateType::Action, id: id.0.uuid(), version };
        record_seen_by(tx, "action.steps_audience_changed", changed, audience.clone(), audience);
    }
    Ok(())
}
