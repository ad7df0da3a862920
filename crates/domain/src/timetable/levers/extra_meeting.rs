//! An extra meeting of a body, on the days on which it gains most.
//!
//! A meeting takes time, so nothing decided at it is in time for another step at the same meeting. A step that uses
//! the extra meeting therefore has its inputs just when it has them without that meeting, and can use it from a first
//! day on that does not depend on the other steps, up to the meeting that it has otherwise. From one such first day
//! to the next the steps at the extra meeting only leave it, so that the start only gets later: the best day is one
//! of the first days, and the last day that is as good is found by bisection between them.

use super::{Base, Lever, LeverKind, Open, Trial, unused};
use crate::bodies::AgendaRule;
use crate::fault::Fault;
use crate::ids::MeetingId;
use crate::text::Tag;
use crate::time::YEARS;
use crate::time::{Date, date_of, days_after, local};
use crate::timetable::calendar::{Law, Place, Slot};
use crate::timetable::clock::LONG_AGO;
use crate::timetable::model::{Body, Meeting};
use crate::vocabulary::BodyKind;
use chrono::{Datelike, NaiveTime, TimeDelta};
use chrono_tz::Europe::Helsinki;
use std::collections::BTreeSet;

/// How long a meeting takes of which nothing is known.
const USUAL_LENGTH: TimeDelta = TimeDelta::hours(2);
/// No meeting is taken to be longer.
const GREATEST_LENGTH: TimeDelta = TimeDelta::hours(24);

/// The meeting that a body would call for a day: at the time of day and for as long as its last known meeting, else
/// from 16:00 for two hours, with its agenda closed as `rule` says.
pub fn extraordinary(body: &Body, rule: &AgendaRule, id: MeetingId, on: Date, tags: Vec<Tag>) -> Meeting {
    let last = body.meetings.iter().max_by_key(|meeting| (meeting.starts_at, meeting.id));
    let time = last.map(|meeting| meeting.starts_at.with_timezone(&Helsinki).time());
    let time = time.or(NaiveTime::from_hms_opt(16, 0, 0)).unwrap_or_default();
    let length = last.and_then(|meeting| Some(meeting.ends_at?.signed_duration_since(meeting.starts_at)));
    let length = length.filter(|length| (TimeDelta::zero()..=GREATEST_LENGTH).contains(length) && !length.is_zero());
    let starts_at = local(on.and_time(time));
    Meeting {
        id,
        starts_at,
        ends_at: Some(starts_at + length.unwrap_or(USUAL_LENGTH)),
        agenda_deadline: rule.deadline(starts_at).at,
        cancelled: false,
        held: false,
        tags,
        minutes_published_on: None,
    }
}

/// The gain of one extra meeting of a body, with the place in the input of the step that is handled there.
pub(super) fn lever(
    trial: &mut Trial,
    base: &Base<'_, '_>,
    body: &Body,
    rule: &AgendaRule,
) -> Result<Option<(usize, Lever)>, Fault> {
    if body.kind == BodyKind::OfficeHolder {
        return Ok(None);
    }
    let steps: Vec<&Open<'_, '_>> =
        base.open.iter().filter(|open| open.movable && open.node.step.body_id == body.id).collect();
    let tags: BTreeSet<&Tag> = steps.iter().filter_map(|open| open.needs.tag).collect();
    let tags: Vec<Tag> = tags.into_iter().cloned().collect();
    let id = unused(&body.meetings.iter().map(|meeting| meeting.id).collect());
    let meeting = |on| extraordinary(body, rule, id, on, tags.clone());
    let mut first_days: Vec<(Date, &Open<'_, '_>)> =
        steps.iter().filter_map(|open| Some((first_day(open, rule, meeting)?, *open))).collect();
    first_days.sort_by_key(|(on, open)| (*on, open.node.given));

    let mut with_extra = body.clone();
    let mut gains_on = |on: Date| {
        with_extra.meetings.truncate(body.meetings.len());
        with_extra.meetings.push(meeting(on));
        trial.calendars.replace(&with_extra)?;
        trial.gains()
    };
    let mut tried: Vec<(Date, Option<Date>)> = Vec::new();
    for (on, _) in &first_days {
        if tried.last().is_none_or(|(last, _)| last < on) {
            tried.push((*on, gains_on(*on)?));
        }
    }
    let best = tried.iter().filter_map(|(on, after)| Some(((*after)?, *on))).min();
    let span = match best {
        Some((after, from)) => Some((from, after, last_day(from, after, &tried, gains_on)?)),
        None => None,
    };
    trial.calendars.replace(body)?;
    Ok(span.and_then(|(from, after, to)| {
        // The step whose first day it is: a day earlier the gain is less, for its sake.
        let (_, open) = first_days.iter().find(|(on, _)| *on == from)?;
        let lever = trial.lever(LeverKind::ExtraMeeting, Some(open.node), after);
        Some((open.node.given, Lever { from: Some(from), to: Some(to), ..lever }))
    }))
}

