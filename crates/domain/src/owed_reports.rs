//! Who owes a report on an action for a period, and who answers for it today.
//!
//! This is a question about the days of the period and not about the present. An organisation owes a report if on some
//! day of the period three things held: it existed; it was a committed participant of the action, accountable for it,
//! carrying it out or paying for it; and the action was agreed or in progress. The day on which something changes counts
//! for what was and for what is. Days to come count for nothing.
//!
//! From the day on which an organisation is succeeded, its successor answers for what it still owes. What was reported
//! stays with its author.

use crate::actions::ActionStatus;
use crate::ids::{ActionId, OrganisationId};
use crate::reporting_periods;
use crate::time::{Date, Instant, date_of};
use std::collections::{BTreeSet, HashMap};

/// The statuses in which reports on an action become owed.
pub const RUNNING: [ActionStatus; 2] = [ActionStatus::Agreed, ActionStatus::InProgress];

/// Consecutive days with their first and last; without one of them they have no beginning or no end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    /// The first day.
    pub from: Option<Date>,
    /// The last day.
    pub to: Option<Date>,
}

impl Days {
    /// The days on which something was so that began and ended at these times.
    pub fn touched(since: Instant, until: Option<Instant>) -> Self {
        Self { from: Some(date_of(since)), to: until.map(date_of) }
    }

    /// The days of a period that have come by a day; none where it has not begun.
    pub fn so_far(period: &reporting_periods::Details, today: Date) -> Option<Self> {
        (period.starts_on <= today).then(|| Self { from: Some(period.starts_on), to: Some(period.ends_on.min(today)) })
    }

    /// The days that are in both.
    pub fn common(self, other: Self) -> Option<Self> {
        let from = self.from.max(other.from);
        let to = match (self.to, other.to) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        let is_empty = from.zip(to).is_some_and(|(from, to)| to < from);
        (!is_empty).then_some(Self { from, to })
    }
}

/// Days on which an action was agreed or in progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Running {
    /// The action.
    pub action_id: ActionId,
    /// The days.
    pub days: Days,
}

/// Days on which an organisation was a committed participant of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The action.
    pub action_id: ActionId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// The days.
    pub days: Days,
    /// It was accountable for the action, carried it out or paid for it.
    pub owes: bool,
}

/// When an organisation exists, and who takes its place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Life {
    /// The first day, where known.
    pub valid_from: Option<Date>,
    /// The last day.
    pub valid_to: Option<Date>,
    /// Its successor, and since when that has its rights.
    pub successor: Option<(OrganisationId, Date)>,
}

impl Life {
    /// The days on which it exists: the last one is the day before the succession, where none is told.
    pub fn days(self) -> Days {
        let succeeded = self.successor.and_then(|(_, on)| on.pred_opt());
        let to = self.valid_to.into_iter().chain(succeeded).min();
        Days { from: self.valid_from, to }
    }
}

/// The lives of organisations; one that is not named here has always existed and still does.
#[derive(Clone, Debug, Default)]
pub struct Lives(HashMap<OrganisationId, Life>);

impl FromIterator<(OrganisationId, Life)> for Lives {
    fn from_iter<I: IntoIterator<Item = (OrganisationId, Life)>>(lives: I) -> Self {
        Self(lives.into_iter().collect())
    }
}

impl Lives {
    fn days(&self, organisation: OrganisationId) -> Days {
        self.0.get(&organisation).copied().unwrap_or_default().days()
    }

    /// Who answers on a day for what an organisation owes: the organisation itself where it has reported or nobody has
    /// succeeded it, else its successor, where the same is asked again. A ring of successors ends where it began.
    pub fn answering(
        &self,
        organisation: OrganisationId,
        today: Date,
        has_reported: impl Fn(OrganisationId) -> bool,
    ) -> OrganisationId {
        let mut line = vec![organisation];
        let mut at = organisation;
        while !has_reported(at)
            && let Some((next, since)) = self.0.get(&at).and_then(|life| life.successor)
            && since <= today
            && !line.contains(&next)
        {
            line.push(next);
            at = next;
        }
        at
    }

