//! Meetings of bodies: planned, invited to and held, or cancelled; never deleted.

mod import;

pub use import::{Import, ImportCounts, calendar_window};

use crate::bodies::Body;
use crate::fault::{Culprit, Fault, Message};
use crate::icalendar::{Imported, Known};
use crate::ids::{BodyId, MeetingId, OrganisationId};
use crate::message;
use crate::meta::Meta;
use crate::text::{NAME, Tag, Text, ZoneName};
use crate::time::{Date, Instant, YEARS, date_of, to_microsecond};
use chrono::Datelike;

/// The most tags of a meeting.
pub const MOST_TAGS: usize = 20;

crate::vocabulary! {
    /// How far a meeting has come. It takes one step at a time, and none back.
    MeetingState {
        /// Its date is in the body's calendar.
        Planned = "planned",
        /// The members have been invited.
        Invited = "invited",
        /// It has been held.
        Held = "held",
    }
}

crate::codes! {
    /// The meeting has been held: its times stand, and it cannot be cancelled any more. `errors` names each member
    /// that would have been changed.
    HELD = Conflict "meeting.held" { fi: "Kokous on jo pidetty", sv: "Sammanträdet har redan hållits", en: "The meeting has been held" }
    /// The meeting has been cancelled and stays as it is. If it takes place after all, add a new meeting, or import
    /// the calendar that says so.
    CANCELLED = Conflict "meeting.cancelled" { fi: "Kokous on peruttu", sv: "Sammanträdet är inställt", en: "The meeting is cancelled" }
    /// The meeting begins before the body's `valid_from` or after its `valid_to`.
    OUTSIDE_VALIDITY = Conflict "meeting.outside_validity" { fi: "Kokous on toimielimen voimassaoloajan ulkopuolella", sv: "Sammanträdet ligger utanför organets giltighetstid", en: "The meeting is outside the body's validity" }
    /// The state of a meeting goes from planned to invited and from invited to held, one step at a time.
    STATE_ORDER = Conflict "meeting.state_order" { fi: "Kokous ei voi siirtyä tähän tilaan", sv: "Sammanträdet kan inte övergå i detta läge", en: "The meeting cannot go to this state" }
    /// The meeting begins in the future, so it cannot have been held.
    NOT_STARTED = Conflict "meeting.not_started" { fi: "Kokous ei ole vielä alkanut", sv: "Sammanträdet har inte börjat", en: "The meeting has not begun" }
    /// Minutes are published of a meeting that has been held.
    NOT_HELD = Conflict "meeting.not_held" { fi: "Kokousta ei ole vielä pidetty", sv: "Sammanträdet har inte hållits", en: "The meeting has not been held" }
}

/// A meeting of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meeting {
    /// Its identifier.
    pub id: MeetingId,
    /// The body that meets.
    pub body_id: BodyId,
    /// The organisation of the body.
    pub organisation_id: OrganisationId,
    /// Version and times.
    pub meta: Meta,
    /// What is known of it.
    pub details: Details,
    /// Whether it will not take place.
    pub cancelled: bool,
    /// What the calendar calls it that it was imported from.
    pub origin: Option<Origin>,
}

/// What is known of a meeting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// When it begins.
    pub starts_at: Instant,
    /// When it ends, where known.
    pub ends_at: Option<Instant>,
    /// The last moment to hand an item in.
    pub agenda_deadline: Instant,
    /// The zone in which its times are told.
    pub zone: ZoneName,
    /// How far it has come.
    pub state: MeetingState,
    /// What marks it.
    pub tags: Vec<Tag>,
    /// Where it takes place.
    pub location: Option<Text<NAME>>,
    /// The date on which its minutes were published.
    pub minutes_published_on: Option<Date>,
}

/// By what a meeting is known in the calendar that it was imported from (RFC 5545).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// What the calendar calls the event, the same for all of a series.
    pub uid: String,
    /// In a series, when this instance was first to begin.
    pub recurrence_id: Option<Instant>,
    /// The revision of the event that was imported last.
    pub sequence: u32,
    /// What the calendar said of it then.
    pub imported: Imported,
}

