//! A server with its own database, its clock in the test's hand, and organisations with callers.

use crate::caller::Caller;
use crate::database::{Database, Engine};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::json;
use std::future::Future;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;
use yhteen_domain::accounts::{Account, AccountKind};
use yhteen_domain::ids::{Id, OrganisationId, PrincipalId};
use yhteen_domain::meta::Meta;
use yhteen_domain::roles::{Role, TokenScope};
use yhteen_domain::sessions::Session;
use yhteen_domain::text::{Email, Text};
use yhteen_domain::time::Instant;
use yhteen_domain::vocabulary::Vocabulary;
use yhteen_http::app::{App, Clock};
use yhteen_http::auth::digests::DigestKeys;
use yhteen_http::auth::keys::{Grant, Keys, parse_scopes};
use yhteen_http::serve::Size;
use yhteen_http::service::Shared;
use yhteen_persistence::statements::Listener;
use yhteen_persistence::timetable_changes::{self, Round};
use yhteen_persistence::{Actor, Store, accounts, sessions};

/// The time at which worlds begin: a Thursday.
pub const BEGINNING: &str = "2026-01-15T10:00:00Z";

/// The signing key of all worlds.
pub fn signing_key() -> &'static str {
    static KEY: OnceLock<String> = OnceLock::new();
    KEY.get_or_init(|| Keys::generate().unwrap())
}

/// The secrets of all worlds, as a file has them.
pub fn secrets() -> &'static str {
    static SECRETS: OnceLock<String> = OnceLock::new();
    SECRETS.get_or_init(|| DigestKeys::fresh(None).unwrap().text())
}

/// A running service.
pub struct World {
    /// Which engine it is on.
    pub engine: Engine,
    /// Where it listens.
    pub base: String,
    /// What its handlers have at hand.
    pub shared: Shared,
    /// Its operator.
    pub operator: Caller,
    clock: Arc<Mutex<Instant>>,
    /// What is said to the database, while somebody listens.
    heard: Arc<Mutex<Option<Vec<String>>>>,
    server: actix_web::dev::ServerHandle,
    /// As whom it does the work of the worker.
    worker: uuid::Uuid,
    /// Its database, which goes with the last who holds it.
    pub database: Arc<Database>,
}

/// An organisation with its people.
#[derive(Clone)]
pub struct Organisation {
    /// Its identifier.
    pub id: String,
    /// Its administrator.
    pub admin: Caller,
    /// Its editor.
    pub editor: Caller,
    /// Its reporter.
    pub reporter: Caller,
    /// Its viewer.
    pub viewer: Caller,
}

/// Runs a test on a fresh world; skipped where the machine lacks the engine.
pub fn run<F: Future<Output = ()>>(engine: Engine, test: impl FnOnce(World) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        if let Some(world) = World::new(engine).await {
            test(world).await;
        }
    });
}

impl World {
    /// A fresh world; nothing where the machine lacks the engine.
    pub async fn new(engine: Engine) -> Option<Self> {
        Some(Self::on(engine, Database::fresh(engine)?).await)
    }

    /// A world on a database that is there already.
    pub async fn on(engine: Engine, database: Database) -> Self {
        let clock = Arc::new(Mutex::new(BEGINNING.parse().unwrap()));
        let hand = Arc::clone(&clock);
        let heard = Arc::new(Mutex::new(None::<Vec<String>>));
        let ear = Arc::clone(&heard);
        let listener = Listener::new(move |statement| {
            if let Some(heard) = ear.lock().unwrap().as_mut() {
                heard.push(statement.to_string());
            }
        });
        let store = Store::open_heard(&database.url, 4, listener).unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let keys = Keys::from_pem(signing_key(), &base).unwrap().digesting_with(DigestKeys::parse(secrets()).unwrap());
        let app = App::new(store, Clock::from_fn(move || *hand.lock().unwrap()), keys, base.clone());
        let shared = Shared::new(app, Vec::new());
        let server = serve(listener, shared.clone());
        let operator = Caller::new(&base, None);
        let (worker, database) = (uuid::Uuid::now_v7(), Arc::new(database));
        let mut world = Self { engine, base, shared, operator, clock, heard, server, worker, database };
        world.operator = world.account(None, &[], TokenScope::ALL, true).await;
        world
    }

