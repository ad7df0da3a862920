//! The program `yhteen`.

use crate::app::{App, Clock};
use crate::auth::keys::Keys;
use crate::service::Shared;
use actix_web::HttpServer;
use clap::{Parser, Subcommand};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use yhteen_domain::{Code, codes};
use yhteen_persistence::{Db, Store, migrations};

type Failure = Box<dyn std::error::Error>;

/// The API in which independent organisations carry out one strategy together.
#[derive(Debug, Parser)]
#[command(name = "yhteen", version)]
struct Arguments {
    /// Where the data is: `sqlite:<path>` or `postgres://…`.
    #[arg(long, env = "DATABASE_URL", default_value = "sqlite:yhteen.db", hide_env_values = true, global = true)]
    database_url: String,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API.
    Serve(Serve),
    /// Bring the database to the newest version.
    Migrate,
    /// Print the OpenAPI document.
    Openapi,
    /// Print the page of error codes, docs/errors.md.
    Errors,
}

#[derive(Debug, clap::Args)]
struct Serve {
    /// The address to listen at.
    #[arg(long, env = "YHTEEN_BIND", default_value = "127.0.0.1:8080")]
    bind: String,
    /// The address at which users see the service; the address it listens at where none is given.
    #[arg(long, env = "YHTEEN_PUBLIC_URL")]
    public_url: Option<String>,
    /// The file with the key that signs tokens; on SQLite it is made beside the database where there is none.
    #[arg(long, env = "YHTEEN_SIGNING_KEY")]
    signing_key: Option<PathBuf>,
}

/// Runs the program.
pub fn main() -> ExitCode {
    env_logger::Builder::from_env(env_logger::Env::new().filter_or("YHTEEN_LOG", "info")).init();
    let Arguments { database_url, command } = Arguments::parse();
    let done = match command {
        Command::Serve(serve) => run(&database_url, serve),
        Command::Migrate => migrate(&database_url),
        Command::Openapi => document().and_then(|text| print(&text)),
        Command::Errors => print(&errors()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn print(text: &str) -> Result<(), Failure> {
    Ok(std::io::stdout().write_all(text.as_bytes())?)
}

/// The OpenAPI document as it is committed.
fn document() -> Result<String, Failure> {
    Ok(crate::openapi::document().to_pretty_json()? + "\n")
}

/// The page of error codes as it is committed.
fn errors() -> String {
    let mut page = String::from(
        "# Error codes\n\nEvery error is `application/problem+json` (RFC 9457) with one of these as its `code`. \
         This page is made by `yhteen errors`.\n",
    );
    for code in codes::all() {
        let status = crate::problem::status(code.kind).as_u16();
        let about = code.about.lines().map(str::trim).collect::<Vec<_>>().join(" ");
        let Code { name, fi, sv, en, .. } = code;
        page = format!("{page}\n## {name}\n\n{status} · {en} · {fi} · {sv}\n\n{}\n", about.trim());
        page +=
            &format!("\n## {}\n\n{status} · {} · {} · {}\n\n{}\n", code.name, code.en, code.fi, code.sv, about.trim());
    }
    page
}

fn migrate(database_url: &str) -> Result<(), Failure> {
    let run = migrations::run(&mut Db::open(database_url)?)?;
    print(&format!("{run} migrations were run\n"))
}

#[actix_web::main]
async fn run(database_url: &str, serve: Serve) -> Result<(), Failure> {
    let sqlite = database_url.strip_prefix("sqlite:");
    if sqlite.is_some() {
        migrations::run(&mut Db::open(database_url)?)?;
    }
    let key = match (serve.signing_key, sqlite) {
        (Some(path), _) => std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?,
        (None, Some(database)) => own_key(&PathBuf::from(format!("{database}.signing-key.pem")))?,
        (None, None) => {
            return Err("on PostgreSQL the signing key is shared: name its file in YHTEEN_SIGNING_KEY".into());
        }
    };
    let listener = std::net::TcpListener::bind(&serve.bind).map_err(|error| format!("{}: {error}", serve.bind))?;
    let base = format!("http://{}", listener.local_addr()?);
    let public_url = serve.public_url.unwrap_or_else(|| base.clone());
    let store = Store::open(database_url, 8)?;
    let app = App::new(store, Clock::system(), Keys::from_pem(&key, &public_url)?, public_url);
    let shared = Shared::new(app, Vec::new());
    print(&format!("Swagger UI: {base}/docs/\n"))?;
    let server = HttpServer::new(move || shared.actix())
        .client_request_timeout(Duration::from_secs(5))
        .shutdown_timeout(30)
        .listen(listener)?;
    Ok(server.run().await?)
}

/// The key beside an embedded database: read, or made where there is none yet.
fn own_key(path: &Path) -> Result<String, Failure> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(mut file) => {
            let key = Keys::generate()?;
            file.write_all(key.as_bytes())?;
            file.sync_all()?;
            Ok(key)
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(std::fs::read_to_string(path)?),
        Err(error) => Err(format!("{}: {error}", path.display()).into()),
    }
}
