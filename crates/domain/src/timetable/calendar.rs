//! The calendars of bodies, prepared once for a point in time and shared by all actions.
//!
//! A calendar keeps the meetings that count in their order (by `decided`, `starts_at`, id), each with its dates of
//! law already computed, so that placing a step is a binary search and a short scan. The days of office holders
//! are not materialised.

use super::candidates::Candidates;
use super::clock::{LAST_YEAR, LONG_AGO, in_time};
use super::model::{Body, Meeting, Occasion, Step};
use super::range::{body_in_range, in_years};
use super::{DUPLICATE, MINUTES_OUT_OF_ORDER, UNKNOWN_BODY};
use crate::fault::Fault;
use crate::holidays::{is_working_day, working_day_from, working_day_until};
use crate::ids::{BodyId, MeetingId, OrganisationId};
use crate::legal;
use crate::message;
use crate::text::Tag;
use crate::time::{self, Date, Instant, YEARS};
use crate::vocabulary::{BodyKind, OrganisationKind, Regime};
use chrono::{Datelike, NaiveTime};
use std::collections::HashMap;

/// The calendars of many bodies as they stand at one point in time.
#[derive(Clone, Debug)]
pub struct Calendars {
    now: Instant,
    bodies: HashMap<BodyId, Calendar>,
    /// Why the others have none.
    refused: HashMap<BodyId, Fault>,
}

impl Calendars {
    /// Prepares the calendars of `bodies` for the time `now`.
    ///
    /// # Errors
    /// [`OUT_OF_RANGE`] for a date that is absurd, [`DUPLICATE`] for a body or meeting given twice,
    /// [`MINUTES_OUT_OF_ORDER`] where the minutes of coming meetings are.
    pub fn prepare<'a>(now: Instant, bodies: impl IntoIterator<Item = &'a Body>) -> Result<Self, Fault> {
        in_years(now.date_naive())?;
        let mut calendars = Self { now, bodies: HashMap::new(), refused: HashMap::new() };
        for body in bodies {
            if calendars.bodies.insert(body.id, Calendar::prepare(now, body)?).is_some() {
                return Err(Fault::new(&DUPLICATE, format!("The body {} is given twice.", body.id)));
            }
        }
        Ok(calendars)
    }

    /// The same for many actions: what is wrong with one body is told of those alone that have a step on it.
    ///
    /// # Errors
    /// [`OUT_OF_RANGE`] for the time.
    pub fn prepare_each<'a>(now: Instant, bodies: impl IntoIterator<Item = &'a Body>) -> Result<Self, Fault> {
        let mut calendars = Self::prepare(now, [])?;
        for body in bodies {
            match Calendar::prepare(now, body) {
                Ok(calendar) => drop(calendars.bodies.insert(body.id, calendar)),
                Err(fault) => drop(calendars.refused.insert(body.id, fault)),
            }
        }
        Ok(calendars)
    }

    /// Replaces the calendar of one body, to see what a change of it would do.
    ///
    /// # Errors
    /// As [`Calendars::prepare`].
    pub fn replace(&mut self, body: &Body) -> Result<(), Fault> {
        self.bodies.insert(body.id, Calendar::prepare(self.now, body)?);
        Ok(())
    }

    /// Gives a body that is made up the calendar of another one, with the agenda of one meeting closed at another
    /// time: the order of the meetings does not depend on that.
    pub(super) fn copy_with_deadline(&mut self, of: BodyId, copy: BodyId, place: Place, deadline: Instant) {
        let Some(mut calendar) = self.bodies.get(&of).cloned() else { return };
        if let Place::Meeting(index) = place
            && let Some(slot) = calendar.slots.get_mut(index)
        {
            slot.deadline = deadline;
        }
        self.bodies.insert(copy, calendar);
    }

    /// The time for which the calendars are prepared.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// How far a body's calendar is known: the later of the given date and its last known meeting.
    pub fn published_until(&self, body: BodyId) -> Option<Date> {
        self.bodies.get(&body)?.published_until
    }

    pub(super) fn of(&self, step: &Step) -> Result<&Calendar, Fault> {
        self.bodies.get(&step.body_id).ok_or_else(|| {
            let unknown = || {
                Fault::new(&UNKNOWN_BODY, format!("The body {} of the step {} is not known.", step.body_id, step.id))
            };
            self.refused.get(&step.body_id).cloned().unwrap_or_else(unknown)
        })
    }
}

/// Where a step can be handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// The meeting at this index of the calendar.
    Meeting(usize),
    /// A day of an office holder.
    Day(Date),
}

