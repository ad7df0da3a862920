//! Who sees what, as sets of keys: the one rule for reads, lists, roll-ups and the change feed alike.
//!
//! Every aggregate has at any time an [`Audience`], a set of [`Key`]s. Every reader holds a set of keys. The
//! reader sees what shares a key with it.

use crate::ids::{Id, OrganisationId, ProgrammeId};
use std::collections::BTreeSet;
use std::fmt;

/// One key, held by readers and set on aggregates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// Everyone, without signing in.
    Public,
    /// The current members of a programme.
    Programme(ProgrammeId),
    /// The coordinators of a programme.
    Coordinator(ProgrammeId),
    /// Those who act for, or read for, an organisation.
    Organisation(OrganisationId),
    /// The administrators of an organisation: for what concerns its accounts and its standing in the service. They hold it
    /// while the organisation is suspended, too.
    Administrators(OrganisationId),
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Public => f.write_str("public"),
            Self::Programme(id) => write!(f, "programme:{id}"),
            Self::Coordinator(id) => write!(f, "coordinator:{id}"),
            Self::Organisation(id) => write!(f, "organisation:{id}"),
            Self::Administrators(id) => write!(f, "administrators:{id}"),
        }
    }
}

/// The text is no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no audience key: {0}")]
pub struct NoKey(String);

impl std::str::FromStr for Key {
    type Err = NoKey;
    fn from_str(text: &str) -> Result<Self, NoKey> {
        let parsed = match text.split_once(':') {
            None => (text == "public").then_some(Self::Public),
            Some((kind, id)) => id.parse::<uuid::Uuid>().ok().and_then(|id| match kind {
                "programme" => Some(Self::Programme(Id::from_uuid(id))),
                "coordinator" => Some(Self::Coordinator(Id::from_uuid(id))),
                "organisation" => Some(Self::Organisation(Id::from_uuid(id))),
                "administrators" => Some(Self::Administrators(Id::from_uuid(id))),
                _ => None,
            }),
        };
        parsed.ok_or_else(|| NoKey(text.to_owned()))
    }
}

/// The keys of an aggregate: who may know of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audience(BTreeSet<Key>);

impl Audience {
    /// Nobody: what does not exist (yet, or any more) is seen by no one.
    pub fn nobody() -> Self {
        Self::default()
    }

    /// Everyone.
    pub fn everyone() -> Self {
        Self([Key::Public].into())
    }

    /// The keys, in order.
    pub fn keys(&self) -> impl Iterator<Item = Key> {
        self.0.iter().copied()
    }

    /// Whether a holder of `keys` sees it.
    pub fn admits(&self, keys: &BTreeSet<Key>) -> bool {
        !self.0.is_disjoint(keys)
    }

    /// These keys and `more`.
    #[must_use]
    pub fn and(mut self, more: impl IntoIterator<Item = Key>) -> Self {
        self.0.extend(more);
        self
    }
}

impl FromIterator<Key> for Audience {
    fn from_iter<I: IntoIterator<Item = Key>>(keys: I) -> Self {
        Self(keys.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_its_text() {
        let id = uuid::Uuid::from_u128(7);
        let (programme, organisation) = (id.into(), id.into());
        for key in [
            Key::Public,
            Key::Programme(programme),
            Key::Coordinator(programme),
            Key::Organisation(organisation),
            Key::Administrators(organisation),
        ] {
            assert_eq!(key.to_string().parse(), Ok(key));
        }
        for bad in ["", "Public", "programme:", "programme:x", "planet:00000000-0000-0000-0000-000000000007"] {
            assert!(bad.parse::<Key>().is_err(), "{bad}");
        }
    }
}
