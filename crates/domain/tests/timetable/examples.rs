//! Dates computed by hand.

use crate::build::{after, authoritative, body, date, id, local, of, span, step, with_meeting};
use std::collections::BTreeMap;
use yhteen_domain::Fault;
use yhteen_domain::ids::{MeetingId, StepId};
use yhteen_domain::text::{Language, Name};
use yhteen_domain::timetable::{
    BindingKind, BlockReason, Body, Booking, BookingState, Challenge, Handler, Handling, Input, Meeting, NotApplicable,
    Objective, Occasion, Outcome, Progress, Route, StepState, Timetable, Verdict, timetable,
};
use yhteen_domain::vocabulary::{BodyKind, By, Gate, OrganisationKind, StepFunction};

fn board() -> Body {
    let mut board = body(1, OrganisationKind::Municipality, BodyKind::Board, 3);
    for (start, deadline) in [
        ("2026-09-07 16:00", "2026-09-01 12:00"),
        ("2026-09-21 16:00", "2026-09-15 12:00"),
        ("2026-10-05 16:00", "2026-09-29 12:00"),
        ("2026-10-19 16:00", "2026-10-13 12:00"),
        ("2026-11-02 16:00", "2026-10-27 12:00"),
    ] {
        board = with_meeting(board, start, "18:00", deadline);
    }
    board
}

fn council() -> Body {
    let mut council = body(2, OrganisationKind::Municipality, BodyKind::Council, 7);
    for (start, deadline) in [
        ("2026-09-28 17:00", "2026-09-18 12:00"),
        ("2026-10-12 17:00", "2026-10-02 12:00"),
        ("2026-11-09 17:00", "2026-10-30 12:00"),
        ("2026-12-14 17:00", "2026-12-04 12:00"),
    ] {
        council = with_meeting(council, start, "20:00", deadline);
    }
    council
}

fn parish_council() -> Body {
    let mut council = body(3, OrganisationKind::Parish, BodyKind::ParishCouncil, 5);
    for (start, deadline) in [
        ("2026-12-01 18:00", "2026-11-25 12:00"),
        ("2026-12-15 18:00", "2026-12-08 12:00"),
        ("2027-01-12 18:00", "2027-01-05 12:00"),
        ("2027-01-26 18:00", "2027-01-19 12:00"),
    ] {
        council = with_meeting(council, start, "19:00", deadline);
    }
    council
}

/// The board prepares with three days' work, the council decides, and when that is final the parish council decides.
fn three_steps() -> Input {
    let mut prepares = step(1, 1, StepFunction::Preparation);
    prepares.preparation_days = 3;
    let decides = after(step(2, 2, StepFunction::Decision), 1, Gate::Final, By::AgendaDeadline);
    let joins = after(step(3, 3, StepFunction::Decision), 2, Gate::Final, By::AgendaDeadline);
    Input {
        now: local("2026-09-01 09:00"),
        route: Route {
            progress: Progress::Started,
            target_on: Some(date("2027-03-01")),
            start_gate: Gate::Final,
            // Given out of order: the engine sorts them.
            steps: vec![authoritative(joins), prepares, authoritative(decides)],
        },
        bodies: vec![board(), council(), parish_council()],
    }
}

fn computed(input: &Input) -> Timetable {
    timetable(input, Objective::Earliest).unwrap()
}

fn days(earliest: &str, latest: &str) -> [Option<String>; 2] {
    [Some(earliest.to_owned()), Some(latest.to_owned())]
}

