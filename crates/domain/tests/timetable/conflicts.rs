//! What is wrong with an action: whose turn it is, on which date, and in which words.

use crate::build::{after, authoritative, body, date, id, local, step, with_meeting};
use std::slice::from_ref;
use yhteen_domain::actions::ActionStatus;
use yhteen_domain::text::{Language, Name};
use yhteen_domain::timetable::{
    Body, Booking, BookingState, Calendars, Challenge, Concerned, Conflict, ConflictKind, Handling, Occasion, Outcome,
    Progress, Route, Step, Subject, Withdrawal, conflicts,
};
use yhteen_domain::vocabulary::{BodyKind, By, Gate, OrganisationKind, StepFunction};

/// The board of organisation 1 meets on 2 and 23 March, the council of organisation 2 on 30 March.
fn bodies() -> Vec<Body> {
    let board = body(1, OrganisationKind::Municipality, BodyKind::Board, 5);
    let board = with_meeting(board, "2026-03-02 16:00", "18:00", "2026-02-20 12:00");
    let board = with_meeting(board, "2026-03-23 16:00", "18:00", "2026-03-13 12:00");
    let council = body(2, OrganisationKind::Municipality, BodyKind::Council, 7);
    let council = with_meeting(council, "2026-03-30 17:00", "20:00", "2026-03-20 12:00");
    vec![board, council, body(3, OrganisationKind::Municipality, BodyKind::OfficeHolder, 1)]
}

fn booked(step: Step, occasion: Occasion, handed_in_at: Option<&str>) -> Step {
    let handed_in_at = handed_in_at.map(local);
    Step { booking: Some(Booking { occasion, state: BookingState::Accepted, handed_in_at }), ..step }
}

fn handled(step: Step, occasion: Occasion, outcome: Outcome) -> Step {
    Step { handlings: vec![Handling { occasion, outcome, returned_to_step_id: None }], ..step }
}

/// Meeting `index` of body `number`.
fn meeting(number: usize, index: usize) -> Occasion {
    Occasion::Meeting(bodies()[number - 1].meetings[index].id)
}

fn decision(number: usize, body: usize) -> Step {
    authoritative(step(number, body, StepFunction::Decision))
}

/// What is wrong at noon of a day with an action of organisation 9 with these steps.
fn found(day: &str, status: ActionStatus, target: Option<&str>, steps: &[Step], bodies: &[Body]) -> Vec<Conflict> {
    let route = Route {
        target_on: target.map(date),
        start_gate: Gate::Decided,
        steps: steps.to_vec(),
        progress: Progress::Started,
    };
    let withdrawn = [Withdrawal { organisation_id: id(8), at: Some(local("2026-01-20 12:00")) }];
    let calendars = Calendars::prepare_each(local(&format!("{day} 12:00")), bodies).unwrap();
    let subject = Subject { route: &route, accountable_id: id(9), status, started_on: None, withdrawn: &withdrawn };
    conflicts(subject, &calendars)
}

/// Kind, turn and date of each.
fn check(found: &[Conflict], expect: &[(ConflictKind, usize, Option<&str>)]) {
    let found: Vec<_> = found.iter().map(|it| (it.kind, it.organisation_id, it.on)).collect();
    let expect: Vec<_> = expect.iter().map(|(kind, turn, on)| (*kind, id(*turn), on.map(date))).collect();
    assert_eq!(found, expect);
}

#[test]
fn bookings_are_judged_each_by_itself() {
    let judge = |day: &str, steps: &[Step]| found(day, ActionStatus::Proposed, None, steps, &bodies());
    let first = booked(decision(1, 1), meeting(1, 0), None);
    check(&judge("2026-02-20", from_ref(&first)), &[]);
    check(&judge("2026-02-21", from_ref(&first)), &[(ConflictKind::BookingMissed, 1, Some("2026-02-20"))]);
    let handed_in = booked(decision(1, 1), meeting(1, 0), Some("2026-02-19 12:00"));
    check(&judge("2026-02-21", &[handed_in]), &[]);
    // What the council waits for is decided three days after its agenda is closed; neither needs the other's fault.
    let second = after(step(2, 2, StepFunction::Notice), 1, Gate::Decided, By::AgendaDeadline);
    let second = booked(second, meeting(2, 0), None);
    let early = booked(decision(1, 1), meeting(1, 1), None);
    check(&judge("2026-02-01", &[early, second.clone()]), &[(ConflictKind::BookingTooEarly, 2, Some("2026-03-20"))]);
    check(&judge("2026-02-21", &[first, second]), &[(ConflictKind::BookingMissed, 1, Some("2026-02-20"))]);
    // Declined and proposed bookings bind nobody.
    for state in [BookingState::Proposed, BookingState::Declined] {
        let mut asked = booked(decision(1, 1), meeting(1, 0), None);
        asked.booking.as_mut().unwrap().state = state;
        check(&judge("2026-02-21", &[asked]), &[]);
    }
    // A Sunday is no day of an office holder.
    let sunday = booked(decision(1, 3), Occasion::Day(date("2026-03-01")), None);
    check(&judge("2026-02-01", &[sunday]), &[(ConflictKind::BookingCancelled, 3, Some("2026-03-01"))]);
}

