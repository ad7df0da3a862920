//! The levers against brute force: every extra day, every late item, every dependency, tried one by one.

use crate::build::{after, authoritative, body, date, id, local, step, with_meeting};
use crate::generate::{actions, budget};
use crate::law;
use crate::properties::{cases, runner};
use chrono::{Days, NaiveDate, TimeDelta};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use yhteen_domain::actions::StartGate;
use yhteen_domain::bodies::{AgendaDeadlineShift, AgendaLead, AgendaRule};
use yhteen_domain::ids::{ActionId, BodyId, MeetingId};
use yhteen_domain::text::ClockTime;
use yhteen_domain::timetable::{
    Body, Calendars, Change, Input, Lever, LeverKind, Objective, Progress, Situation, Timetable, Verdict, compute,
    extraordinary, levers, timetable, what_if,
};
use yhteen_domain::vocabulary::{BodyKind, By, Gate, OrganisationKind, StepFunction};

const EXTRA: usize = 777_777;

fn lead(days: u8, time: &str) -> AgendaRule {
    let lead = AgendaLead { days, time: ClockTime::parse(time).unwrap() };
    AgendaRule { lead, shift: AgendaDeadlineShift::None }
}

/// What the action gains, if anything: the start that is better than the one as things stand.
fn better(base: Option<NaiveDate>, answer: &Timetable) -> Option<NaiveDate> {
    answer.start.earliest_on.filter(|after| base.is_none_or(|base| *after < base))
}

fn computed(input: &Input) -> Timetable {
    timetable(input, Objective::Earliest).unwrap()
}

fn changed(input: &Input, changes: &[Change]) -> Input {
    let action = id::<ActionId>(1);
    let routes = BTreeMap::from([(action, input.route.clone())]);
    let situation = Situation { now: input.now, routes, bodies: input.bodies.clone() };
    let mut after = what_if(situation, changes).unwrap();
    Input { now: after.now, route: after.routes.remove(&action).unwrap(), bodies: after.bodies }
}

fn added(body: &Body, lead: &AgendaRule, on: NaiveDate) -> Change {
    let meeting = extraordinary(body, lead, id(EXTRA), on, vec![budget()]);
    Change::MeetingAdded {
        meeting_id: meeting.id,
        body_id: body.id,
        starts_at: meeting.starts_at,
        ends_at: meeting.ends_at,
        agenda_deadline: meeting.agenda_deadline,
        tags: meeting.tags,
    }
}

