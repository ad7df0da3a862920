//! Proving who one is: by a person's password or a machine's secret, with guessing slowed down.

use crate::app::App;
use crate::auth::secrets::{SecretError, hash_password, verify_password};
use crate::client_address::client_address;
use crate::problem::{Problem, internal};
use actix_web::HttpRequest;
use actix_web::web::Data;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use yhteen_domain::accounts::Password;
use yhteen_domain::ids::PrincipalId;
use yhteen_domain::oauth::{self, Counted, Failures};
use yhteen_domain::text::Email;
use yhteen_domain::{Fault, codes, message};
use yhteen_persistence::accounts::sign_ins::{self, Credentials};
use yhteen_persistence::{Actor, Db, Error, Tx};

/// How many passwords are hashed at a time: each takes a processor and 19 MiB.
const AT_A_TIME: usize = 2;
/// How long a request waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where passwords are hashed: few at a time, and away from the threads that answer requests.
pub struct Hashing(Arc<Semaphore>);

impl Default for Hashing {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_A_TIME)))
    }
}

impl Hashing {
    /// How many passwords could be hashed just now without waiting.
    pub fn free(&self) -> usize {
        self.0.available_permits()
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit, Problem> {
        match tokio::time::timeout(PATIENCE, Arc::clone(&self.0).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(Fault::new(
                &codes::UNAVAILABLE,
                message!(
                    fi: "Juuri nyt kirjautuu liian moni.",
                    sv: "För många loggar in just nu.",
                    en: "Too many people are signing in just now.",
                ),
            )
            .retry_after(2)
            .into()),
        }
    }

    /// The hash of a new password.
    pub async fn hash(&self, password: Password) -> Result<String, Problem> {
        let turn = self.turn().await?;
        in_turn(turn, move || hash_password(&password)).await?.map_err(|error| unmade(&error))
    }
}

/// Does the work, which keeps the turn until it has ended, even where nobody waits for it any more.
async fn in_turn<T: Send + 'static>(
    turn: OwnedSemaphorePermit,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
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
/// Refuses with 429 while earlier failures of the account or from the `origin` call for a wait.
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
    let subjects = Subjects(vec![
        (Counted::Pair, format!("account:{account} {origin}")),
        (Counted::Account, format!("account:{account}")),
        (Counted::Address, origin),
    ]);
    // Refused here, an attempt takes no turn from others; what counts is the look within the turn.
    let look = subjects.clone();
    app.store.read(move |db| look.standing(db)).await?.refuse_early(app)?;

    let turn = app.hashing.turn().await?;
    let (app, password) = (app.clone(), password.to_owned());
    to_the_end(tokio::spawn(verified(app, turn, email, password, subjects))).await?
}

async fn verified(
    app: Data<App>,
    turn: OwnedSemaphorePermit,
    email: Option<Email>,
    password: String,
    subjects: Subjects,
) -> Result<Option<Credentials>, Problem> {
    let look = subjects.clone();
    let (standing, found) = app
        .store
        .read(move |db| {
            let found = email.map(|email| sign_ins::of_user(db, &email)).transpose()?.flatten();
            Ok((look.standing(db)?, found))
        })
        .await?;
    standing.refuse_early(&app)?;
    let hash = found.as_ref().and_then(|found| found.secret.clone());
    let right = in_turn(turn, move || verify_password(&password, hash.as_deref())).await?;
    count(&app, subjects, &standing, found.filter(|_| right)).await
}

/// The machine whose identifier and secret these are; nothing where they are not, which has then been counted. Refuses
/// with 429 while earlier failures of this machine from the `origin`, or very many from there, call for a wait.
///
/// The account itself is not slowed down: nobody guesses 256 random bits, but anybody who knows the identifier could
/// keep the machine out.
pub async fn by_secret(app: &App, id: &str, secret: &str, origin: String) -> Result<Option<Credentials>, Problem> {
    let client = app.keys.digest("sign-in failures", id);
    let id: Option<PrincipalId> = id.parse().ok();
    let subjects = Subjects(vec![(Counted::Pair, format!("account:{client} {origin}")), (Counted::Address, origin)]);
    let look = subjects.clone();
    let (standing, found) = app
        .store
        .read(move |db| {
            let standing = look.standing(db)?;
            Ok((standing, id.map(|id| sign_ins::of_client(db, id)).transpose()?.flatten()))
        })
        .await?;
    standing.refuse_early(app)?;
    let stored = found.as_ref().and_then(|found| found.secret.as_deref()).unwrap_or_default();
    let right = app.keys.is_client_secret(secret, stored);
    count(app, subjects, &standing, found.filter(|_| right)).await
}

/// By what an attempt is counted: the account from the address first.
#[derive(Clone)]
struct Subjects(Vec<(Counted, String)>);

impl Subjects {
    fn standing(&self, db: &mut Db) -> Result<Standing, Error> {
        let mut standing = Vec::new();
        for (counted, subject) in &self.0 {
            standing.extend(sign_ins::failures(db, subject)?.map(|failures| (*counted, failures)));
        }
        Ok(Standing(standing))
    }

    fn names(&self) -> Vec<&str> {
        self.0.iter().map(|(_, subject)| subject.as_str()).collect()
    }
}

/// The failures of late of the subjects of an attempt.
struct Standing(Vec<(Counted, Failures)>);

impl Standing {
    /// Whether the account has failed from the address.
    fn to_forgive(&self) -> bool {
        self.0.iter().any(|(counted, _)| *counted == Counted::Pair)
    }

    fn refuse_early(&self, app: &App) -> Result<(), Fault> {
        let now = app.now();
        // The longest wait is the one to name.
        match self.0.iter().max_by_key(|(counted, failures)| failures.wait(*counted, now)) {
            Some((counted, failures)) => failures.refuse_early(*counted, now),
            None => Ok(()),
        }
    }
}

/// Counts a failure, or forgives those that led up to a success.
async fn count(
    app: &App,
    subjects: Subjects,
    standing: &Standing,
    found: Option<Credentials>,
) -> Result<Option<Credentials>, Problem> {
    let failed = found.is_none();
    if failed || standing.to_forgive() {
        let keep = if failed { sign_ins::record_failure } else { sign_ins::forgive };
        let record = move |tx: &mut Tx<'_>| keep(tx, &subjects.names());
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
        let turn = hashing.turn().await.unwrap();
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
