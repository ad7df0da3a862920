//! The database, and the only place that knows diesel.
//!
//! Everything is asked through [`Store`]: `read` for one consistent snapshot, `write` for one transaction with its
//! change events. Queries on partners' data take a [`scope::Scope`], which only a verified caller has.

mod connection;
mod dialect;
mod error;
mod schema;
mod sql_types;
mod store;

pub mod accounts;
pub mod actions;
pub mod bodies;
pub mod bookings;
pub mod calendar;
pub mod calendar_feeds;
pub mod changes;
pub mod decision_steps;
pub mod external_ids;
pub mod goals;
mod handlings;
pub mod idempotency;
pub mod meetings;
pub mod migrations;
pub mod organisations;
pub mod page;
pub mod programmes;
pub mod progress;
pub mod quotas;
mod remedy_claims;
pub mod reporting_periods;
pub mod reports;
pub mod scope;
pub mod standings;
pub mod statements;
pub mod timetable;
pub mod timetable_changes;

pub use connection::{Db, sqlite_path};
pub use error::Error;
pub use store::{Actor, Engine, Store, Tx};

/// What was looked for by a reference at `pointer`: where there is none, or none that the caller may know of, the
/// reference is refused.
pub fn referred<T>(found: Result<T, Error>, pointer: &str) -> Result<T, Error> {
    found.map_err(|error| match error {
        Error::Fault(fault) if fault.code == &yhteen_domain::codes::NOT_FOUND => dangling(pointer).into(),
        error => error,
    })
}

/// The fault of a reference to nothing, at `pointer`.
pub fn dangling(pointer: &str) -> yhteen_domain::Fault {
    yhteen_domain::Fault::invalid(pointer, "unknown_reference", "This refers to something that does not exist.")
}
