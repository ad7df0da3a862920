//! The worker that tells of changed timetables: after the commit of whatever may have changed them, and once a day,
//! since time changes them too.
//!
//! It follows the change feed. A round looks at what has happened since, computes the timetables that this concerns on
//! one snapshot, compares them with what was told before, and writes what differs, the events and how far it has come
//! in one short transaction. The row of the worker counts its writes: a process that has read another number than it
//! finds gives up its round, so that whatever processes there are, each change is told once and in order.

mod compute;
mod look;
mod settle;
mod worker;

use crate::{Actor, Error, Store};
use compute::compute;
use look::{Look, look};
use settle::settle;
use worker::Worker;
use yhteen_domain::time::Instant;

/// How many actions are computed and settled together.
const CHUNK: usize = 200;

/// What has become of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Round {
    /// There was nothing to do.
    Idle,
    /// It is another process's turn.
    Elsewhere,
    /// Something was done, and there may be more.
    Done,
}

/// One round of the worker, in the name of the process `holder`. What was begun and not ended, for what reason
/// whatever, the next round does anew; what it has told already is not told again.
///
/// # Errors
/// As the store: nothing is lost by it.
pub async fn round(store: &Store, holder: uuid::Uuid, now: impl Fn() -> Instant) -> Result<Round, Error> {
    let at = now();
    let Look { mut worker, work } = store.read(move |db| look(db, at)).await?;
    let Some(work) = work else { return Ok(Round::Idle) };
    if worker.is_held_by_another(holder, at) {
        return Ok(Round::Elsewhere);
    }
    if worker.wants_lease(holder, at) {
        worker = worker.held(holder, at);
        if !store.write(Actor::default(), at, move |tx| worker.save(tx)).await? {
            return Ok(Round::Elsewhere);
        }
    }
    let mut chunks = work.actions.chunks(CHUNK).map(<[_]>::to_vec).peekable();
    loop {
        // There may be none, where the worker only moves on.
        let chunk = chunks.next().unwrap_or_default();
        let at = now();
        let computed = store.read(move |db| compute(db, &chunk, at)).await?;
        let is_last = chunks.peek().is_none();
        if !is_last && computed.says_nothing() && !worker.wants_lease(holder, at) {
            continue;
        }
        worker = worker.held(holder, at);
        if is_last {
            worker = worker.moved(work.position, work.ticked_on);
        }
        if !store.write(Actor::default(), at, move |tx| settle(tx, worker, &computed)).await? {
            return Ok(Round::Elsewhere);
        }
        if is_last {
            return Ok(Round::Done);
        }
    }
}

/// Leaves the work to other processes at once, for a process that is about to stop.
///
/// # Errors
/// As the store: then the others wait until its time is over.
pub async fn leave(store: &Store, holder: uuid::Uuid, now: Instant) -> Result<(), Error> {
    let worker = store.read(Worker::read).await?;
    if worker.is_held_by(holder) {
        store.write(Actor::default(), now, move |tx| worker.left().save(tx)).await?;
    }
    Ok(())
}
