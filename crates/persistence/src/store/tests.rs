//! What becomes of a batch whose transaction the engine has rolled back under it.

use super::Store;
use crate::schema::installation;
use crate::{Actor, Db, Error, Tx, migrations};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};

fn put(tx: &mut Tx<'_>, name: &str, length: usize) -> Result<(), Error> {
    let row = (installation::name.eq(name), installation::value.eq("x".repeat(length)));
    diesel::insert_into(installation::table).values(row).execute(&mut **tx)?;
    Ok(())
}

fn names(store: &Store) -> Vec<String> {
    let mut db = store.readers.pool.get().unwrap();
    let all = installation::table.filter(installation::name.ne("feed_epoch"));
    all.select(installation::name).order(installation::name).load(&mut *db).unwrap()
}

fn write(
    store: &Store,
    work: impl Fn(&mut Tx<'_>) -> Result<(), Error> + Send + Sync + 'static,
) -> tokio::task::JoinHandle<Result<(), Error>> {
    let store = store.clone();
    tokio::spawn(async move { store.write(Actor::default(), chrono::DateTime::UNIX_EPOCH, work).await })
}

#[tokio::test]
async fn a_disk_that_is_full_ends_the_batch_and_nothing_runs_outside_of_a_transaction() {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", directory.path().join("full.db").display());
    migrations::run(&mut Db::open(&url).unwrap()).unwrap();
    let store = Store::open(&url, 2).unwrap();
    // The first job holds the batch until all others wait, then the disk is full.
    let (go, wait) = channel::<()>();
    let wait: Mutex<Receiver<()>> = Mutex::new(wait);
    let first = write(&store, move |tx| {
        wait.lock().unwrap().recv().unwrap();
        tx.batch_execute("PRAGMA max_page_count = 1")?;
        Ok(())
    });
    tokio::task::yield_now().await;
    let before = write(&store, |tx| put(tx, "before", 1));
    tokio::task::yield_now().await;
    let large = write(&store, |tx| put(tx, "large", 1_000_000));
    tokio::task::yield_now().await;
    let after = write(&store, |tx| put(tx, "after", 1));
    tokio::task::yield_now().await;
    go.send(()).unwrap();

    assert!(matches!(first.await.unwrap(), Err(Error::Unavailable(_))));
    assert!(matches!(before.await.unwrap(), Err(Error::Unavailable(_))));
    let own = large.await.unwrap().unwrap_err();
    assert!(matches!(&own, Error::Unavailable(why) if why.contains("full")), "{own}");
    // It was not part of what was rolled back, and has a connection that is not full.
    after.await.unwrap().unwrap();
    assert_eq!(names(&store), ["after"]);
    write(&store, |tx| put(tx, "large", 1_000_000)).await.unwrap().unwrap();
    assert_eq!(names(&store), ["after", "large"]);
}
