//! The keys that sign access tokens: Ed25519, as JWTs by RFC 9068.
//!
//! The file has the newest key first. A key signs from the time that a line `Signs-From:` before it says, and from then
//! on the next one in the file is retired: a token that it signs later is refused, so that it is worth nothing once its
//! last token has expired, in every process and however often they are started.

use crate::auth::digests::DigestKeys;
use aws_lc_rs::encoding::AsBigEndian;
use aws_lc_rs::signature::Ed25519KeyPair;
use base64::prelude::*;
use chrono::DateTime;
use jsonwebtoken::jwk::{Jwk, JwkSet, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use yhteen_domain::ids::{Id, PrincipalId, SessionId};
use yhteen_domain::roles::TokenScope;
use yhteen_domain::time::Instant;
use yhteen_domain::vocabulary::Vocabulary;

/// How long an access token is good, in seconds.
pub const ACCESS_SECONDS: i64 = 15 * 60;
/// How far the clocks of two processes may be apart, in seconds: a token of the other one may seem to be of the future.
const CLOCK_SKEW: i64 = 5;
/// Whom tokens are for.
const AUDIENCE: &str = "yhteen";
/// How many verified tokens are remembered.
const KEPT: usize = 10_000;
/// What stands before a key to say from when it signs.
const SIGNS_FROM: &str = "Signs-From:";

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
    /// What stands after `Signs-From:` is no time.
    #[error("{SIGNS_FROM} must be followed by a time such as 2026-03-02T12:00:00Z")]
    Time,
    /// A key signs before the one after it in the file does.
    #[error("the newest signing key must be first: each must sign from a later time than the one after it")]
    Order,
}

/// Whose a token is, and what it may be used for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Whose it is.
    pub principal: PrincipalId,
    /// What it may be used for.
    pub scopes: Vec<TokenScope>,
    /// How often all sign-ins of the account had been ended when it was issued: it ends with the next time.
    pub generation: i64,
    /// The session that it came of; none where it is a machine's.
    pub session: Option<SessionId>,
}

impl Grant {
    /// To an account that was never signed out, outside a session.
    pub fn new(principal: PrincipalId, scopes: &[TokenScope]) -> Self {
        Self { principal, scopes: scopes.to_vec(), generation: 0, session: None }
    }
}

/// What a token says, once its signature has been verified.
#[derive(Clone, Debug)]
struct Verified {
    grant: Grant,
    issued: i64,
    expires: i64,
}

impl Verified {
    fn is_good(&self, now: Instant) -> bool {
        self.expires > now.timestamp() && self.issued <= now.timestamp() + CLOCK_SKEW
    }
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
    /// [`Grant::generation`]; absent in tokens of earlier versions.
    #[serde(default)]
    generation: i64,
    /// [`Grant::session`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sid: Option<SessionId>,
}

struct Key {
    id: String,
    /// The private key itself, however it was written.
    seed: Vec<u8>,
    encoding: EncodingKey,
    decoding: DecodingKey,
    public: Jwk,
    /// From when it signs, in seconds since 1970; since ever where the file does not say.
    signs_from: i64,
    /// From when another one signs.
    retired: Option<i64>,
}

/// The keys that sign access tokens, and those of digests and cursors.
pub struct Keys {
    issuer: String,
    /// The newest first.
    signing: Vec<Key>,
    /// What has been verified before, by the digest of the token: a signature costs more than a look-up.
    verified: Mutex<HashMap<[u8; 32], Verified>>,
    pub(super) digests: DigestKeys,
}

impl Keys {
    /// From a file of one or more private keys in PKCS#8 PEM. The keys of digests are derived from the last one, the
    /// oldest, until [others](Self::digesting_with) are given.
    pub fn from_pem(pem: &str, issuer: &str) -> Result<Self, KeyError> {
        const END: &str = "-----END PRIVATE KEY-----";
        let blocks = pem.split_inclusive(END).filter(|block| block.contains(END)).map(str::trim);
        let mut signing = blocks.map(Key::from_pem).collect::<Result<Vec<_>, _>>()?;
        let mut newer = None;
        for key in &mut signing {
            key.retired = newer;
            if newer.is_some_and(|newer| newer <= key.signs_from && key.signs_from != i64::MIN) {
                return Err(KeyError::Order);
            }
            newer = Some(key.signs_from);
        }
        let oldest = signing.last().ok_or(KeyError::None)?;
        let mut digest = Sha256::new();
        digest.update(b"yhteen: secrets derived from the signing key\n");
        digest.update(&oldest.seed);
        let digests = DigestKeys::derived(digest.finalize().into());
        Ok(Self { issuer: issuer.to_owned(), signing, verified: Mutex::default(), digests })
    }

