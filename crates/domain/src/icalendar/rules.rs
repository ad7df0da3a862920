//! Recurrence rules (RFC 5545 §3.3.10), expanded within bounds.
//!
//! The `rrule` crate does the arithmetic, on the wall clock: its times are "UTC", and the zone comes in only
//! afterwards. So a meeting at 16:00 stays at 16:00 across the turns of the clock, a time that does not exist is
//! read as everywhere else in this crate, and the zones that a file defines itself need no place in the library.

use super::lines::Line;
use super::trouble::Read;
use super::values::{When, parse_when};
use crate::message;
use crate::time::Instant;
use chrono::{DateTime, NaiveDateTime, TimeDelta, TimeZone};
use rrule::{RRule, RRuleSet, Tz, Unvalidated};

/// The longest rule that is read, in bytes.
const LONGEST: usize = 1_000;
/// The most times of day that a rule may name; their product with the days of a year is held in memory at once.
const MOST_TIMES: usize = 24;
/// What an expansion may cost in all, in times of day on days stepped over: some hundred daily series of thirty years.
const BUDGET: i64 = 5_000_000;
/// What every rule costs, however short: how far the library may look past the end for the next match.
const EACH: i64 = 2_000;
/// What a rule costs that matches no day at all, which the library finds out only by looking for millennia.
const IN_VAIN: i64 = 1_000_000;

/// What may still be spent on expanding rules. Files that would take too long are refused, since the domain has
/// no clock by which to stop.
#[derive(Debug)]
pub(super) struct Budget(i64);

impl Default for Budget {
    fn default() -> Self {
        Self(BUDGET)
    }
}

impl Budget {
    fn spend(&mut self, cost: i64, line: &Line) -> Read<()> {
        self.0 = self.0.saturating_sub(cost);
        if self.0 < 0 {
            return line.refuse(
                "too_costly",
                message!(
                    fi: "Tiedoston säännöt kattavat liian monta päivää laskettavaksi.",
                    sv: "Reglerna i filen omfattar för många dagar för att kunna beräknas.",
                    en: "The rules of this file cover too many days to be computed.",
                ),
            );
        }
        Ok(())
    }
}

/// A recurrence rule.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    line: Line,
    /// The rule without its `COUNT` and `UNTIL`.
    parts: String,
    interval: u16,
    /// How many times of day it may name.
    times: usize,
    count: Option<u32>,
    until: Option<When>,
}

