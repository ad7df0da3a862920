//! Servers that are killed under load: what was answered is there, nothing is half there, and the feed tells of all of it.

use crate::follower::{Follower, listed};
use crate::programmes::active;
use diesel::prelude::*;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use yhteen_persistence::Db;
use yhteen_tests::caller::id;
use yhteen_tests::database::Database;
use yhteen_tests::process::Process;
use yhteen_tests::{Caller, Engine, Organisation, World, world};

const WRITERS: usize = 12;

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_yhteen-server"))
}

/// What is written, and what was answered.
struct Load {
    city: Organisation,
    town: Organisation,
    editor: Caller,
    programme: String,
    shared: String,
    next: AtomicUsize,
    stopped: AtomicBool,
    /// The identifier of each action whose making was answered, by its code.
    made: Mutex<BTreeMap<String, String>>,
    /// The versions of the shared action that were answered.
    versions: Mutex<BTreeSet<i64>>,
    /// Requests that were never answered: the codes of their actions.
    lost: Mutex<BTreeSet<String>>,
}

impl Load {
    async fn new(world: &World) -> Self {
        world.join_the_present();
        let (city, town) = (world.municipality("Kouvola").await, world.municipality("Kotka").await);
        let programme = active(&city, &[&town]).await;
        let mut load = Self {
            editor: city.editor.clone(),
            city,
            town,
            programme: programme.rsplit('/').next().unwrap().to_owned(),
            shared: String::new(),
            next: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
            made: Mutex::default(),
            versions: Mutex::default(),
            lost: Mutex::default(),
        };
        let shared = load.editor.post("/api/v1/actions", load.action("S")).await.expect(201);
        load.shared = format!("/api/v1/actions/{}", id(&shared));
        load.editor.act(&format!("{}:propose", load.shared)).await.expect(200);
        load
    }

    fn action(&self, code: &str) -> Value {
        json!({"programme_id": self.programme, "organisation_id": self.city.id, "code": code,
            "title": {"fi": "Toimenpide"}, "visibility": "public"})
    }

    async fn make(&self, editor: &Caller, code: &str) -> reqwest::Result<()> {
        let request = editor.request(Method::POST, "/api/v1/actions").header("idempotency-key", code);
        let made = editor.try_send(request.json(&self.action(code))).await?.expect(201);
        self.made.lock().unwrap().insert(code.to_owned(), id(&made));
        Ok(())
    }

    /// Makes actions, invites to them and changes a shared one, until it is stopped or its server is gone.
    async fn write(self: Arc<Self>, base: String) {
        let editor = self.editor.at(&base);
        while !self.stopped.load(Ordering::Relaxed) {
            let code = format!("A{}", self.next.fetch_add(1, Ordering::Relaxed));
            if self.make(&editor, &code).await.is_err() {
                self.lost.lock().unwrap().insert(code);
                return;
            }
            let at = format!("/api/v1/actions/{}", self.made.lock().unwrap()[&code]);
            let invitation = json!({"organisation_id": self.town.id, "roles": ["implementing"]});
            let invite = editor.request(Method::POST, &format!("{at}/participants")).json(&invitation);
            let change = editor.request(Method::PATCH, &self.shared).header("if-match", "*");
            let change = change.json(&json!({"title": {"fi": code}}));
            let Ok(invited) = editor.try_send(invite).await else { return };
            invited.expect(201);
            let Ok(changed) = editor.try_send(change).await else { return };
            let version = changed.version();
            changed.expect(200);
            assert!(self.versions.lock().unwrap().insert(version), "version {version} twice");
        }
    }

    fn answered(&self) -> usize {
        self.made.lock().unwrap().len()
    }