#[test]
fn decisions_against_are_the_turn_of_the_accountable_one() {
    let judge = |steps: &[Step]| found("2026-03-03", ActionStatus::Proposed, None, steps, &bodies());
    for (outcome, kind) in
        [(Outcome::Rejected, ConflictKind::StepRejected), (Outcome::Withdrawn, ConflictKind::StepWithdrawn)]
    {
        let against = handled(decision(1, 1), meeting(1, 0), outcome);
        check(&judge(from_ref(&against)), &[(kind, 9, Some("2026-03-02"))]);
        check(&judge(&[Step { authoritative: false, ..against }]), &[]);
    }
    let approved = handled(decision(1, 1), meeting(1, 0), Outcome::Approved);
    check(&judge(from_ref(&approved)), &[]);
    let annulled = Step { challenge: Challenge::Annulled, ..approved };
    check(&judge(&[annulled]), &[(ConflictKind::StepAnnulled, 9, Some("2026-03-02"))]);
    // Sent back, it waits for the next meeting.
    check(&judge(&[handled(decision(1, 1), meeting(1, 0), Outcome::Returned)]), &[]);
}

#[test]
fn minutes_are_overdue_once_their_day_has_passed() {
    let approved = handled(decision(1, 1), meeting(1, 0), Outcome::Approved);
    let judge =
        |day: &str, step: &Step, bodies: &[Body]| found(day, ActionStatus::Proposed, None, from_ref(step), bodies);
    check(&judge("2026-03-07", &approved, &bodies()), &[]);
    check(&judge("2026-03-08", &approved, &bodies()), &[(ConflictKind::MinutesOverdue, 1, Some("2026-03-07"))]);
    let mut published = bodies();
    published[0].meetings[0].minutes_published_on = Some(date("2026-03-06"));
    check(&judge("2026-03-08", &approved, &published), &[]);
    let certified = Step { recorded_legal_force_on: Some(date("2026-04-01")), ..approved };
    check(&judge("2026-03-08", &certified, &bodies()), &[]);
}

#[test]
fn a_start_is_too_early_until_the_action_has_started() {
    let steps = [decision(1, 2)];
    let judge = |status, target| found("2026-03-01", status, Some(target), &steps, &bodies());
    check(&judge(ActionStatus::Proposed, "2026-03-31"), &[]);
    check(&judge(ActionStatus::Proposed, "2026-03-30"), &[(ConflictKind::StartTooEarly, 9, Some("2026-03-30"))]);
    let withdrawn = (ConflictKind::ParticipantWithdrawn, 9, Some("2026-01-20"));
    check(
        &judge(ActionStatus::Agreed, "2026-03-01"),
        &[(ConflictKind::StartTooEarly, 9, Some("2026-03-01")), withdrawn],
    );
    check(&judge(ActionStatus::InProgress, "2026-03-01"), &[withdrawn]);
    // After the last meeting it is the calendar that is missing, whatever was planned.
    let late = found("2026-03-21", ActionStatus::Draft, Some("2026-03-01"), &steps, &bodies());
    check(&late, &[(ConflictKind::CalendarMissing, 2, Some("2026-03-21"))]);
}

#[test]
fn a_route_that_cannot_be_computed_tells_nothing() {
    let mut far = bodies();
    far[1].meetings[0].starts_at = local("2026-03-30 17:00") + chrono::TimeDelta::days(3_000_000);
    let steps = [decision(1, 2)];
    let withdrawn = (ConflictKind::ParticipantWithdrawn, 9, Some("2026-01-20"));
    check(&found("2026-03-21", ActionStatus::OnHold, Some("2026-03-01"), &steps, &far), &[withdrawn]);
}

#[test]
fn every_kind_is_one_sentence_in_each_language() {
    use yhteen_domain::vocabulary::Vocabulary;
    let (organisation, body) = (Name::fi("Kotka").unwrap(), Name::fi("Valtuusto").unwrap());
    let concerned = Concerned { organisation: Some(&organisation), body: Some(&body) };
    for kind in ConflictKind::ALL {
        for on in [None, Some(date("2026-03-02")), Some(date("2027-03-02"))] {
            let conflict = Conflict {
                kind: *kind,
                organisation_id: id(1),
                step_id: Some(id(1)),
                body_id: Some(id(1)),
                meeting_id: None,
                participant_id: None,
                on,
                beside: Some(date("2026-03-09")),
            };
            let all =
                [Language::Fi, Language::Sv, Language::En].map(|it| conflict.told(concerned, date("2026-01-15"), it));
            for text in &all {
                assert!(text.starts_with("Kotka") && text.ends_with('.') && !text.ends_with(".."), "{text}");
            }
            assert!(all[0] != all[1] && all[1] != all[2]);
        }
    }
}