impl Rule {
    /// Reads a rule, and refuses what no meeting follows or what cannot be expanded within bounds.
    pub(super) fn read(line: &Line) -> Read<Self> {
        let text = line.value.trim().to_ascii_uppercase();
        if text.len() > LONGEST {
            return line.refuse(
                "bad_rule",
                message!(
                    fi: "Sääntö on pidempi kuin {LONGEST} merkkiä.",
                    sv: "Regeln är längre än {LONGEST} tecken.",
                    en: "The rule is longer than {LONGEST} characters.",
                ),
            );
        }
        let mut rule =
            Self { line: line.clone(), parts: String::new(), interval: 1, times: 1, count: None, until: None };
        let mut frequency = None;
        let mut numbered = false;
        for part in text.split(';').filter(|part| !part.is_empty()) {
            let Some((name, value)) = part.split_once('=') else {
                return line.refuse(
                    "bad_rule",
                    message!(
                        fi: "Säännön osalla {part} ei ole arvoa.",
                        sv: "Regelns del {part} saknar värde.",
                        en: "The rule's part {part} has no value.",
                    ),
                );
            };
            match name {
                "FREQ" => frequency = Some(value.to_owned()),
                "INTERVAL" => match value.parse() {
                    Ok(interval @ 1..) => rule.interval = interval,
                    _ => {
                        return line.refuse(
                            "bad_rule",
                            message!(
                                fi: "INTERVALin on oltava luku väliltä 1–65535.",
                                sv: "INTERVAL måste vara ett tal mellan 1 och 65535.",
                                en: "INTERVAL must be a number from 1 to 65535.",
                            ),
                        );
                    }
                },
                "COUNT" => match value.parse() {
                    Ok(count @ 1..) if rule.count.is_none() => {
                        rule.count = Some(count);
                        continue;
                    }
                    _ => {
                        return line.refuse(
                            "bad_rule",
                            message!(
                                fi: "COUNT saa esiintyä kerran, ja sen on oltava luku väliltä 1–4294967295.",
                                sv: "COUNT får förekomma en gång och måste vara ett tal mellan 1 och 4294967295.",
                                en: "COUNT may occur once and must be a number from 1 to 4294967295.",
                            ),
                        );
                    }
                },
                "UNTIL" => match parse_when(value) {
                    Some(until) if rule.until.is_none() => {
                        rule.until = Some(until);
                        continue;
                    }
                    _ => {
                        return line.refuse(
                            "bad_rule",
                            message!(
                                fi: "UNTIL saa esiintyä kerran, ja sen on oltava päivä tai ajankohta.",
                                sv: "UNTIL får förekomma en gång och måste vara en dag eller en tidpunkt.",
                                en: "UNTIL may occur once and must be a date or a time.",
                            ),
                        );
                    }
                },
                "BYHOUR" | "BYMINUTE" | "BYSECOND" => rule.times = rule.times.saturating_mul(value.split(',').count()),
                "BYDAY" => numbered = value.bytes().any(|byte| byte.is_ascii_digit()),
                "BYMONTH" | "BYMONTHDAY" | "BYYEARDAY" | "BYWEEKNO" | "BYSETPOS" | "WKST" => {}
                // RFC 7529: what the rule means without these parts.
                "RSCALE" if value == "GREGORIAN" => continue,
                "SKIP" if value == "OMIT" => continue,
                _ => {
                    return line.refuse(
                        "unsupported_rule",
                        message!(
                            fi: "Säännön osaa {part} ei tueta.",
                            sv: "Regelns del {part} stöds inte.",
                            en: "The rule's part {part} is not supported.",
                        ),
                    );
                }
            }
            rule.parts = format!("{}{part};", rule.parts);
        }
        rule.refuse_untenable(frequency.as_deref(), numbered)?;
        rule.parse()?;
        Ok(rule)
    }

    /// Refuses parts that do not go together, and a series that no body meets in.
    fn refuse_untenable(&self, frequency: Option<&str>, numbered: bool) -> Read<()> {
        match frequency {
            Some("DAILY" | "WEEKLY") if numbered => {
                return self.line.refuse(
                    "bad_rule",
                    message!(
                        fi: "Numeroitu viikonpäivä edellyttää kuukausittaista tai vuosittaista sääntöä.",
                        sv: "En numrerad veckodag kräver en månatlig eller årlig regel.",
                        en: "A numbered weekday needs a monthly or yearly rule.",
                    ),
                );
            }
            Some("DAILY" | "WEEKLY" | "MONTHLY" | "YEARLY") => {}
            Some("HOURLY" | "MINUTELY" | "SECONDLY") => {
                return self.line.refuse(
                    "unsupported_rule",
                    message!(
                        fi: "Kokoussarja voi toistua enintään päivittäin.",
                        sv: "En serie av sammanträden kan upprepas högst dagligen.",
                        en: "A series of meetings can repeat at most daily.",
                    ),
                );
            }
            _ => {
                return self.line.refuse(
                    "bad_rule",
                    message!(
                        fi: "Säännöllä ei ole tunnettua FREQ-arvoa.",
                        sv: "Regeln saknar ett känt värde för FREQ.",
                        en: "The rule has no known FREQ.",
                    ),
                );
            }
        }
        if self.times > MOST_TIMES {
            return self.line.refuse(
                "unsupported_rule",
                message!(
                    fi: "Säännössä on yli {MOST_TIMES} kellonaikaa.",
                    sv: "Regeln innehåller fler än {MOST_TIMES} klockslag.",
                    en: "The rule names more than {MOST_TIMES} times of day.",
                ),
            );
        }
        if self.count.is_some() && self.until.is_some() {
            return self.line.refuse(
                "bad_rule",
                message!(
                    fi: "Säännöllä voi olla joko COUNT tai UNTIL, ei molempia.",
                    sv: "En regel kan ha antingen COUNT eller UNTIL, inte båda.",
                    en: "A rule can have COUNT or UNTIL, not both.",
                ),
            );
        }
        Ok(())
    }

