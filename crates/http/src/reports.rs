//! Reports over HTTP.

mod review;
mod view;

pub use review::{accept_report, return_report, submit_report};
pub use view::{ReportPermissions, ReportView};

use crate::answer::{Answer, Done, Listing, Versioned};
use crate::app::App;
use crate::auth::{Member, Reader};
use crate::extract::{Incoming, Nothing, Params, Path};
use crate::patch::{double, localised_or_null, present};
use crate::problem::Problem;
use actix_web::{delete, get, patch, post, web::Data};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use yhteen_domain::Fault;
use yhteen_domain::audience::{Audience, Key};
use yhteen_domain::ids::{ActionId, Id, OrganisationId, PeriodId, ProgrammeId, ReportId};
use yhteen_domain::reports::{Content, DelayCause, ImplementationStatus, Rating, Report, ReportState};
use yhteen_domain::text::{Prose, ProsePatch};
use yhteen_domain::time::{Instant, Moment};
use yhteen_persistence::idempotency::Guard;
use yhteen_persistence::reports::{self, Filter, Opening};
use yhteen_persistence::scope::Access;

crate::permissions! {
    /// Reads reports.
    ReadReports = ReportsRead, Viewer;
    /// Writes an organisation's reports; reviewing them is the coordinators' own.
    EditReports = ReportsWrite, Reporter;
}

/// The operations on reports.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_reports)
        .service(create_report)
        .service(get_report)
        .service(patch_report)
        .service(delete_report);
    review::routes(config);
}

/// A new report.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "action_id": "01980000-0000-7000-8000-000000000001",
    "organisation_id": "01980000-0000-7000-8000-000000000002",
    "reporting_period_id": "01980000-0000-7000-8000-000000000003",
    "implementation_status": "in_progress", "rating": "on_track", "completion_percent": 40,
    "summary": {"fi": "Perhekeskus avattiin."}
})))]
pub struct NewReport {
    action_id: ActionId,
    /// The acting organisation, a committed participant of the action.
    organisation_id: OrganisationId,
    /// A period of the action's programme.
    reporting_period_id: PeriodId,
    implementation_status: ImplementationStatus,
    /// A submission needs it.
    rating: Option<Rating>,
    #[schema(minimum = 0, maximum = 100)]
    completion_percent: Option<i32>,
    /// What has been done, in short; a submission needs it.
    summary: Option<Prose>,
    /// What has been reached.
    achievements: Option<Prose>,
    /// What stands in the way.
    obstacles: Option<Prose>,
    delay_cause: Option<DelayCause>,
    /// How children, young people and families were heard.
    participation: Option<Prose>,
}

impl From<NewReport> for Content {
    fn from(new: NewReport) -> Self {
        let NewReport {
            action_id: _,
            organisation_id: _,
            reporting_period_id: _,
            implementation_status,
            rating,
            completion_percent,
            summary,
            achievements,
            obstacles,
            delay_cause,
            participation,
        } = new;
        Self {
            implementation_status,
            rating,
            completion_percent,
            summary,
            achievements,
            obstacles,
            delay_cause,
            participation,
        }
    }
}

/// Changes of a report (JSON merge patch, RFC 7396): an absent member stays, null removes.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"completion_percent": 60, "delay_cause": null})))]
pub struct ReportPatch {
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    implementation_status: Option<ImplementationStatus>,
    #[serde(default, with = "double")]
    #[schema(value_type = Option<Rating>, required = false)]
    rating: Option<Option<Rating>>,
    #[serde(default, with = "double")]
    #[schema(value_type = Option<i32>, required = false, minimum = 0, maximum = 100)]
    completion_percent: Option<Option<i32>>,
    #[serde(default, with = "double")]
    #[schema(value_type = Option<ProsePatch>, required = false)]
    summary: Option<Option<ProsePatch>>,
    #[serde(default, with = "double")]
    #[schema(value_type = Option<ProsePatch>, required = false)]
    achievements: Option<Option<ProsePatch>>,
    #[serde(default, with = "double")]
    #[schema(value_type = Option<ProsePatch>, required = false)]
    obstacles: Option<Option<ProsePatch>>,
    #[serde(default, with = "double")]
    #[schema(value_type = Option<DelayCause>, required = false)]
    delay_cause: Option<Option<DelayCause>>,
    #[serde(default, with = "double")]
    #[schema(value_type = Option<ProsePatch>, required = false)]
    participation: Option<Option<ProsePatch>>,
}

