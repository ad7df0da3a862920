//! Members of a merge patch (RFC 7396): absent, null and a value are three things.

use serde::{Deserialize, Deserializer};
use yhteen_domain::Fault;
use yhteen_domain::text::{Localised, LocalisedPatch};

/// For a member that may be absent but not null.
pub fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// For a member that must be there and may be null.
pub fn nullable<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    Option::deserialize(deserializer)
}

/// For a member that may be absent or null.
pub use serde_with::rust::double_option as double;

/// What there is after a patch of something that may be absent or null: the new value as its domain has it, or the old.
pub fn patched<T, U: From<T>>(given: Option<Option<T>>, old: Option<U>) -> Option<U> {
    given.map_or(old, |value| value.map(U::from))
}

/// A localised text after a patch of it (RFC 7396, member by member); `pointer` is its place in the body.
pub fn localised<const MAX: usize>(
    given: Option<LocalisedPatch<MAX>>,
    old: Localised<MAX>,
    pointer: &str,
) -> Result<Localised<MAX>, Fault> {
    match given {
        Some(patch) => patch.apply(Some(old)).map_err(|refused| refused.at(pointer)),
        None => Ok(old),
    }
}

/// The same for a text that may be absent: null removes it.
pub fn localised_or_null<const MAX: usize>(
    given: Option<Option<LocalisedPatch<MAX>>>,
    old: Option<Localised<MAX>>,
    pointer: &str,
) -> Result<Option<Localised<MAX>>, Fault> {
    match given {
        Some(Some(patch)) => patch.apply(old).map(Some).map_err(|refused| refused.at(pointer)),
        Some(None) => Ok(None),
        None => Ok(old),
    }
}