impl Details {
    /// Checks what no single member shows, and rounds the instants to what is kept.
    fn checked(mut self) -> Result<Self, Fault> {
        self.starts_at = to_microsecond(self.starts_at);
        self.ends_at = self.ends_at.map(to_microsecond);
        self.agenda_deadline = to_microsecond(self.agenda_deadline);
        let times = [
            ("/starts_at", Some(self.starts_at)),
            ("/ends_at", self.ends_at),
            ("/agenda_deadline", Some(self.agenda_deadline)),
        ];
        for (pointer, at) in times {
            if at.is_some_and(|at| !YEARS.contains(&at.year())) {
                let (first, last) = (YEARS.start(), YEARS.end());
                let detail = message!(
                    fi: "Vuoden on oltava {first}–{last}.",
                    sv: "Året ska vara {first}–{last}.",
                    en: "The year must be from {first} to {last}."
                );
                return Err(Fault::invalid(pointer, "out_of_range", detail));
            }
        }
        if self.ends_at.is_some_and(|end| end < self.starts_at) {
            return Err(Fault::invalid("/ends_at", "before_start", "The meeting ends before it begins."));
        }
        if self.agenda_deadline > self.starts_at {
            let detail = "The agenda is closed after the meeting begins.";
            return Err(Fault::invalid("/agenda_deadline", "after_start", detail));
        }
        if self.minutes_published_on.is_some_and(|on| on < date_of(self.starts_at)) {
            let detail = "The minutes are published before the day of the meeting.";
            return Err(Fault::invalid("/minutes_published_on", "before_meeting", detail));
        }
        self.tags = distinct(self.tags);
        if self.tags.len() > MOST_TAGS {
            return Err(Fault::invalid("/tags", "too_many", format!("There are more than {MOST_TAGS} tags.")));
        }
        Ok(self)
    }

    /// The agenda deadline after a move for which none was named: one that was the body's default for the old start
    /// follows to the default for the new one, one that was set otherwise stays.
    pub fn deadline_after_move(&self, body: &Body, starts_at: Instant) -> Instant {
        let lead = &body.details.agenda_lead;
        if self.agenda_deadline == lead.deadline(self.starts_at) {
            lead.deadline(starts_at)
        } else {
            self.agenda_deadline
        }
    }
}

/// The tags without repetitions, in their order.
fn distinct(tags: Vec<Tag>) -> Vec<Tag> {
    let mut seen = std::collections::BTreeSet::new();
    tags.into_iter().filter(|tag| seen.insert(tag.clone())).collect()
}

impl Meeting {
    /// A new meeting of a body, in whichever state it is.
    ///
    /// # Errors
    /// [`OUTSIDE_VALIDITY`], [`NOT_STARTED`], [`NOT_HELD`] for minutes of a meeting that has not been held.
    pub fn new(id: MeetingId, body: &Body, details: Details, now: Instant) -> Result<Self, Fault> {
        let details = details.checked()?;
        refuse_outside_validity(body, details.starts_at)?;
        refuse_early_holding(&details, now)?;
        refuse_early_minutes(&details)?;
        Ok(Self {
            id,
            body_id: body.id,
            organisation_id: body.organisation_id,
            meta: Meta::new(now),
            details,
            cancelled: false,
            origin: None,
        })
    }

    /// The same with other details. A body may end before a meeting that stands: only a new start must be in its time.
    ///
    /// # Errors
    /// [`CANCELLED`], [`OUTSIDE_VALIDITY`], [`HELD`] where a time of a held meeting would change, [`STATE_ORDER`], [`NOT_STARTED`],
    /// [`NOT_HELD`] for minutes of a meeting that has not been held.
    pub fn changed(self, body: &Body, details: Details, now: Instant) -> Result<Self, Fault> {
        let details = details.checked()?;
        if self.cancelled {
            return Err(is_cancelled());
        }
        if details.starts_at != self.details.starts_at {
            refuse_outside_validity(body, details.starts_at)?;
        }
        let from = self.details.state;
        if from == MeetingState::Held {
            self.refuse_move(&details)?;
        }
        match (from, details.state) {
            (MeetingState::Planned, MeetingState::Invited) => {}
            (MeetingState::Invited, MeetingState::Held) => refuse_early_holding(&details, now)?,
            (from, to) if from == to => {}
            (from, to) => {
                let detail = format!("The meeting is {from} and cannot become {to}.");
                return Err(Fault::new(&STATE_ORDER, detail.clone()).at("/state", "state_order", detail));
            }
        }
        refuse_early_minutes(&details)?;
        Ok(Self { meta: self.meta.changed(now), details, ..self })
    }

    /// The year in which it begins, in Europe/Helsinki.
    pub fn year(&self) -> i32 {
        date_of(self.details.starts_at).year()
    }

    /// Whether these details are the ones that it has.
    pub fn has(&self, details: Details) -> Result<bool, Fault> {
        Ok(details.checked()? == self.details)
    }

