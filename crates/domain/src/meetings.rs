//! Meetings of bodies: planned, invited to and held, or cancelled; never deleted.

mod import;

pub use import::{Import, ImportCounts, calendar_window};

use crate::bodies::{Body, Deadline};
use crate::fault::{Culprit, Fault};
use crate::icalendar::{Imported, Known};
use crate::ids::{BodyId, MeetingId, OrganisationId};
use crate::message;
use crate::meta::Meta;
use crate::say::Words;
use crate::text::{NAME, Tag, Text, ZoneName};
use crate::time::{Date, Instant, YEARS, date_of, to_microsecond};
use chrono::Datelike;

/// The most tags of a meeting.
pub const MOST_TAGS: usize = 20;

crate::vocabulary! {
    /// How far a meeting has come. It never goes back.
    MeetingState {
        /// Its date is in the body's calendar.
        Planned = "planned",
        /// The members have been invited.
        Invited = "invited",
        /// It has been held.
        Held = "held",
    }
}

impl MeetingState {
    /// The state in a sentence.
    pub fn words(self) -> Words {
        match self {
            Self::Planned => ["suunniteltu", "planerat", "planned"],
            Self::Invited => ["kutsuttu koolle", "sammankallat", "convened"],
            Self::Held => ["pidetty", "hållet", "held"],
        }
    }
}