    /// The same, with these keys of digests.
    #[must_use]
    pub fn digesting_with(self, digests: DigestKeys) -> Self {
        Self { digests, ..self }
    }

    /// The keys of digests.
    pub fn digests(&self) -> &DigestKeys {
        &self.digests
    }

    /// A fresh private key in PKCS#8 PEM.
    pub fn generate() -> Result<String, KeyError> {
        let random = aws_lc_rs::rand::SystemRandom::new();
        let document = Ed25519KeyPair::generate_pkcs8v1(&random).map_err(|_| KeyError::Random)?;
        let body = BASE64_STANDARD.encode(document.as_ref());
        Ok(format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"))
    }

    /// The content of a file of keys with a fresh one, which signs from then on, before them.
    pub fn renewed(pem: &str, signs_from: Instant) -> Result<String, KeyError> {
        let signs_from = signs_from.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let renewed = format!("{SIGNS_FROM} {signs_from}\n{}{pem}", Self::generate()?);
        Self::from_pem(&renewed, "").map(|_| renewed)
    }

    /// Who issues the tokens: the service's own address.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// A signed access token.
    pub fn issue(&self, grant: &Grant, token: uuid::Uuid, now: Instant) -> Result<String, KeyError> {
        let Grant { principal, scopes, generation, session } = grant;
        // Before the first of them signs, the oldest does.
        let key = self.signing.iter().find(|key| key.signs_from <= now.timestamp()).or(self.signing.last());
        let key = key.ok_or(KeyError::None)?;
        let header = Header { kid: Some(key.id.clone()), typ: Some("at+jwt".into()), ..Header::new(Algorithm::EdDSA) };
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.into(),
            sub: principal.uuid(),
            client_id: principal.to_string(),
            iat: now.timestamp(),
            exp: now.timestamp() + ACCESS_SECONDS,
            jti: token,
            scope: words(scopes),
            generation: *generation,
            sid: *session,
        };
        Ok(jsonwebtoken::encode(&header, &claims, &key.encoding)?)
    }

    /// What a token says, if it is ours and good at `now`.
    pub fn verify(&self, token: &str, now: Instant) -> Option<Grant> {
        let digest: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let known = self.verified.lock().unwrap_or_else(PoisonError::into_inner).get(&digest).cloned();
        let verified = match known {
            Some(verified) => verified,
            None => self.check(token)?,
        };
        if !verified.is_good(now) {
            return None;
        }
        let mut remembered = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.len() >= KEPT {
            remembered.retain(|_, verified| verified.is_good(now));
            if remembered.len() >= KEPT {
                remembered.clear();
            }
        }
        remembered.insert(digest, verified.clone());
        Some(verified.grant)
    }

    /// Whose a token is that this service has signed, be it good still or not.
    pub fn owner(&self, token: &str) -> Option<PrincipalId> {
        self.check(token).map(|verified| verified.grant.principal)
    }

    fn check(&self, token: &str) -> Option<Verified> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        if header.typ.as_deref() != Some("at+jwt") {
            return None;
        }
        let kid = header.kid?;
        let key = self.signing.iter().find(|key| key.id == kid)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[&self.issuer]);
        // The time is the service's own, checked by the caller.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &key.decoding, &validation).ok()?.claims;
        let Claims { sub, iat, exp, scope, generation, sid, .. } = claims;
        // Whoever has got hold of a key signs what they like, but not for longer than the key is in use.
        let lives = exp.checked_sub(iat)?;
        if lives > ACCESS_SECONDS || key.retired.is_some_and(|retired| iat >= retired) {
            return None;
        }
        let scopes = parse_scopes(&scope);
        let grant = Grant { principal: PrincipalId::from_uuid(sub), scopes, generation, session: sid };
        Some(Verified { grant, issued: iat, expires: exp })
    }

    /// The public keys (RFC 7517) of all tokens that may be good at `now` or later.
    pub fn public(&self, now: Instant) -> JwkSet {
        let now = now.timestamp();
        let in_use = |key: &&Key| key.retired.is_none_or(|retired| retired.saturating_add(ACCESS_SECONDS) > now);
        JwkSet { keys: self.signing.iter().filter(in_use).map(|key| key.public.clone()).collect() }
    }
}

impl Key {
    fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let before = pem.split("-----BEGIN").next().unwrap_or_default();
        let signs_from = before.lines().find_map(|line| line.trim().strip_prefix(SIGNS_FROM));
        let signs_from = signs_from.map(|time| DateTime::parse_from_rfc3339(time.trim()).map_err(|_| KeyError::Time));
        let signs_from = signs_from.transpose()?.map_or(i64::MIN, |time| time.timestamp());
        let encoding = EncodingKey::from_ed_pem(pem.as_bytes())?;
        let mut public = Jwk::from_encoding_key(&encoding, Algorithm::EdDSA)?;
        let id = public.thumbprint(ThumbprintHash::SHA256)?;
        public.common.key_id = Some(id.clone());
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(encoding.as_bytes()).map_err(|_| KeyError::Unreadable)?;
        let seed = pair.seed().and_then(|seed| seed.as_be_bytes()).map_err(|_| KeyError::Unreadable)?;
        let (seed, decoding) = (seed.as_ref().to_vec(), DecodingKey::from_jwk(&public)?);
        Ok(Self { id, seed, encoding, decoding, public, signs_from, retired: None })
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

