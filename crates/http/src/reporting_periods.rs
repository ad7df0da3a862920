//! Reporting periods over HTTP.

pub mod extensions;

use crate::answer::{Answer, Done, Listing, Versioned};
use crate::app::App;
use crate::auth::{Member, Reader};
use crate::extract::{Incoming, Nothing, Params, Path};
use crate::patch::present;
use crate::problem::Problem;
use crate::programmes::{EditProgrammes, Paging, ReadProgrammes, coordinate, guard};
use actix_web::{delete, get, patch, post, web::Data};
use chrono::{DateTime, NaiveDate, Utc};
use extensions::ExtensionView;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use yhteen_domain::ids::{PeriodId, ProgrammeId};
use yhteen_domain::programmes::Programme;
use yhteen_domain::reporting_periods::{Details, Period, PeriodKind};
use yhteen_domain::text::ShortCode;
use yhteen_domain::time::{Date, Day};
use yhteen_persistence::scope::Access;
use yhteen_persistence::{programmes, reporting_periods};

/// The operations on reporting periods and their extensions.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_reporting_periods)
        .service(create_reporting_period)
        .service(get_reporting_period)
        .service(patch_reporting_period)
        .service(delete_reporting_period);
    extensions::routes(config);
}

/// A reporting period of a programme.
///
/// It is a part of its programme: its `ETag` carries the programme's version.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReportingPeriod)]
pub struct PeriodView {
    id: PeriodId,
    programme_id: ProgrammeId,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// Unique in the programme.
    code: ShortCode,
    kind: PeriodKind,
    /// The first day that is reported on.
    starts_on: NaiveDate,
    /// The last day that is reported on.
    ends_on: NaiveDate,
    /// The first day on which reports are taken.
    opens_on: NaiveDate,
    /// The day by which reports are due; later ones are taken until the period is locked.
    due_on: NaiveDate,
    /// No more reports are taken, but for extensions.
    locked: bool,
    /// More time for single organisations. Coordinators see all, others those of their organisations.
    extensions: Vec<ExtensionView>,
    permissions: PeriodPermissions,
}

/// What the caller may do with the reporting period.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReportingPeriodPermissions)]
pub struct PeriodPermissions {
    /// Change, lock and delete it, and grant extensions.
    edit: bool,
}

impl PeriodView {
    fn of(period: Period, access: Option<&Access>) -> Self {
        let Period { id, programme_id, created_at, updated_at, details, extensions } = period;
        let Details { code, kind, starts_on, ends_on, opens_on, due_on, locked } = details;
        let edit = access.is_some_and(|access| access.may_coordinate(programme_id));
        let shown = |id| edit || access.is_some_and(|access| access.scope().reads_for(id));
        Self {
            id,
            programme_id,
            created_at,
            updated_at,
            code,
            kind,
            starts_on,
            ends_on,
            opens_on,
            due_on,
            locked,
            extensions: extensions
                .into_iter()
                .filter(|it| shown(it.organisation_id))
                .map(ExtensionView::from)
                .collect(),
            permissions: PeriodPermissions { edit },
        }
    }
}

/// A new reporting period.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewReportingPeriod, examples(json!({
    "code": "2026", "kind": "annual", "starts_on": "2026-01-01", "ends_on": "2026-12-31",
    "opens_on": "2026-12-01", "due_on": "2027-01-31"
})))]
pub struct NewPeriod {
    /// Unique in the programme.
    code: ShortCode,
    kind: PeriodKind,
    /// The first day that is reported on.
    starts_on: Day,
    /// The last day that is reported on.
    ends_on: Day,
    /// The first day on which reports are taken.
    opens_on: Day,
    /// The day by which reports are due.
    due_on: Day,
}

impl From<NewPeriod> for Details {
    fn from(new: NewPeriod) -> Self {
        let NewPeriod { code, kind, starts_on, ends_on, opens_on, due_on } = new;
        Self {
            code,
            kind,
            starts_on: starts_on.into(),
            ends_on: ends_on.into(),
            opens_on: opens_on.into(),
            due_on: due_on.into(),
            locked: false,
        }
    }
}

/// Changes of a reporting period (JSON merge patch, RFC 7396): an absent member stays.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReportingPeriodPatch, examples(json!({"locked": true})))]
pub struct PeriodPatch {
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    code: Option<ShortCode>,
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    kind: Option<PeriodKind>,
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    starts_on: Option<Day>,
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    ends_on: Option<Day>,
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    opens_on: Option<Day>,
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    due_on: Option<Day>,
    /// Whether no more reports are taken, but for extensions.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    locked: Option<bool>,
}

impl PeriodPatch {
    fn apply(&self, old: Details) -> Details {
        let Self { code, kind, starts_on, ends_on, opens_on, due_on, locked } = self.clone();
        Details {
            code: code.unwrap_or(old.code),
            kind: kind.unwrap_or(old.kind),
            starts_on: starts_on.map_or(old.starts_on, Date::from),
            ends_on: ends_on.map_or(old.ends_on, Date::from),
            opens_on: opens_on.map_or(old.opens_on, Date::from),
            due_on: due_on.map_or(old.due_on, Date::from),
            locked: locked.unwrap_or(old.locked),
        }
    }
}

/// List the reporting periods of a programme.
///
/// By their first day.
#[utoipa::path(tag = "Reporting periods", params(Paging), security((), ("oauth2" = ["programmes:read"])),
    responses((status = 200, description = "A page of reporting periods", body = Listing<PeriodView>)))]
