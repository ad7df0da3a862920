//! One `VEVENT` as it stands in the file, read but not yet expanded.

use super::components::Component;
use super::lines::{Line, only, texts};
use super::report::Note;
use super::rules::{Budget, Rule};
use super::trouble::{Read, refuse};
use super::values::{self, Item, PeriodEnd, Span, When};
use super::zones::{Zone, Zones};
use crate::message;
use crate::text::{NAME, Tag, Text};
use crate::time::Instant;
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

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
    /// Something of whole days, which no meeting is.
    AllDay { line: u32, uid: String },
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
    let Some(start_line) = only(lines, "DTSTART")? else {
        return refuse(
            *line,
            "no_start",
            message!(
                fi: "Tapahtumalla ei ole alkamisaikaa (DTSTART).",
                sv: "Händelsen saknar starttid (DTSTART).",
                en: "The event has no start (DTSTART).",
            ),
        );
    };
    let when = values::when(start_line)?;
    if matches!(when, When::Day(_)) {
        return Ok(Entry::AllDay { line: *line, uid });
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
                return line.refuse(
                    "bad_rule",
                    message!(
                        fi: "Tapahtuma, jolla on RECURRENCE-ID, ei voi itse toistua.",
                        sv: "En händelse med RECURRENCE-ID kan inte själv upprepas.",
                        en: "An event with a RECURRENCE-ID cannot itself recur.",
                    ),
                );
            }
            "RRULE" => rules.push(Rule::read(line)?),
            "EXRULE" => {
                return line.refuse(
                    "unsupported_rule",
                    message!(
                        fi: "EXRULE-sääntöä ei tueta: käytä EXDATEa.",
                        sv: "EXRULE stöds inte: använd EXDATE.",
                        en: "EXRULE is not supported: use EXDATE.",
                    ),
                );
            }
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
        tags: tags(lines, &mut notes),
        rules,
        added,
        removed,
        notes,
    })))
}

fn uid(begins: u32, lines: &[Line]) -> Read<String> {
    let Some(line) = only(lines, "UID")? else {
        return refuse(
            begins,
            "no_uid",
            message!(
                fi: "Tapahtumalla ei ole UIDia.",
                sv: "Händelsen saknar UID.",
                en: "The event has no UID.",
            ),
        );
    };
    let uid = line.value.trim();
    if uid.is_empty() || uid.len() > LONGEST_UID || uid.chars().any(char::is_control) {
        return line.refuse(
            "no_uid",
            message!(
                fi: "UID:ssä saa olla 1–{LONGEST_UID} tavua yhdellä rivillä.",
                sv: "Ett UID får ha 1–{LONGEST_UID} byte på en rad.",
                en: "A UID may have 1 to {LONGEST_UID} bytes on one line.",
            ),
        );
    }
    Ok(uid.to_owned())
}

fn sequence(lines: &[Line]) -> Read<u32> {
    let Some(line) = only(lines, "SEQUENCE")? else { return Ok(0) };
    // An integer has 31 bits and a sign (RFC 5545, section 3.3.8).
    match line.value.trim().parse::<i32>().map(u32::try_from) {
        Ok(Ok(sequence)) => Ok(sequence),
        _ => line.refuse(
            "bad_sequence",
            message!(
                fi: "SEQUENCE ei ole luku väliltä 0–2147483647.",
                sv: "SEQUENCE är inte ett tal mellan 0 och 2147483647.",
                en: "SEQUENCE is not a number from 0 to 2147483647.",
            ),
        ),
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
    let zone = zones.floating.clone();
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
        Some(_) => {
            return line.refuse(
                "bad_range",
                message!(
                    fi: "RANGE voi olla vain THISANDFUTURE.",
                    sv: "RANGE kan endast vara THISANDFUTURE.",
                    en: "RANGE can only be THISANDFUTURE.",
                ),
            );
        }
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
        (Some(_), Some(line)) => line.refuse(
            "bad_end",
            message!(
                fi: "Tapahtumalla voi olla joko DTEND tai DURATION, ei molempia.",
                sv: "En händelse kan ha antingen DTEND eller DURATION, inte båda.",
                en: "An event can have DTEND or DURATION, not both.",
            ),
        ),
        (None, Some(line)) => match values::span(&line.value) {
            Some(span) => Ok(Some(span)),
            None => line.refuse(
                "bad_end",
                message!(
                    fi: "DURATION ei ole kesto, esimerkiksi PT2H.",
                    sv: "DURATION är inte en varaktighet, till exempel PT2H.",
                    en: "DURATION is not a duration, for example PT2H.",
                ),
            ),
        },
        (Some(line), None) => match moment(line, values::when(line)?, zone, zones, budget)?.0 {
            Moment::On(_) => line.refuse(
                "bad_end",
                message!(
                    fi: "DTEND on kokonainen päivä, mutta DTSTART ei ole.",
                    sv: "DTEND är en hel dag men DTSTART är det inte.",
                    en: "DTEND is a whole day but DTSTART is not.",
                ),
            ),
            Moment::At(end) => between(line, zone.instant(start), end).map(Some),
        },
    }
}

/// The exact time from one instant to another that does not come before it.
fn between(line: &Line, start: Instant, end: Instant) -> Read<Span> {
    let exact = end - start;
    if exact < TimeDelta::zero() {
        return line.refuse(
            "bad_end",
            message!(
                fi: "Loppu on ennen alkua.",
                sv: "Slutet infaller före början.",
                en: "The end is before the start.",
            ),
        );
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
            _ => line.refuse(
                "bad_time",
                message!(
                    fi: "Jakson on alettava ja päätyttävä kellonaikaan.",
                    sv: "En period måste börja och sluta vid ett klockslag.",
                    en: "A period must begin and end at a time.",
                ),
            ),
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

/// The categories that fit as tags; the others are told of.
fn tags(lines: &[Line], notes: &mut Vec<Note>) -> Vec<Tag> {
    let mut tags = Vec::new();
    let items = lines.iter().filter(|line| line.name == "CATEGORIES").flat_map(|line| texts(&line.value));
    for item in items {
        let word = item.split_whitespace().collect::<Vec<_>>().join("-").to_lowercase();
        match Tag::parse(&word) {
            Ok(tag) if tags.contains(&tag) => {}
            Ok(tag) if tags.len() < MOST_TAGS => tags.push(tag),
            _ if word.is_empty() => {}
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
