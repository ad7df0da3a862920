//! The keys of digests and cursors: secrets of the installation, apart from those that sign, each with its version.
//!
//! A stored digest says by which version it was made, so that a new version can be put before the others at any time:
//! it makes all new digests, and the others know the old ones. Version 0 is derived from the signing key, as all digests
//! were before there was a file of secrets; its digests say no version.

use crate::auth::secrets::{SecretError, random};
use aws_lc_rs::hmac;
use base64::prelude::*;
use sha2::{Digest, Sha256};

/// The version that is derived from the signing key.
const DERIVED: u32 = 0;
/// What the file begins with.
const ABOUT: &str = "# Secrets of Yhteen, the newest first: digests in the database and cursors are made with them.\n";

/// Why a file of secrets cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DigestKeysError {
    /// A line is none of the form.
    #[error("line {0} is not a version and 32 bytes in base64url")]
    Line(usize),
    /// A version is not less than the one before it.
    #[error("line {0}: the newest version must be first, and none may be there twice")]
    Order(usize),
    /// There is none.
    #[error("there is no secret in the file")]
    None,
    /// There is no version after the newest.
    #[error("there is no higher version")]
    Highest,
    /// The operating system gave no randomness.
    #[error(transparent)]
    Random(#[from] SecretError),
}

/// The secrets by version, the newest first. It never shows them.
#[derive(Clone)]
pub struct DigestKeys(Vec<(u32, [u8; 32])>);

impl std::fmt::Debug for DigestKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DigestKeys")
    }
}

impl DigestKeys {
    /// The one that is derived from a signing key, alone.
    pub fn derived(secret: [u8; 32]) -> Self {
        Self(vec![(DERIVED, secret)])
    }

    /// A fresh secret, before that which is derived from a signing key where there is one.
    pub fn fresh(derived: Option<&Self>) -> Result<Self, SecretError> {
        let mut keys = vec![(DERIVED + 1, random()?)];
        keys.extend(derived.into_iter().flat_map(|derived| &derived.0).filter(|(version, _)| *version == DERIVED));
        Ok(Self(keys))
    }

    /// The same, with a fresh secret of the next version before them.
    pub fn renewed(mut self) -> Result<Self, DigestKeysError> {
        let newest = self.0.first().map_or(DERIVED, |(version, _)| *version);
        let next = newest.checked_add(1).ok_or(DigestKeysError::Highest)?;
        self.0.insert(0, (next, random()?));
        Ok(self)
    }

    /// Reads a file of secrets: a line for each, with its version and 32 bytes in base64url.
    pub fn parse(text: &str) -> Result<Self, DigestKeysError> {
        let mut keys: Vec<(u32, [u8; 32])> = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let (number, line) = (number + 1, line.trim());
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let read = || {
                let (version, secret) = line.split_once(char::is_whitespace)?;
                let secret = BASE64_URL_SAFE_NO_PAD.decode(secret.trim()).ok()?;
                Some((version.parse().ok()?, secret.try_into().ok()?))
            };
            let (version, secret) = read().ok_or(DigestKeysError::Line(number))?;
            if keys.last().is_some_and(|(before, _)| *before <= version) {
                return Err(DigestKeysError::Order(number));
            }
            keys.push((version, secret));
        }
        if keys.is_empty() { Err(DigestKeysError::None) } else { Ok(Self(keys)) }
    }

    /// The content of a file of these secrets.
    pub fn text(&self) -> String {
        let lines =
            self.0.iter().map(|(version, secret)| format!("{version} {}\n", BASE64_URL_SAFE_NO_PAD.encode(secret)));
        std::iter::once(ABOUT.to_owned()).chain(lines).collect()
    }

    /// The secrets for a purpose, the newest first, the same in every process that has the same file: what is new is made
    /// with the first, what is old may be of any.
    pub fn secrets(&self, purpose: &str) -> Vec<[u8; 32]> {
        self.0.iter().map(|(_, secret)| for_purpose(secret, purpose)).collect()
    }

    /// The keyed digest of a text for a purpose (HMAC-SHA256 in base64url) by the newest secret, with its version:
    /// without the secret nobody can try out what it was made of.
    pub fn digest(&self, purpose: &str, text: &str) -> String {
        self.digests(purpose, text).into_iter().next().unwrap_or_default()
    }

    /// The digests of a text by every secret, the newest first: as one of them it is stored.
    pub fn digests(&self, purpose: &str, text: &str) -> Vec<String> {
        let digest = |(version, secret): &(u32, [u8; 32])| {
            let digest = BASE64_URL_SAFE_NO_PAD.encode(hmac::sign(&hmac_key(secret, purpose), text.as_bytes()));
            if *version == DERIVED { digest } else { format!("{version}.{digest}") }
        };
        self.0.iter().map(digest).collect()
    }

    /// Whether `stored` is the digest of the text, by the secret of the version that it says, in constant time.
    pub fn matches(&self, purpose: &str, text: &str, stored: &str) -> bool {
        let (version, digest) = match stored.split_once('.') {
            Some((version, digest)) => (version.parse().ok(), digest),
            None => (Some(DERIVED), stored),
        };
        let known = self.0.iter().find(|(known, _)| Some(*known) == version);
        let Some((_, secret)) = known else { return false };
        let digest = BASE64_URL_SAFE_NO_PAD.decode(digest).unwrap_or_default();
        hmac::verify(&hmac_key(secret, purpose), text.as_bytes(), &digest).is_ok()
    }
}

