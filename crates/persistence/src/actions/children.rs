//! The participants and goals of actions, read and written together with them.

use super::Participant;
use crate::dialect::each;
use crate::error::OnViolation;
use crate::schema::{action_goals, participants};
use crate::sql_types::{At, IdOf, Word};
use crate::{Db, Error, Tx};
use diesel::prelude::*;
use std::collections::BTreeMap;
use yhteen_domain::actions::Action;
use yhteen_domain::actions::participants::{Commitment, ParticipantRole};
use yhteen_domain::ids::{ActionId, GoalId, OrganisationId};
use yhteen_domain::vocabulary::Vocabulary;

/// What belongs to one action.
#[derive(Debug, Default)]
pub(super) struct Children {
    /// In the order of their organisations' identifiers.
    pub(super) participants: Vec<Participant>,
    /// In the order of their identifiers.
    pub(super) goals: Vec<GoalId>,
}

#[derive(Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = participants, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    action_id: IdOf<ActionId>,
    organisation_id: IdOf<OrganisationId>,
    accountable: bool,
    implementing: bool,
    funding: bool,
    supporting: bool,
    consulted: bool,
    commitment: Word<Commitment>,
    invited_at: At,
    answered_at: Option<At>,
}

impl Row {
    fn of(action: ActionId, participant: &Participant) -> Self {
        let Participant { organisation_id, roles, commitment, invited_at, answered_at } = participant;
        let has = |role| roles.contains(&role);
        Self {
            action_id: IdOf(action),
            organisation_id: IdOf(*organisation_id),
            accountable: has(ParticipantRole::Accountable),
            implementing: has(ParticipantRole::Implementing),
            funding: has(ParticipantRole::Funding),
            supporting: has(ParticipantRole::Supporting),
            consulted: has(ParticipantRole::Consulted),
            commitment: Word(*commitment),
            invited_at: (*invited_at).into(),
            answered_at: answered_at.map(At::from),
        }
    }
}

impl From<Row> for Participant {
    fn from(row: Row) -> Self {
        let has = |role: &ParticipantRole| match role {
            ParticipantRole::Accountable => row.accountable,
            ParticipantRole::Implementing => row.implementing,
            ParticipantRole::Funding => row.funding,
            ParticipantRole::Supporting => row.supporting,
            ParticipantRole::Consulted => row.consulted,
        };
        Self {
            organisation_id: row.organisation_id.0,
            roles: ParticipantRole::ALL.iter().copied().filter(has).collect(),
            commitment: row.commitment.0,
            invited_at: row.invited_at.get(),
            answered_at: row.answered_at.map(At::get),
        }
    }
}

/// The participants and goals of these actions, in two statements however many they are, and none where there are none.
pub(super) fn children(db: &mut Db, ids: &[ActionId]) -> Result<BTreeMap<ActionId, Children>, Error> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let actions: Vec<_> = ids.iter().copied().map(IdOf).collect();
    let rows: Vec<Row> = participants::table
        .filter(participants::action_id.eq_any(&actions))
        .order((participants::action_id, participants::organisation_id))
        .select(Row::as_select())
        .load(db)?;
    let goals: Vec<(IdOf<ActionId>, IdOf<GoalId>)> = action_goals::table
        .filter(action_goals::action_id.eq_any(&actions))
        .order((action_goals::action_id, action_goals::goal_id))
        .select((action_goals::action_id, action_goals::goal_id))
        .load(db)?;
    let mut children: BTreeMap<ActionId, Children> = BTreeMap::new();
    for row in rows {
        children.entry(row.action_id.0).or_default().participants.push(row.into());
    }
    for (action, goal) in goals {
        children.entry(action.0).or_default().goals.push(goal.0);
    }
    Ok(children)
}

/// Writes what differs between `before` and the action's own.
pub(super) fn write(tx: &mut Tx<'_>, action: &Action, before: &Children) -> Result<(), Error> {
    write_participants(tx, action, &before.participants)?;
    write_goals(tx, action, &before.goals)
}

fn write_participants(tx: &mut Tx<'_>, action: &Action, before: &[Participant]) -> Result<(), Error> {
    let find = |among: &[Participant], id| among.iter().any(|participant| participant.organisation_id == id);
    let gone: Vec<_> = before
        .iter()
        .map(|participant| participant.organisation_id)
        .filter(|id| !find(&action.participants, *id))
        .map(IdOf)
        .collect();
    if !gone.is_empty() {
        diesel::delete(participants::table)
            .filter(participants::action_id.eq(IdOf(action.id)))
            .filter(participants::organisation_id.eq_any(gone))
            .execute(&mut **tx)?;
    }
    let (known, new): (Vec<&Participant>, Vec<_>) =
        action.participants.iter().partition(|participant| find(before, participant.organisation_id));
    for participant in known.into_iter().filter(|participant| !before.contains(participant)) {
        diesel::update(participants::table.find((IdOf(action.id), IdOf(participant.organisation_id))))
            .set(Row::of(action.id, participant))
            .execute(&mut **tx)?;
    }
    let new: Vec<_> = new.into_iter().map(|participant| Row::of(action.id, participant)).collect();
    if !new.is_empty() {
        let db: &mut Db = tx;
        each!(db => diesel::insert_into(participants::table).values(&new).execute(db))
            .on_reference(|| crate::dangling("/organisation_id"))?;
    }
    Ok(())
}

fn write_goals(tx: &mut Tx<'_>, action: &Action, before: &[GoalId]) -> Result<(), Error> {
    let after = &action.details.goals;
    let gone: Vec<_> = before.iter().filter(|goal| !after.contains(goal)).copied().map(IdOf).collect();
    if !gone.is_empty() {
        diesel::delete(action_goals::table)
            .filter(action_goals::action_id.eq(IdOf(action.id)))
            .filter(action_goals::goal_id.eq_any(gone))
            .execute(&mut **tx)?;
    }
    let come: Vec<_> = after
        .iter()
        .filter(|goal| !before.contains(goal))
        .map(|goal| (action_goals::action_id.eq(IdOf(action.id)), action_goals::goal_id.eq(IdOf(*goal))))
        .collect();
    if !come.is_empty() {
        let db: &mut Db = tx;
        each!(db => diesel::insert_into(action_goals::table).values(&come).execute(db))
            .on_reference(|| crate::dangling("/goals"))?;
    }
    Ok(())
}

/// Removes the participants and goals of an action.
pub(super) fn delete(tx: &mut Tx<'_>, action: ActionId) -> Result<(), Error> {
    diesel::delete(participants::table.filter(participants::action_id.eq(IdOf(action)))).execute(&mut **tx)?;
    diesel::delete(action_goals::table.filter(action_goals::action_id.eq(IdOf(action)))).execute(&mut **tx)?;
    Ok(())
}
