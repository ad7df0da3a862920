//! The black-box tests, feature by feature, each on both engines.
#![allow(missing_docs, reason = "tests are sentences")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod actions;
mod attacks;
mod authorisation;
mod bad_input;
mod bodies;
mod bookings;
mod calendar;
mod changes;
mod clients;
mod decision_steps;
mod demo;
mod document;
mod errors;
mod external_ids;
mod faults;
mod feed_races;
mod follower;
mod goals;
mod handlings;
mod legal;
mod me;
mod meetings;
mod meetings_import;
mod merge_patch;
mod migrations;
mod oauth;
mod organisations;
mod process;
mod program;
mod programmes;
mod progress;
mod query_plans;
mod races;
mod random_worlds;
mod readme;
mod reporting_periods;
mod reports;
mod schema;
mod seed;
mod statements;
mod story;
mod timetable;
mod timetable_changes;
mod users;
