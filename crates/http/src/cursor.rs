//! Opaque cursors: encrypted, so that nobody reads in them how much there is that they may not see, and authenticated,
//! so that a foreign or altered one is recognised.

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::prelude::*;
use serde::{Serialize, de::DeserializeOwned};
use yhteen_domain::{Fault, codes, message};

/// Makes and reads cursors. Every process of one service has the same secret.
///
/// The cipher is AES-GCM-SIV (RFC 8452), which stays safe where a nonce is used again.
pub struct Cursors {
    /// Always there: a secret has the length of a key of this cipher.
    key: Option<LessSafeKey>,
}

impl Cursors {
    /// With this secret.
    pub fn new(secret: [u8; 32]) -> Self {
        Self { key: UnboundKey::new(&AES_256_GCM_SIV, &secret).map(LessSafeKey::new).ok() }
    }

    /// The cursor for a position in a list; `list` names the list with its order and filters. The same position has the
    /// same cursor, so that the same page has the same entity tag.
    pub fn make(&self, list: &str, position: &impl Serialize) -> String {
        self.sealed([0; NONCE_LEN], list, position)
    }

    /// The same with a nonce of its own: two such cursors do not show whether they stand for the same position.
    pub fn make_unlinkable(&self, list: &str, position: &impl Serialize) -> String {
        let mut nonce = [0; NONCE_LEN];
        // Without randomness the cursor is as good as any other, and only tells whether the position has moved.
        if aws_lc_rs::rand::fill(&mut nonce).is_err() {
            log::error!("the operating system gives no randomness");
        }
        self.sealed(nonce, list, position)
    }

    fn sealed(&self, nonce: [u8; NONCE_LEN], list: &str, position: &impl Serialize) -> String {
        let mut position = crate::answer::render(position).into_bytes();
        let sealed = self.key.as_ref().and_then(|key| {
            let nonce = Nonce::assume_unique_for_key(nonce);
            key.seal_in_place_append_tag(nonce, Aad::from(list), &mut position).ok()
        });
        if sealed.is_none() {
            log::error!("a cursor cannot be encrypted");
            return String::new();
        }
        let mut bytes = nonce.to_vec();
        bytes.append(&mut position);
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The position that a cursor of this list names.
    pub fn read<T: DeserializeOwned>(&self, list: &str, cursor: &str) -> Result<T, Fault> {
        self.position(list, cursor).ok_or_else(|| {
            let detail = message!(
                fi: "Kohdistin ei ole tämän luettelon antama näillä suodattimilla.",
                sv: "Markören har inte getts av denna lista med dessa filter.",
                en: "The cursor is not one that this list has given, with these filters."
            );
            Fault::new(&codes::BAD_CURSOR, detail.clone()).at("?cursor", "bad_cursor", detail)
        })
    }

    /// The position, or nothing where the cursor is foreign or altered.
    pub fn position<T: DeserializeOwned>(&self, list: &str, cursor: &str) -> Option<T> {
        let mut bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk_mut::<NONCE_LEN>()?;
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let position = self.key.as_ref()?.open_in_place(nonce, Aad::from(list), sealed).ok()?;
        serde_json::from_slice(position).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_shows_nothing_and_is_read_by_its_own_list_alone() {
        let cursors = Cursors::new([7; 32]);
        let (cursor, position) = (cursors.make("actions", &(1_234_567, "secret")), (1_234_567, "secret".to_owned()));
        assert_eq!(cursors.position::<(i32, String)>("actions", &cursor), Some(position.clone()));
        assert_eq!(cursors.make("actions", &(1_234_567, "secret")), cursor);
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(&cursor).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("secret"));
        assert_eq!(cursors.position::<(i32, String)>("reports", &cursor), None);
        assert_eq!(Cursors::new([8; 32]).position::<(i32, String)>("actions", &cursor), None);
        for at in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[at] ^= 1;
            let altered = BASE64_URL_SAFE_NO_PAD.encode(altered);
            assert_eq!(cursors.position::<(i32, String)>("actions", &altered), None, "byte {at}");
        }
        let unlinkable = [(); 2].map(|()| cursors.make_unlinkable("changes", &position));
        assert_ne!(unlinkable[0], unlinkable[1]);
        assert!(unlinkable.iter().all(|it| cursors.position("changes", it) == Some(position.clone())));
        for foreign in ["", "x", "AAAA", "AAAAAAAAAAAAAAAAAAAA"] {
            assert_eq!(cursors.position::<(i32, String)>("actions", foreign), None, "{foreign}");
        }
    }
}
