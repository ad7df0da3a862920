//! Who owes a report, counted once more day by day from the raw history of a world: what happened on which day. It shares
//! nothing with the service.

use super::model::{Model, Period};
use chrono::{Days, NaiveDate};
use std::collections::{BTreeMap, BTreeSet};

/// What something became, and on which day, in the order in which it happened.
#[derive(Debug)]
pub(super) struct Log<T>(Vec<(NaiveDate, T)>);

impl<T> Default for Log<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: PartialEq> Log<T> {
    /// Writes down what it is now, if it was something else before.
    fn keep(&mut self, today: NaiveDate, now: T) {
        if self.0.last().is_none_or(|(_, before)| *before != now) {
            self.0.push((today, now));
        }
    }

    /// All that it was at some time of a day: what it was when the day began, and what it became on it.
    fn on(&self, day: NaiveDate) -> impl Iterator<Item = &T> {
        let before = self.0.iter().rev().find(|(on, _)| *on < day);
        before.into_iter().chain(self.0.iter().filter(move |(on, _)| *on == day)).map(|(_, what)| what)
    }
}

/// As what an organisation takes part; nothing where it does not.
pub(super) type Taking = Option<(&'static str, BTreeSet<&'static str>)>;

/// The raw history of an action.
#[derive(Debug, Default)]
pub(super) struct Chronicle {
    status: Log<&'static str>,
    parts: BTreeMap<usize, Log<Taking>>,
}

/// The states of an owed report, the furthest last.
const STATES: [&str; 6] = ["not_started", "draft", "returned", "reported", "submitted", "accepted"];

/// What has been handed in, as far as one knows.
const IN: [&str; 3] = ["reported", "submitted", "accepted"];

/// A report that is owed, as one reader may know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Owed {
    pub(super) state: &'static str,
    /// Nothing where the reader may not know.
    pub(super) days_overdue: Option<i64>,
}

fn each_day(from: NaiveDate, to: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    from.iter_days().take_while(move |day| *day <= to)
}

impl Model {
    /// Writes down what every action and participant is now.
    pub(super) fn keep(&mut self) {
        let today = self.today;
        for action in self.actions.iter_mut().filter(|action| !action.gone) {
            action.chronicle.status.keep(today, action.status);
            let known: Vec<usize> = action.chronicle.parts.keys().chain(action.parts.keys()).copied().collect();
            for organisation in known {
                let now = action.parts.get(&organisation).map(|part| (part.commitment, part.roles.clone()));
                action.chronicle.parts.entry(organisation).or_default().keep(today, now);
            }
        }
    }

    fn existed(&self, organisation: usize, day: NaiveDate) -> bool {
        let of = &self.organisations[organisation];
        of.valid_from.is_none_or(|from| from <= day)
            && of.valid_to.is_none_or(|to| day <= to)
            && of.successor.is_none_or(|(_, on)| day < on)
    }

    fn ran(&self, action: usize, day: NaiveDate) -> bool {
        self.actions[action].chronicle.status.on(day).any(|status| matches!(*status, "agreed" | "in_progress"))
    }

    /// Whether it was committed on the day and existed, in one of these roles; in any where there are none.
    fn committed_on(&self, action: usize, organisation: usize, day: NaiveDate, roles: &[&str]) -> bool {
        let log = self.actions[action].chronicle.parts.get(&organisation);
        let as_one_of = |taking: &Taking| {
            taking.as_ref().is_some_and(|(commitment, own)| {
                *commitment == "committed" && (roles.is_empty() || roles.iter().any(|role| own.contains(role)))
            })
        };
        self.existed(organisation, day) && log.is_some_and(|log| log.on(day).any(as_one_of))
    }

    fn owes_itself(&self, action: usize, organisation: usize, from: NaiveDate, to: NaiveDate) -> bool {
        let roles = ["accountable", "implementing", "funding"];
        each_day(from, to).any(|day| self.ran(action, day) && self.committed_on(action, organisation, day, &roles))
    }

