//! Puts the database back into the state in which it was kept, which is quicker than a database for every call.
//!
//! Every table has a copy beside it. Only the change feed goes on: an event is never taken back, and how many there
//! are tells whether anything was changed.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use yhteen_persistence::{Actor, Db};
use yhteen_tests::World;

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Keeps the state of the moment.
pub(super) async fn keep(world: &World) {
    write(world, |db| {
        for name in tables(db) {
            db.batch_execute(&format!("CREATE TABLE kept_{name} AS SELECT * FROM {name}")).unwrap();
        }
    })
    .await;
}

/// Goes back to the state that was kept.
pub(super) async fn restore(world: &World) {
    write(world, |db| {
        let tables = tables(db);
        // What refers to something was made after it, and goes before it.
        let emptied = tables.iter().rev().map(|name| format!("DELETE FROM {name};"));
        let filled = tables.iter().map(|name| format!("INSERT INTO {name} SELECT * FROM kept_{name};"));
        db.batch_execute(&emptied.chain(filled).collect::<Vec<_>>().concat()).unwrap();
    })
    .await;
    world.app().accesses.forget();
}

/// How many changes there have ever been.
pub(super) async fn changes(world: &World) -> i64 {
    const SQL: &str = "SELECT count(*) AS count FROM change_events";
    let count = |db: &mut Db| {
        let rows: Vec<Counted> = match db {
            Db::Sqlite(c) => diesel::sql_query(SQL).load(c)?,
            Db::Postgres(c) => diesel::sql_query(SQL).load(c)?,
        };
        Ok(rows[0].count)
    };
    world.app().store.read(count).await.unwrap()
}

/// The tables with a copy, in the order in which they were made.
fn tables(db: &mut Db) -> Vec<String> {
    const SQLITE: &str = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid";
    const POSTGRES: &str = "SELECT relname::text AS name FROM pg_class \
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY oid";
    let rows: Vec<Named> = match db {
        Db::Sqlite(c) => diesel::sql_query(SQLITE).load(c).unwrap(),
        Db::Postgres(c) => diesel::sql_query(POSTGRES).load(c).unwrap(),
    };
    let foreign = |name: &str| name.starts_with("kept_") || name.starts_with("sqlite_") || name.starts_with("__diesel");
    let names = rows.into_iter().map(|row| row.name);
    names.filter(|name| !foreign(name) && !["change_events", "installation"].contains(&name.as_str())).collect()
}

async fn write(world: &World, work: impl Fn(&mut Db) + Send + Sync + 'static) {
    let work = move |tx: &mut yhteen_persistence::Tx<'_>| {
        work(tx);
        Ok(())
    };
    world.app().store.write(Actor::default(), world.app().now(), work).await.unwrap();
}
