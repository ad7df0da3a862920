//! Proving who one is: by a person's password or a machine's secret, with guessing slowed down.

use crate::app::App;
use crate::auth::secrets::{SecretError, hash_password, verify_password};
use crate::client_address::client_address;
use crate::fair_queue::{Bounds, FairQueue, Lane, Place, Refusal, Turn};
use crate::problem::{Problem, internal};
use actix_web::HttpRequest;
use actix_web::web::Data;
use chrono::TimeDelta;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;
use yhteen_domain::accounts::Password;
use yhteen_domain::ids::PrincipalId;
use yhteen_domain::oauth::{self, Counted, Failures};
use yhteen_domain::text::Email;
use yhteen_domain::time::Instant;
use yhteen_domain::{Fault, codes, message};
use yhteen_persistence::accounts::sign_ins::{self, Credentials};
use yhteen_persistence::{Actor, Db, Error, Tx};

/// How many passwords are hashed at a time: each takes a processor and 19 MiB.
const AT_A_TIME: usize = 2;
/// Who waits for that, and how long. One network has one of the turns at a time, and one account two that wait.
const BOUNDS: Bounds = Bounds {
    at_a_time: AT_A_TIME,
    of_a_group: 1,
    of_a_member: 3,
    waiting_of_a_group: 50,
    waiting_in_a_lane: 500,
    patience: Duration::from_secs(5),
};

/// Where passwords are hashed: few at a time, and away from the threads that answer requests.
pub struct Hashing(FairQueue);

impl Default for Hashing {
    fn default() -> Self {
        Self(FairQueue::new(BOUNDS))
    }
}

impl Hashing {
    /// How many passwords could be hashed just now without waiting.
    pub fn free(&self) -> usize {
        self.0.free()
    }

    async fn turn(&self, place: Place) -> Result<Turn, Problem> {
        self.0.turn(place).await.map_err(|refusal| match refusal {
            Refusal::TooMany => oauth::too_many_sign_ins(1).into(),
            Refusal::Busy => {
                let detail = message!(
                    fi: "Juuri nyt kirjautuu liian moni: yritä hetken kuluttua uudelleen.",
                    sv: "Just nu loggar för många in: försök igen om en stund.",
                    en: "Too many people sign in just now: try again in a moment.",
                );
                Fault::new(&codes::UNAVAILABLE, detail).retry_after(2).into()
            }
        })
    }

    /// The hash of a new password, which somebody who is signed in gives.
    pub async fn hash(&self, by: PrincipalId, password: Password) -> Result<String, Problem> {
        let turn = self.turn(Place::of(Lane::Known, format!("new password by {by}"))).await?;
        in_turn(turn, move || hash_password(&password)).await?.map_err(|error| unmade(&error))
    }
}

/// Does the work, which keeps the turn until it has ended, even where nobody waits for it any more.
async fn in_turn<T: Send + 'static>(turn: Turn, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    let whole = move || {
        let done = work();
        drop(turn);
        done
    };
    to_the_end(tokio::task::spawn_blocking(whole)).await
}

async fn to_the_end<T>(task: tokio::task::JoinHandle<T>) -> Result<T, Problem> {
    task.await.map_err(|error| {
        log::error!("hashing ended early: {error}");
        Problem(internal())
    })
}

/// A defect of the service: a secret could not be made.
pub fn unmade(error: &SecretError) -> Problem {
    log::error!("{error}");
    Problem(internal())
}

/// Where a request comes from, for counting: the address, or the network that one household has of IPv6.
pub fn origin(request: &HttpRequest) -> String {
    match client_address(request) {
        Some(IpAddr::V4(ip)) => format!("address:{ip}"),
        Some(IpAddr::V6(ip)) => {
            let network = u128::from(ip) & (u128::MAX << 64);
            format!("address:{}/64", Ipv6Addr::from(network))
        }
        None => "address:unknown".to_owned(),
    }
}

