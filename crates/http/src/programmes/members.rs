//! The members of programmes over HTTP.

use super::{EditProgrammes, Paging, ProgrammeView, ReadProgrammes, answer, coordinate};
use crate::answer::{Done, Listing};
use crate::app::App;
use crate::auth::{Member, Reader};
use crate::extract::{Incoming, Params, Path};
use crate::problem::Problem;
use actix_web::{get, put, web::Data};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use yhteen_domain::ids::{OrganisationId, ProgrammeId};
use yhteen_domain::programmes::{Member as Membership, MemberRole};
use yhteen_domain::time::{Date, Day, date_of};
use yhteen_persistence::{organisations, programmes};

/// The operations on members.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_programme_members).service(put_programme_member);
}

/// An organisation's membership of a programme.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProgrammeMember)]
pub struct ProgrammeMemberView {
    organisation_id: OrganisationId,
    role: MemberRole,
    /// The first day of its membership.
    joined_on: NaiveDate,
    /// The first day on which it is no longer a member.
    #[schema(required)]
    left_on: Option<NaiveDate>,
}

impl From<Membership> for ProgrammeMemberView {
    fn from(member: Membership) -> Self {
        let Membership { organisation_id, role, joined_on, left_on } = member;
        Self { organisation_id, role, joined_on, left_on }
    }
}

/// A membership as it shall be.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"role": "member", "joined_on": "2026-01-01", "left_on": null})))]
pub struct ProgrammeMembership {
    role: MemberRole,
    /// The first day of the membership.
    joined_on: Day,
    /// The first day on which it is over; none where it goes on.
    left_on: Option<Day>,
}

/// List the members of a programme.
///
/// Past and future members are there with their days.
#[utoipa::path(tag = "Programmes", params(Paging), security((), ("oauth2" = ["programmes:read"])),
    responses((status = 200, description = "A page of members", body = Listing<ProgrammeMemberView>)))]
#[get("/api/v1/programmes/{programme_id}/members")]
pub async fn list_programme_members(
    reader: Reader<ReadProgrammes>,
    app: Data<App>,
    path: Path<ProgrammeId>,
    params: Params<Paging>,
) -> Result<Listing<ProgrammeMemberView>, Problem> {
    let (id, scope) = (path.get()?, reader.scope().clone());
    let programme = app.store.read(move |db| programmes::find(db, &scope, id)).await?;
    let Paging { cursor, limit } = params.get()?;
    let listed = app.listed(format!("members {id}"), cursor.as_deref(), limit)?;
    let slice = listed.slice.clone();
    let page = app.store.read(move |db| programmes::list_members(db, &programme, &slice)).await?;
    Ok(app.listing(listed.name(), page, |item| item.organisation_id, ProgrammeMemberView::from))
}

/// Add or change a member of a programme.
///
/// The programme's coordinators do so. A membership is never removed: `left_on` ends it. There must be a coordinating
/// member on every day to come. What is so already changes nothing, so that no version of the programme need be known.
#[utoipa::path(tag = "Programmes", request_body = ProgrammeMembership, security(("oauth2" = ["programmes:write"])),
    responses((status = 200, description = "The programme as it is now", body = ProgrammeView)))]
#[put("/api/v1/programmes/{programme_id}/members/{organisation_id}")]
pub async fn put_programme_member(
    member: Member<EditProgrammes>,
    app: Data<App>,
    path: Path<(ProgrammeId, OrganisationId)>,
    incoming: Incoming<ProgrammeMembership>,
) -> Result<Done, Problem> {
    let work = app.write(member, incoming, move |tx, member, incoming| {
        let (id, organisation) = path.get()?;
        let programme = programmes::lock(tx, member.scope(), id)?;
        organisations::find(tx, organisation)?;
        let ProgrammeMembership { role, joined_on, left_on } = *incoming.body()?;
        coordinate(tx, member, &programme)?;
        incoming.expect_if_given(programme.meta.version)?;
        let today = date_of(tx.now());
        let (joined_on, left_on) = (joined_on.into(), left_on.map(Date::from));
        let membership = Membership { organisation_id: organisation, role, joined_on, left_on };
        let programme = programme.with_member(membership, today, tx.now())?;
        programmes::save_member(tx, &programme, organisation)?;
        Ok(answer(programme, member.access(), today))
    });
    let done = work.await?;
    app.accesses.forget();
    Ok(done)
}
