//! Decision steps over HTTP.

pub mod bookings;
mod by_external_id;
mod change;
pub mod handlings;
pub mod input;
pub mod remedy_claims;
mod route;
pub mod view;

use crate::actions::{EditActions, ReadActions};
use crate::answer::{Answer, Done, Listing, Versioned};
use crate::app::App;
use crate::auth::{Member, Reader};
use crate::extract::{Incoming, Nothing, Path};
use crate::problem::Problem;
use actix_web::{delete, get, patch, post, web::Data};
use change::{Asked, By, change};
pub(crate) use input::occasion;
use input::{DecisionStepPatch, LegalForce, NewDecisionStep};
use utoipa_actix_web::service_config::ServiceConfig;
use view::{DecisionStepView, Telling};
use yhteen_domain::Fault;
use yhteen_domain::actions::{Action, ActionStatus};
use yhteen_domain::decision_steps::DecisionStep;
use yhteen_domain::ids::{ActionId, Id, OrganisationId, StepId};
use yhteen_persistence::decision_steps::{self, Locked};
use yhteen_persistence::external_ids::ExternalIds;
use yhteen_persistence::idempotency::Guard;
use yhteen_persistence::scope::Scope;
use yhteen_persistence::standings::recorded;
use yhteen_persistence::{Db, Error, Tx, actions};

/// The operations on decision steps.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_decision_steps)
        .service(create_decision_step)
        .service(get_decision_step)
        .service(patch_decision_step)
        .service(delete_decision_step)
        .service(record_legal_force)
        .service(by_external_id::put_decision_step)
        .service(by_external_id::get_decision_step_by_external_id)
        .service(route::put_action_route);
    bookings::routes(config);
    handlings::routes(config);
    remedy_claims::routes(config);
}

/// List the decision steps of an action.
///
/// All are on one page, in the order in which they came to be. A step that you may not see is opaque.
#[utoipa::path(tag = "Decision steps", security((), ("oauth2" = ["actions:read"])),
    responses((status = 200, description = "The decision steps", body = Listing<DecisionStepView>)))]
#[get("/api/v1/actions/{action_id}/decision-steps")]
pub async fn list_decision_steps(
    reader: Reader<ReadActions>,
    app: Data<App>,
    path: Path<ActionId>,
) -> Result<Listing<DecisionStepView>, Problem> {
    let (id, scope, now) = (path.get()?, reader.scope().clone(), app.now());
    let read = app.store.read(move |db| {
        let action = actions::find(db, &scope, id)?;
        let steps = decision_steps::of_action(db, id)?;
        let recorded = recorded(db, &scope, &action, &steps, now)?;
        Ok((action, steps, recorded))
    });
    let (action, steps, recorded) = read.await?;
    let telling = Telling { action: &action, recorded: &recorded, scope: reader.scope(), access: reader.access() };
    Ok(Listing { items: telling.steps(steps)?, next: None })
}

/// Propose a decision step of an action.
///
/// The accountable organisation proposes steps on any body that it may know of. The diary number is the body's
/// organisation's own: only who is its editor, too, can give one here.
#[utoipa::path(tag = "Decision steps", request_body = NewDecisionStep, security(("oauth2" = ["actions:write"])),
    responses((status = 201, description = "Created", body = DecisionStepView)))]
#[post("/api/v1/actions/{action_id}/decision-steps")]
pub async fn create_decision_step(
    member: Member<EditActions>,
    app: Data<App>,
    path: Path<ActionId>,
    incoming: Incoming<NewDecisionStep>,
) -> Result<Done, Problem> {
    let id: StepId = app.fresh();
    let location = app.url(&format!("/api/v1/decision-steps/{id}"));
    app.write(member, incoming, move |tx, member, incoming| {
        let action = actions::lock(tx, member.scope(), path.get()?)?;
        let new = incoming.body()?;
        member.require(action.accountable_id)?;
        tx.act_for(action.accountable_id);
        incoming.expect_if_given(action.meta.version)?;
        let organisation = decision_steps::organisation_of_body(tx, member.scope(), new.body_id)?;
        new.require_rights(|organisation| member.require(organisation), organisation)?;
        let proposed = propose(tx, action, id, new.clone(), organisation)?;
        tell(tx, proposed, member, Some(location.clone()))
    })
    .await
}

