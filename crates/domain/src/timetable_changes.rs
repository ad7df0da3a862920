//! What is told of a timetable when it changes, and when there is anything to tell.

use crate::timetable::{Summary, Verdict};
// The schemas know chrono's types by their own names.
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is told of the timetable of an action. Nothing of its steps, bodies or meetings: whoever sees the action may
/// know all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TimetableState {
    /// Whether the action can start as planned.
    pub verdict: Verdict,
    /// The first date on which the action can start.
    #[schema(required)]
    pub earliest_on: Option<NaiveDate>,
    /// Days from the planned start to that date, not below 0.
    #[schema(required)]
    pub delay_days: Option<i64>,
    /// The least slack of the steps that wait to be handled and that the start needs.
    #[schema(required)]
    pub slack_days: Option<i64>,
}

/// How the timetable of an action has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = TimetableChanged, examples(json!({
    "before": {"verdict": "feasible", "earliest_on": "2026-08-11", "delay_days": 0, "slack_days": 7},
    "after": {"verdict": "late", "earliest_on": "2026-09-08", "delay_days": 7, "slack_days": 0}
})))]
pub struct TimetableChange {
    /// What was told the last time; null where nothing was ever told.
    #[schema(required)]
    pub before: Option<TimetableState>,
    /// What holds now.
    pub after: TimetableState,
}

impl From<Summary> for TimetableState {
    fn from(summary: Summary) -> Self {
        // The planned start is the action's own, which tells of it by itself.
        let Summary { verdict, target_on: _, earliest_on, delay_days, slack_days } = summary;
        Self { verdict, earliest_on, delay_days, slack_days }
    }
}

impl TimetableState {
    /// That of an action of which nothing can be computed.
    pub const UNKNOWN: Self = Self { verdict: Verdict::Unknown, earliest_on: None, delay_days: None, slack_days: None };
}

/// What was last told of a timetable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// Counts what was told, from 1.
    pub version: i64,
    /// What that was.
    pub state: TimetableState,
}

impl Told {
    /// What there is to tell now, and what that changes; nothing where it was told before. An action whose decisions
    /// nobody has planned has no timetable to speak of, unless one was told of already.
    pub fn next(told: Option<Self>, state: TimetableState, has_steps: bool) -> Option<(Self, TimetableChange)> {
        let before = told.map(|told| told.state);
        let says_nothing = before.map_or(!has_steps, |before| before == state);
        let version = told.map_or(0, |told| told.version) + 1;
        (!says_nothing).then_some((Self { version, state }, TimetableChange { before, after: state }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_from_what_was_told_is_told() {
        let feasible = TimetableState { verdict: Verdict::Feasible, slack_days: Some(7), ..TimetableState::UNKNOWN };
        let tighter = TimetableState { slack_days: Some(0), ..feasible };
        assert_eq!(Told::next(None, feasible, false), None);
        let (first, change) = Told::next(None, feasible, true).unwrap();
        assert_eq!((first.version, change), (1, TimetableChange { before: None, after: feasible }));
        assert_eq!(Told::next(Some(first), feasible, true), None);
        let (second, change) = Told::next(Some(first), tighter, true).unwrap();
        assert_eq!((second.version, change), (2, TimetableChange { before: Some(feasible), after: tighter }));
        // Its steps are gone, and with them what was told of them.
        let (third, _) = Told::next(Some(second), feasible, false).unwrap();
        assert_eq!((third.version, Told::next(Some(third), feasible, false)), (3, None));
    }
}
