//! Servers as processes of their own: to run two on one database, and to kill one.

use crate::caller::Caller;
use crate::database::Database;
use crate::world::{secrets, signing_key};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A server process; it is killed with the value.
pub struct Process {
    /// Where it listens.
    pub base: String,
    child: Child,
    _directory: tempfile::TempDir,
}

impl Process {
    /// Starts the server program on a database that is migrated. `issuer`: the public address that all processes share.
    pub fn start(program: &Path, database: &Database, issuer: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let file = |name: &str, content: &str| {
            let path = directory.path().join(name);
            std::fs::write(&path, content).unwrap();
            restrict(&path);
            path
        };
        let mut command = Command::new(program);
        command
            .arg("serve")
            .env_clear()
            .env("DATABASE_URL", &database.url)
            .env("YHTEEN_PUBLIC_URL", issuer)
            .env("YHTEEN_SIGNING_KEY", file("key.pem", signing_key()))
            .env("YHTEEN_SECRETS", file("secrets", secrets()));
        Self::run(command, directory)
    }

    /// Starts the demo on a database of its own.
    pub fn demo(program: &Path) -> Self {
        let mut command = Command::new(program);
        command.args(["serve", "--demo"]).env_clear();
        Self::run(command, tempfile::tempdir().unwrap())
    }

    fn run(mut command: Command, directory: tempfile::TempDir) -> Self {
        let mut child = command
            .current_dir(directory.path())
            .env("YHTEEN_BIND", "127.0.0.1:0")
            .env("YHTEEN_LOG", "warn")
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let base = lines
            .map(Result::unwrap)
            .find_map(|line| line.split_whitespace().find_map(|word| word.strip_suffix("/docs/").map(str::to_owned)))
            .expect("the server says where it listens");
        Self { base, child, _directory: directory }
    }

    /// Kills it as an accident would.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits until it is ready.
    pub async fn ready(&self) {
        let caller = Caller::new(&self.base, None);
        let since = Instant::now();
        loop {
            let request = caller.request(reqwest::Method::GET, "/health/ready");
            if caller.try_send(request).await.is_ok_and(|reply| reply.status == 200) {
                return;
            }
            assert!(since.elapsed() < Duration::from_secs(30), "the server is not ready");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[cfg(unix)]
fn restrict(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[cfg(not(unix))]
fn restrict(_: &Path) {}
