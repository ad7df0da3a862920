//! What every aggregate has.

use crate::time::Instant;

/// The version and times that every aggregate has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meta {
    /// Counts the changes, from 1.
    pub version: i64,
    /// When it came to be.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

impl Meta {
    /// Of what comes to be now.
    pub fn new(now: Instant) -> Self {
        Self { version: 1, created_at: now, updated_at: now }
    }

    /// After one more change.
    #[must_use]
    pub fn changed(self, now: Instant) -> Self {
        Self { version: self.version + 1, updated_at: now, ..self }
    }
}
