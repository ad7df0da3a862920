//! The engine against brute force over all placements.

use crate::generate::actions;
use crate::law;
use crate::oracle::{OBJECTIVES, Oracle, Said, check};
use crate::rules::{Spot, State, World};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use std::collections::BTreeMap;
use std::sync::Mutex;
use yhteen_domain::timetable::{Input, Meeting, Objective, Placement, Timetable, Verdict, timetable};
use yhteen_domain::vocabulary::Regime;

/// How many cases are tried: 10,000, or what `YHTEEN_PROPERTY_CASES` says.
pub fn cases() -> u32 {
    std::env::var("YHTEEN_PROPERTY_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(10_000)
}

pub fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, max_global_rejects: cases, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
}

/// What the checker compares: a meeting and its times.
fn spot(placement: Option<Placement>) -> Option<Spot> {
    placement.map(|placement| Spot {
        meeting: placement.meeting_id,
        deadline: placement.agenda_deadline,
        starts: placement.starts_at,
        decided: placement.decided_at,
        day: law::day_of(placement.decided_at),
        notified: placement.notice_on.map_or(placement.decided_at, law::start_of),
        legal_force: placement.legal_force_on.map_or(placement.decided_at, law::start_of),
    })
}

/// The placements of a plan, by step.
pub fn plan(
    answer: &Timetable,
    pick: impl Fn(&yhteen_domain::timetable::StepTimetable) -> Option<Placement>,
) -> Vec<Option<Spot>> {
    answer.steps.iter().map(|step| spot(pick(step))).collect()
}

fn same(world: &World<'_>, step: usize, ours: Option<Placement>, theirs: Option<&Spot>) -> bool {
    match (&world.steps[step].state, spot(ours), theirs) {
        // Of a fact, the time that the plans rest on; its law is checked through what waits for it.
        (State::Decided { .. }, Some(one), Some(other)) => (one.meeting, one.decided) == (other.meeting, other.decided),
        (_, one, other) => one.as_ref() == other,
    }
}

macro_rules! agree {
    ($ours:expr, $theirs:expr, $($what:tt)+) => {{
        let (ours, theirs) = (&$ours, &$theirs);
        if ours != theirs {
            return Err(format!("{}: engine {ours:?}, brute force {theirs:?}", format_args!($($what)+)));
        }
    }};
}

fn compare(input: &Input, world: &World<'_>, said: &Said, objective: Objective) -> Result<(), String> {
    let answer = timetable(input, objective).map_err(|fault| fault.to_string())?;
    agree!(answer.verdict, said.verdict, "verdict");
    agree!(answer.start.earliest_on, said.earliest_on, "earliest start");
    let delay = input.route.target_on.zip(said.can_start_on).map(|(target, on)| (on - target).num_days().max(0));
    agree!(answer.start.delay_days, delay, "delay");
    let roots: Vec<_> =
        answer.blocking.iter().map(|root| (root.step_id, root.reason.is_infeasible(), root.needed_until)).collect();
    let expected: Vec<_> = said.roots.iter().map(|root| (input.route.steps[root.0].id, root.1, root.2)).collect();
    agree!(roots, expected, "blocking");
    for (step, (ours, theirs)) in answer.steps.iter().zip(&said.steps).enumerate() {
        let at = |what| format!("{what} of step {}", ours.step_id);
        if !same(world, step, ours.earliest, theirs.earliest.as_ref()) {
            agree!(spot(ours.earliest), theirs.earliest, "{}", at("earliest"));
        }
        if !same(world, step, ours.latest, theirs.latest.as_ref()) {
            agree!(spot(ours.latest), theirs.latest, "{}", at("latest"));
        }
        agree!(ours.slack_days, theirs.slack, "{}", at("slack"));
        agree!(ours.spare_meetings, theirs.spare, "{}", at("spare meetings"));
        agree!(ours.critical, theirs.critical, "{}", at("critical"));
    }
    let planned = plan(&answer, |step| step.planned);
    check(world, &planned)?;
    let is_whole = said.roots.is_empty();
    let missing = said.relevant.iter().find(|step| planned[**step].is_none());
    if let Some(step) = missing.filter(|_| is_whole) {
        return Err(format!("{objective}: step {step} is not planned"));
    }
    let is_dated = said.just_in_time.is_some();
    match objective {
        Objective::Latest if is_dated => {
            for step in &said.relevant {
                let expected = &said.just_in_time.as_ref().unwrap()[*step];
                if !same(world, *step, answer.steps[*step].planned, expected.as_ref()) {
                    agree!(planned[*step], *expected, "just in time, step {step}");
                }
            }
        }
        Objective::TightestWindow if is_dated => {
            let window = answer.window.map(|window| (window.days, window.from, window.to));
            agree!(window, said.window, "window");
            let days = said.ends.iter().map(|step| match &world.steps[*step].state {
                State::Decided { spot, .. } => spot.day,
                _ => planned[*step].as_ref().unwrap().day,
            });
            let (from, to) = (days.clone().min().unwrap(), days.max().unwrap());
            agree!((from, to), (window.unwrap().1, window.unwrap().2), "window of the plan");
            for step in said.relevant.difference(&said.ends) {
                agree!(answer.steps[*step].planned, answer.steps[*step].earliest, "outside the window, step {step}");
            }
        }
        _ => agree!(planned, plan(&answer, |step| step.earliest), "earliest plan"),
    }
    Ok(())
}

