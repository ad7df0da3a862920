//! What a calendar changes in the meetings that came from it before.

use super::{CalendarFile, ChangedField, EventOutcome, EventReport, Heading, Occurrence, SkipReason};
use crate::ids::MeetingId;
use crate::meetings::MOST_TAGS;
use crate::text::{NAME, Tag, Text};
use crate::time::{Date, Instant, date_of};
use std::collections::HashMap;

/// What a calendar said of an event when it was last imported. What people have changed of the meeting since is theirs,
/// until the calendar says something else.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Imported {
    /// When the event was to begin.
    pub starts_at: Instant,
    /// When it was to end, if known.
    pub ends_at: Option<Instant>,
    /// Where it was to take place.
    pub location: Option<Text<NAME>>,
    /// Whether it was cancelled.
    pub cancelled: bool,
    /// What marked it.
    #[serde(default)]
    pub tags: Vec<Tag>,
}

impl Imported {
    /// What is said once the occurrence says something after this: of a cancelled one nothing but that counts.
    fn after(&self, one: &Occurrence) -> Self {
        if one.cancelled { Self { cancelled: true, ..self.clone() } } else { Self::from(one) }
    }
}

impl From<&Occurrence> for Imported {
    fn from(one: &Occurrence) -> Self {
        Self {
            starts_at: one.starts_at,
            ends_at: one.ends_at,
            location: one.location.clone(),
            cancelled: one.cancelled,
            tags: one.tags.clone(),
        }
    }
}

/// A meeting that came from the calendar, as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The meeting.
    pub meeting_id: MeetingId,
    /// What the calendar calls the event.
    pub uid: String,
    /// In a series, when the instance was first to begin.
    pub recurrence_id: Option<Instant>,
    /// The revision of the event that was imported last.
    pub sequence: u32,
    /// When the meeting begins.
    pub starts_at: Instant,
    /// When it ends, if known.
    pub ends_at: Option<Instant>,
    /// Where it takes place.
    pub location: Option<Text<NAME>>,
    /// Whether it will not take place.
    pub cancelled: bool,
    /// What marks it.
    pub tags: Vec<Tag>,
    /// Whether it has been held.
    pub held: bool,
    /// What the calendar said of it last.
    pub imported: Imported,
}

/// What is to be done with one meeting, and what to tell of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What is to be done.
    pub action: Action,
    /// What to tell.
    pub report: EventReport,
}

/// What is to be done with a meeting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Make a meeting of the occurrence.
    Create(Occurrence),
    /// Make the meeting as the occurrence says, with the identity and sequence of the occurrence.
    Update {
        /// The meeting.
        meeting_id: MeetingId,
        /// What it shall be.
        to: Occurrence,
        /// What differs.
        changed: Vec<ChangedField>,
        /// What the calendar says now.
        imported: Imported,
    },
    /// Cancel the meeting and change nothing else of it.
    Cancel {
        /// The meeting.
        meeting_id: MeetingId,
        /// The identity by which the calendar now knows it.
        recurrence_id: Option<Instant>,
        /// The revision of the event that cancels it.
        sequence: u32,
        /// What the calendar says now.
        imported: Imported,
    },
    /// Only remember by which identity and revision the calendar now knows the meeting, and what it says of it.
    Remember {
        /// The meeting.
        meeting_id: MeetingId,
        /// The identity in the series.
        recurrence_id: Option<Instant>,
        /// The revision.
        sequence: u32,
        /// What the calendar says now.
        imported: Imported,
    },
    /// Nothing.
    Nothing,
}

