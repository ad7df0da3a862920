//! The timetable engine: how the decisions that an action needs fit together, when it can start at the earliest,
//! how late each step can be, and what stands in the way.
//!
//! Pure functions: an action's [`Route`] and the prepared [`Calendars`] of its bodies go in, a [`Timetable`] comes
//! out. Everything is exact, not heuristic; crates/domain/tests proves it against brute force.
//!
//! The files follow the computation: `model` (what goes in), `range` (checked), `calendar` with `candidates`, and
//! `graph` (prepared), `facts` (what has happened), `earliest`, `verdict`, `latest`, `plans`, `chain` (what is
//! computed), `answer`, `summary` and `outlook` (what comes out), `words` (how it is told), `standings` (what is
//! recorded, without any plan), `conflicts` and `conflict_words` (what is wrong). On top of it, `what_if` changes what
//! goes in, `impact` compares what comes out before and after, and `levers` looks for the changes that help.

mod answer;
mod calendar;
mod candidates;
mod chain;
mod clock;
mod conflict_words;
mod conflicts;
mod earliest;
mod facts;
mod graph;
mod impact;
mod latest;
mod levers;
mod model;
mod outlook;
mod plans;
mod range;
mod standings;
mod summary;
mod verdict;
mod what_if;
mod words;

pub use crate::time::YEARS;
pub use answer::{
    Binding, BindingKind, BlockReason, Blocking, ChainLink, Placement, Start, StepState, StepTimetable, Timetable,
    Verdict, Window,
};
pub use calendar::Calendars;
pub use conflict_words::Concerned;
pub use conflicts::{Conflict, ConflictKind, Subject, Withdrawal, conflicts};
pub use graph::{cycle_fault, find_cycle};
pub use impact::{Impact, StepImpact, StepOutlook, impact};
pub use levers::{Lever, LeverKind, Names, extraordinary, levers};
pub use model::{
    Body, Booking, BookingState, Challenge, Dependency, Handling, Input, Meeting, NotApplicable, Objective, Occasion,
    Outcome, Progress, Route, Step,
};
pub use outlook::{NextStep, Outlook, Urgency};
pub use standings::{Lack, LegalForce, MissingStep, Readiness, StepStanding, legal_force, readiness, standings};
pub use summary::Summary;
pub use what_if::{Change, MOST_CHANGES, Situation, what_if};
pub use words::{Handler, written};

use crate::fault::Fault;
use crate::legal;
use crate::time::{Date, date_of, midnight};
use chain::Bound;
use earliest::Pass;
use facts::{BeforeValidity, Standing};
use graph::{Graph, Ix, PerStep};
use latest::{Latest, Trial};
use plans::Plan;

crate::codes! {
    /// Steps would wait for one another in a circle; `detail` names them in order. Leave out one of these dependencies.
    CYCLE = Conflict "timetable.cycle" { fi: "Vaiheet odottaisivat toisiaan kehässä", sv: "Stegen skulle vänta på varandra i en cirkel", en: "Steps would wait for one another in a circle" }
    /// A dependency or a handling names a step that is not in the action's route.
    UNKNOWN_STEP = Invalid "timetable.unknown_step" { fi: "Vaihetta ei ole", sv: "Steget finns inte", en: "No such step in the route" }
    /// A step names a body whose calendar was not given.
    UNKNOWN_BODY = Invalid "timetable.unknown_body" { fi: "Toimielintä ei ole", sv: "Organet finns inte", en: "No such body" }
    /// A booking or a handling names a meeting that the step's body does not have.
    UNKNOWN_MEETING = Invalid "timetable.unknown_meeting" { fi: "Toimielimellä ei ole kokousta", sv: "Organet har inte mötet", en: "The body has no such meeting" }
    /// A step, body or meeting is given twice.
    DUPLICATE = Invalid "timetable.duplicate" { fi: "Annettu kahdesti", sv: "Angiven två gånger", en: "Given twice" }
    /// The action has decision steps that you may not see. Another time, and what would be if something else happened,
    /// would tell you when their bodies meet: these questions are for those who see all steps of the action.
    OPAQUE_STEPS = Forbidden "timetable.opaque_steps" { fi: "Toimenpiteessä on vaiheita, joita et näe", sv: "Åtgärden har steg som du inte ser", en: "The action has steps that you may not see" }
    /// The minutes of a meeting that is still to come would be published before those of an earlier one: then the first
    /// meeting of a body need not be the best, and no timetable is computed. Say of both meetings when their minutes come.
    MINUTES_OUT_OF_ORDER = Invalid "timetable.minutes_out_of_order" { fi: "Pöytäkirjojen järjestys ei vastaa kokousten järjestystä", sv: "Protokollen kommer inte i sammanträdenas ordning", en: "Minutes are out of the order of the meetings" }
    /// A date lies outside the years 1900 to 8000, or a number of days is above a hundred years.
    OUT_OF_RANGE = Invalid "timetable.out_of_range" { fi: "Päivämäärä on alueen ulkopuolella", sv: "Datumet är utanför området", en: "The date is out of range" }
}

