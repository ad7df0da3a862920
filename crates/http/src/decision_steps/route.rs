//! A whole route in one call: its steps by their external ids, what they wait for, and their meetings.

use super::bookings::by_external_id::{BookingByExternalId, within};
use super::by_external_id::put_step;
use super::input::by_external_id::DecisionStepByExternalId;
use super::view::{DecisionStepView, Telling};
use crate::actions::EditActions;
use crate::answer::{Answer, Done, Listing};
use crate::app::App;
use crate::auth::Member;
use crate::external_ids::{Own, require_same};
use crate::extract::{Incoming, Path};
use crate::patch::present;
use crate::problem::Problem;
use actix_web::{put, web::Data};
use serde::Deserialize;
use utoipa::ToSchema;
use yhteen_domain::decision_steps::route_order;
use yhteen_domain::external_ids::ExternalId;
use yhteen_domain::ids::{ActionId, Id, OrganisationId, StepId};
use yhteen_domain::{Fault, message};
use yhteen_persistence::decision_steps;
use yhteen_persistence::idempotency::Guard;
use yhteen_persistence::standings::recorded;
use yhteen_persistence::{Error, Tx, actions, organisations};

/// The most steps that one call may name.
const MOST: usize = 50;

/// A step of a route, by what the organisation's own system calls it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RouteStep {
    external_id: ExternalId,
    /// What is known of it: as of a decision step by its external id. The action is that in the path.
    step: DecisionStepByExternalId,
    /// What is known of its meeting, if anything: as of a booking by external id.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    booking: Option<BookingByExternalId>,
}

/// A route by what an organisation's own system calls its steps. Steps that are not named stay as they are.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "steps": [
        {
            "external_id": {"source": "asianhallinta.example.org", "value": "KOT/12/2026/2"},
            "step": {
                "body_id": "01980000-0000-7000-8000-000000000006",
                "title": {"fi": "Kaupunginvaltuusto päättää"},
                "function": "decision",
                "authoritative": true,
                "depends_on": [{"source": "asianhallinta.example.org", "value": "KOT/12/2026/1"}]
            },
            "booking": {"meeting": {"source": "asianhallinta.example.org", "value": "KV/2026/5"}}
        },
        {
            "external_id": {"source": "asianhallinta.example.org", "value": "KOT/12/2026/1"},
            "step": {
                "body_id": "01980000-0000-7000-8000-000000000007",
                "title": {"fi": "Kaupunginhallitus esittää"},
                "function": "preparation",
                "authoritative": false
            }
        }
    ]
})))]
pub struct RouteByExternalIds {
    /// From 1 to 50, in any order; one may depend on another of the same call.
    #[schema(min_items = 1, max_items = 50)]
    steps: Vec<RouteStep>,
}

/// Say what is known of an action's route.
///
/// All steps with what they wait for and their meetings, or nothing: each as by its own external id, those first on which
/// others depend. Steps that would wait for each other are named. Steps that are not named stay as they are. What is so
/// already changes nothing. Answers with all steps of the action.
#[utoipa::path(tag = "Decision steps", request_body = RouteByExternalIds, security(("oauth2" = ["actions:write"])),
    responses((status = 200, description = "The decision steps as they are now", body = Listing<DecisionStepView>)))]
#[put("/api/v1/organisations/{organisation_id}/actions/{action_id}/route")]
pub async fn put_action_route(
    member: Member<EditActions>,
    app: Data<App>,
    path: Path<(OrganisationId, ActionId)>,
    incoming: Incoming<RouteByExternalIds>,
) -> Result<Done, Problem> {
    let fresh: Vec<StepId> = (0..MOST).map(|_| app.fresh()).collect();
    app.write(member, incoming, move |tx, member, incoming| {
        let (organisation, action_id) = path.get()?;
        organisations::find(tx, organisation)?;
        let action = actions::lock(tx, member.scope(), action_id)?;
        let RouteByExternalIds { steps } = incoming.body()?;
        member.require(organisation)?;
        tx.act_for(organisation);
        incoming.expect_if_given(action.meta.version)?;
        for index in order(steps)? {
            let (Some(step), Some(id)) = (steps.get(index), fresh.get(index)) else { continue };
            step.said(tx, member, (organisation, action_id), *id, index)?;
        }
        for (index, step) in steps.iter().enumerate() {
            step.booked(tx, member, organisation, index)?;
        }
        answer(tx, member, action_id)
    })
    .await
}

/// The places of the steps, those first on which others depend.
fn order(steps: &[RouteStep]) -> Result<Vec<usize>, Fault> {
    if steps.is_empty() || steps.len() > MOST {
        let detail = message!(
            fi: "Yhdessä pyynnössä on 1–{MOST} vaihetta.",
            sv: "En begäran har 1–{MOST} steg.",
            en: "One request has from 1 to {MOST} steps."
        );
        return Err(Fault::invalid("/steps", "out_of_range", detail));
    }
    let named: Vec<_> = steps.iter().map(|step| (step.external_id.clone(), step.step.named_steps())).collect();
    route_order(&named)
}

impl RouteStep {
    /// The external id as the organisation's own.
    fn own(&self, organisation_id: OrganisationId) -> Own {
        Own { organisation_id, external_id: self.external_id.clone() }
    }

    /// The step as it is said to be.
    fn said(
        &self,
        tx: &mut Tx<'_>,
        member: &Member<EditActions>,
        (organisation, action): (OrganisationId, ActionId),
        id: StepId,
        index: usize,
    ) -> Result<(), Error> {
        let done = require_same(self.step.action_id, action, "action_id").map_err(Error::from).and_then(|()| {
            let mut said = self.step.clone();
            said.action_id = Some(action);
            put_step(tx, member, &self.own(organisation), &said, id, |_| Ok(()))
        });
        done.map(drop).map_err(|error| within(error, &format!("/steps/{index}/step")))
    }

    /// The step with its meeting, where one is named.
    fn booked(
        &self,
        tx: &mut Tx<'_>,
        member: &Member<EditActions>,
        organisation: OrganisationId,
        index: usize,
    ) -> Result<(), Error> {
        let Some(booking) = &self.booking else { return Ok(()) };
        let own = self.own(organisation);
        let id: StepId = own.known(tx)?;
        let locked = decision_steps::lock(tx, member.scope(), id)?;
        booking.carried_out(tx, member, &own, locked, &format!("/steps/{index}/booking")).map(drop)
    }
}

/// All steps of the action as they are now.
fn answer(tx: &mut Tx<'_>, member: &Member<EditActions>, action: ActionId) -> Result<Answer, Error> {
    let (action, now) = (actions::find(tx, member.scope(), action)?, tx.now());
    let steps = decision_steps::of_action(tx, action.id)?;
    let recorded = recorded(tx, member.scope(), &action, &steps, now)?;
    let items = Telling::new(&action, &recorded, member).steps(steps)?;
    Ok(Answer::done(&Listing { items, next: None }, Guard::Sees(action.id.uuid())))
}