/// Get a decision step.
///
/// A step that you may not see is opaque.
#[utoipa::path(tag = "Decision steps", security((), ("oauth2" = ["actions:read"])),
    responses((status = 200, description = "The decision step", body = DecisionStepView)))]
#[get("/api/v1/decision-steps/{decision_step_id}")]
pub async fn get_decision_step(
    reader: Reader<ReadActions>,
    app: Data<App>,
    path: Path<StepId>,
) -> Result<Versioned<DecisionStepView>, Problem> {
    let id = path.get()?;
    read_step(&reader, &app, move |_, _| Ok(id)).await
}

/// The step that `which` finds, as its reader is told of it.
async fn read_step(
    reader: &Reader<ReadActions>,
    app: &App,
    which: impl FnOnce(&mut Db, &Scope) -> Result<StepId, Error> + Send + 'static,
) -> Result<Versioned<DecisionStepView>, Problem> {
    let (scope, now) = (reader.scope().clone(), app.now());
    let read = app.store.read(move |db| {
        let id = which(db, &scope)?;
        let action = decision_steps::action_of(db, &scope, id)?;
        let action = actions::find(db, &scope, action)?;
        let steps = decision_steps::of_action(db, action.id)?;
        let recorded = recorded(db, &scope, &action, &steps, now)?;
        let step = steps.into_iter().find(|step| step.id == id).ok_or_else(Fault::not_found)?;
        Ok((action, step, recorded))
    });
    let (action, step, recorded) = read.await?;
    let telling = Telling { action: &action, recorded: &recorded, scope: reader.scope(), access: reader.access() };
    Ok(Versioned { version: action.meta.version, view: telling.step(step)? })
}

/// Change a decision step.
///
/// The accountable organisation changes all but the diary number, which is the body's organisation's own. The version
/// is the action's. A step never moves to another body. Once its legal force is recorded, only its diary number
/// changes.
#[utoipa::path(tag = "Decision steps", security(("oauth2" = ["actions:write"])),
    request_body(content = DecisionStepPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "As it is now", body = DecisionStepView)))]
#[patch("/api/v1/decision-steps/{decision_step_id}")]
pub async fn patch_decision_step(
    member: Member<EditActions>,
    app: Data<App>,
    path: Path<StepId>,
    incoming: Incoming<DecisionStepPatch>,
) -> Result<Done, Problem> {
    app.write(member, incoming, move |tx, member, incoming| {
        let Locked { action, steps, step } = decision_steps::lock(tx, member.scope(), path.get()?)?;
        let patch = incoming.body()?;
        let (lead, own) = (action.accountable_id, step.organisation_id);
        tx.act_for(patch.require_rights(|organisation| member.require(organisation), lead, own)?);
        incoming.expect(action.meta.version)?;
        let details = patch.apply(step.details.clone());
        let changed = details.and_then(|details| step.clone().changed(details, &steps, tx.now()));
        let locked = keep(tx, Locked { action, steps, step }, changed)?;
        tell(tx, locked, member, None)
    })
    .await
}

/// Delete a decision step.
///
/// The accountable organisation can do this until the action is agreed on, while no other step depends on it.
#[utoipa::path(tag = "Decision steps", security(("oauth2" = ["actions:write"])),
    responses((status = 204, description = "It is gone")))]
#[delete("/api/v1/decision-steps/{decision_step_id}")]
pub async fn delete_decision_step(
    member: Member<EditActions>,
    app: Data<App>,
    path: Path<StepId>,
    incoming: Incoming<Nothing>,
) -> Result<Done, Problem> {
    app.write(member, incoming, move |tx, member, incoming| {
        let Locked { action, steps, step } = decision_steps::lock(tx, member.scope(), path.get()?)?;
        incoming.body()?;
        member.require(action.accountable_id)?;
        tx.act_for(action.accountable_id);
        incoming.expect(action.meta.version)?;
        action.require_status(&[ActionStatus::Draft, ActionStatus::Proposed])?;
        step.require_unneeded(&steps)?;
        decision_steps::delete(tx, step.id)?;
        actions::save(tx, &action.touched(tx.now())?, "action.step_removed")?;
        Ok(Answer::none())
    })
    .await
}

