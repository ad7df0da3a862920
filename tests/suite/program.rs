//! The program itself: its commands, its first start, its end, and what it refuses.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use yhteen_tests::database::Database;
use yhteen_tests::{Caller, Engine};

/// The program in a directory of its own, with nothing in its environment but what a test gives it.
fn program(directory: &Path, environment: &[(&str, &str)], arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yhteen-server"));
    command.current_dir(directory).env_clear().args(arguments).stdin(Stdio::null());
    command.envs(environment.iter().copied());
    command
}

fn run(directory: &Path, environment: &[(&str, &str)], arguments: &[&str]) -> Output {
    program(directory, environment, arguments).output().unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", told(output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A server that a test has started; it is killed with the value.
struct Server {
    child: Child,
    base: String,
}

impl Server {
    fn start(directory: &Path, environment: &[(&str, &str)]) -> Self {
        let bind = ("YHTEEN_BIND", "127.0.0.1:0");
        let environment = [&[bind], environment].concat();
        let mut command = program(directory, &environment, &["serve"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let base = line.trim().strip_prefix("Swagger UI: ").and_then(|line| line.strip_suffix("/docs/"));
        let base = base.unwrap_or_else(|| panic!("{line:?} does not say where it listens")).to_owned();
        Self { child, base }
    }

    async fn status(&self, path: &str) -> u16 {
        let caller = Caller::new(&self.base, None);
        caller.try_send(caller.request(reqwest::Method::GET, path)).await.map_or(0, |reply| reply.status.as_u16())
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Its exit, with what it logged.
    fn end(mut self) -> (Option<i32>, String) {
        let since = Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            assert!(since.elapsed() < Duration::from_secs(25), "it does not stop");
            std::thread::sleep(Duration::from_millis(20));
        }
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        (self.child.wait().unwrap().code(), log)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn every_mistake_in_the_settings_is_told_with_its_place() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("yhteen.toml"), "worker = 2\n").unwrap();
    let environment = [("YHTEEN_CONFIG", "yhteen.toml"), ("YHTEEN_BIND", "8080"), ("YHTEEN_LOGS", "info")];
    let refused = run(directory.path(), &environment, &["serve", "--database-url", "mysql://user:s3cret@host/x"]);
    assert_eq!(refused.status.code(), Some(2));
    let told = told(&refused);
    for place in ["--database-url: ", "YHTEEN_BIND: ", "YHTEEN_LOGS: ", "yhteen.toml: worker: "] {
        assert!(told.contains(place), "{place} is not in {told}");
    }
    assert!(!told.contains("s3cret"), "{told}");
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1, "nothing was begun");
}

#[test]
fn the_settings_are_shown_with_their_sources_and_without_secrets() {
    let directory = tempfile::tempdir().unwrap();
    let environment = [("DATABASE_URL", "postgres://yhteen:s3cret@db/yhteen"), ("YHTEEN_WORKERS", "3")];
    let shown = said(&run(directory.path(), &environment, &["check-config", "--log", "warn"]));
    let url = r#"database_url = "postgres://yhteen:[redacted]@db/yhteen"  # DATABASE_URL"#;
    for line in [url, "workers = 3  # YHTEEN_WORKERS", r#"log = "warn"  # --log"#, "drain_seconds = 3  # default"] {
        assert!(shown.contains(line), "{line} is not in {shown}");
    }
    // What is shown can be read again.
    std::fs::write(directory.path().join("shown.toml"), shown.replace("[redacted]", "x")).unwrap();
    said(&run(directory.path(), &[], &["check-config", "--config", "shown.toml"]));
}

#[test]
fn the_document_and_the_codes_are_printed_without_any_setting() {
    let directory = tempfile::tempdir().unwrap();
    let environment = [("YHTEEN_BIND", "nonsense")];
    let document = said(&run(directory.path(), &environment, &["openapi"]));
    let value: Value = serde_json::from_str(&document).unwrap();
    assert_eq!(value["openapi"], "3.1.0");
    assert!(document.ends_with("}\n"));
    let table = said(&run(directory.path(), &environment, &["errors"]));
    assert!(table.contains("| `request.not_found` | 404 |"), "{table}");
}

#[test]
fn migrations_go_up_down_and_up_again_and_down_only_when_confirmed() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(database) = Database::empty(engine) else { continue };
        let directory = tempfile::tempdir().unwrap();
        let environment = [("DATABASE_URL", database.url.as_str())];
        let migrate = |arguments: &[&str]| run(directory.path(), &environment, &[&["migrate"], arguments].concat());
        assert!(said(&migrate(&[])).contains("migrations run: "));
        assert!(said(&migrate(&[])).contains("nothing to do"));
        assert_eq!(migrate(&["--revert-all"]).status.code(), Some(2));
        assert!(said(&migrate(&[])).contains("nothing to do"));
        assert!(said(&migrate(&["--revert-all", "--destroy-all-data"])).contains("taken back: "));
        assert!(said(&migrate(&[])).contains("migrations run: "));
    }
}