    /// Waits until so many more requests were answered.
    async fn more(&self, count: usize) {
        let (since, before) = (Instant::now(), self.answered());
        while self.answered() < before + count {
            assert!(since.elapsed() < Duration::from_mins(1), "the load does not go on");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Every answered write is there, none is half there, and the feed has told of each version once.
    async fn check(&self, base: &str) {
        let editor = self.editor.at(base);
        let shown: BTreeMap<String, Value> = editor
            .all("/api/v1/actions?include=participants")
            .await
            .into_iter()
            .map(|action| (action["code"].as_str().unwrap().to_owned(), action))
            .collect();
        for (code, made) in self.made.lock().unwrap().iter() {
            assert_eq!(shown.get(code).map(id).as_ref(), Some(made), "{code} was answered");
        }
        for (code, action) in &shown {
            let parts = action["participants"].as_array().unwrap();
            let accountable = parts.iter().filter(|part| part["organisation_id"] == self.city.id.as_str()).count();
            // A making and an invitation: whatever there is, there is whole.
            let version = usize::try_from(action["version"].as_i64().unwrap()).unwrap();
            assert_eq!(accountable, 1, "{action}");
            assert!(code == "S" || parts.len() == version, "{action}");
        }
        let shared = shown["S"]["version"].as_i64().unwrap();
        assert!(self.versions.lock().unwrap().iter().all(|version| *version <= shared));

        let mark = json!({"website": "https://loppu.example/"});
        let city = format!("/api/v1/organisations/{}", self.city.id);
        let marked = self.city.admin.at(base).change(&city, mark).await;
        let version = marked.version();
        marked.expect(200);
        let mut follower = Follower::from_the_beginning(self.city.viewer.at(base));
        while follower.holds.get(&("organisation".to_owned(), self.city.id.clone())) != Some(&version) {
            follower.follow(1000, 5).await.unwrap();
        }
        assert_eq!(follower.holds, listed(&follower.reader).await);
        let mut told: BTreeMap<&(String, String), Vec<i64>> = BTreeMap::new();
        for event in &follower.events {
            told.entry(&event.aggregate).or_default().push(event.version);
        }
        for (id, versions) in told {
            assert_eq!(versions, (1..=i64::try_from(versions.len()).unwrap()).collect::<Vec<_>>(), "{id:?}");
        }
    }

    /// Requests without an answer are sent again with the keys that they had: whatever had become of them, each is done
    /// once.
    async fn repeat(&self, base: &str) {
        let editor = self.editor.at(base);
        let lost = std::mem::take(&mut *self.lost.lock().unwrap());
        for code in lost {
            self.make(&editor, &code).await.unwrap();
        }
    }
}

fn begin(load: &Arc<Load>, bases: &[&str]) -> tokio::task::JoinSet<()> {
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        writers.spawn(Arc::clone(load).write(bases[writer % bases.len()].to_owned()));
    }
    writers
}

async fn end(mut writers: tokio::task::JoinSet<()>) {
    while let Some(writer) = writers.join_next().await {
        writer.unwrap();
    }
}

/// A token that one server has given.
async fn token_of(load: &Load, base: &str) -> Caller {
    let body = json!({"organisation_id": load.city.id, "name": "Järjestelmä", "scopes": ["actions:read", "actions:write"],
        "roles": [{"organisation_id": load.city.id, "role": "editor"}]});
    let made = load.city.admin.at(base).post("/api/v1/clients", body).await.expect(201);
    let secret = made["client_secret"].as_str().unwrap();
    let form = [("grant_type", "client_credentials"), ("client_id", &id(&made)), ("client_secret", secret)];
    let anyone = Caller::new(base, None);
    let token = anyone.send(anyone.request(Method::POST, "/oauth/token").form(&form)).await.expect(200);
    Caller::new(base, Some(token["access_token"].as_str().unwrap().to_owned()))
}

#[test]
fn of_two_servers_on_postgres_one_is_killed_under_load() {
    world::run(Engine::Postgres, |world| async move {
        let mut load = Load::new(&world).await;
        let mut first = Process::start(program(), &world.database, &world.base);
        let second = Process::start(program(), &world.database, &world.base);
        first.ready().await;
        second.ready().await;
        // A token of the one is good at the other: all writers have one of the first.
        load.editor = token_of(&load, &first.base).await;
        load.editor.at(&second.base).get(&load.shared).await.expect(200);
        let load = Arc::new(load);
        let writers = begin(&load, &[&first.base, &second.base]);
        load.more(200).await;
        first.kill();
        load.more(200).await;
        load.stopped.store(true, Ordering::Relaxed);
        end(writers).await;
        load.repeat(&second.base).await;
        load.check(&second.base).await;
    });
}

/// Ends a world, so that nobody else has its database open: the last to close it leaves no log beside it.
async fn alone(world: World) -> Arc<Database> {
    let database = Arc::clone(&world.database);
    drop(world);
    let log = format!("{}-wal", database.url.trim_start_matches("sqlite:"));
    let since = Instant::now();
    while Path::new(&log).exists() {
        assert!(since.elapsed() < Duration::from_secs(20), "the world does not end");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    database
}

fn check_integrity(database: &Database) {
    let Db::Sqlite(mut db) = Db::open(&database.url).unwrap() else { panic!("this is SQLite") };
    let found: Vec<Integrity> = diesel::sql_query("PRAGMA integrity_check").load(&mut db).unwrap();
    assert_eq!(found.iter().map(|row| row.integrity_check.as_str()).collect::<Vec<_>>(), ["ok"]);
}

#[derive(QueryableByName)]
struct Integrity {
    #[diesel(sql_type = diesel::sql_types::Text)]
    integrity_check: String,
}

#[test]
fn a_server_on_sqlite_is_killed_under_load_ten_times() {
    world::run(Engine::Sqlite, |world| async move {
        let (load, issuer) = (Arc::new(Load::new(&world).await), world.base.clone());
        let database = alone(world).await;
        for _ in 0..10 {
            let mut server = Process::start(program(), &database, &issuer);
            server.ready().await;
            load.repeat(&server.base).await;
            let writers = begin(&load, &[&server.base]);
            load.more(40).await;
            server.kill();
            end(writers).await;
            check_integrity(&database);
        }
        let server = Process::start(program(), &database, &issuer);
        server.ready().await;
        load.repeat(&server.base).await;
        load.check(&server.base).await;
    });
}