    /// The same in its next version, for what is kept beside it: also of a meeting that is cancelled.
    #[must_use]
    pub fn touched(self, now: Instant) -> Self {
        Self { meta: self.meta.changed(now), ..self }
    }

    /// The same, cancelled.
    ///
    /// # Errors
    /// [`HELD`], [`CANCELLED`].
    pub fn cancel(self, now: Instant) -> Result<Self, Fault> {
        if self.cancelled {
            return Err(is_cancelled());
        }
        if self.details.state == MeetingState::Held {
            return Err(Fault::new(&HELD, "A meeting that has been held cannot be cancelled."));
        }
        Ok(Self { meta: self.meta.changed(now), cancelled: true, ..self })
    }

    /// Refuses other times for what has happened.
    fn refuse_move(&self, to: &Details) -> Result<(), Fault> {
        let moved = [
            ("/starts_at", self.details.starts_at != to.starts_at),
            ("/ends_at", self.details.ends_at != to.ends_at),
            ("/agenda_deadline", self.details.agenda_deadline != to.agenda_deadline),
        ];
        let culprits: Vec<Culprit> = moved
            .into_iter()
            .filter(|(_, differs)| *differs)
            .map(|(pointer, _)| Culprit::new(pointer, "held", "cannot change once the meeting has been held"))
            .collect();
        if culprits.is_empty() {
            return Ok(());
        }
        Err(Fault::new(&HELD, "The times of a meeting that has been held do not change.").with(culprits))
    }

    /// The meeting as the import of a calendar knows it; nothing where it was not imported. By the name that the service
    /// itself gives it in its calendars, `own`, it is known as it is now.
    fn known(&self, own: Option<&str>) -> Option<Known> {
        let Details { starts_at, ends_at, location, tags, .. } = self.details.clone();
        let as_it_is = |uid: &str| Origin {
            uid: uid.to_owned(),
            recurrence_id: None,
            // As the calendars of the service count.
            sequence: u32::try_from(self.meta.version - 1).unwrap_or(u32::MAX),
            imported: Imported {
                starts_at,
                ends_at,
                location: location.clone(),
                cancelled: self.cancelled,
                tags: tags.clone(),
            },
        };
        let origin = own.map(as_it_is).or_else(|| self.origin.clone())?;
        Some(Known {
            meeting_id: self.id,
            uid: origin.uid,
            recurrence_id: origin.recurrence_id,
            sequence: origin.sequence,
            imported: origin.imported,
            starts_at,
            ends_at,
            location,
            cancelled: self.cancelled,
            tags,
            held: self.details.state == MeetingState::Held,
        })
    }
}

/// Why a body has no meeting that begins at this time, if it has none.
fn outside_validity(body: &Body, starts_at: Instant) -> Option<Message> {
    let on = date_of(starts_at);
    if body.exists_on(on) {
        return None;
    }
    let day = |day: Option<Date>| day.map_or_else(|| "–".to_owned(), |day| day.to_string());
    let (from, to) = (day(body.details.valid_from), day(body.details.valid_to));
    Some(message!(
        fi: "Toimielintä ei ole olemassa kokouspäivänä {on} (valid_from: {from}, valid_to: {to}).",
        sv: "Organet finns inte på sammanträdesdagen {on} (valid_from: {from}, valid_to: {to}).",
        en: "The body does not exist on the day of the meeting, {on} (valid_from: {from}, valid_to: {to})."
    ))
}

fn refuse_outside_validity(body: &Body, starts_at: Instant) -> Result<(), Fault> {
    match outside_validity(body, starts_at) {
        None => Ok(()),
        Some(detail) => Err(Fault::new(&OUTSIDE_VALIDITY, detail.clone()).at("/starts_at", "outside_validity", detail)),
    }
}

fn is_cancelled() -> Fault {
    Fault::new(&CANCELLED, "The meeting is cancelled and stays as it is.")
}

fn refuse_early_holding(details: &Details, now: Instant) -> Result<(), Fault> {
    if details.state == MeetingState::Held && details.starts_at > now {
        let detail = format!("The meeting begins at {}.", details.starts_at);
        return Err(Fault::new(&NOT_STARTED, detail.clone()).at("/state", "not_started", detail));
    }
    Ok(())
}

fn refuse_early_minutes(details: &Details) -> Result<(), Fault> {
    if details.minutes_published_on.is_some() && details.state != MeetingState::Held {
        let detail = "The meeting has not been held, so it has no minutes.";
        return Err(Fault::new(&NOT_HELD, detail).at("/minutes_published_on", "not_held", detail));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