#[test]
fn board_council_and_parish_council() {
    let answer = computed(&three_steps());
    assert_eq!(answer.verdict, Verdict::Feasible);
    // The council's minutes come out on 19 October: notice 26 October, last day 25 November, legal force
    // 26 November, after the deadline of the parish council's meeting of 1 December. Its minutes of 15 December
    // come out on 20 December: notice 27 December, last day 26 January.
    assert_eq!(answer.start.earliest_on, Some(date("2027-01-27")));
    assert_eq!(answer.start.delay_days, Some(0));
    // No remedy lies against the board's preparation, so the council need not wait for one until 9 November.
    assert_eq!(span(&answer, 1), days("2026-09-21", "2026-10-19"));
    assert_eq!(span(&answer, 2), days("2026-10-12", "2026-11-09"));
    assert_eq!(span(&answer, 3), days("2026-12-15", "2027-01-12"));
    assert_eq!([1, 2, 3].map(|number| of(&answer, number).slack_days), [Some(28); 3]);
    assert_eq!([1, 2, 3].map(|number| of(&answer, number).spare_meetings), [Some(2), Some(1), Some(1)]);
    let council = of(&answer, 2).earliest.unwrap();
    assert_eq!((council.notice_on, council.legal_force_on), (Some(date("2026-10-26")), Some(date("2026-11-26"))));
    assert_eq!(of(&answer, 1).earliest.unwrap().legal_force_on, None);
    let order: Vec<_> = answer.steps.iter().map(|step| step.step_id).collect();
    assert_eq!(order, [id(3), id(1), id(2)]);
}

#[test]
fn the_critical_chain_goes_from_today_to_the_start() {
    let answer = computed(&three_steps());
    let kinds = [1, 2, 3].map(|number| of(&answer, number).binding.unwrap().kind);
    assert_eq!(kinds, [BindingKind::Now, BindingKind::Predecessor, BindingKind::Predecessor]);
    let chain: Vec<_> = answer.critical_chain.iter().map(|link| (link.step_id, link.gate, link.at)).collect();
    let expected = [
        (Some(id(1)), Some(Gate::Decided), local("2026-09-21 18:00")),
        (Some(id(2)), Some(Gate::Decided), local("2026-10-12 20:00")),
        (Some(id(2)), Some(Gate::Final), local("2026-11-26 00:00")),
        (Some(id(3)), Some(Gate::Decided), local("2026-12-15 19:00")),
        (Some(id(3)), Some(Gate::Final), local("2027-01-27 00:00")),
        (None, None, local("2027-01-27 00:00")),
    ];
    assert_eq!(chain, expected);
}

#[test]
fn plans_just_in_time_and_in_the_tightest_window() {
    let input = three_steps();
    let planned = |objective| {
        let answer = timetable(&input, objective).unwrap();
        let meetings = [1, 2, 3].map(|number| of(&answer, number).planned.unwrap().meeting_id.unwrap());
        (meetings, answer.window)
    };
    let (latest, window) = planned(Objective::Latest);
    assert_eq!(latest, [id::<MeetingId>(1003), id(2002), id(3002)]);
    assert_eq!(window, None);
    let (tightest, window) = planned(Objective::TightestWindow);
    assert_eq!(tightest, [id::<MeetingId>(1001), id(2001), id(3001)]);
    let window = window.unwrap();
    assert_eq!((window.from, window.to, window.days), (date("2026-12-15"), date("2026-12-15"), 0));
}

#[test]
fn a_target_that_cannot_be_met_is_late() {
    let mut input = three_steps();
    input.route.target_on = Some(date("2027-01-25"));
    let answer = computed(&input);
    assert_eq!((answer.verdict, answer.start.delay_days), (Verdict::Late, Some(2)));
    // The limits then keep to the first date on which the action can start. The board could still wait for its
    // meeting of 21 September alone: on 5 October the council's agenda is closed.
    assert_eq!(span(&answer, 3), days("2026-12-15", "2026-12-15"));
    assert_eq!(span(&answer, 1), days("2026-09-21", "2026-09-21"));
    assert!(of(&answer, 3).critical);
    input.route.target_on = None;
    let answer = computed(&input);
    assert_eq!((answer.verdict, answer.start.delay_days), (Verdict::Feasible, None));
    assert_eq!((of(&answer, 3).latest, of(&answer, 3).slack_days), (None, None));
}

#[test]
fn without_an_authoritative_step_nothing_is_waited_for() {
    let mut input = three_steps();
    for step in &mut input.route.steps {
        step.authoritative = false;
    }
    let answer = computed(&input);
    assert_eq!((answer.verdict, answer.start.earliest_on), (Verdict::Feasible, None));
    assert!(answer.steps.iter().all(|step| step.earliest.is_some() && step.latest.is_none() && !step.critical));
}