/// A meeting, or an office holder's day, with all times that follow from it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub(super) meeting_id: Option<MeetingId>,
    pub(super) deadline: Instant,
    pub(super) starts_at: Instant,
    pub(super) decided: Instant,
    /// The local date of `decided`.
    pub(super) date: Date,
    pub(super) law: Law,
}

impl Slot {
    /// Its place in the order of meetings.
    fn order(&self) -> (Instant, Instant, Option<MeetingId>) {
        (self.decided, self.starts_at, self.meeting_id)
    }
}

/// What the law makes of a decision taken there.
#[derive(Clone, Copy, Debug)]
pub(super) enum Law {
    /// No remedy lies: it has effect at once.
    Immediate,
    /// Notice and legal force at 00:00 of these dates.
    Dated { notice_on: Date, notified: Instant, force_on: Date, force: Instant, overdue: bool },
    /// The minutes are older than the rules that are known.
    BeforeValidity,
}

/// What a step asks of its meeting.
#[derive(Clone, Copy, Debug)]
pub(super) struct Needs<'a> {
    /// When all that is due by the agenda deadline is in.
    pub(super) inputs: Instant,
    /// Now, or when preparation started again.
    pub(super) base: Instant,
    /// The meeting for which the step is handed in: there `base` is not asked for.
    pub(super) handed_in: Option<Place>,
    /// When all that is due by the start of the meeting is in.
    pub(super) before_start: Instant,
    pub(super) preparation_days: u32,
    pub(super) not_before: Option<Date>,
    pub(super) tag: Option<&'a Tag>,
}

/// The meetings of one body.
#[derive(Clone, Debug)]
pub(super) struct Calendar {
    pub(super) organisation_id: OrganisationId,
    pub(super) regime: Regime,
    pub(super) office_holder: bool,
    pub(super) valid_to: Option<Date>,
    organisation_kind: OrganisationKind,
    minutes_publication_days: u32,
    today: Date,
    published_until: Option<Date>,
    /// First the meetings that count, in their order, then those that do not.
    slots: Vec<Slot>,
    /// The tags of each slot.
    tags: Vec<Vec<Tag>>,
    /// How many count.
    usable: usize,
    /// Where each meeting is, by id.
    index: Vec<(MeetingId, usize)>,
}

impl Calendar {
    fn prepare(now: Instant, body: &Body) -> Result<Self, Fault> {
        body_in_range(body)?;
        let last_known = body.meetings.iter().map(|meeting| time::date_of(decided(meeting))).max();
        let mut calendar = Self {
            organisation_id: body.organisation_id,
            regime: body.regime,
            office_holder: body.kind == BodyKind::OfficeHolder,
            valid_to: body.valid_to,
            organisation_kind: body.organisation_kind,
            minutes_publication_days: body.minutes_publication_days,
            today: time::date_of(now),
            published_until: body.published_until.max(last_known),
            slots: Vec::with_capacity(body.meetings.len()),
            tags: Vec::with_capacity(body.meetings.len()),
            usable: 0,
            index: Vec::with_capacity(body.meetings.len()),
        };
        let counts = |m: &Meeting| !m.cancelled && calendar.is_valid(time::date_of(decided(m)));
        let mut meetings: Vec<(bool, &Meeting)> = body.meetings.iter().map(|m| (!counts(m), m)).collect();
        meetings.sort_by_key(|(out, m)| (*out, decided(m), m.starts_at, m.id));
        let mut notified_last = LONG_AGO;
        for (place, (out, meeting)) in meetings.into_iter().enumerate() {
            let slot = calendar.slot_of(meeting, now);
            // What has been decided and published by now is a fact that no step can be planned around any more.
            let ahead = now <= slot.decided || meeting.minutes_published_on.is_some_and(|on| calendar.today < on);
            if let Law::Dated { notified, .. } = slot.law
                && ahead
                && !out
            {
                if notified < notified_last {
                    return Err(out_of_order());
                }
                notified_last = notified;
            }
            calendar.slots.push(slot);
            calendar.tags.push(meeting.tags.clone());
            calendar.index.push((meeting.id, place));
            calendar.usable += usize::from(!out);
        }
        calendar.index.sort_unstable();
        if calendar.index.windows(2).any(|pair| matches!(pair, [(one, _), (other, _)] if one == other)) {
            return Err(Fault::new(&DUPLICATE, format!("A meeting of the body {} is given twice.", body.id)));
        }
        Ok(calendar)
    }

    fn is_valid(&self, date: Date) -> bool {
        self.valid_to.is_none_or(|last| date <= last)
    }

