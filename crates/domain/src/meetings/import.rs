//! What the import of a calendar file makes of a body's meetings.

use super::{Details, MOST_TAGS, Meeting, MeetingState, Origin, distinct, outside_validity};
use crate::bodies::Body;
use crate::fault::Fault;
use crate::icalendar::{
    Action, CalendarFile, Change, ChangedField, EventOutcome, EventReport, Imported, Known, Occurrence, Window, merged,
    reconcile, refuse_lines,
};
use crate::ids::MeetingId;
use crate::meta::Meta;
use crate::text::ZoneName;
use crate::time::{Date, Instant, midnight, to_microsecond};
use chrono::{Days, Months};
use std::collections::{BTreeMap, HashMap};

/// The months before and after today for which a calendar is read.
const MONTHS: Months = Months::new(24);

/// The time for which a calendar is read: from two years before today to two years after, both days included.
pub fn calendar_window(today: Date) -> Window {
    let from = today.checked_sub_months(MONTHS).unwrap_or(today);
    let to = today.checked_add_months(MONTHS).and_then(|day| day.checked_add_days(Days::new(1))).unwrap_or(today);
    Window::new(midnight(from), midnight(to))
}

/// How many events of a file came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct ImportCounts {
    /// Of how many a meeting was made.
    pub created: u32,
    /// How many changed their meeting.
    pub updated: u32,
    /// How many cancelled their meeting.
    pub cancelled: u32,
    /// How many meetings are as the calendar says.
    pub unchanged: u32,
    /// How many were left out, for the reason that their report gives.
    pub skipped: u32,
}

/// What an import changes, and what there is to tell of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Import {
    /// New meetings.
    pub created: Vec<Meeting>,
    /// Meetings that are changed.
    pub updated: Vec<Meeting>,
    /// Meetings that are cancelled.
    pub cancelled: Vec<Meeting>,
    /// Meetings of which only the calendar's own name or revision is another: nothing that anyone sees has changed.
    pub remembered: Vec<Meeting>,
    /// How many meetings come to each year: new ones, and those that are moved there.
    pub entered: BTreeMap<i32, u32>,
    /// What became of every event.
    pub reports: Vec<EventReport>,
}

impl Import {
    /// Compares a calendar with the meetings that came from it before, or that it knows by the names of the service's own
    /// calendars; `ids` are fresh, one for each occurrence of the file.
    ///
    /// # Errors
    /// [`MALFORMED`](crate::icalendar::MALFORMED) for meetings outside the body's validity, unless they are to be skipped.
    pub fn of(
        body: &Body,
        known: Vec<Meeting>,
        file: &CalendarFile,
        ids: &[MeetingId],
        now: Instant,
    ) -> Result<Self, Fault> {
        let own = file.own_meetings();
        let before: Vec<Known> =
            known.iter().filter_map(|meeting| meeting.known(own.get(&meeting.id).copied())).collect();
        // What a calendar of the service's own says is no news of where the meeting came from.
        let origins: HashMap<MeetingId, Option<Origin>> =
            known.iter().filter(|it| own.contains_key(&it.id)).map(|it| (it.id, it.origin.clone())).collect();
        let mut outside = Vec::new();
        let mut meetings: HashMap<MeetingId, Meeting> =
            known.into_iter().map(|meeting| (meeting.id, meeting)).collect();
        let mut ids = ids.iter().copied();
        let mut import = Self::default();
        for Change { action, report } in reconcile(&before, file) {
            if let Some(detail) = begins_anew(&action).and_then(|starts_at| outside_validity(body, starts_at)) {
                outside.push((report.line, "outside_validity", detail.clone()));
                import.reports.push(report.outside_validity(&detail));
                continue;
            }
            import.reports.push(report);
            match action {
                Action::Create(occurrence) => {
                    let meeting = ids.next().map(|id| Meeting::of_calendar(id, body, occurrence, now));
                    import.enter(None, meeting.as_ref());
                    import.created.extend(meeting);
                }
                Action::Update { meeting_id, to, changed, imported } => {
                    let meeting = meetings.remove(&meeting_id);
                    let before = meeting.as_ref().map(Meeting::year);
                    let meeting = meeting.map(|meeting| meeting.following(body, &to, &changed, imported, now));
                    import.enter(before, meeting.as_ref());
                    import.updated.extend(meeting);
                }
                Action::Cancel { meeting_id, recurrence_id, sequence, imported } => {
                    let meeting = meetings.remove(&meeting_id).map(|it| it.known_as(recurrence_id, sequence, imported));
                    let cancel = |it: Meeting| Meeting { meta: it.meta.changed(now), cancelled: true, ..it };
                    import.cancelled.extend(meeting.map(cancel));
                }
                Action::Remember { meeting_id, recurrence_id, sequence, imported } => {
                    let meeting = meetings.remove(&meeting_id);
                    import
                        .remembered
                        .extend(meeting.map(|meeting| meeting.known_as(recurrence_id, sequence, imported)));
                }
                Action::Nothing => {}
            }
        }
        if !(outside.is_empty() || file.skip_invalid) {
            return Err(refuse_lines(outside));
        }
        for meeting in import.updated.iter_mut().chain(&mut import.cancelled) {
            if let Some(origin) = origins.get(&meeting.id) {
                meeting.origin.clone_from(origin);
            }
        }
        import.remembered.retain(|meeting| !origins.contains_key(&meeting.id));
        Ok(import)
    }