#[test]
fn a_calendar_that_ends_too_soon_leaves_the_start_unknown() {
    let mut input = three_steps();
    input.bodies[1].meetings.truncate(1);
    let answer = computed(&input);
    assert_eq!((answer.verdict, answer.start.earliest_on), (Verdict::Unknown, None));
    // The parish council has a meeting, if only it knew when the council decides: not a root.
    let blocking: Vec<_> = answer.blocking.iter().map(|root| (root.step_id, root.reason, root.needed_until)).collect();
    assert_eq!(blocking, [(id(2), BlockReason::Calendar, Some(date("2026-09-21")))]);
    assert_eq!(span(&answer, 1)[0].as_deref(), Some("2026-09-21"));
    assert!(answer.critical_chain.is_empty());
}

fn book(input: &mut Input, index: usize, meeting: usize) {
    let occasion = Occasion::Meeting(id(meeting));
    let booking = Booking { occasion, state: BookingState::Accepted, handed_in_at: None };
    input.route.steps[index].booking = Some(booking);
}

#[test]
fn bookings_that_cannot_hold_make_it_infeasible() {
    let check = |change: fn(&mut Input), reason| {
        let mut input = three_steps();
        change(&mut input);
        let answer = computed(&input);
        assert_eq!((answer.verdict, answer.blocking[0].reason), (Verdict::Infeasible, reason));
    };
    check(|input| book(input, 2, 2000), BlockReason::BookingTooEarly);
    check(|input| book(input, 1, 1000), BlockReason::BookingMissed);
    check(
        |input| {
            book(input, 2, 2001);
            input.bodies[1].meetings[1].cancelled = true;
        },
        BlockReason::BookingCancelled,
    );
    check(|input| input.bodies[1].valid_to = Some(date("2026-09-20")), BlockReason::BodyEnds);
}

#[test]
fn a_step_handed_in_holds_its_booking_past_the_deadline() {
    let mut input = three_steps();
    let handed_in_at = Some(local("2026-08-28 12:00"));
    let occasion = Occasion::Meeting(id(1000));
    input.route.steps[1].booking = Some(Booking { occasion, state: BookingState::Accepted, handed_in_at });
    let answer = computed(&input);
    assert_eq!(span(&answer, 1), days("2026-09-07", "2026-10-19"));
    assert_eq!(of(&answer, 1).state, StepState::OnAgenda);
    assert_eq!(of(&answer, 1).binding.unwrap().kind, BindingKind::Booking);
}

#[test]
fn of_meetings_at_one_time_the_lower_id_comes_first() {
    let twins = ["2026-05-04 12:00"; 2]
        .into_iter()
        .fold(body(1, OrganisationKind::Municipality, BodyKind::Council, 7), |council, deadline| {
            with_meeting(council, "2026-05-10 17:00", "18:00", deadline)
        });
    let route = Route {
        target_on: None,
        start_gate: Gate::Decided,
        steps: vec![step(1, 1, StepFunction::Decision)],
        progress: Progress::Started,
    };
    let mut input = Input { now: local("2026-05-02 09:00"), route, bodies: vec![twins] };
    // Handed in for the second, but not accepted: nothing pins it there.
    let handed_in_at = Some(local("2026-05-01 12:00"));
    input.route.steps[0].booking =
        Some(Booking { occasion: Occasion::Meeting(id(1001)), state: BookingState::Proposed, handed_in_at });
    assert_eq!(of(&computed(&input), 1).earliest.unwrap().meeting_id, Some(id(1000)));
}