/// The start with an extra meeting on each day there could be one.
fn extra_meetings(input: &Input, base: Option<NaiveDate>, body: &Body, lead: &AgendaRule) -> Option<Span> {
    let mut calendars = Calendars::prepare(input.now, &input.bodies).unwrap();
    let mut with_extra = body.clone();
    with_extra.meetings.push(extraordinary(body, lead, id(EXTRA), date("2026-01-01"), vec![budget()]));
    let mut best: Option<Span> = None;
    let mut day = law::day_of(input.now) - TimeDelta::days(2);
    let end = base.unwrap_or(day + Days::new(400));
    while day <= best.map_or(end, |best| best.after.min(end)) {
        *with_extra.meetings.last_mut().unwrap() = extraordinary(body, lead, id(EXTRA), day, vec![budget()]);
        calendars.replace(&with_extra).unwrap();
        let answer = compute(&input.route, &calendars, Objective::Earliest).unwrap();
        if let Some(after) = better(base, &answer) {
            match &mut best {
                Some(best) if best.after < after => {}
                Some(best) if best.after == after => {
                    best.to = if best.to.succ_opt() == Some(day) { day } else { best.to }
                }
                _ => best = Some(Span { after, from: day, to: day }),
            }
        }
        day = day + Days::new(1);
    }
    best
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Span {
    after: NaiveDate,
    from: NaiveDate,
    to: NaiveDate,
}

/// The action with one step let onto the agenda of a meeting some days late.
fn late(input: &Input, step: usize, meeting: MeetingId, days: u32) -> Input {
    let mut input = input.clone();
    let mut own = input.bodies.iter().find(|body| body.id == input.route.steps[step].body_id).unwrap().clone();
    own.id = id(888_888);
    let meeting = own.meetings.iter_mut().find(|other| other.id == meeting).unwrap();
    meeting.agenda_deadline = law::days_away(meeting.agenda_deadline, days.into()).min(meeting.starts_at);
    input.route.steps[step].body_id = own.id;
    input.bodies.push(own);
    input
}

/// (days, start) of the late items of a step with the fewest days, and with the fewest that gain most.
fn late_items(input: &Input, base: Option<NaiveDate>, step: usize) -> BTreeSet<(u32, NaiveDate)> {
    let body = input.bodies.iter().find(|body| body.id == input.route.steps[step].body_id).unwrap();
    let mut found = BTreeSet::new();
    for meeting in &body.meetings {
        let gain = |days| better(base, &computed(&late(input, step, meeting.id, days)));
        if gain(20).is_some() {
            let days = (1..=20).find(|days| gain(*days).is_some()).unwrap();
            found.insert((days, gain(days).unwrap()));
        }
    }
    let most = found.iter().copied().min_by_key(|(days, after)| (*after, *days));
    found.first().copied().into_iter().chain(most).collect()
}

fn check(input: &Input, leads: &BTreeMap<BodyId, AgendaRule>) -> Result<Vec<Lever>, TestCaseError> {
    let found = levers(input, leads).map_err(|fault| TestCaseError::fail(fault.to_string()))?;
    let before = computed(input);
    let base = before.start.earliest_on;
    if before.verdict == Verdict::Infeasible || base.is_none() && before.verdict != Verdict::Unknown {
        prop_assert!(found.is_empty());
        return Ok(found);
    }
    prop_assert!(found.is_sorted_by_key(|lever| lever.earliest_on));
    for lever in &found {
        prop_assert_eq!(lever.gain_days, base.map(|base| (base - lever.earliest_on).num_days()));
        prop_assert!(lever.gain_days.is_none_or(|gain| gain > 0));
        let step = lever.step_id.map(|id| input.route.steps.iter().find(|step| step.id == id).unwrap());
        prop_assert_eq!(lever.body_id, step.map(|step| step.body_id));
    }
    let of = |kind: LeverKind| found.iter().filter(move |lever| lever.kind == kind);

    for body in input.bodies.iter().filter(|body| body.kind != BodyKind::OfficeHolder) {
        let mut ours = of(LeverKind::ExtraMeeting).filter(|lever| lever.body_id == Some(body.id));
        let lever = ours.next();
        prop_assert!(ours.next().is_none());
        let span = lever.map(|it| Span { after: it.earliest_on, from: it.from.unwrap(), to: it.to.unwrap() });
        prop_assert_eq!(span, extra_meetings(input, base, body, &leads[&body.id]), "extra meeting of {}", body.id);
        if let (Some(lever), Some(span)) = (lever, span) {
            let answer = computed(&changed(input, &[added(body, &leads[&body.id], span.from)]));
            prop_assert_eq!(answer.start.earliest_on, Some(lever.earliest_on));
            let step = answer.steps.iter().find(|step| Some(step.step_id) == lever.step_id).unwrap();
            prop_assert_eq!(step.planned.unwrap().meeting_id, Some(id(EXTRA)));
        }
    }
    for (index, step) in input.route.steps.iter().enumerate() {
        let ours: Vec<_> = of(LeverKind::LateItem).filter(|lever| lever.step_id == Some(step.id)).collect();
        let items: BTreeSet<_> = ours.iter().map(|lever| (lever.days.unwrap(), lever.earliest_on)).collect();
        prop_assert_eq!(items.len(), ours.len());
        prop_assert_eq!(items, late_items(input, base, index), "late items of {}", step.id);
        for lever in ours {
            let (meeting, days) = (lever.meeting_id.unwrap(), lever.days.unwrap());
            let gain = |days| better(base, &computed(&late(input, index, meeting, days)));
            prop_assert_eq!((gain(days), gain(days - 1)), (Some(lever.earliest_on), None));
        }
        let due: BTreeSet<_> = step.depends_on.iter().filter(|on| on.by == By::AgendaDeadline).collect();
        for on in due.iter().map(|on| on.step_id).collect::<BTreeSet<_>>() {
            let by = Some(By::Meeting);
            let relaxed = Change::DependencyChanged { step_id: step.id, depends_on_step_id: on, gate: None, by };
            let gained = better(base, &computed(&changed(input, &[relaxed])));
            let mut ours = of(LeverKind::ParallelPreparation)
                .filter(|lever| (lever.step_id, lever.depends_on_step_id) == (Some(step.id), Some(on)));
            prop_assert_eq!(ours.next().map(|lever| lever.earliest_on), gained, "{} waits for {}", step.id, on);
            prop_assert!(ours.next().is_none());
        }
    }
    let decided = Change::StartGateChanged { action_id: id(1), start_gate: StartGate::Decided };
    let gained = better(base, &computed(&changed(input, &[decided]))).filter(|_| input.route.start_gate == Gate::Final);
    prop_assert_eq!(of(LeverKind::StartWhenDecided).next().map(|lever| lever.earliest_on), gained);
    Ok(found)
}

#[test]
fn brute_force_finds_the_same_levers() {
    let seen: Mutex<BTreeMap<(LeverKind, bool), u32>> = Mutex::default();
    let strategy = (actions(), prop::collection::vec((0_u8..9, any::<bool>()), 4));
    let result = runner(cases().div_ceil(10)).run(&strategy, |(mut input, numbers)| {
        // Nothing here depends on the planned start, and without one less is computed.
        input.route.target_on = None;
        let leads = input.bodies.iter().zip(numbers).map(|(body, (days, shifts))| {
            let lead = lead(days, ["12:00", "09:00", "23:30"][usize::from(days) % 3]);
            let shift = if shifts { AgendaDeadlineShift::PreviousWorkingDay } else { AgendaDeadlineShift::None };
            (body.id, AgendaRule { shift, ..lead })
        });
        for lever in check(&input, &leads.collect())? {
            *seen.lock().unwrap().entry((lever.kind, lever.gain_days.is_some())).or_default() += 1;
        }
        Ok(())
    });
    let seen = seen.into_inner().unwrap();
    println!("levers: {seen:?}");
    if let Err(error) = result {
        panic!("{error}");
    }
    let kinds: BTreeSet<LeverKind> = seen.keys().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds.len(), 4, "the cases are one-sided: {seen:?}");
}

