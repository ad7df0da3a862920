//! Suspensions over HTTP: the operator takes an account or an organisation out of use.

use crate::accounts::EditAccounts;
use crate::accounts::ReadAccounts;
use crate::answer::{Answer, Done, Listing, Versioned};
use crate::app::App;
use crate::auth::{Member, Permission};
use crate::extract::{Incoming, Nothing, Params, Path};
use crate::organisations::EditOrganisations;
use crate::problem::Problem;
use actix_web::{get, post, web::Data};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use yhteen_domain::accounts::AccountKind;
use yhteen_domain::ids::{OrganisationId, PrincipalId, SuspensionId};
use yhteen_domain::suspensions::{Subject, Suspension};
use yhteen_domain::text::PlainName;
use yhteen_persistence::idempotency::Guard;
use yhteen_persistence::scope::Access;
use yhteen_persistence::suspensions::{self, Named};
use yhteen_persistence::{Error, Tx, accounts};

/// The operations on suspensions.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_suspensions)
        .service(get_suspension)
        .service(suspend_organisation)
        .service(lift_organisation_suspension)
        .service(suspend_user)
        .service(lift_user_suspension)
        .service(suspend_client)
        .service(lift_client_suspension);
}

/// A suspension of an account or an organisation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Suspension)]
pub struct SuspensionView {
    id: SuspensionId,
    /// 1 while it stands, 2 once it was lifted.
    version: i64,
    /// Since when it stands.
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// The organisation that is suspended; null where an account is.
    #[schema(required)]
    organisation_id: Option<OrganisationId>,
    /// The account that is suspended; null where an organisation is.
    #[schema(required)]
    principal_id: Option<PrincipalId>,
    /// Why.
    reason: PlainName,
    /// The operator who suspended it; null where it was done on the command line.
    #[schema(required)]
    suspended_by: Option<PrincipalId>,
    /// When it was lifted; null while it stands.
    #[schema(required)]
    lifted_at: Option<DateTime<Utc>>,
    /// The operator who lifted it.
    #[schema(required)]
    lifted_by: Option<PrincipalId>,
    permissions: SuspensionPermissions,
}

/// What the caller may do with the suspension.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SuspensionPermissions {
    /// Lift it.
    lift: bool,
}

impl SuspensionView {
    fn of(suspension: Suspension, access: &Access) -> Self {
        let Suspension { id, meta, subject, reason, suspended_by, lifted } = suspension;
        let (organisation_id, principal_id) = match subject {
            Subject::Organisation(id) => (Some(id), None),
            Subject::Account(id) => (None, Some(id)),
        };
        Self {
            id,
            version: meta.version,
            created_at: meta.created_at,
            updated_at: meta.updated_at,
            organisation_id,
            principal_id,
            reason,
            suspended_by,
            lifted_at: lifted.map(|lifted| lifted.at),
            lifted_by: lifted.and_then(|lifted| lifted.by),
            permissions: SuspensionPermissions { lift: access.operator && lifted.is_none() },
        }
    }
}

/// A suspension to be.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"reason": "Tunnus on joutunut vääriin käsiin"})))]
pub struct NewSuspension {
    /// Why: the administrators concerned read it.
    reason: PlainName,
}

/// Which suspensions to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListSuspensions {
    /// Only those that stand, or only those that were lifted.
    #[param(nullable = false)]
    active: Option<bool>,
    /// Where to go on: `next` of the page before.
    #[param(nullable = false)]
    cursor: Option<String>,
    /// How many at most.
    #[param(nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
}

/// List suspensions.
///
/// The operator of the service sees all. Administrators see those of their organisation and of the accounts that belong
/// to it, also while they are in force.
#[utoipa::path(tag = "Security", params(ListSuspensions), security(("oauth2" = ["accounts:read"])),
    responses((status = 200, description = "A page of suspensions", body = Listing<SuspensionView>)))]