#[test]
fn facts_beat_plans() {
    let handled = |meeting, outcome, back| {
        let mut input = three_steps();
        input.now = local("2026-11-20 09:00");
        let returned_to_step_id = back;
        let handling = |meeting, outcome, returned_to_step_id| Handling {
            occasion: Occasion::Meeting(id(meeting)),
            outcome,
            returned_to_step_id,
        };
        input.route.steps[1].handlings = vec![handling(1001, Outcome::Approved, None)];
        input.route.steps[2].handlings = vec![handling(meeting, outcome, returned_to_step_id)];
        input
    };
    let approved = handled(2002, Outcome::Approved, None);
    let answer = computed(&approved);
    assert_eq!(span(&answer, 2), days("2026-11-09", "2026-11-09"));
    assert_eq!((of(&answer, 2).slack_days, of(&answer, 2).critical), (Some(0), false));
    // The minutes were due on 16 November and are not recorded: counted from today, 20 November.
    let council = of(&answer, 2).earliest.unwrap();
    assert_eq!((council.minutes_overdue, council.notice_on), (true, Some(date("2026-11-27"))));
    let mut recorded = approved.clone();
    recorded.route.steps[2].recorded_legal_force_on = Some(date("2026-11-18"));
    assert_eq!(span(&computed(&recorded), 3)[0].as_deref(), Some("2026-12-01"));
    let mut appealed = approved.clone();
    appealed.route.steps[2].challenge = Challenge::Pending;
    let answer = computed(&appealed);
    assert_eq!((answer.verdict, answer.blocking[0].reason), (Verdict::Unknown, BlockReason::AppealPending));
    let mut annulled = approved;
    annulled.route.steps[2].challenge = Challenge::Annulled;
    assert_eq!(computed(&annulled).blocking[0].reason, BlockReason::Annulled);

    let rejected = computed(&handled(2002, Outcome::Rejected, None));
    assert_eq!((rejected.verdict, of(&rejected, 2).earliest), (Verdict::Infeasible, None));
    // The council leaves it on the table on 9 November: its next meeting is 14 December.
    let tabled = computed(&handled(2002, Outcome::Tabled, None));
    assert_eq!(span(&tabled, 2)[0].as_deref(), Some("2026-12-14"));
    assert_eq!(span(&tabled, 1)[0].as_deref(), Some("2026-09-21"));
    // It sends it back to the board, whose last known meeting has passed.
    let returned = computed(&handled(2002, Outcome::Returned, Some(id(1))));
    assert_eq!(returned.verdict, Verdict::Unknown);
    assert_eq!(returned.blocking.iter().map(|root| root.step_id).collect::<Vec<_>>(), [id(1)]);
    assert_eq!(returned.blocking[0].needed_until, Some(date("2026-11-23")));
}

#[test]
fn what_sends_back_comes_last_of_one_moment() {
    let mut input = three_steps();
    input.now = local("2026-11-20 09:00");
    let twin = Meeting { id: id(2999), ..input.bodies[1].meetings[2].clone() };
    input.bodies[1].meetings.push(twin);
    let handling = |meeting, outcome, returned_to_step_id| Handling {
        occasion: Occasion::Meeting(id(meeting)),
        outcome,
        returned_to_step_id,
    };
    // Back to a step that it does not wait for, which does not open it again by itself.
    let mut handlings = vec![handling(2002, Outcome::Returned, Some(id(3))), handling(2999, Outcome::Approved, None)];
    for _ in 0..2 {
        input.route.steps[2].handlings.clone_from(&handlings);
        assert_eq!(of(&computed(&input), 2).state, StepState::Open);
        handlings.reverse();
    }
}

#[test]
fn a_certificate_alone_counts_from_its_date() {
    let mut input = three_steps();
    input.route.steps[2].recorded_legal_force_on = Some(date("2026-08-20"));
    let answer = computed(&input);
    let council = of(&answer, 2);
    assert_eq!(council.state, StepState::Decided);
    assert_eq!(council.earliest.unwrap().decided_at, local("2026-08-20 00:00"));
    assert_eq!(span(&answer, 3)[0].as_deref(), Some("2026-12-01"));
}

