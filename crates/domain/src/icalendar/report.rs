//! What an import tells of every event.

use super::{Occurrence, reconcile::Known};
use crate::ids::MeetingId;
use crate::text::Language;
use crate::{Message, message};
use chrono::{DateTime, Utc};

crate::vocabulary! {
    /// What an import did, or would do, with an event.
    EventOutcome {
        /// A meeting was made of it.
        Created = "created",
        /// Its meeting was changed.
        Updated = "updated",
        /// Its meeting was cancelled.
        Cancelled = "cancelled",
        /// Its meeting is as the calendar says.
        Unchanged = "unchanged",
        /// Nothing was done, for the reason given.
        Skipped = "skipped",
    }

    /// Why an event was skipped.
    SkipReason {
        /// It is of whole days, and a meeting begins at a time.
        AllDay = "all_day",
        /// Its meeting has been held: what has happened is not moved or cancelled.
        Held = "held",
        /// The meeting has been changed by a later revision of the event than the file holds.
        Stale = "stale",
        /// It lies outside the time for which the calendar is read.
        OutsideWindow = "outside_window",
        /// It was cancelled before it was ever imported.
        NeverKnown = "never_known",
        /// The file has the same event again.
        Repeated = "repeated",
    }

    /// What of a meeting an import changes.
    ChangedField {
        /// When it begins.
        StartsAt = "starts_at",
        /// When it ends.
        EndsAt = "ends_at",
        /// Where it takes place.
        Location = "location",
        /// Whether it takes place.
        Cancelled = "cancelled",
    }
}

/// Something that had to be assumed about an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// Its time had no zone; it was read in this one.
    Floating(String),
    /// Its clock time does not exist on that day, since the clock is put forward.
    InGap,
    /// This text was longer than is kept.
    Shortened(String),
    /// Some category does not fit as a tag.
    NoTag,
}

impl Note {
    fn message(&self) -> Message {
        match self {
            Self::Floating(zone) => message!(
                fi: "Ajalla ei ole vyöhykettä: se luettiin vyöhykkeellä {zone}.",
                sv: "Tiden saknar zon: den lästes i zonen {zone}.",
                en: "Its time has no zone and was read in {zone}.",
            ),
            Self::InGap => message!(
                fi: "Aikaa ei ole sinä päivänä, koska kelloa siirretään: siitä käytettiin seuraava olemassa oleva aika.",
                sv: "Tiden finns inte den dagen, eftersom klockan ställs om: nästa tid som finns användes.",
                en: "Its time does not exist on that day, since the clock is changed: the next time that exists was used.",
            ),
            Self::Shortened(what) => message!(
                fi: "Liian pitkä teksti lyhennettiin: {what}.",
                sv: "En för lång text förkortades: {what}.",
                en: "A text that is too long was shortened: {what}.",
            ),
            Self::NoTag => message!(
                fi: "Luokka, joka ei kelpaa tunnisteeksi, jätettiin pois.",
                sv: "En kategori som inte duger som tagg utelämnades.",
                en: "A category that does not fit as a tag was left out.",
            ),
        }
    }
}

/// What became of one event, or of one instance of a series.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct EventReport {
    /// What the calendar calls the event.
    pub uid: String,
    /// In a series, when the instance was first to begin.
    pub recurrence_id: Option<DateTime<Utc>>,
    /// The physical line of the file on which the event begins.
    pub line: u32,
    /// What was done.
    pub outcome: EventOutcome,
    /// Why nothing was done.
    pub reason: Option<SkipReason>,
    /// What was changed of the meeting.
    pub changed: Vec<ChangedField>,
    /// The meeting, where there was one before.
    pub meeting_id: Option<MeetingId>,
    /// When the meeting begins by the calendar.
    pub starts_at: Option<DateTime<Utc>>,
    /// The outcome in words.
    pub detail: String,
    /// The same in each language.
    #[serde(skip)]
    pub words: Message,
}

impl EventReport {
    fn new(uid: String, line: u32, outcome: EventOutcome, words: Message) -> Self {
        Self {
            uid,
            recurrence_id: None,
            line,
            outcome,
            reason: None,
            changed: Vec::new(),
            meeting_id: None,
            starts_at: None,
            detail: words.to_string(),
            words,
        }
    }

    fn skipped(uid: String, line: u32, reason: SkipReason, words: Message) -> Self {
        Self { reason: Some(reason), ..Self::new(uid, line, EventOutcome::Skipped, words) }
    }

    /// An event of whole days.
    pub(super) fn all_day(uid: String, line: u32) -> Self {
        let detail = message!(
            fi: "Tapahtuma on koko päivän mittainen, mutta kokous alkaa kellonaikaan.",
            sv: "Händelsen gäller hela dagen, men ett sammanträde börjar vid ett klockslag.",
            en: "The event lasts whole days, but a meeting begins at a time of day.",
        );
        Self::skipped(uid, line, SkipReason::AllDay, detail)
    }

    /// An event of which the file has another revision, on line `other`.
    pub(super) fn repeated(uid: String, line: u32, other: u32) -> Self {
        let detail = message!(
            fi: "Sama tapahtuma on tiedostossa uudelleen: rivin {other} tapahtuma otetaan huomioon.",
            sv: "Samma händelse finns en gång till i filen: den på rad {other} gäller.",
            en: "The file has the same event again: the one on line {other} counts.",
        );
        Self::skipped(uid, line, SkipReason::Repeated, detail)
    }

    /// A series without an instance in the window.
    pub(super) fn nothing_in_window(uid: String, line: u32) -> Self {
        let detail = message!(
            fi: "Sarjalla ei ole kokousta luettavan ajanjakson aikana.",
            sv: "Serien har inget sammanträde under den period som läses.",
            en: "The series has no meeting in the period that is read.",
        );
        Self::skipped(uid, line, SkipReason::OutsideWindow, detail)
    }

    /// What was done with an occurrence.
    pub(super) fn of(occurrence: &Occurrence, known: Option<&Known>, outcome: EventOutcome, words: Message) -> Self {
        let words =
            occurrence.notes.iter().map(Note::message).fold(words, |words, note| {
                words.map(|language, words| format!("{words} {}", note.in_language(language)))
            });
        Self {
            recurrence_id: occurrence.recurrence_id,
            meeting_id: known.map(|known| known.meeting_id),
            starts_at: Some(occurrence.starts_at),
            ..Self::new(occurrence.uid.clone(), occurrence.line, outcome, words)
        }
    }

    /// What was done with a meeting of which the file has no occurrence any more.
    pub(super) fn of_vanished(known: &Known, line: u32, outcome: EventOutcome, words: Message) -> Self {
        Self {
            recurrence_id: known.recurrence_id,
            meeting_id: Some(known.meeting_id),
            ..Self::new(known.uid.clone(), line, outcome, words)
        }
    }

    /// The same, told in a language.
    #[must_use]
    pub fn told(self, language: Language) -> Self {
        Self { detail: self.words.in_language(language).to_owned(), ..self }
    }

    /// The same, with the reason why nothing was done.
    #[must_use]
    pub(super) fn because(self, reason: SkipReason) -> Self {
        Self { reason: Some(reason), ..self }
    }
}
