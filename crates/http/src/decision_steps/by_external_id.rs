//! A decision step as the accountable organisation's own system knows it, or the body's organisation's.

use super::input::DecisionStepPatch;
use super::input::by_external_id::DecisionStepByExternalId;
use super::view::DecisionStepView;
use super::{keep, propose, read_step, tell};
use crate::actions::{EditActions, ReadActions};
use crate::answer::{Done, Versioned};
use crate::app::App;
use crate::auth::{Member, Reader};
use crate::external_ids::{About, ByExternalId, Own, require_same, required, said};
use crate::extract::{Incoming, Path};
use crate::problem::Problem;
use actix_web::{get, put, web::Data};
use yhteen_domain::external_ids::Entity;
use yhteen_domain::ids::StepId;
use yhteen_domain::{Fault, message};
use yhteen_persistence::decision_steps::{self, Locked, Part};
use yhteen_persistence::{Error, Tx, actions, external_ids, referred};

/// Get a decision step by its external id.
///
/// For who reads for the organisation.
#[utoipa::path(tag = "Decision steps", params(ByExternalId), security((), ("oauth2" = ["actions:read"])),
    responses((status = 200, description = "The decision step", body = DecisionStepView)))]
#[get("/api/v1/organisations/{organisation_id}/decision-steps/by-external-id/{source}/{value}")]
pub async fn get_decision_step_by_external_id(
    reader: Reader<ReadActions>,
    app: Data<App>,
    path: Path<ByExternalId>,
) -> Result<Versioned<DecisionStepView>, Problem> {
    let own = Own::of(&path)?;
    read_step(&reader, &app, move |db, scope| own.find(db, scope)).await
}

/// Say what is known of a step by its external id.
///
/// The accountable organisation proposes and changes steps; the body's organisation gives the external id to a step before
/// its own body, named by `decision_step_id`, and the diary number. A step of which nothing is known by this external id
/// is made; another is changed. What changes nothing leaves the action's version, which is the step's, as it is.
#[utoipa::path(tag = "Decision steps", params(ByExternalId), request_body = DecisionStepByExternalId,
    security(("oauth2" = ["actions:write"])),
    responses((status = 200, description = "As it is now", body = DecisionStepView),
        (status = 201, description = "Created", body = DecisionStepView)))]
#[put("/api/v1/organisations/{organisation_id}/decision-steps/by-external-id/{source}/{value}")]
pub async fn put_decision_step(
    member: Member<EditActions>,
    app: Data<App>,
    path: Path<ByExternalId>,
    incoming: Incoming<DecisionStepByExternalId>,
) -> Result<Done, Problem> {
    let id: StepId = app.fresh();
    let location = app.url(&format!("/api/v1/decision-steps/{id}"));
    app.write(member, incoming, move |tx, member, incoming| {
        let (own, said) = said(tx, member, &path, incoming)?;
        let (step, is_new) = put_step(tx, member, &own, said, id, |version| incoming.expect_if_given(version))?;
        tell(tx, step, member, is_new.then(|| location.clone()))
    })
    .await
}

/// The step as it is said to be, and whether it is a new one; a new one gets the identifier. `expect` refuses another
/// version than the caller has seen.
pub(super) fn put_step(
    tx: &mut Tx<'_>,
    member: &Member<EditActions>,
    own: &Own,
    said: &DecisionStepByExternalId,
    id: StepId,
    expect: impl Fn(i64) -> Result<(), Fault>,
) -> Result<(Locked, bool), Error> {
    let patch = said.patch(&external_ids::find_all(tx, own.organisation_id, &said.named_steps())?)?;
    match own.about(tx, said.decision_step_id, "/decision_step_id")? {
        About::New => Ok((made(tx, member, (said, expect), own, (id, patch))?, true)),
        About::Known(id) => {
            let locked = decision_steps::lock(tx, member.scope(), id)?;
            Ok((told(tx, (said, expect), own, (locked, patch), false)?, false))
        }
        About::Given(id) => {
            let locked = referred(decision_steps::lock(tx, member.scope(), id), "/decision_step_id")?;
            Ok((told(tx, (said, expect), own, (locked, patch), true)?, false))
        }
    }
}

