//! Remedies sought against decisions, over HTTP: recorded by the body's own organisation, with their rulings.

mod by_external_id;

use super::Shown;
use super::change::{Ask, Asked, By, change_and_tell};
use super::view::Telling;
use crate::actions::{EditActions, ReadActions};
use crate::answer::{Done, Versioned};
use crate::app::App;
use crate::auth::{Member, Reader};
use crate::extract::{Incoming, Path};
use crate::problem::Problem;
use actix_web::{get, post, web::Data};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use yhteen_domain::Fault;
use yhteen_domain::decision_steps::DecisionStep;
use yhteen_domain::external_ids::ExternalId;
use yhteen_domain::ids::{HandlingId, RemedyClaimId, StepId};
use yhteen_domain::remedy_claims::{Claim, Ruling, RulingOutcome};
use yhteen_domain::time::{Day, Instant};
use yhteen_domain::vocabulary::Remedy;
use yhteen_persistence::decision_steps::{self as steps, Part};
use yhteen_persistence::external_ids::ExternalIds;
use yhteen_persistence::{Error, Tx};

/// The operations on claims.
pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(create_remedy_claim)
        .service(get_remedy_claim)
        .service(rule_on_remedy_claim)
        .service(by_external_id::put_remedy_claim)
        .service(by_external_id::get_remedy_claim_by_external_id);
}

/// A claim for rectification, or an appeal.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"kind": "rectification", "filed_on": "2026-03-12"})))]
pub struct NewRemedyClaim {
    kind: Remedy,
    /// The date on which it was filed.
    filed_on: Day,
}

/// How a claim was decided.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"outcome": "dismissed", "on": "2026-04-20"})))]
pub struct NewRuling {
    outcome: RulingOutcome,
    /// The date of the ruling; of a dismissed claim for rectification, the date of notice, from which the 30 days of the
    /// appeal run.
    on: Day,
}

/// A remedy sought against the decision of a step.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RemedyClaim)]
pub struct ClaimView {
    id: RemedyClaimId,
    decision_step_id: StepId,
    /// The record of the decision that it is against.
    handling_id: HandlingId,
    kind: Remedy,
    /// The date on which it was filed.
    filed_on: NaiveDate,
    /// How it was decided; null while it waits for its ruling, which holds legal force back.
    #[schema(required)]
    ruling: Option<RulingOutcome>,
    /// The date of the ruling; of a dismissed claim for rectification, the date of notice.
    #[schema(required)]
    ruled_on: Option<NaiveDate>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// How the body's organisation knows it, for who reads for that organisation.
    external_ids: Vec<ExternalId>,
}

impl ClaimView {
    /// As its reader is told of it.
    pub(super) fn of(claim: Claim, external_ids: &ExternalIds) -> Self {
        let Claim { id, step_id, handling_id, kind, filed_on, ruling, created_at, updated_at } = claim;
        Self {
            id,
            decision_step_id: step_id,
            handling_id,
            kind,
            filed_on,
            ruling: ruling.map(|ruling| ruling.outcome),
            ruled_on: ruling.map(|ruling| ruling.on),
            created_at,
            updated_at,
            external_ids: external_ids.of(id),
        }
    }
}

/// Record a remedy sought against a decision.
///
/// The body's own organisation does this. A claim without a ruling holds legal force back. An appeal against a board's
/// decision follows a dismissed claim for rectification (Local Government Act 410/2015 §134, §135).
#[utoipa::path(tag = "Handlings", request_body = NewRemedyClaim, security(("oauth2" = ["actions:write"])),
    responses((status = 201, description = "Recorded", body = ClaimView)))]
#[post("/api/v1/decision-steps/{decision_step_id}/remedy-claims")]
pub async fn create_remedy_claim(
    member: Member<EditActions>,
    app: Data<App>,
    path: Path<StepId>,
    incoming: Incoming<NewRemedyClaim>,
) -> Result<Done, Problem> {
    let id = app.fresh();
    let location = app.url(&format!("/api/v1/remedy-claims/{id}"));
    let rule = move |asked: Asked, _: &mut Tx<'_>, NewRemedyClaim { kind, filed_on }: &NewRemedyClaim, now| {
        let (available, is_decided) = (asked.standing.remedy, !asked.is_open());
        Ok(asked.step.with_claim(id, (*kind, (*filed_on).into()), available, is_decided, now)?)
    };
    record(id, Some(location), (member, app, path, incoming), "action.remedy_claimed", rule).await
}

/// Get a remedy sought against a decision.
#[utoipa::path(tag = "Handlings", security((), ("oauth2" = ["actions:read"])),
    responses((status = 200, description = "The claim", body = ClaimView)))]
#[get("/api/v1/remedy-claims/{remedy_claim_id}")]
pub async fn get_remedy_claim(
    reader: Reader<ReadActions>,
    app: Data<App>,
    path: Path<RemedyClaimId>,
) -> Result<Versioned<ClaimView>, Problem> {
    let id = path.get()?;
    let Shown { version, step, external_ids } =
        super::shown_step(&app, &reader, move |db, scope| steps::of_part(db, scope, Part::Claim(id))).await?;
    let claim = step.claims.into_iter().find(|claim| claim.id == id).ok_or_else(Fault::not_found)?;
    Ok(Versioned { version, view: ClaimView::of(claim, &external_ids) })
}

/// Record the ruling on a remedy.
///
/// The body's own organisation does this. A dismissed claim for rectification opens the 30 days of the appeal; a claim
/// that is upheld makes the decision count as rejected.
#[utoipa::path(tag = "Handlings", request_body = NewRuling, security(("oauth2" = ["actions:write"])),
    responses((status = 200, description = "As it is now", body = ClaimView)))]
#[post("/api/v1/remedy-claims/{remedy_claim_id}:rule")]
pub async fn rule_on_remedy_claim(
    member: Member<EditActions>,
    app: Data<App>,
    path: Path<RemedyClaimId>,
    incoming: Incoming<NewRuling>,
) -> Result<Done, Problem> {
    let (id, scope) = (path.get()?, member.scope().clone());
    let step = app.store.read(move |db| steps::of_part(db, &scope, Part::Claim(id))).await?;
    let rule = move |asked: Asked, _: &mut Tx<'_>, NewRuling { outcome, on }: &NewRuling, now| {
        Ok(asked.step.with_ruling(id, Ruling { outcome: *outcome, on: (*on).into() }, now)?)
    };
    record(id, None, (member, app, Path::to(step), incoming), "action.remedy_ruled", rule).await
}

/// Keeps a claim and answers with it.
async fn record<T: Send + Sync + 'static>(
    id: RemedyClaimId,
    location: Option<String>,
    ask: Ask<T>,
    kind: &'static str,
    rule: impl Fn(Asked, &mut Tx<'_>, &T, Instant) -> Result<DecisionStep, Error> + Send + Sync + 'static,
) -> Result<Done, Problem> {
    let tell = move |telling: &Telling<'_>, step: DecisionStep| {
        let claim = step.claims.into_iter().find(|claim| claim.id == id).ok_or_else(Fault::not_found)?;
        Ok((location.clone(), ClaimView::of(claim, &telling.recorded.external_ids)))
    };
    change_and_tell(ask, kind, By::Body, rule, tell).await
}
