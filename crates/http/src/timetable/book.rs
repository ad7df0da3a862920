//! Books a whole plan: reserves its meetings for the caller's own bodies and proposes them to the others, or does nothing.

use super::plan_digest;
use crate::actions::EditActions;
use crate::answer::{Answer, Done, Listing};
use crate::app::App;
use crate::auth::Member;
use crate::decision_steps::view::{DecisionStepView, Telling};
use crate::extract::{Incoming, Path};
use crate::problem::Problem;
use actix_web::{post, web::Data};
use serde::Deserialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use yhteen_domain::Fault;
use yhteen_domain::actions::Action;
use yhteen_domain::bookings::{NO_PLAN, PLAN_CHANGED, Venue};
use yhteen_domain::decision_steps::DecisionStep;
use yhteen_domain::fault::Culprit;
use yhteen_domain::ids::{ActionId, Id, OrganisationId, StepId};
use yhteen_domain::time::date_of;
use yhteen_domain::timetable::{
    self as engine, BookingState, Calendars, Objective, Occasion, Placement, StepState, Timetable,
};
use yhteen_domain::vocabulary::Vocabulary;
use yhteen_persistence::decision_steps::{self, Of};
use yhteen_persistence::idempotency::Guard;
use yhteen_persistence::standings::recorded;
use yhteen_persistence::timetable::sources;
use yhteen_persistence::{Error, Tx, actions, bookings};

/// Which plan to book.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"plan_digest": "q1mzXcKpQ0m1tY2kq9fJ3w", "objective": "earliest"})))]
pub struct BookPlan {
    /// As the timetable for this objective told it.
    plan_digest: String,
    /// What the plan strives for; `earliest` where nothing is said.
    objective: Option<Objective>,
}

/// Book the plan of an action's timetable.
///
/// For the steps of your own organisations the planned meetings are reserved, to the others they are proposed: all of
/// them or none. This is for the accountable organisation and for those whose bodies have a step. It is refused where a
/// step, a meeting or the plan is another than the timetable told. Answers with all steps of the action.
#[utoipa::path(tag = "Timetables", request_body = BookPlan, security(("oauth2" = ["actions:write"])),
    responses((status = 200, description = "The steps with their bookings", body = Listing<DecisionStepView>)))]
#[post("/api/v1/actions/{action_id}/timetable:book")]
pub async fn book_action_timetable(
    member: Member<EditActions>,
    app: Data<App>,
    path: Path<ActionId>,
    incoming: Incoming<BookPlan>,
) -> Result<Done, Problem> {
    let keys = app.clone();
    app.write(member, incoming, move |tx, member, incoming| {
        let (id, now) = (path.get()?, tx.now());
        let action = actions::lock(tx, member.scope(), id)?;
        let BookPlan { plan_digest: given, objective } = incoming.body()?;
        let steps = decision_steps::of_action(tx, id)?;
        let acting = acting(member, &action, &steps)?;
        tx.act_for(acting);
        incoming.expect_if_given(action.meta.version)?;
        action.require_open()?;
        let sources = sources(tx, member.scope(), Of::Actions(&[id]))?;
        let known = sources.actions.first().ok_or_else(Fault::not_found)?;
        let calendars = Calendars::prepare(now, &sources.bodies)?;
        let plan = engine::compute(&known.route, &calendars, objective.unwrap_or(Objective::Earliest))?;
        if plan_digest(&keys.keys, &plan, known, &sources.bodies) != *given {
            return Err(changed().at("/plan_digest", "plan_changed", "The plan is another now.").into());
        }
        let booked = book(tx, member, acting, &plan, &steps)?;
        answer(tx, member, action, &steps, booked)
    })
    .await
}

/// The organisation for which the caller books: the accountable one, or else one with a step.
fn acting(member: &Member<EditActions>, action: &Action, steps: &[DecisionStep]) -> Result<OrganisationId, Fault> {
    let with_step = steps.iter().map(|step| step.organisation_id);
    let organisation = std::iter::once(action.accountable_id).chain(with_step).find(|it| member.may(*it));
    let organisation = organisation.unwrap_or(action.accountable_id);
    member.require(organisation)?;
    Ok(organisation)
}

