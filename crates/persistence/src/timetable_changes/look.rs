//! What there is to do: the actions whose timetables may have changed since the worker looked last.

use super::worker::Worker;
use crate::changes::{self, AnyId, Happened};
use crate::schema::{actions, bodies, decision_steps, meetings, timetable_states};
use crate::sql_types::IdOf;
use crate::{Db, Error};
use diesel::prelude::*;
use std::collections::BTreeSet;
use yhteen_domain::changes::{AggregateType, Position};
use yhteen_domain::ids::{ActionId, BodyId, Id};
use yhteen_domain::time::{Date, Instant, date_of};

/// How many events are looked at in one round.
const BATCH: usize = 500;

/// The worker as it stands, and what it has to do.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) worker: Worker,
    pub(super) work: Option<Work>,
}

/// What the worker has to do, and where it stands once it has done it.
#[derive(Debug)]
pub(super) struct Work {
    /// The actions whose timetables are to be computed, in the order of their identifiers.
    pub(super) actions: Vec<ActionId>,
    pub(super) position: Position,
    pub(super) ticked_on: Date,
}

/// Finds out what there is to do, on one snapshot: whatever is not in it comes later in the feed.
pub(super) fn look(db: &mut Db, now: Instant) -> Result<Look, Error> {
    let worker = Worker::read(db)?;
    let today = date_of(now);
    let work = match worker.ticked_on {
        Some(on) if on >= today => {
            events(db, worker.position)?.map(|(actions, position)| Work { actions, position, ticked_on: on })
        }
        // Time alone may have changed them.
        Some(_) => Some(Work { actions: everything(db)?, position: worker.position, ticked_on: today }),
        // The position means nothing: once everything has been looked at, what is in this snapshot has been.
        None => Some(Work { actions: everything(db)?, position: changes::now(db)?, ticked_on: today }),
    };
    Ok(Look { worker, work })
}

/// All actions that have a timetable to speak of, or had one when it was told last. Two statements.
fn everything(db: &mut Db) -> Result<Vec<ActionId>, Error> {
    let planned = decision_steps::table
        .inner_join(actions::table)
        .filter(actions::status.ne_all(crate::decision_steps::over()))
        .select(decision_steps::action_id)
        .distinct();
    let planned: Vec<IdOf<ActionId>> = planned.load(db)?;
    let told: Vec<IdOf<ActionId>> = timetable_states::table.select(timetable_states::action_id).load(db)?;
    let all: BTreeSet<ActionId> = planned.into_iter().chain(told).map(|id| id.0).collect();
    Ok(all.into_iter().collect())
}

/// The actions that the events after the position concern, and the position after these. Nothing where none does: the
/// worker then stays where it is, so that whoever writes something else does not make it write, too, unless there is
/// so much of that that it had better not look at it again.
fn events(db: &mut Db, after: Position) -> Result<Option<(Vec<ActionId>, Position)>, Error> {
    let happened = changes::happened(db, after, BATCH)?;
    let Some(last) = happened.last() else { return Ok(None) };
    let actions = concerned(db, &happened)?;
    let moves = !actions.is_empty() || happened.len() == BATCH;
    Ok(moves.then_some((actions, last.position)))
}

/// The actions that the events concern, in the order of their identifiers: at most three statements.
fn concerned(db: &mut Db, happened: &[Happened]) -> Result<Vec<ActionId>, Error> {
    let of = |aggregate_type| {
        let these = happened.iter().filter(move |event| event.aggregate_type == aggregate_type);
        these.map(|event| event.id).collect::<BTreeSet<_>>()
    };
    let ids = |these: BTreeSet<uuid::Uuid>| these.into_iter().map(|id| IdOf(AnyId::from_uuid(id))).collect::<Vec<_>>();
    let mut on: BTreeSet<BodyId> = of(AggregateType::Body).into_iter().map(BodyId::from_uuid).collect();
    let moved = ids(of(AggregateType::Meeting));
    if !moved.is_empty() {
        let theirs = meetings::table.filter(meetings::id.eq_any(moved)).select(meetings::body_id).distinct();
        on.extend(theirs.load::<IdOf<BodyId>>(db)?.into_iter().map(|id| id.0));
    }
    // What sort of organisation it is picks the act whose periods apply.
    let changed = ids(of(AggregateType::Organisation));
    if !changed.is_empty() {
        let theirs = bodies::table.filter(bodies::organisation_id.eq_any(changed)).select(bodies::id);
        on.extend(theirs.load::<IdOf<BodyId>>(db)?.into_iter().map(|id| id.0));
    }
    let mut actions: BTreeSet<ActionId> = of(AggregateType::Action).into_iter().map(ActionId::from_uuid).collect();
    if !on.is_empty() {
        let theirs = decision_steps::table
            .inner_join(actions::table)
            .filter(decision_steps::body_id.eq_any(on.into_iter().map(IdOf)))
            .filter(actions::status.ne_all(crate::decision_steps::over()))
            .select(decision_steps::action_id)
            .distinct();
        actions.extend(theirs.load::<IdOf<ActionId>>(db)?.into_iter().map(|id| id.0));
    }
    Ok(actions.into_iter().collect())
}
