//! The progress of a programme over HTTP.

use crate::answer::Computed;
use crate::app::App;
use crate::auth::Reader;
use crate::extract::{Params, Path};
use crate::problem::Problem;
use crate::reports::ReadReports;
use actix_web::{get, web::Data};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use yhteen_domain::actions::ActionStatus;
use yhteen_domain::ids::{GoalId, OrganisationId, PeriodId, ProgrammeId};
use yhteen_domain::progress::{Counts, Progress, ReportCounts};
use yhteen_domain::{Fault, codes, message};
use yhteen_persistence::{programmes, progress, reporting_periods};

/// The operations on progress.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_programme_progress);
}

/// The progress of a programme in one reporting period, counted over what the caller sees.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProgrammeProgress)]
pub struct ProgressView {
    programme_id: ProgrammeId,
    /// Null where none was asked for and none has begun: then no report is owed.
    #[schema(required)]
    reporting_period_id: Option<PeriodId>,
    actions: ActionCountsView,
    reports: ReportCountsView,
    /// By goal, in the order of the goals: the actions that serve the goal or one below it, each once.
    goals: Vec<GoalProgress>,
    /// By organisation: the actions that it is committed to, and the reports that it owes.
    organisations: Vec<OrganisationProgress>,
}

/// The progress towards a goal.
#[derive(Debug, Serialize, ToSchema)]
pub struct GoalProgress {
    goal_id: GoalId,
    actions: ActionCountsView,
    reports: ReportCountsView,
}

/// The progress of an organisation.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrganisationProgress {
    organisation_id: OrganisationId,
    actions: ActionCountsView,
    reports: ReportCountsView,
}

/// How many actions there are in each status.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ActionCounts)]
pub struct ActionCountsView {
    draft: u32,
    proposed: u32,
    agreed: u32,
    in_progress: u32,
    on_hold: u32,
    completed: u32,
    cancelled: u32,
}

/// How many reports there are, and are not.
///
/// A report is owed by each committed organisation that is accountable for an action, carries it out or pays for it,
/// from the agreement on, unless the action is cancelled or was completed before the period. `owed` is the sum of the
/// others.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReportCounts)]
pub struct ReportCountsView {
    owed: u32,
    /// Submitted, and not accepted yet.
    submitted: u32,
    /// Accepted.
    accepted: u32,
    /// Not begun, in draft, returned, or not for the caller's eyes.
    missing: u32,
}

impl From<&Counts> for ActionCountsView {
    fn from(counts: &Counts) -> Self {
        let of = |status| counts.actions.get(&status).copied().unwrap_or_default();
        Self {
            draft: of(ActionStatus::Draft),
            proposed: of(ActionStatus::Proposed),
            agreed: of(ActionStatus::Agreed),
            in_progress: of(ActionStatus::InProgress),
            on_hold: of(ActionStatus::OnHold),
            completed: of(ActionStatus::Completed),
            cancelled: of(ActionStatus::Cancelled),
        }
    }
}

impl From<&Counts> for ReportCountsView {
    fn from(counts: &Counts) -> Self {
        let ReportCounts { owed, submitted, accepted, missing } = counts.reports;
        Self { owed, submitted, accepted, missing }
    }
}

impl ProgressView {
    fn of(programme_id: ProgrammeId, reporting_period_id: Option<PeriodId>, progress: &Progress) -> Self {
        let Progress { total, goals, organisations } = progress;
        let goals = goals.iter().map(|(goal_id, counts)| GoalProgress {
            goal_id: *goal_id,
            actions: counts.into(),
            reports: counts.into(),
        });
        let organisations = organisations.iter().map(|(organisation_id, counts)| OrganisationProgress {
            organisation_id: *organisation_id,
            actions: counts.into(),
            reports: counts.into(),
        });
        Self {
            programme_id,
            reporting_period_id,
            actions: total.into(),
            reports: total.into(),
            goals: goals.collect(),
            organisations: organisations.collect(),
        }
    }
}

/// For which period.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ProgressParams {
    /// A reporting period of the programme; the one that has begun last where nothing is said.
    #[param(nullable = false)]
    reporting_period_id: Option<PeriodId>,
}

/// Get the progress of a programme.
///
/// How its actions stand, and which of the reports that are owed on them for the period are there: in all, by goal and
/// by organisation. It is counted over what the caller sees: an action that it does not see is not there, and a report
/// that it does not see counts as missing. So callers may get different numbers, and none learns from them of what it
/// may not see.
#[utoipa::path(tag = "Progress", params(ProgressParams), security((), ("oauth2" = ["reports:read"])),
    responses((status = 200, description = "The progress", body = ProgressView)))]
#[get("/api/v1/programmes/{programme_id}/progress")]
pub async fn get_programme_progress(
    reader: Reader<ReadReports>,
    app: Data<App>,
    path: Path<ProgrammeId>,
    params: Params<ProgressParams>,
) -> Result<Computed<ProgressView>, Problem> {
    let (id, scope, today) = (path.get()?, reader.scope().clone(), app.today());
    let view = app.store.read(move |db| {
        let programme = programmes::find(db, &scope, id)?;
        let ProgressParams { reporting_period_id } = params.get()?;
        let period = match reporting_period_id {
            Some(asked) => Some(reporting_periods::of_programme(db, &programme, asked)?.ok_or_else(foreign_period)?),
            None => reporting_periods::begun_last(db, &programme, today)?,
        };
        let period_id = period.as_ref().map(|period| period.id);
        let facts = progress::facts(db, &scope, &programme, period_id)?;
        Ok(ProgressView::of(id, period_id, &facts.roll_up(period.map(|period| period.details.starts_on))))
    });
    Ok(Computed(view.await?))
}

fn foreign_period() -> Fault {
    let detail = message!(
        fi: "Ohjelmalla ei ole tällaista raportointikautta.",
        sv: "Programmet har ingen sådan rapporteringsperiod.",
        en: "The programme has no such reporting period.",
    );
    Fault::new(&codes::BAD_PARAMETER, detail.clone()).at("?reporting_period_id", "unknown_reference", detail)
}
