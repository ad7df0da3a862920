//! The security log: what happened that concerns who gets in, and who may do what.

use crate::ids::{OrganisationId, PrincipalId, SecurityEventId};
use crate::time::Instant;

crate::vocabulary! {
    /// What happened.
    SecurityEventKind {
        /// Someone signed in, by a password, a refresh token or a client's secret; or tried to.
        SignIn = "sign_in",
        /// An access token was refused: it has expired, is not one of the service, or its account is not active.
        TokenRefused = "token_refused",
        /// Someone who had signed in was refused for want of a right (403).
        PermissionDenied = "permission_denied",
        /// A user or client was created.
        AccountCreated = "account_created",
        /// A user or client was changed in something other than its roles.
        AccountChanged = "account_changed",
        /// The roles of a user or client were changed.
        RolesChanged = "roles_changed",
        /// The password of a user was changed or reset.
        PasswordChanged = "password_changed",
        /// A client was given another secret.
        SecretRotated = "secret_rotated",
        /// An account or an organisation was suspended.
        Suspended = "suspended",
        /// A suspension was lifted.
        SuspensionLifted = "suspension_lifted",
        /// A coordinator of a programme was appointed or dismissed.
        CoordinatorChanged = "coordinator_changed",
        /// A file was taken out of the service: CSV or a calendar.
        Exported = "exported",
        /// A calendar feed was created.
        CalendarFeedCreated = "calendar_feed_created",
        /// Someone outside the organisation to which it belongs read a report that is not accepted, or a private action.
        RestrictedRead = "restricted_read",
        /// Entries could not be written, because there were too many at a time: `times` says how many.
        EntriesLost = "entries_lost",
    }

    /// What an entry of the log is about.
    SecuritySubject {
        /// A person's account.
        User = "user",
        /// A machine's account.
        Client = "client",
        /// An organisation.
        Organisation = "organisation",
        /// A programme.
        Programme = "programme",
        /// An action.
        Action = "action",
        /// A report.
        Report = "report",
        /// A calendar feed.
        CalendarFeed = "calendar_feed",
    }

    /// How it ended.
    SecurityOutcome {
        /// It was done.
        Success = "success",
        /// It was refused or failed.
        Failure = "failure",
    }
}

/// Where a request came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The caller's address behind trusted proxies.
    pub client_address: String,
    /// The identifier of the request.
    pub request_id: String,
    /// Method and path of the operation, without identifiers.
    pub operation: String,
}

/// What an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct About {
    /// The type of the thing, where it is known.
    pub subject: Option<SecuritySubject>,
    /// The thing.
    pub id: uuid::Uuid,
}

/// An entry of the security log on its way into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityEvent {
    /// Its identifier.
    pub id: SecurityEventId,
    /// When.
    pub occurred_at: Instant,
    /// What happened.
    pub kind: SecurityEventKind,
    /// How it ended.
    pub outcome: SecurityOutcome,
    /// The account that did it, where it is known.
    pub principal: Option<PrincipalId>,
    /// The organisations that it concerns, besides those to which the account and the subject belong.
    pub organisations: Vec<OrganisationId>,
    /// Where the request came from; nothing on the command line.
    pub origin: Option<Origin>,
    /// What it is about.
    pub about: Option<About>,
    /// More in a stable form, such as the code of the refusal.
    pub detail: Option<String>,
    /// How often the same happened in the moments that the entry stands for.
    pub times: i64,
}

/// For how many days entries are kept where no setting says otherwise.
pub const KEPT_DAYS: u32 = 365;
