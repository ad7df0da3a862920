//! What Yhteen is about: entities, rules and the timetable engine.
//!
//! Everything here is a pure function of its arguments. There is no I/O, no clock and no randomness: the time
//! and fresh identifiers come from the caller, so that every rule can be proved with plain values.
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")
)]

pub mod accounts;
pub mod actions;
pub mod audience;
pub mod bodies;
pub mod bookings;
pub mod calendar;
pub mod calendar_feeds;
pub mod changes;
pub mod codes;
pub mod decision_steps;
pub mod external_ids;
pub mod fault;
pub mod goals;
pub mod handlings;
pub mod holidays;
pub mod icalendar;
pub mod ids;
pub mod legal;
pub mod meetings;
pub mod meta;
pub mod oauth;
pub mod organisations;
pub mod programmes;
pub mod progress;
pub mod remedy_claims;
pub mod reporting_periods;
pub mod reports;
pub mod roles;
pub mod sessions;
pub mod text;
pub mod time;
pub mod timetable;
pub mod timetable_changes;
pub mod vocabulary;

pub use fault::{Code, Culprit, Fault, Kind, Message};
