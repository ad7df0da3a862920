//! The timetable engine against hand-computed dates, brute force, an independent checker and metamorphic laws.
#![allow(
    clippy::pedantic,
    clippy::type_complexity,
    clippy::maybe_infinite_iter,
    reason = "the oracle is written plainly, apart from the engine's style"
)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking, and its helpers are for this binary alone"
)]

mod build;
mod conflicts;
mod examples;
mod generate;
mod impact;
mod law;
mod laws;
mod levers;
mod oracle;
mod properties;
mod rules;
mod what_if;
