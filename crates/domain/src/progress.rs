//! Progress: how far the actions of a programme have come, and which reports on them are there for one period.
//!
//! It is counted over what one reader sees. An action that the reader does not see is not there, and a report that it
//! does not see counts as missing: so nobody learns from the numbers that something unseen exists.

use crate::actions::ActionStatus;
use crate::goals::Tree;
use crate::ids::{ActionId, GoalId, OrganisationId};
use crate::reports::{REPORTED, ReportState};
use crate::time::Date;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// An action that the reader sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenAction {
    /// The action.
    pub id: ActionId,
    /// Where it stands.
    pub status: ActionStatus,
    /// The day on which it was completed.
    pub ended_on: Option<Date>,
}

/// A committed participant of an action that the reader sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The action.
    pub action_id: ActionId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// It is accountable for it, carries it out or pays for it.
    pub owes: bool,
}

/// A report for the period that the reader sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenReport {
    /// The action.
    pub action_id: ActionId,
    /// The organisation that reports.
    pub organisation_id: OrganisationId,
    /// Where it stands.
    pub state: ReportState,
}

/// What progress is counted over.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The programme's actions.
    pub actions: Vec<SeenAction>,
    /// Their committed participants.
    pub parts: Vec<Part>,
    /// The reports for the period.
    pub reports: Vec<SeenReport>,
    /// Which goals the actions serve.
    pub serves: Vec<(ActionId, GoalId)>,
    /// The programme's goals, in order.
    pub goals: Vec<GoalId>,
    /// How the goals stand under each other.
    pub tree: Tree,
}

/// How many actions and reports there are of each sort.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// The actions by status; a status without any is absent.
    pub actions: BTreeMap<ActionStatus, u32>,
    /// The reports.
    pub reports: ReportCounts,
}

/// How many reports there are, and are not: owed is the sum of the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReportCounts {
    /// One for each action that is reported on and each organisation that owes a report on it.
    pub owed: u32,
    /// Submitted, and not accepted yet.
    pub submitted: u32,
    /// Accepted; a later revision that is under way changes nothing.
    pub accepted: u32,
    /// Neither: not begun, in draft, returned, or not for the reader's eyes.
    pub missing: u32,
}

/// The progress of a programme.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// All in all.
    pub total: Counts,
    /// By goal, in the order of the goals: the actions that serve the goal or one below it, each once.
    pub goals: Vec<(GoalId, Counts)>,
    /// By organisation: the actions that it is committed to, and the reports that it owes.
    pub organisations: BTreeMap<OrganisationId, Counts>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reported {
    Missing,
    Submitted,
    Accepted,
}

impl Counts {
    fn add_action(&mut self, status: ActionStatus) {
        *self.actions.entry(status).or_default() += 1;
    }
}

impl ReportCounts {
    fn add(&mut self, report: Reported) {
        self.owed += 1;
        match report {
            Reported::Missing => self.missing += 1,
            Reported::Submitted => self.submitted += 1,
            Reported::Accepted => self.accepted += 1,
        }
    }
}

impl SeenAction {
    /// Whether reports on it are owed for a period that begins on the day: what was completed before is done with.
    fn is_owed(&self, period_starts_on: Date) -> bool {
        REPORTED.contains(&self.status) && self.ended_on.is_none_or(|ended| ended >= period_starts_on)
    }
}

impl Facts {
    /// Counts the progress for a period that begins on the day; without one, no report is owed.
    pub fn roll_up(&self, period_starts_on: Option<Date>) -> Progress {
        let reported = self.reported();
        let actions: HashMap<_, _> = self.actions.iter().map(|action| (action.id, action)).collect();
        let above = self.goals_of_actions();
        let mut progress = Progress::default();
        let mut goals: HashMap<GoalId, Counts> = HashMap::new();
        for action in &self.actions {
            progress.total.add_action(action.status);
            for goal in above.get(&action.id).into_iter().flatten() {
                goals.entry(*goal).or_default().add_action(action.status);
            }
        }
        for part in &self.parts {
            let Some(action) = actions.get(&part.action_id) else { continue };
            let own = progress.organisations.entry(part.organisation_id).or_default();
            own.add_action(action.status);
            if !part.owes || !period_starts_on.is_some_and(|on| action.is_owed(on)) {
                continue;
            }
            let report = reported.get(&(part.action_id, part.organisation_id)).copied().unwrap_or(Reported::Missing);
            own.reports.add(report);
            progress.total.reports.add(report);
            for goal in above.get(&part.action_id).into_iter().flatten() {
                goals.entry(*goal).or_default().reports.add(report);
            }
        }
        progress.goals = self.goals.iter().map(|goal| (*goal, goals.remove(goal).unwrap_or_default())).collect();
        progress
    }

    /// The furthest of the reports on the same, among those that count.
    fn reported(&self) -> HashMap<(ActionId, OrganisationId), Reported> {
        let mut furthest = HashMap::new();
        for report in &self.reports {
            let reported = match report.state {
                ReportState::Accepted => Reported::Accepted,
                ReportState::Submitted => Reported::Submitted,
                ReportState::Draft | ReportState::Returned => continue,
            };
            let known = furthest.entry((report.action_id, report.organisation_id)).or_insert(reported);
            *known = reported.max(*known);
        }
        furthest
    }

