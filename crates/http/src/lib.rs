//! The API over HTTP, and the program `yhteen`.
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")
)]

pub mod accounts;
pub mod actions;
pub mod answer;
pub mod app;
pub mod auth;
pub mod bodies;
pub mod calendar;
pub mod changes;
pub mod cli;
pub mod client_address;
pub mod clients;
pub mod config;
pub mod cursor;
pub mod decision_steps;
pub mod demo;
pub mod error_codes;
pub mod external_ids;
pub mod extract;
pub mod goals;
pub mod health;
pub mod json;
pub mod legal;
pub mod logging;
pub mod me;
pub mod meetings;
pub mod middleware;
pub mod oauth;
pub mod openapi;
pub mod organisations;
pub mod patch;
pub mod problem;
pub mod programmes;
pub mod progress;
pub mod reporting_periods;
pub mod reports;
pub mod serve;
pub mod service;
pub mod sessions;
pub mod setup;
pub mod timetable;
pub mod timetable_changes;
pub mod users;
