//! One `VEVENT` as it stands in the file, read but not yet expanded.

use super::components::Component;
use super::lines::{Line, only, texts};
use super::report::{Head, Note, SkipReason};
use super::rules::{Budget, Rule};
use super::trouble::{Read, refuse};
use super::values::{self, Item, PeriodEnd, Span, When};
use super::write::KIND;
use super::zones::{Zone, Zones};
use crate::calendar::CalendarKind;
use crate::text::{NAME, Tag, Text};
use crate::time::Instant;
use crate::vocabulary::Vocabulary;
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use uuid::Uuid;

/// The longest UID, in bytes; RFC 7986 recommends at most 255.
const LONGEST_UID: usize = 500;
/// The most tags that an event may give to a meeting.
const MOST_TAGS: usize = 20;

/// An event at a clock time.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) line: u32,
    pub(super) uid: String,
    pub(super) sequence: u32,
    /// Which instance of a series this event stands in for.
    pub(super) stands_for: Option<Original>,
    pub(super) start: NaiveDateTime,
    pub(super) zone: Zone,
    pub(super) span: Option<Span>,
    pub(super) cancelled: bool,
    pub(super) summary: Option<Text<NAME>>,
    pub(super) location: Option<Text<NAME>>,
    /// The categories as words of tags, also those that fit as none.
    pub(super) categories: Vec<String>,
    pub(super) tags: Vec<Tag>,
    pub(super) rules: Vec<Rule>,
    pub(super) added: Vec<Added>,
    pub(super) removed: Vec<Moment>,
    pub(super) notes: Vec<Note>,
}

/// The original time of an instance of a series (`RECURRENCE-ID`).
#[derive(Clone, Copy, Debug)]
pub(super) struct Original {
    pub(super) at: Moment,
    /// Whether all later instances are meant too (`RANGE=THISANDFUTURE`).
    pub(super) and_later: bool,
}

/// A time by which an instance of a series is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    At(Instant),
    /// The instance of that day, whatever its time: some systems write days where times are meant.
    On(NaiveDate),
}

/// A time added to a series (`RDATE`).
#[derive(Clone, Copy, Debug)]
pub(super) struct Added {
    pub(super) at: Moment,
    pub(super) span: Option<Span>,
}

/// What a `VEVENT` turned out to be.
#[derive(Clone, Debug)]
pub(super) enum Entry {
    /// A meeting or a series of them.
    Timed(Box<Event>),
    /// Something that no meeting is, for this reason.
    Other(Head, SkipReason),
}

/// What the events of one calendar share.
pub(super) struct Surroundings<'a> {
    pub(super) zones: Zones<'a>,
    /// Whether the file as a whole takes its events back (`METHOD:CANCEL`).
    pub(super) cancels: bool,
}

/// Reads an event.
pub(super) fn read(component: &Component, around: &mut Surroundings<'_>, budget: &mut Budget) -> Read<Entry> {
    let Component { line, lines, .. } = component;
    let uid = uid(*line, lines)?;
    if is_no_meeting(lines, &uid) {
        return Ok(Entry::Other(head(component, around, budget), SkipReason::NotAMeeting));
    }
    let Some(start_line) = only(lines, "DTSTART")? else {
        return refuse(*line, "no_start", "The event has no DTSTART.");
    };
    let when = values::when(start_line)?;
    if matches!(when, When::Day(_)) {
        return Ok(Entry::Other(head(component, around, budget), SkipReason::AllDay));
    }
    let mut notes = Vec::new();
    let zones = &mut around.zones;
    let zone = zone_of(start_line, when, zones, budget, &mut notes)?;
    let start = clock(when).unwrap_or_default();
    let span = span(lines, start, &zone, zones, budget)?;
    let stands_for = original(lines, &zone, zones, budget)?;

    let (mut rules, mut added, mut removed) = (Vec::new(), Vec::new(), Vec::new());
    for line in lines {
        match line.name.as_str() {
            "RRULE" | "RDATE" if stands_for.is_some() => {
                return line.refuse("bad_rule", "An event with a RECURRENCE-ID cannot itself recur.");
            }
            "RRULE" => rules.push(Rule::read(line)?),
            "EXRULE" => return line.refuse("unsupported_rule", "EXRULE is not supported; EXDATE is."),
            "RDATE" => {
                for item in values::items(line)? {
                    let (when, end) = match item {
                        Item::Time(when) => (when, None),
                        Item::Period(when, end) => (when, Some(end)),
                    };
                    let (at, zone) = moment(line, when, &zone, zones, budget)?;
                    let span = end.map(|end| period(line, when, end, &zone)).transpose()?;
                    added.push(Added { at, span });
                }
            }
            "EXDATE" => {
                for item in values::items(line)? {
                    let (Item::Time(when) | Item::Period(when, _)) = item;
                    removed.push(moment(line, when, &zone, zones, budget)?.0);
                }
            }
            _ => {}
        }
    }
    let categories = categories(lines);
    let status = only(lines, "STATUS")?.is_some_and(|line| line.value.trim().eq_ignore_ascii_case("CANCELLED"));
    Ok(Entry::Timed(Box::new(Event {
        line: *line,
        uid,
        sequence: sequence(lines)?,
        stands_for,
        start,
        zone,
        span,
        cancelled: status || around.cancels,
        summary: text(lines, "SUMMARY", &mut notes),
        location: text(lines, "LOCATION", &mut notes),
        tags: tags(&categories, &mut notes),
        categories,
        rules,
        added,
        removed,
        notes,
    })))
}

