//! What actions and their participants have been, and when: who owes a report is asked of the days of a period.

use super::Participant;
use crate::dialect::each;
use crate::schema::{action_status_history as statuses, actions, organisations, participant_history as parts};
use crate::scope::{Scope, visible};
use crate::sql_types::{At, IdOf, Word};
use crate::{Db, Error, Tx};
use diesel::prelude::*;
use yhteen_domain::actions::Action;
use yhteen_domain::actions::participants::{Commitment, ParticipantRole};
use yhteen_domain::ids::{ActionId, OrganisationId, ProgrammeId};
use yhteen_domain::owed_reports::{Days, History, Life, Lives, Part, RUNNING, Running};
use yhteen_domain::time::{Date, midnight};

#[derive(Debug, Insertable)]
#[diesel(table_name = parts, treat_none_as_default_value = false)]
struct NewPart {
    action_id: IdOf<ActionId>,
    organisation_id: IdOf<OrganisationId>,
    version: i64,
    accountable: bool,
    implementing: bool,
    funding: bool,
    supporting: bool,
    consulted: bool,
    commitment: Word<Commitment>,
    since: At,
}

impl NewPart {
    fn of(action: &Action, participant: &Participant) -> Self {
        let Participant { organisation_id, roles, commitment, invited_at: _, answered_at: _ } = participant;
        let has = |role| roles.contains(&role);
        Self {
            action_id: IdOf(action.id),
            organisation_id: IdOf(*organisation_id),
            version: action.meta.version,
            accountable: has(ParticipantRole::Accountable),
            implementing: has(ParticipantRole::Implementing),
            funding: has(ParticipantRole::Funding),
            supporting: has(ParticipantRole::Supporting),
            consulted: has(ParticipantRole::Consulted),
            commitment: Word(*commitment),
            since: action.meta.updated_at.into(),
        }
    }
}