    fn parse(&self) -> Read<RRule<Unvalidated>> {
        match self.parts.trim_end_matches(';').parse() {
            Ok(rule) => Ok(rule),
            Err(_) => self.line.refuse(
                "bad_rule",
                message!(
                    fi: "Sääntöä ei voi lukea.",
                    sv: "Regeln kan inte läsas.",
                    en: "The rule cannot be read.",
                ),
            ),
        }
    }

    /// The rule's times from `from` to `to`, at most `most` of them, for a series that begins at `start`. The
    /// start itself is not among them where it does not follow the rule.
    ///
    /// `local` is the wall clock of an instant where the series takes place: `UNTIL` is mostly given in UTC.
    pub(super) fn expand(
        &self,
        start: NaiveDateTime,
        (from, to): (NaiveDateTime, NaiveDateTime),
        most: u16,
        local: impl Fn(Instant) -> NaiveDateTime,
        budget: &mut Budget,
    ) -> Read<Vec<NaiveDateTime>> {
        let until = match self.until {
            Some(When::Day(day)) => {
                day.succ_opt().map(|next| next.and_time(chrono::NaiveTime::MIN) - TimeDelta::seconds(1))
            }
            Some(When::Clock(clock)) => Some(clock),
            Some(When::Utc(utc)) => Some(local(utc.and_utc())),
            None => None,
        };
        if until.is_some_and(|until| until < start) {
            return self.line.refuse(
                "bad_rule",
                message!(
                    fi: "Säännön UNTIL on ennen ensimmäistä kokousta.",
                    sv: "Regelns UNTIL infaller före det första sammanträdet.",
                    en: "The rule's UNTIL is before the first meeting.",
                ),
            );
        }
        let last = until.map_or(to, |until| until.min(to));
        let days = (last - start).num_days().max(0) / i64::from(self.interval);
        budget.spend(EACH + days.saturating_mul(i64::try_from(self.times).unwrap_or(i64::MAX)), &self.line)?;

        let first = self.set(start, until, self.count)?.limit().into_iter().next();
        let Some(first) = first else {
            // The cost of having looked in vain counts against the next rule; this one is done with as it is.
            budget.0 -= IN_VAIN;
            if until.is_some() {
                return Ok(Vec::new());
            }
            return self.line.refuse(
                "bad_rule",
                message!(
                    fi: "Sääntö ei osu yhteenkään päivään.",
                    sv: "Regeln träffar ingen dag.",
                    en: "The rule matches no day.",
                ),
            );
        };
        let synchronised = first.naive_utc() == start;
        // The start is the first of the count even where it does not follow the rule.
        let count = if synchronised { self.count } else { self.count.map(|count| count - 1) };
        if count == Some(0) {
            return Ok(Vec::new());
        }
        let found = self.set(start, until, count)?.after(wall(from)).before(wall(to)).all(most);
        Ok(found.dates.iter().map(DateTime::naive_utc).filter(|time| (from..=to).contains(time)).collect())
    }

    fn set(&self, start: NaiveDateTime, until: Option<NaiveDateTime>, count: Option<u32>) -> Read<RRuleSet> {
        let mut rule = self.parse()?;
        if let Some(until) = until {
            rule = rule.until(wall(until));
        }
        if let Some(count) = count {
            rule = rule.count(count);
        }
        match rule.build(wall(start)) {
            Ok(set) => Ok(set),
            Err(_) => self.line.refuse(
                "bad_rule",
                message!(
                    fi: "Sääntöä ei voi laskea.",
                    sv: "Regeln kan inte beräknas.",
                    en: "The rule cannot be computed.",
                ),
            ),
        }
    }

    /// The line on which the rule stands.
    pub(super) fn line(&self) -> &Line {
        &self.line
    }
}

/// A time of the wall clock as the library wants it.
fn wall(time: NaiveDateTime) -> DateTime<Tz> {
    Tz::UTC.from_utc_datetime(&time)
}
