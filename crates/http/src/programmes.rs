//! Programmes over HTTP.

pub mod coordinators;
pub mod members;

use crate::answer::{Answer, Done, Listing, Versioned};
use crate::app::App;
use crate::auth::{Member, Permission, Reader};
use crate::extract::{Incoming, Nothing, Params, Path};
use crate::patch::{double, localised, localised_or_null, present};
use crate::problem::Problem;
use actix_web::{get, patch, post, web::Data};
use chrono::{DateTime, NaiveDate, Utc};
use members::ProgrammeMemberView;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use yhteen_domain::Fault;
use yhteen_domain::ids::{Id, OrganisationId, ProgrammeId};
use yhteen_domain::programmes::{Details, Programme, ProgrammeStatus};
use yhteen_domain::roles::Role;
use yhteen_domain::text::{MunicipalityCode, Name, NamePatch, Prose, ProsePatch};
use yhteen_domain::time::{Date, Day, Instant, Moment, date_of};
use yhteen_persistence::Tx;
use yhteen_persistence::idempotency::Guard;
use yhteen_persistence::programmes::{self, Filter};
use yhteen_persistence::scope::Access;

crate::permissions! {
    /// Reads programmes.
    ReadProgrammes = ProgrammesRead, Viewer;
    /// Creates programmes for an organisation and appoints their coordinators; all else is the coordinators' own.
    EditProgrammes = ProgrammesWrite, Admin;
}

/// The operations on programmes, their members and coordinators.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_programmes)
        .service(create_programme)
        .service(get_programme)
        .service(patch_programme)
        .service(activate_programme)
        .service(close_programme);
    members::routes(config);
    coordinators::routes(config);
}

/// A programme.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Programme)]
pub struct ProgrammeView {
    id: ProgrammeId,
    /// Counts the changes of the programme, its members, coordinators, goals and reporting periods, from 1.
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    status: ProgrammeStatus,
    title: Name,
    #[schema(required)]
    description: Option<Prose>,
    /// Its first day.
    starts_on: NaiveDate,
    /// Its last day.
    ends_on: NaiveDate,
    /// The municipalities in which it is carried out (Statistics Finland's codes), in order.
    area: Vec<MunicipalityCode>,
    /// Its members, past and future ones included.
    members: Vec<ProgrammeMemberView>,
    permissions: ProgrammePermissions,
}

/// What the caller may do with the programme.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProgrammePermissions {
    /// Change it, its members, goals and reporting periods.
    edit: bool,
    /// Appoint and dismiss its coordinators.
    appoint: bool,
}

impl ProgrammeView {
    fn of(programme: Programme, access: Option<&Access>, today: Date) -> Self {
        let edit = access.is_some_and(|access| access.may_coordinate(programme.id));
        let appoint = edit || access.is_some_and(|access| coordinators::admins_coordinating(access, &programme, today));
        let Programme { id, meta, status, details, members } = programme;
        let Details { title, description, starts_on, ends_on, area } = details;
        Self {
            id,
            version: meta.version,
            created_at: meta.created_at,
            updated_at: meta.updated_at,
            status,
            title,
            description,
            starts_on,
            ends_on,
            area,
            members: members.into_iter().map(ProgrammeMemberView::from).collect(),
            permissions: ProgrammePermissions { edit, appoint },
        }
    }

    /// As its founder sees it, whose rights were read before it was there.
    fn founded(programme: Programme, today: Date) -> Self {
        let permissions = ProgrammePermissions { edit: true, appoint: true };
        Self { permissions, ..Self::of(programme, None, today) }
    }
}

/// A new programme.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "organisation_id": "01980000-0000-7000-8000-000000000001",
    "title": {"fi": "Lasten hyvinvointisuunnitelma", "sv": "Välfärdsplan för barn"},
    "starts_on": "2026-01-01", "ends_on": "2029-12-31", "area": ["286", "285"]
})))]
pub struct NewProgramme {
    /// The acting organisation, which becomes the first coordinating member.
    organisation_id: OrganisationId,
    title: Name,
    description: Option<Prose>,
    starts_on: Day,
    ends_on: Day,
    #[serde(default)]
    area: Vec<MunicipalityCode>,
}

impl From<NewProgramme> for Details {
    fn from(new: NewProgramme) -> Self {
        let NewProgramme { organisation_id: _, title, description, starts_on, ends_on, area } = new;
        Self { title, description, starts_on: starts_on.into(), ends_on: ends_on.into(), area }
    }
}

