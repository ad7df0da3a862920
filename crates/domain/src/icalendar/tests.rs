//! Tests of the import: a calendar as Outlook writes it, a table of bad files, and laws.

mod calendars;
mod choices;
mod laws;
mod outlook;
mod refusals;
mod writing;

use super::*;

use chrono::{DateTime, NaiveTime};

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

/// The year 2026 and a little more.
fn window() -> Window {
    Window::new(at("2025-12-31T22:00:00Z"), at("2026-12-31T22:00:00Z"))
}

/// A calendar with these lines in it, ended as the format asks.
fn calendar(lines: &str) -> String {
    let lines = lines.trim_matches('\n').lines().map(str::trim_start).collect::<Vec<_>>().join("\r\n");
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Yhteen//Tests//EN\r\n{lines}\r\nEND:VCALENDAR\r\n")
}

/// A calendar with one event that has these lines beside its UID.
fn event(lines: &str) -> String {
    calendar(&format!("BEGIN:VEVENT\nUID:u\n{}\nEND:VEVENT", lines.trim_matches('\n')))
}

fn file(text: &str) -> CalendarFile {
    read(text.as_bytes(), window()).unwrap()
}

/// The starts of the occurrences inside the window as local time in Helsinki.
fn starts(file: &CalendarFile) -> Vec<String> {
    let local = |one: &Occurrence| one.starts_at.with_timezone(&chrono_tz::Europe::Helsinki).format("%m-%d %H:%M");
    file.occurrences.iter().filter(|one| one.in_window).map(|one| local(one).to_string()).collect()
}

/// The meetings of a body, changed as an import says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Meetings(Vec<Known>);

impl Meetings {
    /// Imports a file and answers the outcomes that are not `unchanged`.
    fn import(&mut self, file: &CalendarFile) -> Vec<EventReport> {
        let changes = reconcile(&self.0, file);
        for change in &changes {
            self.follow(&change.action);
        }
        let reports = changes.into_iter().map(|change| change.report);
        reports.filter(|report| report.outcome != EventOutcome::Unchanged).collect()
    }

    fn get(&mut self, id: MeetingId) -> &mut Known {
        self.0.iter_mut().find(|known| known.meeting_id == id).unwrap()
    }

    fn follow(&mut self, action: &Action) {
        match action.clone() {
            Action::Create(one) => {
                let id = u128::try_from(self.0.len()).unwrap() + 1;
                self.0.push(Self::like(MeetingId::from_uuid(uuid::Uuid::from_u128(id)), one));
            }
            Action::Update { meeting_id, to, .. } => *self.get(meeting_id) = Self::like(meeting_id, to),
            Action::Cancel { meeting_id, recurrence_id, sequence, imported } => {
                let meeting = self.get(meeting_id);
                *meeting = Known { cancelled: true, recurrence_id, sequence, imported, ..meeting.clone() };
            }
            Action::Remember { meeting_id, recurrence_id, sequence, imported } => {
                let meeting = self.get(meeting_id);
                *meeting = Known { recurrence_id, sequence, imported, ..meeting.clone() };
            }
            Action::Nothing => {}
        }
    }

    fn like(meeting_id: MeetingId, one: Occurrence) -> Known {
        let imported = Imported::from(&one);
        let Occurrence { uid, recurrence_id, sequence, starts_at, ends_at, location, cancelled, tags, .. } = one;
        Known {
            meeting_id,
            uid,
            recurrence_id,
            sequence,
            starts_at,
            ends_at,
            location,
            cancelled,
            tags,
            held: false,
            imported,
        }
    }

    /// The meetings that take place, as local times in Helsinki.
    fn planned(&self) -> Vec<String> {
        let mut planned: Vec<&Known> = self.0.iter().filter(|known| !known.cancelled).collect();
        planned.sort_by_key(|known| known.starts_at);
        let local = |at: Instant| at.with_timezone(&chrono_tz::Europe::Helsinki).format("%m-%d %H:%M").to_string();
        planned.into_iter().map(|known| local(known.starts_at)).collect()
    }
}

/// The outcomes and their counts, in words.
fn outcomes(reports: &[EventReport]) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for report in reports {
        let reason = report.reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
        *counts.entry(format!("{}{reason}", report.outcome)).or_default() += 1;
    }
    counts.into_iter().map(|(outcome, count)| format!("{count} {outcome}")).collect::<Vec<_>>().join(", ")
}
