//! The rules of decision steps.

use super::*;
use crate::external_ids::ExternalSource;
use crate::ids::Id;
use crate::text::PlainName;

fn id(number: u128) -> StepId {
    StepId::from_uuid(uuid::Uuid::from_u128(number))
}

fn organisation(number: u128) -> OrganisationId {
    OrganisationId::from_uuid(uuid::Uuid::from_u128(number))
}

fn now() -> Instant {
    "2026-03-02T10:00:00Z".parse().unwrap()
}

fn details(depends_on: &[u128]) -> Details {
    let depends_on =
        depends_on.iter().map(|on| Dependency { step_id: id(*on), gate: Gate::Decided, by: By::AgendaDeadline });
    Details {
        title: Name::fi("Päätös").unwrap(),
        function: StepFunction::Decision,
        authoritative: true,
        depends_on: depends_on.collect(),
        not_before: None,
        preparation_days: 0,
        required_tag: None,
        visibility: StepVisibility::Action,
        diary_number: None,
    }
}

/// A step of organisation 1 as it may stand in the database.
pub(crate) fn step(number: u128, depends_on: &[u128]) -> DecisionStep {
    DecisionStep {
        id: id(number),
        action_id: ActionId::from_uuid(uuid::Uuid::from_u128(900)),
        body_id: BodyId::from_uuid(uuid::Uuid::from_u128(901)),
        organisation_id: organisation(1),
        details: details(depends_on),
        recorded_legal_force_on: None,
        booking: None,
        handlings: Vec::new(),
        claims: Vec::new(),
        created_at: now(),
        updated_at: now(),
    }
}

#[test]
fn a_cycle_is_refused_and_named() {
    // 3 waits for 2, 2 waits for 1; 4 waits for 1 and 3.
    let steps = [step(1, &[]), step(2, &[1]), step(3, &[2]), step(4, &[1, 3])];
    let check = |number: u128, depends_on: &[u128], circle: &[u128]| {
        let at = steps.iter().find(|step| step.id == id(number)).unwrap().clone();
        let fault = at.changed(details(depends_on), &steps, now()).unwrap_err();
        assert_eq!(fault.code, &CYCLE, "{number} on {depends_on:?}");
        let named: Vec<_> = fault.culprits.iter().map(|culprit| culprit.detail.to_string()).collect();
        assert_eq!(named, circle.iter().map(|number| id(*number).to_string()).collect::<Vec<_>>());
        for step in circle {
            assert!(fault.detail.to_string().contains(&id(*step).to_string()), "{}", fault.detail);
        }
    };
    check(1, &[1], &[1]);
    check(1, &[2], &[1, 2]);
    check(1, &[3], &[1, 3, 2]);
    check(1, &[4], &[1, 4]);
    check(2, &[1, 4], &[2, 4, 3]);
}

#[test]
fn steps_that_meet_again_are_no_cycle() {
    let steps = [step(1, &[]), step(2, &[1]), step(3, &[1]), step(4, &[])];
    let changed = steps[3].clone().changed(details(&[3, 2]), &steps, now()).unwrap();
    let order: Vec<_> = changed.details.depends_on.iter().map(|dependency| dependency.step_id).collect();
    assert_eq!(order, [id(2), id(3)], "kept in the order of their identifiers");
}

#[test]
fn a_dependency_is_a_step_of_the_action_and_named_once() {
    let steps = [step(1, &[]), step(2, &[])];
    let check = |depends_on: &[u128], pointer: &str, code: &str| {
        let fault = steps[0].clone().changed(details(depends_on), &steps, now()).unwrap_err();
        assert_eq!((fault.culprits[0].pointer.as_str(), &*fault.culprits[0].code), (pointer, code));
    };
    check(&[9], "/depends_on/0/step_id", "unknown_reference");
    check(&[2, 9], "/depends_on/1/step_id", "unknown_reference");
    check(&[2, 2], "/depends_on/1/step_id", "duplicate");
}

#[test]
fn preparation_takes_at_most_a_year() {
    let check = |preparation_days, good: bool| {
        let details = Details { preparation_days, ..details(&[]) };
        assert_eq!(step(1, &[]).changed(details, &[], now()).is_ok(), good, "{preparation_days}");
    };
    check(0, true);
    check(365, true);
    check(366, false);
}

#[test]
fn a_decision_with_legal_force_is_history() {
    let on: Date = "2026-03-24".parse().unwrap();
    let decided = step(1, &[]).with_legal_force(on, now());
    let numbered = Details { diary_number: Some(DiaryNumber::parse("KAH 12/2026").unwrap()), ..details(&[]) };
    assert!(decided.clone().changed(numbered.clone(), &[], now()).is_ok());
    let optional = Details { authoritative: false, ..numbered };
    assert_eq!(decided.changed(optional, &[], now()).unwrap_err().code, &DECIDED);
}

#[test]
fn who_sees_a_step_and_to_whom_it_is_opaque() {
    let (body, accountable, other) = (organisation(1), organisation(2), organisation(3));
    let check = |visibility, reader, sees_body, shown: bool| {
        let mut step = step(1, &[]);
        step.details.visibility = visibility;
        assert_eq!(step.is_shown_to(accountable, sees_body, |organisation| organisation == reader), shown);
    };
    check(StepVisibility::Action, other, true, true);
    check(StepVisibility::Action, other, false, false);
    check(StepVisibility::Narrow, other, true, false);
    check(StepVisibility::Narrow, body, true, true);
    check(StepVisibility::Narrow, accountable, true, true);
    check(StepVisibility::Narrow, accountable, false, false);
}

#[test]
fn a_step_that_others_depend_on_stays() {
    let steps = [step(1, &[]), step(2, &[1]), step(3, &[1, 2])];
    let fault = steps[0].require_unneeded(&steps).unwrap_err();
    assert_eq!((fault.code, fault.culprits.len()), (&NEEDED, 2));
    assert!(steps[2].require_unneeded(&steps).is_ok());
}

#[test]
fn a_call_keeps_first_what_others_wait_for_and_names_a_circle() {
    let id = |value: &str| ExternalId {
        source: ExternalSource::parse("dynasty").unwrap(),
        value: PlainName::parse(value).unwrap(),
    };
    let check = |route: &[(&str, &[&str])], expect: Result<&[usize], &str>| {
        let named: Vec<_> =
            route.iter().map(|(name, after)| (id(name), after.iter().map(|it| id(it)).collect())).collect();
        match (route_order(&named), expect) {
            (Ok(order), Ok(expect)) => assert_eq!(order, expect),
            (Err(fault), Err(expect)) => assert!(fault.detail.to_string().contains(expect), "{fault}"),
            (found, expect) => panic!("{found:?} and not {expect:?}"),
        }
    };
    check(&[("a", &[]), ("b", &["a"])], Ok(&[0, 1]));
    check(&[("c", &["b", "x"]), ("b", &["a"]), ("a", &[])], Ok(&[2, 1, 0]));
    check(&[("a", &["a"])], Err("a → a"));
    check(&[("z", &["a"]), ("a", &["b"]), ("b", &["c"]), ("c", &["a"])], Err("a → b → c → a"));
    check(&[("a", &[]), ("a", &[])], Err("named twice"));
}