/// Keeps the status that an action has from its present version on, if it is another than before.
pub(super) fn keep_status(tx: &mut Tx<'_>, action: &Action) -> Result<(), Error> {
    let at = At::from(action.meta.updated_at);
    let ended = diesel::update(statuses::table)
        .filter(statuses::action_id.eq(IdOf(action.id)))
        .filter(statuses::until.is_null())
        .filter(statuses::status.ne(Word(action.status)))
        .set(statuses::until.eq(at))
        .execute(&mut **tx)?;
    if ended > 0 || action.meta.version == 1 {
        diesel::insert_into(statuses::table)
            .values((
                statuses::action_id.eq(IdOf(action.id)),
                statuses::version.eq(action.meta.version),
                statuses::status.eq(Word(action.status)),
                statuses::since.eq(at),
            ))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// Keeps what the participants are from the action's present version on, of those who were something else before.
pub(super) fn keep_parts(tx: &mut Tx<'_>, action: &Action, before: &[Participant]) -> Result<(), Error> {
    let same = |one: &Participant, other: &Participant| {
        (one.organisation_id, one.commitment, &one.roles) == (other.organisation_id, other.commitment, &other.roles)
    };
    let unless_among =
        |participant: &&Participant, among: &[Participant]| !among.iter().any(|it| same(it, participant));
    let over: Vec<_> = before
        .iter()
        .filter(|participant| unless_among(participant, &action.participants))
        .map(|participant| IdOf(participant.organisation_id))
        .collect();
    if !over.is_empty() {
        diesel::update(parts::table)
            .filter(parts::action_id.eq(IdOf(action.id)))
            .filter(parts::organisation_id.eq_any(over))
            .filter(parts::until.is_null())
            .set(parts::until.eq(At::from(action.meta.updated_at)))
            .execute(&mut **tx)?;
    }
    let new: Vec<_> = action
        .participants
        .iter()
        .filter(|participant| unless_among(participant, before))
        .map(|participant| NewPart::of(action, participant))
        .collect();
    if !new.is_empty() {
        let db: &mut Db = tx;
        each!(db => diesel::insert_into(parts::table).values(&new).execute(db))?;
    }
    Ok(())
}

/// Removes the history of an action.
pub(super) fn delete(tx: &mut Tx<'_>, action: ActionId) -> Result<(), Error> {
    diesel::delete(parts::table.filter(parts::action_id.eq(IdOf(action)))).execute(&mut **tx)?;
    diesel::delete(statuses::table.filter(statuses::action_id.eq(IdOf(action)))).execute(&mut **tx)?;
    Ok(())
}

/// Of which actions the history is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) enum HistoryOf<'a> {
    /// This one, whoever sees it.
    Action(ActionId),
    /// Those of a programme that the reader sees.
    Programme(ProgrammeId, &'a Scope),
}

/// Restricts a boxed query on a history to the actions that are asked for.
macro_rules! of_actions {
    ($query:expr, $of:expr, $action_id:expr) => {
        match $of {
            HistoryOf::Action(id) => $query.filter($action_id.eq(IdOf(id))),
            HistoryOf::Programme(programme, scope) => {
                let seen = actions::table
                    .filter(actions::programme_id.eq(IdOf(programme)))
                    .filter(visible!(scope, actions::id))
                    .select(actions::id);
                $query.filter($action_id.eq_any(seen))
            }
        }
    };
}

/// What actions and their participants were on some of these days: three statements however many they are.
pub(crate) fn history(db: &mut Db, of: HistoryOf<'_>, from: Date, to: Date) -> Result<History, Error> {
    type Found = (IdOf<ActionId>, At, Option<At>);
    type FoundPart = (IdOf<ActionId>, IdOf<OrganisationId>, bool, bool, bool, At, Option<At>);
    let begin = At::from(midnight(from));
    let end = At::from(midnight(to.succ_opt().unwrap_or(to)));
    let running = statuses::table
        .filter(statuses::status.eq_any(RUNNING.map(Word)))
        .filter(statuses::since.lt(end))
        .filter(statuses::until.is_null().or(statuses::until.ge(begin)))
        .select((statuses::action_id, statuses::since, statuses::until))
        .into_boxed();
    let running: Vec<Found> = of_actions!(running, of, statuses::action_id).load(db)?;
    let committed = parts::table
        .filter(parts::commitment.eq(Word(Commitment::Committed)))
        .filter(parts::since.lt(end))
        .filter(parts::until.is_null().or(parts::until.ge(begin)))
        .select((
            parts::action_id,
            parts::organisation_id,
            parts::accountable,
            parts::implementing,
            parts::funding,
            parts::since,
            parts::until,
        ))
        .into_boxed();
    let committed: Vec<FoundPart> = of_actions!(committed, of, parts::action_id).load(db)?;
    Ok(History {
        running: running
            .into_iter()
            .map(|(action, since, until)| Running { action_id: action.0, days: days(since, until) })
            .collect(),
        parts: committed
            .into_iter()
            .map(|(action, organisation, accountable, implementing, funding, since, until)| Part {
                action_id: action.0,
                organisation_id: organisation.0,
                days: days(since, until),
                owes: accountable || implementing || funding,
            })
            .collect(),
        lives: lives(db)?,
    })
}

fn days(since: At, until: Option<At>) -> Days {
    Days::touched(since.get(), until.map(At::get))
}

/// Of the organisations whose existence has an end that is known, when they exist and who succeeds them.
fn lives(db: &mut Db) -> Result<Lives, Error> {
    type Found = (IdOf<OrganisationId>, Option<Date>, Option<Date>, Option<IdOf<OrganisationId>>, Option<Date>);
    let found: Vec<Found> = organisations::table
        .filter(
            organisations::valid_from
                .is_not_null()
                .or(organisations::valid_to.is_not_null())
                .or(organisations::successor_id.is_not_null()),
        )
        .select((
            organisations::id,
            organisations::valid_from,
            organisations::valid_to,
            organisations::successor_id,
            organisations::succeeded_on,
        ))
        .load(db)?;
    Ok(found
        .into_iter()
        .map(|(id, valid_from, valid_to, successor, succeeded_on)| {
            let successor = successor.map(|it| it.0).zip(succeeded_on);
            (id.0, Life { valid_from, valid_to, successor })
        })
        .collect())
}
