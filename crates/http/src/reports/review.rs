//! How reports go on, over HTTP: submitted by their authors, returned and accepted by the coordinators.

use super::{EditReports, ReportView, answer};
use crate::answer::Done;
use crate::app::App;
use crate::auth::Member;
use crate::extract::{Incoming, Nothing, Path};
use crate::problem::Problem;
use crate::programmes::coordinate;
use actix_web::{post, web::Data};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use yhteen_domain::Fault;
use yhteen_domain::ids::ReportId;
use yhteen_domain::reports::{Report, Signature};
use yhteen_domain::text::PlainText;
use yhteen_domain::time::date_of;
use yhteen_persistence::{Tx, reports};

/// The transitions of reports.
pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(submit_report).service(return_report).service(accept_report);
}

/// Why a report is returned.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"note": "Kertokaa myös, miten nuoria kuultiin."})))]
pub struct ReturnReport {
    /// What is to be completed; for the organisation that reports.
    note: PlainText,
}

/// Submit a report.
///
/// A reporter of its organisation does so: from draft, or again when it was returned. It needs a rating and a summary,
/// an organisation that took part in the action in the period, as for a new report, and a period that is open: not
/// locked, or with an extension for the organisation. After the due date, but before the lock, it is late but taken.
#[utoipa::path(tag = "Reports", security(("oauth2" = ["reports:write"])),
    responses((status = 200, description = "As it is now", body = ReportView)))]
#[post("/api/v1/reports/{report_id}:submit")]
pub async fn submit_report(
    member: Member<EditReports>,
    app: Data<App>,
    path: Path<ReportId>,
    incoming: Incoming<Nothing>,
) -> Result<Done, Problem> {
    app.write(member, incoming, move |tx, member, incoming| {
        let (report, grounds) = reports::lock_for_review(tx, member.scope(), path.get()?)?;
        incoming.body()?;
        member.require(report.organisation_id)?;
        tx.act_for(report.organisation_id);
        incoming.expect_if_given(report.meta.version)?;
        let by = signature(tx, member);
        let report = report.submit(grounds.standing, grounds.window, date_of(by.at), by)?;
        reports::save_state(tx, &report, report.audience(&grounds.seen))?;
        Ok(answer(report, member.access()))
    })
    .await
}

/// Return a report.
///
/// A coordinator of the programme does so with a submitted report that is to be completed.
#[utoipa::path(tag = "Reports", request_body = ReturnReport, security(("oauth2" = ["reports:write"])),
    responses((status = 200, description = "As it is now", body = ReportView)))]
#[post("/api/v1/reports/{report_id}:return")]
pub async fn return_report(
    member: Member<EditReports>,
    app: Data<App>,
    path: Path<ReportId>,
    incoming: Incoming<ReturnReport>,
) -> Result<Done, Problem> {
    review(member, app, path, incoming, |report, body, by| report.give_back(body.note.clone(), by)).await
}

/// Accept a report.
///
/// A coordinator of the programme does so with a submitted report. It never changes from then on, and whoever sees the
/// action sees it. Of an accepted revision before it, `superseded_by_id` names this one from then on.
#[utoipa::path(tag = "Reports", security(("oauth2" = ["reports:write"])),
    responses((status = 200, description = "As it is now", body = ReportView)))]
#[post("/api/v1/reports/{report_id}:accept")]
pub async fn accept_report(
    member: Member<EditReports>,
    app: Data<App>,
    path: Path<ReportId>,
    incoming: Incoming<Nothing>,
) -> Result<Done, Problem> {
    review(member, app, path, incoming, |report, _, by| report.accept(by)).await
}

async fn review<T: Send + Sync + 'static>(
    member: Member<EditReports>,
    app: Data<App>,
    path: Path<ReportId>,
    incoming: Incoming<T>,
    rule: fn(Report, &T, Signature) -> Result<Report, Fault>,
) -> Result<Done, Problem> {
    app.write(member, incoming, move |tx, member, incoming| {
        let (report, grounds) = reports::lock_for_review(tx, member.scope(), path.get()?)?;
        let body = incoming.body()?;
        coordinate(tx, member, &grounds.programme)?;
        incoming.expect_if_given(report.meta.version)?;
        let report = rule(report, body, signature(tx, member))?;
        reports::save_state(tx, &report, report.audience(&grounds.seen))?;
        Ok(answer(report, member.access()))
    })
    .await
}

fn signature(tx: &Tx<'_>, member: &Member<EditReports>) -> Signature {
    Signature { at: tx.now(), by: member.access().principal }
}