/// Changes of a programme (JSON merge patch, RFC 7396): an absent member stays, null removes.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"ends_on": "2030-12-31", "description": null})))]
pub struct ProgrammePatch {
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    title: Option<NamePatch>,
    #[serde(default, with = "double")]
    #[schema(value_type = Option<ProsePatch>, required = false)]
    description: Option<Option<ProsePatch>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    starts_on: Option<Day>,
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    ends_on: Option<Day>,
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    area: Option<Vec<MunicipalityCode>>,
}

impl ProgrammePatch {
    fn apply(&self, old: Details) -> Result<Details, Fault> {
        let Self { title, description, starts_on, ends_on, area } = self.clone();
        Ok(Details {
            title: localised(title, old.title, "/title")?,
            description: localised_or_null(description, old.description, "/description")?,
            starts_on: starts_on.map_or(old.starts_on, Date::from),
            ends_on: ends_on.map_or(old.ends_on, Date::from),
            area: area.unwrap_or(old.area),
        })
    }
}

/// Which programmes to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListProgrammes {
    /// Only these statuses.
    #[serde(default)]
    #[param(inline)]
    status: Vec<ProgrammeStatus>,
    /// Only those that have this organisation among their members, past and future ones included.
    #[param(nullable = false)]
    member_id: Option<OrganisationId>,
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

/// Which part of a list that has no filters.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// Where to go on: `next` of the page before.
    #[param(nullable = false)]
    pub(crate) cursor: Option<String>,
    /// How many at most.
    #[param(nullable = false, minimum = 1, maximum = 200, default = 50)]
    pub(crate) limit: Option<u16>,
}

/// List programmes.
#[utoipa::path(tag = "Programmes", params(ListProgrammes), security((), ("oauth2" = ["programmes:read"])),
    responses((status = 200, description = "A page of programmes", body = Listing<ProgrammeView>)))]
#[get("/api/v1/programmes")]
pub async fn list_programmes(
    reader: Reader<ReadProgrammes>,
    app: Data<App>,
    params: Params<ListProgrammes>,
) -> Result<Listing<ProgrammeView>, Problem> {
    let ListProgrammes { status, member_id, updated_since, cursor, limit } = params.get()?;
    let filter = Filter { statuses: status, member: member_id, updated_since: updated_since.map(Instant::from) };
    let listed = app.listed(format!("programmes {filter:?}"), cursor.as_deref(), limit)?;
    let (slice, scope) = (listed.slice.clone(), reader.scope().clone());
    let page = app.store.read(move |db| programmes::list(db, &scope, &filter, &slice)).await?;
    let today = app.today();
    Ok(app.listing(listed.name(), page, |item| item.id, |item| ProgrammeView::of(item, reader.access(), today)))
}

/// Create a programme.
///
/// An administrator of the acting organisation does so. The organisation becomes the first coordinating member, the
/// caller the first coordinator. The programme is a draft, which its members alone see, until it is activated.
#[utoipa::path(tag = "Programmes", request_body = NewProgramme, security(("oauth2" = ["programmes:write"])),
    responses((status = 201, description = "Created", body = ProgrammeView)))]
#[post("/api/v1/programmes")]
pub async fn create_programme(
    member: Member<EditProgrammes>,
    app: Data<App>,
    incoming: Incoming<NewProgramme>,
) -> Result<Done, Problem> {
    let id = app.fresh();
    let location = app.url(&format!("/api/v1/programmes/{id}"));
    let work = move |tx: &mut Tx<'_>, member: &Member<EditProgrammes>, incoming: &Incoming<NewProgramme>| {
        let new = incoming.body()?;
        member.require(new.organisation_id)?;
        tx.act_for(new.organisation_id);
        let today = date_of(tx.now());
        let programme = Programme::new(id, new.clone().into(), new.organisation_id, today, tx.now())?;
        programmes::create(tx, &programme)?;
        programmes::coordinators::appoint_first(tx, id, member.access().principal)?;
        let (version, guard) = (programme.meta.version, guard(programme.id));
        Ok(Answer::created(location.clone(), version, &ProgrammeView::founded(programme, today), guard))
    };
    let done = app.write(member, incoming, work).await?;
    app.accesses.forget();
    Ok(done)
}

/// Get a programme.
#[utoipa::path(tag = "Programmes", security((), ("oauth2" = ["programmes:read"])),
    responses((status = 200, description = "The programme", body = ProgrammeView)))]
