//! Opaque cursors: what they say is signed, so that a foreign or altered one is known.

use base64::prelude::*;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Serialize, de::DeserializeOwned};
use sha2::Sha256;
use yhteen_domain::{Fault, codes, message};

/// Makes and reads cursors. Every process of one service has the same secret.
pub struct Cursors {
    secret: [u8; 32],
}

/// Length of the signature, in bytes.
const SIGNATURE: usize = 12;

impl Cursors {
    /// With this secret.
    pub fn new(secret: [u8; 32]) -> Self {
        Self { secret }
    }

    fn signature(&self, list: &str, place: &[u8]) -> Vec<u8> {
        // HMAC takes keys of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.secret) else { return Vec::new() };
        mac.update(list.as_bytes());
        mac.update(&[0]);
        mac.update(place);
        mac.finalize().into_bytes().into_iter().take(SIGNATURE).collect()
    }

    /// The cursor for a place in a list; `list` names the list with its order and filters.
    pub fn make(&self, list: &str, place: &impl Serialize) -> String {
        let place = crate::answer::render(place);
        let mut bytes = self.signature(list, place.as_bytes());
        bytes.extend_from_slice(place.as_bytes());
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The place that a cursor of this list names.
    pub fn read<T: DeserializeOwned>(&self, list: &str, cursor: &str) -> Result<T, Fault> {
        self.place(list, cursor).ok_or_else(|| {
            let detail = message!(
                fi: "Tämä luettelo ei ole antanut kohdistinta näillä suodattimilla.",
                sv: "Denna lista har inte gett markören med dessa filter.",
                en: "This list has not given the cursor with these filters.",
            );
            Fault::new(&codes::BAD_CURSOR, detail.clone()).at("?cursor", "bad_cursor", detail)
        })
    }

    /// The place, or nothing where the cursor is foreign or altered.
    pub fn place<T: DeserializeOwned>(&self, list: &str, cursor: &str) -> Option<T> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (signature, place) = bytes.split_at_checked(SIGNATURE)?;
        let expected = self.signature(list, place);
        aws_lc_rs::constant_time::verify_slices_are_equal(signature, &expected).ok()?;
        serde_json::from_slice(place).ok()
    }
}
