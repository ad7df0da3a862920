//! A remedy as the system of the body's organisation knows it: recorded with its ruling.

use super::super::by_external_id::lock_step_of;
use super::super::change::{Changed, carry_out};
use super::super::shown_step;
use super::ClaimView;
use crate::actions::{EditActions, ReadActions};
use crate::answer::{Answer, Done, Versioned};
use crate::app::App;
use crate::auth::{Member, Reader};
use crate::external_ids::{About, ByExternalId, Own, require_same, required, said};
use crate::extract::{Incoming, Path};
use crate::patch::present;
use crate::problem::Problem;
use actix_web::{get, put, web::Data};
use serde::Deserialize;
use utoipa::ToSchema;
use yhteen_domain::Fault;
use yhteen_domain::decision_steps::DecisionStep;
use yhteen_domain::external_ids::ExternalId;
use yhteen_domain::ids::{Id, RemedyClaimId, StepId};
use yhteen_domain::remedy_claims::{Claim, Ruling, RulingOutcome};
use yhteen_domain::time::Day;
use yhteen_domain::vocabulary::Remedy;
use yhteen_persistence::decision_steps::{self as steps, Locked, Part};
use yhteen_persistence::idempotency::Guard;
use yhteen_persistence::standings::recorded;
use yhteen_persistence::{Error, Tx};

/// What an organisation's own system says of a remedy: an absent member stays as it is. A new record needs the decision
/// step, the kind and the date. What was recorded does not change; the ruling is added once there is one.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "decision_step": {"source": "asianhallinta.example.org", "value": "KOT/12/2026"},
    "kind": "rectification",
    "filed_on": "2026-03-12",
    "ruling": "dismissed",
    "ruled_on": "2026-04-20"
})))]
pub struct RemedyClaimByExternalId {
    /// The decision step, which never changes.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    decision_step_id: Option<StepId>,
    /// The decision step, as the organisation knows it.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    decision_step: Option<ExternalId>,
    /// A remedy that is to get the external id; without it, an unknown external id makes a new record.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    remedy_claim_id: Option<RemedyClaimId>,
    /// Which remedy it is, which never changes.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    kind: Option<Remedy>,
    /// The date on which it was filed, which never changes.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    filed_on: Option<Day>,
    /// How it was decided; goes together with `ruled_on`.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    ruling: Option<RulingOutcome>,
    /// The date of the ruling; of a dismissed claim for rectification, the date of notice.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    ruled_on: Option<Day>,
}

impl RemedyClaimByExternalId {
    fn ruling(&self) -> Result<Option<Ruling>, Fault> {
        match (self.ruling, self.ruled_on) {
            (None, None) => Ok(None),
            (outcome, on) => {
                let (outcome, on) = (required(outcome, "ruling")?, required(on, "ruled_on")?);
                Ok(Some(Ruling { outcome, on: on.into() }))
            }
        }
    }
}

/// Get a remedy sought against a decision by its external id.
///
/// For who reads for the organisation.
#[utoipa::path(tag = "Handlings", params(ByExternalId), security((), ("oauth2" = ["actions:read"])),
    responses((status = 200, description = "The claim", body = ClaimView)))]
#[get("/api/v1/organisations/{organisation_id}/remedy-claims/by-external-id/{source}/{value}")]
pub async fn get_remedy_claim_by_external_id(
    reader: Reader<ReadActions>,
    app: Data<App>,
    path: Path<ByExternalId>,
) -> Result<Versioned<ClaimView>, Problem> {
    let (own, scope) = (Own::of(&path)?, reader.scope().clone());
    let id: RemedyClaimId = app.store.read(move |db| own.find(db, &scope)).await?;
    let shown = shown_step(&app, &reader, move |db, scope| steps::of_part(db, scope, Part::Claim(id))).await?;
    let claim = claim(&shown.step, id)?;
    Ok(Versioned { version: shown.version, view: ClaimView::of(claim, &shown.external_ids) })
}

/// Say what is known of a remedy by its external id.
///
/// The body's organisation does this. A remedy that nothing is known of by this external id is recorded, or the one that is
/// named by `remedy_claim_id` gets the external id; of another the ruling is added. What is so already changes nothing.
#[utoipa::path(tag = "Handlings", params(ByExternalId), request_body = RemedyClaimByExternalId,
    security(("oauth2" = ["actions:write"])),
    responses((status = 200, description = "As it is now", body = ClaimView),
        (status = 201, description = "Recorded", body = ClaimView)))]
