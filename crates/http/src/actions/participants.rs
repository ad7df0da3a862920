//! Participants over HTTP: the accountable organisation invites, each other organisation answers for itself.

use super::view::ParticipantView;
use super::{Ask, EditActions, ReadActions};
use crate::answer::{Answer, Done, Listing, Versioned};
use crate::app::App;
use crate::auth::{Member, Reader};
use crate::extract::{Incoming, Nothing, Path};
use crate::patch::present;
use crate::problem::Problem;
use actix_web::{delete, get, patch, post, web::Data};
use serde::Deserialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use yhteen_domain::Fault;
use yhteen_domain::actions::Action;
use yhteen_domain::actions::participants::{ParticipantRole, require_carrier};
use yhteen_domain::ids::{ActionId, Id, OrganisationId};
use yhteen_domain::time::{Instant, date_of};
use yhteen_persistence::idempotency::Guard;
use yhteen_persistence::scope::Access;
use yhteen_persistence::{actions, programmes};

/// The operations on participants.
pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_participants)
        .service(invite_participant)
        .service(get_participant)
        .service(patch_participant)
        .service(delete_participant)
        .service(commit_participant)
        .service(decline_participant)
        .service(withdraw_participant);
}

/// An invitation.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "organisation_id": "0197f2b4-7c1e-7a10-8f00-000000000003",
    "roles": ["implementing", "funding"]
})))]
pub struct NewParticipant {
    /// A member of the programme that does more than observe.
    organisation_id: OrganisationId,
    /// As what it is to take part; at least one, and not `accountable`.
    roles: BTreeSet<ParticipantRole>,
}

/// Changes of a participant (JSON merge patch, RFC 7396).
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"roles": ["supporting"]})))]
pub struct ParticipantPatch {
    /// As what it takes part; at least one. Who is accountable does not change by this.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    roles: Option<BTreeSet<ParticipantRole>>,
}

/// List the participants of an action.
///
/// All are on one page, in the order of their organisations' identifiers.
#[utoipa::path(tag = "Participants", security((), ("oauth2" = ["actions:read"])),
    responses((status = 200, description = "The participants", body = Listing<ParticipantView>)))]
#[get("/api/v1/actions/{action_id}/participants")]
pub async fn list_participants(
    reader: Reader<ReadActions>,
    app: Data<App>,
    path: Path<ActionId>,
) -> Result<Listing<ParticipantView>, Problem> {
    let (id, scope) = (path.get()?, reader.scope().clone());
    let action = app.store.read(move |db| actions::find(db, &scope, id)).await?;
    let view = |participant| ParticipantView::of(participant, &action, reader.access());
    Ok(Listing { items: action.participants.iter().map(view).collect(), next: None })
}

/// Invite an organisation to take part in an action.
///
/// It must be a member of the programme that does more than observe. One that has declined or withdrawn may be invited
/// again.
#[utoipa::path(tag = "Participants", request_body = NewParticipant, security(("oauth2" = ["actions:write"])),
    responses((status = 201, description = "Invited", body = ParticipantView)))]
#[post("/api/v1/actions/{action_id}/participants")]
pub async fn invite_participant(
    member: Member<EditActions>,
    app: Data<App>,
    path: Path<ActionId>,
    incoming: Incoming<NewParticipant>,
) -> Result<Done, Problem> {
    let public_url = app.url("");
    app.write(member, incoming, move |tx, member, incoming| {
        let (id, now) = (path.get()?, tx.now());
        let programme = actions::programme_of(tx, member.scope(), id)?;
        // The programme first, as everywhere: who locks in one order never waits in a ring.
        let programme = programmes::share(tx, programme)?;
        let action = actions::lock(tx, member.scope(), id)?;
        let NewParticipant { organisation_id, roles } = incoming.body()?.clone();
        member.require(action.accountable_id)?;
        tx.act_for(action.accountable_id);
        incoming.expect_if_given(action.meta.version)?;
        require_carrier(&programme, organisation_id, date_of(now))?;
        let action = action.invite(organisation_id, roles, now)?;
        actions::save(tx, &action, "action.participant_invited")?;
        let location = format!("{public_url}/api/v1/actions/{id}/participants/{organisation_id}");
        let view = ParticipantView::of(action.participant(organisation_id)?, &action, Some(member.access()));
        Ok(Answer::created(location, action.meta.version, &view, Guard::Sees(id.uuid())))
    })
    .await
}

/// Get a participant of an action.
#[utoipa::path(tag = "Participants", security((), ("oauth2" = ["actions:read"])),
    responses((status = 200, description = "The participant", body = ParticipantView)))]
#[get("/api/v1/actions/{action_id}/participants/{organisation_id}")]
pub async fn get_participant(
    reader: Reader<ReadActions>,
    app: Data<App>,
    path: Path<(ActionId, OrganisationId)>,
) -> Result<Versioned<ParticipantView>, Problem> {
    let ((id, organisation), scope) = (path.get()?, reader.scope().clone());
    let action = app.store.read(move |db| actions::find(db, &scope, id)).await?;
    let view = ParticipantView::of(action.participant(organisation)?, &action, reader.access());
    Ok(Versioned { version: action.meta.version, view })
}

/// Change the roles of a participant.
///
/// The accountable organisation does this. One that was committed is asked again, since nobody can bind another.
#[utoipa::path(tag = "Participants", security(("oauth2" = ["actions:write"])),
    request_body(content = ParticipantPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "As it is now", body = ParticipantView)))]