    /// The goals that each action serves, and all above them.
    fn goals_of_actions(&self) -> HashMap<ActionId, BTreeSet<GoalId>> {
        let mut above: HashMap<ActionId, BTreeSet<GoalId>> = HashMap::new();
        for (action, goal) in &self.serves {
            above.entry(*action).or_default().extend(self.tree.upwards(*goal));
        }
        above
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const YEAR: &str = "2026-01-01";

    fn number<T: crate::ids::Id>(number: u128) -> T {
        T::from_uuid(uuid::Uuid::from_u128(number))
    }

    fn action(id: u128, status: ActionStatus) -> SeenAction {
        SeenAction { id: number(id), status, ended_on: None }
    }

    fn part(action: u128, organisation: u128, owes: bool) -> Part {
        Part { action_id: number(action), organisation_id: number(organisation), owes }
    }

    fn report(action: u128, organisation: u128, state: ReportState) -> SeenReport {
        SeenReport { action_id: number(action), organisation_id: number(organisation), state }
    }

    fn counts(owed: u32, submitted: u32, accepted: u32, missing: u32) -> ReportCounts {
        ReportCounts { owed, submitted, accepted, missing }
    }

    #[test]
    fn reports_are_owed_on_actions_from_their_agreement_on() {
        let check = |status, ended_on: Option<&str>, expect| {
            let ended_on = ended_on.map(|day| day.parse().unwrap());
            let actions = vec![SeenAction { ended_on, ..action(1, status) }];
            let facts = Facts { actions, parts: vec![part(1, 7, true), part(1, 8, false)], ..Facts::default() };
            let progress = facts.roll_up(Some(YEAR.parse().unwrap()));
            assert_eq!(progress.total.reports.owed, expect, "{status}, ended on {ended_on:?}");
            assert_eq!(progress.total.actions, [(status, 1)].into());
            assert_eq!(progress.organisations[&number(8)].actions, [(status, 1)].into());
            assert_eq!(progress.organisations[&number(8)].reports, counts(0, 0, 0, 0));
        };
        check(ActionStatus::Draft, None, 0);
        check(ActionStatus::Proposed, None, 0);
        check(ActionStatus::Agreed, None, 1);
        check(ActionStatus::InProgress, None, 1);
        check(ActionStatus::OnHold, None, 1);
        check(ActionStatus::Cancelled, None, 0);
        check(ActionStatus::Completed, Some("2026-01-01"), 1);
        check(ActionStatus::Completed, Some("2025-12-31"), 0);
    }

    #[test]
    fn the_furthest_report_counts() {
        use ReportState::{Accepted, Draft, Returned, Submitted};
        let check = |states: &[ReportState], expect| {
            let facts = Facts {
                actions: vec![action(1, ActionStatus::Agreed)],
                parts: vec![part(1, 7, true)],
                reports: states.iter().map(|state| report(1, 7, *state)).collect(),
                ..Facts::default()
            };
            assert_eq!(facts.roll_up(Some(YEAR.parse().unwrap())).total.reports, expect, "{states:?}");
        };
        check(&[], counts(1, 0, 0, 1));
        check(&[Draft], counts(1, 0, 0, 1));
        check(&[Returned], counts(1, 0, 0, 1));
        check(&[Submitted], counts(1, 1, 0, 0));
        check(&[Accepted], counts(1, 0, 1, 0));
        check(&[Accepted, Draft], counts(1, 0, 1, 0));
        check(&[Submitted, Accepted], counts(1, 0, 1, 0));
    }

    #[test]
    fn what_nobody_owes_and_what_is_not_seen_does_not_count() {
        let facts = Facts {
            actions: vec![action(1, ActionStatus::Agreed)],
            parts: vec![part(1, 7, true), part(2, 7, true)],
            reports: vec![report(1, 8, ReportState::Accepted), report(2, 7, ReportState::Accepted)],
            ..Facts::default()
        };
        let progress = facts.roll_up(Some(YEAR.parse().unwrap()));
        assert_eq!(progress.total.reports, counts(1, 0, 0, 1));
        assert_eq!(progress.organisations.len(), 1);
    }

    #[test]
    fn a_goal_counts_what_serves_it_or_one_below_it_once() {
        // 1 over 2; 3 alone. The first action serves 1 and 2, the second 2, the third nothing.
        let tree: Tree = [(number(1), None), (number(2), Some(number(1))), (number(3), None)].into_iter().collect();
        let facts = Facts {
            actions: (1..=3).map(|id| action(id, ActionStatus::InProgress)).collect(),
            parts: vec![part(1, 7, true), part(1, 8, true), part(2, 7, true), part(3, 7, true)],
            reports: vec![report(1, 7, ReportState::Accepted), report(2, 7, ReportState::Submitted)],
            serves: [(1, 1), (1, 2), (2, 2)].map(|(action, goal)| (number(action), number(goal))).to_vec(),
            goals: vec![number(3), number(1), number(2)],
            tree,
        };
        let progress = facts.roll_up(Some(YEAR.parse().unwrap()));
        assert_eq!(progress.total.reports, counts(4, 1, 1, 2));
        let goals: Vec<_> = progress.goals.iter().map(|(_, counts)| counts.reports).collect();
        assert_eq!(goals, [counts(0, 0, 0, 0), counts(3, 1, 1, 1), counts(3, 1, 1, 1)]);
        assert_eq!(progress.goals[1].1.actions, [(ActionStatus::InProgress, 2)].into());
        assert_eq!(progress.organisations[&number(7)].reports, counts(3, 1, 1, 1));
        assert_eq!(progress.organisations[&number(8)].reports, counts(1, 0, 0, 1));
    }
}