    const ISSUER: &str = "https://yhteen.example";

    fn issued(keys: &Keys, now: Instant) -> String {
        keys.issue(&Grant::new(PrincipalId::from_uuid(uuid::Uuid::nil()), &[]), uuid::Uuid::nil(), now).unwrap()
    }

    #[test]
    fn a_key_is_replaced_without_a_moment_in_which_anything_fails() {
        let at = |time: &str| time.parse::<Instant>().unwrap();
        let old = Keys::generate().unwrap();
        let file = Keys::renewed(&old, at("2026-01-15T12:00:00Z")).unwrap();
        let keys = Keys::from_pem(&file, ISSUER).unwrap();
        let (before, after) = (at("2026-01-15T11:59:59Z"), at("2026-01-15T12:00:00Z"));
        let (first, second) = (issued(&keys, before), issued(&keys, after));
        let kid = |token: &str| jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
        assert_ne!(kid(&first), kid(&second));
        // A process that has not been started again since signs as before, and is believed.
        assert_eq!(kid(&issued(&Keys::from_pem(&old, ISSUER).unwrap(), before)), kid(&first));
        for token in [&first, &second] {
            assert!(keys.verify(token, after).is_some());
        }
        assert_eq!(keys.public(after).keys.len(), 2);
        assert_eq!(keys.public(at("2026-01-15T12:15:00Z")).keys.len(), 1);
        assert_eq!(Keys::from_pem(&old, ISSUER).unwrap().digests().secrets("x"), keys.digests().secrets("x"));
    }

    #[test]
    fn a_key_is_worth_nothing_once_it_is_retired() {
        let at = |time: &str| time.parse::<Instant>().unwrap();
        let old = Keys::generate().unwrap();
        let stolen = Keys::from_pem(&old, ISSUER).unwrap();
        let keys = Keys::from_pem(&Keys::renewed(&old, at("2026-01-15T12:00:00Z")).unwrap(), ISSUER).unwrap();
        assert!(keys.verify(&issued(&stolen, at("2026-01-15T12:00:00Z")), at("2026-01-15T12:00:01Z")).is_none());
        let last = issued(&stolen, at("2026-01-15T11:59:59Z"));
        assert!(keys.verify(&last, at("2026-01-15T12:14:58Z")).is_some());
        assert!(keys.verify(&last, at("2026-01-15T12:14:59Z")).is_none());
        // Where the file names no time, the first has replaced the others long ago.
        let undated = Keys::from_pem(&format!("{}{old}", Keys::generate().unwrap()), ISSUER).unwrap();
        assert!(undated.verify(&issued(&stolen, at("2026-01-15T12:00:00Z")), at("2026-01-15T12:00:00Z")).is_none());
        assert_eq!(undated.public(at("2026-01-15T12:00:00Z")).keys.len(), 1);
    }

    #[test]
    fn what_the_file_says_of_times_must_be_true() {
        let at = |time: &str| time.parse::<Instant>().unwrap();
        let once = Keys::renewed(&Keys::generate().unwrap(), at("2026-01-15T12:00:00Z")).unwrap();
        assert!(matches!(Keys::renewed(&once, at("2026-01-15T12:00:00Z")), Err(KeyError::Order)));
        let twice = Keys::renewed(&once, at("2026-01-15T12:00:01Z")).unwrap();
        assert_eq!(twice.matches("-----BEGIN").count(), 3);
        let wrong = format!("Signs-From: tomorrow\n{}", Keys::generate().unwrap());
        assert!(matches!(Keys::from_pem(&wrong, ISSUER), Err(KeyError::Time)));
    }

    #[test]
    fn a_key_is_the_same_however_it_is_written() {
        let pem = Keys::generate().unwrap();
        let lines: Vec<_> = pem.lines().collect();
        let (first, rest) = lines[1].split_at(20);
        let written = [pem.replace('\n', "\r\n"), format!("A comment\n{}\n{first}\n{rest}\n{}", lines[0], lines[2])];
        let secret = |pem: &str| Keys::from_pem(pem, "https://yhteen.example").unwrap().digests().secrets("cursors");
        for other in written {
            assert_eq!(secret(&pem), secret(&other), "{other:?}");
        }
        assert_ne!(secret(&pem), secret(&Keys::generate().unwrap()));
    }
}
