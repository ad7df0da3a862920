//! Actions over HTTP.

pub mod input;
pub mod participants;
pub mod transitions;
pub mod view;

use crate::answer::{Answer, Done, Listing, Versioned};
use crate::app::App;
use crate::auth::{Member, Reader};
use crate::extract::{Incoming, Nothing, Params, Path};
use crate::problem::Problem;
use actix_web::{delete, get, patch, post, web::Data};
use input::{ActionPatch, ListActions, NewAction};
use utoipa_actix_web::service_config::ServiceConfig;
use view::ActionView;
use yhteen_domain::actions::participants::require_carrier;
use yhteen_domain::actions::{Action, Details};
use yhteen_domain::ids::{ActionId, Id};
use yhteen_domain::time::date_of;
use yhteen_persistence::actions::{self, Place};
use yhteen_persistence::idempotency::Guard;
use yhteen_persistence::scope::Access;
use yhteen_persistence::{Error, Tx, standings};

crate::permissions! {
    /// Reads actions, their participants and decision steps.
    ReadActions = ActionsRead, Viewer;
    /// Changes actions, their participants and decision steps.
    EditActions = ActionsWrite, Editor;
}

/// What the handlers of verbs that need no body hand on.
type Ask<T> = (Member<EditActions>, Data<App>, Path<T>, Incoming<Nothing>);

/// The operations on actions.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_actions)
        .service(create_action)
        .service(get_action)
        .service(patch_action)
        .service(delete_action);
    transitions::routes(config);
    participants::routes(config);
}

/// List actions.
///
/// Participants are left out unless `include=participants` asks for them.
#[utoipa::path(tag = "Actions", params(ListActions), security((), ("oauth2" = ["actions:read"])),
    responses((status = 200, description = "A page of actions", body = Listing<ActionView>)))]
#[get("/api/v1/actions")]
pub async fn list_actions(
    reader: Reader<ReadActions>,
    app: Data<App>,
    params: Params<ListActions>,
) -> Result<Listing<ActionView>, Problem> {
    let params = params.get()?;
    let (filter, order, thin) = (params.filter(), params.order(), params.is_thin());
    let listed = app.listed(format!("actions {filter:?} {order:?}"), params.cursor(), params.limit())?;
    let (slice, scope) = (listed.slice.clone(), reader.scope().clone());
    let page = app.store.read(move |db| actions::list(db, &scope, &filter, order, &slice)).await?;
    Ok(app.listing(
        listed.name(),
        page,
        |action| Place::from(action),
        |action| {
            let view = ActionView::of(action, None, reader.access());
            if thin { view.thin() } else { view }
        },
    ))
}

/// Create an action.
///
/// The acting organisation is a member of the programme that does more than observe, and the programme is not closed. It becomes accountable for the
/// action and is committed to it. The action is a draft until it is proposed.
#[utoipa::path(tag = "Actions", request_body = NewAction, security(("oauth2" = ["actions:write"])),
    responses((status = 201, description = "Created", body = ActionView)))]
#[post("/api/v1/actions")]
pub async fn create_action(
    member: Member<EditActions>,
    app: Data<App>,
    incoming: Incoming<NewAction>,
) -> Result<Done, Problem> {
    let id = app.fresh();
    let location = app.url(&format!("/api/v1/actions/{id}"));
    app.write(member, incoming, move |tx, member, incoming| {
        let new = incoming.body()?;
        let (organisation, now) = (new.organisation_id, tx.now());
        member.require(organisation)?;
        tx.act_for(organisation);
        let programme = actions::refer_to_programme(tx, member.scope(), new.programme_id)?;
        require_carrier(&programme, organisation, date_of(now))?;
        let details = Details::from(new.clone());
        actions::check_goals(tx, programme.id, &details.goals)?;
        let action = Action::new(id, programme.open()?.id, organisation, details, now)?;
        actions::create(tx, &action)?;
        let guard = Guard::Sees(id.uuid());
        let decisions = standings::decisions(tx, &action, now)?;
        let view = ActionView::of(action, Some(decisions), Some(member.access()));
        Ok(Answer::created(location.clone(), 1, &view, guard))
    })
    .await
}

/// Get an action with its participants.
#[utoipa::path(tag = "Actions", security((), ("oauth2" = ["actions:read"])),
    responses((status = 200, description = "The action", body = ActionView)))]
#[get("/api/v1/actions/{action_id}")]
pub async fn get_action(
    reader: Reader<ReadActions>,
    app: Data<App>,
    path: Path<ActionId>,
) -> Result<Versioned<ActionView>, Problem> {
    let (id, scope, now) = (path.get()?, reader.scope().clone(), app.now());
    let read = app.store.read(move |db| {
        let action = actions::find(db, &scope, id)?;
        let decisions = standings::decisions(db, &action, now)?;
        Ok((action, decisions))
    });
    let (action, decisions) = read.await?;
    Ok(Versioned { version: action.meta.version, view: ActionView::of(action, Some(decisions), reader.access()) })
}

/// Change an action.
///
/// Everything of a draft or a proposal may change. From the agreement on its code and goals stay, since they are what
/// the participants agreed on. A completed or cancelled action does not change.
#[utoipa::path(tag = "Actions", security(("oauth2" = ["actions:write"])),
    request_body(content = ActionPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "As it is now", body = ActionView)))]
#[patch("/api/v1/actions/{action_id}")]
pub async fn patch_action(
    member: Member<EditActions>,
    app: Data<App>,
    path: Path<ActionId>,
    incoming: Incoming<ActionPatch>,
) -> Result<Done, Problem> {
    app.write(member, incoming, move |tx, member, incoming| {
        let action = actions::lock(tx, member.scope(), path.get()?)?;
        let patch = incoming.body()?;
        member.require(action.accountable_id)?;
        tx.act_for(action.accountable_id);
        incoming.expect(action.meta.version)?;
        let details = patch.apply(action.details.clone())?;
        actions::check_goals(tx, action.programme_id, &details.goals)?;
        let action = action.changed(details, tx.now())?;
        actions::save(tx, &action, "action.updated")?;
        answer(tx, action, member.access())
    })
    .await
}

/// Delete a draft.
///
/// Its participants and decision steps go with it. What has been proposed is cancelled instead.
#[utoipa::path(tag = "Actions", security(("oauth2" = ["actions:write"])),
    responses((status = 204, description = "It is gone")))]
#[delete("/api/v1/actions/{action_id}")]
pub async fn delete_action(
    member: Member<EditActions>,
    app: Data<App>,
    path: Path<ActionId>,
    incoming: Incoming<Nothing>,
) -> Result<Done, Problem> {
    app.write(member, incoming, move |tx, member, incoming| {
        let action = actions::lock(tx, member.scope(), path.get()?)?;
        incoming.body()?;
        member.require(action.accountable_id)?;
        tx.act_for(action.accountable_id);
        incoming.expect(action.meta.version)?;
        actions::delete(tx, &action.deleted(tx.now())?)?;
        Ok(Answer::none())
    })
    .await
}

/// The action as it is now.
fn answer(tx: &mut Tx<'_>, action: Action, access: &Access) -> Result<Answer, Error> {
    let (version, guard, now) = (action.meta.version, Guard::Sees(action.id.uuid()), tx.now());
    let decisions = standings::decisions(tx, &action, now)?;
    Ok(Answer::ok(version, &ActionView::of(action, Some(decisions), Some(access)), guard))
}
