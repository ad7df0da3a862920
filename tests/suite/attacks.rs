//! Attacks: what somebody with an account, or without one, tries against the others, and what the service answers.

mod accounts;
mod calendar_flood;
mod ended_organisations;
mod expensive_reads;
mod hidden_conflicts;
mod keys;
mod lock_out;
mod membership;
mod opaque_steps;
mod passwords;
mod quotas;
mod rate_limits;
mod scopes;
mod security_log;
mod sessions;
mod sign_in_flood;
mod suspension;
mod waiting;
