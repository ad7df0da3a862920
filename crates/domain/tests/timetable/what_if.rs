//! Changes that are tried: what they do, and what cannot be.

use crate::build::{after, authoritative, body, date, id, local, step, with_meeting};
use chrono::NaiveDate;
use std::collections::BTreeMap;
use yhteen_domain::actions::StartGate;
use yhteen_domain::codes::INVALID;
use yhteen_domain::ids::{ActionId, MeetingId, StepId};
use yhteen_domain::text::Tag;
use yhteen_domain::timetable::{
    Change, Handling, MOST_CHANGES, Meeting, Occasion, Outcome, Progress, Route, Situation, Step, what_if,
};
use yhteen_domain::vocabulary::{BodyKind, By, Gate, OrganisationKind, StepFunction};

/// A board (1), a council (2) and an office holder (3); the action 1 goes through all three, the action 2 through
/// the board alone. The second meeting of the board is cancelled, the first one of the council was held.
pub fn situation() -> Situation {
    let mut board = body(1, OrganisationKind::Municipality, BodyKind::Board, 3);
    for day in ["2026-09-07", "2026-09-21", "2026-10-05"] {
        let deadline = format!("{} 12:00", day.parse::<NaiveDate>().unwrap() - chrono::Days::new(6));
        board = with_meeting(board, &format!("{day} 16:00"), "18:00", &deadline);
    }
    board.meetings[1].cancelled = true;
    let mut council = body(2, OrganisationKind::Municipality, BodyKind::Council, 7);
    council = with_meeting(council, "2026-08-24 17:00", "20:00", "2026-08-14 12:00");
    council = with_meeting(council, "2026-09-28 17:00", "20:00", "2026-09-18 12:00");
    council = with_meeting(council, "2026-10-26 17:00", "20:00", "2026-10-16 12:00");
    council.meetings[0].held = true;
    let holder = body(3, OrganisationKind::Municipality, BodyKind::OfficeHolder, 0);

    let prepares = step(1, 1, StepFunction::Preparation);
    let decides = after(step(2, 2, StepFunction::Decision), 1, Gate::Decided, By::AgendaDeadline);
    let carries_out = after(step(3, 3, StepFunction::Decision), 2, Gate::Final, By::Meeting);
    let route = |steps| Route {
        target_on: Some(date("2026-12-31")),
        start_gate: Gate::Final,
        steps,
        progress: Progress::Started,
    };
    Situation {
        now: local("2026-09-01 09:00"),
        routes: BTreeMap::from([
            (id(1), route(vec![prepares, authoritative(decides), authoritative(carries_out)])),
            (id(2), route(vec![authoritative(step(4, 1, StepFunction::Decision))])),
        ]),
        bodies: vec![board, council, holder],
    }
}

fn after_all(changes: &[Change]) -> Situation {
    what_if(situation(), changes).unwrap_or_else(|fault| panic!("{fault}: {:?}", fault.culprits))
}

fn meeting(situation: &Situation, number: usize) -> Meeting {
    let mut meetings = situation.bodies.iter().flat_map(|body| &body.meetings);
    meetings.find(|meeting| meeting.id == id(number)).unwrap().clone()
}

fn step_of(situation: &Situation, number: usize) -> Step {
    let mut steps = situation.routes.values().flat_map(|route| &route.steps);
    steps.find(|step| step.id == id(number)).unwrap().clone()
}

fn tag(text: &str) -> Tag {
    Tag::parse(text).unwrap()
}

fn added(number: usize, body: usize) -> Change {
    Change::MeetingAdded {
        meeting_id: id(number),
        body_id: id(body),
        starts_at: local("2026-09-14 16:00"),
        ends_at: Some(local("2026-09-14 18:00")),
        agenda_deadline: local("2026-09-10 12:00"),
        tags: Vec::new(),
    }
}

fn moved(number: usize) -> Change {
    let meeting_id = id(number);
    Change::MeetingMoved { meeting_id, starts_at: None, ends_at: None, agenda_deadline: None, tags: None }
}

fn handled(step: usize, meeting: usize, outcome: Outcome, returned_to: Option<usize>) -> Change {
    let occasion = Occasion::Meeting(id(meeting));
    Change::StepHandled { step_id: id(step), occasion, outcome, returned_to_step_id: returned_to.map(id) }
}

fn refused(changes: &[Change], pointer: &str, code: &str) {
    let fault = what_if(situation(), changes).expect_err(pointer);
    assert_eq!(fault.code, &INVALID);
    let said: Vec<_> = fault.culprits.iter().map(|at| (at.pointer.as_str(), at.code.as_ref())).collect();
    assert_eq!(said, [(pointer, code)], "{changes:?}");
}

