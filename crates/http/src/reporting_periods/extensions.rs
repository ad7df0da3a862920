//! More time for one organisation in a reporting period, over HTTP.

use super::{PeriodView, answer};
use crate::answer::Done;
use crate::app::App;
use crate::auth::Member;
use crate::extract::{Incoming, Nothing, Path};
use crate::problem::Problem;
use crate::programmes::{EditProgrammes, coordinate};
use actix_web::{delete, put, web::Data};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use yhteen_domain::Fault;
use yhteen_domain::ids::{OrganisationId, PeriodId};
use yhteen_domain::reporting_periods::Extension;
use yhteen_domain::time::Day;
use yhteen_persistence::{organisations, reporting_periods};

/// The operations on extensions.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(put_report_extension).service(delete_report_extension);
}

/// More time for one organisation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReportExtension)]
pub struct ExtensionView {
    organisation_id: OrganisationId,
    /// The last day on which its reports are taken though the period is locked.
    until: NaiveDate,
}

impl From<Extension> for ExtensionView {
    fn from(extension: Extension) -> Self {
        let Extension { organisation_id, until } = extension;
        Self { organisation_id, until }
    }
}

/// An extension as it shall be.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"until": "2027-02-15"})))]
pub struct GrantedExtension {
    /// The last day on which the organisation's reports are taken though the period is locked.
    until: Day,
}

/// Grant one organisation more time to report.
///
/// The programme's coordinators do so.
#[utoipa::path(tag = "Reporting periods", request_body = GrantedExtension, security(("oauth2" = ["programmes:write"])),
    responses((status = 200, description = "The reporting period as it is now", body = PeriodView)))]
#[put("/api/v1/reporting-periods/{reporting_period_id}/extensions/{organisation_id}")]
pub async fn put_report_extension(
    member: Member<EditProgrammes>,
    app: Data<App>,
    path: Path<(PeriodId, OrganisationId)>,
    incoming: Incoming<GrantedExtension>,
) -> Result<Done, Problem> {
    app.write(member, incoming, move |tx, member, incoming| {
        let (id, organisation) = path.get()?;
        let (period, programme) = reporting_periods::lock(tx, member.scope(), id)?;
        organisations::find(tx, organisation)?;
        let until = incoming.body()?.until.into();
        coordinate(tx, member, &programme)?;
        incoming.expect(programme.meta.version)?;
        let extended = period.clone().extended(Extension { organisation_id: organisation, until }, tx.now());
        let programme = programme.after(&period, &extended, tx.now());
        reporting_periods::save_extension(tx, &programme, &extended, organisation)?;
        Ok(answer(&programme, extended, member.access()))
    })
    .await
}

/// Take back an organisation's extension.
///
/// The programme's coordinators do so.
#[utoipa::path(tag = "Reporting periods", security(("oauth2" = ["programmes:write"])),
    responses((status = 200, description = "The reporting period as it is now", body = PeriodView)))]
#[delete("/api/v1/reporting-periods/{reporting_period_id}/extensions/{organisation_id}")]
pub async fn delete_report_extension(
    member: Member<EditProgrammes>,
    app: Data<App>,
    path: Path<(PeriodId, OrganisationId)>,
    incoming: Incoming<Nothing>,
) -> Result<Done, Problem> {
    app.write(member, incoming, move |tx, member, incoming| {
        let (id, organisation) = path.get()?;
        let (period, programme) = reporting_periods::lock(tx, member.scope(), id)?;
        incoming.body()?;
        coordinate(tx, member, &programme)?;
        period.extension(organisation).ok_or_else(Fault::not_found)?;
        incoming.expect(programme.meta.version)?;
        let period = period.shortened(organisation, tx.now());
        let programme = programme.touched(tx.now());
        reporting_periods::save_extension(tx, &programme, &period, organisation)?;
        Ok(answer(&programme, period, member.access()))
    })
    .await
}