    /// The organisation and all that it has succeeded by a day, directly or by others.
    pub fn succeeded_by(&self, organisation: OrganisationId, today: Date) -> Vec<OrganisationId> {
        let mut all = vec![organisation];
        let mut next = 0;
        while let Some(at) = all.get(next).copied() {
            next += 1;
            let before =
                self.0.iter().filter(|(_, life)| life.successor.is_some_and(|(id, on)| id == at && on <= today));
            let mut new: Vec<_> = before.map(|(id, _)| *id).filter(|id| !all.contains(id)).collect();
            new.sort_unstable();
            all.extend(new);
        }
        all
    }
}

/// What is known of the days of actions, participants and organisations.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// When the actions were agreed or in progress.
    pub running: Vec<Running>,
    /// When their participants were committed.
    pub parts: Vec<Part>,
    /// When organisations existed.
    pub lives: Lives,
}

impl History {
    /// The actions and organisations that owe a report of their own for these days, whoever answers for it today.
    pub fn owing(&self, days: Days) -> BTreeSet<(ActionId, OrganisationId)> {
        let mut running: HashMap<ActionId, Vec<Days>> = HashMap::new();
        for Running { action_id, days } in &self.running {
            running.entry(*action_id).or_default().push(*days);
        }
        let owes = |part: &&Part| {
            let ran = running.get(&part.action_id).map(Vec::as_slice).unwrap_or_default();
            part.owes && self.lived(part, days).is_some_and(|lived| ran.iter().any(|days| days.common(lived).is_some()))
        };
        self.parts.iter().filter(owes).map(|part| (part.action_id, part.organisation_id)).collect()
    }

    /// Those of the days on which the organisation existed and had the part.
    fn lived(&self, part: &Part, days: Days) -> Option<Days> {
        days.common(part.days)?.common(self.lives.days(part.organisation_id))
    }

    /// What the days of a period say of an organisation's reporting on the one action that this is the history of. Of a
    /// period that has not begun, its first day is taken to be as today.
    pub fn standing(
        &self,
        organisation: OrganisationId,
        period: &reporting_periods::Details,
        today: Date,
        has_reported: impl Fn(OrganisationId) -> bool,
    ) -> Standing {
        let until = period.ends_on.min(today.max(period.starts_on));
        let days = Days { from: Some(period.starts_on), to: Some(until) };
        let ran_within = |days: Days| self.running.iter().any(|running| running.days.common(days).is_some());
        let action_ran = ran_within(days);
        let took_part = self.parts.iter().any(|part| {
            let author = part.organisation_id;
            // Where the action never ran, that alone is missing for whoever was committed to it.
            self.lived(part, days).is_some_and(|lived| !action_ran || ran_within(lived))
                // A successor takes over what was owed; what others only help with is their own to report.
                && (author == organisation
                    || (part.owes && self.lives.answering(author, today, &has_reported) == organisation))
        });
        Standing { action_ran, took_part }
    }
}

