//! What the timetable engine costs: one large action, the full recompute of a large region, and how it grows.
//!
//! `cargo bench -p yhteen-domain`; the numbers that count are of one core.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark fails by panicking")]

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Duration;
use yhteen_domain::bodies::{AgendaDeadlineShift, AgendaLead, AgendaRule};
use yhteen_domain::ids::{BodyId, Id};
use yhteen_domain::legal::default_regime;
use yhteen_domain::text::ClockTime;
use yhteen_domain::time;
use yhteen_domain::timetable::{
    Body, Calendars, Dependency, Input, Meeting, Objective, Progress, Route, Step, Verdict, compute, levers,
};
use yhteen_domain::vocabulary::{BodyKind, By, Gate, OrganisationKind, StepFunction};

fn id<T: Id>(number: usize) -> T {
    T::from_uuid(uuid::Uuid::from_u128(number as u128))
}

fn at(day: NaiveDate, hour: u32) -> DateTime<Utc> {
    time::local(day.and_time(NaiveTime::from_hms_opt(hour, 0, 0).unwrap()))
}

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 15).unwrap()
}

/// Bodies that meet every three weeks or so, every fourth one a council, with an extraordinary meeting now and then.
fn bodies(count: usize, meetings: usize) -> Vec<Body> {
    let body = |number: usize| {
        let kind = [BodyKind::Board, BodyKind::Committee, BodyKind::Council, BodyKind::Board][number % 4];
        let meeting = |index: usize| {
            let day = today() + Days::new((index * 21 + number % 21) as u64);
            let lead = if index % 7 == 6 { 1 } else { [6, 7, 8, 9, 10][number % 5] };
            Meeting {
                id: id(number * 1000 + index),
                starts_at: at(day, 16),
                ends_at: Some(at(day, 19)),
                agenda_deadline: at(day - TimeDelta::days(lead), 12),
                cancelled: index % 11 == 10,
                held: false,
                tags: Vec::new(),
                minutes_published_on: None,
            }
        };
        Body {
            id: id(number),
            organisation_id: id(number),
            organisation_kind: OrganisationKind::Municipality,
            kind,
            regime: default_regime(OrganisationKind::Municipality, kind),
            minutes_publication_days: 5,
            published_until: None,
            valid_to: None,
            meetings: (0..meetings).map(meeting).collect(),
        }
    };
    (0..count).map(body).collect()
}

/// An action whose steps go through `depth` rounds of decisions, each step after two of the round before it.
fn route(number: usize, steps: usize, depth: usize, bodies: usize) -> Route {
    let width = steps.div_ceil(depth);
    let step = |index: usize| {
        let mut step =
            Step::new(id(number * 1000 + index), id((number * 7 + index * 13) % bodies), StepFunction::Decision);
        step.authoritative = index + width >= steps;
        step.preparation_days = [0, 5, 10][index % 3];
        for other in [index.checked_sub(width), index.checked_sub(width + 1)].into_iter().flatten() {
            let gate = [Gate::Decided, Gate::Final, Gate::Proposed][(index + other) % 3];
            let by = if index % 4 == 3 { By::Meeting } else { By::AgendaDeadline };
            step.depends_on.push(Dependency { step_id: id(number * 1000 + other), gate, by });
        }
        step
    };
    let target_on = Some(today() + Days::new(365 + number as u64 % 60));
    Route { target_on, start_gate: Gate::Final, steps: (0..steps).map(step).collect(), progress: Progress::Started }
}

fn recompute(routes: &[Route], bodies: &[Body]) -> usize {
    let calendars = Calendars::prepare(at(today(), 9), bodies).unwrap();
    let verdicts = routes.iter().map(|route| compute(route, &calendars, Objective::Earliest).unwrap().verdict);
    verdicts.filter(|verdict| *verdict == Verdict::Feasible).count()
}

fn one_action(c: &mut Criterion) {
    let mut group = c.benchmark_group("one_action");
    let bodies = bodies(50, 24);
    let calendars = Calendars::prepare(at(today(), 9), &bodies).unwrap();
    for steps in [6, 12, 25, 50, 100] {
        let route = route(1, steps, 4, 50);
        group.bench_with_input(BenchmarkId::new("steps", steps), &route, |b, route| {
            b.iter(|| compute(black_box(route), &calendars, Objective::Earliest).unwrap());
        });
    }
    let large = route(1, 50, 4, 50);
    for objective in [Objective::Latest, Objective::TightestWindow] {
        group.bench_with_input(BenchmarkId::new("50_steps", objective), &large, |b, route| {
            b.iter(|| compute(black_box(route), &calendars, objective).unwrap());
        });
    }
    group.finish();
}

fn region(c: &mut Criterion) {
    let mut group = c.benchmark_group("region");
    group.sample_size(20).measurement_time(Duration::from_secs(8));
    let calendars = bodies(1000, 24);
    group.bench_function("calendars_of_1000_bodies", |b| {
        b.iter(|| Calendars::prepare(at(today(), 9), black_box(&calendars)).unwrap());
    });
    for actions in [1000, 3000, 10_000] {
        let routes: Vec<Route> = (0..actions).map(|number| route(number, 6, 3, 1000)).collect();
        let feasible = recompute(&routes, &calendars);
        assert!(feasible * 2 > actions, "most actions are to be feasible, so that everything is computed: {feasible}");
        group.throughput(Throughput::Elements(actions as u64));
        group.bench_with_input(BenchmarkId::new("full_recompute_6_steps", actions), &routes, |b, routes| {
            b.iter(|| recompute(black_box(routes), &calendars));
        });
    }
    group.finish();
}

/// All levers of one action, the largest of which has as many steps as an action may have.
fn all_levers(c: &mut Criterion) {
    let mut group = c.benchmark_group("levers");
    group.sample_size(20);
    let bodies = bodies(50, 24);
    let lead = AgendaLead { days: 7, time: ClockTime::parse("12:00").unwrap() };
    let rule = AgendaRule { lead, shift: AgendaDeadlineShift::PreviousWorkingDay };
    let rules: BTreeMap<BodyId, AgendaRule> = bodies.iter().map(|body| (body.id, rule.clone())).collect();
    for steps in [6, 50, 200] {
        let input = Input { now: at(today(), 9), route: route(1, steps, 4, 50), bodies: bodies.clone() };
        assert!(!levers(&input, &rules).unwrap().is_empty());
        group.bench_with_input(BenchmarkId::new("steps", steps), &input, |b, input| {
            b.iter(|| levers(black_box(input), &rules).unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, one_action, all_levers, region);
criterion_main!(benches);