/// Whether the minutes of meetings that a step can still have come out of the order of the meetings.
fn is_out_of_order(input: &Input) -> bool {
    let today = law::day_of(input.now);
    let decided = |meeting: &Meeting| meeting.ends_at.unwrap_or(meeting.starts_at);
    input.bodies.iter().filter(|body| body.regime != Regime::None).any(|body| {
        let counts = |meeting: &&Meeting| {
            !meeting.cancelled && body.valid_to.is_none_or(|last| law::day_of(decided(meeting)) <= last)
        };
        let mut meetings: Vec<&Meeting> = body.meetings.iter().filter(counts).collect();
        meetings.sort_by_key(|meeting| (decided(meeting), meeting.starts_at, meeting.id));
        let ahead = |meeting: &&&Meeting| {
            decided(meeting) >= input.now || meeting.minutes_published_on.is_some_and(|on| on > today)
        };
        let minutes = meetings.iter().filter(ahead).map(|meeting| {
            let days = chrono::Days::new(body.minutes_publication_days.into());
            meeting.minutes_published_on.unwrap_or(law::day_of(decided(meeting)) + days)
        });
        !minutes.is_sorted()
    })
}

/// Minutes of meetings to come, as a simulation may tell of them, and as they are seen where the clock is set back.
#[test]
fn minutes_out_of_order_are_refused_and_all_others_agree() {
    let seen: Mutex<[u32; 2]> = Mutex::default();
    let strategy = (actions(), prop::collection::vec(0_u64..24, 30));
    let result = runner(cases().div_ceil(4)).run(&strategy, |(mut input, numbers)| {
        let now = input.now;
        let ahead = |meeting: &&mut Meeting| meeting.ends_at.unwrap_or(meeting.starts_at) > now;
        let meetings = input.bodies.iter_mut().flat_map(|body| &mut body.meetings).filter(ahead);
        for (meeting, number) in meetings.zip(numbers).filter(|(_, number)| number % 2 == 0) {
            let day = law::day_of(meeting.ends_at.unwrap_or(meeting.starts_at));
            meeting.minutes_published_on = Some(day + chrono::Days::new(number));
        }
        let refused = is_out_of_order(&input);
        seen.lock().unwrap()[usize::from(refused)] += 1;
        if refused {
            let fault = timetable(&input, Objective::Earliest).unwrap_err();
            prop_assert_eq!(fault.code.name, "timetable.minutes_out_of_order");
            return Ok(());
        }
        let world = World::new(&input);
        let Ok(said) = Oracle::new(&world).say() else { return Err(TestCaseError::reject("too many placements")) };
        for objective in OBJECTIVES {
            compare(&input, &world, &said, objective)
                .map_err(|why| TestCaseError::fail(format!("{objective}: {why}")))?;
        }
        Ok(())
    });
    let seen = seen.into_inner().unwrap();
    println!("in order, out of order: {seen:?}");
    if let Err(error) = result {
        panic!("{error}");
    }
    assert!(seen.iter().all(|count| count * 100 >= seen.iter().sum::<u32>() * 4), "the cases are one-sided: {seen:?}");
}

#[test]
fn brute_force_agrees() {
    let seen: Mutex<BTreeMap<Verdict, u32>> = Mutex::default();
    let result = runner(cases()).run(&actions(), |input| {
        let world = World::new(&input);
        let Ok(said) = Oracle::new(&world).say() else { return Err(TestCaseError::reject("too many placements")) };
        *seen.lock().unwrap().entry(said.verdict).or_default() += 1;
        for objective in OBJECTIVES {
            compare(&input, &world, &said, objective)
                .map_err(|why| TestCaseError::fail(format!("{objective}: {why}")))?;
        }
        Ok(())
    });
    let seen = seen.into_inner().unwrap();
    println!("verdicts: {seen:?}");
    if let Err(error) = result {
        panic!("{error}");
    }
    let total: u32 = seen.values().sum();
    for verdict in [Verdict::Infeasible, Verdict::Unknown, Verdict::Late, Verdict::Feasible] {
        let count = seen.get(&verdict).copied().unwrap_or_default();
        assert!(count * 100 >= total * 4, "the cases are one-sided: {seen:?}");
    }
}
