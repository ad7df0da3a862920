//! The worker that tells of changed timetables, as it runs beside the requests: after each commit of this process, every
//! second for the commits of others, and when a day begins.

use crate::app::App;
use crate::health::Draining;
use actix_web::web::Data;
use std::time::Duration;
use tokio::sync::watch;
use yhteen_persistence::timetable_changes::{Round, leave, round};

/// How long the worker waits for a commit of this process before it looks for those of others, and at the day.
const PERIOD: Duration = Duration::from_secs(1);
/// How long it rests after it has found nothing to do, however much this process writes.
const PAUSE: Duration = Duration::from_millis(200);
/// How long it rests after its first failure; after each further one, twice as long as before.
const FIRST_REST: Duration = Duration::from_millis(500);
/// How long it rests at most.
const LONGEST_REST: Duration = Duration::from_secs(30);

/// Works until the process is about to stop, whatever fails.
pub async fn work(app: Data<App>, draining: Draining) {
    let holder = uuid::Uuid::now_v7();
    let mut commits = app.store.commits();
    let mut failures = 0;
    while !draining.has_begun() {
        // Whatever is committed after this is heard of.
        commits.borrow_and_update();
        match round(&app.store, holder, || app.now()).await {
            Ok(Round::Done) => failures = 0,
            Ok(Round::Idle | Round::Elsewhere) => {
                failures = 0;
                or_until(&draining, next(&mut commits)).await;
            }
            Err(error) => {
                log::warn!("changes of timetables cannot be told: {error}");
                or_until(&draining, tokio::time::sleep(rest(failures))).await;
                failures += 1;
            }
        }
    }
    if let Err(error) = leave(&app.store, holder, app.now()).await {
        log::warn!("another process goes on with the timetables a little later: {error}");
    }
}

/// Waits until there may be something to do.
async fn next(commits: &mut watch::Receiver<u64>) {
    tokio::time::sleep(PAUSE).await;
    // Either way it is time to look.
    let _ = tokio::time::timeout(PERIOD, commits.changed()).await;
}

/// How long to rest after so many failures before this one.
fn rest(failures: u32) -> Duration {
    LONGEST_REST.min(FIRST_REST.saturating_mul(2_u32.saturating_pow(failures)))
}

/// Waits for something, but not longer than until the process is about to stop.
async fn or_until(draining: &Draining, something: impl Future<Output = ()>) {
    tokio::select! {
        () = something => {}
        () = draining.begun() => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_rests_longer_with_each_failure_but_not_for_ever() {
        let rests = [0, 1, 2, 5, 6, 7, 1_000].map(|failures| rest(failures).as_millis());
        assert_eq!(rests, [500, 1_000, 2_000, 16_000, 30_000, 30_000, 30_000]);
    }
}
