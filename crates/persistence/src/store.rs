//! The one door to the database: `read` and `write`, whichever the engine.
//!
//! - SQLite: readers from a pool beside one thread that owns the writing connection and commits what waits
//!   together, so that one flush to disk serves many writes.
//! - PostgreSQL: two pools; a write that lost a race is run again.

mod group_commit;
#[cfg(test)]
mod tests;

use self::group_commit::GroupCommit;
use crate::connection::{Isolation, sqlite_path};
use crate::error::Error;
use crate::statements::Listener;
use crate::{Db, changes, security};
use diesel::ConnectionResult;
use diesel::r2d2::R2D2Connection;
use std::sync::Arc;
use std::time::{Duration, Instant as Moment};
use tokio::sync::{Mutex, Semaphore, watch};
use yhteen_domain::ids::{OrganisationId, PrincipalId};
use yhteen_domain::quotas::Quotas;
use yhteen_domain::security::{Origin, SecurityEvent};
use yhteen_domain::time::Instant;

/// How often a write on PostgreSQL is run again after losing a race.
const RETRIES: u32 = 20;
/// How long a request waits for a connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// Who makes a change, as the change event names it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Actor {
    /// The person or machine.
    pub principal: Option<PrincipalId>,
    /// The organisation for which it acts.
    pub organisation: Option<OrganisationId>,
}

/// A write transaction: the connection, who acts, when, and the change events that the commit will carry.
pub struct Tx<'a> {
    db: &'a mut Db,
    pub(crate) actor: Actor,
    pub(crate) now: Instant,
    pub(crate) events: Vec<changes::NewEvent>,
    pub(crate) quotas: Quotas,
    /// Where the request came from, for the security log.
    pub(crate) origin: Option<Origin>,
    pub(crate) security: Vec<SecurityEvent>,
}

impl Tx<'_> {
    /// Who acts. The acting organisation is often known only once the thing itself has been found.
    pub fn act_for(&mut self, organisation: OrganisationId) {
        self.actor.organisation = Some(organisation);
    }

    /// The organisation for which this write acts.
    pub fn acting_for(&self) -> Option<OrganisationId> {
        self.actor.organisation
    }

    /// Where the request came from, as the security log names it.
    pub fn come_from(&mut self, origin: Option<Origin>) {
        self.origin = origin;
    }

    /// Goes on as someone else at another time: for a history that is loaded as one, such as the demo's.
    pub fn go_on_as(&mut self, actor: Actor, now: Instant) {
        self.actor = actor;
        self.now = now;
    }

    /// The time of this write.
    pub fn now(&self) -> Instant {
        self.now
    }
}

impl std::ops::Deref for Tx<'_> {
    type Target = Db;
    fn deref(&self) -> &Db {
        self.db
    }
}

impl std::ops::DerefMut for Tx<'_> {
    fn deref_mut(&mut self) -> &mut Db {
        self.db
    }
}

/// The database.
#[derive(Clone)]
pub struct Store {
    readers: Shared,
    writer: Writer,
    probe: Probe,
    committed: Arc<watch::Sender<u64>>,
    engine: Engine,
    quotas: Quotas,
}

/// Which engine a store speaks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Embedded.
    Sqlite,
    /// A server of its own, shared by several processes.
    Postgres,
}

#[derive(Clone)]
enum Writer {
    Group(GroupCommit),
    Pool(Shared),
}

impl Store {
    /// Opens the database at `url`, which must have been migrated. `connections`: how many at most for reading, and
    /// on PostgreSQL as many again for writing.
    pub fn open(url: &str, connections: u32) -> Result<Self, Error> {
        Self::at(&Address { url: url.to_owned(), listener: None }, connections)
    }

    /// The same, where `listener` hears of every statement that is sent to the database.
    pub fn open_heard(url: &str, connections: u32, listener: Listener) -> Result<Self, Error> {
        Self::at(&Address { url: url.to_owned(), listener: Some(listener) }, connections)
    }

    fn at(address: &Address, connections: u32) -> Result<Self, Error> {
        let sqlite = address.is_sqlite();
        let writer = if sqlite {
            Writer::Group(GroupCommit::start(address.clone())?)
        } else {
            Writer::Pool(Shared::new(address, connections)?)
        };
        Ok(Self {
            readers: Shared::new(address, connections)?,
            writer,
            probe: Probe::new(address)?,
            committed: Arc::new(watch::Sender::new(0)),
            engine: if sqlite { Engine::Sqlite } else { Engine::Postgres },
            quotas: Quotas::default(),
        })
    }

    /// The same store, whose writes keep to these quotas.
    #[must_use]
    pub fn with_quotas(self, quotas: Quotas) -> Self {
        Self { quotas, ..self }
    }

