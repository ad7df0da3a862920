//! Handlings: recorded once, superseded and never changed.

use super::*;
use crate::decision_steps::tests::step;
use crate::ids::{Id, MeetingId};

fn now() -> Instant {
    "2026-03-02T10:00:00Z".parse().unwrap()
}

fn handling_id(number: u128) -> HandlingId {
    HandlingId::from_uuid(uuid::Uuid::from_u128(number))
}

fn at_meeting(number: u128, outcome: Outcome) -> (Details, Venue) {
    let id = MeetingId::from_uuid(uuid::Uuid::from_u128(number));
    let venue = Venue::Meeting { id, starts_at: now(), cancelled: false, held: true };
    let occasion = venue.occasion();
    let details = Details {
        occasion,
        agenda_number: None,
        outcome,
        resolution: None,
        minutes_url: None,
        returned_to_step_id: None,
    };
    (details, venue)
}

#[test]
fn a_wrong_record_is_superseded_and_kept() {
    let (tabled, venue) = at_meeting(1, Outcome::Tabled);
    let steps = [step(1, &[])];
    let record = |step: DecisionStep, id, details: &Details, is_open| {
        step.handled(handling_id(id), (details.clone(), &venue), &steps, is_open, now())
    };
    let handled = record(steps[0].clone(), 1, &tabled, true).unwrap();
    assert_eq!(record(handled.clone(), 2, &tabled, true).unwrap_err().code, &ALREADY_RECORDED);
    let (other, _) = at_meeting(2, Outcome::Tabled);
    assert_eq!(record(handled.clone(), 2, &other, false).unwrap_err().code, &DECIDED);

    let (approved, _) = at_meeting(1, Outcome::Approved);
    let correct = |step: DecisionStep, wrong, id| {
        step.corrected(handling_id(wrong), handling_id(id), (approved.clone(), &venue), &steps, now())
    };
    let corrected = correct(handled.clone(), 1, 2).unwrap();
    let standing: Vec<_> = corrected.standing_handlings().map(|handling| handling.id).collect();
    assert_eq!((corrected.handlings.len(), standing), (2, vec![handling_id(2)]));
    assert_eq!(correct(corrected.clone(), 1, 3).unwrap_err().code, &SUPERSEDED);
    assert_eq!(correct(corrected, 9, 3).unwrap_err(), Fault::not_found());
}

#[test]
fn a_matter_goes_back_to_a_step_before_it() {
    // 3 waits for 2, 2 for 1; 4 waits for none.
    let steps = [step(1, &[]), step(2, &[1]), step(3, &[2]), step(4, &[])];
    let check = |outcome, to: u128, code: Option<&str>| {
        let (details, venue) = at_meeting(1, outcome);
        let details = Details { returned_to_step_id: Some(StepId::from_uuid(uuid::Uuid::from_u128(to))), ..details };
        let handled = steps[2].clone().handled(handling_id(1), (details, &venue), &steps, true, now());
        let said = handled.err().map(|fault| {
            assert_eq!(fault.culprits[0].pointer, "/returned_to_step_id");
            fault.culprits[0].code.to_string()
        });
        assert_eq!(said.as_deref(), code, "{to}");
    };
    check(Outcome::Returned, 1, None);
    check(Outcome::Returned, 2, None);
    check(Outcome::Returned, 3, Some("not_before_it"));
    check(Outcome::Returned, 4, Some("not_before_it"));
    check(Outcome::Returned, 9, Some("unknown_reference"));
    check(Outcome::Tabled, 1, Some("not_returned"));
}

#[test]
fn nothing_is_handled_at_a_meeting_that_has_not_been() {
    let id = MeetingId::from_uuid(uuid::Uuid::from_u128(1));
    let check = |venue: Venue, code| {
        let (details, _) = at_meeting(1, Outcome::Approved);
        let details = Details { occasion: venue.occasion(), ..details };
        let refused = step(1, &[]).handled(handling_id(1), (details, &venue), &[], true, now()).unwrap_err();
        assert_eq!(refused.code, code);
    };
    let later = now() + chrono::TimeDelta::hours(1);
    check(Venue::Meeting { id, starts_at: later, cancelled: false, held: false }, &NOT_BEGUN);
    check(Venue::Meeting { id, starts_at: now(), cancelled: true, held: false }, &MEETING_CANCELLED);
    check(Venue::Day("2026-03-03".parse().unwrap()), &NOT_BEGUN);
}