/// The first day on which a step could be handled at an extra meeting; nothing if it has a meeting before that.
fn first_day(open: &Open<'_, '_>, rule: &AgendaRule, meeting: impl Fn(Date) -> Meeting) -> Option<Date> {
    let needs = open.needs.without_hand_in();
    let drafted = days_after(date_of(needs.inputs.max(needs.base)), needs.preparation_days);
    let mut from = days_after(drafted, rule.lead.days.into()).max(needs.not_before.unwrap_or(Date::MIN));
    if needs.before_start != LONG_AGO {
        from = from.max(date_of(needs.before_start));
    }
    // These days are the earliest by their dates; the times of day and the end of the meeting shift it by one, and a
    // deadline that moves back over days on which nobody works by a few more: at Christmas by five.
    let days = from.pred_opt()?.iter_days().take(12).filter(|on| YEARS.contains(&on.year()));
    let mut slots = days.map(|on| (on, slot(&meeting(on))));
    // The place stands for no meeting of the calendar.
    let (on, slot) = slots.find(|(_, slot)| needs.admit(slot, Place::Meeting(usize::MAX)))?;
    let has_earlier = open.place.is_some_and(|place| open.node.calendar.slot(place).decided <= slot.decided);
    (!has_earlier).then_some(on)
}

/// What the placement rule looks at of a meeting.
fn slot(meeting: &Meeting) -> Slot {
    let decided = meeting.ends_at.unwrap_or(meeting.starts_at);
    Slot {
        meeting_id: Some(meeting.id),
        deadline: meeting.agenda_deadline,
        starts_at: meeting.starts_at,
        decided,
        date: date_of(decided),
        law: Law::Immediate,
    }
}

/// The last day of those from `from` on that all let the action start on `after`.
fn last_day(
    from: Date,
    after: Date,
    tried: &[(Date, Option<Date>)],
    mut gains_on: impl FnMut(Date) -> Result<Option<Date>, Fault>,
) -> Result<Date, Fault> {
    let mut to = from;
    let mut later = tried.iter().filter(|(on, _)| from < *on);
    loop {
        let next = later.next();
        // Nothing that the start needs is decided after the start.
        let end = next.and_then(|(on, _)| on.pred_opt()).map_or(after, |end| end.min(after)).max(to);
        let mut too_late = end.succ_opt().unwrap_or(end);
        let mut kept = to;
        while let Some(middle) = between(kept, too_late) {
            if gains_on(middle)? == Some(after) { kept = middle } else { too_late = middle }
        }
        to = kept;
        match next {
            Some((on, gained)) if to == end && *gained == Some(after) && *on <= after => to = *on,
            _ => return Ok(to),
        }
    }
}

/// A day halfway between two, if there is any between them.
fn between(one: Date, other: Date) -> Option<Date> {
    let days = other.signed_duration_since(one).num_days();
    (days > 1).then(|| one + TimeDelta::days(days / 2))
}
