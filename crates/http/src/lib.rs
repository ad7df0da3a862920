//! The API over HTTP, and the program `yhteen`.
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")
)]

pub mod actions;
pub mod answer;
pub mod app;
pub mod auth;
pub mod cursor;
pub mod decision_steps;
pub mod extract;
pub mod json;
pub mod middleware;
pub mod openapi;
pub mod organisations;
pub mod patch;
pub mod problem;
pub mod service;