/// A new step.
fn made(
    tx: &mut Tx<'_>,
    member: &Member<EditActions>,
    (said, expect): (&DecisionStepByExternalId, impl Fn(i64) -> Result<(), Fault>),
    own: &Own,
    (id, patch): (StepId, DecisionStepPatch),
) -> Result<Locked, Error> {
    let (action_id, body_id) = (required(said.action_id, "action_id")?, required(said.body_id, "body_id")?);
    let new = patch.new_step(body_id)?;
    let action = referred(actions::lock(tx, member.scope(), action_id), "/action_id")?;
    own.require(action.accountable_id)?;
    expect(action.meta.version)?;
    let organisation = decision_steps::organisation_of_body(tx, member.scope(), body_id)?;
    new.require_rights(|organisation| own.require(organisation), organisation)?;
    let proposed = propose(tx, action, id, new, organisation)?;
    own.give(tx, id)?;
    Ok(proposed)
}

/// A step that has the external id or, where it `is_new` to it, gets it, as it is said to be.
fn told(
    tx: &mut Tx<'_>,
    (said, expect): (&DecisionStepByExternalId, impl Fn(i64) -> Result<(), Fault>),
    own: &Own,
    (Locked { action, steps, step }, patch): (Locked, DecisionStepPatch),
    is_new: bool,
) -> Result<Locked, Error> {
    require_same(said.action_id, action.id, "action_id")?;
    require_same(said.body_id, step.body_id, "body_id")?;
    let (lead, of_body) = (action.accountable_id, step.organisation_id);
    if ![lead, of_body].contains(&own.organisation_id) {
        let detail = message!(
            fi: "Organisaatio ei vastaa toimenpiteestä eikä vaiheen toimielimestä.",
            sv: "Organisationen ansvarar varken för åtgärden eller för stegets organ.",
            en: "The organisation is responsible neither for the action nor for the body of the step.",
        );
        return Err(Fault::forbidden(detail).into());
    }
    if !patch.is_empty() {
        patch.require_rights(|organisation| own.require(organisation), lead, of_body)?;
    }
    expect(action.meta.version)?;
    let details = patch.apply(step.details.clone());
    let changed = details.and_then(|details| step.clone().changed(details, &steps, tx.now()));
    let before = action.meta.version;
    let kept = keep(tx, Locked { action, steps, step }, changed)?;
    if !is_new {
        return Ok(kept);
    }
    own.give(tx, kept.step.id)?;
    decision_steps::touch(tx, kept, before, "action.step_changed")
}

/// Locks the step of a handling or a claim that has this external id, or of the one that is named by its identifier and
/// the pointer to it; where neither is known yet, the step that is named.
pub(super) fn lock_step_of<T: Entity>(
    tx: &mut Tx<'_>,
    member: &Member<EditActions>,
    own: &Own,
    step: Option<(StepId, String)>,
    (id, pointer, part): (Option<T>, &'static str, fn(T) -> Part),
) -> Result<Locked, Error> {
    let known = match own.about(tx, id, pointer)? {
        About::Known(id) => Some(decision_steps::of_part(tx, member.scope(), part(id))?),
        About::Given(id) => Some(referred(decision_steps::of_part(tx, member.scope(), part(id)), pointer)?),
        About::New => None,
    };
    if let Some(id) = known {
        require_same(step.map(|(id, _)| id), id, "decision_step_id")?;
        return decision_steps::lock(tx, member.scope(), id);
    }
    let (id, pointer) = required(step, "decision_step_id")?;
    referred(decision_steps::lock(tx, member.scope(), id), &pointer)
}