#[patch("/api/v1/actions/{action_id}/participants/{organisation_id}")]
pub async fn patch_participant(
    member: Member<EditActions>,
    app: Data<App>,
    path: Path<(ActionId, OrganisationId)>,
    incoming: Incoming<ParticipantPatch>,
) -> Result<Done, Problem> {
    app.write(member, incoming, move |tx, member, incoming| {
        let (id, organisation) = path.get()?;
        let action = actions::lock(tx, member.scope(), id)?;
        let roles = action.participant(organisation)?.roles.clone();
        let roles = incoming.body()?.roles.clone().unwrap_or(roles);
        member.require(action.accountable_id)?;
        tx.act_for(action.accountable_id);
        incoming.expect(action.meta.version)?;
        let action = action.reassign(organisation, roles, tx.now())?;
        actions::save(tx, &action, "action.participant_changed")?;
        answer(&action, organisation, member.access(), Guard::Sees(id.uuid()))
    })
    .await
}

/// Take back an invitation that was not answered.
#[utoipa::path(tag = "Participants", security(("oauth2" = ["actions:write"])),
    responses((status = 204, description = "It is gone")))]
#[delete("/api/v1/actions/{action_id}/participants/{organisation_id}")]
pub async fn delete_participant(
    member: Member<EditActions>,
    app: Data<App>,
    path: Path<(ActionId, OrganisationId)>,
    incoming: Incoming<Nothing>,
) -> Result<Done, Problem> {
    app.write(member, incoming, move |tx, member, incoming| {
        let (id, organisation) = path.get()?;
        let action = actions::lock(tx, member.scope(), id)?;
        action.participant(organisation)?;
        incoming.body()?;
        member.require(action.accountable_id)?;
        tx.act_for(action.accountable_id);
        incoming.expect(action.meta.version)?;
        let action = action.uninvite(organisation, tx.now())?;
        actions::save(tx, &action, "action.participant_removed")?;
        Ok(Answer::none())
    })
    .await
}

/// Commit to an action.
///
/// Only the invited organisation's own editors can do this.
#[utoipa::path(tag = "Participants", security(("oauth2" = ["actions:write"])),
    responses((status = 200, description = "Committed", body = ParticipantView)))]
#[post("/api/v1/actions/{action_id}/participants/{organisation_id}:commit")]
pub async fn commit_participant(
    member: Member<EditActions>,
    app: Data<App>,
    path: Path<(ActionId, OrganisationId)>,
    incoming: Incoming<Nothing>,
) -> Result<Done, Problem> {
    respond((member, app, path, incoming), "action.participant_committed", Action::commit).await
}

/// Decline an invitation to an action.
///
/// Only the invited organisation's own editors can do this. It may no longer see the action after this.
#[utoipa::path(tag = "Participants", security(("oauth2" = ["actions:write"])),
    responses((status = 200, description = "Declined", body = ParticipantView)))]
#[post("/api/v1/actions/{action_id}/participants/{organisation_id}:decline")]
pub async fn decline_participant(
    member: Member<EditActions>,
    app: Data<App>,
    path: Path<(ActionId, OrganisationId)>,
    incoming: Incoming<Nothing>,
) -> Result<Done, Problem> {
    respond((member, app, path, incoming), "action.participant_declined", Action::decline).await
}

/// Withdraw from an action.
///
/// Only the committed organisation's own editors can do this; the accountable one cannot withdraw. The action's
/// status stays. The organisation may no longer see the action after this.
#[utoipa::path(tag = "Participants", security(("oauth2" = ["actions:write"])),
    responses((status = 200, description = "Withdrawn", body = ParticipantView)))]
#[post("/api/v1/actions/{action_id}/participants/{organisation_id}:withdraw")]
pub async fn withdraw_participant(
    member: Member<EditActions>,
    app: Data<App>,
    path: Path<(ActionId, OrganisationId)>,
    incoming: Incoming<Nothing>,
) -> Result<Done, Problem> {
    respond((member, app, path, incoming), "action.participant_withdrawn", Action::withdraw).await
}

/// Carries out what an organisation says of its own part; `kind` names it in the change feed.
async fn respond(
    (member, app, path, incoming): Ask<(ActionId, OrganisationId)>,
    kind: &'static str,
    rule: fn(Action, OrganisationId, Instant) -> Result<Action, Fault>,
) -> Result<Done, Problem> {
    app.write(member, incoming, move |tx, member, incoming| {
        let (id, organisation) = path.get()?;
        let action = actions::lock(tx, member.scope(), id)?;
        action.participant(organisation)?;
        incoming.body()?;
        member.require(organisation)?;
        tx.act_for(organisation);
        incoming.expect_if_given(action.meta.version)?;
        let action = rule(action, organisation, tx.now())?;
        actions::save(tx, &action, kind)?;
        // Whoever has declined may not see the action any more, and yet repeat the request.
        answer(&action, organisation, member.access(), Guard::Own)
    })
    .await
}

/// The participant as it is now.
fn answer(
    action: &Action,
    organisation: OrganisationId,
    access: &Access,
    guard: Guard,
) -> Result<Answer, yhteen_persistence::Error> {
    let view = ParticipantView::of(action.participant(organisation)?, action, Some(access));
    Ok(Answer::ok(action.meta.version, &view, guard))
}
