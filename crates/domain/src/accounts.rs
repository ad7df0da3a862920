//! Accounts of people (users) and machines (clients).

use crate::ids::{OrganisationId, PrincipalId};
use crate::meta::Meta;
use crate::roles::{Role, TokenScope};
use crate::text::{Email, NAME, Text};
use crate::time::Instant;
use std::collections::BTreeMap;

crate::vocabulary! {
    /// Who an account belongs to.
    AccountKind {
        /// A person, who signs in with e-mail address and password.
        User = "user",
        /// A machine, which signs in with its identifier and secret.
        Client = "client",
    }
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its identifier.
    pub id: PrincipalId,
    /// Version and times.
    pub meta: Meta,
    /// A person's or a machine's.
    pub kind: AccountKind,
    /// The organisation that it belongs to; the operator's belongs to none.
    pub organisation_id: Option<OrganisationId>,
    /// The person's or the machine's name.
    pub name: Text<NAME>,
    /// The address with which a person signs in.
    pub email: Option<Email>,
    /// The scopes that its tokens may carry at most.
    pub scopes: Vec<TokenScope>,
    /// Whether it runs the service.
    pub operator: bool,
    /// Since when it can no longer sign in.
    pub deactivated_at: Option<Instant>,
    /// Its roles by organisation.
    pub roles: BTreeMap<OrganisationId, Role>,
}