    /// Counts a meeting that was not in its year before.
    fn enter(&mut self, before: Option<i32>, meeting: Option<&Meeting>) {
        if let Some(year) = meeting.map(Meeting::year).filter(|year| before != Some(*year)) {
            *self.entered.entry(year).or_default() += 1;
        }
    }

    /// How many events came to what.
    pub fn counts(&self) -> ImportCounts {
        let mut counts = ImportCounts::default();
        for report in &self.reports {
            *match report.outcome {
                EventOutcome::Created => &mut counts.created,
                EventOutcome::Updated => &mut counts.updated,
                EventOutcome::Cancelled => &mut counts.cancelled,
                EventOutcome::Unchanged => &mut counts.unchanged,
                EventOutcome::Skipped => &mut counts.skipped,
            } += 1;
        }
        counts
    }
}

/// When a meeting begins that did not take place then before.
fn begins_anew(action: &Action) -> Option<Instant> {
    match action {
        Action::Create(one) => Some(one.starts_at),
        Action::Update { to, changed, .. } => {
            let anew = changed.iter().any(|field| matches!(field, ChangedField::StartsAt | ChangedField::Cancelled));
            anew.then_some(to.starts_at)
        }
        Action::Cancel { .. } | Action::Remember { .. } | Action::Nothing => None,
    }
}

/// The zone of an occurrence. A zone that only its calendar knows has no name for anyone else; the instants are
/// right without it.
fn zone_of(name: &str) -> ZoneName {
    ZoneName::parse(name).unwrap_or_else(|_| ZoneName::helsinki())
}

impl Meeting {
    /// A new meeting as a calendar tells of it.
    fn of_calendar(id: MeetingId, body: &Body, occurrence: Occurrence, now: Instant) -> Self {
        let imported = Imported::from(&occurrence);
        let Occurrence {
            uid,
            recurrence_id,
            sequence,
            starts_at,
            ends_at,
            zone,
            cancelled,
            summary: _,
            location,
            tags,
            line: _,
            in_window: _,
            notes: _,
        } = occurrence;
        let starts_at = to_microsecond(starts_at);
        let mut tags = distinct(tags);
        tags.truncate(MOST_TAGS);
        Self {
            id,
            body_id: body.id,
            organisation_id: body.organisation_id,
            meta: Meta::new(now),
            details: Details {
                starts_at,
                ends_at: ends_at.map(|end| to_microsecond(end).max(starts_at)),
                agenda_deadline: body.details.agenda_lead.deadline(starts_at),
                zone: zone_of(&zone),
                state: MeetingState::Planned,
                tags,
                location,
                minutes_published_on: None,
            },
            cancelled,
            origin: Some(Origin { uid, recurrence_id, sequence, imported }),
        }
    }

    /// The same with what its calendar has changed. What the calendar did not change stays: it may have been set here.
    fn following(
        self,
        body: &Body,
        to: &Occurrence,
        changed: &[ChangedField],
        imported: Imported,
        now: Instant,
    ) -> Self {
        let last = self.origin.as_ref().map(|origin| origin.imported.tags.clone());
        let last = last.unwrap_or_else(|| self.details.tags.clone());
        let mut meeting = self.known_as(to.recurrence_id, to.sequence, imported);
        meeting.meta = meeting.meta.changed(now);
        for field in changed {
            match field {
                ChangedField::StartsAt => {
                    // A calendar knows no agenda deadlines: one that can no longer be is the body's default again.
                    let kept = meeting.details.deadline_after_move(body, to.starts_at);
                    let default = body.details.agenda_lead.deadline(to.starts_at);
                    meeting.details.agenda_deadline = if kept <= to.starts_at { kept } else { default };
                    meeting.details.starts_at = to.starts_at;
                    meeting.details.zone = zone_of(&to.zone);
                }
                ChangedField::EndsAt => meeting.details.ends_at = to.ends_at,
                ChangedField::Location => meeting.details.location.clone_from(&to.location),
                ChangedField::Cancelled => meeting.cancelled = to.cancelled,
                ChangedField::Tags => meeting.details.tags = merged(&meeting.details.tags, &last, &to.tags),
            }
        }
        meeting
    }

    /// The same, with how its calendar now knows it, and what it says.
    fn known_as(mut self, recurrence_id: Option<Instant>, sequence: u32, imported: Imported) -> Self {
        if let Some(origin) = &mut self.origin {
            origin.recurrence_id = recurrence_id;
            origin.sequence = sequence;
            origin.imported = imported;
        }
        self
    }
}
