//! Counting against the quotas, in the transaction that adds. What is counted is exact, also where many add at once:
//! whoever counts for one owner waits until those who counted for it before have ended.

use crate::schema::{calendar_feeds as feeds, decision_steps, meetings, participants, principals};
use crate::sql_types::{At, IdOf, Word};
use crate::{Db, Error, Tx};
use diesel::prelude::*;
use diesel::sql_types::Integer;
use std::collections::BTreeMap;
use uuid::Uuid;
use yhteen_domain::accounts::AccountKind;
use yhteen_domain::ids::{ActionId, BodyId, Id, OrganisationId};
use yhteen_domain::quotas::Quota;
use yhteen_domain::time::{Date, midnight};

/// The first of the numbers of our advisory locks, one for each quota.
const LOCKS: i32 = 7_947_840;

/// Waits for those who count for the same owner, and keeps others waiting until the transaction ends.
fn take_turn(tx: &mut Tx<'_>, quota: Quota, owner: Uuid) -> Result<(), Error> {
    match &mut **tx {
        // Its one writer is alone.
        Db::Sqlite(_) => {}
        Db::Postgres(c) => {
            // The last octets of an identifier are random. Two owners that share them wait for each other, no more.
            let (_, _, _, [_, _, _, _, last @ ..]) = owner.as_fields();
            diesel::sql_query("SELECT pg_advisory_xact_lock($1, $2)")
                .bind::<Integer, _>(LOCKS + quota as i32)
                .bind::<Integer, _>(i32::from_be_bytes(*last))
                .execute(c)?;
        }
    }
    Ok(())
}

/// Refuses what is too much for an owner.
fn require(
    tx: &mut Tx<'_>,
    quota: Quota,
    owner: Uuid,
    more: u32,
    count: impl FnOnce(&mut Db) -> QueryResult<i64>,
) -> Result<(), Error> {
    take_turn(tx, quota, owner)?;
    let used = u32::try_from(count(tx)?).unwrap_or(u32::MAX);
    Ok(tx.quotas.require_room(quota, used, more)?)
}

/// Refuses meetings of a body where it has too many in a year; `more` are the meetings to come by their years.
pub fn require_meetings(tx: &mut Tx<'_>, body: BodyId, more: &BTreeMap<i32, u32>) -> Result<(), Error> {
    for (year, more) in more {
        let first = |year| Date::from_ymd_opt(year, 1, 1).map_or(At::from(tx.now), |day| At::from(midnight(day)));
        let (from, before) = (first(*year), first(year + 1));
        require(tx, Quota::MeetingsPerBodyAndYear, body.uuid(), *more, |db| {
            meetings::table
                .filter(meetings::body_id.eq(IdOf(body)))
                .filter(meetings::starts_at.ge(from).and(meetings::starts_at.lt(before)))
                .count()
                .get_result(db)
        })?;
    }
    Ok(())
}

/// Refuses another action where the organisation is accountable for too many.
pub(crate) fn require_action(tx: &mut Tx<'_>, accountable: OrganisationId) -> Result<(), Error> {
    require(tx, Quota::ActionsPerOrganisation, accountable.uuid(), 1, |db| {
        participants::table
            .filter(participants::organisation_id.eq(IdOf(accountable)))
            .filter(participants::accountable)
            .count()
            .get_result(db)
    })
}

/// Refuses another decision step where the action has too many.
pub(crate) fn require_step(tx: &mut Tx<'_>, action: ActionId) -> Result<(), Error> {
    require(tx, Quota::StepsPerAction, action.uuid(), 1, |db| {
        decision_steps::table.filter(decision_steps::action_id.eq(IdOf(action))).count().get_result(db)
    })
}

/// Refuses another calendar feed where the accounts of the organisation have too many.
pub(crate) fn require_feed(tx: &mut Tx<'_>, organisation: OrganisationId) -> Result<(), Error> {
    require(tx, Quota::FeedsPerOrganisation, organisation.uuid(), 1, |db| {
        feeds::table
            .inner_join(principals::table)
            .filter(principals::organisation_id.eq(IdOf(organisation)))
            .count()
            .get_result(db)
    })
}

/// Refuses another active client where the organisation has too many.
pub fn require_client(tx: &mut Tx<'_>, organisation: OrganisationId) -> Result<(), Error> {
    require(tx, Quota::ClientsPerOrganisation, organisation.uuid(), 1, |db| {
        principals::table
            .filter(principals::organisation_id.eq(IdOf(organisation)))
            .filter(principals::kind.eq(Word(AccountKind::Client)))
            .filter(principals::deactivated_at.is_null())
            .count()
            .get_result(db)
    })
}
