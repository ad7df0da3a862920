//! From events to occurrences: series are expanded, moved instances put in their places.

use super::events::{Event, Moment, Original};
use super::report::Note;
use super::rules::Budget;
use super::trouble::{Read, Trouble};
use super::values::Span;
use super::{Occurrence, Window};
use crate::time::{Instant, YEARS};
use chrono::{Datelike, Days, NaiveDateTime, TimeDelta};
use std::collections::{BTreeMap, HashSet};

/// The most occurrences that one event may have in the window.
const MOST_OF_ONE: u16 = 2_000;

/// The events of one UID: the series or single event itself, and those that stand in for instances of it.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) master: Option<Event>,
    pub(super) moved: Vec<Event>,
}

/// An instance of a series before anything stands in for it.
struct Instance {
    clock: NaiveDateTime,
    span: Option<Span>,
}

impl Group {
    /// Its events, the series or single event itself first.
    pub(super) fn events(&self) -> impl Iterator<Item = &Event> {
        self.master.iter().chain(&self.moved)
    }

    /// Whether one of its events has one of these categories; any will do where none is named.
    pub(super) fn is_wanted(&self, categories: &[String]) -> bool {
        let has = |event: &Event| event.categories.iter().any(|category| categories.contains(category));
        categories.is_empty() || self.events().any(has)
    }

    /// The greatest sequence number that any event of this UID carries.
    pub(super) fn sequence(&self) -> u32 {
        self.events().map(|event| event.sequence).max().unwrap_or(0)
    }

    /// The occurrences, in the order of their original times. Those of a series outside the window are left out.
    pub(super) fn expand(&self, window: Window, budget: &mut Budget) -> Read<Vec<Occurrence>> {
        let mut found: BTreeMap<Option<Instant>, Occurrence> = BTreeMap::new();
        let mut instances = BTreeMap::new();
        let mut later: Vec<(Instant, &Event)> = Vec::new();
        if let Some(master) = &self.master {
            let recurs = !(master.rules.is_empty() && master.added.is_empty() && self.moved.is_empty());
            if !recurs {
                let single = occurrence(master, None, master.start, master.span, window);
                return Ok(vec![single.map_err(|()| too_far(master))?]);
            }
            instances = all_instances(master, window, budget)?;
        }
        let sequence = self.master.as_ref().map_or(0, |master| master.sequence);
        for moved in &self.moved {
            let Some(Original { at, and_later }) = moved.stands_for else { continue };
            let original = self.original(at, &instances, moved);
            if and_later {
                later.push((original, moved));
            }
            let mut one =
                occurrence(moved, Some(original), moved.start, moved.span, window).map_err(|()| too_far(moved))?;
            // An instance cannot be older than the series of which the file says it is part.
            one.sequence = one.sequence.max(sequence);
            found.insert(one.recurrence_id, one);
        }
        later.sort_by_key(|(from, _)| *from);
        if let Some(master) = &self.master {
            for (original, instance) in instances {
                if found.contains_key(&Some(original)) {
                    continue;
                }
                let from_then = later.iter().rev().find(|(from, _)| *from <= original);
                let one = match from_then {
                    Some((from, event)) => shifted(event, *from, original, window),
                    None => occurrence(master, Some(original), instance.clock, instance.span, window),
                };
                let mut one = one.map_err(|()| too_far(master))?;
                one.sequence = one.sequence.max(sequence);
                if window.holds(original) || one.in_window {
                    found.insert(Some(original), one);
                }
            }
            if found.values().filter(|one| one.in_window).count() > usize::from(MOST_OF_ONE) {
                return Err(too_many(master));
            }
        }
        Ok(found.into_values().collect())
    }

    /// Which instance an event stands in for.
    fn original(&self, at: Moment, instances: &BTreeMap<Instant, Instance>, moved: &Event) -> Instant {
        let day = match at {
            Moment::At(at) => return at,
            Moment::On(day) => day,
        };
        let found = instances.iter().find(|(_, instance)| instance.clock.date() == day).map(|(at, _)| *at);
        found.unwrap_or_else(|| {
            let series = self.master.as_ref().unwrap_or(moved);
            series.zone.instant(day.and_time(series.start.time()))
        })
    }
}

