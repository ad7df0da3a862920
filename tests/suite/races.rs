//! Races: two requests at once, a thousand times. Whoever is first, what must never be is not.

mod accounts;
mod actions;
mod bookings;
mod external_ids;
mod keys;
mod programmes;
mod quotas;
mod versions;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use yhteen_tests::Reply;

/// How often each race is run.
const TIMES: usize = 1_000;
/// How many are run beside each other.
const LANES: usize = 8;
/// How often each of them is.
const ROUNDS: usize = TIMES / LANES;

/// Runs lanes beside each other, each on a thread of the runtime.
async fn side_by_side<L: Future<Output = ()> + Send + 'static>(lanes: impl IntoIterator<Item = L>) {
    let mut running = tokio::task::JoinSet::new();
    lanes.into_iter().for_each(|lane| drop(running.spawn(lane)));
    while let Some(ended) = running.join_next().await {
        ended.unwrap();
    }
}

/// Sends two requests at once, in one round the one first and in the next the other.
async fn at_once<A, B>(round: usize, one: impl Future<Output = A>, other: impl Future<Output = B>) -> (A, B) {
    if round.is_multiple_of(2) {
        tokio::join!(one, other)
    } else {
        let (other, one) = tokio::join!(other, one);
        (one, other)
    }
}

/// How often a race has ended the one way and the other.
#[derive(Clone, Default)]
struct Ends(Arc<[AtomicUsize; 2]>);

impl Ends {
    fn count(&self, second: bool) {
        self.0[usize::from(second)].fetch_add(1, Ordering::Relaxed);
    }

    /// A race that always ends the same way is none.
    fn both_came_about(&self) {
        let ends = self.0.each_ref().map(|count| count.load(Ordering::Relaxed));
        assert!(ends.iter().all(|count| *count > 0), "{ends:?}");
    }
}

/// That exactly one of two was done, with 200, and the other refused; answers whether it was the second.
#[track_caller]
fn one_of(replies: [Reply; 2], status: u16, code: &str) -> bool {
    let [one, other] = replies;
    let second = one.status != 200;
    let (done, refused) = if second { (other, one) } else { (one, other) };
    done.expect(200);
    refused.refused(status, code);
    second
}