/// The person whose e-mail address and password these are; nothing where they are not, which has then been counted.
/// Refuses with 429 while earlier attempts call for a wait.
///
/// An unknown address takes as long as a wrong password, and is counted the same. Once the password is being verified,
/// that goes on to its end and is counted, even where the caller hangs up.
pub async fn by_password(
    app: &Data<App>,
    username: &str,
    password: &str,
    origin: String,
) -> Result<Option<Credentials>, Problem> {
    let email = Email::parse(username).ok();
    // Not the address itself: what people mistype there is often something else.
    let account = app.keys.digest("sign-in failures", &username.trim().to_lowercase());
    let attempt = Attempt { account, origin, now: app.now() };
    // Refused here, an attempt takes no turn from others; what counts is the look within the turn.
    let (look, digest, name) = (attempt.clone(), attempt.network_digest(app), email.clone());
    let standing = app.store.read(move |db| Ok(look.by_email(db, name.as_ref(), &digest)?.0)).await?;
    standing.refuse_early()?;
    let member = attempt.member(standing.known());
    if let Some(seconds) = app.rates.count_sign_in(&member) {
        return Err(oauth::too_many_sign_ins(seconds).into());
    }
    let lane = if standing.known() { Lane::Known } else { Lane::Strangers };
    // Those who are known do not wait for others of their network.
    let group = if standing.known() { member.as_str() } else { attempt.origin.as_str() }.into();
    let turn = app.hashing.turn(Place { lane, group, member: member.into() }).await?;
    let (app, password) = (app.clone(), password.to_owned());
    to_the_end(tokio::spawn(verified(app, turn, email, password, attempt))).await?
}

async fn verified(
    app: Data<App>,
    turn: Turn,
    email: Option<Email>,
    password: String,
    attempt: Attempt,
) -> Result<Option<Credentials>, Problem> {
    let attempt = Attempt { now: app.now(), ..attempt };
    let (look, digest) = (attempt.clone(), attempt.network_digest(&app));
    let (standing, found) = app.store.read(move |db| look.by_email(db, email.as_ref(), &digest)).await?;
    standing.refuse_early()?;
    let hash = found.as_ref().and_then(|found| found.secret.clone());
    let right = in_turn(turn, move || verify_password(&password, hash.as_deref())).await?;
    count(&app, attempt, &standing, found.filter(|_| right)).await
}

/// The machine whose identifier and secret these are; nothing where they are not, which has then been counted. Refuses
/// with 429 while earlier failures of this machine from the `origin`, or very many from there, call for a wait.
///
/// The account itself is not slowed down: nobody guesses 256 random bits, but anybody who knows the identifier could
/// keep the machine out.
pub async fn by_secret(app: &App, id: &str, secret: &str, origin: String) -> Result<Option<Credentials>, Problem> {
    let account = app.keys.digest("sign-in failures", id);
    let id: Option<PrincipalId> = id.parse().ok();
    let attempt = Attempt { account, origin, now: app.now() };
    let (look, digest) = (attempt.clone(), attempt.network_digest(app));
    let (standing, found) = app
        .store
        .read(move |db| {
            let found = id.map(|id| sign_ins::of_client(db, id)).transpose()?.flatten();
            let standing = look.standing(db, found.as_ref(), &digest)?;
            Ok((standing.without(Counted::Account), found))
        })
        .await?;
    standing.refuse_early()?;
    let stored = found.as_ref().and_then(|found| found.secret.as_deref()).unwrap_or_default();
    let right = app.keys.is_client_secret(secret, stored);
    count(app, attempt, &standing, found.filter(|_| right)).await
}

/// One attempt to sign in.
#[derive(Clone)]
struct Attempt {
    /// A digest of the name of the account.
    account: String,
    /// The network that it comes from.
    origin: String,
    now: Instant,
}

impl Attempt {
    /// The network as it is kept with the account.
    fn network_digest(&self, app: &App) -> String {
        app.keys.digest("sign-in networks", &self.origin)
    }

    /// For whom it takes a turn: attempts from networks that the account is not known from count together.
    fn member(&self, known: bool) -> String {
        self.subject(if known { Counted::Pair } else { Counted::Account })
    }

    fn subject(&self, counted: Counted) -> String {
        let Self { account, origin, now: _ } = self;
        match counted {
            Counted::Pair => format!("account:{account} {origin}"),
            Counted::Account => format!("account:{account}"),
            Counted::Network => origin.clone(),
        }
    }

    fn by_email(
        &self,
        db: &mut Db,
        email: Option<&Email>,
        network: &str,
    ) -> Result<(Standing, Option<Credentials>), Error> {
        let found = email.map(|email| sign_ins::of_user(db, email)).transpose()?.flatten();
        Ok((self.standing(db, found.as_ref(), network)?, found))
    }

