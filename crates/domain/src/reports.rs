//! Reports: what one organisation says of one action for one reporting period.
//!
//! A report goes from draft to submitted, is returned and submitted again, and is accepted. What is accepted never
//! changes: a correction is a new revision beside it.

mod transitions;

pub use crate::owed_reports::Standing;

use crate::audience::{Audience, Key};
use crate::fault::Fault;
use crate::ids::{ActionId, OrganisationId, PeriodId, PrincipalId, ProgrammeId, ReportId};
use crate::message;
use crate::meta::Meta;
use crate::say::Words;
use crate::text::{Prose, TEXT, Text};
use crate::time::{Date, Instant};

crate::codes! {
    /// The reporting period does not take reports yet; `opens_on` says from when it does.
    NOT_OPEN_YET = Conflict "report.not_open_yet" { fi: "Raportointi ei ole vielä alkanut", sv: "Rapporteringen har inte börjat än", en: "The reporting period is not open yet" }
    /// The reporting period is locked, and the organisation has no extension, or its extension is over.
    /// The coordinator of the programme can grant one.
    PERIOD_LOCKED = Conflict "report.period_locked" { fi: "Raportointikausi on lukittu", sv: "Rapporteringsperioden är låst", en: "The reporting period is locked" }
    /// On no day of the period was the action agreed or in progress: there is nothing to report on.
    ACTION_NOT_AGREED = Conflict "report.action_not_agreed" { fi: "Toimenpiteestä ei ollut sovittu", sv: "Åtgärden var inte överenskommen", en: "The action was not agreed on" }
    /// On no day of the period on which the action was agreed or in progress was the organisation a committed participant
    /// of it, and it answers for no predecessor that owes a report.
    NOT_PARTICIPANT = Conflict "report.not_participant" { fi: "Organisaatio ei ollut sitoutunut toimenpiteeseen", sv: "Organisationen hade inte förbundit sig till åtgärden", en: "The organisation was not a committed participant" }
    /// The rating or the summary is missing; `errors` names what a submission still needs.
    INCOMPLETE = Conflict "report.incomplete" { fi: "Raportti on keskeneräinen", sv: "Rapporten är ofullständig", en: "The report is not complete" }
    /// The report lies with the coordinator: it changes no more unless it is returned.
    ALREADY_SUBMITTED = Conflict "report.already_submitted" { fi: "Raportti on jo lähetetty", sv: "Rapporten är redan inlämnad", en: "The report is already submitted" }
    /// The report is accepted and never changes: correct it by a new revision.
    ALREADY_ACCEPTED = Conflict "report.already_accepted" { fi: "Raportti on jo hyväksytty", sv: "Rapporten är redan godkänd", en: "The report is already accepted" }
    /// Only a submitted report can be returned or accepted.
    NOT_SUBMITTED = Conflict "report.not_submitted" { fi: "Raporttia ei ole lähetetty", sv: "Rapporten är inte inlämnad", en: "The report is not submitted" }
    /// The organisation has a report on this action and period that is not accepted yet: go on with that one.
    REVISION_OPEN = Conflict "report.revision_open" { fi: "Edellinen raportti on vielä kesken", sv: "Den föregående rapporten är ännu öppen", en: "The last revision is still open" }
}

crate::vocabulary! {
    /// Where a report stands.
    ReportState {
        /// Being written.
        Draft = "draft",
        /// With the coordinator.
        Submitted = "submitted",
        /// Sent back to be completed.
        Returned = "returned",
        /// Final.
        Accepted = "accepted",
    }

    /// How far the action has come in the organisation.
    ImplementationStatus {
        /// Not begun.
        NotStarted = "not_started",
        /// Under way.
        InProgress = "in_progress",
        /// Done.
        Completed = "completed",
        /// Given up.
        Discontinued = "discontinued",
    }

    /// Whether the action goes as planned.
    Rating {
        /// It does.
        OnTrack = "on_track",
        /// It may not.
        AtRisk = "at_risk",
        /// It does not.
        OffTrack = "off_track",
    }

    /// What has held the action up.
    DelayCause {
        /// A decision is missing.
        Decision = "decision",
        /// Money or premises are missing.
        Resources = "resources",
        /// People are missing.
        Staffing = "staffing",
        /// A partner is behind.
        Partner = "partner",
        /// Something outside.
        External = "external",
        /// Anything else.
        Other = "other",
    }
}

