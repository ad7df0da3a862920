//! The members of programmes over HTTP.

use super::{EditProgrammes, Paging, ProgrammeView, ReadProgrammes, answer, coordinate};
use crate::answer::{Done, Listing};
use crate::app::App;
use crate::auth::{Member, Reader};
use crate::extract::{Incoming, Nothing, Params, Path};
use crate::problem::Problem;
use actix_web::{get, post, put, web::Data};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use yhteen_domain::Fault;
use yhteen_domain::ids::{OrganisationId, ProgrammeId};
use yhteen_domain::programmes::{Member as Membership, MemberRole, MemberStatus, Programme, Terms};
use yhteen_domain::time::{Date, Day, Instant, date_of};
use yhteen_persistence::organisations;
use yhteen_persistence::programmes::{self, MemberChange};

/// The operations on members.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_programme_members)
        .service(put_programme_member)
        .service(join_programme)
        .service(decline_programme)
        .service(leave_programme);
}

/// An organisation's membership of a programme.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProgrammeMember)]
pub struct ProgrammeMemberView {
    organisation_id: OrganisationId,
    /// What it is, or is invited to be.
    role: MemberRole,
    status: MemberStatus,
    /// The first day of its membership, as agreed or offered.
    joined_on: NaiveDate,
    /// The first day on which it is no longer a member.
    #[schema(required)]
    left_on: Option<NaiveDate>,
}

impl From<Membership> for ProgrammeMemberView {
    fn from(member: Membership) -> Self {
        let Membership { organisation_id, role, status, joined_on, left_on } = member;
        Self { organisation_id, role, status, joined_on, left_on }
    }
}

/// A membership as the coordinators would have it.
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
/// Past and future members are there with their days. Who is invited or has declined is shown to the members and
/// coordinators of the programme, and to those who read for the organisation.
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
    let scope = reader.scope().clone();
    let page = app.store.read(move |db| programmes::list_members(db, &scope, &programme, &slice)).await?;
    Ok(app.listing(listed.name(), page, |item| item.organisation_id, ProgrammeMemberView::from))
}

/// Invite a member of a programme, or change its membership.
///
/// The programme's coordinators do so. An organisation that has not joined, or has declined or left, is invited: it
/// becomes a member when its own administrator joins. The role and the days of one that has joined change at once. A
/// membership is never removed: `left_on` ends it. There must be a coordinating member on every day to come. What is so
/// already changes nothing, so that no version of the programme need be known.
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
        let terms = Terms { organisation_id: organisation, role, joined_on, left_on };
        let programme = programme.with_member(terms, today, tx.now())?;
        programmes::save_member(tx, &programme, organisation, MemberChange::Terms)?;
        Ok(answer(programme, member.access(), today))
    });
    let done = work.await?;
    app.accesses.forget();
    Ok(done)
}

/// Join a programme.
///
/// An administrator of an invited organisation does so, on the terms of the invitation. From then on the organisation sees
/// what the programme's members see.
#[utoipa::path(tag = "Programmes", security(("oauth2" = ["programmes:write"])),
    responses((status = 200, description = "The programme as it is now", body = ProgrammeView)))]
#[post("/api/v1/programmes/{programme_id}/members/{organisation_id}:join")]
pub async fn join_programme(
    member: Member<EditProgrammes>,
    app: Data<App>,
    path: Path<(ProgrammeId, OrganisationId)>,
    incoming: Incoming<Nothing>,
) -> Result<Done, Problem> {
    respond(member, app, path, incoming, Programme::joined, MemberChange::Joined).await
}

/// Decline to join a programme.
///
/// An administrator of an invited organisation does so. The coordinators may invite it again.
#[utoipa::path(tag = "Programmes", security(("oauth2" = ["programmes:write"])),
    responses((status = 200, description = "The programme as it is now", body = ProgrammeView)))]
#[post("/api/v1/programmes/{programme_id}/members/{organisation_id}:decline")]
pub async fn decline_programme(
    member: Member<EditProgrammes>,
    app: Data<App>,
    path: Path<(ProgrammeId, OrganisationId)>,
    incoming: Incoming<Nothing>,
) -> Result<Done, Problem> {
    respond(member, app, path, incoming, Programme::declined, MemberChange::Declined).await
}

/// Leave a programme.
///
/// An administrator of the member does so; today is the first day on which it is no longer a member. What it has agreed
/// to in actions stays as it is. There must be a coordinating member on every day to come.
#[utoipa::path(tag = "Programmes", security(("oauth2" = ["programmes:write"])),
    responses((status = 200, description = "The programme as it is now", body = ProgrammeView)))]
#[post("/api/v1/programmes/{programme_id}/members/{organisation_id}:leave")]
pub async fn leave_programme(
    member: Member<EditProgrammes>,
    app: Data<App>,
    path: Path<(ProgrammeId, OrganisationId)>,
    incoming: Incoming<Nothing>,
) -> Result<Done, Problem> {
    respond(member, app, path, incoming, Programme::left, MemberChange::Left).await
}

/// What an organisation answers for itself. A membership that the caller may not know of is as unknown as none.
async fn respond(
    member: Member<EditProgrammes>,
    app: Data<App>,
    path: Path<(ProgrammeId, OrganisationId)>,
    incoming: Incoming<Nothing>,
    rule: fn(Programme, OrganisationId, Date, Instant) -> Result<Programme, Fault>,
    change: MemberChange,
) -> Result<Done, Problem> {
    let work = app.write(member, incoming, move |tx, member, incoming| {
        let (id, organisation) = path.get()?;
        let programme = programmes::lock(tx, member.scope(), id)?;
        let known = programme.member(organisation).is_some_and(|it| member.scope().sees_membership(id, it));
        if !known {
            return Err(Fault::not_found().into());
        }
        incoming.body()?;
        member.require(organisation)?;
        tx.act_for(organisation);
        incoming.expect_if_given(programme.meta.version)?;
        let today = date_of(tx.now());
        let programme = rule(programme, organisation, today, tx.now())?;
        programmes::save_member(tx, &programme, organisation, change)?;
        Ok(answer(programme, member.access(), today))
    });
    let done = work.await?;
    app.accesses.forget();
    Ok(done)
}
