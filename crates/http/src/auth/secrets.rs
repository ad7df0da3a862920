//! Secrets: passwords as argon2id hashes, random secrets as keyed digests.
//!
//! Everything here is plain and synchronous, so that the command line has it too. Requests go through
//! [`Hashing`](crate::auth::sign_in::Hashing), which keeps hashing from taking all processors and much memory.

use crate::auth::keys::Keys;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use aws_lc_rs::rand;
use base64::prelude::*;
use passwords::analyzer::is_common_password;
use yhteen_domain::accounts::{Password, normalised};
use yhteen_domain::text::Email;
use yhteen_domain::{Fault, message};

/// Refuses a new password that is guessed first: one that many people use, by a list of the hundred thousand most common
/// ones and whatever their case, or what the account is called.
pub fn refuse_guessable(password: &Password, name: &str, email: &Email, pointer: &str) -> Result<(), Fault> {
    let text = password.reveal();
    if is_common_password(text) || is_common_password(text.to_lowercase()) {
        let detail = message!(
            fi: "on yleisesti käytetty salasana: valitse toinen",
            sv: "är ett allmänt använt lösenord: välj ett annat",
            en: "is a password that many people use: choose another one"
        );
        return Err(Fault::invalid(pointer, "too_common", detail));
    }
    password.refuse_like(name, email, pointer)
}

/// What clients' secrets are digested with.
const CLIENT_SECRETS: &str = "client secrets";
/// What refresh tokens are digested with.
const REFRESH_TOKENS: &str = "refresh tokens";
/// What the secrets in the addresses of calendar feeds are digested with.
const CALENDAR_FEEDS: &str = "calendar feeds";

/// A secret could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The operating system gave no randomness.
    #[error("the operating system gave no randomness")]
    Random,
    /// The password could not be hashed.
    #[error("the password could not be hashed: {0}")]
    Hash(String),
}

/// OWASP's parameters for argon2id: 19 MiB, two passes, one lane.
fn argon2() -> Result<Argon2<'static>, SecretError> {
    let params = Params::new(19_456, 2, 1, None).map_err(|error| SecretError::Hash(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The hash of a password, as a PHC string with its parameters and salt. Takes some 20 ms and 19 MiB.
pub fn hash_password(password: &Password) -> Result<String, SecretError> {
    argon2()?
        .hash_password(password.reveal().as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| SecretError::Hash(error.to_string()))
}

/// Of a password that nobody has, with the parameters of [`hash_password`].
const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZWJvZHkncyBzYWx0$QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE";

/// Whether it is the password of which `hash` was made. Takes as long where there is no hash.
pub fn verify_password(password: &str, hash: Option<&str>) -> bool {
    let Ok(argon2) = argon2() else { return false };
    let Ok(parsed) = PasswordHash::new(hash.unwrap_or(NOBODYS)) else {
        log::error!("a stored password hash cannot be read");
        return false;
    };
    let right = argon2.verify_password(normalised(password).as_bytes(), &parsed).is_ok();
    right && hash.is_some()
}

/// A password that nobody chose: 80 random bits in four groups, without letters that look alike.
pub fn generate_password() -> Result<Password, SecretError> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    loop {
        let bytes: [u8; 16] = random()?;
        let letters = bytes.iter().filter_map(|byte| LETTERS.get(usize::from(byte % 32)));
        let text = letters.enumerate().fold(String::new(), |mut text, (place, letter)| {
            if place > 0 && place % 4 == 0 {
                text.push('-');
            }
            text.push(char::from(*letter));
            text
        });
        // One draw in many has too few different letters.
        if let Ok(password) = Password::parse(&text) {
            return Ok(password);
        }
    }
}

/// A secret or token of 256 random bits, in base64url.
pub fn generate_secret() -> Result<String, SecretError> {
    random::<32>().map(|bytes| BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// Random bytes.
pub(super) fn random<const LENGTH: usize>() -> Result<[u8; LENGTH], SecretError> {
    let mut bytes = [0; LENGTH];
    rand::fill(&mut bytes).map_err(|_| SecretError::Random)?;
    Ok(bytes)
}

impl Keys {
    /// The digest of a client's secret, as it is stored.
    pub fn client_secret_digest(&self, secret: &str) -> String {
        self.digest(CLIENT_SECRETS, secret)
    }

    /// The digest of a new refresh token, as it is stored.
    pub fn refresh_token_digest(&self, token: &str) -> String {
        self.digest(REFRESH_TOKENS, token)
    }

    /// The digests as one of which a refresh token is stored.
    pub fn refresh_token_digests(&self, token: &str) -> Vec<String> {
        self.digests.digests(REFRESH_TOKENS, token)
    }

    /// The digest of the secret in the address of a new calendar feed, as it is stored.
    pub fn calendar_feed_digest(&self, token: &str) -> String {
        self.digest(CALENDAR_FEEDS, token)
    }

    /// The digests as one of which the secret in the address of a calendar feed is stored.
    pub fn calendar_feed_digests(&self, token: &str) -> Vec<String> {
        self.digests.digests(CALENDAR_FEEDS, token)
    }

    /// Whether it is the client secret of which `stored` is the digest, in constant time.
    pub fn is_client_secret(&self, secret: &str, stored: &str) -> bool {
        self.digests.matches(CLIENT_SECRETS, secret, stored)
    }

    /// A keyed digest for a purpose, by the newest secret.
    pub fn digest(&self, purpose: &str, text: &str) -> String {
        self.digests.digest(purpose, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_by_its_hash() {
        let password = Password::parse("a\u{308}iti on paras").unwrap();
        let hash = hash_password(&password).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(verify_password("äiti on paras", Some(&hash)));
        assert!(verify_password("a\u{308}iti on paras", Some(&hash)));
        assert!(!verify_password("äiti on paras ", Some(&hash)));
        assert!(!verify_password("äiti on paras", None));
        assert!(!verify_password("äiti on paras", Some("broken")));
    }

    #[test]
    fn an_unknown_user_costs_as_much_as_a_known_one() {
        assert!(PasswordHash::new(NOBODYS).is_ok());
        let hash = hash_password(&Password::parse("correct horse").unwrap()).unwrap();
        let time = |hash: Option<&str>| {
            let started = std::time::Instant::now();
            (0..3).for_each(|_| assert!(!verify_password("wrong horse", hash)));
            started.elapsed().as_secs_f64()
        };
        let ratio = time(None) / time(Some(&hash));
        assert!((0.2..5.0).contains(&ratio), "{ratio}");
    }

    #[test]
    fn generated_secrets_differ() {
        assert_eq!(generate_password().unwrap().reveal().len(), 19);
        assert_ne!(generate_password().unwrap().reveal(), generate_password().unwrap().reveal());
        assert_eq!(generate_secret().unwrap().len(), 43);
    }

    #[test]
    fn a_client_secret_is_known_by_its_keyed_digest() {
        let keys = Keys::from_pem(&Keys::generate().unwrap(), "https://yhteen.example").unwrap();
        let others = Keys::from_pem(&Keys::generate().unwrap(), "https://yhteen.example").unwrap();
        let stored = keys.client_secret_digest("secret");
        assert!(keys.is_client_secret("secret", &stored));
        assert!(!keys.is_client_secret("Secret", &stored));
        assert!(!keys.is_client_secret("secret", ""));
        assert!(!others.is_client_secret("secret", &stored));
        assert_ne!(stored, keys.refresh_token_digest("secret"));
    }
}