impl ReportPatch {
    fn apply(&self, old: Content) -> Result<Content, Fault> {
        let patch = self.clone();
        Ok(Content {
            implementation_status: patch.implementation_status.unwrap_or(old.implementation_status),
            rating: patch.rating.unwrap_or(old.rating),
            completion_percent: patch.completion_percent.unwrap_or(old.completion_percent),
            summary: localised_or_null(patch.summary, old.summary, "/summary")?,
            achievements: localised_or_null(patch.achievements, old.achievements, "/achievements")?,
            obstacles: localised_or_null(patch.obstacles, old.obstacles, "/obstacles")?,
            delay_cause: patch.delay_cause.unwrap_or(old.delay_cause),
            participation: localised_or_null(patch.participation, old.participation, "/participation")?,
        })
    }
}

/// Which reports to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListReports {
    /// Only on this action.
    #[param(nullable = false)]
    action_id: Option<ActionId>,
    /// Only of this organisation.
    #[param(nullable = false)]
    organisation_id: Option<OrganisationId>,
    /// Only for this period.
    #[param(nullable = false)]
    reporting_period_id: Option<PeriodId>,
    /// Only in this programme.
    #[param(nullable = false)]
    programme_id: Option<ProgrammeId>,
    /// Only in these states.
    #[serde(default)]
    #[param(inline)]
    state: Vec<ReportState>,
    /// Only what has changed at or after this time.
    #[param(nullable = false)]
    updated_since: Option<Moment>,
    /// Where to go on: `next` of the page before.
    #[param(nullable = false)]
    cursor: Option<String>,
    /// How many at most.
    #[param(nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
}

/// List reports.
#[utoipa::path(tag = "Reports", params(ListReports), security((), ("oauth2" = ["reports:read"])),
    responses((status = 200, description = "A page of reports", body = Listing<ReportView>)))]
#[get("/api/v1/reports")]
pub async fn list_reports(
    reader: Reader<ReadReports>,
    app: Data<App>,
    params: Params<ListReports>,
) -> Result<Listing<ReportView>, Problem> {
    let ListReports {
        action_id: action,
        organisation_id: organisation,
        reporting_period_id: period,
        programme_id: programme,
        state: states,
        updated_since,
        cursor,
        limit,
    } = params.get()?;
    let filter =
        Filter { action, organisation, period, programme, states, updated_since: updated_since.map(Instant::from) };
    let listed = app.listed(format!("reports {filter:?}"), cursor.as_deref(), limit)?;
    let (slice, scope) = (listed.slice.clone(), reader.scope().clone());
    let page = app.store.read(move |db| reports::list(db, &scope, &filter, &slice)).await?;
    Ok(app.listing(listed.name(), page, |item| item.id, |item| ReportView::of(item, reader.access())))
}

/// Create a report.
///
/// A reporter of a committed participant does so, on an action that is agreed on. The report is a draft, which its
/// organisation alone sees. Where there is an accepted report on the same action for the same period, this is its next
/// revision.
#[utoipa::path(tag = "Reports", request_body = NewReport, security(("oauth2" = ["reports:write"])),
    responses((status = 201, description = "Created", body = ReportView)))]