/// The steps whose booking the plan makes another, as they are then.
fn book(
    tx: &mut Tx<'_>,
    member: &Member<EditActions>,
    acting: OrganisationId,
    plan: &Timetable,
    steps: &[DecisionStep],
) -> Result<Vec<DecisionStep>, Error> {
    if let Some(reason) = plan.not_applicable_reason {
        return Err(Fault::new(&NO_PLAN, reason.told()).at("", reason.as_str(), reason.told()).into());
    }
    if !plan.blocking.is_empty() {
        let culprits = plan.blocking.iter().map(|root| {
            let detail = format!("Decision step {} has no meeting: {}.", root.step_id, root.reason);
            Culprit::new("", root.reason.as_str(), detail)
        });
        return Err(Fault::new(&NO_PLAN, "Some steps have no meeting.").with(culprits).into());
    }
    let steps: BTreeMap<StepId, &DecisionStep> = steps.iter().map(|step| (step.id, step)).collect();
    let mut booked = Vec::new();
    for planned in plan.steps.iter().filter(|step| matches!(step.state, StepState::Open | StepState::Booked)) {
        // A step that the start does not need may have no meeting yet.
        let (Some(place), Some(step)) = (planned.planned, steps.get(&planned.step_id)) else { continue };
        let venue = venue(tx, step, place)?;
        let own = member.may(step.organisation_id);
        let asked = step.booking.as_ref().filter(|booking| booking.occasion == venue.occasion());
        let proposed = asked.is_some_and(|booking| booking.state == BookingState::Proposed);
        if asked.is_some() && step.stands_booked() || proposed && !own {
            continue;
        }
        let (step, now) = ((*step).clone(), tx.now());
        booked.push(if own { step.book(&venue, true, now)? } else { step.propose_booking(&venue, acting, true, now)? });
    }
    Ok(booked)
}

/// The planned place, which stays as it is until the transaction ends, if it still is what the plan says.
fn venue(tx: &mut Tx<'_>, step: &DecisionStep, place: Placement) -> Result<Venue, Error> {
    let occasion = place.meeting_id.map_or_else(|| Occasion::Day(date_of(place.decided_at)), Occasion::Meeting);
    let venue = bookings::venue(tx, step, occasion)?;
    match venue {
        Venue::Meeting { starts_at, cancelled, .. } if cancelled || starts_at != place.starts_at => {
            Err(changed().into())
        }
        Venue::Meeting { .. } | Venue::Day(_) => Ok(venue),
    }
}

fn changed() -> Fault {
    Fault::new(&PLAN_CHANGED, "The plan has changed: read the timetable again and book what it says now.")
}

/// Keeps what has changed, and answers with all steps.
fn answer(
    tx: &mut Tx<'_>,
    member: &Member<EditActions>,
    action: Action,
    before: &[DecisionStep],
    booked: Vec<DecisionStep>,
) -> Result<Answer, Error> {
    let now = tx.now();
    let action = if booked.is_empty() { action } else { action.touched(now)? };
    let mut booked: BTreeMap<StepId, DecisionStep> = booked.into_iter().map(|step| (step.id, step)).collect();
    let any = !booked.is_empty();
    let mut steps = Vec::new();
    for old in before {
        let step = booked.remove(&old.id).unwrap_or_else(|| old.clone());
        if step != *old {
            decision_steps::save(tx, old, &step)?;
        }
        steps.push(step);
    }
    if any {
        actions::save(tx, &action, "action.plan_booked")?;
    }
    let recorded = recorded(tx, member.scope(), &action, &steps, now)?;
    let items = Telling::new(&action, &recorded, member).steps(steps)?;
    Ok(Answer::done(&Listing { items, next: None }, Guard::Sees(action.id.uuid())))
}