/// A board prepares by 22 September, too late for the council of 28 September.
fn board_and_council() -> Input {
    let board = body(1, OrganisationKind::Municipality, BodyKind::Board, 3);
    let board = with_meeting(board, "2026-09-21 16:00", "18:00", "2026-09-15 12:00");
    let mut council = body(2, OrganisationKind::Municipality, BodyKind::Council, 7);
    for (start, deadline) in [
        ("2026-09-28 17:00", "2026-09-18 12:00"),
        ("2026-10-26 17:00", "2026-10-16 12:00"),
        ("2026-11-23 17:00", "2026-11-13 12:00"),
    ] {
        council = with_meeting(council, start, "20:00", deadline);
    }
    let prepares = step(1, 1, StepFunction::Preparation);
    let decides = after(step(2, 2, StepFunction::Decision), 1, Gate::Decided, By::AgendaDeadline);
    Input {
        now: local("2026-09-01 09:00"),
        route: yhteen_domain::timetable::Route {
            progress: Progress::Started,
            target_on: Some(date("2026-11-01")),
            start_gate: Gate::Final,
            steps: vec![prepares, authoritative(decides)],
        },
        bodies: vec![board, council],
    }
}

fn leads() -> BTreeMap<BodyId, AgendaRule> {
    BTreeMap::from([(id(1), lead(6, "12:00")), (id(2), lead(10, "12:00"))])
}