#[post("/api/v1/reports")]
pub async fn create_report(
    member: Member<EditReports>,
    app: Data<App>,
    incoming: Incoming<NewReport>,
) -> Result<Done, Problem> {
    let id = app.fresh();
    let location = app.url(&format!("/api/v1/reports/{id}"));
    app.write(member, incoming, move |tx, member, incoming| {
        let new = incoming.body()?;
        let NewReport { action_id, organisation_id, reporting_period_id, .. } = *new;
        member.require(organisation_id)?;
        tx.act_for(organisation_id);
        let Opening { subject, standing, last } =
            reports::opening(tx, member.scope(), action_id, organisation_id, reporting_period_id)?;
        let report = Report::draft(id, subject, new.clone().into(), standing, last, tx.now())?;
        // A draft is its author's alone, whoever sees the action.
        let audience: Audience = [Key::Organisation(organisation_id)].into_iter().collect();
        reports::create(tx, &report, audience)?;
        let (version, guard) = (report.meta.version, guard(&report));
        Ok(Answer::created(location.clone(), version, &ReportView::of(report, Some(member.access())), guard))
    })
    .await
}

/// Get a report.
#[utoipa::path(tag = "Reports", security((), ("oauth2" = ["reports:read"])),
    responses((status = 200, description = "The report", body = ReportView)))]
#[get("/api/v1/reports/{report_id}")]
pub async fn get_report(
    reader: Reader<ReadReports>,
    app: Data<App>,
    path: Path<ReportId>,
) -> Result<Versioned<ReportView>, Problem> {
    let (id, scope) = (path.get()?, reader.scope().clone());
    let report = app.store.read(move |db| reports::find(db, &scope, id)).await?;
    Ok(Versioned { version: report.meta.version, view: ReportView::of(report, reader.access()) })
}

/// Change a report.
///
/// A reporter of its organisation does so, while it is a draft or returned.
#[utoipa::path(tag = "Reports", security(("oauth2" = ["reports:write"])),
    request_body(content = ReportPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "As it is now", body = ReportView)))]
#[patch("/api/v1/reports/{report_id}")]
pub async fn patch_report(
    member: Member<EditReports>,
    app: Data<App>,
    path: Path<ReportId>,
    incoming: Incoming<ReportPatch>,
) -> Result<Done, Problem> {
    app.write(member, incoming, move |tx, member, incoming| {
        let report = reports::lock(tx, member.scope(), path.get()?)?;
        let patch = incoming.body()?;
        member.require(report.organisation_id)?;
        tx.act_for(report.organisation_id);
        incoming.expect(report.meta.version)?;
        let content = patch.apply(report.content.clone())?;
        let report = report.changed(content, tx.now())?;
        reports::save(tx, &report)?;
        Ok(answer(report, member.access()))
    })
    .await
}

/// Delete a report.
///
/// A reporter of its organisation does so, unless it has ever been submitted.
#[utoipa::path(tag = "Reports", security(("oauth2" = ["reports:write"])),
    responses((status = 204, description = "It is gone")))]
#[delete("/api/v1/reports/{report_id}")]
pub async fn delete_report(
    member: Member<EditReports>,
    app: Data<App>,
    path: Path<ReportId>,
    incoming: Incoming<Nothing>,
) -> Result<Done, Problem> {
    app.write(member, incoming, move |tx, member, incoming| {
        let report = reports::lock(tx, member.scope(), path.get()?)?;
        incoming.body()?;
        member.require(report.organisation_id)?;
        tx.act_for(report.organisation_id);
        incoming.expect(report.meta.version)?;
        report.refuse_deletion()?;
        reports::delete(tx, &report)?;
        Ok(Answer::none())
    })
    .await
}

fn guard(report: &Report) -> Guard {
    Guard::Sees(report.id.uuid())
}

fn answer(report: Report, access: &Access) -> Answer {
    let (version, guard) = (report.meta.version, guard(&report));
    Answer::ok(version, &ReportView::of(report, Some(access)), guard)
}