crate::codes! {
    /// The meeting has been held: its times stand, and it cannot be cancelled any more. `errors` names each member
    /// that would have been changed.
    HELD = Conflict "meeting.held" { fi: "Kokous on jo pidetty", sv: "Sammanträdet har redan hållits", en: "The meeting has been held" }
    /// The meeting has been cancelled and stays as it is. If it takes place after all, add a new meeting, or import
    /// the calendar that says so.
    CANCELLED = Conflict "meeting.cancelled" { fi: "Kokous on peruttu", sv: "Sammanträdet är inställt", en: "The meeting is cancelled" }
    /// The state of a meeting goes from planned to invited and to held, and never back.
    STATE_ORDER = Conflict "meeting.state_order" { fi: "Kokous ei voi siirtyä tähän tilaan", sv: "Sammanträdet kan inte övergå i detta läge", en: "The meeting cannot change to this state" }
    /// The meeting begins in the future, so it cannot have been held.
    NOT_STARTED = Conflict "meeting.not_started" { fi: "Kokous ei ole vielä alkanut", sv: "Sammanträdet har inte börjat ännu", en: "The meeting has not begun" }
    /// Minutes are published of a meeting that has been held.
    NOT_HELD = Conflict "meeting.not_held" { fi: "Kokousta ei ole vielä pidetty", sv: "Sammanträdet har inte hållits ännu", en: "The meeting has not been held" }
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
    pub agenda_deadline: Deadline,
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
        self.agenda_deadline = self.agenda_deadline.rounded();
        let times = [
            ("/starts_at", Some(self.starts_at)),
            ("/ends_at", self.ends_at),
            ("/agenda_deadline", Some(self.agenda_deadline.at)),
        ];
        for (pointer, at) in times {
            if at.is_some_and(|at| !YEARS.contains(&at.year())) {
                return Err(Fault::invalid(
                    pointer,
                    "out_of_range",
                    message!(
                        fi: "Vuoden on oltava 1900–8000.",
                        sv: "Året måste vara 1900–8000.",
                        en: "The year must be from 1900 to 8000.",
                    ),
                ));
            }
        }
        if self.ends_at.is_some_and(|end| end < self.starts_at) {
            return Err(Fault::invalid(
                "/ends_at",
                "before_start",
                message!(
                    fi: "Kokous päättyy ennen kuin se alkaa.",
                    sv: "Sammanträdet slutar innan det börjar.",
                    en: "The meeting ends before it begins.",
                ),
            ));
        }
        if self.agenda_deadline.at > self.starts_at {
            let detail = message!(
                fi: "Esityslistan määräaika on kokouksen alkamisen jälkeen.",
                sv: "Tidsfristen för föredragningslistan går ut efter att sammanträdet har börjat.",
                en: "The agenda deadline is after the meeting begins.",
            );
            return Err(Fault::invalid("/agenda_deadline", "after_start", detail));
        }
        if self.minutes_published_on.is_some_and(|on| on < date_of(self.starts_at)) {
            let detail = message!(
                fi: "Pöytäkirja julkaistaisiin ennen kokouspäivää.",
                sv: "Protokollet skulle publiceras före sammanträdesdagen.",
                en: "The minutes would be published before the day of the meeting.",
            );
            return Err(Fault::invalid("/minutes_published_on", "before_meeting", detail));
        }
        self.tags = distinct(self.tags);
        if self.tags.len() > MOST_TAGS {
            return Err(Fault::invalid(
                "/tags",
                "too_many",
                message!(
                    fi: "Tunnisteita voi olla enintään {MOST_TAGS}.",
                    sv: "Högst {MOST_TAGS} taggar kan anges.",
                    en: "At most {MOST_TAGS} tags can be given.",
                ),
            ));
        }
        Ok(self)
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
    /// [`NOT_STARTED`], [`NOT_HELD`] for minutes of a meeting that has not been held.
    pub fn new(id: MeetingId, body: &Body, details: Details, now: Instant) -> Result<Self, Fault> {
        let details = details.checked()?;
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

    /// The same with other details; as it is where they are not other ones.
    ///
    /// # Errors
    /// [`CANCELLED`], [`HELD`] where a time of a held meeting would change, [`STATE_ORDER`], [`NOT_STARTED`],
    /// [`NOT_HELD`] for minutes of a meeting that has not been held.
    pub fn changed(self, details: Details, now: Instant) -> Result<Self, Fault> {
        let details = details.checked()?;
        if details == self.details {
            return Ok(self);
        }
        if self.cancelled {
            return Err(is_cancelled());
        }
        let from = self.details.state;
        if from == MeetingState::Held {
            self.refuse_move(&details)?;
        }
        let to = details.state;
        if to < from {
            let detail = message!(
                fi: "Kokouksen tila on {from}, eikä siitä palata tilaan {to}.",
                sv: "Sammanträdets läge är {from} och kan inte gå tillbaka till {to}.",
                en: "The meeting is {from} and cannot go back to {to}."
            );
            return Err(Fault::new(&STATE_ORDER, detail.clone()).at("/state", "state_order", detail));
        }
        if from != MeetingState::Held {
            refuse_early_holding(&details, now)?;
        }
        refuse_early_minutes(&details)?;
        Ok(Self { meta: self.meta.changed(now), details, ..self })
    }

    /// The year in which it begins, in Europe/Helsinki.
    pub fn year(&self) -> i32 {
        date_of(self.details.starts_at).year()
    }

    /// The same in its next version, for what is kept beside it: also of a meeting that is cancelled.
    #[must_use]
    pub fn touched(self, now: Instant) -> Self {
        Self { meta: self.meta.changed(now), ..self }
    }

    /// The same, cancelled; one that is cancelled already stays as it is.
    ///
    /// # Errors
    /// [`HELD`].
    pub fn cancel(self, now: Instant) -> Result<Self, Fault> {
        if self.cancelled {
            return Ok(self);
        }
        if self.details.state == MeetingState::Held {
            return Err(Fault::new(
                &HELD,
                message!(
                    fi: "Pidettyä kokousta ei voi perua.",
                    sv: "Ett sammanträde som har hållits kan inte ställas in.",
                    en: "A meeting that has been held cannot be cancelled.",
                ),
            ));
        }
        Ok(Self { meta: self.meta.changed(now), cancelled: true, ..self })
    }

    /// What is told of a cancelled meeting to a system that says otherwise: it stands, whatever is said of it. Nothing
    /// where the meeting is not cancelled, or nothing else is said.
    pub fn notice(&self, details: &Details, cancelled: Option<bool>) -> Option<Culprit> {
        if !self.cancelled || (cancelled != Some(false) && *details == self.details) {
            return None;
        }
        let detail = message!(
            fi: "Kokous on peruttu ja pysyy sellaisenaan: muuta ei otettu huomioon. Jos kokous pidetään sittenkin, lisää \
                uusi kokous uudella ulkoisella tunnisteella.",
            sv: "Sammanträdet är inställt och förblir som det är: inget annat beaktades. Om sammanträdet ändå hålls, lägg \
                till ett nytt sammanträde med en ny extern identifierare.",
            en: "The meeting is cancelled and stays as it is: nothing else was taken over. If it takes place after all, \
                add a new meeting with another external id."
        );
        Some(Culprit::new("/cancelled", CANCELLED.name, detail))
    }

    /// Refuses other times for what has happened.
    fn refuse_move(&self, to: &Details) -> Result<(), Fault> {
        let moved = [
            ("/starts_at", self.details.starts_at != to.starts_at),
            ("/ends_at", self.details.ends_at != to.ends_at),
            ("/agenda_deadline", self.details.agenda_deadline.at != to.agenda_deadline.at),
        ];
        let culprits: Vec<Culprit> = moved
            .into_iter()
            .filter(|(_, differs)| *differs)
            .map(|(pointer, _)| {
                Culprit::new(
                    pointer,
                    "held",
                    message!(
                        fi: "ei voi muuttaa, kun kokous on pidetty",
                        sv: "kan inte ändras när sammanträdet har hållits",
                        en: "cannot change once the meeting has been held",
                    ),
                )
            })
            .collect();
        if culprits.is_empty() {
            return Ok(());
        }
        Err(Fault::new(
            &HELD,
            message!(
                fi: "Pidetyn kokouksen aikoja ei voi muuttaa.",
                sv: "Tiderna för ett sammanträde som har hållits kan inte ändras.",
                en: "The times of a meeting that has been held cannot be changed.",
            ),
        )
        .with(culprits))
    }

    /// The meeting as the import of a calendar knows it; nothing where it was not imported.
    fn known(&self) -> Option<Known> {
        let origin = self.origin.clone()?;
        Some(Known {
            meeting_id: self.id,
            uid: origin.uid,
            recurrence_id: origin.recurrence_id,
            sequence: origin.sequence,
            imported: origin.imported,
            starts_at: self.details.starts_at,
            ends_at: self.details.ends_at,
            location: self.details.location.clone(),
            cancelled: self.cancelled,
            held: self.details.state == MeetingState::Held,
        })
    }
}

fn is_cancelled() -> Fault {
    Fault::new(
        &CANCELLED,
        message!(
            fi: "Kokous on peruttu, eikä sitä voi enää muuttaa.",
            sv: "Sammanträdet är inställt och kan inte längre ändras.",
            en: "The meeting is cancelled and can no longer be changed.",
        ),
    )
}

fn refuse_early_holding(details: &Details, now: Instant) -> Result<(), Fault> {
    if details.state == MeetingState::Held && details.starts_at > now {
        let detail = message!(
            fi: "Kokous alkaa vasta {starts_at}.",
            sv: "Sammanträdet börjar först {starts_at}.",
            en: "The meeting does not begin until {starts_at}.",
            starts_at = details.starts_at,
        );
        return Err(Fault::new(&NOT_STARTED, detail.clone()).at("/state", "not_started", detail));
    }
    Ok(())
}

fn refuse_early_minutes(details: &Details) -> Result<(), Fault> {
    if details.minutes_published_on.is_some() && details.state != MeetingState::Held {
        let detail = message!(
            fi: "Kokousta ei ole pidetty, joten sillä ei ole pöytäkirjaa.",
            sv: "Sammanträdet har inte hållits, så det har inget protokoll.",
            en: "The meeting has not been held, so it has no minutes.",
        );
        return Err(Fault::new(&NOT_HELD, detail.clone()).at("/minutes_published_on", "not_held", detail));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
