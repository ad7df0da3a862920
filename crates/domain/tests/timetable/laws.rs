//! Laws that hold between the timetables of an action and of the same action changed a little.

use crate::build::id;
use crate::generate::{actions, another_meeting, index};
use crate::oracle::{OBJECTIVES, check};
use crate::properties::{cases, plan, runner};
use crate::rules::World;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use yhteen_domain::time::Instant;
use yhteen_domain::timetable::{
    Booking, BookingState, Dependency, Input, Objective, Occasion, Step, StepState, Timetable, Verdict, timetable,
};
use yhteen_domain::vocabulary::{BodyKind, By, Gate, StepFunction};

/// Each law is tried on a fifth as many cases as brute force.
fn law(check: impl Fn(Input, Vec<u32>) -> Result<(), TestCaseError>) {
    let strategy = (actions(), prop::collection::vec(0_u32..1_000_000, 12));
    let result = runner(cases().div_ceil(5)).run(&strategy, |(input, numbers)| check(input, numbers));
    if let Err(error) = result {
        panic!("{error}");
    }
}

fn computed(input: &Input, objective: Objective) -> Result<Timetable, TestCaseError> {
    let answer = timetable(input, objective).map_err(|fault| TestCaseError::fail(fault.to_string()))?;
    // The checker accepts every plan that the engine ever returns.
    check(&World::new(input), &plan(&answer, |step| step.planned)).map_err(TestCaseError::fail)?;
    Ok(answer)
}

fn is_dated(answer: &Timetable) -> bool {
    matches!(answer.verdict, Verdict::Feasible | Verdict::Late)
}

#[test]
fn another_meeting_never_makes_the_start_later() {
    law(|mut input, numbers| {
        let before = computed(&input, Objective::Earliest)?;
        let meeting = another_meeting(&numbers[1..], input.now);
        if let Some(body) =
            index(&input.bodies, numbers[0]).filter(|body| input.bodies[*body].kind != BodyKind::OfficeHolder)
        {
            input.bodies[body].meetings.push(meeting);
        }
        let after = computed(&input, Objective::Earliest)?;
        if is_dated(&before) {
            prop_assert!(is_dated(&after));
            prop_assert!(after.start.earliest_on <= before.start.earliest_on);
        }
        Ok(())
    });
}

#[test]
fn a_cancelled_meeting_never_makes_the_start_earlier() {
    law(|mut input, numbers| {
        let before = computed(&input, Objective::Earliest)?;
        let Some(body) = index(&input.bodies, numbers[0]) else { return Ok(()) };
        let Some(meeting) = index(&input.bodies[body].meetings, numbers[1]) else { return Ok(()) };
        let meeting = &mut input.bodies[body].meetings[meeting];
        let occasion = Occasion::Meeting(meeting.id);
        let is_named = |step: &Step| {
            step.booking.is_some_and(|booking| booking.occasion == occasion)
                || step.handlings.iter().any(|handling| handling.occasion == occasion)
        };
        if !input.route.steps.iter().any(is_named) {
            meeting.cancelled = true;
        }
        let after = computed(&input, Objective::Earliest)?;
        if is_dated(&after) {
            prop_assert!(is_dated(&before));
            prop_assert!(before.start.earliest_on <= after.start.earliest_on);
        }
        Ok(())
    });
}

/// For what a step is handed in, and when; what was declined is in for nothing.
fn handed_in(step: &Step) -> Option<(Occasion, Instant)> {
    let booking = step.booking.filter(|booking| booking.state != BookingState::Declined)?;
    booking.handed_in_at.map(|at| (booking.occasion, at))
}