#[put("/api/v1/organisations/{organisation_id}/remedy-claims/by-external-id/{source}/{value}")]
pub async fn put_remedy_claim(
    member: Member<EditActions>,
    app: Data<App>,
    path: Path<ByExternalId>,
    incoming: Incoming<RemedyClaimByExternalId>,
) -> Result<Done, Problem> {
    let fresh: RemedyClaimId = app.fresh();
    let location = app.url(&format!("/api/v1/remedy-claims/{fresh}"));
    app.write(member, incoming, move |tx, member, incoming| {
        let (own, said) = said(tx, member, &path, incoming)?;
        let step = own.reference(tx, "decision_step", said.decision_step_id, said.decision_step.as_ref())?;
        let part = (said.remedy_claim_id, "/remedy_claim_id", Part::Claim as fn(_) -> _);
        let locked = lock_step_of(tx, member, &own, step, part)?;
        own.require(locked.step.organisation_id)?;
        incoming.expect_if_given(locked.action.meta.version)?;
        // Looked for once the action is locked: what is called so now is called so until this is done.
        let about = own.about(tx, said.remedy_claim_id, "/remedy_claim_id")?;
        let (id, kept) = match about {
            About::Known(id) => (id, told(tx, member, said, (locked, id))?),
            About::Given(id) => (id, named(tx, member, &own, said, (locked, id))?),
            About::New => (fresh, filed(tx, member, &own, said, (locked, fresh))?),
        };
        let now = tx.now();
        let external_ids = recorded(tx, member.scope(), &kept.action, &kept.steps, now)?.external_ids;
        let (version, guard) = (kept.action.meta.version, Guard::Sees(kept.action.id.uuid()));
        let view = ClaimView::of(claim(&kept.step, id)?, &external_ids);
        Ok(match about {
            About::New => Answer::created(location.clone(), version, &view, guard),
            About::Known(_) | About::Given(_) => Answer::ok(version, &view, guard),
        })
    })
    .await
}

/// A claim of the step.
fn claim(step: &DecisionStep, id: RemedyClaimId) -> Result<Claim, Fault> {
    step.claims.iter().find(|claim| claim.id == id).cloned().ok_or_else(Fault::not_found)
}

/// A claim that is known, with its ruling where there is one by now.
fn told(
    tx: &mut Tx<'_>,
    member: &Member<EditActions>,
    said: &RemedyClaimByExternalId,
    (locked, id): (Locked, RemedyClaimId),
) -> Result<Locked, Error> {
    let known = claim(&locked.step, id)?;
    require_same(said.kind, known.kind, "kind")?;
    require_same(said.filed_on.map(yhteen_domain::time::Date::from), known.filed_on, "filed_on")?;
    let Some(ruling) = said.ruling()? else { return Ok(locked) };
    carry_out(tx, member, locked, "action.remedy_ruled", |asked, _, now| {
        asked.step.with_ruling(id, ruling, now).map_err(ruling_pointer).map_err(Error::from)
    })
    .map(Changed::locked)
}

/// A claim that gets the external id: in a new version, since there is something new to be read.
fn named(
    tx: &mut Tx<'_>,
    member: &Member<EditActions>,
    own: &Own,
    said: &RemedyClaimByExternalId,
    (locked, id): (Locked, RemedyClaimId),
) -> Result<Locked, Error> {
    let before = locked.action.meta.version;
    let kept = told(tx, member, said, (locked, id))?;
    own.give(tx, id)?;
    steps::touch(tx, kept, before, "action.remedy_claimed")
}

/// A claim that is new, with its ruling where there is one already.
fn filed(
    tx: &mut Tx<'_>,
    member: &Member<EditActions>,
    own: &Own,
    said: &RemedyClaimByExternalId,
    (locked, id): (Locked, RemedyClaimId),
) -> Result<Locked, Error> {
    let (kind, filed_on) = (required(said.kind, "kind")?, required(said.filed_on, "filed_on")?);
    let ruling = said.ruling()?;
    let changed = carry_out(tx, member, locked, "action.remedy_claimed", |asked, _, now| {
        let (available, is_decided) = (asked.standing.remedy, !asked.is_open());
        let step = asked.step.with_claim(id, (kind, filed_on.into()), available, is_decided, now)?;
        match ruling {
            Some(ruling) => step.with_ruling(id, ruling, now).map_err(ruling_pointer).map_err(Error::from),
            None => Ok(step),
        }
    })?;
    own.give(tx, id)?;
    Ok(changed.locked())
}

/// The date of the ruling has another name here than where a ruling stands by itself.
fn ruling_pointer(mut fault: Fault) -> Fault {
    for culprit in fault.culprits.iter_mut().filter(|culprit| culprit.pointer == "/on") {
        "/ruled_on".clone_into(&mut culprit.pointer);
    }
    fault
}
