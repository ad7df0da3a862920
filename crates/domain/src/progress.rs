//! Progress: how far the actions of a programme have come, and how far the reports that are owed on them for one period.
//!
//! It is counted over the actions that one reader sees. Of a report on them that it does not see, it knows no more than
//! that it exists, once it has been submitted: whether it lies with the coordinator or was returned stays hidden, and so
//! does whether it is overdue, since that would tell of an extension. Every number is that of a list: the owed reports
//! with their organisations.

use crate::actions::ActionStatus;
use crate::audience::Key;
use crate::goals::Tree;
use crate::ids::{ActionId, GoalId, OrganisationId, ReportId};
use crate::owed_reports::{Days, History};
use crate::reporting_periods::Period;
use crate::reports::ReportState;
use crate::time::Date;
use std::collections::{BTreeMap, BTreeSet, HashMap};

crate::vocabulary! {
    /// How far an owed report has come, as far as the reader may know. A draft is known to its author alone: to others it
    /// is not started.
    OwedState {
        /// There is none, or a draft of which the reader may not know.
        NotStarted = "not_started",
        /// Being written; the reader reads for its author.
        Draft = "draft",
        /// Sent back to be completed.
        Returned = "returned",
        /// It has been submitted, and is no more known to the reader.
        Reported = "reported",
        /// With the coordinator.
        Submitted = "submitted",
        /// Accepted; a later revision that is under way changes nothing.
        Accepted = "accepted",
    }
}

impl OwedState {
    /// Whether the reader knows that it was handed in, and not that it came back.
    fn is_in(self) -> bool {
        matches!(self, Self::Reported | Self::Submitted | Self::Accepted)
    }
}

/// An action that the reader sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenAction {
    /// The action.
    pub id: ActionId,
    /// Where it stands.
    pub status: ActionStatus,
}

/// A report for the period on an action that the reader sees: one that it sees, or one that was ever submitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownReport {
    /// The action.
    pub action_id: ActionId,
    /// The organisation that reports.
    pub organisation_id: OrganisationId,
    /// The report and where it stands; nothing where the reader knows no more than that it was submitted.
    pub seen: Option<(ReportId, ReportState)>,
}

/// What progress is counted over.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The programme's actions.
    pub actions: Vec<SeenAction>,
    /// Who is committed to them now.
    pub committed: Vec<(ActionId, OrganisationId)>,
    /// What they and their participants were on the days of the period.
    pub history: History,
    /// The reports for the period.
    pub reports: Vec<KnownReport>,
    /// Which goals the actions serve.
    pub serves: Vec<(ActionId, GoalId)>,
    /// The programme's goals, in order.
    pub goals: Vec<GoalId>,
    /// How the goals stand under each other.
    pub tree: Tree,
}

/// A report that is owed, as far as the reader may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwedReport {
    /// The action.
    pub action_id: ActionId,
    /// The organisation that answers for it: the author where it is reported, else whoever owes it or has taken it over.
    pub organisation_id: OrganisationId,
    /// How far it has come.
    pub state: OwedState,
    /// The report in that state, where the reader sees it.
    pub report_id: Option<ReportId>,
    /// The day by which it is due, with the organisation's extension; nothing where the reader may not know of that.
    pub due_on: Option<Date>,
    /// How many days it is overdue: neither submitted nor accepted since the due day; 0 where it is not. Nothing where the
    /// reader may not know.
    pub days_overdue: Option<u32>,
}

/// Which of the owed reports are asked for.
#[derive(Clone, Debug, Default)]
pub struct OwedFilter {
    /// Only those for which one of these answers; all where empty.
    pub organisations: Vec<OrganisationId>,
    /// Only those on one of these actions; all where empty.
    pub actions: Vec<ActionId>,
    /// Only those on actions that serve this goal or one below it.
    pub goal: Option<GoalId>,
    /// Only those in one of these states; all where empty.
    pub states: Vec<OwedState>,
    /// Only those that are overdue, or that are not; one of which the reader may not know it is neither.
    pub overdue: Option<bool>,
}

/// How many actions and reports there are of each sort.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// The actions by status; a status without any is absent.
    pub actions: BTreeMap<ActionStatus, u32>,
    /// The reports.
    pub reports: ReportCounts,
}

/// How many reports are owed, and how far they have come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportCounts {
    /// Those that are owed, by state; a state without any is absent. Each is in one state.
    pub states: BTreeMap<OwedState, u32>,
    /// How many of them are overdue; nothing where the reader may not know it of each.
    pub overdue: Option<u32>,
}

impl Default for ReportCounts {
    fn default() -> Self {
        Self { states: BTreeMap::new(), overdue: Some(0) }
    }
}

impl ReportCounts {
    /// How many are owed in all.
    pub fn owed(&self) -> u32 {
        self.states.values().sum()
    }

    fn add(&mut self, report: &OwedReport) {
        *self.states.entry(report.state).or_default() += 1;
        self.overdue = self.overdue.zip(report.days_overdue).map(|(count, days)| count + u32::from(days > 0));
    }
}

/// The progress of a programme.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// All in all.
    pub total: Counts,
    /// By goal, in the order of the goals: the actions that serve the goal or one below it, each once.
    pub goals: Vec<(GoalId, Counts)>,
    /// By organisation: the actions that it is committed to now, and the reports that it answers for.
    pub organisations: BTreeMap<OrganisationId, Counts>,
}

