//! Attacks: what somebody with an account, or without one, tries against the others, and what the service answers.

mod accounts;
mod calendar_flood;
mod ended_organisations;
mod hidden_conflicts;
mod keys;
mod membership;
mod opaque_steps;
mod passwords;
mod quotas;
mod scopes;
mod security_log;
mod sessions;
mod suspension;
