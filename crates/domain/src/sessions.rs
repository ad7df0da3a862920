//! Sessions: a person's sign-in, with the refresh tokens that came of it.
//!
//! A refresh token is good once. To use one again later means that somebody has copied it, and ends the session; but two
//! tabs of one browser may use the same one at the same time.

use crate::ids::{PrincipalId, SessionId};
use crate::roles::TokenScope;
use crate::time::Instant;
use chrono::TimeDelta;

/// How long a session lasts at most, however much it is used.
pub const LONGEST: TimeDelta = TimeDelta::days(90);
/// How long a session lasts unused: as long as a refresh token is good.
pub const UNUSED: TimeDelta = TimeDelta::days(30);
/// How long after its first use a refresh token may be used again: the other tab had not heard of it yet.
pub const GRACE: TimeDelta = TimeDelta::seconds(10);
/// The most sessions of one account: beyond, the oldest ends.
pub const MOST_SESSIONS: i64 = 50;

/// A sign-in of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its identifier.
    pub id: SessionId,
    /// Whose it is.
    pub principal_id: PrincipalId,
    /// What was granted at the sign-in.
    pub scopes: Vec<TokenScope>,
    /// When the person signed in.
    pub begun_at: Instant,
    /// When it was last refreshed.
    pub last_used_at: Instant,
    /// When it ends unless it is refreshed before.
    pub expires_at: Instant,
}

/// What comes of a refresh token that is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refreshed {
    /// The session goes on.
    GoesOn(Session),
    /// The session has expired.
    Expired,
    /// The token has been copied, so the session must end.
    Copied,
}

impl Session {
    /// A session that begins now.
    pub fn begun(id: SessionId, principal_id: PrincipalId, scopes: Vec<TokenScope>, now: Instant) -> Self {
        Self { id, principal_id, scopes, begun_at: now, last_used_at: now, expires_at: now + UNUSED }
    }

    /// After a refresh token of it was used that was first used at `spent_at`, if ever.
    pub fn refreshed(self, spent_at: Option<Instant>, now: Instant) -> Refreshed {
        if spent_at.is_some_and(|at| at + GRACE < now) {
            return Refreshed::Copied;
        }
        if self.expires_at <= now {
            return Refreshed::Expired;
        }
        let expires_at = (now + UNUSED).min(self.begun_at + LONGEST);
        Refreshed::GoesOn(Self { last_used_at: now, expires_at, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Id;

    #[test]
    fn a_session_goes_on_while_it_is_used_but_not_for_ever() {
        let begun: Instant = "2026-03-02T12:00:00Z".parse().unwrap();
        let session = Session::begun(SessionId::from_uuid(uuid::Uuid::nil()), uuid::Uuid::nil().into(), vec![], begun);
        let refresh = |session: &Session, now: Instant| match session.clone().refreshed(None, now) {
            Refreshed::GoesOn(session) => Some(session),
            _ => None,
        };
        assert_eq!(refresh(&session, begun + UNUSED), None);
        let mut now = begun;
        let mut last = session;
        for _ in 0..3 {
            now += TimeDelta::days(29);
            last = refresh(&last, now).unwrap();
        }
        assert_eq!((last.last_used_at, last.expires_at), (now, begun + LONGEST));
        assert_eq!(refresh(&last, begun + LONGEST), None);
    }

    #[test]
    fn a_token_may_be_used_again_for_a_moment() {
        let begun: Instant = "2026-03-02T12:00:00Z".parse().unwrap();
        let session = Session::begun(SessionId::from_uuid(uuid::Uuid::nil()), uuid::Uuid::nil().into(), vec![], begun);
        let again = |after: TimeDelta| session.clone().refreshed(Some(begun), begun + after);
        assert!(matches!(again(GRACE), Refreshed::GoesOn(_)));
        assert_eq!(again(GRACE + TimeDelta::milliseconds(1)), Refreshed::Copied);
        // A copy is a copy, also of what has expired.
        assert_eq!(again(LONGEST), Refreshed::Copied);
    }
}
