//! When the agenda of a meeting is closed: as the body's rule says, or as is given for the meeting.

use crate::holidays::working_day_until;
use crate::text::ClockTime;
use crate::time::{Date, Instant, date_of, local, to_microsecond};
use chrono::Days;

crate::vocabulary! {
    /// Where an agenda deadline moves that is computed and falls on a Saturday, a Sunday or a holiday.
    AgendaDeadlineShift {
        /// It stays there.
        None = "none",
        /// To the last working day before it (Act 150/1930 §5 says which days these are), at the same time of day.
        PreviousWorkingDay = "previous_working_day",
    }

    /// Where the agenda deadline of a meeting comes from.
    AgendaDeadlineRule {
        /// It was given for the meeting.
        Given = "given",
        /// It follows from the body's `agenda_lead`.
        Computed = "computed",
        /// It follows from the body's `agenda_lead`, and was moved from a day on which nobody works.
        ComputedShifted = "computed_shifted",
    }
}

/// How long before a meeting its agenda is closed.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgendaLead {
    /// How many calendar days before the day of the meeting.
    #[schema(minimum = 0, maximum = 60)]
    pub days: u8,
    /// At which time of that day, in Europe/Helsinki.
    pub time: ClockTime,
}

/// How a body closes the agendas of its meetings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgendaRule {
    /// How long before.
    pub lead: AgendaLead,
    /// What happens where nobody works on that day.
    pub shift: AgendaDeadlineShift,
}

/// The last moment to hand an item in for a meeting, and why it is that one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// The moment.
    pub at: Instant,
    /// Where it comes from.
    pub basis: DeadlineBasis,
}

/// Where an agenda deadline comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeadlineBasis {
    /// It was given for the meeting, and stays when the meeting moves.
    Given,
    /// It was computed by the rule that the body had then, and is computed again when the meeting moves.
    Computed {
        /// The day on which nobody works, from which it was moved.
        shifted_from: Option<Date>,
    },
}

impl AgendaRule {
    /// When the agenda of a meeting is closed: at the start of the meeting at the latest.
    pub fn deadline(&self, starts_at: Instant) -> Deadline {
        let date = date_of(starts_at);
        let on = date.checked_sub_days(Days::new(self.lead.days.into())).unwrap_or(date);
        let kept = match self.shift {
            AgendaDeadlineShift::None => on,
            AgendaDeadlineShift::PreviousWorkingDay => working_day_until(on),
        };
        let at = local(kept.and_time(self.lead.time.time())).min(starts_at);
        Deadline { at, basis: DeadlineBasis::Computed { shifted_from: (kept != on).then_some(on) } }
    }

    /// The deadline that somebody names for a meeting, or else the computed one.
    pub fn deadline_or(&self, starts_at: Instant, named: Option<Instant>) -> Deadline {
        named.map_or_else(|| self.deadline(starts_at), |at| self.named(starts_at, at))
    }

    /// The deadline that somebody names for a meeting. One that is the computed moment counts as computed.
    pub fn named(&self, starts_at: Instant, at: Instant) -> Deadline {
        let (computed, at) = (self.deadline(starts_at), to_microsecond(at));
        if computed.at == at { computed } else { Deadline { at, basis: DeadlineBasis::Given } }
    }
}

impl Deadline {
    /// The deadline after a change of the meeting in which `named` was said of it: nothing, that it is to be computed, or
    /// which it is to be.
    #[must_use]
    pub fn changed(self, rule: &AgendaRule, from: Instant, to: Instant, named: Option<Option<Instant>>) -> Self {
        match named {
            None => self.after_move(rule, from, to),
            Some(None) => rule.deadline(to),
            Some(Some(at)) if from == to && to_microsecond(at) == self.at => self,
            Some(Some(at)) => rule.named(to, at),
        }
    }

    /// The deadline after a move of the meeting for which none was named: one that was computed is computed again, by
    /// the body's present rule; one that was given stays.
    #[must_use]
    pub fn after_move(self, rule: &AgendaRule, from: Instant, to: Instant) -> Self {
        match self.basis {
            DeadlineBasis::Computed { .. } if from != to => rule.deadline(to),
            DeadlineBasis::Computed { .. } | DeadlineBasis::Given => self,
        }
    }

    /// The same to the microsecond, which is what is kept.
    pub(crate) fn rounded(self) -> Self {
        Self { at: to_microsecond(self.at), ..self }
    }
}

impl DeadlineBasis {
    /// Where it comes from, in a word.
    pub fn rule(self) -> AgendaDeadlineRule {
        match self {
            Self::Given => AgendaDeadlineRule::Given,
            Self::Computed { shifted_from: None } => AgendaDeadlineRule::Computed,
            Self::Computed { shifted_from: Some(_) } => AgendaDeadlineRule::ComputedShifted,
        }
    }

