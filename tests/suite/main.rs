//! The black-box tests, feature by feature, each on both engines.
#![allow(missing_docs, reason = "tests are sentences")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod changes;
mod clients;
mod errors;
mod goals;
mod me;
mod migrations;
mod oauth;
mod organisations;
mod process;
mod program;
mod programmes;
mod reporting_periods;
mod users;
