//! Proving who one is: by a person's password or a machine's secret, with guessing slowed down.

use crate::app::App;
use crate::auth::secrets::{SecretError, hash_password, verify_password};
use crate::client_address::client_address;
use crate::problem::{Problem, internal};
use actix_web::HttpRequest;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use yhteen_domain::accounts::Password;
use yhteen_domain::ids::PrincipalId;
use yhteen_domain::oauth::{self, Failures};
use yhteen_domain::text::Email;
use yhteen_domain::{Fault, codes};
use yhteen_persistence::accounts::sign_ins::{self, Credentials};
use yhteen_persistence::{Actor, Db, Error};

/// How many passwords are hashed at a time: each takes a processor and 19 MiB.
const AT_A_TIME: usize = 2;
/// How long a request waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where passwords are hashed: few at a time, and away from the threads that answer requests.
pub struct Hashing(Semaphore);

impl Default for Hashing {
    fn default() -> Self {
        Self(Semaphore::new(AT_A_TIME))
    }
}

impl Hashing {
    async fn turn(&self) -> Result<SemaphorePermit<'_>, Problem> {
        match tokio::time::timeout(PATIENCE, self.0.acquire()).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(Fault::new(&codes::UNAVAILABLE, "Too many people sign in just now.").retry_after(2).into()),
        }
    }

    /// The hash of a new password.
    pub async fn hash(&self, password: Password) -> Result<String, Problem> {
        let _turn = self.turn().await?;
        blocking(move || hash_password(&password)).await?.map_err(|error| unmade(&error))
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
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
/// An unknown address takes as long as a wrong password, and is counted the same.
pub async fn by_password(
    app: &App,
    username: &str,
    password: &str,
    origin: String,
) -> Result<Option<Credentials>, Problem> {
    let email = Email::parse(username).ok();
    // Not the address itself: what people mistype there is often something else.
    let account = format!("account:{}", app.keys.digest("sign-in failures", &username.trim().to_lowercase()));
    // Refused here, an attempt takes no turn from others; what counts is the look within the turn.
    let look = (account.clone(), origin.clone());
    app.store.read(move |db| ready(db, &[&look.0, &look.1])).await?.refuse_early(app)?;

    let _turn = app.hashing.turn().await?;
    let look = (account.clone(), origin.clone());
    let (failures, found) = app
        .store
        .read(move |db| {
            let failures = ready(db, &[&look.0, &look.1])?;
            let found = email.map(|email| sign_ins::of_user(db, &email)).transpose()?.flatten();
            Ok((failures, found))
        })
        .await?;
    failures.refuse_early(app)?;
    let (password, hash) = (password.to_owned(), found.as_ref().and_then(|found| found.secret.clone()));
    let right = blocking(move || verify_password(&password, hash.as_deref())).await?;
    let Some(found) = found.filter(|_| right) else {
        record_failure(app, vec![account, origin]).await?;
        return Ok(None);
    };
    if failures.any() {
        forgive(app, account, origin).await?;
    }
    Ok(Some(found))
}

/// The machine whose identifier and secret these are; nothing where they are not, which has then been counted. Refuses
/// with 429 while earlier failures from the `origin` call for a wait.
///
/// The account itself is not slowed down: nobody guesses 256 random bits, but anybody who knows the identifier could
/// keep the machine out.
pub async fn by_secret(app: &App, id: &str, secret: &str, origin: String) -> Result<Option<Credentials>, Problem> {
    let id: Option<PrincipalId> = id.parse().ok();
    let from = origin.clone();
    let (failures, found) = app
        .store
        .read(move |db| {
            let failures = ready(db, &[&from])?;
            Ok((failures, id.map(|id| sign_ins::of_client(db, id)).transpose()?.flatten()))
        })
        .await?;
    failures.refuse_early(app)?;
    let stored = found.as_ref().and_then(|found| found.secret.as_deref()).unwrap_or_default();
    let right = app.keys.is_client_secret(secret, stored);
    let found = found.filter(|_| right);
    if found.is_none() {
        record_failure(app, vec![origin]).await?;
    }
    Ok(found)
}

/// The failures of an account and of an address.
struct Standing(Vec<Failures>);

impl Standing {
    fn any(&self) -> bool {
        !self.0.is_empty()
    }

    fn refuse_early(&self, app: &App) -> Result<(), Fault> {
        let now = app.now();
        // The longest wait is the one to name.
        match self.0.iter().max_by_key(|failures| failures.wait(now)) {
            Some(failures) => failures.refuse_early(now),
            None => Ok(()),
        }
    }
}

fn ready(db: &mut Db, subjects: &[&str]) -> Result<Standing, Error> {
    let mut standing = Vec::new();
    for subject in subjects {
        standing.extend(sign_ins::failures(db, subject)?);
    }
    Ok(Standing(standing))
}

async fn record_failure(app: &App, subjects: Vec<String>) -> Result<(), Problem> {
    let record = move |tx: &mut yhteen_persistence::Tx<'_>| {
        let subjects: Vec<&str> = subjects.iter().map(String::as_str).collect();
        sign_ins::record_failure(tx, &subjects)
    };
    Ok(app.store.write(Actor::default(), app.now(), record).await?)
}

async fn forgive(app: &App, account: String, origin: String) -> Result<(), Problem> {
    let forgive = move |tx: &mut yhteen_persistence::Tx<'_>| sign_ins::forgive(tx, &account, &origin);
    Ok(app.store.write(Actor::default(), app.now(), forgive).await?)
}

/// The refusal of a wrong user name or password, which does not say which of them is wrong.
pub fn wrong_password() -> Fault {
    Fault::new(&oauth::INVALID_GRANT, "User name or password is wrong, or the account is not active.")
}