#[test]
fn an_office_holder_decides_on_any_working_day() {
    let holder = body(1, OrganisationKind::Municipality, BodyKind::OfficeHolder, 0);
    let mut input = Input {
        now: local("2026-12-23 09:00"),
        route: Route {
            progress: Progress::Started,
            target_on: Some(date("2027-01-27")),
            start_gate: Gate::Final,
            steps: vec![authoritative(step(1, 1, StepFunction::Decision))],
        },
        bodies: vec![holder],
    };
    let answer = computed(&input);
    // It is past 08:00 on the 23rd, and the 24th is Christmas Eve: 28 December, notice 4 January, last day 18 January.
    assert_eq!(answer.start.earliest_on, Some(date("2027-01-19")));
    // 5 January: notice on the 12th, last day 26 January. Between them lie 28 to 31 December, 4 and 5 January.
    assert_eq!(span(&answer, 1), days("2026-12-28", "2027-01-05"));
    assert_eq!(of(&answer, 1).spare_meetings, Some(5));
    assert_eq!(of(&answer, 1).earliest.unwrap().meeting_id, None);
    input.bodies[0].valid_to = Some(date("2026-12-26"));
    assert_eq!(computed(&input).blocking[0].reason, BlockReason::BodyEnds);
}

#[test]
fn an_extraordinary_meeting_with_a_late_deadline_is_found() {
    // The regular meeting of 10 May closes its agenda on 1 May; one called for 8 May on 7 May.
    let council = with_meeting(
        body(1, OrganisationKind::Municipality, BodyKind::Council, 7),
        "2026-05-10 17:00",
        "18:00",
        "2026-05-01 12:00",
    );
    let council = with_meeting(council, "2026-05-08 17:00", "18:00", "2026-05-07 12:00");
    let input = Input {
        now: local("2026-05-02 09:00"),
        route: Route {
            progress: Progress::Started,
            target_on: Some(date("2026-05-20")),
            start_gate: Gate::Decided,
            steps: vec![authoritative(step(1, 1, StepFunction::Decision))],
        },
        bodies: vec![council],
    };
    let answer = computed(&input);
    assert_eq!(span(&answer, 1), days("2026-05-08", "2026-05-08"));
    assert_eq!(of(&answer, 1).spare_meetings, Some(0));
}

#[test]
fn bad_input_is_refused_and_never_loops() {
    let refused = |change: &dyn Fn(&mut Input)| -> Fault {
        let mut input = three_steps();
        change(&mut input);
        timetable(&input, Objective::Latest).unwrap_err()
    };
    let cycle =
        refused(&|input| input.route.steps[1] = after(input.route.steps[1].clone(), 3, Gate::Decided, By::Meeting));
    assert_eq!(cycle.code.name, "timetable.cycle");
    assert!(cycle.detail.to_string().contains(&id::<yhteen_domain::ids::StepId>(1).to_string()));
    let check = |change: &dyn Fn(&mut Input), code: &str| assert_eq!(refused(change).code.name, code);
    check(&|input| input.route.steps[0].depends_on[0].step_id = id(9), "timetable.unknown_step");
    check(&|input| input.route.steps[0].body_id = id(9), "timetable.unknown_body");
    check(&|input| input.route.steps[0].id = id(1), "timetable.duplicate");
    check(&|input| input.bodies.push(board()), "timetable.duplicate");
    check(&|input| input.bodies[0].meetings.extend(board().meetings), "timetable.duplicate");
    check(&|input| input.route.target_on = Some(chrono::NaiveDate::MAX), "timetable.out_of_range");
    check(&|input| input.now = chrono::DateTime::<chrono::Utc>::MAX_UTC, "timetable.out_of_range");
    check(&|input| input.bodies[0].minutes_publication_days = u32::MAX, "timetable.out_of_range");
    check(&|input| input.route.steps[0].preparation_days = u32::MAX, "timetable.out_of_range");
    let occasion = Occasion::Meeting(id(77));
    let booking = Booking { occasion, state: BookingState::Proposed, handed_in_at: None };
    check(&|input| input.route.steps[0].booking = Some(booking), "timetable.unknown_meeting");
}