#[tokio::test]
async fn a_first_start_needs_nothing_and_a_second_keeps_what_there_is() {
    let directory = tempfile::tempdir().unwrap();
    let key = directory.path().join("yhteen.db.signing-key.pem");
    let server = Server::start(directory.path(), &[]);
    assert_eq!(server.status("/health/live").await, 200);
    assert_eq!(server.status("/health/ready").await, 200);
    let first = std::fs::read(&key).unwrap();
    drop(server);
    let added = ["admin", "create-organisation", "--name-fi", "Kotka", "--kind", "municipality"];
    let id = said(&run(directory.path(), &[], &added));
    let id = id.trim().strip_prefix("organisation ").unwrap();
    let server = Server::start(directory.path(), &[]);
    assert_eq!(server.status(&format!("/api/v1/organisations/{id}")).await, 200);
    assert_eq!(std::fs::read(&key).unwrap(), first);
}

#[tokio::test]
async fn at_the_signal_to_stop_it_is_no_longer_ready_and_finishes_what_it_has_begun() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(directory.path(), &[("YHTEEN_DRAIN_SECONDS", "4")]);
    let address = server.base.strip_prefix("http://").unwrap().to_owned();
    // A connection that waits for its next request holds nothing up, and a request that is half there is answered.
    let idle = TcpStream::connect(&address).unwrap();
    let mut half = TcpStream::connect(&address).unwrap();
    half.write_all(b"POST /api/v1/organisations HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n").unwrap();
    server.signal("-TERM");
    let since = Instant::now();
    while server.status("/health/ready").await != 503 {
        assert!(since.elapsed() < Duration::from_secs(3), "it is still ready");
    }
    assert_eq!(server.status("/health/live").await, 200);
    half.write_all(b"Connection: close\r\n\r\n{}").unwrap();
    let mut answer = String::new();
    half.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    let (code, log) = server.end();
    assert_eq!(code, Some(0), "{log}");
    drop(idle);
}

#[tokio::test]
async fn at_the_signal_to_stop_whoever_waits_for_changes_is_answered() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(directory.path(), &[("YHTEEN_DRAIN_SECONDS", "10")]);
    let anyone = Caller::new(&server.base, None);
    let next = anyone.get("/api/v1/changes?after=now").await.expect(200)["next"].as_str().unwrap().to_owned();
    let waiting = tokio::spawn(async move { anyone.get(&format!("/api/v1/changes?after={next}&wait=30")).await });
    tokio::time::sleep(Duration::from_millis(500)).await;
    let since = Instant::now();
    server.signal("-TERM");
    let told = waiting.await.unwrap().expect(200);
    assert_eq!((&told["items"], &told["more"]), (&serde_json::json!([]), &false.into()));
    assert!(since.elapsed() < Duration::from_secs(5), "{:?}", since.elapsed());
}

#[tokio::test]
async fn every_line_of_the_log_is_an_object_whatever_is_asked_for() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(directory.path(), &[("YHTEEN_DRAIN_SECONDS", "0")]);
    let forged = "/api/v1/x%0A%7B%22level%22:%22error%22%7D%1B%5B2K";
    assert_eq!(server.status(forged).await, 404);
    // The secret of a calendar feed is in its address.
    let secret = "q3Jm0cQ1e0a3vVbQfP0b6kI1jY6m1m0G3l0s9c8r7T4";
    for path in ["{}/calendar.ics", "{}/calendar.ics?x=1", "{}", "{}/", "/{}/calendar.ics", "{}/calendar.ics/more"] {
        let path = format!("/api/v1/calendar-feeds/{}", path.replace("{}", secret));
        assert!([400, 401, 404].contains(&server.status(&path).await), "{path}");
    }
    server.signal("-INT");
    let (code, log) = server.end();
    assert_eq!(code, Some(0), "{log}");
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(!log.contains(secret), "{log}");
    let line = lines.iter().find(|line| line["status"] == 404).expect("the request is in the log");
    assert_eq!((&line["level"], &line["client"]), (&"info".into(), &"127.0.0.1".into()));
    assert!(line["request_id"].is_string() && line["micros"].is_u64());
}