/// The refusal of a question whose answers would tell a reader more of the steps that it may not see than their dates.
pub fn opaque_steps() -> Fault {
    let detail = crate::message!(
        fi: "Toimenpiteessä on vaiheita, joita et näe. Muun ajankohdan ja muutosten vaikutukset kerrotaan vain niille, jotka näkevät kaikki vaiheet.",
        sv: "Åtgärden har steg som du inte ser. Läget vid en annan tidpunkt och följderna av ändringar visas bara för dem som ser alla steg.",
        en: "The action has steps that you may not see. Its timetable at another time, and what changes would do to it, is for those who see all its steps."
    );
    Fault::new(&OPAQUE_STEPS, detail)
}

/// The timetable of one action from all that it depends on.
///
/// # Errors
/// As [`Calendars::prepare`] and [`compute`].
pub fn timetable(input: &Input, objective: Objective) -> Result<Timetable, Fault> {
    compute(&input.route, &Calendars::prepare(input.now, &input.bodies)?, objective)
}

/// The timetable of one action over calendars that are prepared already, for the time of these.
///
/// # Errors
/// [`CYCLE`], [`UNKNOWN_STEP`], [`UNKNOWN_BODY`], [`UNKNOWN_MEETING`], [`DUPLICATE`] and [`OUT_OF_RANGE`] for what
/// cannot be; [`legal::BEFORE_VALIDITY`] where something waits for the notice or legal force of a decision older
/// than the rules that are known.
pub fn compute(route: &Route, calendars: &Calendars, objective: Objective) -> Result<Timetable, Fault> {
    let graph = Graph::new(route, calendars)?;
    let computed = answer(&graph, route, objective).map_err(|what| before_validity(&graph, what))?;
    Ok(match route.progress {
        Progress::NotApplicable(reason) => computed.without_plan(reason),
        Progress::NotStarted | Progress::Started => computed,
    })
}

fn before_validity(graph: &Graph<'_>, BeforeValidity(ix): BeforeValidity) -> Fault {
    let id = graph.node(ix).step.id;
    let detail = "something waits for the notice or legal force of its decision, whose minutes are older than the \
        rules that are known; record the date of legal force";
    Fault::new(&legal::BEFORE_VALIDITY, format!("The step {id}: {detail}."))
}

/// What is computed for every step.
struct Computed {
    earliest: Pass,
    latest: PerStep<Option<Latest>>,
    planned: Plan,
    bounds: PerStep<Option<Bound>>,
}