fn uid(begins: u32, lines: &[Line]) -> Read<String> {
    let Some(line) = only(lines, "UID")? else {
        return refuse(begins, "no_uid", "The event has no UID.");
    };
    let uid = line.value.trim();
    if uid.is_empty() || uid.len() > LONGEST_UID || uid.chars().any(char::is_control) {
        return line.refuse("no_uid", format!("A UID has 1 to {LONGEST_UID} bytes on one line."));
    }
    Ok(uid.to_owned())
}

fn sequence(lines: &[Line]) -> Read<u32> {
    let Some(line) = only(lines, "SEQUENCE")? else { return Ok(0) };
    // An integer has 31 bits and a sign (RFC 5545, section 3.3.8).
    match line.value.trim().parse::<i32>().map(u32::try_from) {
        Ok(Ok(sequence)) => Ok(sequence),
        _ => line.refuse("bad_sequence", "SEQUENCE is not a number from 0 to 2147483647."),
    }
}

/// The clock time of a time, whatever its zone.
fn clock(when: When) -> Option<NaiveDateTime> {
    match when {
        When::Clock(clock) | When::Utc(clock) => Some(clock),
        When::Day(_) => None,
    }
}

/// The zone in which the start of an event is to be read.
fn zone_of(line: &Line, when: When, zones: &mut Zones<'_>, budget: &mut Budget, notes: &mut Vec<Note>) -> Read<Zone> {
    if matches!(when, When::Utc(_)) {
        return Ok(Zone::Named(chrono_tz::UTC));
    }
    if let Some(zone) = zones.of(line, budget)? {
        return Ok(zone);
    }
    let zone = zones.floating(line)?;
    notes.push(Note::Floating(zone.name().to_owned()));
    Ok(zone)
}

/// The moment of a time of the series, and the zone in which it was read: its own, else the series'.
fn moment(line: &Line, when: When, series: &Zone, zones: &mut Zones<'_>, budget: &mut Budget) -> Read<(Moment, Zone)> {
    Ok(match when {
        When::Utc(utc) => (Moment::At(utc.and_utc()), Zone::Named(chrono_tz::UTC)),
        When::Day(day) => (Moment::On(day), series.clone()),
        When::Clock(clock) => {
            let zone = zones.of(line, budget)?.unwrap_or_else(|| series.clone());
            (Moment::At(zone.instant(clock)), zone)
        }
    })
}

fn original(lines: &[Line], series: &Zone, zones: &mut Zones<'_>, budget: &mut Budget) -> Read<Option<Original>> {
    let Some(line) = only(lines, "RECURRENCE-ID")? else { return Ok(None) };
    let when = values::when(line)?;
    let and_later = match line.parameter("RANGE").map(str::to_ascii_uppercase).as_deref() {
        None => false,
        Some("THISANDFUTURE") => true,
        Some(_) => return line.refuse("bad_range", "The only RANGE is THISANDFUTURE."),
    };
    let (at, _) = moment(line, when, series, zones, budget)?;
    Ok(Some(Original { at, and_later }))
}

/// How long the event takes, from `DTEND` or `DURATION`.
fn span(
    lines: &[Line],
    start: NaiveDateTime,
    zone: &Zone,
    zones: &mut Zones<'_>,
    budget: &mut Budget,
) -> Read<Option<Span>> {
    match (only(lines, "DTEND")?, only(lines, "DURATION")?) {
        (None, None) => Ok(None),
        (Some(_), Some(line)) => line.refuse("bad_end", "An event has DTEND or DURATION, not both."),
        (None, Some(line)) => match values::span(&line.value) {
            Some(span) => Ok(Some(span)),
            None => line.refuse("bad_end", "DURATION is not a duration such as PT2H."),
        },
        (Some(line), None) => match moment(line, values::when(line)?, zone, zones, budget)?.0 {
            Moment::On(_) => line.refuse("bad_end", "DTEND is a whole day but DTSTART is not."),
            Moment::At(end) => between(line, zone.instant(start), end).map(Some),
        },
    }
}