    /// The engine.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Runs `work` on one consistent snapshot.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Db) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.readers.run(|db| db.isolated(Isolation::Snapshot, work)).await
    }

    /// Runs `work` in one write transaction and answers once it is durable. What `work` answers with an error is
    /// rolled back. It may be run more than once, so it does nothing but read and write through `tx`.
    pub async fn write<T: Send + 'static>(
        &self,
        actor: Actor,
        now: Instant,
        work: impl Fn(&mut Tx<'_>) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Result<T, Error> {
        let quotas = self.quotas;
        let run = move |db: &mut Db| {
            let (events, security) = (Vec::new(), Vec::new());
            let mut tx = Tx { db, actor, now, events, quotas, origin: None, security };
            let done = work(&mut tx)?;
            changes::flush(&mut tx)?;
            security::flush(&mut tx)?;
            Ok(done)
        };
        let done = match &self.writer {
            Writer::Group(group) => group.write(run).await,
            Writer::Pool(pool) => pool.run(move |db| with_retries(|| db.isolated(Isolation::Write, &run))).await,
        };
        if done.is_ok() {
            self.committed.send_modify(|count| *count += 1);
        }
        done
    }

    /// Resolves at the next commit of this process after the call.
    pub fn commits(&self) -> watch::Receiver<u64> {
        self.committed.subscribe()
    }

    /// Whether the database answers, and has every migration that this program knows. It has a connection of its own, so
    /// that it is answered however many requests wait for the others.
    pub async fn ready(&self) -> Result<(), Error> {
        self.probe.ready().await
    }
}

fn with_retries<T>(mut attempt: impl FnMut() -> Result<T, Error>) -> Result<T, Error> {
    for tried in 0..RETRIES {
        match attempt() {
            // The pause grows, and differs between threads by how long their attempts took.
            Err(error) if error.wants_retry() => std::thread::sleep(Duration::from_millis(u64::from(tried))),
            done => return done,
        }
    }
    attempt()
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => {
            log::error!("database work ended early: {error}");
            Err(Error::Panicked)
        }
    }
}

fn unavailable(error: &r2d2::Error) -> Error {
    Error::Unavailable(error.to_string())
}

// --- pools --------------------------------------------------------------------------------------

type Pool = r2d2::Pool<Manager>;

/// Connections that requests share. Whoever waits for one takes no thread meanwhile, and stops waiting when it hangs up.
#[derive(Clone)]
struct Shared {
    pool: Pool,
    free: Arc<Semaphore>,
}

impl Shared {
    fn new(address: &Address, size: u32) -> Result<Self, Error> {
        let free = Arc::new(Semaphore::new(usize::try_from(size).unwrap_or(1)));
        Ok(Self { pool: pool(address, size)?, free })
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Db) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let busy = || Error::Unavailable("every connection is in use".into());
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.free).acquire_owned()).await;
        let turn = turn.map_err(|_| busy())?.map_err(|_| busy())?;
        let pool = self.pool.clone();
        blocking(move || {
            let done = pool.get().map_err(|error| unavailable(&error)).and_then(|mut db| work(&mut db));
            drop(turn);
            done
        })
        .await
    }
}

/// Asks the database whether it is ready, once for all who ask at the same time.
#[derive(Clone)]
struct Probe {
    pool: Pool,
    last: Arc<Mutex<Option<Found>>>,
}

/// What was found, and when the look began.
struct Found {
    began: Moment,
    ready: Result<(), String>,
}

impl Probe {
    fn new(address: &Address) -> Result<Self, Error> {
        Ok(Self { pool: pool(address, 1)?, last: Arc::default() })
    }

    async fn ready(&self) -> Result<(), Error> {
        let asked = Moment::now();
        let mut last = self.last.lock().await;
        let ready = match &*last {
            // Another has looked since this one asked.
            Some(found) if found.began >= asked => found.ready.clone(),
            _ => {
                let began = Moment::now();
                let ready = self.look().await.map_err(|error| error.to_string());
                *last = Some(Found { began, ready: ready.clone() });
                ready
            }
        };
        ready.map_err(Error::Unavailable)
    }

    async fn look(&self) -> Result<(), Error> {
        let pool = self.pool.clone();
        blocking(move || {
            let mut db = pool.get().map_err(|error| unavailable(&error))?;
            if crate::migrations::pending(&mut db)? {
                return Err(Error::Unavailable("a migration is pending".into()));
            }
            Ok(())
        })
        .await
    }
}

/// Where the database is, and who hears what is said to it.
#[derive(Clone)]
struct Address {
    url: String,
    listener: Option<Listener>,
}

impl Address {
    fn is_sqlite(&self) -> bool {
        sqlite_path(&self.url).is_some()
    }

    fn connect(&self) -> ConnectionResult<Db> {
        let mut db = Db::open(&self.url)?;
        if let Some(listener) = &self.listener {
            listener.clone().listen(&mut db);
        }
        Ok(db)
    }
}

struct Manager(Address);

impl r2d2::ManageConnection for Manager {
    type Connection = Db;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<Db, Self::Error> {
        self.0.connect().map_err(diesel::r2d2::Error::ConnectionError)
    }

    fn is_valid(&self, db: &mut Db) -> Result<(), Self::Error> {
        db.ping().map_err(diesel::r2d2::Error::QueryError)
    }

    fn has_broken(&self, db: &mut Db) -> bool {
        db.is_broken()
    }
}

/// r2d2 hides the cause of a failed connect unless somebody writes it down.
#[derive(Debug)]
struct LogErrors;

impl r2d2::HandleError<diesel::r2d2::Error> for LogErrors {
    fn handle_error(&self, error: diesel::r2d2::Error) {
        log::warn!("database connection: {error}");
    }
}

fn pool(address: &Address, size: u32) -> Result<Pool, Error> {
    r2d2::Pool::builder()
        .max_size(size)
        .min_idle(Some(1))
        // A file does not go away; a server may.
        .test_on_check_out(!address.is_sqlite())
        .connection_timeout(PATIENCE)
        .error_handler(Box::new(LogErrors))
        .build(Manager(address.clone()))
        .map_err(|error| unavailable(&error))
}
