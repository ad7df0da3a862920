//! Suspensions: the operator of the service takes an account or an organisation out of use at once.
//!
//! A suspended account cannot sign in, and its tokens are refused. A suspended organisation has nobody who reads as it or
//! writes for it. A suspension gives the operator nothing to read. It is kept after it was lifted.

use crate::audience::{Audience, Key};
use crate::fault::Fault;
use crate::ids::{OrganisationId, PrincipalId, SuspensionId};
use crate::message;
use crate::meta::Meta;
use crate::text::PlainName;
use crate::time::Instant;

crate::codes! {
    /// There is no suspension that could be lifted.
    NOT_SUSPENDED = Conflict "suspension.not_suspended" { fi: "Käyttöä ei ole keskeytetty", sv: "Ingen avstängning gäller", en: "Nothing is suspended" }
    /// An operator cannot suspend the account with which it has signed in.
    OWN_ACCOUNT = Conflict "suspension.own_account" { fi: "Omaa tunnusta ei voi keskeyttää", sv: "Det egna kontot kan inte stängas av", en: "One's own account cannot be suspended" }
}

/// What is suspended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// An organisation, with whoever acts for it.
    Organisation(OrganisationId),
    /// A person's or a machine's account.
    Account(PrincipalId),
}

/// A suspension, standing or lifted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspension {
    /// Its identifier.
    pub id: SuspensionId,
    /// Version and times; it stands from `created_at` on.
    pub meta: Meta,
    /// What is suspended.
    pub subject: Subject,
    /// Why, for the administrators concerned.
    pub reason: PlainName,
    /// The operator who suspended it; nobody where it was done on the command line.
    pub suspended_by: Option<PrincipalId>,
    /// When and by whom it was lifted.
    pub lifted: Option<Lifted>,
}

/// The end of a suspension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifted {
    /// When.
    pub at: Instant,
    /// The operator who lifted it; nobody where it was done on the command line.
    pub by: Option<PrincipalId>,
}

impl Suspension {
    /// A new suspension. Nobody suspends their own account.
    pub fn new(
        id: SuspensionId,
        subject: Subject,
        reason: PlainName,
        by: Option<PrincipalId>,
        now: Instant,
    ) -> Result<Self, Fault> {
        if by.is_some_and(|by| subject == Subject::Account(by)) {
            return Err(Fault::new(
                &OWN_ACCOUNT,
                message!(
                    fi: "Et voi keskeyttää omaa tunnustasi.",
                    sv: "Du kan inte stänga av ditt eget konto.",
                    en: "You cannot suspend your own account."
                ),
            ));
        }
        Ok(Self { id, meta: Meta::new(now), subject, reason, suspended_by: by, lifted: None })
    }

    /// The same, lifted.
    #[must_use]
    pub fn lift(self, by: Option<PrincipalId>, now: Instant) -> Self {
        Self { lifted: Some(Lifted { at: now, by }), meta: self.meta.changed(now), ..self }
    }

    /// The administrators of the organisation that is suspended, or to which the account belongs: `home`.
    pub fn audience(&self, home: Option<OrganisationId>) -> Audience {
        let concerned = match self.subject {
            Subject::Organisation(id) => Some(id),
            Subject::Account(_) => home,
        };
        concerned.map(Key::Administrators).into_iter().collect()
    }
}

/// The refusal to lift what does not stand.
pub fn not_suspended() -> Fault {
    Fault::new(
        &NOT_SUSPENDED,
        message!(
            fi: "Käyttöä ei ole keskeytetty, joten purettavaa ei ole.",
            sv: "Ingen avstängning gäller, så det finns ingenting att häva.",
            en: "Nothing is suspended, so there is nothing to lift."
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_suspends_the_own_account() {
        let (now, reason) = ("2026-01-15T10:00:00Z".parse().unwrap(), PlainName::parse("Väärinkäyttö").unwrap());
        let (own, other) = (uuid::Uuid::from_u128(1).into(), uuid::Uuid::from_u128(2).into());
        let suspend = |id| {
            let subject = Subject::Account(id);
            Suspension::new(uuid::Uuid::from_u128(9).into(), subject, reason.clone(), Some(own), now)
        };
        assert_eq!(suspend(own).unwrap_err().code, &OWN_ACCOUNT);
        let lifted = suspend(other).unwrap().lift(None, now);
        assert_eq!((lifted.meta.version, lifted.lifted), (2, Some(Lifted { at: now, by: None })));
    }
}