impl Counts {
    fn add_action(&mut self, status: ActionStatus) {
        *self.actions.entry(status).or_default() += 1;
    }
}

/// The reports of one owed report, as far as they are known.
#[derive(Default)]
struct Known {
    state: Option<(OwedState, Option<ReportId>)>,
}

impl Known {
    fn add(&mut self, report: &KnownReport) {
        let (state, id) = match report.seen {
            None => (OwedState::Reported, None),
            Some((id, ReportState::Draft)) => (OwedState::Draft, Some(id)),
            Some((id, ReportState::Returned)) => (OwedState::Returned, Some(id)),
            Some((id, ReportState::Submitted)) => (OwedState::Submitted, Some(id)),
            Some((id, ReportState::Accepted)) => (OwedState::Accepted, Some(id)),
        };
        // Of two in one state, such as accepted revisions, the later one.
        self.state = self.state.max(Some((state, id)));
    }
}

impl Facts {
    /// The reports that are owed for a period as of today, in the order of action and organisation, as far as the holder
    /// of these keys may know.
    pub fn owed(&self, period: &Period, today: Date, keys: &BTreeSet<Key>) -> Vec<OwedReport> {
        let Some(days) = Days::so_far(&period.details, today) else { return Vec::new() };
        let mut by_author: HashMap<(ActionId, OrganisationId), Known> = HashMap::new();
        for report in &self.reports {
            by_author.entry((report.action_id, report.organisation_id)).or_default().add(report);
        }
        let of = |action, author| by_author.get(&(action, author)).and_then(|known| known.state);
        let has_reported = |action| move |author| of(action, author).is_some_and(|(state, _)| state.is_in());
        let answering: BTreeSet<(ActionId, OrganisationId)> = self
            .history
            .owing(days)
            .into_iter()
            .map(|(action, owing)| (action, self.history.lives.answering(owing, today, has_reported(action))))
            .collect();
        let lines: HashMap<OrganisationId, Vec<OrganisationId>> = answering
            .iter()
            .map(|(_, organisation)| (*organisation, self.history.lives.succeeded_by(*organisation, today)))
            .collect();
        let view = |(action_id, organisation_id): (ActionId, OrganisationId)| {
            let line = lines.get(&organisation_id).map(Vec::as_slice).unwrap_or_default();
            // What those have begun whose place it has taken is begun.
            let answers_for = |author: &&OrganisationId| {
                self.history.lives.answering(**author, today, has_reported(action_id)) == organisation_id
            };
            let known = line.iter().filter(answers_for).filter_map(|author| of(action_id, *author)).max();
            let (state, report_id) = known.unwrap_or((OwedState::NotStarted, None));
            let knows = keys.contains(&Key::Coordinator(period.programme_id))
                || keys.contains(&Key::Organisation(organisation_id));
            let extended = line.iter().filter_map(|organisation| period.extension(*organisation)).max();
            let due_on = extended.map_or(period.details.due_on, |until| until.max(period.details.due_on));
            let late = u32::try_from((today - due_on).num_days()).unwrap_or(0);
            let days_overdue = if state.is_in() { Some(0) } else { knows.then_some(late) };
            OwedReport { action_id, organisation_id, state, report_id, due_on: knows.then_some(due_on), days_overdue }
        };
        answering.into_iter().map(view).collect()
    }

    /// Counts the progress with the reports that are owed.
    pub fn roll_up(&self, owed: &[OwedReport]) -> Progress {
        let statuses: HashMap<_, _> = self.actions.iter().map(|action| (action.id, action.status)).collect();
        let above = self.goals_of_actions();
        let mut progress = Progress::default();
        let mut goals: HashMap<GoalId, Counts> = HashMap::new();
        for SeenAction { id, status } in &self.actions {
            progress.total.add_action(*status);
            for goal in above.get(id).into_iter().flatten() {
                goals.entry(*goal).or_default().add_action(*status);
            }
        }
        for (action, organisation) in &self.committed {
            let Some(status) = statuses.get(action) else { continue };
            progress.organisations.entry(*organisation).or_default().add_action(*status);
        }
        for report in owed {
            progress.total.reports.add(report);
            progress.organisations.entry(report.organisation_id).or_default().reports.add(report);
            for goal in above.get(&report.action_id).into_iter().flatten() {
                goals.entry(*goal).or_default().reports.add(report);
            }
        }
        progress.goals = self.goals.iter().map(|goal| (*goal, goals.remove(goal).unwrap_or_default())).collect();
        progress
    }

    /// Those of the owed reports that are asked for.
    pub fn narrowed(&self, owed: Vec<OwedReport>, filter: &OwedFilter) -> Vec<OwedReport> {
        fn any<T: PartialEq>(wanted: &[T], it: &T) -> bool {
            wanted.is_empty() || wanted.contains(it)
        }
        let OwedFilter { organisations, actions, goal, states, overdue } = filter;
        let goal = goal.map(|goal| (goal, self.goals_of_actions()));
        let serves = |action: &ActionId| match &goal {
            None => true,
            Some((goal, above)) => above.get(action).is_some_and(|goals| goals.contains(goal)),
        };
        let wanted = |it: &OwedReport| {
            any(organisations, &it.organisation_id)
                && any(actions, &it.action_id)
                && any(states, &it.state)
                && overdue.is_none_or(|overdue| it.days_overdue.is_some_and(|days| (days > 0) == overdue))
                && serves(&it.action_id)
        };
        owed.into_iter().filter(wanted).collect()
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
mod tests;
