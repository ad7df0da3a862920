//! A timetable in one line, to compare it with others and with itself at another time.

use super::answer::{StepState, Timetable, Verdict};
// The schemas know chrono's types by their own names.
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

/// What matters most of a timetable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TimetableSummary)]
pub struct Summary {
    /// Whether the action can start as planned.
    pub verdict: Verdict,
    /// The action's planned start.
    #[schema(required)]
    pub target_on: Option<NaiveDate>,
    /// The first date on which the action can start.
    #[schema(required)]
    pub earliest_on: Option<NaiveDate>,
    /// Days from the planned start to that date, not below 0.
    #[schema(required)]
    pub delay_days: Option<i64>,
    /// The least slack of the steps that wait to be handled and that the start needs; null where there are none, or
    /// where the slack cannot be said.
    #[schema(required)]
    pub slack_days: Option<i64>,
}

impl Timetable {
    /// The timetable in one line.
    pub fn summary(&self) -> Summary {
        let open = self.steps.iter().filter(|step| step.state != StepState::Decided);
        Summary {
            verdict: self.verdict,
            target_on: self.target_on,
            earliest_on: self.start.earliest_on,
            delay_days: self.start.delay_days,
            slack_days: open.filter_map(|step| step.slack_days).min(),
        }
    }
}