#[tokio::test]
async fn what_is_no_request_is_answered_and_is_no_error_of_the_service() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(directory.path(), &[("YHTEEN_DRAIN_SECONDS", "0")]);
    let address = server.base.trim_start_matches("http://").trim_end_matches('/').to_owned();
    let broken: [&[u8]; 4] = [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\nHost: a\r\n: broken\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"\r\n\r\nNONSENSE\r\n\r\n",
    ];
    for request in broken {
        let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
        stream.write_all(request).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 400 "), "{}", String::from_utf8_lossy(&answer));
    }
    server.signal("-INT");
    let (code, log) = server.end();
    assert_eq!(code, Some(0), "{log}");
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().all(|line| line["level"] != "error" && line["level"] != "warn"), "{log}");
}

#[test]
fn on_postgres_a_missing_key_or_migration_is_refused_with_advice() {
    let Some(database) = Database::empty(Engine::Postgres) else { return };
    let directory = tempfile::tempdir().unwrap();
    let url = ("DATABASE_URL", database.url.as_str());
    let refused = run(directory.path(), &[url, ("YHTEEN_BIND", "127.0.0.1:0")], &["serve"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(told(&refused).contains("yhteen create-signing-key"), "{}", told(&refused));
    said(&run(directory.path(), &[], &["create-signing-key", "key.pem"]));
    let environment = [url, ("YHTEEN_BIND", "127.0.0.1:0"), ("YHTEEN_SIGNING_KEY", "key.pem")];
    let refused = run(directory.path(), &environment, &["serve"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(told(&refused).contains("run `yhteen migrate`"), "{}", told(&refused));
    said(&run(directory.path(), &[url], &["migrate"]));
    drop(Server::start(directory.path(), &environment));
}

#[test]
fn the_demo_listens_to_nobody_else_and_touches_no_other_database() {
    let directory = tempfile::tempdir().unwrap();
    let refused = run(directory.path(), &[("YHTEEN_BIND", "0.0.0.0:0")], &["serve", "--demo"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(told(&refused).contains("loopback"), "{}", told(&refused));
    let refused = run(directory.path(), &[], &["serve", "--demo", "--database-url", "sqlite:real.db"]);
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0, "nothing was begun");
}

#[test]
fn the_demo_says_where_it_is_and_how_to_sign_in() {
    let directory = tempfile::tempdir().unwrap();
    let mut command = program(directory.path(), &[("YHTEEN_BIND", "127.0.0.1:0")], &["serve", "--demo"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = Vec::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap) {
        lines.push(line);
        if lines.last().unwrap().contains("client_secret") {
            break;
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(lines[0].starts_with("Swagger UI: http://127.0.0.1:"), "{lines:?}");
    assert!(lines[1].starts_with("*** DEMO: everyone knows these accounts"), "{lines:?}");
    for told in ["password", "admin", "editor", "reporter", "viewer", "coordinator", "operator", "client_id"] {
        assert!(lines.iter().any(|line| line.trim_start().starts_with(told)), "{told} is not in {lines:?}");
    }
}

#[test]
fn a_taken_address_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let refused = run(directory.path(), &[("YHTEEN_BIND", &address)], &["serve"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(told(&refused).contains(&address), "{}", told(&refused));
}

#[test]
fn a_new_epoch_of_the_feed_is_begun() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(database) = Database::fresh(engine) else { continue };
        let directory = tempfile::tempdir().unwrap();
        let environment = [("DATABASE_URL", database.url.as_str())];
        let begun = said(&run(directory.path(), &environment, &["admin", "new-feed-epoch"]));
        assert!(begun.contains("new epoch: "), "{begun}");
    }
}

#[tokio::test]
async fn the_first_accounts_are_made_on_the_machine_and_their_secrets_shown_once() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(database) = Database::fresh(engine) else { continue };
        let directory = tempfile::tempdir().unwrap();
        said(&run(directory.path(), &[], &["create-signing-key", "key.pem"]));
        let environment = [("DATABASE_URL", database.url.as_str()), ("YHTEEN_SIGNING_KEY", "key.pem")];
        let admin = |arguments: &str| {
            let arguments: Vec<&str> = std::iter::once("admin").chain(arguments.split(' ')).collect();
            run(directory.path(), &environment, &arguments)
        };
        let word = |text: &str, name: &str| -> String {
            let found = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            found.unwrap_or_else(|| panic!("no {name} in {text:?}")).to_owned()
        };
        let kotka = word(&said(&admin("create-organisation --name-fi Kotka --kind municipality")), "organisation");
        let made = said(&admin("create-user --operator --name Ylläpito --email Operator@Example.org"));
        let first = word(&made, "password");
        let machine =
            said(&admin(&format!("create-client --organisation {kotka} --name Arkisto --scopes organisations:read")));
        let again = admin("create-user --operator --name Toinen --email operator@example.org");
        assert!(!again.status.success() && told(&again).contains("/email"), "{}", told(&again));
        let unknown =
            admin(&format!("create-user --organisation {} --name A --email a@example.org", word(&made, "user")));
        assert!(!unknown.status.success(), "{}", told(&unknown));
        assert_eq!(
            admin(&format!("create-client --organisation {kotka} --name B --scopes all")).status.code(),
            Some(2)
        );

        let server = Server::start(directory.path(), &environment);
        let caller = Caller::new(&server.base, None);
        let token = async |form: &[(&str, &str)]| {
            let request = caller.request(reqwest::Method::POST, "/oauth/token").form(form);
            caller.send(request).await.status.as_u16()
        };
        let person = |password: &'static str| {
            [("grant_type", "password"), ("username", "operator@example.org"), ("password", password)]
        };
        let first: &'static str = first.leak();
        assert_eq!(token(&person(first)).await, 200);
        let (id, secret) = (word(&machine, "client"), word(&machine, "secret"));
        let form = [("grant_type", "client_credentials"), ("client_id", &id), ("client_secret", &secret)];
        assert_eq!(token(&form).await, 200);

        let arguments = ["admin", "reset-password", "--email", "operator@example.org", "--password-stdin"];
        let mut reset = program(directory.path(), &environment, &arguments);
        let mut reset = reset.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        reset.stdin.take().unwrap().write_all("yhdessä enemmän\n".as_bytes()).unwrap();
        let shown = said(&reset.wait_with_output().unwrap());
        assert!(!shown.contains("password"), "{shown}");
        assert_eq!(token(&person("yhdessä enemmän")).await, 200);
        assert_eq!(token(&person(first)).await, 400);

        let form = [("grant_type", "client_credentials"), ("client_id", &id), ("client_secret", &secret)];
        let request = caller.request(reqwest::Method::POST, "/oauth/token").form(&form);
        let granted = caller.send(request).await.expect(200)["access_token"].as_str().unwrap().to_owned();
        let machine = caller.with_token(granted);
        machine.get("/api/v1/me").await.expect(200);

        // A suspension bites while the service runs.
        let suspend = |subject: &str| said(&admin(&format!("suspend {subject} --reason Väärinkäyttö")));
        suspend("--user operator@example.org");
        assert_eq!(token(&person("yhdessä enemmän")).await, 400);
        said(&admin("lift-suspension --user operator@example.org"));
        assert_eq!(token(&person("yhdessä enemmän")).await, 200);
        assert!(!admin("lift-suspension --user operator@example.org").status.success());
        suspend(&format!("--client {id}"));
        // Another process has done it, and this one believes what it has read for half a second.
        let since = Instant::now();
        while machine.get("/api/v1/me").await.status == 200 {
            assert!(since.elapsed() < Duration::from_secs(1), "the suspension does not bite");
        }
        suspend(&format!("--organisation {kotka}"));
        assert_eq!(admin("suspend --reason Väärinkäyttö").status.code(), Some(2));

        server.signal("-INT");
        let (_, log) = server.end();
        let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let mut own = lines.filter(|line| line["path"] == "/api/v1/me" && line["status"] == 200);
        assert!(own.any(|line| line["principal"] == id.as_str()), "{log}");
    }
}
