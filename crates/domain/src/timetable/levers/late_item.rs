//! A late agenda item: a body takes one matter onto the agenda of a meeting that is closed for all others.

use super::{Lever, LeverKind, Open, Trial, unused};
use crate::fault::Fault;
use crate::ids::MeetingId;
use crate::time::{Date, Instant, date_of};
use crate::timetable::calendar::Slot;
use crate::timetable::clock::days_later;
use crate::timetable::model::Body;
use std::collections::BTreeSet;

/// A meeting to which a step could come late.
#[derive(Clone, Copy)]
struct Late {
    meeting_id: MeetingId,
    days: u32,
    deadline: Instant,
}

/// The gains of late items of one step, with its place in the input; of two the later meeting must ask for fewer
/// days, and the earlier one gain more.
pub(super) fn levers(trial: &mut Trial, open: &Open<'_, '_>, body: &Body) -> Result<Vec<(usize, Lever)>, Fault> {
    let given = open.node.given;
    let mut found: Vec<(usize, Lever)> = Vec::new();
    let mut best: Option<Date> = None;
    let meetings = meetings(open);
    // The last one is the earliest meeting: if that gains nothing, none does.
    let Some(earliest) = meetings.last() else { return Ok(found) };
    if gains(trial, open, body, earliest)?.is_none() {
        return Ok(found);
    }
    for late in &meetings {
        let Some(after) = gains(trial, open, body, late)?.filter(|after| best.is_none_or(|best| *after < best)) else {
            continue;
        };
        best = Some(after);
        let lever = trial.lever(LeverKind::LateItem, Some(open.node), after);
        found.push((given, Lever { meeting_id: Some(late.meeting_id), days: Some(late.days), ..lever }));
    }
    Ok(found)
}

/// The meetings before the one that the step has, where nothing but the deadline keeps it out, by rising days: each
/// comes before all those that ask for fewer.
fn meetings(open: &Open<'_, '_>) -> Vec<Late> {
    let calendar = open.node.calendar;
    let mut late: Vec<Late> = Vec::new();
    for place in calendar.meetings_before(open.place) {
        let slot = calendar.slot(place);
        let suits = |deadline| open.needs.admit(&Slot { deadline, ..slot }, place);
        if !calendar.has_tag(place, open.needs.tag) || !suits(slot.starts_at) {
            continue;
        }
        let Some((days, deadline)) = least_days(&slot, suits) else { continue };
        // In the order of the meetings: a later one is of use only if it asks for fewer days than all before it.
        if let Some(meeting_id) = slot.meeting_id
            && late.last().is_none_or(|other| days < other.days)
        {
            late.push(Late { meeting_id, days, deadline });
        }
    }
    late.reverse();
    late
}

/// The fewest days by which the deadline has to be put off, and to when; no later than the start of the meeting.
fn least_days(slot: &Slot, suits: impl Fn(Instant) -> bool) -> Option<(u32, Instant)> {
    let put_off = |days| days_later(slot.deadline, days).map_or(slot.starts_at, |at| at.min(slot.starts_at));
    let whole = date_of(slot.starts_at).signed_duration_since(date_of(slot.deadline)).num_days();
    let (mut low, mut high) = (0, u32::try_from(whole).ok()?.checked_add(1)?);
    while low < high {
        let middle = low + (high - low) / 2;
        if suits(put_off(middle)) { high = middle } else { low = middle + 1 }
    }
    Some((low, put_off(low))).filter(|(days, _)| *days > 0)
}

/// When the action can start with one late item, if that is a gain. The step is given a body of its own for this, so
/// that all other steps keep the deadline.
fn gains(trial: &mut Trial, open: &Open<'_, '_>, body: &Body, late: &Late) -> Result<Option<Date>, Fault> {
    let in_use: BTreeSet<_> = trial.route.steps.iter().map(|step| step.body_id).collect();
    let mut own = Body { id: unused(&in_use), ..body.clone() };
    for meeting in own.meetings.iter_mut().filter(|meeting| meeting.id == late.meeting_id) {
        meeting.agenda_deadline = late.deadline;
    }
    trial.calendars.replace(&own)?;
    if let Some(step) = trial.route.steps.get_mut(open.node.given) {
        step.body_id = own.id;
    }
    let after = trial.gains()?;
    if let Some(step) = trial.route.steps.get_mut(open.node.given) {
        step.body_id = body.id;
    }
    Ok(after)
}
