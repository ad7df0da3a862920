//! Signing in by OAuth 2.0 (RFC 6749): what is refused, which scopes are granted, how guessing is slowed down.

use crate::fault::{Fault, Message};
use crate::roles::TokenScope;
use crate::time::Instant;
use crate::vocabulary::Vocabulary;
use chrono::TimeDelta;

crate::codes! {
    /// The request lacks a parameter, gives one twice, or names its client in two ways.
    INVALID_REQUEST = Unreadable "oauth.invalid_request" { fi: "Virheellinen pyyntö", sv: "Ogiltig begäran", en: "Invalid token request" }
    /// There is no such client, it is not active, or its secret is another one.
    INVALID_CLIENT = Unauthenticated "oauth.invalid_client" { fi: "Asiakasohjelmaa ei tunnistettu", sv: "Klienten kunde inte autentiseras", en: "Invalid client" }
    /// User name or password is wrong, the account is not active, or the refresh token is unknown, expired or spent.
    /// A spent refresh token takes all that came of the same sign-in with it: sign in again.
    INVALID_GRANT = Unreadable "oauth.invalid_grant" { fi: "Tunnistautuminen ei kelpaa", sv: "Inloggningen godkändes inte", en: "Invalid grant" }
    /// The grant type is none of `client_credentials`, `password` and `refresh_token`.
    UNSUPPORTED_GRANT_TYPE = Unreadable "oauth.unsupported_grant_type" { fi: "Tunnistautumistapaa ei tueta", sv: "Inloggningssättet stöds inte", en: "Unsupported grant type" }
    /// A scope is unknown, or none of those asked for is allowed.
    INVALID_SCOPE = Unreadable "oauth.invalid_scope" { fi: "Virheellinen käyttövaltuus", sv: "Ogiltig behörighet", en: "Invalid scope" }
    /// An access token cannot be revoked: it expires within 15 minutes.
    UNSUPPORTED_TOKEN_TYPE = Unreadable "oauth.unsupported_token_type" { fi: "Tällaista tunnistetta ei voi perua", sv: "Denna typ av token kan inte återkallas", en: "Unsupported token type" }
    /// Too many failed sign-ins to this account or from this address; `Retry-After` says when to try again.
    THROTTLED = TooManyRequests "auth.throttled" { fi: "Liian monta epäonnistunutta kirjautumista", sv: "För många misslyckade inloggningar", en: "Too many failed sign-ins" }
}

/// The scopes of a token: what is asked for, within what is allowed; all that is allowed where nothing is asked for.
/// `asked` is a list of words separated by spaces (RFC 6749, section 3.3).
pub fn granted(asked: Option<&str>, allowed: &[TokenScope]) -> Result<Vec<TokenScope>, Fault> {
    let refuse = |detail: Message| Fault::new(&INVALID_SCOPE, detail.clone()).at("scope", "invalid_scope", detail);
    let mut scopes: Vec<TokenScope> = match asked {
        None => allowed.to_vec(),
        Some(asked) => asked
            .split(' ')
            .filter(|word| !word.is_empty())
            .map(|word| TokenScope::from_word(word).ok_or_else(|| refuse("There is no such scope.".into())))
            .collect::<Result<_, _>>()?,
    };
    scopes.retain(|scope| allowed.contains(scope));
    scopes.sort_unstable();
    scopes.dedup();
    if scopes.is_empty() {
        return Err(refuse("None of the scopes asked for is allowed.".into()));
    }
    Ok(scopes)
}

/// By what failures are counted. Many share an address, so it takes many failures there before all of them wait; and
/// whoever guesses at an account elsewhere should not keep its owner out soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// By account and address together.
    Pair,
    /// By account, wherever the attempts come from.
    Account,
    /// By address, whatever account they are for.
    Address,
}

impl Counted {
    /// After so many failures each further one makes the next wait longer.
    fn free(self) -> i64 {
        match self {
            Self::Pair => 5,
            Self::Account => 20,
            Self::Address => 100,
        }
    }
}

/// The longest wait, in seconds.
const LONGEST: i64 = 15 * 60;
/// After so long a silence the failures are forgotten.
pub const FORGOTTEN: TimeDelta = TimeDelta::hours(1);

/// The failed sign-ins of one subject of late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failures {
    /// How many.
    pub count: i64,
    /// When the last one was.
    pub last_at: Instant,
}

impl Failures {
    /// How many seconds to wait before the next attempt; nothing where there is no need to.
    ///
    /// The wait doubles with every failure that is not free: 2 s, 4 s, up to 15 minutes.
    pub fn wait(self, counted: Counted, now: Instant) -> Option<u64> {
        if self.count < counted.free() || self.last_at + FORGOTTEN <= now {
            return None;
        }
        let doublings = u32::try_from(self.count - counted.free() + 1).unwrap_or(u32::MAX);
        let wait = 2_i64.checked_pow(doublings).map_or(LONGEST, |seconds| seconds.min(LONGEST));
        // What is left of a second is a second.
        let left = (self.last_at + TimeDelta::seconds(wait) - now).num_milliseconds();
        u64::try_from(left).ok().filter(|left| *left > 0).map(|left| left.div_ceil(1000))
    }

    /// Refuses an attempt that comes too early.
    pub fn refuse_early(self, counted: Counted, now: Instant) -> Result<(), Fault> {
        match self.wait(counted, now) {
            None => Ok(()),
            Some(seconds) => {
                let detail = format!("Too many failed sign-ins: try again in {seconds} s.");
                Err(Fault::new(&THROTTLED, detail).retry_after(seconds))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_what_is_asked_for_within_what_is_allowed() {
        use TokenScope::{ActionsRead, ActionsWrite, ReportsRead};
        let allowed = [ActionsWrite, ActionsRead];
        let check = |asked: Option<&str>, expect: Option<&[TokenScope]>| {
            assert_eq!(granted(asked, &allowed).ok().as_deref(), expect, "{asked:?}");
        };
        assert!(ActionsRead < ActionsWrite && ActionsWrite < ReportsRead);
        check(None, Some(&[ActionsRead, ActionsWrite]));
        check(Some("actions:read"), Some(&[ActionsRead]));
        check(Some("reports:read  actions:read actions:read"), Some(&[ActionsRead]));
        check(Some("reports:read"), None);
        check(Some("actions:fly actions:read"), None);
        check(Some(""), None);
    }

    #[test]
    fn the_wait_doubles_up_to_a_quarter_of_an_hour() {
        let last_at: Instant = "2026-03-02T12:00:00Z".parse().unwrap();
        let wait = |counted, count, later: i64| {
            Failures { count, last_at }.wait(counted, last_at + TimeDelta::milliseconds(later))
        };
        let check = |count, later, expect| {
            assert_eq!(wait(Counted::Pair, count, later), expect, "{count} failures, {later} ms ago");
        };
        check(4, 0, None);
        check(5, 0, Some(2));
        check(5, 1_500, Some(1));
        check(5, 2_000, None);
        check(6, 0, Some(4));
        check(13, 0, Some(512));
        check(14, 0, Some(900));
        check(i64::MAX, 0, Some(900));
        check(i64::MAX, 900_000, None);
        check(i64::MAX, 3_600_000, None);
        for (counted, free) in [(Counted::Account, 20), (Counted::Address, 100)] {
            assert_eq!((wait(counted, free - 1, 0), wait(counted, free, 0)), (None, Some(2)), "{counted:?}");
        }
    }
}