#[test]
fn the_levers_of_a_board_and_a_council() {
    let input = board_and_council();
    // The council decides on 26 October: minutes on 2 November, notice on the 9th, 30 days to 9 December.
    assert_eq!(computed(&input).start.earliest_on, Some(date("2026-12-10")));
    let lever = |kind, step: Option<usize>, on: &str, gain| Lever {
        kind,
        step_id: step.map(id),
        body_id: step.map(id),
        organisation_id: step.map(id),
        opaque: false,
        meeting_id: None,
        days: None,
        depends_on_step_id: None,
        from: None,
        to: None,
        earliest_on: date(on),
        gain_days: Some(gain),
        text: None,
    };
    let days = |from: &str, to: &str, lever: Lever| Lever { from: Some(date(from)), to: Some(date(to)), ..lever };
    let expected = [
        // The day after the council.
        lever(LeverKind::StartWhenDecided, None, "2026-10-27", 44),
        // Six days from 1 September; the council's agenda for 28 September is closed on the 18th at 12:00.
        days("2026-09-07", "2026-09-17", lever(LeverKind::ExtraMeeting, Some(1), "2026-11-12", 28)),
        // At 12:00 of 22 September the board has decided, on the 21st it has not.
        Lever { meeting_id: Some(id(2000)), days: Some(4), ..lever(LeverKind::LateItem, Some(2), "2026-11-12", 28) },
        Lever { depends_on_step_id: Some(id(1)), ..lever(LeverKind::ParallelPreparation, Some(2), "2026-11-12", 28) },
        // Ten days from 22 September; of both days the 30 days end on Monday 16 November.
        days("2026-10-02", "2026-10-03", lever(LeverKind::ExtraMeeting, Some(2), "2026-11-17", 23)),
    ];
    assert_eq!(levers(&input, &leads()).unwrap(), expected);
}

#[test]
fn a_body_whose_agenda_lead_is_not_said_calls_no_extra_meeting() {
    let found = levers(&board_and_council(), &BTreeMap::new()).unwrap();
    assert_eq!(found.len(), 3);
    assert!(found.iter().all(|lever| lever.kind != LeverKind::ExtraMeeting));
}

#[test]
fn where_no_meeting_is_published_an_extra_one_makes_the_start_known() {
    let mut input = board_and_council();
    input.route.start_gate = Gate::Decided;
    input.bodies[1].meetings.truncate(1);
    assert_eq!(computed(&input).verdict, Verdict::Unknown);
    let found = levers(&input, &leads()).unwrap();
    let said: Vec<_> = found.iter().map(|lever| (lever.kind, lever.earliest_on.to_string(), lever.gain_days)).collect();
    let expected = [
        (LeverKind::ExtraMeeting, "2026-09-29", None),
        (LeverKind::LateItem, "2026-09-29", None),
        (LeverKind::ParallelPreparation, "2026-09-29", None),
        (LeverKind::ExtraMeeting, "2026-10-03", None),
    ];
    assert_eq!(said, expected.map(|(kind, on, gain)| (kind, on.to_owned(), gain)));
}

#[test]
fn nothing_brings_forward_what_cannot_be_or_asks_for_no_decision() {
    let mut input = board_and_council();
    input.bodies[1].valid_to = Some(date("2026-09-10"));
    assert_eq!(computed(&input).verdict, Verdict::Infeasible);
    assert_eq!(levers(&input, &leads()).unwrap(), []);
    let mut input = board_and_council();
    input.route.steps[1].authoritative = false;
    assert_eq!(computed(&input).verdict, Verdict::Feasible);
    assert_eq!(levers(&input, &leads()).unwrap(), []);
}

#[test]
fn others_on_the_same_agenda_keep_the_deadline() {
    // A second step of the council, which waits for the board as well, is decided on 26 October all the same.
    let mut input = board_and_council();
    let twin = after(step(3, 2, StepFunction::Decision), 1, Gate::Decided, By::AgendaDeadline);
    input.route.steps.push(authoritative(twin));
    let found = levers(&input, &leads()).unwrap();
    assert!(found.iter().all(|lever| !matches!(lever.kind, LeverKind::LateItem | LeverKind::ParallelPreparation)));
    // An extra meeting is there for both.
    assert!(found.iter().any(|lever| (lever.kind, lever.gain_days) == (LeverKind::ExtraMeeting, Some(23))));
}

