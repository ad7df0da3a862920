//! The keys that sign access tokens: Ed25519, as JWTs by RFC 9068.

use aws_lc_rs::encoding::AsBigEndian;
use aws_lc_rs::signature::Ed25519KeyPair;
use base64::prelude::*;
use jsonwebtoken::jwk::{Jwk, JwkSet, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use yhteen_domain::ids::{Id, PrincipalId};
use yhteen_domain::roles::TokenScope;
use yhteen_domain::time::Instant;
use yhteen_domain::vocabulary::Vocabulary;

/// How long an access token is good, in seconds.
pub const ACCESS_SECONDS: i64 = 15 * 60;
/// Whom tokens are for.
const AUDIENCE: &str = "yhteen";
/// How many verified tokens are remembered.
const KEPT: usize = 10_000;

/// Why the keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A key is no Ed25519 key in PKCS#8 PEM.
    #[error("the signing key is not an Ed25519 private key in PKCS#8 PEM: {0}")]
    Key(#[from] jsonwebtoken::errors::Error),
    /// The private half of a key cannot be read.
    #[error("the signing key is not an Ed25519 private key in PKCS#8 PEM")]
    Unreadable,
    /// There is none.
    #[error("there is no signing key in the file")]
    None,
    /// The operating system gave no randomness.
    #[error("a signing key could not be made")]
    Random,
}

/// What a token says, once its signature has been verified.
#[derive(Clone, Debug)]
pub struct Verified {
    /// Whose it is.
    pub principal: PrincipalId,
    /// What it may be used for.
    pub scopes: Vec<TokenScope>,
    expires: i64,
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: uuid::Uuid,
    client_id: String,
    iat: i64,
    exp: i64,
    jti: uuid::Uuid,
    scope: String,
}

struct Key {
    id: String,
    /// The private key itself, however it was written.
    seed: Vec<u8>,
    encoding: EncodingKey,
    decoding: DecodingKey,
    public: Jwk,
}

/// The keys: the first signs, all verify, so that one can be replaced without a moment in which tokens fail.
pub struct Keys {
    issuer: String,
    first: Key,
    others: Vec<Key>,
    /// What has been verified before, by the digest of the token: a signature costs more than a look-up.
    verified: Mutex<HashMap<[u8; 32], Verified>>,
    derived: [u8; 32],
}

impl Keys {
    /// From a file of one or more private keys in PKCS#8 PEM.
    pub fn from_pem(pem: &str, issuer: &str) -> Result<Self, KeyError> {
        const END: &str = "-----END PRIVATE KEY-----";
        let blocks: Vec<_> = pem.split_inclusive(END).filter(|block| block.contains(END)).map(str::trim).collect();
        let mut keys = blocks.iter().map(|block| Key::from_pem(block)).collect::<Result<Vec<_>, _>>()?.into_iter();
        let first = keys.next().ok_or(KeyError::None)?;
        let mut digest = Sha256::new();
        digest.update(b"yhteen: secrets derived from the signing key\n");
        // The last is the oldest: a new key is put before it without ending what was derived from it, which is kept
        // in the database (digests of clients' secrets) and by callers (cursors).
        digest.update(&keys.as_slice().last().unwrap_or(&first).seed);
        Ok(Self {
            issuer: issuer.to_owned(),
            first,
            others: keys.collect(),
            verified: Mutex::default(),
            derived: digest.finalize().into(),
        })
    }

    /// A fresh private key in PKCS#8 PEM.
    pub fn generate() -> Result<String, KeyError> {
        let random = aws_lc_rs::rand::SystemRandom::new();
        let document = Ed25519KeyPair::generate_pkcs8v1(&random).map_err(|_| KeyError::Random)?;
        let body = BASE64_STANDARD.encode(document.as_ref());
        Ok(format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"))
    }

    /// Who issues the tokens: the service's own address.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// A secret for a purpose, the same in every process that has the same key file.
    pub fn secret(&self, purpose: &str) -> [u8; 32] {
        let mut digest = Sha256::new();
        digest.update(self.derived);
        digest.update(purpose.as_bytes());
        digest.finalize().into()
    }

    /// A signed access token.
    pub fn issue(
        &self,
        principal: PrincipalId,
        scopes: &[TokenScope],
        token: uuid::Uuid,
        now: Instant,
    ) -> Result<String, KeyError> {
        let header =
            Header { kid: Some(self.first.id.clone()), typ: Some("at+jwt".into()), ..Header::new(Algorithm::EdDSA) };
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.into(),
            sub: principal.uuid(),
            client_id: principal.to_string(),
            iat: now.timestamp(),
            exp: now.timestamp() + ACCESS_SECONDS,
            jti: token,
            scope: words(scopes),
        };
        Ok(jsonwebtoken::encode(&header, &claims, &self.first.encoding)?)
    }

    /// What a token says, if it is ours and good at `now`.
    pub fn verify(&self, token: &str, now: Instant) -> Option<Verified> {
        let digest: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let known = self.verified.lock().unwrap_or_else(PoisonError::into_inner).get(&digest).cloned();
        let verified = match known {
            Some(verified) => verified,
            None => self.check(token)?,
        };
        if verified.expires <= now.timestamp() {
            return None;
        }
        let mut remembered = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.len() >= KEPT {
            remembered.retain(|_, verified| verified.expires > now.timestamp());
            if remembered.len() >= KEPT {
                remembered.clear();
            }
        }
        remembered.insert(digest, verified.clone());
        Some(verified)
    }

    fn check(&self, token: &str) -> Option<Verified> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        if header.typ.as_deref() != Some("at+jwt") {
            return None;
        }
        let kid = header.kid?;
        let key = std::iter::once(&self.first).chain(&self.others).find(|key| key.id == kid)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[&self.issuer]);
        // The time is the service's own, checked by the caller.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &key.decoding, &validation).ok()?.claims;
        Some(Verified {
            principal: PrincipalId::from_uuid(claims.sub),
            scopes: parse_scopes(&claims.scope),
            expires: claims.exp,
        })
    }

    /// The public keys (RFC 7517).
    pub fn public(&self) -> JwkSet {
        JwkSet { keys: std::iter::once(&self.first).chain(&self.others).map(|key| key.public.clone()).collect() }
    }
}