    /// The service.
    pub fn app(&self) -> &App {
        &self.shared.app
    }

    /// Sets the clock.
    pub fn set_clock(&self, at: &str) {
        *self.clock.lock().unwrap() = at.parse().unwrap();
        // What was known of everyone's rights belongs to another day.
        self.app().accesses.forget();
    }

    /// The statements that reach the database while `work` is done, but for those around a transaction. Whoever is
    /// signed in may cause more, since rights are read again now and then.
    pub async fn statements<T>(&self, work: impl Future<Output = T>) -> Vec<String> {
        *self.heard.lock().unwrap() = Some(Vec::new());
        work.await;
        let mut statements = self.heard.lock().unwrap().take().unwrap();
        let around = ["BEGIN", "COMMIT", "SELECT 1"];
        statements.retain(|statement| !around.iter().any(|word| statement.starts_with(word)));
        statements
    }

    /// Lets the worker tell of all timetables that have changed until now. It does nothing of its own accord here.
    pub async fn settle_timetables(&self) {
        let since = std::time::Instant::now();
        loop {
            let settled = self.database.has_settled();
            let round = timetable_changes::round(&self.app().store, self.worker, || self.app().now()).await.unwrap();
            match round {
                Round::Idle if settled => return,
                Round::Done => {}
                // On PostgreSQL other transactions of the cluster hold the feed back for moments.
                Round::Idle | Round::Elsewhere => tokio::time::sleep(Duration::from_millis(10)).await,
            }
            assert!(since.elapsed() < Duration::from_secs(30), "the timetables do not settle: {round:?}");
        }
    }

    /// Sets the clock to the machine's, by which server processes go, and answers the operator with a token of today.
    pub fn join_the_present(&self) -> Caller {
        #[allow(clippy::disallowed_methods, reason = "the processes have the machine's clock")]
        let now = chrono::Utc::now();
        self.set_clock(&now.to_rfc3339());
        self.renewed(&self.operator)
    }

    /// Someone who is not signed in.
    pub fn anonymous(&self) -> Caller {
        Caller::new(&self.base, None)
    }

    /// A machine with these roles, and a token with these scopes.
    pub async fn client(&self, home: &str, roles: &[(&str, Role)], scopes: &[TokenScope]) -> Caller {
        self.account(Some(home), roles, scopes, false).await
    }

    /// A person of an organisation who proves itself by a password of this hash, with a token. The address is
    /// `<identifier>@example.org`.
    pub async fn user(&self, home: &str, hash: Option<String>) -> (PrincipalId, Caller) {
        let mut account = self.new_account(Some(home), &[(home, Role::Viewer)], TokenScope::ALL, false);
        let email = Email::parse(&format!("{}@example.org", account.id)).unwrap();
        (account.kind, account.email) = (AccountKind::User, Some(email));
        let (principal, now) = (account.id, self.app().now());
        let create = move |tx: &mut yhteen_persistence::Tx<'_>| accounts::create(tx, &account, hash.as_deref());
        self.app().store.write(Actor::default(), now, create).await.unwrap();
        (principal, Caller::new(&self.base, Some(self.token(principal, TokenScope::ALL))))
    }

    /// A refresh token as a sign-in gives one, without the time that passwords take.
    pub async fn refresh_token(&self, principal: PrincipalId) -> String {
        let (secret, now) = (uuid::Uuid::now_v7().to_string(), self.app().now());
        let digest = self.app().keys.refresh_token_digest(&secret);
        let session = Session::begun(self.app().fresh(), principal, TokenScope::ALL.to_vec(), now);
        let begin = move |tx: &mut yhteen_persistence::Tx<'_>| sessions::begin(tx, &session, &digest);
        self.app().store.write(Actor::default(), now, begin).await.unwrap();
        secret
    }