#[test]
fn legal_force_before_the_rules_is_refused_only_where_it_is_waited_for() {
    let mut input = three_steps();
    let old = Meeting { starts_at: local("2022-03-01 18:00"), ends_at: None, ..input.bodies[2].meetings[0].clone() };
    let minutes_published_on = Some(date("2022-03-07"));
    input.bodies[2].meetings[0] = Meeting { agenda_deadline: local("2022-02-20 12:00"), minutes_published_on, ..old };
    let occasion = Occasion::Meeting(id(3000));
    input.route.steps[0].handlings = vec![Handling { occasion, outcome: Outcome::Approved, returned_to_step_id: None }];
    assert_eq!(timetable(&input, Objective::Earliest).unwrap_err().code.name, "legal.before_validity");
    let mut recorded = input.clone();
    recorded.route.steps[0].recorded_legal_force_on = Some(date("2022-04-20"));
    assert_eq!(computed(&recorded).verdict, Verdict::Feasible);
    input.route.start_gate = Gate::Decided;
    let answer = computed(&input);
    assert_eq!(of(&answer, 3).earliest.unwrap().legal_force_on, None);
}

#[test]
fn a_veiled_step_shows_its_own_dates_alone_and_by_day() {
    let full = computed(&three_steps());
    let mut answer = full.clone();
    answer.veil(|step| step == id(2));
    let council = of(&answer, 2);
    assert_eq!((council.opaque, council.body_id), (true, None));
    let day = |at| yhteen_domain::time::midnight(crate::law::day_of(at));
    let (earliest, shown) = (of(&full, 2).earliest.unwrap(), council.earliest.unwrap());
    assert_eq!((shown.meeting_id, shown.legal_force_on), (None, Some(date("2026-11-26"))));
    assert_eq!((shown.starts_at, shown.decided_at), (day(earliest.starts_at), day(earliest.decided_at)));
    assert_eq!(shown.agenda_deadline, day(earliest.agenda_deadline));
    assert!(shown.starts_at < earliest.starts_at);
    for link in answer.critical_chain.iter().filter(|link| link.step_id == Some(id(2))) {
        assert_eq!(link.at, day(link.at));
    }
    // Its latest meeting and its slack tell of others.
    assert_eq!((council.planned, council.latest, council.slack_days), (council.earliest, None, None));
    for objective in [Objective::Latest, Objective::TightestWindow] {
        let mut answer = timetable(&three_steps(), objective).unwrap();
        answer.veil(|step| step == id(2));
        assert_eq!((of(&answer, 2).planned, of(&answer, 2).earliest), (None, council.earliest));
    }
    // What binds it tells of others' steps, and its spare meetings of its body's calendar.
    assert_eq!((council.binding, council.spare_meetings), (None, None));
    assert!(of(&answer, 1).body_id.is_some() && of(&answer, 1).binding.is_some());
}

#[test]
fn the_critical_chain_is_told_in_the_language_of_the_reader() {
    let name = |fi: &str| Name::fi(fi).unwrap();
    let handler = |organisation: &str, body: &str, function| Handler {
        organisation: name(organisation),
        body: name(body),
        function,
    };
    let handlers = BTreeMap::from([
        (id(1), handler("Kouvola", "hallitus", StepFunction::Preparation)),
        (id(2), handler("Kouvola", "valtuusto", StepFunction::Decision)),
        (id(3), handler("Seurakunta", "kirkkovaltuusto", StepFunction::Decision)),
    ]);
    let told = |handlers: &BTreeMap<StepId, Handler>, language| {
        let answer = computed(&three_steps()).told(handlers, language);
        let links = answer.critical_chain.iter().map(|link| link.text.clone().unwrap_or("?".into()));
        links.collect::<Vec<_>>().join(" → ")
    };
    assert_eq!(
        told(&handlers, Language::En),
        "Kouvola hallitus 21 Sep prepares → Kouvola valtuusto 12 Oct decides → legal force 26 Nov → \
         Seurakunta kirkkovaltuusto 15 Dec decides → legal force 27 Jan 2027 → start"
    );
    assert_eq!(
        told(&handlers, Language::Fi),
        "Kouvola, hallitus: valmistelu 21.9. → Kouvola, valtuusto: päätös 12.10. → lainvoima 26.11. → \
         Seurakunta, kirkkovaltuusto: päätös 15.12. → lainvoima 27.1.2027 → aloitus"
    );
    assert_eq!(
        told(&handlers, Language::Sv),
        "Kouvola, hallitus: beredning 21 september → Kouvola, valtuusto: beslut 12 oktober → laga kraft 26 november → \
         Seurakunta, kirkkovaltuusto: beslut 15 december → laga kraft 27 januari 2027 → start"
    );
    let mut fewer = handlers;
    fewer.remove(&id(2));
    assert_eq!(
        told(&fewer, Language::En),
        "Kouvola hallitus 21 Sep prepares → ? → ? → Seurakunta kirkkovaltuusto 15 Dec decides → \
         legal force 27 Jan 2027 → start"
    );
}

