//! The reports that are owed for a period, each with its organisation, over HTTP.

use super::{owed, period};
use crate::answer::Listing;
use crate::app::App;
use crate::auth::Reader;
use crate::extract::{Params, Path};
use crate::problem::Problem;
use crate::reports::ReadReports;
use actix_web::{get, web::Data};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use yhteen_domain::ids::{ActionId, GoalId, OrganisationId, PeriodId, ProgrammeId, ReportId};
use yhteen_domain::progress::{OwedFilter, OwedReport, OwedState};
use yhteen_domain::text::{Name, ShortCode};
use yhteen_persistence::programmes;
use yhteen_persistence::progress::{self, Line};

/// A report that is owed for a reporting period.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OwedReport)]
pub struct OwedReportView {
    reporting_period_id: PeriodId,
    action_id: ActionId,
    action_code: ShortCode,
    action_title: Name,
    /// Who answers for it: the author where it is reported, else the organisation that owes it, or its successor.
    organisation_id: OrganisationId,
    organisation_name: Name,
    state: OwedState,
    /// The report in that state; null where there is none, or none that the caller sees.
    #[schema(required)]
    report_id: Option<ReportId>,
    /// The day by which it is due, with the organisation's extension where it has one; null where the caller may not know of
    /// extensions: coordinators may, and each organisation of its own.
    #[schema(required)]
    due_on: Option<NaiveDate>,
    /// For how many days it has been due and neither submitted nor accepted; 0 where it is not overdue, null where the caller
    /// may not know.
    #[schema(required)]
    days_overdue: Option<u32>,
}

impl OwedReportView {
    fn of(reporting_period_id: PeriodId, line: Line) -> Self {
        let Line { owed, action_code, action_title, organisation_name } = line;
        let OwedReport { action_id, organisation_id, state, report_id, due_on, days_overdue } = owed;
        Self {
            reporting_period_id,
            action_id,
            action_code,
            action_title,
            organisation_id,
            organisation_name,
            state,
            report_id,
            due_on,
            days_overdue,
        }
    }
}

/// Which reports.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListOwedReports {
    /// A reporting period of the programme. Where nothing is said, the one that was opened most recently; of several that
    /// opened on one day, the one that is due first.
    #[param(nullable = false)]
    reporting_period_id: Option<PeriodId>,
    /// Only those for which one of these organisations answers.
    #[serde(default)]
    #[param(inline)]
    organisation_id: Vec<OrganisationId>,
    /// Only those on one of these actions.
    #[serde(default)]
    #[param(inline)]
    action_id: Vec<ActionId>,
    /// Only those on actions that serve this goal or one below it.
    #[param(nullable = false)]
    goal_id: Option<GoalId>,
    /// Only those in one of these states.
    #[serde(default)]
    #[param(inline)]
    state: Vec<OwedState>,
    /// Only those that are overdue, or that are not. One of which the caller may not know it is neither.
    #[param(nullable = false)]
    overdue: Option<bool>,
    /// Where to go on: `next` of the page before.
    #[param(nullable = false)]
    cursor: Option<String>,
    /// How many at most.
    #[param(nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
}

/// List the reports that are owed for a reporting period.
///
/// Each with its organisation, action and state, as far as the caller may know: these are the reports that the progress
/// of the programme counts, by the same rules. They come action by action. Where no period has been opened, there are
/// none.
#[utoipa::path(tag = "Progress", params(ListOwedReports), security((), ("oauth2" = ["reports:read"])),
    responses((status = 200, description = "A page of owed reports", body = Listing<OwedReportView>)))]
#[get("/api/v1/programmes/{programme_id}/progress/reports")]
pub async fn list_owed_reports(
    reader: Reader<ReadReports>,
    app: Data<App>,
    path: Path<ProgrammeId>,
    params: Params<ListOwedReports>,
) -> Result<Listing<OwedReportView>, Problem> {
    let (id, scope, asker, today) = (path.get()?, reader.scope().clone(), app.clone(), app.today());
    let listing = app.store.read(move |db| {
        let programme = programmes::find(db, &scope, id)?;
        let ListOwedReports {
            reporting_period_id,
            organisation_id: organisations,
            action_id: actions,
            goal_id: goal,
            state: states,
            overdue,
            cursor,
            limit,
        } = params.get()?;
        let filter = OwedFilter { organisations, actions, goal, states, overdue };
        let period = period(db, &programme, reporting_period_id, today)?;
        let Some(period) = period else { return Ok(Listing { items: Vec::new(), next: None }) };
        let list = format!("owed reports {id} {} {filter:?}", period.id);
        let listed = asker.listed(list, cursor.as_deref(), limit)?;
        let (facts, owed) = owed(db, &scope, &programme, Some(&period), today)?;
        let page = progress::page(db, &scope, facts.narrowed(owed, &filter), &listed.slice)?;
        let view = |line| OwedReportView::of(period.id, line);
        Ok(asker.listing(listed.name(), page, Line::place, view))
    });
    Ok(listing.await?)
}
