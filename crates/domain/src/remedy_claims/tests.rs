//! Remedies: which lie, and what rulings come to.

use super::*;
use crate::bookings::Venue;
use crate::decision_steps::tests::step;
use crate::handlings::Details;
use crate::ids::{Id, MeetingId};
use crate::timetable::Outcome;

fn now() -> Instant {
    "2026-03-30T10:00:00Z".parse().unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn claim_id(number: u128) -> RemedyClaimId {
    RemedyClaimId::from_uuid(uuid::Uuid::from_u128(number))
}

fn decided() -> DecisionStep {
    let id = MeetingId::from_uuid(uuid::Uuid::from_u128(1));
    let venue = Venue::Meeting { id, starts_at: now(), cancelled: false, held: true };
    let details = Details {
        occasion: venue.occasion(),
        agenda_number: None,
        outcome: Outcome::Approved,
        resolution: None,
        minutes_url: None,
        returned_to_step_id: None,
    };
    step(1, &[]).handled(HandlingId::from_uuid(uuid::Uuid::from_u128(1)), (details, &venue), &[], true, now()).unwrap()
}

fn filed(step: DecisionStep, number: u128, kind: Remedy, available: Option<Remedy>) -> Result<DecisionStep, Fault> {
    step.with_claim(claim_id(number), (kind, day("2026-03-10")), available, true, now())
}

fn ruled(step: DecisionStep, number: u128, outcome: RulingOutcome, on: &str) -> Result<DecisionStep, Fault> {
    step.with_ruling(claim_id(number), Ruling { outcome, on: day(on) }, now())
}

#[test]
fn an_appeal_follows_a_dismissed_rectification() {
    let board = Some(Remedy::Rectification);
    let step = decided();
    assert_eq!(filed(step.clone(), 1, Remedy::Appeal, board).unwrap_err().code, &NOT_AVAILABLE);
    let step = filed(step, 1, Remedy::Rectification, board).unwrap();
    assert_eq!(step.challenge(), Challenge::Pending);
    let step = ruled(step, 1, RulingOutcome::Dismissed, "2026-03-20").unwrap();
    assert_eq!(step.challenge(), Challenge::RectificationDismissed { notice_on: day("2026-03-20") });
    let step = filed(step, 2, Remedy::Appeal, board).unwrap();
    assert_eq!(step.challenge(), Challenge::Pending);
    let upheld = ruled(step.clone(), 2, RulingOutcome::Upheld, "2026-03-25").unwrap();
    assert_eq!(upheld.challenge(), Challenge::Annulled);
    let step = ruled(step, 2, RulingOutcome::Dismissed, "2026-03-25").unwrap();
    assert_eq!(step.challenge(), Challenge::AppealDismissed { on: day("2026-03-25") });
    assert_eq!(ruled(step, 2, RulingOutcome::Upheld, "2026-03-26").unwrap_err().code, &RULED);
}

#[test]
fn a_remedy_lies_against_a_decision_that_has_one() {
    let council = Some(Remedy::Appeal);
    assert_eq!(filed(decided(), 1, Remedy::Rectification, council).unwrap_err().code, &NOT_AVAILABLE);
    assert_eq!(filed(decided(), 1, Remedy::Appeal, None).unwrap_err().code, &NOT_AVAILABLE);
    assert_eq!(filed(step(1, &[]), 1, Remedy::Appeal, council).unwrap_err().code, &NO_DECISION);
    let reopened = decided().with_claim(claim_id(1), (Remedy::Appeal, day("2026-03-10")), council, false, now());
    assert_eq!(reopened.unwrap_err().code, &NO_DECISION);
}

#[test]
fn dates_of_claims_and_rulings_have_been() {
    let council = Some(Remedy::Appeal);
    let late = decided().with_claim(claim_id(1), (Remedy::Appeal, day("2026-03-31")), council, true, now());
    assert_eq!(late.unwrap_err().culprits[0].pointer, "/filed_on");
    let step = filed(decided(), 1, Remedy::Appeal, council).unwrap();
    for on in ["2026-03-31", "2026-03-09"] {
        let fault = ruled(step.clone(), 1, RulingOutcome::Dismissed, on).unwrap_err();
        assert_eq!(fault.culprits[0].pointer, "/on", "{on}");
    }
    assert_eq!(ruled(step, 2, RulingOutcome::Dismissed, "2026-03-20").unwrap_err(), Fault::not_found());
}