/// The exact time from one instant to another that does not come before it.
fn between(line: &Line, start: Instant, end: Instant) -> Read<Span> {
    let exact = end - start;
    if exact < TimeDelta::zero() {
        return line.refuse("bad_end", "The end is before the start.");
    }
    Ok(Span { days: 0, exact })
}

fn period(line: &Line, start: When, end: PeriodEnd, zone: &Zone) -> Read<Span> {
    let at = |when: When| match when {
        When::Utc(utc) => Some(utc.and_utc()),
        When::Clock(clock) => Some(zone.instant(clock)),
        When::Day(_) => None,
    };
    match end {
        PeriodEnd::After(span) => Ok(span),
        PeriodEnd::At(end) => match (at(start), at(end)) {
            (Some(start), Some(end)) => between(line, start, end),
            _ => line.refuse("bad_time", "A period begins and ends at a time."),
        },
    }
}

fn text(lines: &[Line], name: &str, notes: &mut Vec<Note>) -> Option<Text<NAME>> {
    let line = lines.iter().find(|line| line.name == name)?;
    let (text, shortened) = values::short_text(&line.value);
    if shortened {
        notes.push(Note::Shortened(name.to_ascii_lowercase()));
    }
    text
}

/// The categories of an event as words of tags.
fn categories(lines: &[Line]) -> Vec<String> {
    let items = lines.iter().filter(|line| line.name == "CATEGORIES").flat_map(|line| texts(&line.value));
    items.map(|item| as_word(&item)).filter(|word| !word.is_empty()).collect()
}

/// A category as the word of a tag.
pub(super) fn as_word(category: &str) -> String {
    category.split_whitespace().collect::<Vec<_>>().join("-").to_lowercase()
}

/// The categories that fit as tags; the others are told of.
fn tags(categories: &[String], notes: &mut Vec<Note>) -> Vec<Tag> {
    let mut tags = Vec::new();
    for word in categories {
        match Tag::parse(word) {
            Ok(tag) if tags.contains(&tag) => {}
            Ok(tag) if tags.len() < MOST_TAGS => tags.push(tag),
            _ => {
                let note = Note::NoTag;
                if !notes.contains(&note) {
                    notes.push(note);
                }
            }
        }
    }
    tags
}

impl Event {
    /// What is told of it, whatever becomes of it.
    pub(super) fn head(&self) -> Head {
        Head {
            line: self.line,
            uid: self.uid.clone(),
            summary: self.summary.clone(),
            starts_at: Some(self.zone.instant(self.start)),
            on: None,
        }
    }
}

/// What can be told of an event, as far as it can be read.
pub(super) fn head(component: &Component, around: &mut Surroundings<'_>, budget: &mut Budget) -> Head {
    let Component { line, lines, .. } = component;
    let start = only(lines, "DTSTART").ok().flatten();
    let when = start.and_then(|line| Some((line, values::when(line).ok()?)));
    let (starts_at, on) = match when {
        Some((_, When::Day(day))) => (None, Some(day)),
        Some((line, when)) => {
            let zone = zone_of(line, when, &mut around.zones, budget, &mut Vec::new()).ok();
            (zone.zip(clock(when)).map(|(zone, clock)| zone.instant(clock)), None)
        }
        None => (None, None),
    };
    let (uid, summary) = (uid(*line, lines).unwrap_or_default(), text(lines, "SUMMARY", &mut Vec::new()));
    Head { line: *line, uid, summary, starts_at, on }
}

/// Whether an event is one of the service's own files that no meeting is, such as an agenda deadline: by the property
/// that says so, or by its UID where a program has left that out.
fn is_no_meeting(lines: &[Line], uid: &str) -> bool {
    match lines.iter().find(|line| line.name == KIND) {
        Some(line) => !line.value.trim().eq_ignore_ascii_case(CalendarKind::Meeting.as_str()),
        None => own_uid(uid).is_some_and(|(kind, _)| ["deadline", "legal-force", "report-due"].contains(&kind)),
    }
}

/// What the service's own files call a thing in its UID, and which thing: `meeting-<id>@host`.
pub(super) fn own_uid(uid: &str) -> Option<(&str, Uuid)> {
    let (name, _) = uid.split_once('@')?;
    let (kind, id) = name.split_at_checked(name.len().checked_sub(36)?)?;
    Some((kind.strip_suffix('-')?, Uuid::try_parse(id).ok()?))
}
