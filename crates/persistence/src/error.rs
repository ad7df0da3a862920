//! What can go wrong between a rule and the disk.

use diesel::result::{DatabaseErrorKind, Error as Diesel};
use yhteen_domain::Fault;

/// Why a read or a write did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A rule says no; the caller hears why.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The database cannot be reached, is full, or did not commit: nothing was changed, and later it may work.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The database said something that the program does not expect.
    #[error("database: {0}")]
    Database(Diesel),
    /// A migration failed.
    #[error("migration: {0}")]
    Migration(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Another transaction has just done what this one was about to do: run again, this one finds it done.
    #[error("another transaction was first")]
    Overtaken,
    /// The work panicked; the log has the cause.
    #[error("the work panicked")]
    Panicked,
}

impl From<Diesel> for Error {
    fn from(error: Diesel) -> Self {
        match &error {
            Diesel::BrokenTransactionManager
            | Diesel::DatabaseError(DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand, _) => {
                Self::Unavailable(error.to_string())
            }
            Diesel::DatabaseError(_, information)
                if UNAVAILABLE.iter().any(|text| information.message().contains(text)) =>
            {
                Self::Unavailable(error.to_string())
            }
            _ => Self::Database(error),
        }
    }
}

/// diesel keeps no error numbers, so these states are known by their texts.
const UNAVAILABLE: [&str; 9] = [
    "database or disk is full",
    "disk I/O error",
    "attempt to write a readonly database",
    "database is locked",
    "terminating connection",
    "server closed the connection",
    "the database system is",
    "canceling statement due to",
    "could not connect",
];

impl Error {
    /// Whether the transaction is to be run again: it lost a race to another, as PostgreSQL says or the program.
    pub(crate) fn wants_retry(&self) -> bool {
        match self {
            Self::Overtaken | Self::Database(Diesel::DatabaseError(DatabaseErrorKind::SerializationFailure, _)) => true,
            Self::Database(Diesel::DatabaseError(_, information)) => {
                information.message().contains("deadlock detected")
            }
            _ => false,
        }
    }
}

/// Turns a violated constraint into the fault that the caller is to hear.
pub(crate) trait OnViolation<T> {
    /// On a value that must be unique and is not.
    fn on_duplicate(self, fault: impl FnOnce() -> Fault) -> Result<T, Error>;
    /// On a reference to nothing, or a deletion of what is referred to.
    fn on_reference(self, fault: impl FnOnce() -> Fault) -> Result<T, Error>;
}

impl<T, E: Into<Error>> OnViolation<T> for Result<T, E> {
    fn on_duplicate(self, fault: impl FnOnce() -> Fault) -> Result<T, Error> {
        self.map_err(Into::into).map_err(|error| match error {
            Error::Database(Diesel::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => fault().into(),
            other => other,
        })
    }

    fn on_reference(self, fault: impl FnOnce() -> Fault) -> Result<T, Error> {
        self.map_err(Into::into).map_err(|error| match error {
            Error::Database(Diesel::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _)) => fault().into(),
            other => other,
        })
    }
}
