//! SQLite's one writer: a thread that owns the writing connection and commits what waits together.

use super::Address;
use crate::connection::Isolation;
use crate::{Db, Error};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::oneshot;

/// How many jobs are committed together at most.
const GROUP: usize = 256;

/// What to do once the fate of the batch is known.
type Reply = Box<dyn FnOnce(Result<(), &str>) + Send>;
/// A job answers, too, whether the transaction that it ran in is still there.
type Job = Box<dyn FnOnce(&mut Db) -> (Reply, bool) + Send>;

/// One thread that owns the only writing connection and commits the waiting jobs together, each in a savepoint of
/// its own, answering after COMMIT.
#[derive(Clone)]
pub(super) struct GroupCommit(Sender<Job>);

impl GroupCommit {
    pub(super) fn start(address: Address) -> Result<Self, Error> {
        let mut db = address.connect().map_err(|error| Error::Unavailable(error.to_string()))?;
        let (sender, jobs) = channel();
        std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || {
                while let Ok(first) = jobs.recv() {
                    // What a failed batch leaves of its connection is not worth finding out.
                    if !commit_together(&mut db, first, &jobs) {
                        match address.connect() {
                            Ok(fresh) => db = fresh,
                            Err(error) => log::error!("the writer cannot open the database again: {error}"),
                        }
                    }
                }
            })
            .map_err(|error| Error::Unavailable(error.to_string()))?;
        Ok(Self(sender))
    }

    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Db) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let stopped = || Error::Unavailable("the writer has stopped".into());
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |db| {
            let guarded = |db: &mut Db| catch_unwind(AssertUnwindSafe(|| work(db))).unwrap_or(Err(Error::Panicked));
            let (outcome, intact) = db.in_savepoint(guarded);
            let reply: Reply = Box::new(move |fate| {
                let told = match (outcome, fate) {
                    (Ok(_), Err(why)) => Err(Error::Unavailable(why.to_owned())),
                    (outcome, _) => outcome,
                };
                if answer.send(told).is_err() {
                    log::debug!("nobody waits for the answer of a write any more");
                }
            });
            (reply, intact)
        });
        self.0.send(job).map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }
}

/// Answers whether the batch was committed.
fn commit_together(db: &mut Db, first: Job, jobs: &Receiver<Job>) -> bool {
    let mut replies: Vec<Reply> = Vec::new();
    let mut next = Some(first);
    let fate = db.isolated(Isolation::Write, |db| {
        while let Some(job) = next.take() {
            let (reply, intact) = job(db);
            replies.push(reply);
            // A full or failing disk rolls back the whole batch, with all that went before. Whatever came after would
            // run in no transaction at all, so it waits for the next one.
            if !intact {
                return Err(diesel::result::Error::BrokenTransactionManager);
            }
            if replies.len() < GROUP {
                next = jobs.try_recv().ok();
            }
        }
        Ok(())
    });
    let fate = fate.map_err(|error: diesel::result::Error| error.to_string());
    // Where BEGIN itself failed, the first job has not run: it hears of it when it is dropped.
    for reply in replies {
        reply(fate.as_ref().copied().map_err(String::as_str));
    }
    fate.is_ok()
}