#[test]
fn a_meeting_is_added_and_moved_and_held_and_its_minutes_are_published() {
    let tags = vec![tag("budget"), tag("autumn"), tag("budget")];
    let later = Change::MeetingMoved {
        meeting_id: id(9),
        starts_at: Some(local("2026-09-15 16:00")),
        ends_at: Some(None),
        agenda_deadline: Some(local("2026-09-11 12:00")),
        tags: Some(tags),
    };
    let on = date("2026-09-17");
    let published = Change::MinutesPublished { meeting_id: id(9), on };
    let situation = after_all(&[added(9, 1), later, Change::MeetingHeld { meeting_id: id(9) }, published]);
    let expected = Meeting {
        id: id(9),
        starts_at: local("2026-09-15 16:00"),
        ends_at: None,
        agenda_deadline: local("2026-09-11 12:00"),
        cancelled: false,
        held: true,
        tags: vec![tag("budget"), tag("autumn")],
        minutes_published_on: Some(on),
    };
    assert_eq!(format!("{:?}", meeting(&situation, 9)), format!("{expected:?}"));
    assert_eq!(situation.bodies[0].meetings.len(), 4);
}

#[test]
fn what_is_not_named_stays() {
    let before = meeting(&situation(), 1000);
    let after = meeting(&after_all(&[moved(1000)]), 1000);
    assert_eq!(format!("{before:?}"), format!("{after:?}"));
    let unchanged = Change::DependencyChanged { step_id: id(2), depends_on_step_id: id(1), gate: None, by: None };
    assert_eq!(step_of(&after_all(&[unchanged]), 2).depends_on, step_of(&situation(), 2).depends_on);
}

#[test]
fn a_meeting_is_cancelled() {
    assert!(meeting(&after_all(&[Change::MeetingCancelled { meeting_id: id(1000) }]), 1000).cancelled);
}

#[test]
fn a_step_is_handled_or_sent_back() {
    let day = Occasion::Day(date("2026-12-01"));
    let by_holder = Change::StepHandled {
        step_id: id(3),
        occasion: day,
        outcome: Outcome::Returned,
        returned_to_step_id: Some(id(1)),
    };
    let situation = after_all(&[
        handled(1, 1000, Outcome::Tabled, None),
        handled(1, 1002, Outcome::Approved, None),
        handled(2, 2001, Outcome::ApprovedAmended, None),
        by_holder,
    ]);
    let outcomes = |number| -> Vec<Outcome> {
        step_of(&situation, number).handlings.iter().map(|handling| handling.outcome).collect()
    };
    assert_eq!(outcomes(1), [Outcome::Tabled, Outcome::Approved]);
    assert_eq!(outcomes(2), [Outcome::ApprovedAmended]);
    let back = Handling { occasion: day, outcome: Outcome::Returned, returned_to_step_id: Some(id(1)) };
    assert_eq!(step_of(&situation, 3).handlings, [back]);
}

#[test]
fn dependencies_and_the_start_are_changed() {
    let situation = after_all(&[
        Change::DependencyChanged {
            step_id: id(3),
            depends_on_step_id: id(2),
            gate: Some(Gate::Decided),
            by: Some(By::AgendaDeadline),
        },
        Change::TargetMoved { action_id: id(1), target_on: None },
        Change::TargetMoved { action_id: id(2), target_on: Some(date("2027-01-01")) },
        Change::StartGateChanged { action_id: id(2), start_gate: StartGate::Decided },
    ]);
    let on = step_of(&situation, 3).depends_on[0];
    assert_eq!((on.step_id, on.gate, on.by), (id::<StepId>(2), Gate::Decided, By::AgendaDeadline));
    let start = |number| {
        let route = &situation.routes[&id::<ActionId>(number)];
        (route.target_on, route.start_gate)
    };
    assert_eq!(start(1), (None, Gate::Final));
    assert_eq!(start(2), (Some(date("2027-01-01")), Gate::Decided));
}

