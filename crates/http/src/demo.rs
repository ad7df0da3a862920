//! The demo: a region with its organisations, decision-making and strategy, for `yhteen serve --demo`.
//!
//! The files in `crates/http/demo` tell a history: who did what on which day. It is replayed in its order by the people
//! that the demo has, through the rules and queries that requests go through, so that versions, times, audiences and
//! change events are what they would be had it happened here. Days are told from the day of loading or from the
//! strategy's present term, and what lies after the day of loading has not happened yet: so the demo never grows old.

mod accounts;
mod actions;
mod bodies;
mod files;
mod history;
mod organisations;
mod programmes;
mod reports;

use crate::app::App;
use crate::auth::secrets::SecretError;
use history::{Deeds, History};
use yhteen_persistence::organisations::Filter;
use yhteen_persistence::page::Slice;
use yhteen_persistence::{Actor, Db, Error, Tx};

/// Why the demo is not loaded.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A file is not what it should be.
    #[error("the demo's file {file}: {error}")]
    File {
        /// The file.
        file: String,
        /// What is wrong with it.
        error: String,
    },
    /// A file names something that no file tells of.
    #[error("the demo has no {what} {key}")]
    Unknown {
        /// What sort of thing.
        what: &'static str,
        /// What it is called.
        key: String,
    },
    /// Two things have one name.
    #[error("the demo has two of one name: {what} {key}")]
    Twice {
        /// What sort of thing.
        what: &'static str,
        /// What both are called.
        key: String,
    },
    /// A secret cannot be made.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// A rule or the database refuses.
    #[error("the demo cannot be loaded: {0}")]
    Refused(#[from] Error),
}

/// Loads the demo into a database without organisations, all of it or nothing. Answers whether it was loaded: any
/// other database is left alone.
pub async fn load(app: &App) -> Result<bool, DemoError> {
    if !app.store.read(is_empty).await? {
        return Ok(false);
    }
    let deeds = tell(app)?;
    let load = move |tx: &mut Tx<'_>| {
        let empty = is_empty(tx)?;
        if empty {
            deeds.replay(tx)?;
        }
        Ok(empty)
    };
    Ok(app.store.write(Actor::default(), app.now(), load).await?)
}

/// The history up to now, as the files tell it.
fn tell(app: &App) -> Result<Deeds, DemoError> {
    let mut history = History::new(app);
    accounts::tell_operator(&mut history)?;
    organisations::tell(&mut history)?;
    accounts::tell(&mut history)?;
    bodies::tell(&mut history)?;
    programmes::tell(&mut history)?;
    actions::tell(&mut history)?;
    reports::tell(&mut history)?;
    Ok(history.deeds())
}

fn is_empty(db: &mut Db) -> Result<bool, Error> {
    let first = Slice { after: None, limit: 1 };
    Ok(yhteen_persistence::organisations::list(db, &Filter::default(), &first)?.items.is_empty())
}

/// How to sign in to the demo, in words, with the warning that everyone can.
pub fn credentials() -> Result<String, DemoError> {
    accounts::credentials()
}
