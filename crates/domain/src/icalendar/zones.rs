//! The time zones of a calendar file: named by IANA or Windows, or defined by the file itself.

use super::components::Component;
use super::lines::{Line, only};
use super::rules::{Budget, Rule};
use super::trouble::{Read, refuse};
use super::values::{self, Item, When};
use crate::message;
use crate::time::{Instant, written_in};
use chrono::{NaiveDateTime, TimeDelta};
use chrono_tz::{Europe::Helsinki, TZ_VARIANTS, Tz};
use std::collections::HashMap;
use std::rc::Rc;
use windows_timezones::WindowsTimezone;

/// The most changes of the clock that a time zone of a file's own may have.
const MOST_CHANGES: u16 = 2_000;

/// The most time zones that a file may name.
const MOST_NAMES: usize = 500;

/// A zone in which clock times are read.
#[derive(Clone, Debug)]
pub(super) enum Zone {
    Named(Tz),
    Defined(Rc<Defined>),
}

/// A zone that the file defines, as the changes of its clock.
#[derive(Debug)]
pub(super) struct Defined {
    name: String,
    /// The offset before the first change, in seconds.
    before: i32,
    /// When the clock changes, in UTC and in order, and the offset from then on.
    changes: Vec<(NaiveDateTime, i32)>,
}

impl Defined {
    fn offset_at(&self, utc: NaiveDateTime) -> i32 {
        let past = self.changes.partition_point(|(at, _)| *at <= utc);
        past.checked_sub(1).and_then(|last| self.changes.get(last)).map_or(self.before, |(_, offset)| *offset)
    }

    /// The same reading as [`written_in`]: the first of two, and in a gap by the clock before it.
    fn instant(&self, clock: NaiveDateTime) -> NaiveDateTime {
        // No offset is longer than a day, so the changes that matter are this near.
        let (low, high) = (clock - TimeDelta::hours(26), clock + TimeDelta::hours(26));
        let skipped = self.changes.partition_point(|(at, _)| *at < low);
        let near: Vec<_> = self.changes.iter().skip(skipped).take_while(|(at, _)| *at <= high).collect();
        let offsets = std::iter::once(self.offset_at(low)).chain(near.iter().map(|(_, offset)| *offset));
        let exact = offsets.map(|offset| (clock - seconds(offset), offset));
        let first = exact.filter(|(utc, offset)| self.offset_at(*utc) == *offset).map(|(utc, _)| utc).min();
        let gap = || {
            let end = near.iter().map(|(at, _)| *at).find(|at| self.local(*at) > clock)?;
            Some(clock - seconds(self.offset_at(end - TimeDelta::seconds(1))))
        };
        first.or_else(gap).unwrap_or_else(|| clock - seconds(self.offset_at(clock)))
    }

    fn local(&self, utc: NaiveDateTime) -> NaiveDateTime {
        utc + seconds(self.offset_at(utc))
    }
}

fn seconds(offset: i32) -> TimeDelta {
    TimeDelta::seconds(offset.into())
}

impl Zone {
    /// The instant of a clock time.
    pub(super) fn instant(&self, clock: NaiveDateTime) -> Instant {
        match self {
            Self::Named(zone) => written_in(*zone, clock),
            Self::Defined(zone) => zone.instant(clock).and_utc(),
        }
    }

    /// The clock time of an instant.
    pub(super) fn local(&self, at: Instant) -> NaiveDateTime {
        match self {
            Self::Named(zone) => at.with_timezone(zone).naive_local(),
            Self::Defined(zone) => zone.local(at.naive_utc()),
        }
    }

    /// The IANA name, or the file's own name.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Named(zone) => zone.name(),
            Self::Defined(zone) => &zone.name,
        }
    }
}

/// The zones of one calendar object.
#[derive(Debug)]
pub(super) struct Zones<'a> {
    definitions: &'a [Component],
    /// Every zone is worked out once; a trouble with a definition is the same each time.
    known: HashMap<String, Read<Option<Zone>>>,
    /// In which zone times without one are read; what is wrong with it matters to them alone.
    floating: Read<Zone>,
    /// Up to when the file's own zones are worked out.
    until: NaiveDateTime,
}

impl<'a> Zones<'a> {
    /// The zones that are defined in a calendar whose own zone (`X-WR-TIMEZONE`) may be given, or be empty.
    pub(super) fn new(
        definitions: &'a [Component],
        own: Option<&Line>,
        until: NaiveDateTime,
        budget: &mut Budget,
    ) -> Self {
        let mut zones = Self { definitions, known: HashMap::new(), floating: Ok(Zone::Named(Helsinki)), until };
        if let Some(own) = own.filter(|own| !own.value.trim().is_empty()) {
            zones.floating = zones.named(&own.value, own, budget);
        }
        zones
    }

    /// The zone in which a time is read that names none.
    pub(super) fn floating(&self, line: &Line) -> Read<Zone> {
        let Ok(zone) = &self.floating else {
            let detail = message!(
                fi: "Ajalla ei ole aikavyöhykettä, eikä tiedoston omaa (X-WR-TIMEZONE) tunneta.",
                sv: "Tiden saknar tidszon, och filens egen (X-WR-TIMEZONE) är okänd.",
                en: "The time has no time zone, and the calendar's own (X-WR-TIMEZONE) is not known."
            );
            return line.refuse("unknown_zone", detail);
        };
        Ok(zone.clone())
    }

