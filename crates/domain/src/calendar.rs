//! The calendar: the meetings, agenda deadlines, dates of legal force and days on which reports are due, of many
//! organisations together.

mod cut;

pub use cut::{Calendar, Cut, NARROW_BY};

use crate::holidays::Wording;
use crate::icalendar::write::{Event, Status, When};
use crate::ids::{ActionId, BodyId, MeetingId, OrganisationId, PeriodId, ProgrammeId, StepId};
use crate::text::{Language, Name, PlainName, ShortCode, Tag};
use crate::time::{Date, Instant, midnight};
use chrono::{Days, Months};
use serde::{Deserialize, Serialize};

/// The most entries that one calendar holds.
pub const MOST_ENTRIES: usize = 5_000;
/// The most actions whose decisions one calendar looks through.
pub const MOST_ACTIONS: usize = 2_000;
/// The most years that one calendar spans.
pub const MOST_YEARS: u32 = 3;
/// The most identifiers, or kinds, by which a feed is narrowed in one way.
pub const MOST_NAMED: usize = 50;

crate::vocabulary! {
    /// What happens.
    CalendarKind {
        /// A body meets.
        Meeting = "meeting",
        /// The agenda of a meeting is closed.
        AgendaDeadline = "agenda_deadline",
        /// The decision of a step has legal force from this date on, or is to have it as its meeting is booked.
        LegalForce = "legal_force",
        /// Reports for a period of a programme are due.
        ReportDue = "report_due",
    }
}

/// What a calendar shows, of what its reader sees; all of it where nothing is named. What is named in one way is
/// alternatives, and what is named in several ways must fit them all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, expecting = "an object that names what to show")]
#[schema(as = CalendarFilters, examples(json!({"organisation_id": [], "body_id": [], "programme_id":
    ["01980000-0000-7000-8000-000000000003"], "action_id": [], "kind": ["meeting", "agenda_deadline"]})))]
pub struct Filter {
    /// What these organisations do: the meetings and decisions of their bodies, and the reports of the programmes of
    /// which they are members.
    #[serde(default)]
    pub organisation_id: Vec<OrganisationId>,
    /// What these bodies do.
    #[serde(default)]
    pub body_id: Vec<BodyId>,
    /// What belongs to these programmes: the bodies that have a step in one of their actions, the decisions of these
    /// steps, and the reports.
    #[serde(default)]
    pub programme_id: Vec<ProgrammeId>,
    /// What belongs to these actions: the bodies that have a step in one of them, and the decisions of these steps.
    #[serde(default)]
    pub action_id: Vec<ActionId>,
    /// What happens.
    #[serde(default)]
    pub kind: Vec<CalendarKind>,
}

impl Filter {
    /// Whether entries of this kind are wanted.
    pub fn wants(&self, kind: CalendarKind) -> bool {
        self.kind.is_empty() || self.kind.contains(&kind)
    }
}

/// The days that a calendar shows, the first and the last included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first.
    pub from: Date,
    /// The last.
    pub to: Date,
}

impl Span {
    /// What a calendar program is shown that does not say: from 90 days before today to two years after.
    pub fn around(today: Date) -> Self {
        let from = today.checked_sub_days(Days::new(90)).unwrap_or(today);
        Self { from, to: today.checked_add_months(Months::new(24)).unwrap_or(today) }
    }

    /// Whether the days are in order, and no more than those of [`MOST_YEARS`].
    pub fn is_allowed(self) -> bool {
        let end = self.from.checked_add_months(Months::new(12 * MOST_YEARS));
        self.from <= self.to && end.is_some_and(|end| self.to <= end)
    }

    /// Whether a day is one of them.
    pub fn holds(self, on: Date) -> bool {
        self.from <= on && on <= self.to
    }
}

/// One thing that happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What.
    pub kind: CalendarKind,
    /// When.
    pub when: When,
    /// How sure that is.
    pub status: Status,
    /// What it is called.
    pub title: Wording,
    /// Where.
    pub location: Option<PlainName>,
    /// What it is marked with.
    pub tags: Vec<Tag>,
    /// What it is about.
    pub about: About,
    /// The version of the aggregate to which it belongs.
    pub version: i64,
    /// When what it follows from was last changed.
    pub updated_at: Instant,
}

/// What an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// A meeting.
    Meeting {
        /// The meeting.
        id: MeetingId,
        /// Its body.
        body: BodyId,
        /// The organisation of that.
        organisation: OrganisationId,
    },
    /// The decision of a step.
    Step {
        /// The step.
        id: StepId,
        /// Its body.
        body: BodyId,
        /// The organisation of that.
        organisation: OrganisationId,
        /// The meeting; office holders have none.
        meeting: Option<MeetingId>,
        /// The action.
        action: ActionId,
        /// Its programme.
        programme: ProgrammeId,
    },
    /// A reporting period.
    Period {
        /// The period.
        id: PeriodId,
        /// Its programme.
        programme: ProgrammeId,
    },
}

impl Entry {
    /// When it begins.
    pub fn begins_at(&self) -> Instant {
        match self.when {
            When::Time(at, _) => at,
            When::Day(on) => midnight(on),
        }
    }

