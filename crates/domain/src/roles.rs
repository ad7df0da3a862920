//! Roles, which are read live, and scopes, which a token carries.

use crate::fault::Fault;
use crate::vocabulary::Vocabulary;
use crate::{codes, message};

crate::vocabulary! {
    /// What a person or machine may do for an organisation; each role includes those before it.
    Role {
        /// Reads what the organisation may see.
        Viewer = "viewer",
        /// Writes its reports and indicator values.
        Reporter = "reporter",
        /// Writes its actions, participations, meetings, bookings and handlings.
        Editor = "editor",
        /// Manages its users, clients, roles and bodies.
        Admin = "admin",
    }

    /// What a token lets its bearer do (RFC 6749, section 3.3), within the roles of the moment.
    TokenScope {
        /// Read organisations.
        OrganisationsRead = "organisations:read",
        /// Create and change organisations.
        OrganisationsWrite = "organisations:write",
        /// Read users and clients.
        AccountsRead = "accounts:read",
        /// Create and change users and clients.
        AccountsWrite = "accounts:write",
        /// Read programmes, goals and reporting periods.
        ProgrammesRead = "programmes:read",
        /// Create and change programmes, goals and reporting periods.
        ProgrammesWrite = "programmes:write",
        /// Read actions, their participants, decision steps and timetables.
        ActionsRead = "actions:read",
        /// Create and change actions, their participants and decision steps.
        ActionsWrite = "actions:write",
        /// Read bodies and meetings.
        MeetingsRead = "meetings:read",
        /// Create and change bodies and meetings.
        MeetingsWrite = "meetings:write",
        /// Read reports.
        ReportsRead = "reports:read",
        /// Create, submit and review reports.
        ReportsWrite = "reports:write",
        /// Follow the change feed.
        ChangesRead = "changes:read",
    }
}

impl Role {
    /// Whether this role includes `needed`.
    pub fn includes(self, needed: Self) -> bool {
        self >= needed
    }
}

/// Refuses whoever asks with a token that does not carry all of these scopes: nobody grants, or comes by, what their own
/// token does not carry.
pub fn require_carried(carried: &[TokenScope], needed: &[TokenScope]) -> Result<(), Fault> {
    let lacking: Vec<_> = needed.iter().filter(|scope| !carried.contains(scope)).map(|scope| scope.as_str()).collect();
    if lacking.is_empty() {
        return Ok(());
    }
    let scopes = lacking.join(" ");
    Err(Fault::new(
        &codes::SCOPE_MISSING,
        message!(
            fi: "Käyttöoikeustunnisteesta puuttuu tarvittavia käyttövaltuuksia: {scopes}.",
            sv: "Åtkomsttoken saknar behörigheter som behövs: {scopes}.",
            en: "The access token does not carry all scopes that this needs: {scopes}."
        ),
    ))
}

/// The refusal for want of `needed` in an organisation that the caller may know of.
pub fn lacking(needed: Role) -> Fault {
    Fault::forbidden(format!("This needs the role {needed} in the organisation that it concerns."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_grants_what_their_token_does_not_carry() {
        use TokenScope::{ActionsRead, ActionsWrite, ReportsRead};
        let carried = [ActionsRead, ReportsRead];
        assert!(require_carried(&carried, &[]).is_ok());
        assert!(require_carried(&carried, &[ReportsRead, ActionsRead]).is_ok());
        let refused = require_carried(&carried, &[ReportsRead, ActionsWrite]).unwrap_err();
        assert_eq!(refused.code.name, "auth.scope_missing");
        let detail = refused.detail.to_string();
        assert!(detail.contains("actions:write") && !detail.contains("reports:read"), "{detail}");
    }
}
