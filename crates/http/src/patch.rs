//! Members of a merge patch (RFC 7396): absent, null and a value are three things.

use serde::{Deserialize, Deserializer};

/// For a member that may be absent but not null.
pub fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// For a member that may be absent or null.
pub use serde_with::rust::double_option as double;
