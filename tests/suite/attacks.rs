//! Attacks: what somebody with an account, or without one, tries against the others, and what comes of it.

mod calendar_flood;
mod quotas;