#[get("/api/v1/programmes/{programme_id}/reporting-periods")]
pub async fn list_reporting_periods(
    reader: Reader<ReadProgrammes>,
    app: Data<App>,
    path: Path<ProgrammeId>,
    params: Params<Paging>,
) -> Result<Listing<PeriodView>, Problem> {
    let (id, scope) = (path.get()?, reader.scope().clone());
    let programme = app.store.read(move |db| programmes::find(db, &scope, id)).await?;
    let Paging { cursor, limit } = params.get()?;
    let listed = app.listed(format!("reporting periods {id}"), cursor.as_deref(), limit)?;
    let slice = listed.slice.clone();
    let page = app.store.read(move |db| reporting_periods::list(db, &programme, &slice)).await?;
    let place = |period: &Period| (period.details.starts_on, period.id);
    Ok(app.listing(listed.name(), page, place, |period| PeriodView::of(period, reader.access())))
}

/// Create a reporting period of a programme.
///
/// The programme's coordinators do so.
#[utoipa::path(tag = "Reporting periods", request_body = NewPeriod, security(("oauth2" = ["programmes:write"])),
    responses((status = 201, description = "Created", body = PeriodView)))]
#[post("/api/v1/programmes/{programme_id}/reporting-periods")]
pub async fn create_reporting_period(
    member: Member<EditProgrammes>,
    app: Data<App>,
    path: Path<ProgrammeId>,
    incoming: Incoming<NewPeriod>,
) -> Result<Done, Problem> {
    let id = app.fresh();
    let location = app.url(&format!("/api/v1/reporting-periods/{id}"));
    app.write(member, incoming, move |tx, member, incoming| {
        let programme = programmes::lock(tx, member.scope(), path.get()?)?;
        let new = incoming.body()?;
        coordinate(tx, member, &programme)?;
        incoming.expect_if_given(programme.meta.version)?;
        let period = Period::new(id, programme.id, new.clone().into(), tx.now())?;
        let programme = programme.open()?.touched(tx.now());
        reporting_periods::create(tx, &programme, &period)?;
        let view = PeriodView::of(period, Some(member.access()));
        Ok(Answer::created(location.clone(), programme.meta.version, &view, guard(programme.id)))
    })
    .await
}

/// Get a reporting period.
#[utoipa::path(tag = "Reporting periods", security((), ("oauth2" = ["programmes:read"])),
    responses((status = 200, description = "The reporting period", body = PeriodView)))]
#[get("/api/v1/reporting-periods/{reporting_period_id}")]
pub async fn get_reporting_period(
    reader: Reader<ReadProgrammes>,
    app: Data<App>,
    path: Path<PeriodId>,
) -> Result<Versioned<PeriodView>, Problem> {
    let (id, scope) = (path.get()?, reader.scope().clone());
    let (period, version) = app.store.read(move |db| reporting_periods::find(db, &scope, id)).await?;
    Ok(Versioned { version, view: PeriodView::of(period, reader.access()) })
}

/// Change a reporting period.
///
/// The programme's coordinators do so. With `locked` no more reports are taken, but for extensions.
#[utoipa::path(tag = "Reporting periods", security(("oauth2" = ["programmes:write"])),
    request_body(content = PeriodPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "As it is now", body = PeriodView)))]
#[patch("/api/v1/reporting-periods/{reporting_period_id}")]
pub async fn patch_reporting_period(
    member: Member<EditProgrammes>,
    app: Data<App>,
    path: Path<PeriodId>,
    incoming: Incoming<PeriodPatch>,
) -> Result<Done, Problem> {
    app.write(member, incoming, move |tx, member, incoming| {
        let (period, programme) = reporting_periods::lock(tx, member.scope(), path.get()?)?;
        let patch = incoming.body()?;
        coordinate(tx, member, &programme)?;
        incoming.expect(programme.meta.version)?;
        let details = patch.apply(period.details.clone());
        let changed = period.clone().changed(details, tx.now())?;
        let programme = programme.after(&period, &changed, tx.now());
        reporting_periods::save(tx, &programme, &changed)?;
        let period = changed;
        Ok(answer(&programme, period, member.access()))
    })
    .await
}

/// Delete a reporting period.
///
/// The programme's coordinators do so, while there is no report on it.
#[utoipa::path(tag = "Reporting periods", security(("oauth2" = ["programmes:write"])),
    responses((status = 204, description = "It is gone")))]
#[delete("/api/v1/reporting-periods/{reporting_period_id}")]
pub async fn delete_reporting_period(
    member: Member<EditProgrammes>,
    app: Data<App>,
    path: Path<PeriodId>,
    incoming: Incoming<Nothing>,
) -> Result<Done, Problem> {
    app.write(member, incoming, move |tx, member, incoming| {
        let (period, programme) = reporting_periods::lock(tx, member.scope(), path.get()?)?;
        incoming.body()?;
        coordinate(tx, member, &programme)?;
        incoming.expect(programme.meta.version)?;
        let programme = programme.open()?.touched(tx.now());
        reporting_periods::delete(tx, &programme, period.id)?;
        Ok(Answer::none())
    })
    .await
}

fn answer(programme: &Programme, period: Period, access: &Access) -> Answer {
    Answer::ok(programme.meta.version, &PeriodView::of(period, Some(access)), guard(programme.id))
}
