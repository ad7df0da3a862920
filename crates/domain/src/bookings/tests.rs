//! Bookings: who has reserved what, and when it is too late.

use super::*;
use crate::decision_steps::tests::step;
use crate::ids::Id;

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn now() -> Instant {
    at("2026-03-02T10:00:00Z")
}

fn organisation(number: u128) -> OrganisationId {
    OrganisationId::from_uuid(uuid::Uuid::from_u128(number))
}

fn meeting(number: u128, starts_at: &str) -> Venue {
    let id = MeetingId::from_uuid(uuid::Uuid::from_u128(number));
    Venue::Meeting { id, starts_at: at(starts_at), cancelled: false, held: false }
}

fn state(step: &DecisionStep) -> Option<BookingState> {
    step.booking.as_ref().map(|booking| booking.state)
}

#[test]
fn a_proposal_is_answered_by_the_body_and_never_sets_aside_what_it_has_reserved() {
    let (first, second) = (meeting(1, "2026-04-01T10:00:00Z"), meeting(2, "2026-05-01T10:00:00Z"));
    let proposed = step(1, &[]).propose_booking(&first, organisation(2), true, now()).unwrap();
    assert_eq!(state(&proposed), Some(BookingState::Proposed));
    assert!(!proposed.stands_booked());
    let again = proposed.clone().propose_booking(&second, organisation(3), true, now()).unwrap();
    assert_eq!(again.booking.as_ref().unwrap().occasion, second.occasion());

    let declined = proposed.clone().decline_booking(now()).unwrap();
    assert_eq!(state(&declined), Some(BookingState::Declined));
    assert_eq!(declined.clone().accept_booking(&first, true, now()).unwrap_err().code, &NOT_PROPOSED);
    assert!(declined.propose_booking(&second, organisation(2), true, now()).is_ok());

    let accepted = proposed.accept_booking(&first, true, now()).unwrap();
    let booking = accepted.booking.as_ref().unwrap();
    assert_eq!((booking.state, booking.proposed_by), (BookingState::Accepted, organisation(2)));
    let fault = accepted.clone().propose_booking(&second, organisation(2), true, now()).unwrap_err();
    assert_eq!(fault.code, &ACCEPTED);
    let moved = accepted.clone().book(&second, true, now()).unwrap();
    assert_eq!(moved.booking.unwrap().proposed_by, organisation(1));
    let released = accepted.release_booking(now()).unwrap();
    assert_eq!(released.release_booking(now()).unwrap_err().code, &NOT_BOOKED);
}

#[test]
fn nothing_is_reserved_at_what_is_over_or_called_off_or_for_what_is_decided() {
    let check = |venue: Venue, is_open, code| {
        let fault = step(1, &[]).book(&venue, is_open, now()).unwrap_err();
        assert_eq!(fault.code, code, "{venue:?}");
        assert_eq!(step(1, &[]).propose_booking(&venue, organisation(2), is_open, now()).unwrap_err(), fault);
    };
    let id = MeetingId::from_uuid(uuid::Uuid::from_u128(1));
    let later = at("2026-04-01T10:00:00Z");
    check(Venue::Meeting { id, starts_at: later, cancelled: true, held: false }, true, &MEETING_CANCELLED);
    check(Venue::Meeting { id, starts_at: later, cancelled: false, held: true }, true, &MEETING_PAST);
    check(meeting(1, "2026-03-02T10:00:00Z"), true, &MEETING_PAST);
    check(Venue::Day("2026-03-01".parse().unwrap()), true, &MEETING_PAST);
    check(meeting(1, "2026-04-01T10:00:00Z"), false, &DECIDED);
    assert!(step(1, &[]).book(&Venue::Day("2026-03-02".parse().unwrap()), true, now()).is_ok());
}

#[test]
fn a_matter_is_handed_in_for_the_meeting_that_is_reserved() {
    let venue = meeting(1, "2026-04-01T10:00:00Z");
    assert_eq!(step(1, &[]).hand_in(&venue, None, true, now()).unwrap_err().code, &NOT_BOOKED);
    let booked = step(1, &[]).book(&venue, true, now()).unwrap();
    let handed_in = booked.clone().hand_in(&venue, None, true, now()).unwrap();
    assert_eq!(handed_in.booking.unwrap().handed_in_at, Some(now()));
    let earlier = Some(at("2026-02-27T08:00:00Z"));
    assert_eq!(booked.clone().hand_in(&venue, earlier, true, now()).unwrap().booking.unwrap().handed_in_at, earlier);
    let later = booked.clone().hand_in(&venue, Some(at("2026-03-03T08:00:00Z")), true, now()).unwrap_err();
    assert_eq!(later.culprits[0].pointer, "/at");
    assert_eq!(booked.hand_in(&venue, None, true, at("2026-04-01T10:00:00Z")).unwrap_err().code, &MEETING_PAST);
}