    /// The zone of a property with a clock time, if it names one.
    pub(super) fn of(&mut self, line: &Line, budget: &mut Budget) -> Read<Option<Zone>> {
        match line.parameter("TZID") {
            Some(name) => self.named(name, line, budget).map(Some),
            None => Ok(None),
        }
    }

    fn named(&mut self, name: &str, line: &Line, budget: &mut Budget) -> Read<Zone> {
        let name = name.trim();
        if !self.known.contains_key(name) {
            if self.known.len() >= MOST_NAMES {
                return line.refuse("unknown_zone", format!("The file names more than {MOST_NAMES} time zones."));
            }
            let found = self.find(name, budget);
            self.known.insert(name.to_owned(), found);
        }
        match self.known.get(name) {
            Some(Ok(Some(zone))) => Ok(zone.clone()),
            Some(Err(trouble)) => Err(trouble.clone()),
            _ => {
                line.refuse("unknown_zone", format!("The time zone {name:?} is neither known nor defined in the file."))
            }
        }
    }

    /// Names first, since the zone database knows more of the past and of the future than a file's own rules.
    fn find(&self, name: &str, budget: &mut Budget) -> Read<Option<Zone>> {
        if let Some(zone) = by_name(name) {
            return Ok(Some(Zone::Named(zone)));
        }
        let tzid = |zone: &&Component| zone.lines.iter().any(|line| line.name == "TZID" && line.value.trim() == name);
        let Some(definition) = self.definitions.iter().find(tzid) else { return Ok(None) };
        let location = definition.lines.iter().find(|line| line.name == "X-LIC-LOCATION");
        if let Some(zone) = location.and_then(|line| by_name(line.value.trim())) {
            return Ok(Some(Zone::Named(zone)));
        }
        define(name, definition, self.until, budget).map(|zone| Some(Zone::Defined(Rc::new(zone))))
    }
}

/// The zone of an IANA name in any case, of one with a prefix (`/freeassociation.sourceforge.net/Europe/Helsinki`),
/// or of a Windows name.
fn by_name(name: &str) -> Option<Tz> {
    let iana = |name: &str| TZ_VARIANTS.iter().copied().find(|zone| zone.name().eq_ignore_ascii_case(name));
    let suffixes = || {
        let ends = name.match_indices('/').filter_map(|(at, _)| name.get(at + 1..));
        // A single word at the end may be the name of anything.
        ends.filter(|end| end.contains('/')).take(8).find_map(iana)
    };
    let windows = || match name.parse() {
        // CLDR names a zone for each territory, the library only the first of them: Kyiv, by the same clock.
        Ok(WindowsTimezone::FleStandardTime) => Some(Helsinki),
        other => other.ok().map(Tz::from),
    };
    iana(name).or_else(windows).or_else(suffixes)
}

/// Works out a zone that the file defines, from the rules of its parts.
fn define(name: &str, definition: &Component, until: NaiveDateTime, budget: &mut Budget) -> Read<Defined> {
    // When in UTC, and the offsets before and after.
    let mut changes: Vec<(NaiveDateTime, i32, i32)> = Vec::new();
    for part in &definition.parts {
        let needed = |name: &str| match only(&part.lines, name)? {
            Some(line) => Ok(line),
            None => refuse(part.line, "bad_zone", format!("The {} of a time zone has no {name}.", part.name)),
        };
        let (from, to) = (values::offset(needed("TZOFFSETFROM")?)?, values::offset(needed("TZOFFSETTO")?)?);
        let begins = needed("DTSTART")?;
        let When::Clock(start) = values::when(begins)? else {
            return begins.refuse("bad_zone", "A change of the clock begins at a clock time without zone.");
        };
        let mut onsets = vec![start];
        let local = |at: Instant| at.naive_utc() + seconds(from);
        for line in &part.lines {
            match line.name.as_str() {
                "RRULE" => {
                    let rule = Rule::read(line)?;
                    onsets.extend(rule.expand(start, (start, until), MOST_CHANGES, local, budget)?);
                }
                "RDATE" => {
                    for item in values::items(line)? {
                        match item {
                            Item::Time(When::Clock(at)) => onsets.push(at),
                            Item::Time(When::Utc(at)) => onsets.push(local(at.and_utc())),
                            _ => return line.refuse("bad_zone", "A change of the clock happens at a time."),
                        }
                    }
                }
                _ => {}
            }
        }
        changes.extend(onsets.into_iter().map(|onset| (onset - seconds(from), from, to)));
        if changes.len() > usize::from(MOST_CHANGES) {
            return refuse(part.line, "bad_zone", format!("The clock changes more than {MOST_CHANGES} times."));
        }
    }
    changes.sort_unstable();
    changes.dedup();
    let Some((_, before, _)) = changes.first().copied() else {
        return refuse(definition.line, "bad_zone", "The time zone has neither STANDARD nor DAYLIGHT.");
    };
    let changes = changes.into_iter().map(|(at, _, offset)| (at, offset)).collect();
    Ok(Defined { name: name.to_owned(), before, changes })
}
