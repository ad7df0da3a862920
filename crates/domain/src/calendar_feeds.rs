//! Calendar feeds: a calendar at a secret address, for programs such as Outlook that cannot sign in.
//!
//! Whoever has the address reads what the account that made it may see at that moment.

use crate::calendar::{Filter, MOST_NAMED};
use crate::fault::Fault;
use crate::ids::{CalendarFeedId, PrincipalId};
use crate::message;
use crate::roles::TokenScope;
use crate::text::{Language, PlainName};
use crate::time::Instant;

crate::codes! {
    /// The account has as many calendar feeds as one may have: delete one that nobody follows.
    TOO_MANY = Conflict "calendar_feed.too_many" { fi: "Kalenterisyötteitä on liikaa", sv: "För många kalenderflöden", en: "Too many calendar feeds" }
}

/// The most feeds of one account.
pub const MOST_FEEDS: i64 = 50;

/// The scopes of all that a calendar shows: a token must carry them to read one, and a client must be allowed them for
/// its feeds to be read.
pub const SCOPES: [TokenScope; 3] = [TokenScope::MeetingsRead, TokenScope::ActionsRead, TokenScope::ProgrammesRead];

/// A calendar at a secret address. It does not change; another is made in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarFeed {
    /// Its identifier.
    pub id: CalendarFeedId,
    /// The account whose feed it is.
    pub principal_id: PrincipalId,
    /// What its owner calls it.
    pub title: Option<PlainName>,
    /// The language in which it is written.
    pub language: Language,
    /// What it shows, of what its owner sees.
    pub filters: Filter,
    /// When it came to be.
    pub created_at: Instant,
}

impl CalendarFeed {
    /// The same, where it is narrowed by no more than it may be; what is named twice counts once.
    pub fn checked(mut self) -> Result<Self, Fault> {
        fn few<T: Ord + Copy>(name: &str, values: &mut Vec<T>) -> Result<(), Fault> {
            values.sort_unstable();
            values.dedup();
            if values.len() <= MOST_NAMED {
                return Ok(());
            }
            let detail = message!(
                fi: "Syötteessä voi mainita kutakin lajia enintään {MOST_NAMED}.",
                sv: "Ett flöde kan nämna högst {MOST_NAMED} av varje slag.",
                en: "A feed can name at most {MOST_NAMED} of each kind.",
            );
            Err(Fault::invalid(format!("/filters/{name}"), "too_many", detail))
        }
        few("organisation_id", &mut self.filters.organisation_id)?;
        few("body_id", &mut self.filters.body_id)?;
        few("programme_id", &mut self.filters.programme_id)?;
        few("action_id", &mut self.filters.action_id)?;
        few("kind", &mut self.filters.kind)?;
        Ok(self)
    }
}
