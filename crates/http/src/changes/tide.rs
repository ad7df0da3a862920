//! Tells those who wait for changes that there are some: one look at the database serves them all.

use crate::app::App;
use actix_web::web::Data;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use yhteen_domain::changes::Position;
use yhteen_persistence::changes;

/// How often the database is looked at for what other processes have written.
const PERIOD: Duration = Duration::from_millis(250);
/// How long one look is at least after the one before, however much this process writes.
const PAUSE: Duration = Duration::from_millis(10);

/// How far the feed has come. It is watched only while somebody waits.
pub struct Tide {
    level: watch::Sender<Position>,
    watched: Mutex<bool>,
}

impl Default for Tide {
    fn default() -> Self {
        Self { level: watch::Sender::new(Position::default()), watched: Mutex::new(false) }
    }
}

impl Tide {
    /// How many requests wait for changes.
    pub fn waiting(&self) -> usize {
        self.level.receiver_count()
    }

    /// Whether the caller is the one to begin watching.
    fn begins(&self) -> bool {
        !std::mem::replace(&mut *self.watched.lock().unwrap_or_else(PoisonError::into_inner), true)
    }

    /// Whether nobody waits any more. Whoever comes after this begins anew: it subscribes before it asks.
    fn ends(&self) -> bool {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        *watched = self.level.receiver_count() > 0;
        !*watched
    }
}

/// Hears of it whenever the feed has come further.
pub fn watch(app: &Data<App>) -> watch::Receiver<Position> {
    let receiver = app.tide.level.subscribe();
    if app.tide.begins() {
        actix_web::rt::spawn(look(app.clone()));
    }
    receiver
}

async fn look(app: Data<App>) {
    let mut commits = app.store.commits();
    loop {
        commits.borrow_and_update();
        match app.store.read(changes::last).await {
            Ok(last) => {
                app.tide.level.send_if_modified(|level| std::mem::replace(level, last) != last);
            }
            // Those who wait are answered in time all the same.
            Err(error) => log::warn!("the change feed cannot be watched: {error}"),
        }
        tokio::time::sleep(PAUSE).await;
        if app.tide.ends() {
            return;
        }
        // Either way it is time to look: a commit of this process, or maybe one of another.
        let _ = tokio::time::timeout(PERIOD, commits.changed()).await;
    }
}