#[test]
fn meetings_that_cannot_be_are_refused() {
    refused(&[moved(1000), added(1001, 1)], "/changes/1/meeting_id", "duplicate");
    refused(&[added(9, 1), added(9, 2)], "/changes/1/meeting_id", "duplicate");
    refused(&[added(9, 8)], "/changes/0/body_id", "unknown_reference");
    refused(&[added(9, 3)], "/changes/0/body_id", "office_holder");
    refused(&[moved(9)], "/changes/0/meeting_id", "unknown_reference");
    refused(&[moved(1001)], "/changes/0/meeting_id", "cancelled");
    refused(&[Change::MeetingCancelled { meeting_id: id(1001) }], "/changes/0/meeting_id", "cancelled");
    refused(&[Change::MeetingCancelled { meeting_id: id(2000) }], "/changes/0/meeting_id", "held");
    refused(&[Change::MeetingHeld { meeting_id: id(9) }], "/changes/0/meeting_id", "unknown_reference");

    let times = |number: usize, [start, end, deadline]: [Option<&str>; 3]| Change::MeetingMoved {
        meeting_id: id::<MeetingId>(number),
        starts_at: start.map(local),
        ends_at: end.map(|end| Some(local(end))),
        agenda_deadline: deadline.map(local),
        tags: None,
    };
    refused(&[times(1000, [Some("2026-09-07 19:00"), None, None])], "/changes/0/ends_at", "before_start");
    refused(&[times(1000, [None, None, Some("2026-09-07 16:01")])], "/changes/0/agenda_deadline", "after_start");
    refused(&[times(1000, [Some("8001-01-02 16:00"), None, None])], "/changes/0/starts_at", "out_of_range");
    refused(&[times(1000, [None, Some("8001-01-02 16:00"), None])], "/changes/0/ends_at", "out_of_range");
    refused(&[times(1000, [None, None, Some("1899-01-02 16:00")])], "/changes/0/agenda_deadline", "out_of_range");
    refused(&[times(2000, [None, Some("2026-08-24 21:00"), None])], "/changes/0/ends_at", "held");
    let many = (0..21).map(|number| tag(&format!("tag-{number}"))).collect();
    let Change::MeetingMoved { meeting_id, starts_at, ends_at, agenda_deadline, .. } = moved(1000) else { panic!() };
    let tagged = Change::MeetingMoved { meeting_id, starts_at, ends_at, agenda_deadline, tags: Some(many) };
    refused(&[tagged], "/changes/0/tags", "too_many");

    let minutes = |on: &str| Change::MinutesPublished { meeting_id: id(1000), on: date(on) };
    refused(&[minutes("2026-09-06")], "/changes/0/on", "before_meeting");
    refused(&[minutes("8001-01-01")], "/changes/0/on", "out_of_range");
    refused(
        &[minutes("2026-09-09"), Change::MeetingCancelled { meeting_id: id(1000) }],
        "/changes/1/meeting_id",
        "held",
    );
}

#[test]
fn handlings_that_cannot_be_are_refused() {
    let approved = Outcome::Approved;
    refused(&[handled(9, 1000, approved, None)], "/changes/0/step_id", "unknown_reference");
    refused(&[handled(1, 2001, approved, None)], "/changes/0/meeting_id", "unknown_reference");
    refused(&[handled(1, 1001, approved, None)], "/changes/0/meeting_id", "cancelled");
    let cancelled = Change::MeetingCancelled { meeting_id: id(1000) };
    refused(&[cancelled, handled(1, 1000, approved, None)], "/changes/1/meeting_id", "cancelled");
    let twice = handled(1, 1000, Outcome::Tabled, None);
    refused(&[twice.clone(), twice], "/changes/1/meeting_id", "duplicate");
    let returned = |to| handled(2, 2001, Outcome::Returned, Some(to));
    for not_before in [2, 3, 4, 9] {
        refused(&[returned(not_before)], "/changes/0/returned_to_step_id", "not_before_it");
    }
    refused(&[handled(2, 2001, approved, Some(1))], "/changes/0/returned_to_step_id", "not_returned");

    let on_day = |step, day: &str| Change::StepHandled {
        step_id: id(step),
        occasion: Occasion::Day(date(day)),
        outcome: approved,
        returned_to_step_id: None,
    };
    refused(&[on_day(1, "2026-12-01")], "/changes/0/day", "not_office_holder");
    refused(&[on_day(3, "2026-12-06")], "/changes/0/day", "not_working_day");
    refused(&[on_day(3, "8001-12-01")], "/changes/0/day", "out_of_range");
    refused(&[on_day(3, "2026-12-01"), on_day(3, "2026-12-01")], "/changes/1/day", "duplicate");
}

#[test]
fn what_is_not_there_cannot_be_changed() {
    let relaxed = |step, on| Change::DependencyChanged {
        step_id: id(step),
        depends_on_step_id: id(on),
        gate: None,
        by: Some(By::Meeting),
    };
    refused(&[relaxed(9, 1)], "/changes/0/step_id", "unknown_reference");
    refused(&[relaxed(3, 1)], "/changes/0/depends_on_step_id", "unknown_reference");
    refused(&[Change::TargetMoved { action_id: id(9), target_on: None }], "/changes/0/action_id", "unknown_reference");
    let far = Change::TargetMoved { action_id: id(1), target_on: Some(date("1899-12-31")) };
    refused(&[far], "/changes/0/target_on", "out_of_range");
    let gate = Change::StartGateChanged { action_id: id(9), start_gate: StartGate::Final };
    refused(&[gate], "/changes/0/action_id", "unknown_reference");
}

#[test]
fn the_changes_are_bounded() {
    let many = |count| vec![moved(1000); count];
    assert!(what_if(situation(), &many(MOST_CHANGES)).is_ok());
    refused(&many(MOST_CHANGES + 1), "/changes", "too_many");
}