/// Decides what a calendar changes. `known` are the meetings that came from this calendar, of one body.
///
/// Meetings of events that the file does not hold are left alone. A meeting of a series whose instance the file
/// no longer has is cancelled, when its original time lies in the window. Where a whole series is given another
/// time of day, all its instances get new identities: a meeting is then found again by its original day, so that
/// it is moved, with all that is booked for it, and not cancelled and made anew.
pub fn reconcile(known: &[Known], file: &CalendarFile) -> Vec<Change> {
    let mut meetings: HashMap<(&str, Option<Instant>), &Known> = HashMap::new();
    for meeting in known {
        meetings.insert((&meeting.uid, meeting.recurrence_id), meeting);
    }
    let mut found: Vec<Option<&Known>> =
        file.occurrences.iter().map(|one| meetings.remove(&(one.uid.as_str(), one.recurrence_id))).collect();

    let mut left = by_day(meetings.into_values(), |meeting| {
        (&*meeting.uid, date_of(meeting.recurrence_id.unwrap_or(meeting.starts_at)))
    });
    let mut unmatched: Vec<usize> = Vec::new();
    for (index, (occurrence, meeting)) in file.occurrences.iter().zip(&found).enumerate() {
        let whole = file.headings.get(&occurrence.uid).is_some_and(|heading| heading.whole);
        if meeting.is_none() && whole {
            unmatched.push(index);
        }
    }
    let new = by_day(unmatched, |index| {
        let occurrence = file.occurrences.get(*index);
        occurrence
            .map_or(("", Date::MIN), |one| (one.uid.as_str(), date_of(one.recurrence_id.unwrap_or(one.starts_at))))
    });
    for (day, indices) in new {
        let ([index], Some([_])) = (indices.as_slice(), left.get(&day).map(Vec::as_slice)) else { continue };
        if let Some(slot) = found.get_mut(*index) {
            *slot = left.remove(&day).and_then(|meetings| meetings.into_iter().next());
        }
    }

    let mut changes: Vec<Change> =
        file.occurrences.iter().zip(found).map(|(occurrence, meeting)| decide(occurrence, meeting)).collect();
    let mut vanished: Vec<&Known> = left.into_values().flatten().collect();
    vanished.sort_by_key(|meeting| (&meeting.uid, meeting.starts_at, meeting.meeting_id));
    for meeting in vanished {
        let original = meeting.recurrence_id.unwrap_or(meeting.starts_at);
        let heading = file.headings.get(&meeting.uid).filter(|heading| heading.whole);
        if let Some(heading) = heading.filter(|_| file.window.holds(original) && !meeting.cancelled) {
            changes.push(vanish(meeting, heading));
        }
    }
    changes.extend(file.skipped.iter().map(|report| Change { action: Action::Nothing, report: report.clone() }));
    changes
}

fn by_day<'a, T>(
    items: impl IntoIterator<Item = T>,
    day: impl Fn(&T) -> (&'a str, Date),
) -> HashMap<(&'a str, Date), Vec<T>> {
    let mut days: HashMap<_, Vec<T>> = HashMap::new();
    for item in items {
        days.entry(day(&item)).or_default().push(item);
    }
    days
}

