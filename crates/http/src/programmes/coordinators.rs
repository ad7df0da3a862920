//! The coordinators of programmes over HTTP.

use super::{EditProgrammes, ProgrammeView, ReadProgrammes, answer, coordinate};
use crate::answer::{Done, Listing};
use crate::app::App;
use crate::auth::Member;
use crate::extract::{Incoming, Nothing, Path};
use crate::problem::Problem;
use actix_web::{delete, get, put, web::Data};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use yhteen_domain::Fault;
use yhteen_domain::ids::{OrganisationId, PrincipalId, ProgrammeId};
use yhteen_domain::programmes::Programme;
use yhteen_domain::roles::Role;
use yhteen_domain::time::{Date, date_of};
use yhteen_persistence::programmes::{self, coordinators};
use yhteen_persistence::scope::Access;
use yhteen_persistence::{Error, Tx, accounts};

/// The operations on coordinators.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_programme_coordinators)
        .service(put_programme_coordinator)
        .service(delete_programme_coordinator);
}

/// A coordinator of a programme.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProgrammeCoordinator)]
pub struct CoordinatorView {
    /// The user or client.
    principal_id: PrincipalId,
}

/// List the coordinators of a programme.
///
/// They themselves and the administrators of its coordinating members see them.
#[utoipa::path(tag = "Programmes", security(("oauth2" = ["programmes:read"])),
    responses((status = 200, description = "All coordinators", body = Listing<CoordinatorView>)))]
#[get("/api/v1/programmes/{programme_id}/coordinators")]
pub async fn list_programme_coordinators(
    member: Member<ReadProgrammes>,
    app: Data<App>,
    path: Path<ProgrammeId>,
) -> Result<Listing<CoordinatorView>, Problem> {
    let (id, today) = (path.get()?, app.today());
    let items = app
        .store
        .read(move |db| {
            let programme = programmes::find(db, member.scope(), id)?;
            appointing(member.access(), &programme, today)?;
            coordinators::list(db, id)
        })
        .await?;
    let items = items.into_iter().map(|principal_id| CoordinatorView { principal_id }).collect();
    Ok(Listing { items, next: None })
}

/// Appoint a coordinator of a programme.
///
/// An administrator of a coordinating member appoints users and clients of that organisation; a coordinator those of
/// any coordinating member. The token must carry all scopes of the account that is appointed.
#[utoipa::path(tag = "Programmes", security(("oauth2" = ["programmes:write"])),
    responses((status = 200, description = "The programme as it is now", body = ProgrammeView)))]
#[put("/api/v1/programmes/{programme_id}/coordinators/{principal_id}")]
pub async fn put_programme_coordinator(
    member: Member<EditProgrammes>,
    app: Data<App>,
    path: Path<(ProgrammeId, PrincipalId)>,
    incoming: Incoming<Nothing>,
) -> Result<Done, Problem> {
    change(member, app, path, incoming, Change::Appoint).await
}

/// Dismiss a coordinator of a programme.
///
/// Whoever may appoint one may dismiss one.
#[utoipa::path(tag = "Programmes", security(("oauth2" = ["programmes:write"])),
    responses((status = 200, description = "The programme as it is now", body = ProgrammeView)))]
#[delete("/api/v1/programmes/{programme_id}/coordinators/{principal_id}")]
pub async fn delete_programme_coordinator(
    member: Member<EditProgrammes>,
    app: Data<App>,
    path: Path<(ProgrammeId, PrincipalId)>,
    incoming: Incoming<Nothing>,
) -> Result<Done, Problem> {
    change(member, app, path, incoming, Change::Dismiss).await
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Appoint,
    Dismiss,
}

async fn change(
    member: Member<EditProgrammes>,
    app: Data<App>,
    path: Path<(ProgrammeId, PrincipalId)>,
    incoming: Incoming<Nothing>,
    change: Change,
) -> Result<Done, Problem> {
    let work = app.write(member, incoming, move |tx, member, incoming| {
        let (id, principal) = path.get()?;
        let programme = programmes::lock(tx, member.scope(), id)?;
        incoming.body()?;
        let today = date_of(tx.now());
        act_for_appointing(tx, member, &programme, principal, change)?;
        if change == Change::Appoint {
            // As with other roles: whoever holds the account may use all its scopes as a coordinator.
            member.require_scopes(&accounts::find(tx, principal)?.scopes)?;
        }
        incoming.expect(programme.meta.version)?;
        let programme = programme.touched(tx.now());
        match change {
            Change::Appoint => coordinators::appoint(tx, &programme, principal)?,
            Change::Dismiss => coordinators::dismiss(tx, &programme, principal)?,
        }
        Ok(answer(programme, member.access(), today))
    });
    let done = work.await?;
    app.accesses.forget();
    Ok(done)
}

/// Refuses where the caller may not appoint or dismiss this account. One that is out of its reach is as unknown as
/// one that does not exist; but a coordinator may dismiss whoever is appointed, also once its organisation has left.
fn act_for_appointing(
    tx: &mut Tx<'_>,
    member: &Member<EditProgrammes>,
    programme: &Programme,
    principal: PrincipalId,
    change: Change,
) -> Result<(), Error> {
    let access = member.access();
    let allowed = appointing(access, programme, date_of(tx.now()))?;
    let coordinates = access.may_coordinate(programme.id);
    let belongs = coordinators::organisations_of(tx, principal)?;
    match allowed.into_iter().find(|id| belongs.contains(id)) {
        Some(organisation) if !coordinates => tx.act_for(organisation),
        None if !coordinates || change == Change::Appoint => return Err(Fault::not_found().into()),
        _ => coordinate(tx, member, programme)?,
    }
    Ok(())
}

/// The coordinating members out of whose accounts the caller may appoint; refused where there are none.
fn appointing(access: &Access, programme: &Programme, today: Date) -> Result<Vec<OrganisationId>, Fault> {
    let any = access.may_coordinate(programme.id);
    let own: Vec<_> = programme.coordinating(today).filter(|id| any || access.may(*id, Role::Admin)).collect();
    if own.is_empty() {
        let detail = "This needs a coordinator of the programme or an administrator of a coordinating member.";
        return Err(Fault::forbidden(detail));
    }
    Ok(own)
}

/// Whether the caller is an administrator of a coordinating member.
pub(super) fn admins_coordinating(access: &Access, programme: &Programme, today: Date) -> bool {
    programme.coordinating(today).any(|id| access.may(id, Role::Admin))
}