#[test]
fn the_answer_has_the_agreed_names() {
    let answer = serde_json::to_value(timetable(&three_steps(), Objective::TightestWindow).unwrap()).unwrap();
    let names = |value: &serde_json::Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
    assert_eq!(
        names(&answer).join(" "),
        "blocking computed_at critical_chain not_applicable_reason objective plan_digest start start_gate steps target_on verdict window"
    );
    let step = &answer["steps"][0];
    assert_eq!(
        names(step).join(" "),
        "binding body_id critical earliest latest opaque organisation_id planned slack_days spare_meetings state step_id"
    );
    assert_eq!(
        names(&step["earliest"]).join(" "),
        "agenda_deadline decided_at legal_force_on meeting_id minutes_overdue notice_on starts_at"
    );
    assert_eq!(names(&step["binding"]).join(" "), "gate kind step_id");
    assert_eq!(names(&answer["start"]).join(" "), "delay_days earliest_on");
    assert_eq!(names(&answer["critical_chain"][0]).join(" "), "at gate step_id text");
    assert_eq!(names(&answer["window"]).join(" "), "days from to");
}

#[test]
fn nothing_is_planned_for_an_action_that_is_over_or_on_hold() {
    for reason in [NotApplicable::Completed, NotApplicable::Cancelled, NotApplicable::OnHold] {
        let mut input = three_steps();
        input.now = local("2026-10-01 09:00");
        input.route.steps[1].handlings = vec![Handling {
            occasion: Occasion::Meeting(input.bodies[0].meetings[0].id),
            outcome: Outcome::Approved,
            returned_to_step_id: None,
        }];
        let open = computed(&input);
        input.route.progress = Progress::NotApplicable(reason);
        for objective in [Objective::Earliest, Objective::Latest, Objective::TightestWindow] {
            let answer = timetable(&input, objective).unwrap();
            assert_eq!((answer.verdict, answer.not_applicable_reason), (Verdict::NotApplicable, Some(reason)));
            assert_eq!((answer.start.earliest_on, answer.start.delay_days, answer.window), (None, None, None));
            assert!(answer.blocking.is_empty() && answer.critical_chain.is_empty());
            // What has been decided is told all the same.
            assert_eq!(
                (answer.steps[1].state, answer.steps[1].earliest),
                (open.steps[1].state, open.steps[1].earliest)
            );
            assert_eq!(answer.steps[1].state, StepState::Decided);
            for step in answer.steps.iter().filter(|step| step.state != StepState::Decided) {
                assert_eq!((step.planned, step.earliest, step.latest), (None, None, None));
                assert_eq!(
                    (step.slack_days, step.spare_meetings, step.binding, step.critical),
                    (None, None, None, false)
                );
            }
        }
    }
}

#[test]
fn an_action_that_has_not_started_is_late_once_its_planned_start_has_passed() {
    let mut input = three_steps();
    for step in &mut input.route.steps {
        step.authoritative = false;
    }
    input.route.target_on = Some(date("2026-08-30"));
    let check = |input: &Input, verdict, delay| {
        let answer = computed(input);
        assert_eq!((answer.verdict, answer.start.delay_days), (verdict, delay));
    };
    check(&input, Verdict::Feasible, None);
    input.route.progress = Progress::NotStarted;
    let today = yhteen_domain::time::date_of(input.now);
    let days = (today - date("2026-08-30")).num_days();
    check(&input, Verdict::Late, Some(days));
    // Not yet on the day itself.
    input.route.target_on = Some(today);
    check(&input, Verdict::Feasible, None);
}
