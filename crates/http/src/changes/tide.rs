//! Those who wait for changes: new events are read once for all of them, and only whom an event concerns is woken.

use crate::app::App;
use crate::limits::Caller;
use crate::problem::Problem;
use actix_web::web::Data;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use yhteen_domain::changes::Position;
use yhteen_domain::ids::PrincipalId;
use yhteen_domain::{Fault, codes, message};
use yhteen_persistence::changes::{self, Batch};
use yhteen_persistence::scope::Scope;

/// How often the database is looked at for what other processes have written.
const PERIOD: Duration = Duration::from_millis(250);
/// How long one look is at least after the one before, however much this process writes.
const PAUSE: Duration = Duration::from_millis(10);

/// Who waits, and how far the feed has been read for them. It is read only while somebody waits.
#[derive(Default)]
pub struct Tide {
    state: Mutex<State>,
    /// Held by the one who finds where to begin.
    beginning: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    watched: bool,
    epoch: String,
    reached: Position,
    last_number: u64,
    waiters: BTreeMap<u64, Waiter>,
    callers: HashMap<Caller, usize>,
    /// How many of them are not signed in.
    strangers: usize,
    woken: u64,
    looks: u64,
}

struct Waiter {
    reader: Reader,
    batches: UnboundedSender<Arc<Batch>>,
}

/// Who waits: as whom it counts, what it may see, and its account.
#[derive(Clone)]
pub(super) struct Reader {
    pub(super) caller: Caller,
    pub(super) scope: Scope,
    pub(super) principal: Option<PrincipalId>,
}

/// One who waits; it stops waiting when this is dropped.
pub(super) struct Waiting {
    app: Data<App>,
    number: u64,
    caller: Caller,
    batches: UnboundedReceiver<Arc<Batch>>,
}

impl Tide {
    /// How many requests wait for changes.
    pub fn waiting(&self) -> usize {
        self.lock().waiters.len()
    }

    /// How often somebody was woken.
    pub fn woken(&self) -> u64 {
        self.lock().woken
    }

    /// How often the feed was read for all who wait.
    pub fn looks(&self) -> u64 {
        self.lock().looks
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Begins to wait: whatever comes into the feed from now on, and concerns the reader, is heard of.
pub(super) async fn join(app: &Data<App>, reader: Reader) -> Result<Waiting, Problem> {
    let beginning = app.tide.beginning.lock().await;
    let (sender, batches) = unbounded_channel();
    let caller = reader.caller.clone();
    let waiter = Waiter { reader, batches: sender };
    let begun = {
        let mut state = app.tide.lock();
        state.refuse_crowd(app, &caller)?;
        if state.watched { Ok(state.add(waiter)) } else { Err(waiter) }
    };
    let number = match begun {
        Ok(number) => number,
        Err(waiter) => {
            let (epoch, reached) = app.store.read(|db| Ok((changes::epoch(db)?, changes::last(db)?))).await?;
            let mut state = app.tide.lock();
            (state.watched, state.epoch, state.reached) = (true, epoch, reached);
            actix_web::rt::spawn(watch(app.clone()));
            state.add(waiter)
        }
    };
    drop(beginning);
    Ok(Waiting { app: app.clone(), number, caller, batches })
}

impl Waiting {
    /// The next events of which some concern the reader.
    pub(super) async fn next(&mut self) -> Option<Arc<Batch>> {
        self.batches.recv().await
    }

    /// Stops waiting: what has come meanwhile, and the position up to which there is nothing else for the reader.
    pub(super) fn leave(mut self) -> (Vec<Arc<Batch>>, Position) {
        let reached = {
            let mut state = self.app.tide.lock();
            state.remove(self.number, &self.caller);
            state.reached
        };
        (std::iter::from_fn(|| self.batches.try_recv().ok()).collect(), reached)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.app.tide.lock().remove(self.number, &self.caller);
    }
}

impl State {
    /// Refuses one more where the caller, or all together, have too many.
    fn refuse_crowd(&self, app: &App, caller: &Caller) -> Result<(), Fault> {
        let (most, most_of_one) = (app.limits.waiting, app.limits.waiting_of_a_caller);
        if self.callers.get(caller).is_some_and(|count| *count >= most_of_one) {
            let detail = message!(
                fi: "Odotat muutoksia jo {most_of_one} pyynnöllä: odota, että niihin vastataan.",
                sv: "Du väntar redan på ändringar med {most_of_one} begäranden: vänta tills de besvaras.",
                en: "You wait for changes with {most_of_one} requests already: wait until they are answered.",
            );
            return Err(Fault::new(&codes::TOO_MANY_REQUESTS, detail).retry_after(5));
        }
        // Strangers leave half of the places to those who are signed in.
        let full = if caller.is_known() { self.waiters.len() >= most } else { self.strangers >= most.div_ceil(2) };
        if full || self.waiters.len() >= most {
            let detail = message!(
                fi: "Muutoksia odottaa juuri nyt liian moni: kysy ilman parametria wait.",
                sv: "Just nu väntar för många på ändringar: fråga utan parametern wait.",
                en: "Too many wait for changes just now: ask without the parameter wait.",
            );
            return Err(Fault::new(&codes::UNAVAILABLE, detail).retry_after(5));
        }
        Ok(())
    }

    fn add(&mut self, waiter: Waiter) -> u64 {
        self.last_number += 1;
        *self.callers.entry(waiter.reader.caller.clone()).or_default() += 1;
        self.strangers += usize::from(!waiter.reader.caller.is_known());
        self.waiters.insert(self.last_number, waiter);
        self.last_number
    }

    fn remove(&mut self, number: u64, caller: &Caller) {
        if self.waiters.remove(&number).is_none() {
            return;
        }
        self.strangers -= usize::from(!caller.is_known());
        if let Some(count) = self.callers.get_mut(caller) {
            *count -= 1;
            if *count == 0 {
                self.callers.remove(caller);
            }
        }
    }

    /// Gives the events to those whom they concern. In a new epoch everyone begins again.
    fn deliver(&mut self, batch: Batch) {
        let begins_again = batch.epoch != self.epoch;
        self.epoch.clone_from(&batch.epoch);
        self.reached = batch.position;
        let batch = Arc::new(batch);
        for Waiter { reader, batches } in self.waiters.values() {
            if begins_again || batch.concerns(&reader.scope, reader.principal) {
                self.woken += 1;
                // Whoever has gone hears of it no more.
                drop(batches.send(Arc::clone(&batch)));
            }
        }
    }

    /// Whether nobody waits any more. Whoever comes after this begins anew.
    fn ends(&mut self) -> bool {
        self.watched = !self.waiters.is_empty();
        !self.watched
    }
}

async fn watch(app: Data<App>) {
    let mut commits = app.store.commits();
    loop {
        commits.borrow_and_update();
        let (epoch, reached) = {
            let mut state = app.tide.lock();
            state.looks += 1;
            (state.epoch.clone(), state.reached)
        };
        let more = match app.store.read(move |db| changes::batch(db, &epoch, reached)).await {
            Ok(batch) => {
                let more = batch.more;
                app.tide.lock().deliver(batch);
                more
            }
            // Those who wait are answered in time all the same.
            Err(error) => {
                log::warn!("the change feed cannot be watched: {error}");
                false
            }
        };
        tokio::time::sleep(PAUSE).await;
        if app.tide.lock().ends() {
            return;
        }
        if !more {
            // Either way it is time to look: a commit of this process, or maybe one of another.
            let _ = tokio::time::timeout(PERIOD, commits.changed()).await;
        }
    }
}
