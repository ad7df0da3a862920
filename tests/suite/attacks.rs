//! What people try who mean harm, or do harm without meaning it: each file is one way, and no way in.

mod expensive_reads;
mod lock_out;
mod rate_limits;
mod sign_in_flood;
mod waiting;
