//! The schema of each engine, embedded; the two folders hold the same versions.

use crate::{Db, Error};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// Brings the database to the newest version; answers how many migrations were run.
pub fn run(db: &mut Db) -> Result<usize, Error> {
    at_leisure(db, |db| match db {
        // Processes that start together take turns.
        Db::Postgres(c) => with_lock(c, |c| c.run_pending_migrations(POSTGRES).map(|done| done.len())),
        Db::Sqlite(c) => c.run_pending_migrations(SQLITE).map(|done| done.len()),
    })
}

/// Takes every migration back, newest first.
pub fn revert_all(db: &mut Db) -> Result<usize, Error> {
    at_leisure(db, |db| match db {
        Db::Postgres(c) => c.revert_all_migrations(POSTGRES).map(|done| done.len()),
        Db::Sqlite(c) => c.revert_all_migrations(SQLITE).map(|done| done.len()),
    })
}

/// Whether the database lacks a migration that this program has.
pub fn pending(db: &mut Db) -> Result<bool, Error> {
    let pending = match db {
        Db::Postgres(c) => c.has_pending_migration(POSTGRES),
        Db::Sqlite(c) => c.has_pending_migration(SQLITE),
    };
    pending.map_err(Error::Migration)
}

/// A migration of a large table, or one that waits for its turn, takes longer than a request may.
fn at_leisure<T>(db: &mut Db, work: impl FnOnce(&mut Db) -> diesel::migration::Result<T>) -> Result<T, Error> {
    db.take_time()?;
    let done = work(db);
    db.hurry()?;
    done.map_err(Error::Migration)
}

fn with_lock<T>(
    connection: &mut diesel::PgConnection,
    work: impl FnOnce(&mut diesel::PgConnection) -> diesel::migration::Result<T>,
) -> diesel::migration::Result<T> {
    use diesel::connection::SimpleConnection;
    const LOCK: &str = "SELECT pg_advisory_lock(7947833)";
    const UNLOCK: &str = "SELECT pg_advisory_unlock(7947833)";
    connection.batch_execute(LOCK)?;
    let done = work(connection);
    connection.batch_execute(UNLOCK)?;
    done
}