/// What becomes of an occurrence and of the meeting that came from it before, if there is one.
fn decide(one: &Occurrence, known: Option<&Known>) -> Change {
    let report = |outcome, detail: &str| EventReport::of(one, known, outcome, detail);
    let skip = |reason, detail: &str| {
        let report = report(EventOutcome::Skipped, detail).because(reason);
        Change { action: Action::Nothing, report }
    };
    let Some(meeting) = known else {
        if !one.in_window {
            return skip(SkipReason::OutsideWindow, "It lies outside the time that is read.");
        }
        if one.cancelled {
            return skip(SkipReason::NeverKnown, "It was cancelled before it was ever imported.");
        }
        let report = report(EventOutcome::Created, "A meeting is made of it.");
        return Change { action: Action::Create(one.clone()), report };
    };
    let changed = differences(one, meeting);
    let imported = meeting.imported.after(one);
    if changed.is_empty() {
        let Known { meeting_id, recurrence_id, sequence, .. } = *meeting;
        let known = (recurrence_id, sequence) == (one.recurrence_id, one.sequence) && imported == meeting.imported;
        let same = meeting.held || known || one.sequence < sequence;
        let action = if same {
            Action::Nothing
        } else {
            Action::Remember { meeting_id, recurrence_id: one.recurrence_id, sequence: one.sequence, imported }
        };
        return Change { action, report: report(EventOutcome::Unchanged, "The calendar has changed nothing of it.") };
    }
    if meeting.held {
        return skip(SkipReason::Held, "The meeting has been held and stays as it was.");
    }
    if one.sequence < meeting.sequence {
        return skip(SkipReason::Stale, "The meeting follows a later revision of the event than the file holds.");
    }
    let meeting_id = meeting.meeting_id;
    if one.cancelled {
        let action = Action::Cancel { meeting_id, recurrence_id: one.recurrence_id, sequence: one.sequence, imported };
        let report = EventReport { changed, ..report(EventOutcome::Cancelled, "The meeting is cancelled.") };
        return Change { action, report };
    }
    let detail = if meeting.cancelled { "The meeting takes place after all." } else { "The meeting is changed." };
    let report = EventReport { changed: changed.clone(), ..report(EventOutcome::Updated, detail) };
    Change { action: Action::Update { meeting_id, to: one.clone(), changed, imported }, report }
}

/// What the calendar has changed since it was last imported, as far as the meeting is not so already. Of a cancelled
/// occurrence nothing else counts: systems write what they like into the rest of it.
fn differences(one: &Occurrence, meeting: &Known) -> Vec<ChangedField> {
    let last = &meeting.imported;
    let all = [
        (
            ChangedField::StartsAt,
            one.starts_at != last.starts_at && one.starts_at != meeting.starts_at && !one.cancelled,
        ),
        (ChangedField::EndsAt, one.ends_at != last.ends_at && one.ends_at != meeting.ends_at && !one.cancelled),
        (ChangedField::Location, one.location != last.location && one.location != meeting.location && !one.cancelled),
        (ChangedField::Cancelled, one.cancelled != last.cancelled && one.cancelled != meeting.cancelled),
        (ChangedField::Tags, merged(&meeting.tags, &last.tags, &one.tags) != meeting.tags && !one.cancelled),
    ];
    all.into_iter().filter(|(_, differs)| *differs).map(|(field, _)| field).collect()
}

/// The tags of a meeting after its calendar has changed those that it gives it: what the calendar has taken away goes, what
/// it has added comes, and what people have set or removed meanwhile stays so.
pub(crate) fn merged(tags: &[Tag], last: &[Tag], now: &[Tag]) -> Vec<Tag> {
    let kept = tags.iter().filter(|tag| !last.contains(tag) || now.contains(tag));
    let added = now.iter().filter(|tag| !last.contains(tag) && !tags.contains(tag));
    kept.chain(added).take(MOST_TAGS).cloned().collect()
}

/// What becomes of a meeting whose instance is no longer in the series.
fn vanish(meeting: &Known, heading: &Heading) -> Change {
    let report = |outcome, detail: &str| EventReport::of_vanished(meeting, heading, outcome, detail);
    let skip = |reason, detail: &str| {
        let report = report(EventOutcome::Skipped, detail).because(reason);
        Change { action: Action::Nothing, report }
    };
    if meeting.held {
        return skip(SkipReason::Held, "The calendar no longer has it, but the meeting has been held.");
    }
    if heading.sequence < meeting.sequence {
        return skip(SkipReason::Stale, "The file does not have it, but is older than the meeting's last change.");
    }
    let Known { meeting_id, recurrence_id, .. } = *meeting;
    let detail = "The calendar no longer has it: the meeting is cancelled.";
    let report = EventReport { changed: vec![ChangedField::Cancelled], ..report(EventOutcome::Cancelled, detail) };
    let imported = Imported { cancelled: true, ..meeting.imported.clone() };
    Change { action: Action::Cancel { meeting_id, recurrence_id, sequence: heading.sequence, imported }, report }
}