/// What the days of a period say of an organisation's reporting on an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The action was agreed or in progress on some day of the period.
    pub action_ran: bool,
    /// On some such day, or on any of the period where there is none, the organisation existed and was a committed
    /// participant, in whatever role; or it answers for one that owed a report.
    pub took_part: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number<T: crate::ids::Id>(number: u128) -> T {
        T::from_uuid(uuid::Uuid::from_u128(number))
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    /// `from..to`, each of which may be missing.
    fn days(text: &str) -> Days {
        let (from, to) = text.split_once("..").unwrap();
        let end = |text: &str| (!text.is_empty()).then(|| day(text));
        Days { from: end(from), to: end(to) }
    }

    fn history(running: &[&str], parts: &[(u128, &str, bool)], lives: &[(u128, Life)]) -> History {
        let part = |(organisation, text, owes): &(u128, &str, bool)| Part {
            action_id: number(1),
            organisation_id: number(*organisation),
            days: days(text),
            owes: *owes,
        };
        History {
            running: running.iter().map(|text| Running { action_id: number(1), days: days(text) }).collect(),
            parts: parts.iter().map(part).collect(),
            lives: lives.iter().map(|(id, life)| (number(*id), *life)).collect(),
        }
    }

    #[test]
    fn days_have_common_ones() {
        let check = |one: &str, other: &str, expect: Option<&str>| {
            assert_eq!(days(one).common(days(other)), expect.map(days), "{one} and {other}");
            assert_eq!(days(other).common(days(one)), expect.map(days), "{other} and {one}");
        };
        check("2026-01-01..2026-12-31", "2026-12-31..", Some("2026-12-31..2026-12-31"));
        check("2026-01-01..2026-12-31", "..2026-01-01", Some("2026-01-01..2026-01-01"));
        check("2026-01-01..2026-12-31", "2027-01-01..", None);
        check("2026-01-01..2026-12-31", "..2025-12-31", None);
        check("2026-01-01..", "..", Some("2026-01-01.."));
        check("..", "..", Some(".."));
    }

    #[test]
    fn a_day_of_change_counts_for_both() {
        let at = |text: &str| text.parse::<Instant>().unwrap();
        // Half past midnight in Helsinki is still the day before in Greenwich.
        let touched = Days::touched(at("2026-01-14T22:30:00Z"), Some(at("2026-01-15T21:59:59Z")));
        assert_eq!(touched, days("2026-01-15..2026-01-15"));
        assert_eq!(Days::touched(at("2026-01-15T22:00:00Z"), None), days("2026-01-16.."));
    }

    #[test]
    fn a_report_is_owed_where_one_day_of_the_period_has_it_all() {
        let check = |why: &str, history: History, expect: bool| {
            let owing = history.owing(days("2026-01-01..2026-12-31"));
            assert_eq!(!owing.is_empty(), expect, "{why}");
        };
        let alive = |from: Option<&str>, to: Option<&str>| Life {
            valid_from: from.map(day),
            valid_to: to.map(day),
            successor: None,
        };
        check("all year", history(&["2025-01-01.."], &[(7, "2025-01-01..", true)], &[]), true);
        check("agreed on the last day", history(&["2026-12-31.."], &[(7, "2025-01-01..", true)], &[]), true);
        check("agreed the day after", history(&["2027-01-01.."], &[(7, "2025-01-01..", true)], &[]), false);
        check("completed on the first day", history(&["..2026-01-01"], &[(7, "..", true)], &[]), true);
        check("completed before", history(&["..2025-12-31"], &[(7, "..", true)], &[]), false);
        check(
            "withdrew on the day of the agreement",
            history(&["2026-03-01.."], &[(7, "..2026-03-01", true)], &[]),
            true,
        );
        check("withdrew before the agreement", history(&["2026-03-01.."], &[(7, "..2026-02-28", true)], &[]), false);
        check(
            "committed only while it was on hold",
            history(&["..2026-03-01", "2026-06-01.."], &[(7, "2026-03-02..2026-05-31", true)], &[]),
            false,
        );
        check(
            "committed until it was taken up again",
            history(&["..2026-03-01", "2026-06-01.."], &[(7, "2026-03-02..2026-06-01", true)], &[]),
            true,
        );
        check("only helps", history(&[".."], &[(7, "..", false)], &[]), false);
        check("founded later", history(&[".."], &[(7, "..", true)], &[(7, alive(Some("2027-01-01"), None))]), false);
        check("founded then", history(&[".."], &[(7, "..", true)], &[(7, alive(Some("2026-12-31"), None))]), true);
        check("ended before", history(&[".."], &[(7, "..", true)], &[(7, alive(None, Some("2025-12-31")))]), false);
        let succeeded = |on| Life { successor: Some((number(8), day(on))), ..Life::default() };
        check(
            "succeeded on the first day",
            history(&[".."], &[(7, "..", true)], &[(7, succeeded("2026-01-01"))]),
            false,
        );
        check("succeeded the day after", history(&[".."], &[(7, "..", true)], &[(7, succeeded("2026-01-02"))]), true);
    }

    #[test]
    fn a_successor_answers_for_what_is_not_reported() {
        let life = |to, on| Life { successor: Some((number(to), day(on))), ..Life::default() };
        // 1 is succeeded by 2, 2 by 3; 4 and 5 succeed each other.
        let lives: Lives = [
            (1, life(2, "2026-02-01")),
            (2, life(3, "2026-03-01")),
            (4, life(5, "2026-01-01")),
            (5, life(4, "2026-01-01")),
        ]
        .map(|(id, life)| (number(id), life))
        .into_iter()
        .collect();
        let check = |of: u128, today: &str, reported: &[u128], expect: u128| {
            let has_reported = |id| reported.iter().any(|it| number::<OrganisationId>(*it) == id);
            assert_eq!(lives.answering(number(of), day(today), has_reported), number(expect), "{of} on {today}");
        };
        check(1, "2026-01-31", &[], 1);
        check(1, "2026-02-01", &[], 2);
        check(1, "2026-03-01", &[], 3);
        check(1, "2026-03-01", &[1], 1);
        check(1, "2026-03-01", &[2], 2);
        check(9, "2026-03-01", &[], 9);
        check(4, "2026-03-01", &[], 5);
        assert_eq!(lives.succeeded_by(number(3), day("2026-02-28")), [number(3)]);
        assert_eq!(lives.succeeded_by(number(3), day("2026-03-01")), [number(3), number(2), number(1)]);
    }

    #[test]
    fn who_may_report_is_the_same_question() {
        let period = |from: &str, to: &str| reporting_periods::Details {
            code: crate::text::ShortCode::parse("P").unwrap(),
            kind: reporting_periods::PeriodKind::Annual,
            starts_on: day(from),
            ends_on: day(to),
            opens_on: day(from),
            due_on: day(to),
            locked: false,
        };
        let year = period("2026-01-01", "2026-12-31");
        let check = |why: &str, history: &History, of: u128, period: &_, reported: &[u128], expect: (bool, bool)| {
            let has_reported = |id| reported.iter().any(|it| number::<OrganisationId>(*it) == id);
            let standing = history.standing(number(of), period, day("2026-06-01"), has_reported);
            assert_eq!((standing.action_ran, standing.took_part), expect, "{why}");
        };
        let left = history(&["2026-02-01..2026-04-01"], &[(7, "2026-01-01..2026-03-01", false)], &[]);
        check("it withdrew, and the action is completed", &left, 7, &year, &[], (true, true));
        check("it never took part", &left, 8, &year, &[], (true, false));
        let early = history(&["2026-02-01.."], &[(7, "..2026-01-31", true)], &[]);
        check("it withdrew before", &early, 7, &year, &[], (true, false));
        let ahead = period("2027-01-01", "2027-12-31");
        check(
            "it will take part, as things stand",
            &history(&["2026-02-01.."], &[(7, "..", true)], &[]),
            7,
            &ahead,
            &[],
            (true, true),
        );
        check("the action is over by then", &left, 7, &ahead, &[], (false, false));
        let succeeded = (7, Life { successor: Some((number(8), day("2026-05-01"))), ..Life::default() });
        let taken_over = history(&[".."], &[(7, "..", true), (9, "..", false)], &[succeeded]);
        check("its successor answers for it", &taken_over, 8, &year, &[], (true, true));
        check("it can still report itself", &taken_over, 7, &year, &[], (true, true));
        let proposed = history(&[], &[(7, "2026-01-01..", true)], &[]);
        check("it is committed to what was never agreed on", &proposed, 7, &year, &[], (false, true));
        check("it has reported", &taken_over, 8, &year, &[7], (true, false));
        let helped = history(&[".."], &[(7, "..", false)], &[succeeded]);
        check("its predecessor only helped", &helped, 8, &year, &[], (true, false));
        check("the period begins after its end", &taken_over, 7, &ahead, &[], (true, false));
    }
}
