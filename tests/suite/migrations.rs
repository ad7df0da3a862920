//! Every migration goes up, down and up again, on both engines.

use yhteen_persistence::{Db, migrations};
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
