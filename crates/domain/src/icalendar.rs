//! Meetings from a calendar file (`text/calendar`, RFC 5545), as Outlook, Exchange and others write it.
//!
//! [`read`] takes the file apart: series are expanded inside a window, time zones resolved, and what cannot be
//! understood is refused with its line, all of the file or nothing. [`reconcile`] compares the result with the
//! meetings that came from the same calendar before. An occurrence is known by its UID and, in a series, by its
//! original time, so that the same file imported again changes nothing. [`write`] makes such files, for those who follow
//! the meetings from their own calendars.

mod components;
mod events;
mod lines;
mod reconcile;
mod report;
mod rules;
mod series;
#[cfg(test)]
mod tests;
mod trouble;
mod values;
pub mod write;
mod zones;

pub(crate) use reconcile::merged;
pub use reconcile::{Action, Change, Imported, Known, reconcile};
use report::Head;
pub use report::{ChangedField, EventOutcome, EventReport, Note, SkipReason};

use crate::Fault;
use crate::ids::{Id, MeetingId};
use crate::text::{NAME, Tag, Text};
use crate::time::{Date, Instant, YEARS, midnight};
use chrono::TimeDelta;
use components::{Calendar, Component};
use events::{Entry, Event, Surroundings};
use lines::{Line, only};
use rules::Budget;
use series::Group;
use std::collections::{BTreeMap, HashMap};
pub(crate) use trouble::refuse_lines;
use trouble::{Read, Trouble, Troubles};
use zones::Zones;

crate::codes! {
    /// The calendar file cannot be imported; `errors` names up to 50 lines, each as `line:17`, and what is wrong
    /// there. Nothing was changed.
    MALFORMED = Invalid "calendar_file.malformed" { fi: "Kalenteritiedostoa ei voi tuoda", sv: "Kalenderfilen kan inte importeras", en: "The calendar file cannot be imported" }
}

/// The most occurrences that one file may have in the window.
pub const MOST_OCCURRENCES: usize = 10_000;

/// The time for which a calendar is read, from its beginning to just before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    from: Instant,
    to: Instant,
}

impl Window {
    /// A window from `from` to just before `to`, cut to the [years](YEARS) of the service.
    pub fn new(from: Instant, to: Instant) -> Self {
        let begins = |year| Date::from_ymd_opt(year, 1, 1).map(midnight);
        let first = begins(*YEARS.start()).unwrap_or(Instant::MIN_UTC);
        let last = begins(YEARS.end() + 1).unwrap_or(Instant::MAX_UTC);
        let from = from.clamp(first, last);
        Self { from, to: to.clamp(from, last) }
    }

    /// Whether an instant is inside.
    pub fn holds(self, at: Instant) -> bool {
        self.from <= at && at < self.to
    }
}

/// One meeting as the calendar tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// What the calendar calls the event, the same for all of a series.
    pub uid: String,
    /// In a series, when this instance was first to begin, however it has been moved since.
    pub recurrence_id: Option<Instant>,
    /// How often the organiser has revised the event.
    pub sequence: u32,
    /// When it begins.
    pub starts_at: Instant,
    /// When it ends, if the calendar says.
    pub ends_at: Option<Instant>,
    /// The zone of its times: an IANA name, or the calendar's own name for a zone that it defines itself.
    pub zone: String,
    /// Whether the calendar says that it will not take place.
    pub cancelled: bool,
    /// What it is called.
    pub summary: Option<Text<NAME>>,
    /// Where it takes place.
    pub location: Option<Text<NAME>>,
    /// The categories that fit as tags.
    pub tags: Vec<Tag>,
    /// The physical line of the file on which its event begins.
    pub line: u32,
    /// Whether it begins inside the window that was read.
    pub in_window: bool,
    /// What had to be assumed.
    pub notes: Vec<Note>,
}

impl Occurrence {
    fn head(&self) -> Head {
        let Self { uid, line, summary, starts_at, .. } = self;
        Head { line: *line, uid: uid.clone(), summary: summary.clone(), starts_at: Some(*starts_at), on: None }
    }
}

/// All that a file says of one UID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// The physical line on which its first event begins.
    pub line: u32,
    /// The greatest sequence number of its events.
    pub sequence: u32,
    /// Whether the file has the event itself, not only single instances of a series. Only then does an instance
    /// that is missing mean that it was taken out.
    pub whole: bool,
    /// What its first event is called.
    pub summary: Option<Text<NAME>>,
}