/// Record that a decision has legal force.
///
/// The body's organisation does this, by the certificate that it has. The date wins over every computed one; a wrong
/// one is corrected by recording another.
#[utoipa::path(tag = "Decision steps", request_body = LegalForce, security(("oauth2" = ["actions:write"])),
    responses((status = 200, description = "As it is now", body = DecisionStepView)))]
#[post("/api/v1/decision-steps/{decision_step_id}:record-legal-force")]
pub async fn record_legal_force(
    member: Member<EditActions>,
    app: Data<App>,
    path: Path<StepId>,
    incoming: Incoming<LegalForce>,
) -> Result<Done, Problem> {
    let rule =
        |asked: Asked, _: &mut Tx<'_>, force: &LegalForce, now| Ok(asked.step.with_legal_force(force.on.into(), now));
    change((member, app, path, incoming), "action.step_legal_force_recorded", By::Body, rule).await
}

/// A step that is shown because something that belongs to it is.
struct Shown {
    /// The version of its action.
    version: i64,
    step: DecisionStep,
    external_ids: ExternalIds,
}

/// The step that `which` finds, where the reader sees more of it than its dates.
async fn shown_step(
    app: &App,
    reader: &Reader<ReadActions>,
    which: impl FnOnce(&mut Db, &Scope) -> Result<StepId, Error> + Send + 'static,
) -> Result<Shown, Problem> {
    let (scope, access, now) = (reader.scope().clone(), reader.access().cloned(), app.now());
    let read = app.store.read(move |db| {
        let id = which(db, &scope)?;
        let action = decision_steps::action_of(db, &scope, id)?;
        let action = actions::find(db, &scope, action)?;
        let steps = decision_steps::of_action(db, action.id)?;
        let recorded = recorded(db, &scope, &action, &steps, now)?;
        let telling = Telling { action: &action, recorded: &recorded, scope: &scope, access: access.as_ref() };
        let step = steps.into_iter().find(|step| step.id == id && telling.shows(step));
        let step = step.ok_or_else(Fault::not_found)?;
        Ok(Shown { version: action.meta.version, step, external_ids: recorded.external_ids })
    });
    Ok(read.await?)
}

/// Adds a step to an action that is locked.
fn propose(
    tx: &mut Tx<'_>,
    action: Action,
    id: StepId,
    new: NewDecisionStep,
    organisation: OrganisationId,
) -> Result<Locked, Error> {
    let now = tx.now();
    let mut steps = decision_steps::of_action(tx, action.id)?;
    let action = action.touched(now)?;
    let body = (new.body_id, organisation);
    let step = DecisionStep::new(id, action.id, body, new.into(), &steps, now)?;
    decision_steps::create(tx, &step)?;
    actions::save(tx, &action, "action.step_added")?;
    steps.push(step.clone());
    Ok(Locked { action, steps, step })
}

/// Keeps what has been said of a step, if anything is another than before.
fn keep(tx: &mut Tx<'_>, locked: Locked, changed: Result<DecisionStep, Fault>) -> Result<Locked, Error> {
    if changed.is_err() {
        // That the action is closed says more than what a rule finds in it.
        locked.action.require_open()?;
    }
    decision_steps::keep(tx, locked, changed?, "action.step_changed")
}

/// The step as it is now, among the others of its action; one that is new, with where it is.
fn tell(
    tx: &mut Tx<'_>,
    Locked { action, steps, step }: Locked,
    member: &Member<EditActions>,
    location: Option<String>,
) -> Result<Answer, Error> {
    let now = tx.now();
    let recorded = recorded(tx, member.scope(), &action, &steps, now)?;
    let view = Telling::new(&action, &recorded, member).step(step)?;
    let (version, guard) = (action.meta.version, Guard::Sees(action.id.uuid()));
    Ok(match location {
        Some(location) => Answer::created(location, version, &view, guard),
        None => Answer::ok(version, &view, guard),
    })
}