#[get("/api/v1/programmes/{programme_id}")]
pub async fn get_programme(
    reader: Reader<ReadProgrammes>,
    app: Data<App>,
    path: Path<ProgrammeId>,
) -> Result<Versioned<ProgrammeView>, Problem> {
    let (id, scope) = (path.get()?, reader.scope().clone());
    let programme = app.store.read(move |db| programmes::find(db, &scope, id)).await?;
    let version = programme.meta.version;
    Ok(Versioned { version, view: ProgrammeView::of(programme, reader.access(), app.today()) })
}

/// Change a programme.
///
/// Its coordinators do so. A closed programme stays as it is.
#[utoipa::path(tag = "Programmes", security(("oauth2" = ["programmes:write"])),
    request_body(content = ProgrammePatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "As it is now", body = ProgrammeView)))]
#[patch("/api/v1/programmes/{programme_id}")]
pub async fn patch_programme(
    member: Member<EditProgrammes>,
    app: Data<App>,
    path: Path<ProgrammeId>,
    incoming: Incoming<ProgrammePatch>,
) -> Result<Done, Problem> {
    app.write(member, incoming, move |tx, member, incoming| {
        let programme = programmes::lock(tx, member.scope(), path.get()?)?;
        let patch = incoming.body()?;
        coordinate(tx, member, &programme)?;
        incoming.expect(programme.meta.version)?;
        let details = patch.apply(programme.details.clone())?;
        let programme = programme.changed(details, tx.now())?;
        programmes::save(tx, &programme)?;
        Ok(answer(programme, member.access(), date_of(tx.now())))
    })
    .await
}

/// Activate a programme.
///
/// From draft: it is carried out from now on, and everyone sees it.
#[utoipa::path(tag = "Programmes", security(("oauth2" = ["programmes:write"])),
    responses((status = 200, description = "As it is now", body = ProgrammeView)))]
#[post("/api/v1/programmes/{programme_id}:activate")]
pub async fn activate_programme(
    member: Member<EditProgrammes>,
    app: Data<App>,
    path: Path<ProgrammeId>,
    incoming: Incoming<Nothing>,
) -> Result<Done, Problem> {
    transition(member, app, path, incoming, Programme::activate).await
}

/// Close a programme.
///
/// From active: it has ended. Its particulars and goals stay as they are; reports are still taken in the periods that
/// are there.
#[utoipa::path(tag = "Programmes", security(("oauth2" = ["programmes:write"])),
    responses((status = 200, description = "As it is now", body = ProgrammeView)))]
#[post("/api/v1/programmes/{programme_id}:close")]
pub async fn close_programme(
    member: Member<EditProgrammes>,
    app: Data<App>,
    path: Path<ProgrammeId>,
    incoming: Incoming<Nothing>,
) -> Result<Done, Problem> {
    transition(member, app, path, incoming, Programme::close).await
}

async fn transition(
    member: Member<EditProgrammes>,
    app: Data<App>,
    path: Path<ProgrammeId>,
    incoming: Incoming<Nothing>,
    rule: fn(Programme, Instant) -> Result<Programme, Fault>,
) -> Result<Done, Problem> {
    app.write(member, incoming, move |tx, member, incoming| {
        let programme = programmes::lock(tx, member.scope(), path.get()?)?;
        incoming.body()?;
        coordinate(tx, member, &programme)?;
        incoming.expect_if_given(programme.meta.version)?;
        let programme = rule(programme, tx.now())?;
        programmes::save_status(tx, &programme)?;
        Ok(answer(programme, member.access(), date_of(tx.now())))
    })
    .await
}

/// Refuses where the caller does not coordinate the programme; else it acts for a coordinating member of its own,
/// its home if that is one.
pub(crate) fn coordinate<P: Permission>(
    tx: &mut Tx<'_>,
    member: &Member<P>,
    programme: &Programme,
) -> Result<(), Fault> {
    member.require_coordinator(programme.id)?;
    let access = member.access();
    let own = programme.coordinating(date_of(tx.now())).filter(|id| access.may(*id, Role::Viewer));
    if let Some(organisation) = own.max_by_key(|id| access.home == Some(*id)) {
        tx.act_for(organisation);
    }
    Ok(())
}

pub(crate) fn guard(programme: ProgrammeId) -> Guard {
    Guard::Sees(programme.uuid())
}

fn answer(programme: Programme, access: &Access, today: Date) -> Answer {
    let (version, guard) = (programme.meta.version, guard(programme.id));
    Answer::ok(version, &ProgrammeView::of(programme, Some(access), today), guard)
}
