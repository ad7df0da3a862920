//! Every migration goes up, down and up again, on both engines, however long it takes.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use yhteen_persistence::{Actor, Db, Store, changes, migrations};
use yhteen_tests::{Engine, database::Database};

fn up_down_up(engine: Engine) {
    let Some(database) = Database::empty(engine) else { return };
    let mut db = Db::open(&database.url).unwrap();
    let all = migrations::run(&mut db).unwrap();
    assert!(all > 0);
    assert_eq!(migrations::run(&mut db).unwrap(), 0);
    assert_eq!(migrations::revert_all(&mut db).unwrap(), all);
    assert!(migrations::pending(&mut db).unwrap());
    assert_eq!(migrations::run(&mut db).unwrap(), all);
    assert!(!migrations::pending(&mut db).unwrap());
}

#[test]
fn up_down_up_on_sqlite() {
    up_down_up(Engine::Sqlite);
}

#[test]
fn up_down_up_on_postgres() {
    up_down_up(Engine::Postgres);
}

#[derive(QueryableByName)]
struct Timeout {
    #[diesel(sql_type = diesel::sql_types::Text)]
    statement_timeout: String,
}

fn timeout(db: &mut Db) -> String {
    let Db::Postgres(c) = db else { panic!("this is PostgreSQL") };
    diesel::sql_query("SHOW statement_timeout").get_result::<Timeout>(c).unwrap().statement_timeout
}

#[test]
fn a_migration_may_take_longer_than_a_request() {
    let Some(database) = Database::empty(Engine::Postgres) else { return };
    let mut db = Db::open(&database.url).unwrap();
    let usual = timeout(&mut db);
    for work in [migrations::run, migrations::revert_all] {
        db.batch_execute("SET statement_timeout = '1ms'").unwrap();
        assert!(work(&mut db).unwrap() > 0);
        assert_eq!(timeout(&mut db), usual);
    }
}

#[tokio::test]
async fn a_new_epoch_may_take_longer_than_a_request() {
    let Some(database) = Database::fresh(Engine::Postgres) else { return };
    let store = Store::open(&database.url, 1).unwrap();
    let now = chrono::DateTime::UNIX_EPOCH;
    let begun = store.write(Actor::default(), now, |tx| {
        changes::begin_epoch(tx, "another")?;
        Ok(timeout(tx))
    });
    assert_eq!(begun.await.unwrap(), "0");
    assert_ne!(store.write(Actor::default(), now, |tx| Ok(timeout(tx))).await.unwrap(), "0");
}
