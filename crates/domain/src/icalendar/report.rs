//! What an import tells of every event.

use super::{Heading, Occurrence, reconcile::Known};
use crate::Message;
use crate::ids::MeetingId;
use crate::text::{NAME, Text};
use crate::time::{Date, Instant};
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
        /// It has none of the categories that were asked for.
        OtherCategory = "other_category",
        /// It comes from a calendar of this service and is no meeting, such as an agenda deadline.
        NotAMeeting = "not_a_meeting",
        /// It, or another event of its series, cannot be read.
        Invalid = "invalid",
        /// The body does not exist at that time.
        OutsideValidity = "outside_validity",
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
        /// What marks it.
        Tags = "tags",
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
            Self::InGap => f.write_str(
                "Its time does not exist on that day, since the clocks go forward; it was counted by the time before.",
            ),
            Self::Shortened(what) => write!(f, "Its {what} was shortened."),
            Self::NoTag => f.write_str("A category that does not fit as a tag was left out."),
        }
    }
}

/// What became of one event, or of one instance of a series.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct EventReport {
    /// What the calendar calls the event; empty where that cannot be read.
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
    /// What the calendar calls the meeting.
    #[schema(value_type = Option<String>)]
    pub summary: Option<Text<NAME>>,
    /// When the event begins by the calendar; of a meeting that the calendar no longer has, when it was to begin.
    pub starts_at: Option<DateTime<Utc>>,
    /// The day of an event of whole days.
    pub on: Option<Date>,
    /// The outcome in words.
    pub detail: String,
}

/// What is told of an event, whatever becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) line: u32,
    pub(super) uid: String,
    pub(super) summary: Option<Text<NAME>>,
    pub(super) starts_at: Option<Instant>,
    pub(super) on: Option<Date>,
}

impl EventReport {
    fn new(head: Head, outcome: EventOutcome, detail: String) -> Self {
        let Head { line, uid, summary, starts_at, on } = head;
        Self {
            uid,
            recurrence_id: None,
            line,
            outcome,
            reason: None,
            changed: Vec::new(),
            meeting_id: None,
            summary,
            starts_at,
            on,
            detail,
        }
    }

    /// An event with which nothing is done.
    pub(super) fn skipped(head: Head, reason: SkipReason, detail: impl Into<String>) -> Self {
        Self { reason: Some(reason), ..Self::new(head, EventOutcome::Skipped, detail.into()) }
    }

    /// An event that is no meeting.
    pub(super) fn no_meeting(head: Head, reason: SkipReason) -> Self {
        let detail = match reason {
            SkipReason::NotAMeeting => "The event comes from a calendar of this service and is not a meeting.",
            _ => "The event is of whole days; a meeting begins at a time of day.",
        };
        Self::skipped(head, reason, detail)
    }

    /// The same where the body does not exist at that time.
    #[must_use]
    pub(crate) fn outside_validity(self, detail: &Message) -> Self {
        let outcome = EventOutcome::Skipped;
        let reason = Some(SkipReason::OutsideValidity);
        Self { outcome, reason, changed: Vec::new(), detail: detail.to_string(), ..self }
    }

    /// What was done with an occurrence.
    pub(super) fn of(occurrence: &Occurrence, known: Option<&Known>, outcome: EventOutcome, detail: &str) -> Self {
        let mut words = vec![detail.to_owned()];
        words.extend(occurrence.notes.iter().map(ToString::to_string));
        Self {
            recurrence_id: occurrence.recurrence_id,
            meeting_id: known.map(|known| known.meeting_id),
            ..Self::new(occurrence.head(), outcome, words.join(" "))
        }
    }

    /// What was done with a meeting of which the file has no occurrence any more.
    pub(super) fn of_vanished(known: &Known, heading: &Heading, outcome: EventOutcome, detail: &str) -> Self {
        let Heading { line, summary, .. } = heading.clone();
        let head = Head { line, uid: known.uid.clone(), summary, starts_at: Some(known.starts_at), on: None };
        Self {
            recurrence_id: known.recurrence_id,
            meeting_id: Some(known.meeting_id),
            ..Self::new(head, outcome, detail.to_owned())
        }
    }

    /// The same, with the reason why nothing was done.
    #[must_use]
    pub(super) fn because(self, reason: SkipReason) -> Self {
        Self { reason: Some(reason), ..self }
    }
}
