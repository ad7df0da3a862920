//! Attacks: what somebody with an account, or without one, tries against the others, and what the service answers.

mod accounts;
mod calendar_flood;
mod keys;
mod opaque_steps;
mod passwords;
mod quotas;
mod scopes;
mod sessions;
