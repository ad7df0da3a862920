//! What every handler has at hand.

use crate::answer::{Answer, Done};
use crate::auth::keys::Keys;
use crate::auth::sign_in::Hashing;
use crate::auth::{Accesses, Caller};
use crate::changes::tide::Tide;
use crate::cursor::Cursors;
use crate::extract::Incoming;
use crate::limits::{Expensive, Limits, Rates};
use crate::problem::Problem;
use crate::security::SecurityLog;
use serde::{Serialize, de::DeserializeOwned};
use std::sync::Arc;
use yhteen_domain::ids::Id;
use yhteen_domain::time::{Date, Instant, date_of};
use yhteen_domain::{Fault, message};
use yhteen_persistence::idempotency::{self, Key};
use yhteen_persistence::page::{Page, Slice};
use yhteen_persistence::{Error, Store, Tx};

/// The time of the service.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Instant + Send + Sync>);

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        #[allow(clippy::disallowed_methods, reason = "this is the one place where time comes in")]
        Self(Arc::new(chrono::Utc::now))
    }

    /// A clock of the caller's own, for tests.
    pub fn from_fn(now: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time now, to the microsecond, which is what the database keeps.
    pub fn now(&self) -> Instant {
        let now = (self.0)();
        Instant::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
    }
}

/// The service: its database, clock, keys and settings.
pub struct App {
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// The keys of access tokens.
    pub keys: Keys,
    /// The cursors of lists and of the change feed.
    pub cursors: Cursors,
    /// The accesses of late.
    pub accesses: Accesses,
    /// Where passwords are hashed.
    pub hashing: Hashing,
    /// How far the change feed has come, for those who wait.
    pub tide: Tide,
    /// What waits to be written into the security log.
    pub security: SecurityLog,
    /// How much one caller may use.
    pub limits: Limits,
    /// How much callers have used of late.
    pub rates: Rates,
    /// Where expensive requests wait.
    pub expensive: Expensive,
    /// The address of the service as its users see it, without a slash at the end.
    pub public_url: String,
}

/// What the filters of a list and its cursor say.
pub struct Listed<K> {
    /// The part of the list that is asked for.
    pub slice: Slice<K>,
    list: String,
}

impl App {
    /// A service on a database that is open and migrated.
    pub fn new(store: Store, clock: Clock, keys: Keys, public_url: String) -> Self {
        let cursors = Cursors::new(keys.digests().secrets("cursors"));
        let limits = Limits::default();
        Self {
            store,
            clock,
            keys,
            cursors,
            accesses: Accesses::default(),
            hashing: Hashing::default(),
            tide: Tide::default(),
            security: SecurityLog::default(),
            limits,
            rates: Rates::new(&limits),
            expensive: Expensive::new(&limits),
            public_url,
        }
    }

    /// The same with these limits.
    #[must_use]
    pub fn limited(self, limits: Limits) -> Self {
        Self { limits, rates: Rates::new(&limits), expensive: Expensive::new(&limits), ..self }
    }

    /// The time now.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// The date now, in Europe/Helsinki.
    pub fn today(&self) -> Date {
        date_of(self.now())
    }

    /// A fresh identifier (UUIDv7).
    pub fn fresh<T: Id>(&self) -> T {
        T::from_uuid(uuid::Uuid::now_v7())
    }

    /// An absolute address below the service's own.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.public_url)
    }

    /// Carries out a request that changes something: one transaction with its change events and, where the caller
    /// gave a key, its idempotency record. `work` may run more than once.
    pub async fn write<C: Caller, T: Send + Sync + 'static>(
        &self,
        member: C,
        incoming: Incoming<T>,
        work: impl Fn(&mut Tx<'_>, &C, &Incoming<T>) -> Result<Answer, Error> + Send + Sync + 'static,
    ) -> Result<Done, Problem> {
        let key = incoming.idempotency.clone()?.map(|(key, fingerprint)| Key {
            principal: member.access().principal,
            route: incoming.route.clone(),
            key,
            // A body may hold a password: nobody without the key can try out which one.
            fingerprints: self.keys.digests().digests("idempotency", &fingerprint),
        });
        let told = self
            .store
            .write(member.actor(), self.now(), move |tx| {
                tx.come_from(incoming.origin.clone());
                idempotency::once(tx, key.as_ref(), member.access(), |tx| {
                    let Answer { told, mut kept } = work(tx, &member, &incoming)?;
                    kept.needs = member.needs();
                    Ok((told, kept))
                })
            })
            .await?;
        Ok(Done(told))
    }

    /// The part of a list that `cursor` and `limit` ask for. `list` names the list with its order and filters: a
    /// cursor is good for that list alone.
    pub fn listed<K: DeserializeOwned>(
        &self,
        list: String,
        cursor: Option<&str>,
        limit: Option<u16>,
    ) -> Result<Listed<K>, Fault> {
        let limit = limit.unwrap_or(50);
        if !(1..=200).contains(&limit) {
            let detail = message!(
                fi: "Parametrin limit on oltava 1–200.",
                sv: "Parametern limit måste vara 1–200.",
                en: "The parameter limit must be from 1 to 200.",
            );
            return Err(Fault::new(&yhteen_domain::codes::BAD_PARAMETER, detail.clone()).at(
                "?limit",
                "out_of_range",
                detail,
            ));
        }
        let after = cursor.map(|cursor| self.cursors.read(&list, cursor)).transpose()?;
        Ok(Listed { slice: Slice { after, limit: limit.into() }, list })
    }

    /// The page as it is shown, with the cursor of the next one: `place` is the place of an item in the order.
    pub fn listing<T, K: Serialize, V: Serialize + utoipa::ToSchema>(
        &self,
        list: &str,
        page: Page<T>,
        place: impl Fn(&T) -> K,
        view: impl FnMut(T) -> V,
    ) -> crate::answer::Listing<V> {
        let next = page.items.last().filter(|_| page.more).map(|last| self.cursors.make(list, &place(last)));
        crate::answer::Listing { items: page.items.into_iter().map(view).collect(), next }
    }
}

impl<K> Listed<K> {
    /// The name of the list, for [`App::listing`].
    pub fn name(&self) -> &str {
        &self.list
    }
}