/// The engine's deadlines against the words of the rule, day by day: the day `days` before the meeting, or the nearest
/// one before that on which people work.
#[test]
fn an_agenda_is_never_closed_on_a_day_on_which_nobody_works() {
    let mut shifted = 0;
    for starts_on in date("2023-01-01").iter_days().take_while(|day| *day < date("2061-01-01")) {
        let starts_at = law::clock(starts_on.and_hms_opt(17, 0, 0).unwrap());
        for days in [0, 1, 7, 10] {
            let on = starts_on - TimeDelta::days(days.into());
            let kept = (0..30).map(|back| on - TimeDelta::days(back)).find(|day| law::is_open(*day)).unwrap();
            let rule = AgendaRule { shift: AgendaDeadlineShift::PreviousWorkingDay, ..lead(days, "12:00") };
            let deadline = rule.deadline(starts_at);
            assert_eq!(deadline.at, law::clock(kept.and_hms_opt(12, 0, 0).unwrap()), "{starts_on} - {days}");
            assert_eq!(deadline.basis.shifted_from(), (kept != on).then_some(on));
            shifted += u32::from(kept != on);
            assert_eq!(lead(days, "12:00").deadline(starts_at).at, law::clock(on.and_hms_opt(12, 0, 0).unwrap()));
        }
    }
    assert!(shifted > 15_000, "{shifted}");
}

#[test]
fn a_meeting_is_called_for_the_usual_time_of_the_body() {
    let [board, council] = board_and_council().bodies.try_into().unwrap();
    let meeting = extraordinary(&council, &lead(10, "12:00"), id(5), date("2026-11-02"), vec![budget()]);
    assert_eq!(meeting.starts_at, local("2026-11-02 17:00"));
    assert_eq!(meeting.ends_at, Some(local("2026-11-02 20:00")));
    assert_eq!(meeting.agenda_deadline, local("2026-10-23 12:00"));
    let empty = Body { meetings: Vec::new(), ..board };
    let meeting = extraordinary(&empty, &lead(0, "23:00"), id(5), date("2026-11-02"), Vec::new());
    assert_eq!(meeting.starts_at, local("2026-11-02 16:00"));
    assert_eq!(meeting.ends_at, Some(local("2026-11-02 18:00")));
    assert_eq!(meeting.agenda_deadline, meeting.starts_at);
}

#[test]
fn a_lever_on_a_hidden_step_tells_whom_to_ask_and_no_more() {
    let mut found = levers(&board_and_council(), &leads()).unwrap();
    let before = found.clone();
    for lever in &mut found {
        lever.veil(|step| step == id(2));
    }
    for (lever, before) in found.into_iter().zip(before) {
        let Lever { kind, step_id, organisation_id, earliest_on, gain_days, .. } = before;
        if step_id != Some(id(2)) {
            assert_eq!(lever, before);
            continue;
        }
        let expected = Lever {
            kind,
            step_id,
            body_id: None,
            organisation_id,
            opaque: true,
            meeting_id: None,
            days: None,
            depends_on_step_id: None,
            from: None,
            to: None,
            earliest_on,
            gain_days,
            text: None,
        };
        assert_eq!(lever, expected);
    }
}

#[test]
fn of_two_meetings_the_one_that_asks_less_and_the_one_that_gains_more_are_told() {
    // The draft is ready on 6 September at 12:00; the agendas of all meetings of September are closed by then.
    let mut board = body(1, OrganisationKind::Ngo, BodyKind::NgoBoard, 0);
    for (start, deadline) in [
        ("2026-09-07 16:00", "2026-09-01 12:00"),
        ("2026-09-14 16:00", "2026-09-04 12:00"),
        ("2026-09-21 16:00", "2026-09-05 12:00"),
        ("2026-09-28 16:00", "2026-09-02 12:00"),
        ("2026-10-05 16:00", "2026-09-29 12:00"),
    ] {
        board = with_meeting(board, start, "18:00", deadline);
    }
    let mut decides = authoritative(step(1, 1, StepFunction::Decision));
    decides.preparation_days = 2;
    let now = local("2026-09-04 12:00");
    let route = yhteen_domain::timetable::Route {
        target_on: None,
        start_gate: Gate::Decided,
        steps: vec![decides],
        progress: Progress::Started,
    };
    let found = levers(&Input { now, route, bodies: vec![board] }, &BTreeMap::new()).unwrap();
    let said: Vec<_> = found.iter().map(|lever| (lever.meeting_id, lever.days, lever.gain_days)).collect();
    let late = |meeting, days, gain| (Some(id(meeting)), Some(days), Some(gain));
    assert_eq!(said, [late(1000, 5, 28), late(1002, 1, 14)]);
}
