//! Random small actions: bodies with short calendars, steps with all that can befall them.

use crate::build::id;
use crate::law;
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use proptest::prelude::*;
use yhteen_domain::ids::MeetingId;
use yhteen_domain::legal::default_regime;
use yhteen_domain::text::Tag;
use yhteen_domain::timetable::{
    Body, Booking, BookingState, Challenge, Dependency, Handling, Input, Meeting, Occasion, Outcome, Progress, Route,
    Step,
};
use yhteen_domain::vocabulary::{BodyKind, By, Gate, OrganisationKind, StepFunction};

/// Random numbers that an action is read from; proptest makes them smaller when it looks for a simpler failure, so
/// that 0 always stands for the plain case.
struct Tape {
    numbers: Vec<u32>,
    at: usize,
}

impl Tape {
    fn below(&mut self, bound: u32) -> u32 {
        let number = self.numbers.get(self.at).copied().unwrap_or_default();
        self.at += 1;
        number % bound
    }

    fn between(&mut self, low: i64, high: i64) -> i64 {
        low + i64::from(self.below(u32::try_from(high - low + 1).unwrap()))
    }

    /// True in so many of a hundred cases.
    fn percent(&mut self, share: u32) -> bool {
        self.below(100) >= 100 - share
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(u32::try_from(from.len()).unwrap()) as usize]
    }
}

/// Small actions: at most 6 steps over at most 4 bodies with at most 6 meetings each.
pub fn actions() -> impl Strategy<Value = Input> {
    prop::collection::vec(0_u32..1_000_000, 420).prop_map(|numbers| action(&mut Tape { numbers, at: 0 }))
}

fn at(day: NaiveDate, hour: u32) -> DateTime<Utc> {
    law::clock(day.and_time(NaiveTime::from_hms_opt(hour, 0, 0).unwrap()))
}

fn action(tape: &mut Tape) -> Input {
    let today = NaiveDate::from_ymd_opt(2026, 1, 15).unwrap() + Days::new(tape.below(420).into());
    let now = at(today, tape.pick(&[9, 0, 8, 12, 16]));
    let mut bodies: Vec<Body> = Vec::new();
    for number in 0..=tape.below(4) as usize {
        let body = body(tape, number, now, &bodies);
        bodies.push(body);
    }
    let mut steps: Vec<Step> = Vec::new();
    for number in 0..=tape.pick(&[0, 5, 4, 3, 5, 2, 1, 4, 3, 5]) {
        let step = step(tape, number, now, &bodies, &steps);
        steps.push(step);
    }
    let turn = tape.below(u32::try_from(steps.len()).unwrap()) as usize;
    steps.rotate_left(turn);
    let target_on = (!tape.percent(10)).then(|| today + TimeDelta::days(tape.between(-5, 110)));
    let start_gate = tape.pick(&[Gate::Decided, Gate::Decided, Gate::Final, Gate::Final, Gate::Notified]);
    let progress = tape.pick(&[Progress::Started, Progress::NotStarted]);
    Input { now, route: Route { target_on, start_gate, steps, progress }, bodies }
}

fn body(tape: &mut Tape, number: usize, now: DateTime<Utc>, others: &[Body]) -> Body {
    let today = law::day_of(now);
    let (organisation, kind) = tape.pick(&[
        (OrganisationKind::Municipality, BodyKind::Council),
        (OrganisationKind::Municipality, BodyKind::Board),
        (OrganisationKind::Ngo, BodyKind::NgoBoard),
        (OrganisationKind::Parish, BodyKind::ParishBoard),
        (OrganisationKind::Municipality, BodyKind::YouthCouncil),
        (OrganisationKind::Municipality, BodyKind::OfficeHolder),
        (OrganisationKind::Ngo, BodyKind::OfficeHolder),
    ]);
    let mut body = Body {
        id: id(number),
        organisation_id: id(number),
        organisation_kind: organisation,
        kind,
        regime: default_regime(organisation, kind),
        minutes_publication_days: tape.below(5),
        published_until: None,
        valid_to: tape.percent(12).then(|| today + TimeDelta::days(tape.between(-3, 50))),
        meetings: Vec::new(),
    };
    if kind == BodyKind::OfficeHolder {
        // One office holder without end is enough for brute force.
        if others.iter().any(|other| other.kind == BodyKind::OfficeHolder) {
            body.valid_to = Some(today + TimeDelta::days(tape.between(0, 9)));
        }
        return body;
    }
    let past = tape.percent(30);
    for index in 0..tape.below(7) as usize {
        let meeting = meeting(tape, number * 100 + index, now, past);
        body.meetings.push(meeting);
    }
    body
}