fn answer(graph: &Graph<'_>, route: &Route, objective: Objective) -> Result<Timetable, BeforeValidity> {
    let earliest = earliest::pass(graph)?;
    let blocking = verdict::blocking(graph, &earliest)?;
    let start = if blocking.is_empty() { earliest::start(graph, &earliest.gates)? } else { None };
    let starts_on = start.map(|(at, _)| clock::date_reached(at));
    // Where the target cannot be met, the plans and limits keep to the first date on which the action can start.
    let kept_on = route.target_on.max(starts_on).filter(|_| starts_on.is_some());
    let mut latest = graph.per_step(|_| None);
    if let Some(kept_on) = kept_on.filter(|_| route.target_on.is_some()) {
        let mut trial = Trial::new(graph, midnight(kept_on));
        let fixed = graph.per_step(|ix| graph.node(ix).pin);
        for ix in graph.order().filter(|ix| graph.node(*ix).relevant) {
            latest[ix] = trial.latest(ix, &earliest, &fixed)?;
        }
    }
    let (planned, window) = match (objective, kept_on) {
        (Objective::Latest, Some(kept_on)) => (plans::latest(graph, &earliest, midnight(kept_on))?, None),
        (Objective::TightestWindow, Some(_)) => plans::tightest_window(graph, &earliest)?,
        _ => (earliest.places.clone(), None),
    };
    let mut bounds = graph.per_step(|_| None);
    for ix in graph.order() {
        bounds[ix] = chain::bound(graph, ix, &earliest)?;
    }
    let critical_chain = match (start, starts_on) {
        (Some((_, last)), Some(on)) => chain::chain(graph, &earliest, last, midnight(on))?,
        _ => Vec::new(),
    };
    let delay = delay(graph, route, starts_on).filter(|_| blocking.is_empty());
    let computed = Computed { earliest, latest, planned, bounds };
    Ok(Timetable {
        verdict: verdict_of(&blocking, delay),
        objective,
        computed_at: graph.now,
        target_on: route.target_on,
        start_gate: route.start_gate,
        start: Start { earliest_on: starts_on, delay_days: delay },
        blocking,
        steps: steps(graph, &computed),
        critical_chain,
        plan_digest: None,
        window,
        not_applicable_reason: None,
    })
}

/// Days from the planned start to the first date on which the action can start. One that has not started cannot start
/// in the past, whatever has been decided.
fn delay(graph: &Graph<'_>, route: &Route, starts_on: Option<Date>) -> Option<i64> {
    let target = route.target_on?;
    let today = date_of(graph.now);
    let passed = (route.progress == Progress::NotStarted && target < today).then_some(today);
    Some(starts_on.max(passed)?.signed_duration_since(target).num_days().max(0))
}

fn verdict_of(blocking: &[Blocking], delay: Option<i64>) -> Verdict {
    if blocking.iter().any(|root| root.reason.is_infeasible()) {
        Verdict::Infeasible
    } else if !blocking.is_empty() {
        Verdict::Unknown
    } else if delay.is_some_and(|days| days > 0) {
        Verdict::Late
    } else {
        Verdict::Feasible
    }
}

/// The steps in the order in which they were given.
fn steps(graph: &Graph<'_>, computed: &Computed) -> Vec<StepTimetable> {
    let mut steps: Vec<(usize, StepTimetable)> =
        graph.order().map(|ix| (graph.node(ix).given, step(graph, ix, computed))).collect();
    steps.sort_unstable_by_key(|(given, _)| *given);
    steps.into_iter().map(|(_, step)| step).collect()
}

fn step(graph: &Graph<'_>, ix: Ix, computed: &Computed) -> StepTimetable {
    let node = graph.node(ix);
    let first = computed.earliest.places[ix];
    let (latest, slack_days, spare_meetings) = match (node.standing, computed.latest[ix]) {
        (Standing::Decided(fact), _) => (Some(fact.shown), Some(0), Some(0)),
        (Standing::Open { .. }, Some(last)) => {
            let dates = earliest::date(node, Some(last.place)).zip(earliest::date(node, first));
            let slack = dates.map(|(last, first)| last.signed_duration_since(first).num_days());
            (earliest::placement(node, Some(last.place)), slack, Some(last.spare))
        }
        (Standing::Open { .. }, None) | (Standing::Rejected(_), _) => (None, None, None),
    };
    StepTimetable {
        step_id: node.step.id,
        body_id: Some(node.step.body_id),
        organisation_id: node.calendar.organisation_id,
        opaque: false,
        state: node.state(),
        planned: earliest::placement(node, computed.planned[ix]),
        earliest: earliest::placement(node, first),
        latest,
        slack_days,
        spare_meetings,
        critical: slack_days == Some(0) && matches!(node.standing, Standing::Open { .. }),
        binding: chain::binding(graph, computed.bounds[ix].as_ref()),
    }
}
