//! How much of the service one caller may use: requests by the minute, expensive ones at a time, and waiting ones.
//!
//! Callers who are signed in count by their account, others by their network. Each process counts for itself.

use crate::app::App;
use crate::auth::sign_in::origin;
use crate::fair_queue::{Bounds, FairQueue, Lane, Place, Refusal, Turn};
use crate::problem::Problem;
use actix_web::dev::Payload;
use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use governor::clock::{Clock, MonotonicClock};
use governor::middleware::{StateInformationMiddleware, StateSnapshot};
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use yhteen_domain::{Fault, codes, message};

/// How much one caller may use.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Requests by the minute of an account.
    pub requests: NonZeroU32,
    /// Requests by the minute of a network from which nobody is signed in.
    pub anonymous_requests: NonZeroU32,
    /// Sign-ins by the minute, right or wrong, to an account from a network.
    pub sign_ins: NonZeroU32,
    /// Expensive requests that are worked on at a time.
    pub expensive: usize,
    /// Expensive requests of one caller that are worked on or wait.
    pub expensive_of_a_caller: usize,
    /// Requests that wait for changes.
    pub waiting: usize,
    /// Requests of one caller that wait for changes.
    pub waiting_of_a_caller: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests: per_minute(6_000),
            anonymous_requests: per_minute(3_000),
            sign_ins: per_minute(30),
            expensive: processors(),
            expensive_of_a_caller: 16,
            waiting: 5_000,
            waiting_of_a_caller: 20,
        }
    }
}

impl Limits {
    /// None to speak of, for tests that are about something else.
    pub fn boundless() -> Self {
        let many = per_minute(1_000_000);
        Self {
            requests: many,
            anonymous_requests: many,
            sign_ins: many,
            expensive: 4,
            expensive_of_a_caller: 10_000,
            waiting: 10_000,
            waiting_of_a_caller: 10_000,
        }
    }
}

fn per_minute(count: u32) -> NonZeroU32 {
    NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN)
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

/// Who uses the service, as limits see it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Caller {
    lane: Lane,
    name: Arc<str>,
}

impl Caller {
    /// The account whose access token the request carries, else the network that it comes from.
    pub fn of(app: &App, request: &HttpRequest) -> Self {
        let token = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = token.and_then(|value| value.split_once(' ')).map(|(_, token)| token.trim());
        match token.and_then(|token| app.keys.verify(token, app.now())) {
            Some(claims) => Self { lane: Lane::Known, name: format!("account:{}", claims.principal).into() },
            None => Self { lane: Lane::Strangers, name: origin(request).into() },
        }
    }

    /// Whether it is signed in.
    pub fn is_known(&self) -> bool {
        self.lane == Lane::Known
    }
}

impl FromRequest for Caller {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let stranger = || Self { lane: Lane::Strangers, name: origin(request).into() };
        ready(Ok(request.app_data::<Data<App>>().map_or_else(stranger, |app| Self::of(app, request))))
    }
}

/// Counts requests by the minute.
pub struct Rates {
    signed_in: Buckets,
    anonymous: Buckets,
    sign_ins: Buckets,
}

/// A bucket of tokens for each caller, which fills up within a minute.
struct Buckets {
    policy: &'static str,
    limiter: RateLimiter<Arc<str>, HashMapStateStore<Arc<str>>, MonotonicClock, StateInformationMiddleware>,
    taken: AtomicU32,
}

/// After so many requests, the buckets that are full again are forgotten.
const SWEEP: u32 = 10_000;

impl Rates {
    /// With these limits.
    pub fn new(limits: &Limits) -> Self {
        Self {
            signed_in: Buckets::new("signed-in", limits.requests),
            anonymous: Buckets::new("anonymous", limits.anonymous_requests),
            sign_ins: Buckets::new("sign-ins", limits.sign_ins),
        }
    }

    /// Counts one request: how the caller stands, and the refusal where it has asked too often.
    pub(crate) fn count(&self, caller: &Caller) -> (Standing, Option<Fault>) {
        let buckets = if caller.is_known() { &self.signed_in } else { &self.anonymous };
        let (standing, wait) = buckets.take(&caller.name);
        let refused = wait.map(|wait| {
            let seconds = seconds(wait);
            let detail = message!(
                fi: "Liian monta pyyntöä: yritä uudelleen {seconds} sekunnin kuluttua.",
                sv: "För många begäranden: försök igen om {seconds} sekunder.",
                en: "Too many requests: try again in {seconds} s.",
            );
            Fault::new(&codes::TOO_MANY_REQUESTS, detail).retry_after(seconds)
        });
        (standing, refused)
    }

    /// Counts one attempt to sign in: for how many seconds to wait where there were too many.
    pub(crate) fn count_sign_in(&self, subject: &str) -> Option<u64> {
        self.sign_ins.take(&subject.into()).1.map(seconds)
    }
}

