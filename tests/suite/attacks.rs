//! Attacks: what somebody would try who has a token, a former role or a guess, each over HTTP.

mod ended_organisations;
mod hidden_conflicts;
mod membership;
mod security_log;
mod suspension;
