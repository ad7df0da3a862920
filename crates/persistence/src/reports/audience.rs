//! Who sees the reports on an action, when that changes with the action.

use super::{Row, changed, programme};
use crate::changes::{AnyId, record};
use crate::dialect::DialectExt;
use crate::schema::{audiences, reports};
use crate::sql_types::{At, IdOf, Word};
use crate::{Error, Tx};
use diesel::prelude::*;
use std::collections::{BTreeSet, HashMap};
use yhteen_domain::audience::Audience;
use yhteen_domain::ids::{ActionId, Id, OrganisationId, ProgrammeId};
use yhteen_domain::reports::{ActionSeen, Report, ReportState};

/// Gives the reports on an action the audiences that follow from who sees the action now and who is accountable for
/// it. To be called in the transaction that changes either, after the action was locked: then no report on it is
/// submitted or reviewed meanwhile. A report whose audience changes has a new version and the event
/// `report.audience_changed`; drafts belong to their authors alone, whatever the action does.
pub fn follow_action(
    tx: &mut Tx<'_>,
    action: ActionId,
    action_audience: &Audience,
    accountable: OrganisationId,
) -> Result<(), Error> {
    let rows: Vec<(Row, IdOf<ProgrammeId>)> = reports::table
        .filter(reports::action_id.eq(IdOf(action)))
        .filter(reports::state.ne(Word(ReportState::Draft)))
        .order(reports::id)
        .select((Row::as_select(), programme()))
        .for_update_of_engine()
        .load(&mut **tx)?;
    if rows.is_empty() {
        return Ok(());
    }
    let seen = ActionSeen { audience: action_audience.clone(), accountable: Some(accountable) };
    let mut before = keys_of(tx, rows.iter().map(|(row, _)| row.id.0.uuid()))?;
    for (row, programme) in rows {
        let report = row.of(programme.0);
        let audience = report.audience(&seen);
        let wanted: BTreeSet<String> = audience.keys().map(|key| key.to_string()).collect();
        if before.remove(&report.id.uuid()).unwrap_or_default() != wanted {
            move_to(tx, report, audience)?;
        }
    }
    Ok(())
}

fn move_to(tx: &mut Tx<'_>, report: Report, audience: Audience) -> Result<(), Error> {
    let report = Report { meta: report.meta.changed(tx.now), ..report };
    diesel::update(reports::table.find(IdOf(report.id)))
        .set((reports::version.eq(report.meta.version), reports::updated_at.eq(At::from(report.meta.updated_at))))
        .execute(&mut **tx)?;
    record(tx, "report.audience_changed", changed(&report), audience)?;
    Ok(())
}

fn keys_of(
    tx: &mut Tx<'_>,
    ids: impl Iterator<Item = uuid::Uuid>,
) -> Result<HashMap<uuid::Uuid, BTreeSet<String>>, Error> {
    let ids: Vec<_> = ids.map(|id| IdOf(AnyId::from_uuid(id))).collect();
    let rows: Vec<(IdOf<AnyId>, String)> = audiences::table
        .filter(audiences::aggregate_id.eq_any(ids))
        .select((audiences::aggregate_id, audiences::audience_key))
        .load(&mut **tx)?;
    let mut found: HashMap<_, BTreeSet<String>> = HashMap::new();
    for (id, key) in rows {
        found.entry(id.0.uuid()).or_default().insert(key);
    }
    Ok(found)
}
