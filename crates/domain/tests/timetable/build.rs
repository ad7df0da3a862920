//! Short ways to write bodies, meetings and steps.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Europe::Helsinki;
use yhteen_domain::ids::Id;
use yhteen_domain::legal::default_regime;
use yhteen_domain::timetable::{Body, Dependency, Meeting, Step, StepTimetable, Timetable};
use yhteen_domain::vocabulary::{BodyKind, By, Gate, OrganisationKind, StepFunction};

/// The id with this number.
pub fn id<T: Id>(number: usize) -> T {
    T::from_uuid(uuid::Uuid::from_u128(number as u128))
}

pub fn date(text: &str) -> NaiveDate {
    text.parse().unwrap_or_else(|_| panic!("no date: {text}"))
}

/// A local time in Helsinki, such as `2026-09-07 16:00`.
pub fn local(text: &str) -> DateTime<Utc> {
    let naive = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap_or_else(|_| panic!("no time: {text}"));
    Helsinki.from_local_datetime(&naive).earliest().unwrap().with_timezone(&Utc)
}

/// The body with this number, of an organisation with the same number.
pub fn body(number: usize, organisation: OrganisationKind, kind: BodyKind, minutes: u32) -> Body {
    Body {
        id: id(number),
        organisation_id: id(number),
        organisation_kind: organisation,
        kind,
        regime: default_regime(organisation, kind),
        minutes_publication_days: minutes,
        published_until: None,
        valid_to: None,
        meetings: Vec::new(),
    }
}

/// The body with a meeting from `start` to `end` (a time on the same day) whose agenda closes at `deadline`.
pub fn with_meeting(mut body: Body, start: &str, end: &str, deadline: &str) -> Body {
    let number = uuid::Uuid::from_u128(body.id.uuid().as_u128() * 1000 + body.meetings.len() as u128);
    body.meetings.push(Meeting {
        id: Id::from_uuid(number),
        starts_at: local(start),
        ends_at: Some(local(&format!("{} {end}", &start[..10]))),
        agenda_deadline: local(deadline),
        cancelled: false,
        held: false,
        tags: Vec::new(),
        minutes_published_on: None,
    });
    body
}

/// The step with this number, handled by the body with this number.
pub fn step(number: usize, body: usize, function: StepFunction) -> Step {
    Step::new(id(number), id(body), function)
}

pub fn after(mut step: Step, number: usize, gate: Gate, by: By) -> Step {
    step.depends_on.push(Dependency { step_id: id(number), gate, by });
    step
}

pub fn authoritative(mut step: Step) -> Step {
    step.authoritative = true;
    step
}

pub fn of(timetable: &Timetable, number: usize) -> &StepTimetable {
    timetable.steps.iter().find(|step| step.step_id == id(number)).unwrap()
}

/// (earliest, latest) as local dates.
pub fn span(timetable: &Timetable, number: usize) -> [Option<String>; 2] {
    let step = of(timetable, number);
    let day = |at: DateTime<Utc>| at.with_timezone(&Helsinki).date_naive().to_string();
    [step.earliest, step.latest].map(|placement| placement.map(|placement| day(placement.decided_at)))
}
