//! One connection type for both engines, and the only ways into a transaction.

use crate::Error;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::prelude::*;

/// A connection to whichever engine the database URL names.
#[derive(diesel::MultiConnection)]
pub enum Db {
    /// PostgreSQL.
    Postgres(diesel::PgConnection),
    /// SQLite.
    Sqlite(diesel::SqliteConnection),
}

/// How much a transaction is shielded from others that run beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Isolation {
    /// A consistent snapshot for several reads: `DEFERRED` / `REPEATABLE READ, READ ONLY`.
    Snapshot,
    /// A write: `IMMEDIATE` / `READ COMMITTED`, where rows that a rule rests on are locked by name.
    Write,
}

/// WAL lets readers go on beside the writer; FULL flushes every commit to disk; an upgrade from a read lock can
/// only fail, so writers wait for the write lock at BEGIN.
const SQLITE_SETUP: &str = "
    PRAGMA busy_timeout = 5000;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA cache_size = -16000;
    PRAGMA mmap_size = 268435456;
    PRAGMA temp_store = MEMORY;
";

/// An open transaction holds back what the change feed may show, so none is left open for long.
const POSTGRES_SETUP: &str = "
    SET statement_timeout = '20s';
    SET lock_timeout = '10s';
    SET idle_in_transaction_session_timeout = '30s';
    SET timezone = 'UTC';
";

/// Whether the URL names an SQLite database, and which file.
pub fn sqlite_path(url: &str) -> Option<&str> {
    url.strip_prefix("sqlite:").map(|path| path.strip_prefix("//").unwrap_or(path))
}

impl Db {
    /// Opens a connection: `sqlite:<path>`, or `postgres://…` (also `postgresql://…`).
    pub fn open(url: &str) -> ConnectionResult<Self> {
        if let Some(path) = sqlite_path(url) {
            let mut connection = SqliteConnection::establish(path)?;
            connection.batch_execute(SQLITE_SETUP).map_err(ConnectionError::CouldntSetupConfiguration)?;
            return Ok(Self::Sqlite(connection));
        }
        if !(url.starts_with("postgres://") || url.starts_with("postgresql://")) {
            return Err(ConnectionError::InvalidConnectionUrl("must begin with sqlite: or postgres://".into()));
        }
        let mut connection = PgConnection::establish(url)?;
        connection.batch_execute(POSTGRES_SETUP).map_err(ConnectionError::CouldntSetupConfiguration)?;
        Ok(Self::Postgres(connection))
    }

    /// Lets statements of this session take as long as they need, and wait for others as long, until [`Self::hurry`].
    pub(crate) fn take_time(&mut self) -> QueryResult<()> {
        match self {
            Self::Postgres(c) => c.batch_execute("SET statement_timeout = 0; SET lock_timeout = 0"),
            Self::Sqlite(_) => Ok(()),
        }
    }

    /// Takes the time-outs of a new connection again.
    pub(crate) fn hurry(&mut self) -> QueryResult<()> {
        match self {
            Self::Postgres(c) => c.batch_execute(POSTGRES_SETUP),
            Self::Sqlite(_) => Ok(()),
        }
    }

    /// Runs `work` in a transaction of the given isolation; commits what returns `Ok`.
    pub(crate) fn isolated<T, E>(
        &mut self,
        isolation: Isolation,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: From<diesel::result::Error>,
    {
        let begin = match (&self, isolation) {
            (Self::Sqlite(_), Isolation::Snapshot) => "BEGIN DEFERRED",
            (Self::Sqlite(_), Isolation::Write) => "BEGIN IMMEDIATE",
            (Self::Postgres(_), Isolation::Snapshot) => "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
            (Self::Postgres(_), Isolation::Write) => "BEGIN",
        };
        match self {
            Self::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, begin)?,
            Self::Postgres(c) => AnsiTransactionManager::begin_transaction_sql(c, begin)?,
        }
        match work(self) {
            Ok(value) => {
                if let Err(error) = Self::commit_transaction(self) {
                    self.abandon();
                    return Err(error.into());
                }
                Ok(value)
            }
            Err(error) => {
                // The first error is the one to report.
                self.abandon();
                Err(error)
            }
        }
    }

    /// Runs `work` in a savepoint of the open transaction, which keeps what returns `Ok`. Answers, too, whether that
    /// transaction is still there: SQLite rolls all of it back where a statement finds the disk full or failing, and
    /// the savepoint with it, which then cannot be ended.
    pub(crate) fn in_savepoint<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> (Result<T, Error>, bool) {
        if let Err(error) = Self::begin_transaction(self) {
            return (Err(error.into()), false);
        }
        match work(self) {
            Ok(value) => match Self::commit_transaction(self) {
                Ok(()) => (Ok(value), true),
                Err(error) => (Err(Error::Unavailable(error.to_string())), false),
            },
            // The first error is the one to report.
            Err(error) => (Err(error), Self::rollback_transaction(self).is_ok()),
        }
    }

    /// Rolls back whatever transaction may still be open.
    fn abandon(&mut self) {
        if let Err(error) = Self::rollback_transaction(self) {
            log::debug!("nothing left to roll back: {error}");
        }
    }
}