    /// The day on which nobody works, from which it was moved.
    pub fn shifted_from(self) -> Option<Date> {
        match self {
            Self::Given => None,
            Self::Computed { shifted_from } => shifted_from,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(days: u8, time: &str, shift: AgendaDeadlineShift) -> AgendaRule {
        AgendaRule { lead: AgendaLead { days, time: ClockTime::parse(time).unwrap() }, shift }
    }

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn the_agenda_is_closed_some_days_before_by_the_wall_clock() {
        let check = |days, time: &str, starts_at: &str, expect: &str| {
            let deadline = rule(days, time, AgendaDeadlineShift::None).deadline(at(starts_at));
            let expect = Deadline { at: at(expect), basis: DeadlineBasis::Computed { shifted_from: None } };
            assert_eq!(deadline, expect, "{starts_at}");
        };
        check(7, "12:00", "2026-03-17T14:00:00Z", "2026-03-10T10:00:00Z");
        // The clock is put forward on 29 March.
        check(7, "12:00", "2026-03-31T13:00:00Z", "2026-03-24T10:00:00Z");
        // It is 1 April in Helsinki already.
        check(1, "12:00", "2026-03-31T21:30:00Z", "2026-03-31T09:00:00Z");
        check(0, "08:00", "2026-01-15T14:00:00Z", "2026-01-15T06:00:00Z");
        // No later than the meeting itself.
        check(0, "18:00", "2026-01-15T14:00:00Z", "2026-01-15T14:00:00Z");
        // On a Saturday, if the body wants it so.
        check(2, "12:00", "2026-03-16T14:00:00Z", "2026-03-14T10:00:00Z");
    }

    #[test]
    fn a_computed_deadline_moves_to_the_last_working_day_before() {
        let check = |days, starts_at: &str, expect: &str, shifted_from: Option<&str>| {
            let deadline = rule(days, "12:00", AgendaDeadlineShift::PreviousWorkingDay).deadline(at(starts_at));
            let shifted_from = shifted_from.map(|on| on.parse().unwrap());
            assert_eq!(deadline, Deadline { at: at(expect), basis: DeadlineBasis::Computed { shifted_from } });
        };
        check(7, "2026-03-17T14:00:00Z", "2026-03-10T10:00:00Z", None);
        // Saturday and Sunday.
        check(2, "2026-03-16T14:00:00Z", "2026-03-13T10:00:00Z", Some("2026-03-14"));
        check(1, "2026-03-16T14:00:00Z", "2026-03-13T10:00:00Z", Some("2026-03-15"));
        // Easter Monday: from 6 April to Thursday 2 April 2026.
        check(7, "2026-04-13T14:00:00Z", "2026-04-02T09:00:00Z", Some("2026-04-06"));
        // Independence Day is a Sunday in 2026, and Christmas Eve a Thursday.
        check(7, "2026-12-31T14:00:00Z", "2026-12-23T10:00:00Z", Some("2026-12-24"));
        // The clock was put forward on Sunday 29 March: noon on Friday is noon on Friday.
        check(1, "2026-03-30T14:00:00Z", "2026-03-27T10:00:00Z", Some("2026-03-29"));
    }

    #[test]
    fn what_was_computed_follows_a_move_and_what_was_given_stays() {
        let rule = rule(7, "12:00", AgendaDeadlineShift::PreviousWorkingDay);
        let (from, to) = (at("2026-03-17T14:00:00Z"), at("2026-03-22T14:00:00Z"));
        let computed = rule.deadline(from);
        assert_eq!(computed.after_move(&rule, from, to), rule.deadline(to));
        assert_eq!(rule.deadline(to).basis.rule(), AgendaDeadlineRule::ComputedShifted);
        let given = rule.named(from, at("2026-03-14T10:00:00Z"));
        assert_eq!(given.basis.rule(), AgendaDeadlineRule::Given);
        assert_eq!(given.after_move(&rule, from, to), given);
        // Naming the computed moment changes nothing.
        assert_eq!(rule.named(from, computed.at), computed);
        assert_eq!(given.changed(&rule, from, from, Some(Some(given.at))), given);
        assert_eq!(given.changed(&rule, from, from, Some(None)), computed);
        // A body that changes its rule leaves the meetings as they are until they move.
        let other = AgendaRule { lead: AgendaLead { days: 3, ..rule.lead.clone() }, ..rule.clone() };
        assert_eq!(computed.after_move(&other, from, from), computed);
        assert_eq!(computed.after_move(&other, from, to), other.deadline(to));
    }
}