#[test]
fn booking_a_plan_gives_the_same_dates_again() {
    law(|input, numbers| {
        let objective = OBJECTIVES[numbers[0] as usize % OBJECTIVES.len()];
        let before = computed(&input, objective)?;
        let mut booked = input.clone();
        for (step, answer) in booked.route.steps.iter_mut().zip(&before.steps) {
            let (StepState::Open | StepState::Booked | StepState::OnAgenda, Some(planned)) =
                (answer.state, answer.planned)
            else {
                continue;
            };
            let day = Occasion::Day(crate::law::day_of(planned.decided_at));
            let occasion = planned.meeting_id.map_or(day, Occasion::Meeting);
            let handed_in_at = handed_in(step).filter(|(place, _)| *place == occasion).map(|(_, at)| at);
            step.booking = Some(Booking { occasion, state: BookingState::Accepted, handed_in_at });
        }
        // A draft that was handed in for another meeting is in no longer: the plan itself may then not hold.
        let moved = |(before, after): (&Step, &Step)| handed_in(before).is_some() != handed_in(after).is_some();
        prop_assume!(!input.route.steps.iter().zip(&booked.route.steps).any(moved));
        let after = computed(&booked, objective)?;
        prop_assert_eq!(plan(&before, |step| step.planned), plan(&after, |step| step.planned));
        prop_assert_eq!(plan(&before, |step| step.planned), plan(&after, |step| step.earliest));
        if objective == Objective::Earliest {
            prop_assert_eq!(before.verdict, after.verdict);
            prop_assert_eq!(before.start, after.start);
        }
        Ok(())
    });
}

#[test]
fn a_notice_at_the_end_changes_nothing() {
    law(|mut input, numbers| {
        let before: Vec<Timetable> =
            OBJECTIVES.iter().map(|objective| computed(&input, *objective)).collect::<Result<_, _>>()?;
        let (Some(step), Some(body)) = (index(&input.route.steps, numbers[0]), index(&input.bodies, numbers[1])) else {
            return Ok(());
        };
        let mut notice = Step::new(id(99), input.bodies[body].id, StepFunction::Notice);
        let gate = [Gate::Decided, Gate::Proposed, Gate::Notified, Gate::Final][numbers[2] as usize % 4];
        let by = [By::AgendaDeadline, By::Meeting][numbers[3] as usize % 2];
        notice.depends_on = vec![Dependency { step_id: input.route.steps[step].id, gate, by }];
        let at = numbers[4] as usize % (input.route.steps.len() + 1);
        input.route.steps.insert(at, notice);
        for (objective, before) in OBJECTIVES.iter().zip(before) {
            let mut after = computed(&input, *objective)?;
            after.steps.remove(at);
            prop_assert_eq!(before, after);
        }
        Ok(())
    });
}

#[test]
fn a_later_target_never_makes_a_limit_earlier() {
    law(|mut input, numbers| {
        prop_assume!(input.route.target_on.is_some());
        let before = computed(&input, Objective::Earliest)?;
        input.route.target_on = input.route.target_on.map(|on| on + chrono::Days::new((numbers[0] % 60).into()));
        let after = computed(&input, Objective::Latest)?;
        prop_assert_eq!(before.start.earliest_on, after.start.earliest_on);
        for (before, after) in before.steps.iter().zip(&after.steps) {
            prop_assert!(before.latest.map(|at| at.decided_at) <= after.latest.map(|at| at.decided_at));
            prop_assert!(before.slack_days <= after.slack_days);
            prop_assert!(before.spare_meetings <= after.spare_meetings);
        }
        Ok(())
    });
}

#[test]
fn parallel_preparation_never_makes_the_start_later() {
    law(|mut input, numbers| {
        let before = computed(&input, Objective::Earliest)?;
        if let Some(step) = index(&input.route.steps, numbers[0]) {
            let dependencies = &mut input.route.steps[step].depends_on;
            if let Some(dependency) = index(dependencies, numbers[1]) {
                dependencies[dependency].by = By::Meeting;
            }
        }
        let after = computed(&input, Objective::Earliest)?;
        if is_dated(&before) && is_dated(&after) {
            prop_assert!(after.start.earliest_on <= before.start.earliest_on);
        }
        Ok(())
    });
}

#[test]
fn the_order_in_which_steps_and_meetings_are_given_does_not_matter() {
    law(|mut input, numbers| {
        let objective = OBJECTIVES[numbers[0] as usize % OBJECTIVES.len()];
        let mut before = computed(&input, objective)?;
        input.route.steps.reverse();
        input.bodies.reverse();
        for body in &mut input.bodies {
            body.meetings.reverse();
        }
        let after = computed(&input, objective)?;
        before.steps.reverse();
        before.blocking.reverse();
        prop_assert_eq!(before, after);
        Ok(())
    });
}