/// What was read from a calendar file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarFile {
    /// The window that was read.
    pub window: Window,
    /// The occurrences, in the order of the file: those of series in the window, and all single ones.
    pub occurrences: Vec<Occurrence>,
    /// The events with a clock time by their UIDs.
    pub headings: BTreeMap<String, Heading>,
    /// The events of which no meeting can be made, with the reasons.
    pub skipped: Vec<EventReport>,
    /// Whether what is wrong is left out, rather than the whole file refused.
    pub skip_invalid: bool,
}

impl CalendarFile {
    /// The meetings of which the file tells by the names that the service itself gives them in its calendars.
    pub fn own_meetings(&self) -> HashMap<MeetingId, &str> {
        let own = |uid: &String| {
            let (kind, id) = events::own_uid(uid)?;
            (kind == "meeting").then(|| MeetingId::from_uuid(id))
        };
        self.headings.keys().filter_map(|uid| Some((own(uid)?, uid.as_str()))).collect()
    }
}

/// How a calendar file is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    skip_invalid: bool,
    categories: Vec<String>,
}

impl Reading {
    /// A reading that leaves out events which cannot be read where `skip_invalid` says so, and takes only those with one
    /// of these categories, unless there are none.
    pub fn new<'a>(skip_invalid: bool, categories: impl IntoIterator<Item = &'a str>) -> Self {
        Self { skip_invalid, categories: categories.into_iter().map(events::as_word).collect() }
    }
}

/// Reads a calendar file: all of it or nothing.
///
/// # Errors
/// [`MALFORMED`], with a culprit for each line at fault, the first 50 of them.
pub fn read(text: &[u8], window: Window) -> Result<CalendarFile, Fault> {
    read_as(text, window, &Reading::default())
}

/// Reads a calendar file in a way.
///
/// # Errors
/// [`MALFORMED`], with a culprit for each line at fault, the first 50 of them. Where invalid events are left out, only for
/// what is wrong with the file itself.
pub fn read_as(text: &[u8], window: Window, reading: &Reading) -> Result<CalendarFile, Fault> {
    let mut troubles = Troubles::default();
    let mut budget = Budget::default();
    let calendars = components::read(text, reading.skip_invalid, &mut troubles);
    let mut reader = Reader {
        reading,
        window,
        order: Vec::new(),
        groups: HashMap::new(),
        skipped: Vec::new(),
        invalid: HashMap::new(),
    };
    for calendar in &calendars {
        if let Some(mut around) = troubles.keep(surroundings(calendar, window, &mut budget)) {
            for component in &calendar.events {
                if troubles.is_full() {
                    break;
                }
                reader.take(component, &mut around, &mut budget, &mut troubles);
            }
        }
    }
    let file = reader.expand(&mut budget, &mut troubles);
    if troubles.is_empty() { Ok(file) } else { Err(troubles.into_fault()) }
}

/// What the properties of a calendar say of all its events.
fn surroundings<'a>(calendar: &'a Calendar, window: Window, budget: &mut Budget) -> Read<Surroundings<'a>> {
    let says = |name: &str| only(&calendar.lines, name);
    let must = |line: Option<&Line>, value: &str, detail: &str| match line {
        Some(line) if !line.value.trim().eq_ignore_ascii_case(value) => line.refuse("unsupported_calendar", detail),
        _ => Ok(()),
    };
    must(says("VERSION")?, "2.0", "Only version 2.0 of the format is read.")?;
    must(says("CALSCALE")?, "GREGORIAN", "Only the Gregorian calendar is read.")?;
    let cancels = says("METHOD")?.is_some_and(|line| line.value.trim().eq_ignore_ascii_case("CANCEL"));
    // Zones are worked out a little further than the window, for ends and for zones far from UTC.
    let until = window.to.naive_utc() + TimeDelta::days(30);
    let zones = Zones::new(&calendar.zones, says("X-WR-TIMEZONE")?, until, budget);
    Ok(Surroundings { zones, cancels })
}

struct Reader<'a> {
    reading: &'a Reading,
    window: Window,
    /// The UIDs in the order of the file.
    order: Vec<(u32, String)>,
    groups: HashMap<String, Group>,
    skipped: Vec<EventReport>,
    /// The UIDs of which some event cannot be read, with its line: what the others say is not all.
    invalid: HashMap<String, u32>,
}