    /// Its place in a calendar: by time, then in an order that stays.
    pub fn place(&self) -> (Instant, CalendarKind, uuid::Uuid) {
        use crate::ids::Id;
        let id = match self.about {
            About::Meeting { id, .. } => id.uuid(),
            About::Step { id, .. } => id.uuid(),
            About::Period { id, .. } => id.uuid(),
        };
        (self.begins_at(), self.kind, id)
    }

    /// The entry as an event in a language, of a service that its users find at the address `service`, whose host is
    /// `host`.
    pub fn event(&self, language: Language, service: &str, host: &str) -> Event {
        let (name, path) = match (self.kind, self.about) {
            (CalendarKind::AgendaDeadline, About::Meeting { id, .. }) => {
                (format!("deadline-{id}"), format!("meetings/{id}"))
            }
            (_, About::Meeting { id, .. }) => (format!("meeting-{id}"), format!("meetings/{id}")),
            (_, About::Step { id, .. }) => (format!("legal-force-{id}"), format!("decision-steps/{id}")),
            (_, About::Period { id, .. }) => (format!("report-due-{id}"), format!("reporting-periods/{id}")),
        };
        let categories = match self.kind {
            // Those of a meeting are its tags, by which an import knows them again.
            CalendarKind::Meeting => self.tags.iter().map(|tag| tag.as_str().to_owned()).collect(),
            kind => vec![told(&label(kind), language).to_owned()],
        };
        Event {
            uid: format!("{name}@{host}"),
            // The first version is the first, which has not been revised.
            sequence: self.version - 1,
            revised_at: self.updated_at,
            when: self.when,
            status: self.status,
            busy: self.kind == CalendarKind::Meeting,
            summary: told(&self.title, language).to_owned(),
            description: None,
            location: self.location.as_ref().map(ToString::to_string),
            categories,
            kind: Some(self.kind),
            url: format!("{service}/api/v1/{path}"),
        }
    }
}

/// A wording in a language.
fn told(wording: &Wording, language: Language) -> &str {
    match language {
        Language::Fi => &wording.fi,
        Language::Sv => &wording.sv,
        Language::En => &wording.en,
    }
}

/// What entries of a kind are called.
fn label(kind: CalendarKind) -> Wording {
    match kind {
        CalendarKind::Meeting => Wording::new("Kokous", "Möte", "Meeting"),
        CalendarKind::AgendaDeadline => {
            Wording::new("Esityslistan määräaika", "Tidsfrist för föredragningslistan", "Agenda deadline")
        }
        CalendarKind::LegalForce => Wording::new("Lainvoima", "Laga kraft", "Legal force"),
        CalendarKind::ReportDue => Wording::new("Raporttien määräaika", "Tidsfrist för rapporter", "Reports due"),
    }
}

/// A wording that is put together in each language.
fn in_each(words: impl Fn(Language) -> String) -> Wording {
    Wording::new(words(Language::Fi), words(Language::Sv), words(Language::En))
}

/// What a body is called among those of others: `Kouvola: kaupunginvaltuusto`.
pub fn name_of_body(organisation: &Name, body: &Name) -> Wording {
    in_each(|language| format!("{}: {}", organisation.in_language(language), body.in_language(language)))
}

/// What the closing of the agenda of a meeting is called.
pub fn name_of_deadline(meeting: &Wording) -> Wording {
    let label = label(CalendarKind::AgendaDeadline);
    in_each(|language| format!("{}: {}", told(&label, language), told(meeting, language)))
}

/// What the legal force of the decision of a body on a step is called.
pub fn name_of_legal_force(body: &Wording, step: &Name) -> Wording {
    let label = label(CalendarKind::LegalForce);
    in_each(|language| format!("{}: {}: {}", told(&label, language), told(body, language), step.in_language(language)))
}

/// What the day is called on which the reports of a period of a programme are due.
pub fn name_of_due_day(programme: &Name, period: &ShortCode) -> Wording {
    let label = label(CalendarKind::ReportDue);
    in_each(|language| format!("{}: {}: {}", told(&label, language), programme.in_language(language), period.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_span_is_in_order_and_no_longer_than_it_may_be() {
        let check = |from: &str, to: &str, expect: bool| {
            assert_eq!(Span { from: day(from), to: day(to) }.is_allowed(), expect, "{from} to {to}");
        };
        check("2026-01-01", "2026-01-01", true);
        check("2026-01-01", "2029-01-01", true);
        check("2026-01-01", "2029-01-02", false);
        check("2024-02-29", "2027-02-28", true);
        check("2026-01-02", "2026-01-01", false);
        check("1900-01-01", "9000-12-31", false);
        assert!(Span::around(day("2024-02-29")).is_allowed());
    }

    #[test]
    fn a_name_that_lacks_a_language_is_told_in_one_that_there_is() {
        let organisation: Name =
            serde_json::from_value(serde_json::json!({"fi": "Kouvola", "sv": "Kouvola stad"})).unwrap();
        let body: Name = serde_json::from_value(serde_json::json!({"fi": "kaupunginvaltuusto"})).unwrap();
        let meeting = name_of_body(&organisation, &body);
        assert_eq!(meeting.sv, "Kouvola stad: kaupunginvaltuusto");
        assert_eq!(name_of_deadline(&meeting).en, "Agenda deadline: Kouvola: kaupunginvaltuusto");
        assert_eq!(
            name_of_legal_force(&meeting, &organisation).sv,
            "Laga kraft: Kouvola stad: kaupunginvaltuusto: Kouvola stad"
        );
    }
}
