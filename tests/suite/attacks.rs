//! Attacks: what somebody with an account, or without one, tries against the others, and what the service answers.

mod accounts;
mod calendar_flood;
mod ended_organisations;
mod expensive_reads;
mod hidden_conflicts;
mod keys;
mod lock_out;
mod membership;
mod opaque_steps;
mod passwords;
mod quotas;
mod rate_limits;
mod scopes;
mod security_log;
mod sessions;
mod sign_in_flood;
mod suspension;
mod waiting;

use serde_json::{Value, json};
use std::time::{Duration, Instant};
use yhteen_tests::{Organisation, World};

/// A new body of an organisation.
fn body(organisation: &Organisation, visibility: &str) -> Value {
    json!({
        "organisation_id": organisation.id,
        "name": {"fi": "Lautakunta"},
        "kind": "committee",
        "visibility": visibility,
        "agenda_lead": {"days": 7, "time": "12:00"},
        "minutes_publication_days": 7
    })
}

/// Waits until the feed shows all that has happened: on PostgreSQL transactions of other tests hold it back for moments.
async fn settled(world: &World) {
    let since = Instant::now();
    while !world.database.has_settled() {
        assert!(since.elapsed() < Duration::from_secs(30), "the feed does not settle");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
