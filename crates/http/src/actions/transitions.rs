//! What moves an action from one status to the next: the accountable organisation's editors alone do it.

use super::{Ask, EditActions, answer};
use crate::actions::view::ActionView;
use crate::answer::Done;
use crate::app::App;
use crate::auth::Member;
use crate::extract::{Incoming, Nothing, Path};
use crate::problem::Problem;
use actix_web::{post, web::Data};
use utoipa_actix_web::service_config::ServiceConfig;
use yhteen_domain::actions::Action;
use yhteen_domain::ids::ActionId;
use yhteen_persistence::scope::Scope;
use yhteen_persistence::{Error, Tx, actions, standings};

/// The transitions.
pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(propose_action)
        .service(agree_action)
        .service(start_action)
        .service(complete_action)
        .service(cancel_action)
        .service(hold_action)
        .service(resume_action);
}

/// Carries out one transition; `kind` names it in the change feed.
async fn transit(
    (member, app, path, incoming): Ask<ActionId>,
    kind: &'static str,
    rule: impl Fn(Action, &mut Tx<'_>, &Scope) -> Result<Action, Error> + Send + Sync + 'static,
) -> Result<Done, Problem> {
    app.write(member, incoming, move |tx, member, incoming| {
        let action = actions::lock(tx, member.scope(), path.get()?)?;
        incoming.body()?;
        member.require(action.accountable_id)?;
        tx.act_for(action.accountable_id);
        incoming.expect_if_given(action.meta.version)?;
        let action = rule(action, tx, member.scope())?;
        actions::save(tx, &action, kind)?;
        answer(tx, action, member.access())
    })
    .await
}

/// Propose an action to its participants.
///
/// From here on whoever its visibility names sees it.
#[utoipa::path(tag = "Actions", security(("oauth2" = ["actions:write"])),
    responses((status = 200, description = "Proposed", body = ActionView)))]
#[post("/api/v1/actions/{action_id}:propose")]
pub async fn propose_action(
    member: Member<EditActions>,
    app: Data<App>,
    path: Path<ActionId>,
    incoming: Incoming<Nothing>,
) -> Result<Done, Problem> {
    let rule = |action: Action, tx: &mut Tx<'_>, _: &Scope| Ok(action.propose(tx.now())?);
    transit((member, app, path, incoming), "action.proposed", rule).await
}

/// Record that the participants agree on an action.
///
/// Every implementing and funding participant must be committed; one that has declined or withdrawn is invited again
/// or given another role first. The 409 lists those that are missing.
#[utoipa::path(tag = "Actions", security(("oauth2" = ["actions:write"])),
    responses((status = 200, description = "Agreed", body = ActionView)))]
#[post("/api/v1/actions/{action_id}:agree")]
pub async fn agree_action(
    member: Member<EditActions>,
    app: Data<App>,
    path: Path<ActionId>,
    incoming: Incoming<Nothing>,
) -> Result<Done, Problem> {
    let rule = |action: Action, tx: &mut Tx<'_>, _: &Scope| Ok(action.agree(tx.now())?);
    transit((member, app, path, incoming), "action.agreed", rule).await
}

/// Start an action.
///
/// Every authoritative decision step must have reached the start gate. The 409 lists those that have not.
#[utoipa::path(tag = "Actions", security(("oauth2" = ["actions:write"])),
    responses((status = 200, description = "In progress", body = ActionView)))]
#[post("/api/v1/actions/{action_id}:start")]
pub async fn start_action(
    member: Member<EditActions>,
    app: Data<App>,
    path: Path<ActionId>,
    incoming: Incoming<Nothing>,
) -> Result<Done, Problem> {
    let rule = |action: Action, tx: &mut Tx<'_>, scope: &Scope| {
        let now = tx.now();
        let readiness = standings::decisions(tx, scope, &action, now)?.readiness;
        Ok(action.start(&readiness, now)?)
    };
    transit((member, app, path, incoming), "action.started", rule).await
}

/// Complete an action.
///
/// It does not change any more after this.
#[utoipa::path(tag = "Actions", security(("oauth2" = ["actions:write"])),
    responses((status = 200, description = "Completed", body = ActionView)))]
#[post("/api/v1/actions/{action_id}:complete")]
pub async fn complete_action(
    member: Member<EditActions>,
    app: Data<App>,
    path: Path<ActionId>,
    incoming: Incoming<Nothing>,
) -> Result<Done, Problem> {
    let rule = |action: Action, tx: &mut Tx<'_>, _: &Scope| Ok(action.complete(tx.now())?);
    transit((member, app, path, incoming), "action.completed", rule).await
}

/// Cancel an action.
///
/// It does not change any more after this. A cancelled draft stays with those who saw the draft.
#[utoipa::path(tag = "Actions", security(("oauth2" = ["actions:write"])),
    responses((status = 200, description = "Cancelled", body = ActionView)))]
#[post("/api/v1/actions/{action_id}:cancel")]
pub async fn cancel_action(
    member: Member<EditActions>,
    app: Data<App>,
    path: Path<ActionId>,
    incoming: Incoming<Nothing>,
) -> Result<Done, Problem> {
    let rule = |action: Action, tx: &mut Tx<'_>, _: &Scope| Ok(action.cancel(tx.now())?);
    transit((member, app, path, incoming), "action.cancelled", rule).await
}

/// Put an action on hold.
///
/// Only what is agreed on or in progress can be paused.
#[utoipa::path(tag = "Actions", security(("oauth2" = ["actions:write"])),
    responses((status = 200, description = "On hold", body = ActionView)))]
#[post("/api/v1/actions/{action_id}:hold")]
pub async fn hold_action(
    member: Member<EditActions>,
    app: Data<App>,
    path: Path<ActionId>,
    incoming: Incoming<Nothing>,
) -> Result<Done, Problem> {
    let rule = |action: Action, tx: &mut Tx<'_>, _: &Scope| Ok(action.hold(tx.now())?);
    transit((member, app, path, incoming), "action.held", rule).await
}

/// Resume an action that is on hold.
///
/// It goes back to the status that it had before the hold.
#[utoipa::path(tag = "Actions", security(("oauth2" = ["actions:write"])),
    responses((status = 200, description = "As before the hold", body = ActionView)))]
#[post("/api/v1/actions/{action_id}:resume")]
pub async fn resume_action(
    member: Member<EditActions>,
    app: Data<App>,
    path: Path<ActionId>,
    incoming: Incoming<Nothing>,
) -> Result<Done, Problem> {
    let rule = |action: Action, tx: &mut Tx<'_>, _: &Scope| Ok(action.resume(tx.now())?);
    transit((member, app, path, incoming), "action.resumed", rule).await
}
