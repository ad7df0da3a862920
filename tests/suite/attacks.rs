//! Attacks: each is what somebody would try, and what the service answers.

mod accounts;
mod keys;
mod passwords;
mod scopes;
mod sessions;