    fn standing(&self, db: &mut Db, found: Option<&Credentials>, network: &str) -> Result<Standing, Error> {
        let last = |found: &Credentials| sign_ins::last_from(db, found.principal, network, self.now);
        let last_from_here = found.map(last).transpose()?.flatten();
        let mut standing = Standing { last_from_here, counted: Vec::new(), now: self.now };
        for counted in Counted::by(standing.known()).0 {
            standing.counted.push((*counted, sign_ins::failures(db, &self.subject(*counted))?));
        }
        Ok(standing)
    }
}

/// How an attempt stands: when the account last signed in from the network, and the failures by all that is counted.
struct Standing {
    last_from_here: Option<Instant>,
    counted: Vec<(Counted, Option<Failures>)>,
    now: Instant,
}

/// After so long a network is remembered anew.
const REMEMBERED: TimeDelta = TimeDelta::days(1);

impl Standing {
    /// Whether the account has signed in from the network.
    fn known(&self) -> bool {
        self.last_from_here.is_some()
    }

    fn without(mut self, counted: Counted) -> Self {
        self.counted.retain(|(own, _)| *own != counted);
        self
    }

    /// Whether the account has failed from the network.
    fn to_forgive(&self) -> bool {
        self.counted.iter().any(|(counted, failures)| *counted == Counted::Pair && failures.is_some())
    }

    /// Whether a success is to be remembered with its network.
    fn to_remember(&self) -> bool {
        self.last_from_here.is_none_or(|last| last + REMEMBERED <= self.now)
    }

    fn refuse_early(&self) -> Result<(), Fault> {
        let waits = Counted::by(self.known()).1;
        let failures = self.counted.iter().filter(|(counted, _)| waits.contains(counted));
        let failures = failures.filter_map(|(counted, failures)| Some((*counted, (*failures)?)));
        // The longest wait is the one to name.
        match failures.max_by_key(|(counted, failures)| failures.wait(*counted, self.now)) {
            Some((counted, failures)) => failures.refuse_early(counted, self.now),
            None => Ok(()),
        }
    }
}

/// Counts a failure; or forgives those that led up to a success, and remembers where it came from.
async fn count(
    app: &App,
    attempt: Attempt,
    standing: &Standing,
    found: Option<Credentials>,
) -> Result<Option<Credentials>, Problem> {
    let subjects: Vec<String> = standing.counted.iter().map(|(counted, _)| attempt.subject(*counted)).collect();
    let (forgive, remember) = (standing.to_forgive(), standing.to_remember());
    let principal = found.as_ref().map(|found| found.principal);
    if principal.is_none() || forgive || remember {
        let network = attempt.network_digest(app);
        let record = move |tx: &mut Tx<'_>| {
            let subjects: Vec<&str> = subjects.iter().map(String::as_str).collect();
            let Some(principal) = principal else { return sign_ins::record_failure(tx, &subjects) };
            if forgive {
                sign_ins::forgive(tx, &subjects)?;
            }
            if remember {
                sign_ins::remember_network(tx, principal, &network)?;
            }
            Ok(())
        };
        app.store.write(Actor::default(), app.now(), record).await?;
    }
    Ok(found)
}

/// The refusal of a wrong user name or password, which does not say which of them is wrong.
pub fn wrong_password() -> Fault {
    Fault::new(
        &oauth::INVALID_GRANT,
        message!(
            fi: "Käyttäjätunnus tai salasana on väärä, tai tili ei ole käytössä.",
            sv: "Användarnamnet eller lösenordet är fel, eller så är kontot inte aktivt.",
            en: "The user name or password is wrong, or the account is not active.",
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_turn_lasts_as_long_as_the_work_whoever_waits_for_it() {
        let hashing = Hashing::default();
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let turn = hashing.turn(Place::of(Lane::Known, "one")).await.unwrap();
        let work = tokio::spawn(in_turn(turn, move || wait.recv()));
        tokio::task::yield_now().await;
        work.abort();
        assert!(work.await.unwrap_err().is_cancelled());
        assert_eq!(hashing.free(), AT_A_TIME - 1);
        go.send(()).unwrap();
        while hashing.free() < AT_A_TIME {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}