    /// Who answers for an organisation: the first of its line of successors that has reported, else the last.
    fn answers(&self, organisation: usize, has_reported: &dyn Fn(usize) -> bool) -> usize {
        match self.organisations[organisation].successor {
            Some((next, on)) if on <= self.today && !has_reported(organisation) => self.answers(next, has_reported),
            _ => organisation,
        }
    }

    /// What a reader knows of the reports of one author.
    fn known(&self, reader: usize, action: usize, author: usize, period: usize) -> &'static str {
        let own = (0..self.reports.len()).filter(|at| {
            let it = &self.reports[*at];
            (it.action, it.organisation, it.period, it.gone) == (action, author, period, false)
        });
        let state = |at: usize| match (self.sees_report(reader, at), self.reports[at].handed_in) {
            (true, _) => self.reports[at].state,
            (false, true) => "reported",
            (false, false) => "not_started",
        };
        own.map(state).max_by_key(|state| STATES.iter().position(|it| it == state)).unwrap_or("not_started")
    }

    /// The reports that are owed on what the reader sees, by action and organisation.
    pub(super) fn owed(&self, reader: usize, programme: usize, period: usize) -> BTreeMap<(usize, usize), Owed> {
        let of: &Period = &self.programmes[programme].periods[period];
        let mut owed = BTreeMap::new();
        for action in self.seen_actions(reader, programme) {
            let state = |author: usize| self.known(reader, action, author, period);
            let has_reported = |author: usize| IN.contains(&state(author));
            let all = 0..self.organisations.len();
            let owing =
                all.clone().filter(|it| self.owes_itself(action, *it, of.starts_on, of.ends_on.min(self.today)));
            let answering: BTreeSet<usize> = owing.map(|it| self.answers(it, &has_reported)).collect();
            for organisation in answering {
                let authors = all.clone().filter(|author| self.answers(*author, &has_reported) == organisation);
                let state = authors.map(state).max_by_key(|state| STATES.iter().position(|it| it == state)).unwrap();
                owed.insert(
                    (action, organisation),
                    Owed { state, days_overdue: self.overdue(reader, programme, of, organisation, state) },
                );
            }
        }
        owed
    }

    fn overdue(&self, reader: usize, programme: usize, of: &Period, organisation: usize, state: &str) -> Option<i64> {
        if IN.contains(&state) {
            return Some(0);
        }
        let may_know = self.coordinates(reader, programme) || self.reads_for(reader).contains(&organisation);
        let line = (0..self.organisations.len()).filter(|it| {
            let mut at = *it;
            while at != organisation {
                match self.organisations[at].successor {
                    Some((next, on)) if on <= self.today => at = next,
                    _ => return false,
                }
            }
            true
        });
        let due_on = line.filter_map(|it| of.extensions.get(&it).copied()).chain([of.due_on]).max().unwrap();
        may_know.then(|| (self.today - due_on).num_days().max(0))
    }

    /// Whether an organisation may report on an action for a period: it was there itself, or answers for one that owes.
    pub(super) fn may_report(&self, action: usize, organisation: usize, period: usize) -> bool {
        let of = &self.programmes[self.actions[action].programme].periods[period];
        let to = of.ends_on.min(self.today.max(of.starts_on));
        let took_part = each_day(of.starts_on, to)
            .any(|day| self.ran(action, day) && self.committed_on(action, organisation, day, &[]));
        let has_reported = |author: usize| {
            self.reports.iter().any(|it| {
                (it.action, it.organisation, it.period) == (action, author, period)
                    && matches!(it.state, "submitted" | "accepted")
            })
        };
        let owing = (0..self.organisations.len()).filter(|it| self.owes_itself(action, *it, of.starts_on, to));
        took_part || owing.map(|it| self.answers(it, &has_reported)).any(|answering| answering == organisation)
    }

    /// A day in the first days of the world.
    pub(super) fn early(byte: u8) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 14).unwrap().checked_add_days(Days::new(u64::from(byte % 7))).unwrap()
    }
}
