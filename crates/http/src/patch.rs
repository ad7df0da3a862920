//! Members of a merge patch (RFC 7396): absent, null and a value are three things.

use serde::{Deserialize, Deserializer};

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