fn meeting(tape: &mut Tape, number: usize, now: DateTime<Utc>, past: bool) -> Meeting {
    let day = law::day_of(now) + TimeDelta::days(if past { tape.between(-30, 20) } else { tape.between(-6, 75) });
    let starts_at = at(day, tape.pick(&[16, 9, 12, 18]));
    let deadline = at(day - TimeDelta::days(tape.between(0, 12)), tape.pick(&[12, 0, 8, 9]));
    let ends_at = tape.percent(60).then(|| starts_at + TimeDelta::hours(tape.between(0, 9)));
    let decided = ends_at.unwrap_or(starts_at);
    let is_past = decided <= now;
    let waited = (law::day_of(now) - law::day_of(decided)).num_days().max(0);
    let minutes = law::day_of(decided) + TimeDelta::days(tape.between(0, waited));
    Meeting {
        id: id(1000 + number),
        starts_at,
        ends_at,
        agenda_deadline: deadline.min(starts_at),
        cancelled: tape.percent(8),
        held: is_past && tape.percent(50),
        tags: if tape.percent(35) { vec![budget()] } else { Vec::new() },
        minutes_published_on: (is_past && tape.percent(50)).then_some(minutes),
    }
}

pub fn budget() -> Tag {
    Tag::parse("budget").unwrap()
}

/// An occasion of a body, past ones first where asked for.
fn occasion(tape: &mut Tape, body: &Body, now: DateTime<Utc>, past: bool) -> Option<Occasion> {
    if body.kind == BodyKind::OfficeHolder {
        let days = if past { tape.between(-20, -1) } else { tape.between(0, 20) };
        return Some(Occasion::Day(law::day_of(now) + TimeDelta::days(days)));
    }
    let decided = |meeting: &&Meeting| meeting.ends_at.unwrap_or(meeting.starts_at) <= now;
    let of_time: Vec<MeetingId> =
        body.meetings.iter().filter(|meeting| decided(meeting) == past).map(|meeting| meeting.id).collect();
    (!of_time.is_empty()).then(|| Occasion::Meeting(tape.pick(&of_time)))
}

fn step(tape: &mut Tape, number: usize, now: DateTime<Utc>, bodies: &[Body], before: &[Step]) -> Step {
    let body = &bodies[tape.below(u32::try_from(bodies.len()).unwrap()) as usize];
    let today = law::day_of(now);
    let function = tape.pick(&[
        StepFunction::Decision,
        StepFunction::Decision,
        StepFunction::Preparation,
        StepFunction::Notice,
        StepFunction::Decision,
    ]);
    // Ids fall while the order of dependencies rises, so that ties are not broken by luck.
    let mut step = Step::new(id(50 - number), body.id, function);
    step.authoritative = tape.percent(45);
    for other in before {
        for _ in 0..2 {
            if tape.percent(28) {
                let gate = tape.pick(&[Gate::Decided, Gate::Proposed, Gate::Final, Gate::Notified]);
                let by = tape.pick(&[By::AgendaDeadline, By::Meeting]);
                step.depends_on.push(Dependency { step_id: other.id, gate, by });
            }
        }
    }
    step.not_before = tape.percent(12).then(|| today + TimeDelta::days(tape.between(-5, 40)));
    step.preparation_days = if tape.percent(45) { tape.below(10) } else { 0 };
    step.required_tag = tape.percent(10).then(budget);
    if tape.percent(20) {
        let past = tape.percent(15);
        step.booking = occasion(tape, body, now, past).map(|occasion| Booking {
            occasion,
            state: tape.pick(&[
                BookingState::Accepted,
                BookingState::Accepted,
                BookingState::Proposed,
                BookingState::Declined,
            ]),
            handed_in_at: tape.percent(40).then(|| now - TimeDelta::hours(tape.between(0, 200))),
        });
    }
    if tape.percent(22) {
        for _ in 0..=tape.below(2) {
            let past = !tape.percent(10);
            let Some(occasion) = occasion(tape, body, now, past) else { continue };
            if step.handlings.iter().any(|handling| handling.occasion == occasion) {
                continue;
            }
            let outcome = tape.pick(&[
                Outcome::Approved,
                Outcome::ApprovedAmended,
                Outcome::Tabled,
                Outcome::Returned,
                Outcome::Approved,
                Outcome::Approved,
                Outcome::Rejected,
                Outcome::Withdrawn,
            ]);
            let back = (outcome == Outcome::Returned && !before.is_empty() && tape.percent(50))
                .then(|| before[tape.below(u32::try_from(before.len()).unwrap()) as usize].id);
            step.handlings.push(Handling { occasion, outcome, returned_to_step_id: back });
        }
        let day = today + TimeDelta::days(tape.between(-20, 30));
        step.challenge = if tape.percent(25) {
            tape.pick(&[
                Challenge::Pending,
                Challenge::RectificationDismissed { notice_on: day },
                Challenge::AppealDismissed { on: day },
                Challenge::Annulled,
            ])
        } else {
            Challenge::None
        };
    }
    step.recorded_legal_force_on = tape.percent(5).then(|| today + TimeDelta::days(tape.between(-20, 30)));
    step
}

/// A meeting for a body of an action that has none with its id.
pub fn another_meeting(numbers: &[u32], now: DateTime<Utc>) -> Meeting {
    meeting(&mut Tape { numbers: numbers.to_vec(), at: 0 }, 9999, now, false)
}

/// The index that a number stands for.
pub fn index<T>(of: &[T], number: u32) -> Option<usize> {
    (number as usize).checked_rem(of.len())
}