    fn new_account(
        &self,
        home: Option<&str>,
        roles: &[(&str, Role)],
        scopes: &[TokenScope],
        operator: bool,
    ) -> Account {
        let now = self.app().now();
        Account {
            id: PrincipalId::from_uuid(uuid::Uuid::now_v7()),
            meta: Meta::new(now),
            kind: AccountKind::Client,
            organisation_id: home.map(|id| id.parse().unwrap()),
            name: Text::parse("Test").unwrap(),
            email: None,
            scopes: scopes.to_vec(),
            operator,
            deactivated_at: None,
            roles: roles.iter().map(|(id, role)| (id.parse::<OrganisationId>().unwrap(), *role)).collect(),
        }
    }

    async fn account(
        &self,
        home: Option<&str>,
        roles: &[(&str, Role)],
        scopes: &[TokenScope],
        operator: bool,
    ) -> Caller {
        let account = self.new_account(home, roles, scopes, operator);
        let (id, now) = (account.id, self.app().now());
        let create = move |tx: &mut yhteen_persistence::Tx<'_>| accounts::create(tx, &account, None);
        self.app().store.write(Actor::default(), now, create).await.unwrap();
        Caller::new(&self.base, Some(self.token(id, scopes)))
    }

    /// An access token of this time for an account that was never signed out.
    pub fn token(&self, principal: PrincipalId, scopes: &[TokenScope]) -> String {
        let grant = Grant::new(principal, scopes);
        self.app().keys.issue(&grant, uuid::Uuid::now_v7(), self.app().now()).unwrap()
    }

    /// The account of a caller, as its token says.
    pub fn principal(&self, caller: &Caller) -> PrincipalId {
        grant(caller).principal
    }

    /// The same caller with a fresh token: the clock of a world runs faster than tokens live.
    pub fn renewed(&self, caller: &Caller) -> Caller {
        let token = self.app().keys.issue(&grant(caller), uuid::Uuid::now_v7(), self.app().now()).unwrap();
        Caller { token: Some(token), ..caller.clone() }
    }

    /// A new organisation of a kind, with an administrator, an editor, a reporter and a viewer.
    pub async fn organisation(&self, name: &str, kind: &str) -> Organisation {
        self.part_of(None, name, kind).await
    }

    /// A new organisation that is a part of another.
    pub async fn part_of(&self, parent: Option<&str>, name: &str, kind: &str) -> Organisation {
        let body = json!({"name": {"fi": name}, "kind": kind, "parent_id": parent});
        // By a token of the world's time, which may have gone on.
        let created = self.renewed(&self.operator).post("/api/v1/organisations", body).await.expect(201);
        let id = crate::caller::id(&created);
        let as_role = |role| {
            let id = id.clone();
            async move { self.client(&id, &[(&id, role)], TokenScope::ALL).await }
        };
        Organisation {
            admin: as_role(Role::Admin).await,
            editor: as_role(Role::Editor).await,
            reporter: as_role(Role::Reporter).await,
            viewer: as_role(Role::Viewer).await,
            id,
        }
    }

    /// A new municipality.
    pub async fn municipality(&self, name: &str) -> Organisation {
        self.organisation(name, "municipality").await
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // The server's own thread carries it out.
        drop(self.server.stop(false));
    }
}

/// What the token of a caller says, however old it is.
fn grant(caller: &Caller) -> Grant {
    let claims = caller.token().unwrap().split('.').nth(1).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    let scopes = parse_scopes(claims["scope"].as_str().unwrap());
    Grant {
        generation: claims["generation"].as_i64().unwrap(),
        session: claims.get("sid").map(|id| id.as_str().unwrap().parse().unwrap()),
        ..Grant::new(claims["sub"].as_str().unwrap().parse().unwrap(), &scopes)
    }
}

fn serve(listener: std::net::TcpListener, shared: Shared) -> actix_web::dev::ServerHandle {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let size = Size { workers: 1, connections: 1_000, draining_time: 1 };
            let server = yhteen_http::serve::server(shared, listener, size).unwrap();
            sender.send(server.handle()).unwrap();
            server.await.unwrap();
        });
    });
    receiver.recv().unwrap()
}
