//! A database of its own for each test: a copy of a migrated file, or of a migrated template.

use diesel::RunQueryDsl;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use yhteen_persistence::{Db, migrations};

/// The engine that a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

/// One test's database; it goes with the value.
pub struct Database {
    /// Its address.
    pub url: String,
    guard: Guard,
}

enum Guard {
    File(#[allow(dead_code, reason = "kept for its drop")] tempfile::TempDir),
    Postgres(String),
}

impl Database {
    /// A fresh, migrated database; nothing where the machine has no PostgreSQL.
    pub fn fresh(engine: Engine) -> Option<Self> {
        match engine {
            Engine::Sqlite => Some(Self::sqlite()),
            Engine::Postgres => Self::postgres(true),
        }
    }

    /// A database without any table.
    pub fn empty(engine: Engine) -> Option<Self> {
        match engine {
            Engine::Sqlite => {
                let directory = tempfile::tempdir().unwrap();
                let url = format!("sqlite:{}", directory.path().join("yhteen.db").display());
                Some(Self { url, guard: Guard::File(directory) })
            }
            Engine::Postgres => Self::postgres(false),
        }
    }

    /// Whether the feed shows every event that is committed: none of them waits for a transaction that still runs.
    pub fn has_settled(&self) -> bool {
        let Db::Postgres(mut db) = Db::open(&self.url).unwrap() else { return true };
        let waits = "EXISTS (SELECT FROM change_events WHERE transaction_id >= \
            pg_snapshot_xmin(pg_current_snapshot())::text::bigint)";
        !diesel::select(diesel::dsl::sql::<diesel::sql_types::Bool>(waits)).get_result::<bool>(&mut db).unwrap()
    }

    fn sqlite() -> Self {
        static MASTER: OnceLock<Vec<u8>> = OnceLock::new();
        let master = MASTER.get_or_init(|| {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("master.db");
            let mut db = Db::open(&format!("sqlite:{}", path.display())).unwrap();
            migrations::run(&mut db).unwrap();
            // The last connection to close leaves everything in the file.
            drop(db);
            std::fs::read(path).unwrap()
        });
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("yhteen.db");
        std::fs::write(&path, master).unwrap();
        Self { url: format!("sqlite:{}", path.display()), guard: Guard::File(directory) }
    }

    fn postgres(migrated: bool) -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        static TEMPLATE: OnceLock<String> = OnceLock::new();
        let server = postgres_url()?;
        let prefix = format!("yhteen_{}", std::process::id());
        let template = TEMPLATE.get_or_init(|| {
            let template = format!("{prefix}_template");
            administer(&format!("CREATE DATABASE {template}"));
            let mut db = Db::open(&at(server, &template)).unwrap();
            migrations::run(&mut db).unwrap();
            template
        });
        let name = format!("{prefix}_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let source = if migrated { template.as_str() } else { "template0" };
        administer(&format!("CREATE DATABASE {name} TEMPLATE {source}"));
        Some(Self { url: at(server, &name), guard: Guard::Postgres(name) })
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Guard::Postgres(name) = &self.guard {
            administer(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

/// The same server with another database.
fn at(server: &str, name: &str) -> String {
    let mut url = url::Url::parse(server).unwrap();
    url.set_path(name);
    url.into()
}

fn administer(sql: &str) {
    use diesel::connection::SimpleConnection;
    static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());
    // Two copies of one template at once disturb each other.
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    Db::open(postgres_url().unwrap()).unwrap().batch_execute(sql).unwrap();
}

/// The PostgreSQL server of the tests: the one that `YHTEEN_TEST_POSTGRES_URL` names, else a private one from the
/// binaries on this machine. Without either the PostgreSQL half is skipped, which is an error under `CI=true`.
pub fn postgres_url() -> Option<&'static str> {
    static SERVER: OnceLock<Option<String>> = OnceLock::new();
    let url = SERVER.get_or_init(|| std::env::var("YHTEEN_TEST_POSTGRES_URL").ok().or_else(start_cluster));
    if url.is_none() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "no PostgreSQL on this machine, and CI=true");
        eprintln!("skipped: there is no PostgreSQL on this machine");
    }
    url.as_deref()
}

fn binaries() -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()))
        .filter(|path| path.join("initdb").exists() && path.join("postgres").exists())
        .collect();
    found.sort();
    found.pop()
}

/// Starts a cluster for this run of the tests. It ends when this process ends, however that comes about: a shell holds
/// the other end of a pipe, and stops the server when the pipe closes.
fn start_cluster() -> Option<String> {
    static KEEPER: OnceLock<(Child, std::process::ChildStdin)> = OnceLock::new();
    let bin = binaries()?;
    let directory = tempfile::Builder::new().prefix("yhteen-postgres-").tempdir().unwrap().keep();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let script = r#"
        set -eu
        as_owner() { if [ "$(id -u)" = 0 ]; then setpriv --reuid="$OWNER" --regid="$OWNER_GROUP" --clear-groups "$@"; else "$@"; fi; }
        OWNER=nobody; OWNER_GROUP=nogroup
        if id postgres >/dev/null 2>&1; then OWNER=postgres; OWNER_GROUP=postgres; fi
        if [ "$(id -u)" = 0 ]; then chown "$OWNER" "$DIR"; fi
        as_owner "$BIN/initdb" --username=postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync -D "$DIR/data" >"$DIR/log" 2>&1 </dev/null
        as_owner "$BIN/postgres" -D "$DIR/data" -p "$PORT" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
            -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=400 >>"$DIR/log" 2>&1 </dev/null &
        cat >/dev/null || true
        # SIGINT is a fast shutdown; the job itself is a shell, which does not pass it on.
        kill -INT "$(head -n 1 "$DIR/data/postmaster.pid")" 2>/dev/null || true
        wait || true
        rm -rf "$DIR"
    "#;
    let mut keeper = Command::new("/bin/sh")
        .args(["-c", script])
        .env("BIN", &bin)
        .env("DIR", &directory)
        .env("PORT", port.to_string())
        .current_dir("/")
        .stdin(Stdio::piped())
        // It outlives the tests by a moment, and must not hold their output open.
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut pipe = keeper.stdin.take().unwrap();
    pipe.flush().unwrap();
    let _kept = KEEPER.set((keeper, pipe));
    let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
    wait_for(&url, &directory.join("log"));
    Some(url)
}

fn wait_for(url: &str, log: &Path) {
    let since = Instant::now();
    while let Err(error) = Db::open(url) {
        let log = || std::fs::read_to_string(log).unwrap_or_default();
        assert!(since.elapsed() < Duration::from_mins(1), "PostgreSQL does not answer: {error}\n{}", log());
        std::thread::sleep(Duration::from_millis(50));
    }
}
