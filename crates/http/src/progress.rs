//! The progress of a programme over HTTP.

pub mod reports;

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
use yhteen_domain::programmes::Programme;
use yhteen_domain::progress::{Counts, Facts, OwedReport, OwedState, Progress};
use yhteen_domain::reporting_periods::Period;
use yhteen_domain::time::Date;
use yhteen_domain::{Fault, codes, message};
use yhteen_persistence::scope::Scope;
use yhteen_persistence::{Db, Error, programmes, progress, reporting_periods};

/// The operations on progress.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_programme_progress).service(reports::list_owed_reports);
}

/// The progress of a programme in one reporting period, counted over what the caller sees.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProgrammeProgress)]
pub struct ProgressView {
    programme_id: ProgrammeId,
    /// The period that was asked for, else the one that was opened most recently. Null where none has been opened: then no
    /// report is owed.
    #[schema(required)]
    reporting_period_id: Option<PeriodId>,
    actions: ActionCountsView,
    reports: ReportCountsView,
    /// By goal, in the order of the goals: the actions that serve the goal or one below it, each once.
    goals: Vec<GoalProgress>,
    /// By organisation: the actions that it is committed to now, and the reports that it answers for.
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

/// How many reports are owed, and how far they have come as far as the caller may know: each is in one of the six
/// states, whose sum is `owed`. `overdue` counts some of them again.
///
/// An organisation owes a report on an action for a period if on some day of the period that has come, in Finnish time,
/// it existed; it was a committed participant, accountable for the action, carrying it out or paying for it; and the
/// action was agreed or in progress. The day on which something changes counts for what was and for what is. From the
/// day of a succession the successor answers for what is still owed; what was reported stays with its author.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReportCounts)]
pub struct ReportCountsView {
    owed: u32,
    /// There is none. A draft is known to its author alone, and counts here for everyone else.
    not_started: u32,
    /// In draft; the caller reads for its author.
    draft: u32,
    /// Submitted, and not accepted yet.
    submitted: u32,
    /// Sent back to be completed.
    returned: u32,
    /// Accepted.
    accepted: u32,
    /// Submitted at some time; the caller may know no more.
    reported: u32,
    /// How many of those that are not started, in draft or returned are past the due day, or past the organisation's
    /// extension where it has one. Null where the caller may not know it of each: coordinators may, and each organisation of
    /// its own.
    #[schema(required)]
    overdue: Option<u32>,
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
        let of = |state| counts.reports.states.get(&state).copied().unwrap_or_default();
        Self {
            owed: counts.reports.owed(),
            not_started: of(OwedState::NotStarted),
            draft: of(OwedState::Draft),
            submitted: of(OwedState::Submitted),
            returned: of(OwedState::Returned),
            accepted: of(OwedState::Accepted),
            reported: of(OwedState::Reported),
            overdue: counts.reports.overdue,
        }
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
    /// A reporting period of the programme. Where nothing is said, the one that was opened most recently; of several that
    /// opened on one day, the one that is due first.
    #[param(nullable = false)]
    reporting_period_id: Option<PeriodId>,
}

/// Get the progress of a programme.
///
/// How its actions stand, and how far the reports have come that are owed on them for the period: in all, by goal and by
/// organisation. It is counted over what the caller sees: an action that it does not see is not there, and of a report
/// that it does not see it learns no more than that it was submitted. So callers may get different numbers. Every number
/// of reports is that of the list of owed reports, which names the organisations.
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
        let period = period(db, &programme, reporting_period_id, today)?;
        let (facts, owed) = owed(db, &scope, &programme, period.as_ref(), today)?;
        Ok(ProgressView::of(id, period.map(|period| period.id), &facts.roll_up(&owed)))
    });
    Ok(Computed(view.await?))
}

/// The period that is asked for, else the one that was opened most recently.
fn period(db: &mut Db, programme: &Programme, asked: Option<PeriodId>, today: Date) -> Result<Option<Period>, Error> {
    match asked {
        None => reporting_periods::opened_last(db, programme, today),
        Some(asked) => Ok(Some(reporting_periods::of_programme(db, programme, asked)?.ok_or_else(foreign_period)?)),
    }
}

/// The reports that are owed for the period, as far as the reader may know, with what they follow from.
fn owed(
    db: &mut Db,
    scope: &Scope,
    programme: &Programme,
    period: Option<&Period>,
    today: Date,
) -> Result<(Facts, Vec<OwedReport>), Error> {
    let facts = progress::facts(db, scope, programme, period)?;
    let owed = period.map(|period| facts.owed(period, today, scope.keys())).unwrap_or_default();
    Ok((facts, owed))
}

fn foreign_period() -> Fault {
    let detail = message!(
        fi: "Ohjelmassa ei ole tällaista raportointikautta.",
        sv: "Programmet har ingen sådan rapporteringsperiod.",
        en: "The programme has no such reporting period.",
    );
    Fault::new(&codes::BAD_PARAMETER, detail.clone()).at("?reporting_period_id", "unknown_reference", detail)
}
