//! The black-box tests, feature by feature, each on both engines.
#![allow(missing_docs, reason = "tests are sentences")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod actions;
mod decision_steps;
mod errors;
mod goals;
mod migrations;
mod organisations;
mod process;
mod programmes;
mod reporting_periods;
