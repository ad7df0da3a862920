//! A report as it is shown.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use yhteen_domain::ids::{ActionId, OrganisationId, PeriodId, PrincipalId, ProgrammeId, ReportId};
use yhteen_domain::reports::{Content, DelayCause, ImplementationStatus, Rating, Report, ReportState};
use yhteen_domain::roles::Role;
use yhteen_domain::text::{PlainText, Prose};
use yhteen_persistence::scope::Access;

/// A report: what one organisation says of one action for one reporting period.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Report)]
pub struct ReportView {
    id: ReportId,
    /// Counts the changes, from 1.
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    programme_id: ProgrammeId,
    action_id: ActionId,
    organisation_id: OrganisationId,
    reporting_period_id: PeriodId,
    /// Counts the reports of the organisation on the action for the period, from 1: the last accepted one holds.
    revision: i32,
    state: ReportState,
    implementation_status: ImplementationStatus,
    #[schema(required)]
    rating: Option<Rating>,
    #[schema(required, minimum = 0, maximum = 100)]
    completion_percent: Option<i32>,
    /// What has been done, in short.
    #[schema(required)]
    summary: Option<Prose>,
    /// What has been reached.
    #[schema(required)]
    achievements: Option<Prose>,
    /// What stands in the way.
    #[schema(required)]
    obstacles: Option<Prose>,
    #[schema(required)]
    delay_cause: Option<DelayCause>,
    /// How children, young people and families were heard.
    #[schema(required)]
    participation: Option<Prose>,
    /// What the coordinator said when it was returned last; for the organisation and the coordinators.
    #[schema(required)]
    review_note: Option<PlainText>,
    #[schema(required)]
    submitted_at: Option<DateTime<Utc>>,
    /// Who submitted it; for the organisation.
    #[schema(required)]
    submitted_by: Option<PrincipalId>,
    /// When it was returned or accepted last.
    #[schema(required)]
    reviewed_at: Option<DateTime<Utc>>,
    /// Who reviewed it; for the coordinators.
    #[schema(required)]
    reviewed_by: Option<PrincipalId>,
    /// The accepted revision that came after this one; null where this one still holds. A revision that is not accepted
    /// yet supersedes nothing.
    #[schema(required)]
    superseded_by_id: Option<ReportId>,
    permissions: ReportPermissions,
}

/// What the caller may do with the report as it is now.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportPermissions {
    /// Change it and submit it.
    edit: bool,
    /// Delete it.
    delete: bool,
    /// Return it or accept it.
    review: bool,
}

impl ReportView {
    pub(super) fn of(report: Report, access: Option<&Access>) -> Self {
        let author = access.is_some_and(|access| access.scope().reads_for(report.organisation_id));
        let reports = access.is_some_and(|access| access.may(report.organisation_id, Role::Reporter));
        let coordinates = access.is_some_and(|access| access.may_coordinate(report.programme_id));
        let permissions = ReportPermissions {
            edit: reports && report.is_open(),
            delete: reports && report.state == ReportState::Draft,
            review: coordinates && report.state == ReportState::Submitted,
        };
        let Report {
            id,
            meta,
            programme_id,
            action_id,
            organisation_id,
            period_id,
            revision,
            state,
            content,
            review_note,
            submitted,
            reviewed,
            superseded_by_id,
        } = report;
        let Content {
            implementation_status,
            rating,
            completion_percent,
            summary,
            achievements,
            obstacles,
            delay_cause,
            participation,
        } = content;
        Self {
            id,
            version: meta.version,
            created_at: meta.created_at,
            updated_at: meta.updated_at,
            programme_id,
            action_id,
            organisation_id,
            reporting_period_id: period_id,
            revision,
            state,
            implementation_status,
            rating,
            completion_percent,
            summary,
            achievements,
            obstacles,
            delay_cause,
            participation,
            review_note: review_note.filter(|_| author || coordinates),
            submitted_at: submitted.map(|it| it.at),
            submitted_by: submitted.filter(|_| author).map(|it| it.by),
            reviewed_at: reviewed.map(|it| it.at),
            reviewed_by: reviewed.filter(|_| coordinates).map(|it| it.by),
            superseded_by_id,
            permissions,
        }
    }
}