/// The instances of a series in the window and a day around it, by their original times.
fn all_instances(master: &Event, window: Window, budget: &mut Budget) -> Read<BTreeMap<Instant, Instance>> {
    let zone = &master.zone;
    let around = TimeDelta::days(1);
    let bounds = (zone.local(window.from) - around, zone.local(window.to) + around);
    let mut clocks = vec![Instance { clock: master.start, span: master.span }];
    for rule in &master.rules {
        // One more than allowed, so that too many are told from just enough; and the days around.
        let most = MOST_OF_ONE + 100;
        let times = rule.expand(master.start, bounds, most, |at| zone.local(at), budget)?;
        if times.len() >= usize::from(most) {
            return rule.line().refuse("too_many_occurrences", too_many_words());
        }
        clocks.extend(times.into_iter().map(|clock| Instance { clock, span: master.span }));
    }
    let mut instances = BTreeMap::new();
    for instance in clocks {
        instances.entry(zone.instant(instance.clock)).or_insert(instance);
    }
    for added in &master.added {
        let clock = match added.at {
            Moment::At(at) => zone.local(at),
            Moment::On(day) => day.and_time(master.start.time()),
        };
        let at = match added.at {
            Moment::At(at) => at,
            Moment::On(_) => zone.instant(clock),
        };
        instances.insert(at, Instance { clock, span: added.span.or(master.span) });
    }
    let removed: HashSet<Instant> =
        master.removed.iter().filter_map(|m| if let Moment::At(at) = m { Some(*at) } else { None }).collect();
    let days: HashSet<_> =
        master.removed.iter().filter_map(|m| if let Moment::On(day) = m { Some(*day) } else { None }).collect();
    instances.retain(|at, instance| !removed.contains(at) && !days.contains(&instance.clock.date()));
    Ok(instances)
}

/// An instance that an earlier one takes along: it is moved by as much on the wall clock.
fn shifted(event: &Event, from: Instant, original: Instant, window: Window) -> Result<Occurrence, ()> {
    let zone = &event.zone;
    let by = event.start - zone.local(from);
    let clock = zone.local(original).checked_add_signed(by).ok_or(())?;
    occurrence(event, Some(original), clock, event.span, window)
}

/// The occurrence of an event at a clock time; none when its end lies beyond all calendars.
fn occurrence(
    event: &Event,
    recurrence_id: Option<Instant>,
    clock: NaiveDateTime,
    span: Option<Span>,
    window: Window,
) -> Result<Occurrence, ()> {
    let zone = &event.zone;
    let starts_at = zone.instant(clock);
    let ends_at = match span {
        None => None,
        // An exact duration, as from DTEND, is counted in hours; the days of a DURATION by the calendar.
        Some(Span { days: 0, exact }) => Some(starts_at.checked_add_signed(exact).ok_or(())?),
        Some(Span { days, exact }) => {
            let day = clock.checked_add_days(Days::new(days)).filter(|day| YEARS.contains(&day.year())).ok_or(())?;
            Some(zone.instant(day).checked_add_signed(exact).ok_or(())?)
        }
    };
    if ends_at.is_some_and(|end| !YEARS.contains(&end.year())) {
        return Err(());
    }
    let mut notes = event.notes.clone();
    if zone.local(starts_at) != clock {
        notes.push(Note::InGap);
    }
    let in_window = window.holds(starts_at);
    Ok(Occurrence {
        uid: event.uid.clone(),
        recurrence_id,
        sequence: event.sequence,
        starts_at,
        ends_at,
        zone: zone.name().to_owned(),
        cancelled: event.cancelled,
        summary: event.summary.clone(),
        location: event.location.clone(),
        tags: event.tags.clone(),
        line: event.line,
        in_window,
        notes,
    })
}

fn too_many_words() -> String {
    format!("The event has more than {MOST_OF_ONE} meetings in the time that is read.")
}

fn too_many(event: &Event) -> Trouble {
    Trouble::new(event.line, "too_many_occurrences", too_many_words())
}

fn too_far(event: &Event) -> Trouble {
    Trouble::new(event.line, "bad_end", "The event ends too far in the future.")
}