impl Key {
    fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let encoding = EncodingKey::from_ed_pem(pem.as_bytes())?;
        let mut public = Jwk::from_encoding_key(&encoding, Algorithm::EdDSA)?;
        let id = public.thumbprint(ThumbprintHash::SHA256)?;
        public.common.key_id = Some(id.clone());
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(encoding.as_bytes()).map_err(|_| KeyError::Unreadable)?;
        let seed = pair.seed().and_then(|seed| seed.as_be_bytes()).map_err(|_| KeyError::Unreadable)?;
        Ok(Self { seed: seed.as_ref().to_vec(), decoding: DecodingKey::from_jwk(&public)?, encoding, public, id })
    }
}

/// Scopes as one text (RFC 6749, section 3.3).
pub fn words(scopes: &[TokenScope]) -> String {
    scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ")
}

/// The known scopes of such a text.
pub fn parse_scopes(text: &str) -> Vec<TokenScope> {
    text.split(' ').filter_map(TokenScope::from_word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_replaced_without_a_moment_in_which_anything_fails() {
        let (old, new) = (Keys::generate().unwrap(), Keys::generate().unwrap());
        let keys = |pem: &str| Keys::from_pem(pem, "https://yhteen.example").unwrap();
        let (before, after) = (keys(&old), keys(&format!("{new}\n{old}")));
        let now = "2026-01-15T10:00:00Z".parse().unwrap();
        let issue = |keys: &Keys| keys.issue(PrincipalId::from_uuid(uuid::Uuid::nil()), &[], uuid::Uuid::nil(), now);
        assert!(after.verify(&issue(&before).unwrap(), now).is_some());
        assert!(before.verify(&issue(&after).unwrap(), now).is_none());
        assert!(keys(&new).verify(&issue(&after).unwrap(), now).is_some());
        assert_eq!(before.secret("cursors"), after.secret("cursors"));
        assert_eq!(after.public().keys.len(), 2);
    }

    #[test]
    fn a_key_is_the_same_however_it_is_written() {
        let pem = Keys::generate().unwrap();
        let lines: Vec<_> = pem.lines().collect();
        let (first, rest) = lines[1].split_at(20);
        let written = [pem.replace('\n', "\r\n"), format!("A comment\n{}\n{first}\n{rest}\n{}", lines[0], lines[2])];
        let secret = |pem: &str| Keys::from_pem(pem, "https://yhteen.example").unwrap().secret("cursors");
        for other in written {
            assert_eq!(secret(&pem), secret(&other), "{other:?}");
        }
        assert_ne!(secret(&pem), secret(&Keys::generate().unwrap()));
    }
}
