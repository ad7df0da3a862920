//! Progress, counted over what a reader may know.

use super::*;
use crate::owed_reports::{Life, Part, Running};
use crate::reporting_periods::{Details, Extension, PeriodKind};
use crate::text::ShortCode;

fn number<T: crate::ids::Id>(number: u128) -> T {
    T::from_uuid(uuid::Uuid::from_u128(number))
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// The year 2026, due at the end of January after it.
fn year(extensions: &[(u128, &str)]) -> Period {
    let details = Details {
        code: ShortCode::parse("2026").unwrap(),
        kind: PeriodKind::Annual,
        starts_on: day("2026-01-01"),
        ends_on: day("2026-12-31"),
        opens_on: day("2026-12-01"),
        due_on: day("2027-01-31"),
        locked: false,
    };
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    let extended =
        |(organisation, until): &(u128, &str)| Extension { organisation_id: number(*organisation), until: day(until) };
    let period = Period::new(number(90), number(80), details, now).unwrap();
    Period { extensions: extensions.iter().map(extended).collect(), ..period }
}

/// Facts in which each of these owes a report on an action that has always run.
fn facts(owing: &[(u128, u128)], reports: &[(u128, u128, Option<ReportState>)], lives: &[(u128, Life)]) -> Facts {
    let always = Days { from: None, to: None };
    let actions: BTreeSet<u128> = owing.iter().map(|(action, _)| *action).collect();
    let parts = owing.iter().map(|(action, organisation)| Part {
        action_id: number(*action),
        organisation_id: number(*organisation),
        days: always,
        owes: true,
    });
    let report = |(at, (action, organisation, state)): (usize, &(u128, u128, Option<ReportState>))| KnownReport {
        action_id: number(*action),
        organisation_id: number(*organisation),
        seen: state.map(|state| (number(1000 + at as u128), state)),
    };
    let running = actions.iter().map(|id| Running { action_id: number(*id), days: always });
    Facts {
        actions: actions.iter().map(|id| SeenAction { id: number(*id), status: ActionStatus::InProgress }).collect(),
        committed: owing.iter().map(|(action, organisation)| (number(*action), number(*organisation))).collect(),
        history: History {
            running: running.collect(),
            parts: parts.collect(),
            lives: lives.iter().map(|(id, life)| (number(*id), *life)).collect(),
        },
        reports: reports.iter().enumerate().map(report).collect(),
        ..Facts::default()
    }
}

fn coordinator() -> BTreeSet<Key> {
    [Key::Public, Key::Coordinator(number(80))].into()
}

fn anyone() -> BTreeSet<Key> {
    [Key::Public].into()
}

/// The states by organisation.
fn states(owed: &[OwedReport]) -> Vec<(OrganisationId, OwedState)> {
    owed.iter().map(|it| (it.organisation_id, it.state)).collect()
}

#[test]
fn the_furthest_of_what_is_known_counts() {
    use ReportState::{Accepted, Draft, Returned, Submitted};
    let check = |known: &[Option<ReportState>], expect, id: Option<u128>| {
        let reports: Vec<_> = known.iter().map(|state| (1, 7, *state)).collect();
        let owed = facts(&[(1, 7)], &reports, &[]).owed(&year(&[]), day("2026-06-01"), &coordinator());
        assert_eq!(owed.len(), 1);
        assert_eq!((owed[0].state, owed[0].report_id), (expect, id.map(number)), "{known:?}");
    };
    check(&[], OwedState::NotStarted, None);
    check(&[Some(Draft)], OwedState::Draft, Some(1000));
    check(&[Some(Returned)], OwedState::Returned, Some(1000));
    check(&[Some(Submitted)], OwedState::Submitted, Some(1000));
    check(&[None], OwedState::Reported, None);
    check(&[Some(Accepted), Some(Draft)], OwedState::Accepted, Some(1000));
    check(&[Some(Accepted), None], OwedState::Accepted, Some(1000));
    check(&[Some(Accepted), Some(Accepted)], OwedState::Accepted, Some(1001));
}

#[test]
fn overdue_is_told_to_those_who_may_know_of_an_extension() {
    use ReportState::{Returned, Submitted};
    let own: BTreeSet<Key> = [Key::Public, Key::Organisation(number(7))].into();
    let check = |state: Option<ReportState>, until: Option<&str>, today: &str, keys: &BTreeSet<Key>, expect| {
        let reports: Vec<_> = state.iter().map(|state| (1, 7, Some(*state))).collect();
        let extensions: Vec<_> = until.iter().map(|until| (7, *until)).collect();
        let owed = facts(&[(1, 7)], &reports, &[]).owed(&year(&extensions), day(today), keys);
        assert_eq!(owed[0].days_overdue, expect, "{state:?}, extended until {until:?}, on {today}");
    };
    check(None, None, "2027-01-31", &coordinator(), Some(0));
    check(None, None, "2027-02-01", &coordinator(), Some(1));
    check(None, None, "2027-02-01", &own, Some(1));
    check(None, None, "2027-02-01", &anyone(), None);
    check(None, None, "2027-01-01", &anyone(), None);
    check(Some(Returned), None, "2027-02-11", &coordinator(), Some(11));
    check(Some(Submitted), None, "2027-02-11", &coordinator(), Some(0));
    check(Some(Submitted), None, "2027-02-11", &anyone(), Some(0));
    check(None, Some("2027-02-10"), "2027-02-10", &coordinator(), Some(0));
    check(None, Some("2027-02-10"), "2027-02-11", &coordinator(), Some(1));
    // An extension shortens nothing.
    check(None, Some("2027-01-10"), "2027-01-31", &own, Some(0));
}

#[test]
fn nothing_is_owed_before_the_period_begins() {
    let facts = facts(&[(1, 7)], &[], &[]);
    assert_eq!(facts.owed(&year(&[]), day("2025-12-31"), &coordinator()), []);
    assert_eq!(facts.owed(&year(&[]), day("2026-01-01"), &coordinator()).len(), 1);
}

#[test]
fn a_successor_takes_over_what_is_still_owed() {
    use ReportState::{Accepted, Draft, Returned, Submitted};
    let lives = [(7, Life { successor: Some((number(8), day("2026-07-01"))), ..Life::default() })];
    let check = |known: Option<Option<ReportState>>, today: &str, expect: &[(u128, OwedState)]| {
        let reports: Vec<_> = known.iter().map(|seen| (1, 7, *seen)).collect();
        let owed = facts(&[(1, 7)], &reports, &lives).owed(&year(&[]), day(today), &coordinator());
        let expect: Vec<_> = expect.iter().map(|(id, state)| (number(*id), *state)).collect();
        assert_eq!(states(&owed), expect, "{known:?} on {today}");
    };
    check(None, "2026-06-30", &[(7, OwedState::NotStarted)]);
    check(None, "2026-07-01", &[(8, OwedState::NotStarted)]);
    check(Some(Some(Draft)), "2026-07-01", &[(8, OwedState::Draft)]);
    check(Some(Some(Returned)), "2026-07-01", &[(8, OwedState::Returned)]);
    check(Some(Some(Submitted)), "2026-07-01", &[(7, OwedState::Submitted)]);
    check(Some(Some(Accepted)), "2026-07-01", &[(7, OwedState::Accepted)]);
    // Whoever knows only that it was submitted does not learn from this that it came back.
    check(Some(None), "2026-07-01", &[(7, OwedState::Reported)]);
    // What the successor owes itself and what it has taken over is one report.
    let both = facts(&[(1, 7), (1, 8)], &[], &lives).owed(&year(&[]), day("2026-07-01"), &coordinator());
    assert_eq!(states(&both), [(number(8), OwedState::NotStarted)]);
    // Its predecessor's extension is good for what it has taken over.
    let late = facts(&[(1, 7)], &[], &lives).owed(&year(&[(7, "2027-03-01")]), day("2027-02-01"), &coordinator());
    assert_eq!(late[0].days_overdue, Some(0));
}

#[test]
fn totals_are_those_of_the_list_and_a_goal_counts_what_is_below_it() {
    use OwedState::{Accepted, NotStarted, Reported};
    // 1 over 2; 3 alone. The first action serves 1 and 2, the second 2, the third nothing.
    let tree: Tree = [(number(1), None), (number(2), Some(number(1))), (number(3), None)].into_iter().collect();
    let facts = Facts {
        serves: [(1, 1), (1, 2), (2, 2)].map(|(action, goal)| (number(action), number(goal))).to_vec(),
        goals: vec![number(3), number(1), number(2)],
        tree,
        ..facts(
            &[(1, 7), (1, 8), (2, 7), (3, 7)],
            &[(1, 7, Some(ReportState::Accepted)), (2, 7, None), (1, 9, Some(ReportState::Accepted))],
            &[],
        )
    };
    let owed = facts.owed(&year(&[]), day("2027-02-01"), &coordinator());
    let progress = facts.roll_up(&owed);
    let counts =
        |states: &[(OwedState, u32)], overdue| ReportCounts { states: states.iter().copied().collect(), overdue };
    assert_eq!(progress.total.reports, counts(&[(Accepted, 1), (Reported, 1), (NotStarted, 2)], Some(2)));
    let goals: Vec<_> = progress.goals.iter().map(|(_, counts)| counts.reports.clone()).collect();
    let of_goal = counts(&[(Accepted, 1), (Reported, 1), (NotStarted, 1)], Some(1));
    assert_eq!(goals, [counts(&[], Some(0)), of_goal.clone(), of_goal]);
    assert_eq!(progress.goals[1].1.actions, [(ActionStatus::InProgress, 2)].into());
    assert_eq!(progress.organisations[&number(8)].reports, counts(&[(NotStarted, 1)], Some(1)));
    // What nobody owes does not count.
    assert!(!progress.organisations.contains_key(&number(9)));
    let of_anyone = facts.roll_up(&facts.owed(&year(&[]), day("2027-02-01"), &anyone()));
    assert_eq!((of_anyone.total.reports.owed(), of_anyone.total.reports.overdue), (4, None));
    let narrowed = |filter: OwedFilter| facts.narrowed(owed.clone(), &filter).len();
    assert_eq!(narrowed(OwedFilter::default()), 4);
    assert_eq!(narrowed(OwedFilter { goal: Some(number(1)), ..OwedFilter::default() }), 3);
    assert_eq!(
        narrowed(OwedFilter { organisations: vec![number(7)], overdue: Some(true), ..OwedFilter::default() }),
        1
    );
    assert_eq!(narrowed(OwedFilter { actions: vec![number(1)], states: vec![NotStarted], ..OwedFilter::default() }), 1);
}