impl Reader<'_> {
    fn take(
        &mut self,
        component: &Component,
        around: &mut Surroundings<'_>,
        budget: &mut Budget,
        troubles: &mut Troubles,
    ) {
        let read = match &component.damaged {
            Some(trouble) => Err(trouble.clone()),
            None => events::read(component, around, budget),
        };
        match read {
            Ok(Entry::Timed(event)) => self.add(*event),
            Ok(Entry::Other(head, reason)) => self.skipped.push(EventReport::no_meeting(head, reason)),
            Err(trouble) if self.reading.skip_invalid => {
                self.leave_out(events::head(component, around, budget), &trouble)
            }
            Err(trouble) => troubles.add(trouble),
        }
    }

    /// Leaves out an event that cannot be read.
    fn leave_out(&mut self, head: Head, trouble: &Trouble) {
        self.invalid.insert(head.uid.clone(), head.line);
        self.skipped.push(EventReport::skipped(head, SkipReason::Invalid, trouble.to_string()));
    }

    /// Puts an event to the others of its UID. Of two that are the same, the later revision counts.
    fn add(&mut self, event: Event) {
        let group = self.groups.entry(event.uid.clone()).or_insert_with(|| {
            self.order.push((event.line, event.uid.clone()));
            Group::default()
        });
        let same = match event.stands_for {
            None => group.master.take(),
            Some(original) => {
                let at = group.moved.iter().position(|moved| moved.stands_for.is_some_and(|o| o.at == original.at));
                at.map(|at| group.moved.swap_remove(at))
            }
        };
        let (event, loser) = match same {
            Some(same) if same.sequence > event.sequence => (same, Some(event)),
            same => (event, same),
        };
        if let Some(loser) = loser {
            let detail = format!("The file has the same event again, and the one on line {} counts.", event.line);
            self.skipped.push(EventReport::skipped(loser.head(), SkipReason::Repeated, detail));
        }
        if event.stands_for.is_some() {
            group.moved.push(event);
        } else {
            group.master = Some(event);
        }
    }

    fn expand(mut self, budget: &mut Budget, troubles: &mut Troubles) -> CalendarFile {
        let mut occurrences: Vec<Occurrence> = Vec::new();
        let mut headings = BTreeMap::new();
        let mut inside = 0;
        for (line, uid) in std::mem::take(&mut self.order) {
            let Some(group) = self.groups.remove(&uid).filter(|_| !troubles.is_full()) else { continue };
            let Some(head) = group.events().next().map(Event::head) else { continue };
            if let Some(other) = self.invalid.get(&uid) {
                let detail = format!("Another event of its series, on line {other}, cannot be read.");
                let report = |event: &Event| EventReport::skipped(event.head(), SkipReason::Invalid, detail.as_str());
                self.skipped.extend(group.events().map(report));
                continue;
            }
            if !group.is_wanted(&self.reading.categories) {
                let detail = "The event has none of the categories that were asked for.";
                let report = |event: &Event| EventReport::skipped(event.head(), SkipReason::OtherCategory, detail);
                self.skipped.extend(group.events().map(report));
                continue;
            }
            let found = match group.expand(self.window, budget) {
                Ok(found) => found,
                Err(trouble) if self.reading.skip_invalid => {
                    self.leave_out(head, &trouble);
                    continue;
                }
                Err(trouble) => {
                    troubles.add(trouble);
                    continue;
                }
            };
            let summary = head.summary.clone();
            if found.is_empty() {
                let detail = "The series has no meeting in the time that is read.";
                self.skipped.push(EventReport::skipped(head, SkipReason::OutsideWindow, detail));
            }
            inside += found.iter().filter(|one| one.in_window).count();
            if inside > MOST_OCCURRENCES {
                let detail = format!(
                    "With this event the file has more than {MOST_OCCURRENCES} meetings in the time that is read."
                );
                troubles.add(Trouble::new(line, "too_many_occurrences", detail));
                break;
            }
            occurrences.extend(found);
            headings.insert(uid, Heading { line, sequence: group.sequence(), whole: group.master.is_some(), summary });
        }
        self.skipped.sort_by_key(|report| report.line);
        CalendarFile {
            window: self.window,
            occurrences,
            headings,
            skipped: self.skipped,
            skip_invalid: self.reading.skip_invalid,
        }
    }
}