impl Buckets {
    fn new(policy: &'static str, each_minute: NonZeroU32) -> Self {
        let limiter = RateLimiter::new(Quota::per_minute(each_minute), HashMapStateStore::default(), MonotonicClock);
        Self { policy, limiter, taken: AtomicU32::new(0) }
    }

    /// Takes a token: how the bucket stands, and how long to wait for one where it is empty.
    fn take(&self, name: &Arc<str>) -> (Standing, Option<Duration>) {
        if self.taken.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        match self.limiter.check_key(name) {
            Ok(snapshot) => (Standing::of(self.policy, &snapshot), None),
            Err(refused) => {
                let wait = refused.wait_time_from(MonotonicClock.now());
                let quota = refused.quota().burst_size().get();
                (Standing { policy: self.policy, quota, left: 0, seconds: seconds(wait) }, Some(wait))
            }
        }
    }
}

/// The time in which an empty bucket fills up, in seconds.
const WINDOW: u64 = 60;

/// How a caller stands, as the fields `RateLimit` and `RateLimit-Policy` say it (draft-ietf-httpapi-ratelimit-headers).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
    policy: &'static str,
    quota: u32,
    left: u32,
    /// Until there is more of it.
    seconds: u64,
}

impl Standing {
    fn of(policy: &'static str, snapshot: &StateSnapshot) -> Self {
        let (quota, left) = (snapshot.quota().burst_size().get(), snapshot.remaining_burst_capacity());
        Self { policy, quota, left, seconds: seconds(snapshot.quota().replenish_interval()) }
    }

    /// Adds the fields.
    pub(crate) fn tell(&self, headers: &mut HeaderMap) {
        let Self { policy, quota, left, seconds } = self;
        let fields = [
            ("ratelimit-policy", format!("\"{policy}\";q={quota};w={WINDOW}")),
            ("ratelimit", format!("\"{policy}\";r={left};t={seconds}")),
        ];
        for (name, value) in fields {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
}

/// In whole seconds, of which a part counts as one.
fn seconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis().div_ceil(1_000)).unwrap_or(u64::MAX)
}

/// The operations that read and compute over much, by their paths. They have a queue of their own. Those with a body take
/// their turn by themselves, once it is there: whoever sends it slowly holds up nobody.
pub(crate) const EXPENSIVE: &[&str] = &[
    "/api/v1/actions/{action_id}/calendar.ics",
    "/api/v1/actions/{action_id}/timetable/levers",
    "/api/v1/bodies/{body_id}/calendar.ics",
    "/api/v1/calendar",
    "/api/v1/calendar-feeds/{token}/calendar.ics",
    "/api/v1/calendar.ics",
    "/api/v1/organisations/{organisation_id}/calendar.ics",
    "/api/v1/programmes/{programme_id}/calendar.ics",
    "/api/v1/programmes/{programme_id}/conflicts",
    "/api/v1/programmes/{programme_id}/progress",
    "/api/v1/programmes/{programme_id}/timetable",
];

/// Where expensive requests wait for their turn.
pub struct Expensive(FairQueue);

impl Expensive {
    /// With these limits.
    pub fn new(limits: &Limits) -> Self {
        let own = limits.expensive_of_a_caller;
        Self(FairQueue::new(Bounds {
            at_a_time: limits.expensive,
            // Nobody has all of it, unless there is one place alone.
            of_a_group: (limits.expensive / 2).max(1),
            of_a_member: own,
            waiting_of_a_group: own,
            waiting_in_a_lane: 1_000,
            patience: Duration::from_secs(10),
        }))
    }

    /// How many are worked on or wait.
    pub fn at_hand(&self) -> usize {
        self.0.at_hand()
    }

    /// Waits for a turn.
    pub async fn turn(&self, caller: &Caller) -> Result<Turn, Problem> {
        let place = Place::of(caller.lane, Arc::clone(&caller.name));
        self.0.turn(place).await.map_err(|refusal| Problem(refused(refusal)))
    }
}

fn refused(refusal: Refusal) -> Fault {
    match refusal {
        Refusal::TooMany => {
            let detail = message!(
                fi: "Sinulla on liian monta raskasta pyyntöä kesken: odota, että ne valmistuvat.",
                sv: "Du har för många tunga begäranden på gång: vänta tills de är klara.",
                en: "You have too many expensive requests under way: wait until they are answered.",
            );
            Fault::new(&codes::TOO_MANY_REQUESTS, detail).retry_after(2)
        }
        Refusal::Busy => {
            let detail = message!(
                fi: "Palvelu on juuri nyt liian kuormittunut tähän pyyntöön.",
                sv: "Tjänsten är just nu för belastad för denna begäran.",
                en: "The service is too busy for this request just now.",
            );
            Fault::new(&codes::UNAVAILABLE, detail).retry_after(5)
        }
    }
}
