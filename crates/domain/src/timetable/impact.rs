//! What changes do to the timetables of actions: before and after, for all that differs.

use super::answer::{Placement, StepState, StepTimetable, Timetable};
use super::calendar::Calendars;
use super::compute;
use super::model::Objective;
use super::summary::Summary;
use super::what_if::Situation;
use crate::fault::Fault;
use crate::ids::{ActionId, BodyId, OrganisationId, StepId};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What changes do to the timetable of one action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TimetableImpact)]
pub struct Impact {
    /// The action.
    pub action_id: ActionId,
    /// Its timetable as things stand.
    pub before: Summary,
    /// Its timetable after the changes.
    pub after: Summary,
    /// The steps for which anything differs, in the order in which they came to be.
    pub steps: Vec<StepImpact>,
}

/// What changes do to one step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TimetableStepImpact)]
pub struct StepImpact {
    /// The step.
    pub step_id: StepId,
    /// Its body; null where the reader may not know it.
    #[schema(required)]
    pub body_id: Option<BodyId>,
    /// The organisation of the body.
    pub organisation_id: OrganisationId,
    /// Whether the reader sees no more of it than its dates.
    pub opaque: bool,
    /// As things stand.
    pub before: StepOutlook,
    /// After the changes.
    pub after: StepOutlook,
}

/// When a step is to be handled, as far as it is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TimetableStepOutlook)]
pub struct StepOutlook {
    /// How far it has come.
    pub state: StepState,
    /// Its meeting in the plan for the objective.
    #[schema(required)]
    pub planned: Option<Placement>,
    /// The first meeting at which it can be handled.
    #[schema(required)]
    pub earliest: Option<Placement>,
    /// The last meeting at which it can be handled without the start moving.
    #[schema(required)]
    pub latest: Option<Placement>,
    /// Days from `earliest` to `latest`.
    #[schema(required)]
    pub slack_days: Option<i64>,
    /// Whether the start moves if it moves.
    pub critical: bool,
}

impl From<&StepTimetable> for StepOutlook {
    fn from(step: &StepTimetable) -> Self {
        Self {
            state: step.state,
            planned: step.planned,
            earliest: step.earliest,
            latest: step.latest,
            slack_days: step.slack_days,
            critical: step.critical,
        }
    }
}

/// The actions whose timetables differ between two situations, in the order of their identifiers. An action that
/// only one of them has, and one whose timetable cannot be computed as things stand, is left out.
///
/// # Errors
/// As [`Calendars::prepare`] and [`compute`], the latter for what cannot be computed after the changes alone.
pub fn impact(before: &Situation, after: &Situation, objective: Objective) -> Result<Vec<Impact>, Fault> {
    let calendars = Calendars::prepare(before.now, &before.bodies)?;
    let calendars_after = Calendars::prepare(after.now, &after.bodies)?;
    let mut impacts = Vec::new();
    for (id, route) in &before.routes {
        let Some(route_after) = after.routes.get(id) else { continue };
        let Ok(timetable) = compute(route, &calendars, objective) else { continue };
        let timetable_after = compute(route_after, &calendars_after, objective)?;
        impacts.extend(Impact::between(*id, &timetable, &timetable_after));
    }
    Ok(impacts)
}

impl Impact {
    /// What differs between two timetables of an action; nothing where nothing does.
    pub fn between(action_id: ActionId, before: &Timetable, after: &Timetable) -> Option<Self> {
        let now: BTreeMap<StepId, StepOutlook> =
            after.steps.iter().map(|step| (step.step_id, StepOutlook::from(step))).collect();
        let steps = before.steps.iter().filter_map(|step| {
            let before = StepOutlook::from(step);
            let after = *now.get(&step.step_id)?;
            (before != after).then_some(StepImpact {
                step_id: step.step_id,
                body_id: step.body_id,
                organisation_id: step.organisation_id,
                opaque: step.opaque,
                before,
                after,
            })
        });
        let impact = Self { action_id, before: before.summary(), after: after.summary(), steps: steps.collect() };
        impact.is_any().then_some(impact)
    }

    /// Whether anything differs.
    pub fn is_any(&self) -> bool {
        self.before != self.after || !self.steps.is_empty()
    }

    /// How many days later the action can start; the most of all where that is not known any more, the least where it
    /// was not known before.
    pub fn later_days(&self) -> i64 {
        match (self.before.earliest_on, self.after.earliest_on) {
            (Some(before), Some(after)) => after.signed_duration_since(before).num_days(),
            (Some(_), None) => i64::MAX,
            (None, Some(_)) => i64::MIN,
            (None, None) => 0,
        }
    }
}