#[get("/api/v1/suspensions")]
pub(crate) async fn list_suspensions(
    member: Member<ReadAccounts>,
    app: Data<App>,
    params: Params<ListSuspensions>,
) -> Result<Listing<SuspensionView>, Problem> {
    let ListSuspensions { active, cursor, limit } = params.get()?;
    let listed = app.listed(format!("suspensions {active:?}"), cursor.as_deref(), limit)?;
    let (slice, access) = (listed.slice.clone(), member.access().clone());
    let page = app.store.read(move |db| suspensions::list(db, &access, active, &slice)).await?;
    Ok(app.listing(listed.name(), page, |item| item.id, |item| SuspensionView::of(item, member.access())))
}

/// Get a suspension.
#[utoipa::path(tag = "Security", security(("oauth2" = ["accounts:read"])),
    responses((status = 200, description = "The suspension", body = SuspensionView)))]
#[get("/api/v1/suspensions/{suspension_id}")]
pub(crate) async fn get_suspension(
    member: Member<ReadAccounts>,
    app: Data<App>,
    path: Path<SuspensionId>,
) -> Result<Versioned<SuspensionView>, Problem> {
    let (id, access) = (path.get()?, member.access().clone());
    let suspension = app.store.read(move |db| suspensions::find(db, &access, id)).await?;
    Ok(Versioned { version: suspension.meta.version, view: SuspensionView::of(suspension, member.access()) })
}

/// Suspend an organisation.
///
/// This needs the operator of the service, and gives the operator nothing to read. From now on nobody reads as the
/// organisation or writes for it, and its accounts have no role anywhere. Its administrators hear of it in the change
/// feed. Where it is suspended already, that suspension stands.
#[utoipa::path(tag = "Security", request_body = NewSuspension, security(("oauth2" = ["organisations:write"])),
    responses((status = 200, description = "The suspension", body = SuspensionView)))]
#[post("/api/v1/organisations/{organisation_id}:suspend")]
pub(crate) async fn suspend_organisation(
    member: Member<EditOrganisations>,
    app: Data<App>,
    path: Path<OrganisationId>,
    incoming: Incoming<NewSuspension>,
) -> Result<Done, Problem> {
    suspend(member, app, path, incoming, Named::Organisation).await
}

/// Lift the suspension of an organisation.
///
/// This needs the operator of the service. The suspension is kept as history.
#[utoipa::path(tag = "Security", security(("oauth2" = ["organisations:write"])),
    responses((status = 200, description = "The suspension, lifted", body = SuspensionView)))]
#[post("/api/v1/organisations/{organisation_id}:lift-suspension")]
pub(crate) async fn lift_organisation_suspension(
    member: Member<EditOrganisations>,
    app: Data<App>,
    path: Path<OrganisationId>,
    incoming: Incoming<Nothing>,
) -> Result<Done, Problem> {
    lift(member, app, path, incoming, Named::Organisation).await
}

/// Suspend a user.
///
/// This needs the operator of the service, and gives the operator nothing to read. The user cannot sign in, and all tokens
/// are refused. The administrators of the user's organisation hear of it in the change feed. Where the user is suspended
/// already, that suspension stands.
#[utoipa::path(tag = "Security", request_body = NewSuspension, security(("oauth2" = ["accounts:write"])),
    responses((status = 200, description = "The suspension", body = SuspensionView)))]
#[post("/api/v1/users/{user_id}:suspend")]
pub(crate) async fn suspend_user(
    member: Member<EditAccounts>,
    app: Data<App>,
    path: Path<PrincipalId>,
    incoming: Incoming<NewSuspension>,
) -> Result<Done, Problem> {
    suspend(member, app, path, incoming, |id| Named::Account(AccountKind::User, id)).await
}

/// Lift the suspension of a user.
///
/// This needs the operator of the service. The user signs in again; the suspension is kept as history.
#[utoipa::path(tag = "Security", security(("oauth2" = ["accounts:write"])),
    responses((status = 200, description = "The suspension, lifted", body = SuspensionView)))]
