//! The row of the worker: how far it has come, and which process does its work.

use crate::changes::AnyId;
use crate::schema::workers;
use crate::sql_types::{At, IdOf};
use crate::{Db, Error, Tx};
use chrono::TimeDelta;
use diesel::prelude::*;
use yhteen_domain::changes::Position;
use yhteen_domain::ids::Id;
use yhteen_domain::time::{Date, Instant};

const NAME: &str = "timetables";

/// For how long a process has the work after each of its writes: as long may pass before another goes on where it was
/// killed.
const LEASE: TimeDelta = TimeDelta::seconds(15);

/// How far the worker has come, and who does its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Worker {
    /// Counts the writes of this row.
    round: i64,
    /// What has happened until here has been looked at.
    pub(super) position: Position,
    /// The process, and until when.
    lease: Option<(uuid::Uuid, Instant)>,
    /// The last day on which everything was looked at; nothing where it is to begin anew.
    pub(super) ticked_on: Option<Date>,
}

#[derive(Debug, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = workers, treat_none_as_null = true)]
struct Row {
    round: i64,
    position_transaction: i64,
    position_sequence: i64,
    holder: Option<IdOf<AnyId>>,
    held_until: Option<At>,
    ticked_on: Option<Date>,
}

impl Worker {
    /// As it stands.
    pub(super) fn read(db: &mut Db) -> Result<Self, Error> {
        let row: Row = workers::table.find(NAME).select(Row::as_select()).first(db)?;
        Ok(Self {
            round: row.round,
            position: Position { transaction: row.position_transaction, sequence: row.position_sequence },
            lease: row.holder.map(|holder| holder.0.uuid()).zip(row.held_until.map(At::get)),
            ticked_on: row.ticked_on,
        })
    }

    /// Keeps it as the next write after the one that was read; answers whether it is: if not, another process has been
    /// quicker, and nothing that was computed since may be written. Nothing but this number decides over that: the lease
    /// only keeps processes from doing the same work in vain.
    pub(super) fn save(self, tx: &mut Tx<'_>) -> Result<bool, Error> {
        let Self { round, position, lease, ticked_on } = self;
        let row = Row {
            round,
            position_transaction: position.transaction,
            position_sequence: position.sequence,
            holder: lease.map(|(holder, _)| IdOf(AnyId::from_uuid(holder))),
            held_until: lease.map(|(_, until)| until.into()),
            ticked_on,
        };
        let before = workers::table.find(NAME).filter(workers::round.eq(round - 1));
        Ok(diesel::update(before).set(row).execute(&mut **tx)? == 1)
    }

    /// Whether another process has the work. A time that lies too far ahead was set by a clock that was wrong, and is
    /// not waited for.
    pub(super) fn is_held_by_another(self, holder: uuid::Uuid, now: Instant) -> bool {
        self.lease.is_some_and(|(other, until)| other != holder && now < until && until <= now + LEASE)
    }

    /// Whether this process has the work, or had it last.
    pub(super) fn is_held_by(self, holder: uuid::Uuid) -> bool {
        self.lease.is_some_and(|(other, _)| other == holder)
    }

    /// Whether a process that has the work, or may have it, must say so before it goes on.
    pub(super) fn wants_lease(self, holder: uuid::Uuid, now: Instant) -> bool {
        !self.lease.is_some_and(|(own, until)| own == holder && now + LEASE / 2 < until)
    }

    /// The next write, by a process that has the work from now on.
    pub(super) fn held(self, holder: uuid::Uuid, now: Instant) -> Self {
        Self { round: self.round + 1, lease: Some((holder, now + LEASE)), ..self }
    }

    /// The same write, where the worker has come to the end of its work.
    pub(super) fn moved(self, position: Position, ticked_on: Date) -> Self {
        Self { position, ticked_on: Some(ticked_on), ..self }
    }

    /// The next write, by a process that leaves the work to others.
    pub(super) fn left(self) -> Self {
        Self { round: self.round + 1, lease: None, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_process_at_a_time_has_the_work() {
        let (one, other) = (uuid::Uuid::from_u128(1), uuid::Uuid::from_u128(2));
        let at = |seconds| Instant::UNIX_EPOCH + TimeDelta::seconds(seconds);
        let free = Worker { round: 4, position: Position::default(), lease: None, ticked_on: None };
        assert!(!free.is_held_by_another(one, at(0)) && free.wants_lease(one, at(0)));
        let held = free.held(one, at(0));
        assert_eq!(held.round, 5);
        assert!(held.is_held_by_another(other, at(14)) && !held.is_held_by_another(one, at(14)));
        assert!(!held.wants_lease(one, at(7)) && held.wants_lease(one, at(8)) && held.wants_lease(other, at(0)));
        // It was killed, or another clock goes quite differently.
        assert!(!held.is_held_by_another(other, at(15)));
        assert!(!held.is_held_by_another(other, at(-1)));
        assert!(!held.left().is_held_by_another(other, at(1)) && held.left().round == 6);
    }
}
