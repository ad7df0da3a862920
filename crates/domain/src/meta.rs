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

    /// After one more change. Time does not run backwards for one who asks what has changed since, even where the clock
    /// is set back.
    #[must_use]
    pub fn changed(self, now: Instant) -> Self {
        Self { version: self.version + 1, updated_at: self.updated_at.max(now), ..self }
    }

    /// After what may have been a change: where nothing `differs`, the version stands. What is kept in a version that
    /// stands is not written, and no event tells of it.
    #[must_use]
    pub fn changed_if(self, differs: bool, now: Instant) -> Self {
        if differs { self.changed(now) } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_never_before_the_last_one() {
        let at = |text: &str| text.parse::<Instant>().unwrap();
        let (noon, one) = (at("2026-01-15T12:00:00Z"), at("2026-01-15T13:00:00Z"));
        let changed = Meta::new(noon).changed(one).changed(noon);
        assert_eq!(changed, Meta { version: 3, created_at: noon, updated_at: one });
    }
}