    fn slot_of(&self, meeting: &Meeting, now: Instant) -> Slot {
        let decided = decided(meeting);
        let date = time::date_of(decided);
        let planned = time::days_after(date, self.minutes_publication_days);
        // A meeting whose time has passed was held, whether or not anybody has recorded so.
        let overdue = meeting.minutes_published_on.is_none()
            && (meeting.held || decided <= now && !meeting.cancelled)
            && planned < self.today;
        let minutes_on = meeting.minutes_published_on.unwrap_or(if overdue { self.today } else { planned });
        Slot {
            meeting_id: Some(meeting.id),
            deadline: meeting.agenda_deadline,
            starts_at: meeting.starts_at,
            decided,
            date,
            law: self.law(minutes_on, overdue),
        }
    }

    /// The date by which the minutes of a meeting on `date` are to be published.
    pub(super) fn minutes_due(&self, date: Date) -> Date {
        time::days_after(date, self.minutes_publication_days)
    }

    fn law(&self, minutes_on: Date, overdue: bool) -> Law {
        match legal::legal_dates(self.regime, Some(self.organisation_kind), minutes_on) {
            Ok(None) => Law::Immediate,
            Ok(Some(dates)) => Law::Dated {
                notice_on: dates.notice_on,
                notified: time::midnight(dates.notice_on),
                force_on: dates.legal_force_on,
                force: time::midnight(dates.legal_force_on),
                overdue,
            },
            Err(_) => Law::BeforeValidity,
        }
    }

    /// An office holder's day: matters are in by 08:00 and decided at 16:00.
    fn day(&self, date: Date) -> Slot {
        let at = |hour| time::local(date.and_time(NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default()));
        let planned = time::days_after(date, self.minutes_publication_days);
        let overdue = date < self.today && planned < self.today;
        let law = self.law(if overdue { self.today } else { planned }, overdue);
        Slot { meeting_id: None, deadline: at(8), starts_at: at(16), decided: at(16), date, law }
    }

    /// Where an occasion is in this calendar, also if it does not count.
    pub(super) fn find(&self, occasion: Occasion) -> Option<Place> {
        match occasion {
            Occasion::Day(date) => YEARS.contains(&date.year()).then_some(Place::Day(date)),
            Occasion::Meeting(id) => {
                let at = self.index.binary_search_by_key(&id, |(id, _)| *id).ok()?;
                self.index.get(at).map(|(_, place)| Place::Meeting(*place))
            }
        }
    }

    pub(super) fn slot(&self, place: Place) -> Slot {
        match place {
            Place::Day(date) => self.day(date),
            // A place is only ever made from an index of this calendar.
            Place::Meeting(index) => self.slots.get(index).copied().unwrap_or_else(|| self.day(self.today)),
        }
    }

    /// Whether the place is one that counts: not cancelled, not after the body's end, a working day.
    pub(super) fn counts(&self, place: Place) -> bool {
        match place {
            Place::Meeting(index) => index < self.usable,
            Place::Day(date) => self.office_holder && is_working_day(date) && self.is_valid(date),
        }
    }

    /// Whether the place lies after the body's end.
    pub(super) fn is_over(&self, place: Place) -> bool {
        !self.is_valid(self.slot(place).date)
    }

    pub(super) fn has_tag(&self, place: Place, tag: Option<&Tag>) -> bool {
        tag.is_none_or(|tag| match place {
            Place::Meeting(index) => self.tags.get(index).is_some_and(|tags| tags.contains(tag)),
            Place::Day(_) => false,
        })
    }

    /// Whether a step with these needs can be handled there.
    pub(super) fn fits(&self, place: Place, needs: &Needs<'_>) -> bool {
        self.counts(place) && self.has_tag(place, needs.tag) && needs.admit(&self.slot(place), place)
    }

    /// The first place that fits.
    pub(super) fn first_fit(&self, needs: &Needs<'_>) -> Option<Place> {
        let handed_in = needs.handed_in.filter(|place| self.fits(*place, needs));
        let planned = match needs.without_hand_in() {
            needs if self.office_holder => self.day_from(needs.first_date(), &needs).map(Place::Day),
            needs => self.meetings_from(self.first_after(&needs), &needs).next(),
        };
        match (handed_in, planned) {
            (Some(one), Some(other)) if self.slot(other).order() < self.slot(one).order() => Some(other),
            (one, other) => one.or(other),
        }
    }

    /// The index of the first meeting that is not ruled out by its date alone.
    fn first_after(&self, needs: &Needs<'_>) -> usize {
        let from = needs.inputs.max(needs.base).max(needs.before_start);
        let usable = self.slots.get(..self.usable).unwrap_or_default();
        usable.partition_point(|slot| slot.decided < from || needs.not_before.is_some_and(|date| slot.date < date))
    }

