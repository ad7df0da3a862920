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

pub mod changes;
pub mod migrations;
pub mod scope;

pub use connection::Db;
pub use error::Error;
pub use store::{Actor, Engine, Store, Tx};
