//! Claims for rectification and appeals in the database.

use crate::decision_steps::{Of, load_of};
use crate::schema::remedy_claims;
use crate::sql_types::{At, IdOf, Word};
use crate::{Db, Error, Tx};
use diesel::prelude::*;
use std::collections::BTreeMap;
use yhteen_domain::decision_steps::DecisionStep;
use yhteen_domain::ids::{HandlingId, RemedyClaimId, StepId};
use yhteen_domain::remedy_claims::{Claim, Ruling, RulingOutcome};
use yhteen_domain::time::Date;
use yhteen_domain::vocabulary::Remedy;

#[derive(Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = remedy_claims, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: IdOf<RemedyClaimId>,
    step_id: IdOf<StepId>,
    handling_id: IdOf<HandlingId>,
    kind: Word<Remedy>,
    filed_on: Date,
    ruling: Option<Word<RulingOutcome>>,
    ruled_on: Option<Date>,
    created_at: At,
    updated_at: At,
}

impl From<&Claim> for Row {
    fn from(claim: &Claim) -> Self {
        let Claim { id, step_id, handling_id, kind, filed_on, ruling, created_at, updated_at } = claim.clone();
        Self {
            id: IdOf(id),
            step_id: IdOf(step_id),
            handling_id: IdOf(handling_id),
            kind: Word(kind),
            filed_on,
            ruling: ruling.map(|ruling| Word(ruling.outcome)),
            ruled_on: ruling.map(|ruling| ruling.on),
            created_at: created_at.into(),
            updated_at: updated_at.into(),
        }
    }
}

impl From<Row> for Claim {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.0,
            step_id: row.step_id.0,
            handling_id: row.handling_id.0,
            kind: row.kind.0,
            filed_on: row.filed_on,
            ruling: row.ruling.zip(row.ruled_on).map(|(outcome, on)| Ruling { outcome: outcome.0, on }),
            created_at: row.created_at.get(),
            updated_at: row.updated_at.get(),
        }
    }
}

/// The claims against decisions of the steps that are asked for, in the order in which they came. One statement.
pub(crate) fn of(db: &mut Db, of: Of<'_>) -> Result<BTreeMap<StepId, Vec<Claim>>, Error> {
    let rows: Vec<Row> = load_of!(db, of, |wanted| remedy_claims::table
        .inner_join(decision_steps::table)
        .filter(decision_steps::action_id.eq_any(wanted))
        .order(remedy_claims::id)
        .select(Row::as_select()))?;
    let mut claims: BTreeMap<StepId, Vec<Claim>> = BTreeMap::new();
    for row in rows {
        claims.entry(row.step_id.0).or_default().push(row.into());
    }
    Ok(claims)
}

/// Keeps what has changed of a step's claims.
pub(crate) fn save(tx: &mut Tx<'_>, before: &DecisionStep, step: &DecisionStep) -> Result<(), Error> {
    let known: BTreeMap<RemedyClaimId, &Claim> = before.claims.iter().map(|old| (old.id, old)).collect();
    for claim in &step.claims {
        match known.get(&claim.id) {
            None => {
                diesel::insert_into(remedy_claims::table).values(Row::from(claim)).execute(&mut **tx)?;
            }
            Some(old) if *old != claim => {
                let row = remedy_claims::table.find(IdOf(claim.id));
                diesel::update(row).set(Row::from(claim)).execute(&mut **tx)?;
            }
            Some(_) => {}
        }
    }
    Ok(())
}
