//! What changes do to several actions: exactly what differs is told.

use crate::build::{date, id, local};
use crate::generate::{actions, another_meeting, index};
use crate::properties::{cases, runner};
use crate::what_if::situation;
use proptest::prelude::*;
use std::collections::BTreeMap;
use yhteen_domain::ids::ActionId;
use yhteen_domain::timetable::{
    Change, Impact, Input, Objective, Placement, Situation, StepState, Summary, Timetable, Verdict, impact, timetable,
    what_if,
};
use yhteen_domain::vocabulary::BodyKind;

fn impacts(changes: &[Change]) -> Vec<Impact> {
    impact(&situation(), &what_if(situation(), changes).unwrap(), Objective::Earliest).unwrap()
}

fn cancelled(number: usize) -> Change {
    Change::MeetingCancelled { meeting_id: id(number) }
}

fn day(placement: Option<Placement>) -> String {
    placement.map_or("-".to_owned(), |placement| yhteen_domain::time::date_of(placement.decided_at).to_string())
}

#[test]
fn a_cancelled_meeting_moves_what_was_to_be_handled_there() {
    // The board's next meeting is on 5 October, too late for the council of 28 September.
    let found = impacts(&[cancelled(1000)]);
    let actions: Vec<ActionId> = found.iter().map(|impact| impact.action_id).collect();
    assert_eq!(actions, [id(1), id(2)]);
    let [one, other] = found.try_into().unwrap();
    let summary = |verdict, earliest: &str, delay, slack| Summary {
        verdict,
        target_on: Some(date("2026-12-31")),
        earliest_on: Some(date(earliest)),
        delay_days: Some(delay),
        slack_days: Some(slack),
    };
    // Council: minutes 5 October, notice 12, final 12 November; the office holder's day, notice 19, final 4 December.
    // After: 26 October, minutes 2 November, notice 9, final 10 December; that day, notice 17, final 1 January. So
    // there was no time to spare before either.
    assert_eq!(one.before, summary(Verdict::Feasible, "2026-12-04", 0, 0));
    assert_eq!(one.after, summary(Verdict::Late, "2027-01-01", 1, 0));
    assert_eq!(other.before.verdict, Verdict::Feasible);
    let steps: Vec<_> = one
        .steps
        .iter()
        .map(|step| (step.step_id, day(step.before.earliest), day(step.after.earliest), step.after.critical))
        .collect();
    let expected = [
        (id(1), "2026-09-07", "2026-10-05", true),
        (id(2), "2026-09-28", "2026-10-26", true),
        (id(3), "2026-11-12", "2026-12-10", true),
    ];
    assert_eq!(steps, expected.map(|(step, before, after, is)| (step, before.to_owned(), after.to_owned(), is)));
}

#[test]
fn an_action_that_stays_as_it_is_is_not_told_of() {
    assert_eq!(impacts(&[]), []);
    // The council is none of the second action's.
    let found = impacts(&[cancelled(2001)]);
    assert_eq!(found.iter().map(|impact| impact.action_id).collect::<Vec<_>>(), [id::<ActionId>(1)]);
    // The first step is not moved, but has more time.
    let step = &found[0].steps[0];
    assert_eq!(
        (step.step_id, day(step.before.earliest), day(step.after.earliest)),
        (id(1), "2026-09-07".to_owned(), "2026-09-07".to_owned())
    );
    assert_ne!(step.before.slack_days, step.after.slack_days);
}

#[test]
fn an_action_that_cannot_be_computed_as_things_stand_is_left_out() {
    let mut before = situation();
    before.routes.get_mut(&id::<ActionId>(2)).unwrap().steps[0].body_id = id(99);
    let after = what_if(before.clone(), &[cancelled(1000)]).unwrap();
    let found = impact(&before, &after, Objective::Earliest).unwrap();
    assert_eq!(found.iter().map(|impact| impact.action_id).collect::<Vec<_>>(), [id::<ActionId>(1)]);
}

/// What is compared of a timetable.
fn compared(of: &Timetable) -> Vec<impl PartialEq + std::fmt::Debug + use<>> {
    let steps = of.steps.iter();
    steps.map(|it| (it.step_id, it.state, it.planned, it.earliest, it.latest, it.slack_days, it.critical)).collect()
}

#[test]
fn exactly_what_differs_is_told() {
    let strategy = (actions(), prop::collection::vec(0_u32..1_000_000, 12));
    let result = runner(cases().div_ceil(10)).run(&strategy, |(input, numbers)| {
        let meeting = another_meeting(&numbers[1..], input.now);
        let body = index(&input.bodies, numbers[0]).filter(|at| input.bodies[*at].kind != BodyKind::OfficeHolder);
        let mut changes = vec![Change::TargetMoved { action_id: id(1), target_on: input.route.target_on }];
        if let Some(body) = body {
            changes.push(Change::MeetingAdded {
                meeting_id: meeting.id,
                body_id: input.bodies[body].id,
                starts_at: meeting.starts_at,
                ends_at: meeting.ends_at.filter(|end| meeting.starts_at <= *end),
                agenda_deadline: meeting.agenda_deadline,
                tags: meeting.tags,
            });
        }
        let Input { now, route, bodies } = input.clone();
        let before = Situation { now, routes: BTreeMap::from([(id(1), route)]), bodies };
        let after = what_if(before.clone(), &changes).unwrap();
        let found = impact(&before, &after, Objective::Latest).unwrap();

        let one = timetable(&input, Objective::Latest).unwrap();
        let input = Input { now, route: after.routes[&id::<ActionId>(1)].clone(), bodies: after.bodies };
        let other = timetable(&input, Objective::Latest).unwrap();
        let is_same = one.summary() == other.summary() && compared(&one) == compared(&other);
        prop_assert_eq!(found.is_empty(), is_same);
        if let Some(impact) = found.first() {
            prop_assert_eq!((impact.before, impact.after), (one.summary(), other.summary()));
            let pairs = compared(&one).into_iter().zip(compared(&other));
            prop_assert_eq!(impact.steps.len(), pairs.filter(|(one, other)| one != other).count());
        }
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

#[test]
fn a_summary_looks_at_open_steps_alone() {
    let mut situation = situation();
    situation.now = local("2026-09-09 09:00");
    let route = situation.routes.remove(&id::<ActionId>(1)).unwrap();
    let mut input = Input { now: situation.now, route, bodies: situation.bodies };
    input.route.steps[0].handlings.push(yhteen_domain::timetable::Handling {
        occasion: yhteen_domain::timetable::Occasion::Meeting(id(1000)),
        outcome: yhteen_domain::timetable::Outcome::Approved,
        returned_to_step_id: None,
    });
    input.route.target_on = Some(date("2027-03-01"));
    let answer = timetable(&input, Objective::Earliest).unwrap();
    assert_eq!((answer.steps[0].state, answer.steps[0].slack_days), (StepState::Decided, Some(0)));
    let least = answer.steps[1..].iter().filter_map(|step| step.slack_days).min();
    assert!(least > Some(0));
    assert_eq!(answer.summary().slack_days, least);
    input.route.target_on = None;
    let answer = timetable(&input, Objective::Earliest).unwrap();
    assert_eq!(answer.summary().slack_days, None);
}
