//! The program `yhteen`: its commands.

mod admin;

use crate::app::Clock;
use crate::auth::secrets::SecretError;
use crate::config::{self, Flags, Mistakes, Settings};
use crate::serve::{ServeError, serve};
use crate::setup::{
    SetupError, connect, create_secrets, create_signing_key, read_signing_keys, renew_secrets, renew_signing_key,
};
use crate::{error_codes, logging};
use chrono::TimeDelta;
use clap::{Parser, Subcommand};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use yhteen_persistence::migrations;

/// The API in which independent organisations carry out one strategy together.
#[derive(Debug, Parser)]
#[command(
    name = "yhteen",
    version,
    after_help = "Each setting may also be given in the environment or in a file: \
    see docs/operations.md. Flags are stronger than the environment, and that than the file."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    settings: Flags,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API
    Serve {
        /// Serve the demo: a database of its own, `yhteen-demo.db`, whose passwords are public
        #[arg(long, conflicts_with_all = ["database_url", "database_url_file", "signing_key", "secrets"])]
        demo: bool,
    },
    /// Bring the database to the newest version
    Migrate {
        /// Take every migration back instead, and with it all data
        #[arg(long, requires = "destroy_all_data")]
        revert_all: bool,
        /// Confirms `--revert-all`
        #[arg(long, requires = "revert_all")]
        destroy_all_data: bool,
    },
    /// Print the OpenAPI document
    Openapi,
    /// Print the table of error codes, docs/errors.md
    Errors,
    /// Print the settings with the source of each, without secrets
    CheckConfig,
    /// Make a key that signs access tokens, in a new file
    CreateSigningKey {
        /// The file
        file: PathBuf,
    },
    /// Put a new signing key before those in a file, which replaces them after a while
    RenewSigningKey {
        /// The file
        file: PathBuf,
        /// From when it signs: by then every process must have been started again
        #[arg(long, default_value_t = 60, value_name = "MINUTES", value_parser = clap::value_parser!(u32).range(..=100_000))]
        in_minutes: u32,
    },
    /// Make a secret for digests and cursors, in a new file
    CreateSecrets {
        /// The file
        file: PathBuf,
        /// The signing key of an installation that had no secrets: what was made with it stays good
        #[arg(long, value_name = "FILE")]
        from_signing_key: Option<PathBuf>,
    },
    /// Put a new secret for digests and cursors before those in a file, which stay good
    RenewSecrets {
        /// The file
        file: PathBuf,
    },
    /// Administer the database, whether or not it is being served
    #[command(subcommand)]
    Admin(admin::Command),
}

/// Why a command did not do what it was to do.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The settings are wrong.
    #[error(transparent)]
    Settings(#[from] Mistakes),
    /// The database or the key is not there.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The service does not run.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// The database refuses.
    #[error("{}", told(.0))]
    Database(#[from] yhteen_persistence::Error),
    /// Something given on the command line is no such value.
    #[error("{name}: {error}")]
    Argument {
        /// The flag.
        name: &'static str,
        /// What it must be.
        error: String,
    },
    /// A password or secret cannot be made.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// Something cannot be read or written.
    #[error(transparent)]
    System(#[from] io::Error),
}

/// A refusal with each place at fault.
fn told(error: &yhteen_persistence::Error) -> String {
    match error {
        yhteen_persistence::Error::Fault(fault) => {
            let places = fault.culprits.iter().map(|culprit| format!("\n{}: {}", culprit.pointer, culprit.detail));
            std::iter::once(fault.detail.to_string()).chain(places).collect()
        }
        other => other.to_string(),
    }
}

/// Runs the program. It fails with 1, or with 2 where it was called wrongly.
pub fn main() -> ExitCode {
    let Arguments { command, settings } = Arguments::parse();
    match run(command, &settings) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Nobody may be reading.
            drop(writeln!(io::stderr(), "yhteen: {failure}"));
            ExitCode::from(if matches!(failure, Failure::Settings(_) | Failure::Argument { .. }) { 2 } else { 1 })
        }
    }
}

fn run(command: Command, flags: &Flags) -> Result<(), Failure> {
    let demo = matches!(command, Command::Serve { demo: true });
    // What needs no database needs no settings.
    let settings = || config::load(flags, std::env::vars_os(), demo);
    match command {
        Command::Openapi => print(&document()?),
        Command::Errors => print(&error_codes::markdown()),
        Command::CreateSigningKey { file } => Ok(create_signing_key(&file)?),
        Command::RenewSigningKey { file, in_minutes } => {
            let signs_from = Clock::system().now() + TimeDelta::minutes(in_minutes.into());
            Ok(renew_signing_key(&file, signs_from)?)
        }
        Command::CreateSecrets { file, from_signing_key } => {
            let signing = from_signing_key.map(|path| read_signing_keys(&path)).transpose()?;
            Ok(create_secrets(&file, signing.as_ref())?)
        }
        Command::RenewSecrets { file } => Ok(renew_secrets(&file)?),
        Command::CheckConfig => print(&(settings()?.lines().join("\n") + "\n")),
        Command::Migrate { revert_all, .. } => migrate(&logged(settings()?), revert_all),
        Command::Serve { demo } => Ok(serve(&logged(settings()?), demo)?),
        Command::Admin(command) => admin::run(command, &logged(settings()?)),
    }
}

/// The settings, with the log started as they say.
fn logged(settings: Settings) -> Settings {
    logging::start(settings.log.as_str());
    settings
}

fn print(text: &str) -> Result<(), Failure> {
    Ok(io::stdout().write_all(text.as_bytes())?)
}

/// The OpenAPI document as it is committed.
fn document() -> Result<String, Failure> {
    Ok(crate::openapi::document().to_pretty_json().map_err(io::Error::other)? + "\n")
}

fn migrate(settings: &Settings, revert_all: bool) -> Result<(), Failure> {
    let mut db = connect(settings)?;
    let url = &settings.database_url;
    let done = if revert_all {
        format!("{url}: migrations taken back: {}\n", migrations::revert_all(&mut db)?)
    } else {
        match migrations::run(&mut db)? {
            0 => format!("{url}: nothing to do, the database is at the newest version\n"),
            run => format!("{url}: migrations run: {run}\n"),
        }
    };
    print(&done)
}