    fn meetings_from<'a>(&'a self, first: usize, needs: &'a Needs<'_>) -> impl Iterator<Item = Place> + 'a {
        let usable = self.slots.get(first..self.usable).unwrap_or_default();
        usable.iter().enumerate().filter_map(move |(offset, slot)| {
            let place = Place::Meeting(first + offset);
            (self.has_tag(place, needs.tag) && needs.admit(slot, place)).then_some(place)
        })
    }

    /// The first day of an office holder after a place that fits: all working days after it fit as well.
    pub(super) fn day_after(&self, place: Place, needs: &Needs<'_>) -> Option<Date> {
        self.day_from(time::days_after(self.slot(place).date, 1).max(needs.first_date()), needs)
    }

    /// The first fitting day from a date on.
    fn day_from(&self, from: Date, needs: &Needs<'_>) -> Option<Date> {
        let mut date = working_day_from(from);
        // The inputs of a day are in on the day itself or the one before: this takes few rounds.
        while self.is_valid(date) && date.year() <= LAST_YEAR && needs.tag.is_none() {
            if needs.admit(&self.day(date), Place::Day(date)) {
                return Some(date);
            }
            date = working_day_from(time::days_after(date, 1));
        }
        None
    }

    /// The places after `place` that fit, up to those that have decided by `until`.
    pub(super) fn fits_after(&self, place: Place, needs: &Needs<'_>, until: Instant) -> Candidates {
        if self.office_holder {
            let first = self.day_after(place, needs);
            let last = time::date_of(until).min(self.valid_to.unwrap_or(Date::MAX));
            let last = if self.day(last).decided <= until { last } else { last.pred_opt().unwrap_or(last) };
            return match first {
                Some(first) if first <= last => Candidates::Days { first, last: working_day_until(last) },
                _ => Candidates::Meetings(Vec::new()),
            };
        }
        let next = match place {
            Place::Meeting(index) => index + 1,
            Place::Day(_) => self.usable,
        };
        // Not from `first_after`: the meeting for which the step is handed in may lie before that.
        let fitting = self.meetings_from(next, needs);
        Candidates::Meetings(fitting.take_while(|place| self.slot(*place).decided <= until).collect())
    }

    /// The meetings that count and come before a place; all of them where there is no place.
    pub(super) fn meetings_before(&self, place: Option<Place>) -> impl Iterator<Item = Place> + use<> {
        let end = match place {
            Some(Place::Meeting(index)) => index.min(self.usable),
            Some(Place::Day(_)) => 0,
            None => self.usable,
        };
        (0..end).map(Place::Meeting)
    }

    /// The nearest place before one that a step with this tag could have had.
    pub(super) fn place_before(&self, place: Place, tag: Option<&Tag>) -> Option<Place> {
        match place {
            Place::Day(date) => date.pred_opt().map(|day| Place::Day(working_day_until(day))),
            Place::Meeting(index) => (0..index).rev().map(Place::Meeting).find(|place| self.has_tag(*place, tag)),
        }
    }
}

impl Needs<'_> {
    pub(super) fn without_hand_in(self) -> Self {
        Self { handed_in: None, ..self }
    }

    /// Whether the times and dates of a slot suit.
    pub(super) fn admit(&self, slot: &Slot, place: Place) -> bool {
        let due = if self.handed_in == Some(place) { self.inputs } else { self.inputs.max(self.base) };
        self.before_start <= slot.starts_at
            && self.not_before.is_none_or(|date| date <= slot.date)
            && (due == LONG_AGO || in_time(due, slot.deadline, self.preparation_days))
    }

    /// A date on or before the first day that suits an office holder, and at most a few days before it.
    fn first_date(&self) -> Date {
        let in_by = time::days_after(time::date_of(self.inputs.max(self.base)), self.preparation_days);
        let start = if self.before_start == LONG_AGO { in_by } else { time::date_of(self.before_start) };
        in_by.max(start).max(self.not_before.unwrap_or(in_by))
    }
}

/// The refusal of a calendar in which a later meeting could be the better one.
fn out_of_order() -> Fault {
    let detail = message!(
        fi: "Toimielimen tulevan kokouksen pöytäkirja julkaistaisiin ennen aikaisemman kokouksen pöytäkirjaa.",
        sv: "Protokollet från ett kommande sammanträde skulle publiceras före protokollet från ett tidigare.",
        en: "The minutes of a coming meeting of a body would be published before those of an earlier meeting."
    );
    Fault::new(&MINUTES_OUT_OF_ORDER, detail)
}

/// When a meeting has decided.
fn decided(meeting: &Meeting) -> Instant {
    meeting.ends_at.unwrap_or(meeting.starts_at)
}