fn hmac_key(secret: &[u8; 32], purpose: &str) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, &for_purpose(secret, purpose))
}

fn for_purpose(secret: &[u8; 32], purpose: &str) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(secret);
    digest.update(purpose.as_bytes());
    digest.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_digest_is_known_after_new_secrets() {
        let derived = DigestKeys::derived([7; 32]);
        let first = DigestKeys::fresh(Some(&derived)).unwrap();
        let second = DigestKeys::parse(&first.clone().renewed().unwrap().text()).unwrap();
        let stored = [derived.digest("x", "secret"), first.digest("x", "secret"), second.digest("x", "secret")];
        assert_eq!(second.digests("x", "secret"), stored.iter().rev().cloned().collect::<Vec<_>>());
        for digest in &stored {
            assert!(second.matches("x", "secret", digest), "{digest}");
            assert!(!second.matches("x", "Secret", digest), "{digest}");
            assert!(!second.matches("y", "secret", digest), "{digest}");
        }
        assert!(!first.matches("x", "secret", &stored[2]));
        assert!(!first.matches("x", "secret", ""));
        assert!(stored[2].starts_with("2.") && stored[1].starts_with("1.") && !stored[0].contains('.'), "{stored:?}");
        assert_eq!(second.secrets("x").len(), 3);
        assert_eq!(second.secrets("x")[1..], first.secrets("x"));
        // The derived one can be left out where nothing is as old.
        assert!(!DigestKeys::fresh(None).unwrap().matches("x", "secret", &stored[0]));
        assert_eq!(format!("{second:?}"), "DigestKeys");
    }

    #[test]
    fn a_file_is_refused_by_its_line() {
        let secret = BASE64_URL_SAFE_NO_PAD.encode([1; 32]);
        let check = |text: &str, expect: &str| {
            assert_eq!(DigestKeys::parse(text).unwrap_err().to_string(), expect, "{text}");
        };
        check("", "there is no secret in the file");
        check("# nothing\n\n", "there is no secret in the file");
        check(&format!("# a\n{secret}"), "line 2 is not a version and 32 bytes in base64url");
        check("1 AAAA", "line 1 is not a version and 32 bytes in base64url");
        let order = "line 2: the newest version must be first, and none may be there twice";
        check(&format!("1 {secret}\n2 {secret}"), order);
        check(&format!("1 {secret}\n1 {secret}"), order);
        assert!(DigestKeys::parse(&format!("  3   {secret}  \r\n1\t{secret}")).is_ok());
    }
}
