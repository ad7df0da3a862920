//! The timetable of one action as it stands among those of many: in a few lines, and in the order of urgency.

use super::answer::{Blocking, StepState, Timetable, Verdict};
use super::summary::Summary;
use crate::fault::Fault;
use crate::ids::{BodyId, OrganisationId, StepId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The step of an action that is to act next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TimetableNextStep)]
pub struct NextStep {
    /// The step.
    pub step_id: StepId,
    /// Its body; null where the reader may not know it.
    #[schema(required)]
    pub body_id: Option<BodyId>,
    /// The organisation of the body.
    pub organisation_id: OrganisationId,
    /// Whether the reader sees no more of it than its dates.
    pub opaque: bool,
    /// The last moment to hand it in for the first meeting at which it can be handled.
    pub agenda_deadline: DateTime<Utc>,
}

/// What matters most of the timetable of one action among many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// The timetable in one line.
    pub summary: Summary,
    /// The roots of why it cannot be said, or cannot be.
    pub blocking: Vec<Blocking>,
    /// The step that is to act next.
    pub next_step: Option<NextStep>,
    /// Why nothing could be computed, where that is so: the verdict is `unknown` then.
    pub refused: Option<&'static str>,
}

/// How urgent an action is by its timetable: the lesser, the more.
///
/// First those that cannot start as things stand; then the late ones, the greatest delay first; then those of which it
/// cannot be said; then those that can start as planned, the least slack first and those in which nothing more can slip
/// after them; then those without a planned start; last those for which nothing is planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Urgency {
    class: u8,
    days: i64,
}

impl Summary {
    /// How urgent the action is.
    pub fn urgency(&self) -> Urgency {
        let (class, days) = match (self.verdict, self.target_on, self.slack_days) {
            (Verdict::Infeasible, ..) => (0, 0),
            (Verdict::Late, ..) => (1, -self.delay_days.unwrap_or_default()),
            (Verdict::Unknown, ..) => (2, 0),
            (Verdict::Feasible, Some(_), Some(slack)) => (3, slack),
            (Verdict::Feasible, Some(_), None) => (4, 0),
            (Verdict::Feasible, None, _) => (5, 0),
            (Verdict::NotApplicable, ..) => (6, 0),
        };
        Urgency { class, days }
    }
}

impl Timetable {
    /// The step to be handed in first of those that are not decided and not on an agenda yet, each at the first meeting
    /// at which it can be handled.
    pub fn next_step(&self) -> Option<NextStep> {
        let waiting = self.steps.iter().filter(|step| matches!(step.state, StepState::Open | StepState::Booked));
        let steps = waiting.filter_map(|step| {
            Some(NextStep {
                step_id: step.step_id,
                body_id: step.body_id,
                organisation_id: step.organisation_id,
                opaque: step.opaque,
                agenda_deadline: step.earliest?.agenda_deadline,
            })
        });
        steps.min_by_key(|step| (step.agenda_deadline, step.step_id))
    }
}

impl From<Timetable> for Outlook {
    fn from(timetable: Timetable) -> Self {
        let (summary, next_step) = (timetable.summary(), timetable.next_step());
        Self { summary, blocking: timetable.blocking, next_step, refused: None }
    }
}

impl Outlook {
    /// That of an action with this planned start, of which nothing can be computed.
    pub fn refused(target_on: Option<chrono::NaiveDate>, fault: &Fault) -> Self {
        let summary =
            Summary { verdict: Verdict::Unknown, target_on, earliest_on: None, delay_days: None, slack_days: None };
        Self { summary, blocking: Vec::new(), next_step: None, refused: Some(fault.code.name) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_urgent_come_first() {
        let line = |verdict, delay_days, slack_days, planned: bool| {
            let target_on = planned.then(|| "2026-09-01".parse().unwrap());
            Summary { verdict, target_on, earliest_on: None, delay_days, slack_days }.urgency()
        };
        let order = [
            line(Verdict::Infeasible, None, None, true),
            line(Verdict::Late, Some(30), Some(0), true),
            line(Verdict::Late, Some(2), Some(0), true),
            line(Verdict::Unknown, None, None, true),
            line(Verdict::Feasible, Some(0), Some(0), true),
            line(Verdict::Feasible, Some(0), Some(21), true),
            line(Verdict::Feasible, Some(0), None, true),
            line(Verdict::Feasible, None, None, false),
            line(Verdict::NotApplicable, None, None, true),
        ];
        assert!(order.is_sorted_by(|one, other| one < other), "{order:?}");
        assert_eq!(line(Verdict::Infeasible, None, None, false), order[0]);
    }
}
