//! A late agenda item: a body takes one matter onto the agenda of a meeting that is closed for all others.

use super::{Lever, LeverKind, Open, Trial};
use crate::fault::Fault;
use crate::ids::MeetingId;
use crate::time::{Date, Instant, date_of};
use crate::timetable::calendar::{Place, Slot};
use crate::timetable::clock::days_later;

/// A meeting to which a step could come late.
#[derive(Clone, Copy)]
struct Late {
    meeting_id: MeetingId,
    place: Place,
    days: u32,
    deadline: Instant,
}

/// The gains of late items of one step: the fewest days that gain anything, and the fewest that gain most.
pub(super) fn levers(trial: &mut Trial, open: &Open<'_, '_>) -> Result<Vec<Lever>, Fault> {
    let meetings = meetings(open);
    // The last one is the earliest meeting: none gains more.
    let Some(earliest) = meetings.last() else { return Ok(Vec::new()) };
    let Some(most) = gains(trial, open, earliest)? else { return Ok(Vec::new()) };
    let any = first(&meetings, |late| Ok(gains(trial, open, late)?.is_some()))?;
    let best = first(&meetings, |late| Ok(gains(trial, open, late)? == Some(most)))?;
    let mut found: Vec<Lever> = Vec::new();
    for late in any.into_iter().chain(best) {
        if let Some(after) = gains(trial, open, late)?
            && found.iter().all(|other| other.meeting_id != Some(late.meeting_id))
        {
            let lever = trial.lever(LeverKind::LateItem, Some(open.node), after);
            found.push(Lever { meeting_id: Some(late.meeting_id), days: Some(late.days), ..lever });
        }
    }
    Ok(found)
}

/// The first for which `holds`; it must hold for all after that as well.
fn first(meetings: &[Late], mut holds: impl FnMut(&Late) -> Result<bool, Fault>) -> Result<Option<&Late>, Fault> {
    let (mut low, mut high) = (0, meetings.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let Some(late) = meetings.get(middle) else { break };
        if holds(late)? { high = middle } else { low = middle + 1 }
    }
    Ok(meetings.get(low))
}

/// The meetings before the one that the step has, where nothing but the deadline keeps it out, by rising days: each
/// comes before all those that ask for fewer, and so gains no less.
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
            late.push(Late { meeting_id, place, days, deadline });
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
fn gains(trial: &mut Trial, open: &Open<'_, '_>, late: &Late) -> Result<Option<Date>, Fault> {
    let (given, body_id) = (open.node.given, open.node.step.body_id);
    let own = trial.made_up;
    trial.calendars.copy_with_deadline(body_id, own, late.place, late.deadline);
    if let Some(step) = trial.route.steps.get_mut(given) {
        step.body_id = own;
    }
    let after = trial.gains()?;
    if let Some(step) = trial.route.steps.get_mut(given) {
        step.body_id = body_id;
    }
    Ok(after)
}