impl ReportState {
    /// The state in a sentence.
    pub fn words(self) -> Words {
        match self {
            Self::Draft => ["luonnos", "ett utkast", "a draft"],
            Self::Submitted => ["lähetetty", "inlämnad", "submitted"],
            Self::Returned => ["palautettu", "återsänd", "returned"],
            Self::Accepted => ["hyväksytty", "godkänd", "accepted"],
        }
    }
}

/// A report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Its identifier.
    pub id: ReportId,
    /// Version and times.
    pub meta: Meta,
    /// The programme of the action and the period.
    pub programme_id: ProgrammeId,
    /// The action that it is on.
    pub action_id: ActionId,
    /// The organisation that reports.
    pub organisation_id: OrganisationId,
    /// The period that it is for.
    pub period_id: PeriodId,
    /// Counts the reports of one organisation on one action for one period, from 1.
    pub revision: i32,
    /// Where it stands.
    pub state: ReportState,
    /// What it says.
    pub content: Content,
    /// What the coordinator said when it was returned last.
    pub review_note: Option<Text<TEXT>>,
    /// Who submitted it last, and when.
    pub submitted: Option<Signature>,
    /// Who returned or accepted it last, and when.
    pub reviewed: Option<Signature>,
    /// The accepted revision that came after it.
    pub superseded_by_id: Option<ReportId>,
}

/// What a report says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// How far the action has come.
    pub implementation_status: ImplementationStatus,
    /// Whether it goes as planned.
    pub rating: Option<Rating>,
    /// How much of it is done, from 0 to 100.
    pub completion_percent: Option<i32>,
    /// What has been done, in short.
    pub summary: Option<Prose>,
    /// What has been reached.
    pub achievements: Option<Prose>,
    /// What stands in the way.
    pub obstacles: Option<Prose>,
    /// What has held it up.
    pub delay_cause: Option<DelayCause>,
    /// How children, young people and families were heard.
    pub participation: Option<Prose>,
}

/// Who did something, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// When.
    pub at: Instant,
    /// The person or machine.
    pub by: PrincipalId,
}

/// When the period takes the organisation's reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first day.
    pub opens_on: Date,
    /// It takes none any more, but for an extension.
    pub locked: bool,
    /// The last day of the organisation's extension.
    pub extended_until: Option<Date>,
}

/// Who sees the action that a report is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionSeen {
    /// The action's audience.
    pub audience: Audience,
    /// Its accountable organisation.
    pub accountable: Option<OrganisationId>,
}

/// The last report of the same organisation on the same action for the same period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Last {
    /// Its revision.
    pub revision: i32,
    /// Where it stands.
    pub state: ReportState,
}

/// What a new report is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The programme of the action and the period.
    pub programme_id: ProgrammeId,
    /// The action.
    pub action_id: ActionId,
    /// The organisation that reports.
    pub organisation_id: OrganisationId,
    /// The period.
    pub period_id: PeriodId,
}

impl Content {
    /// Checks what no single type shows.
    pub fn checked(self) -> Result<Self, Fault> {
        if self.completion_percent.is_some_and(|percent| !(0..=100).contains(&percent)) {
            let detail = message!(
                fi: "Valmiusasteen on oltava 0–100 prosenttia.",
                sv: "Färdighetsgraden måste vara 0–100 procent.",
                en: "The completion must be from 0 to 100 per cent.",
            );
            return Err(Fault::invalid("/completion_percent", "out_of_range", detail));
        }
        Ok(self)
    }
}

impl Report {
    /// In draft its author; once submitted, the accountable organisation and the coordinators too; once accepted,
    /// whoever sees the action as well.
    pub fn audience(&self, action: &ActionSeen) -> Audience {
        let author: Audience = [Key::Organisation(self.organisation_id)].into_iter().collect();
        let reviewers =
            action.accountable.map(Key::Organisation).into_iter().chain([Key::Coordinator(self.programme_id)]);
        match self.state {
            ReportState::Draft => author,
            ReportState::Submitted | ReportState::Returned => author.and(reviewers),
            ReportState::Accepted => author.and(reviewers).and(action.audience.keys()),
        }
    }
}