#[post("/api/v1/users/{user_id}:lift-suspension")]
pub(crate) async fn lift_user_suspension(
    member: Member<EditAccounts>,
    app: Data<App>,
    path: Path<PrincipalId>,
    incoming: Incoming<Nothing>,
) -> Result<Done, Problem> {
    lift(member, app, path, incoming, |id| Named::Account(AccountKind::User, id)).await
}

/// Suspend a client.
///
/// This needs the operator of the service, and gives the operator nothing to read. The client cannot sign in, and all
/// its tokens are refused. The administrators of its organisation hear of it in the change feed. Where it is suspended
/// already, that suspension stands.
#[utoipa::path(tag = "Security", request_body = NewSuspension, security(("oauth2" = ["accounts:write"])),
    responses((status = 200, description = "The suspension", body = SuspensionView)))]
#[post("/api/v1/clients/{client_id}:suspend")]
pub(crate) async fn suspend_client(
    member: Member<EditAccounts>,
    app: Data<App>,
    path: Path<PrincipalId>,
    incoming: Incoming<NewSuspension>,
) -> Result<Done, Problem> {
    suspend(member, app, path, incoming, |id| Named::Account(AccountKind::Client, id)).await
}

/// Lift the suspension of a client.
///
/// This needs the operator of the service. The suspension is kept as history.
#[utoipa::path(tag = "Security", security(("oauth2" = ["accounts:write"])),
    responses((status = 200, description = "The suspension, lifted", body = SuspensionView)))]
#[post("/api/v1/clients/{client_id}:lift-suspension")]
pub(crate) async fn lift_client_suspension(
    member: Member<EditAccounts>,
    app: Data<App>,
    path: Path<PrincipalId>,
    incoming: Incoming<Nothing>,
) -> Result<Done, Problem> {
    lift(member, app, path, incoming, |id| Named::Account(AccountKind::Client, id)).await
}

async fn suspend<P: Permission, T: Copy + Send + Sync + 'static>(
    member: Member<P>,
    app: Data<App>,
    path: Path<T>,
    incoming: Incoming<NewSuspension>,
    named: fn(T) -> Named,
) -> Result<Done, Problem> {
    let id = app.fresh();
    let work = app.write(member, incoming, move |tx, member, incoming| {
        let named = named(path.get()?);
        known(tx, member.access(), named)?;
        let NewSuspension { reason } = incoming.body()?;
        member.require_operator()?;
        let suspension = suspensions::suspend(tx, id, named, reason)?;
        Ok(answer(suspension, member.access()))
    });
    let done = work.await?;
    app.accesses.forget();
    Ok(done)
}

async fn lift<P: Permission, T: Copy + Send + Sync + 'static>(
    member: Member<P>,
    app: Data<App>,
    path: Path<T>,
    incoming: Incoming<Nothing>,
    named: fn(T) -> Named,
) -> Result<Done, Problem> {
    let work = app.write(member, incoming, move |tx, member, incoming| {
        let named = named(path.get()?);
        known(tx, member.access(), named)?;
        incoming.body()?;
        member.require_operator()?;
        Ok(answer(suspensions::lift(tx, named)?, member.access()))
    });
    let done = work.await?;
    app.accesses.forget();
    Ok(done)
}

/// Refuses where the caller may not know that there is such a thing. The operator names accounts that it cannot read.
fn known(tx: &mut Tx<'_>, access: &Access, named: Named) -> Result<(), Error> {
    match named {
        Named::Account(kind, id) if !access.operator => accounts::find_for(tx, access, kind, id).map(drop),
        Named::Account(_, id) => accounts::find(tx, id).map(drop),
        Named::Organisation(id) => yhteen_persistence::organisations::find(tx, id).map(drop),
    }
}

fn answer(suspension: Suspension, access: &Access) -> Answer {
    Answer::ok(suspension.meta.version, &SuspensionView::of(suspension, access), Guard::Operates)
}
