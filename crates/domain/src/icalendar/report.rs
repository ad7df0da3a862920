//! What an import tells of every event.

use super::{Occurrence, reconcile::Known};
use crate::ids::MeetingId;
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

impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Floating(zone) => write!(f, "Its time has no zone and was read in {zone}."),
            Self::InGap => f.write_str("Its time does not exist on that day; the end of the gap was taken."),
            Self::Shortened(what) => write!(f, "Its {what} was shortened."),
            Self::NoTag => f.write_str("A category that does not fit as a tag was left out."),
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
}

impl EventReport {
    fn new(uid: String, line: u32, outcome: EventOutcome, detail: String) -> Self {
        Self {
            uid,
            recurrence_id: None,
            line,
            outcome,
            reason: None,
            changed: Vec::new(),
            meeting_id: None,
            starts_at: None,
            detail,
        }
    }

    fn skipped(uid: String, line: u32, reason: SkipReason, detail: String) -> Self {
        Self { reason: Some(reason), ..Self::new(uid, line, EventOutcome::Skipped, detail) }
    }

    /// An event of whole days.
    pub(super) fn all_day(uid: String, line: u32) -> Self {
        let detail = "The event is of whole days; a meeting begins at a time of day.".to_owned();
        Self::skipped(uid, line, SkipReason::AllDay, detail)
    }

    /// An event of which the file has another revision, on line `other`.
    pub(super) fn repeated(uid: String, line: u32, other: u32) -> Self {
        let detail = format!("The file has the same event again, and the one on line {other} counts.");
        Self::skipped(uid, line, SkipReason::Repeated, detail)
    }

    /// A series without an instance in the window.
    pub(super) fn nothing_in_window(uid: String, line: u32) -> Self {
        let detail = "The series has no meeting in the time that is read.".to_owned();
        Self::skipped(uid, line, SkipReason::OutsideWindow, detail)
    }

    /// What was done with an occurrence.
    pub(super) fn of(occurrence: &Occurrence, known: Option<&Known>, outcome: EventOutcome, detail: &str) -> Self {
        let mut words = vec![detail.to_owned()];
        words.extend(occurrence.notes.iter().map(ToString::to_string));
        Self {
            recurrence_id: occurrence.recurrence_id,
            meeting_id: known.map(|known| known.meeting_id),
            starts_at: Some(occurrence.starts_at),
            ..Self::new(occurrence.uid.clone(), occurrence.line, outcome, words.join(" "))
        }
    }

    /// What was done with a meeting of which the file has no occurrence any more.
    pub(super) fn of_vanished(known: &Known, line: u32, outcome: EventOutcome, detail: &str) -> Self {
        Self {
            recurrence_id: known.recurrence_id,
            meeting_id: Some(known.meeting_id),
            ..Self::new(known.uid.clone(), line, outcome, detail.to_owned())
        }
    }

    /// The same, with the reason why nothing was done.
    #[must_use]
    pub(super) fn because(self, reason: SkipReason) -> Self {
        Self { reason: Some(reason), ..self }
    }
}
