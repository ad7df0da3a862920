//! Brute force: every placement of the steps there is, and what follows from all of them.

use crate::law;
use crate::rules::{HORIZON, Pin, Seen, Spot, State, Times, World};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use std::collections::BTreeSet;
use yhteen_domain::timetable::{Challenge, Objective, Progress, Verdict};
use yhteen_domain::vocabulary::{BodyKind, By, Gate};

/// What brute force says of one step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StepSaid {
    pub earliest: Option<Spot>,
    pub latest: Option<Spot>,
    pub slack: Option<i64>,
    pub spare: Option<usize>,
    pub critical: bool,
}

/// What brute force says of an action.
#[derive(Debug)]
pub struct Said {
    pub verdict: Verdict,
    /// (step, whether infeasible, needed until)
    pub roots: Vec<(usize, bool, Option<NaiveDate>)>,
    pub earliest_on: Option<NaiveDate>,
    /// The same, or today where that has come and the action has not started on its planned day.
    pub can_start_on: Option<NaiveDate>,
    pub steps: Vec<StepSaid>,
    /// The just-in-time plan of the steps that the start needs.
    pub just_in_time: Option<Vec<Option<Spot>>>,
    /// (days, from, to) of the tightest window.
    pub window: Option<(i64, NaiveDate, NaiveDate)>,
    pub relevant: BTreeSet<usize>,
    pub ends: BTreeSet<usize>,
}

/// There are too many placements, or too far off, to try them all.
#[derive(Debug)]
pub struct TooMany;

/// The start of the action, and the spot of each step.
type Placed = (NaiveDate, Vec<Option<usize>>);

/// Which steps are placed, and which of the others have their draft looked at.
#[derive(Clone, Default)]
struct Scope {
    placed: BTreeSet<usize>,
    drafted: BTreeSet<usize>,
    finals: BTreeSet<usize>,
}

struct Search<'w, 'a> {
    world: &'w World<'a>,
    scope: Scope,
    /// The step whose booking is lifted.
    lifted: Option<usize>,
    times: Vec<Times>,
    chosen: Vec<Option<usize>>,
    budget: usize,
}

const BUDGET: usize = 60_000;

impl Scope {
    fn meeting(&mut self, world: &World<'_>, step: usize) {
        if !self.placed.insert(step) || !matches!(world.steps[step].state, State::Open { .. }) {
            return;
        }
        for (from, gate, _) in &world.steps[step].needs {
            self.gate(world, *from, *gate);
        }
    }

    fn gate(&mut self, world: &World<'_>, step: usize, gate: Gate) {
        if gate == Gate::Final {
            self.finals.insert(step);
        }
        if gate != Gate::Proposed {
            return self.meeting(world, step);
        }
        let seen = &world.steps[step];
        if !self.drafted.insert(step) || !matches!(seen.state, State::Open { .. }) || seen.handed_in.is_some() {
            return;
        }
        for (from, gate, by) in &seen.needs {
            if *by == By::AgendaDeadline {
                self.gate(world, *from, *gate);
            }
        }
    }
}

impl<'w, 'a> Search<'w, 'a> {
    fn new(world: &'w World<'a>, scope: Scope, lifted: Option<usize>) -> Self {
        let (times, chosen) = (vec![Times::default(); world.steps.len()], vec![None; world.steps.len()]);
        Self { world, scope, lifted, times, chosen, budget: BUDGET }
    }

    /// Visits every placement of the scope that the rule allows; `visit` says whether to go on.
    fn run(&mut self, visit: &mut dyn FnMut(&Self) -> bool) -> Result<bool, TooMany> {
        self.from(0, visit)
    }

    fn from(&mut self, depth: usize, visit: &mut dyn FnMut(&Self) -> bool) -> Result<bool, TooMany> {
        self.budget = self.budget.checked_sub(1).ok_or(TooMany)?;
        let Some(&step) = self.world.order.get(depth) else { return Ok(visit(self)) };
        let world = self.world;
        let seen: &Seen<'_> = &world.steps[step];
        match &seen.state {
            State::Decided { times, .. } => self.times[step] = *times,
            State::Dead => self.times[step] = Times::default(),
            State::Open { .. } => {
                let draft = {
                    let times = self.times.clone();
                    world.draft(step, &move |from, gate| times[from].at(gate))
                };
                if self.scope.placed.contains(&step) {
                    for at in 0..seen.spots.len() {
                        let pinned_elsewhere = self.lifted != Some(step) && !seen.pin.admits(at);
                        let spot = &seen.spots[at];
                        if pinned_elsewhere || !world.fits(step, spot, &|from, gate| self.times[from].at(gate), false) {
                            continue;
                        }
                        self.times[step] = World::times(Some(spot), draft);
                        self.chosen[step] = Some(at);
                        if !self.from(depth + 1, visit)? {
                            return Ok(false);
                        }
                    }
                    self.chosen[step] = None;
                    return Ok(true);
                }
                self.times[step] = World::times(None, draft);
            }
        }
        self.from(depth + 1, visit)
    }
}

/// The first date by whose beginning the time has come.
fn date_by(at: DateTime<Utc>) -> NaiveDate {
    let day = law::day_of(at);
    if law::start_of(day) == at { day } else { day + TimeDelta::days(1) }
}

pub struct Oracle<'w, 'a> {
    world: &'w World<'a>,
    authoritative: Vec<usize>,
    scope: Scope,
}

impl<'w, 'a> Oracle<'w, 'a> {
    pub fn new(world: &'w World<'a>) -> Self {
        let authoritative: Vec<usize> =
            (0..world.steps.len()).filter(|step| world.steps[*step].step.authoritative).collect();
        let mut scope = Scope::default();
        for step in &authoritative {
            scope.gate(world, *step, world.input.route.start_gate);
            scope.meeting(world, *step);
        }
        Self { world, authoritative, scope }
    }

    /// The earliest time at which a step can reach a gate, over all placements of what that needs.
    fn earliest_gate(&self, step: usize, gate: Gate) -> Result<Option<DateTime<Utc>>, TooMany> {
        let mut scope = Scope::default();
        scope.gate(self.world, step, gate);
        let mut best: Option<DateTime<Utc>> = None;
        Search::new(self.world, scope, None).run(&mut |search| {
            if let Some(at) = search.times[step].at(gate) {
                best = Some(best.map_or(at, |best| best.min(at)));
            }
            true
        })?;
        Ok(best)
    }

    /// The first spot that a step can have, over all placements of what that needs.
    fn earliest_spot(&self, step: usize) -> Result<Option<usize>, TooMany> {
        let mut scope = Scope::default();
        scope.meeting(self.world, step);
        let mut best: Option<usize> = None;
        Search::new(self.world, scope, None).run(&mut |search| {
            best = [best, search.chosen[step]].into_iter().flatten().min();
            true
        })?;
        let seen = &self.world.steps[step];
        let endless = seen.body.kind == BodyKind::OfficeHolder && seen.body.valid_to.is_none();
        // Whether a day would do past the horizon is not known here, unless a tag rules out every day.
        if best.is_none() && endless && seen.pin == Pin::Free && seen.step.required_tag.is_none() {
            let mut open = false;
            for (from, gate, _) in &seen.needs {
                open |= self.earliest_gate(*from, *gate)?.is_none();
            }
            if !open {
                return Err(TooMany);
            }
        }
        Ok(best)
    }

    fn root(&self, step: usize, earliest: Option<usize>) -> Result<Option<(bool, Option<NaiveDate>)>, TooMany> {
        let seen = &self.world.steps[step];
        match &seen.state {
            State::Dead => return Ok(Some((true, None))),
            State::Decided { times, .. } => {
                let pending = seen.step.challenge == Challenge::Pending && times.at(Gate::Final).is_none();
                return Ok((pending && self.scope.finals.contains(&step)).then_some((false, None)));
            }
            State::Open { .. } if earliest.is_some() => return Ok(None),
            State::Open { .. } => {}
        }
        let mut known = Vec::new();
        for (from, gate, _) in &seen.needs {
            known.push((*from, *gate, self.earliest_gate(*from, *gate)?));
        }
        let times = |from: usize, gate: Gate| known.iter().find(|k| (k.0, k.1) == (from, gate)).and_then(|k| k.2);
        let allowed = |at: usize| seen.pin.admits(at);
        let fits = |(at, spot): (usize, &Spot)| allowed(at) && self.world.fits(step, spot, &times, true);
        if seen.spots.iter().enumerate().any(fits) {
            return Ok(None);
        }
        let holder = seen.body.kind == BodyKind::OfficeHolder;
        if holder && seen.body.valid_to.is_none() && seen.pin == Pin::Free && seen.step.required_tag.is_none() {
            return Err(TooMany);
        }
        let unknown =
            seen.needs.iter().any(|(from, gate, by)| *by == By::AgendaDeadline && times(*from, *gate).is_none());
        let end_of = |day: NaiveDate| law::start_of(day + TimeDelta::days(1)) - TimeDelta::nanoseconds(1);
        let today = law::day_of(self.world.input.now);
        // Only what is due by the deadline, and the clock, count for the deadline that is needed.
        let by_deadline = |day: &NaiveDate| {
            let ready = law::days_away(end_of(*day), -i64::from(seen.step.preparation_days));
            let due = seen.needs.iter().filter(|need| need.2 == By::AgendaDeadline);
            self.world.base(step) <= ready && due.filter_map(|need| times(need.0, need.1)).all(|time| time <= ready)
        };
        let needed = (-100..2000).map(|days| today + TimeDelta::days(days)).find(by_deadline).filter(|_| !unknown);
        let infeasible = seen.pin != Pin::Free
            || seen.body.valid_to.is_some_and(|last| {
                if holder && seen.step.required_tag.is_none() {
                    return true;
                }
                // The best meeting that could still be called: at the very end of the body's last day.
                let at = end_of(last);
                let late_inputs = seen.needs.iter().filter(|need| need.2 == By::Meeting);
                let started = late_inputs.filter_map(|need| times(need.0, need.1)).all(|time| time <= at);
                !(by_deadline(&last) && started && seen.step.not_before.is_none_or(|day| day <= last))
            });
        Ok(Some((infeasible, needed)))
    }

    fn spot(&self, step: usize, at: Option<usize>) -> Option<Spot> {
        match &self.world.steps[step].state {
            State::Decided { spot, .. } => Some(spot.clone()),
            State::Dead => None,
            State::Open { .. } => at.map(|at| self.world.steps[step].spots[at].clone()),
        }
    }

    /// The date on which the action can start in a placement.
    fn starts(&self, times: &[Times]) -> NaiveDate {
        let gate = self.world.input.route.start_gate;
        date_by(self.authoritative.iter().map(|step| times[*step].at(gate).unwrap()).max().unwrap())
    }

    pub fn say(&self) -> Result<Said, TooMany> {
        let count = self.world.steps.len();
        let relevant = self.scope.placed.clone();
        let mut earliest = Vec::new();
        for step in 0..count {
            let open = matches!(self.world.steps[step].state, State::Open { .. });
            earliest.push(if open { self.earliest_spot(step)? } else { None });
        }
        let mut steps: Vec<StepSaid> = (0..count)
            .map(|step| {
                let fact = matches!(self.world.steps[step].state, State::Decided { .. });
                let earliest = self.spot(step, earliest[step]);
                let latest = earliest.clone().filter(|_| fact);
                StepSaid { earliest, latest, slack: fact.then_some(0), spare: fact.then_some(0), critical: false }
            })
            .collect();
        let mut roots = Vec::new();
        for step in &relevant {
            if let Some((infeasible, needed)) = self.root(*step, earliest[*step])? {
                roots.push((*step, infeasible, needed));
            }
        }
        let ends = self.ends();
        let mut said = Said {
            verdict: Verdict::Feasible,
            roots,
            earliest_on: None,
            can_start_on: None,
            steps: Vec::new(),
            just_in_time: None,
            window: None,
            relevant,
            ends,
        };
        if !said.roots.is_empty() {
            let infeasible = said.roots.iter().any(|root| root.1);
            said.verdict = if infeasible { Verdict::Infeasible } else { Verdict::Unknown };
        } else if !self.authoritative.is_empty() {
            self.say_dates(&mut said, &mut steps, &earliest)?;
        }
        if said.roots.is_empty() {
            self.say_delay(&mut said);
        }
        said.steps = steps;
        Ok(said)
    }

    /// What has not started cannot start before today, and is late if it was to have.
    fn say_delay(&self, said: &mut Said) {
        let today = law::day_of(self.world.input.now);
        let route = &self.world.input.route;
        let overdue = route.progress == Progress::NotStarted && route.target_on.is_some_and(|target| target < today);
        said.can_start_on = match said.earliest_on {
            Some(on) if overdue => Some(on.max(today)),
            None if overdue => Some(today),
            on => on,
        };
        if overdue {
            said.verdict = Verdict::Late;
        }
    }

    fn ends(&self) -> BTreeSet<usize> {
        let leads_to = |from: usize| {
            let mut reached = BTreeSet::from([from]);
            for step in &self.world.order {
                if self.world.steps[*step].needs.iter().any(|need| reached.contains(&need.0)) {
                    reached.insert(*step);
                }
            }
            reached
        };
        let is_end =
            |step: &&usize| leads_to(**step).iter().all(|other| other == *step || !self.authoritative.contains(other));
        self.authoritative.iter().filter(is_end).copied().collect()
    }

    /// All placements of the relevant steps, with the start of each.
    fn placements(&self, lifted: Option<usize>) -> Result<Vec<Placed>, TooMany> {
        let mut all = Vec::new();
        Search::new(self.world, self.scope.clone(), lifted).run(&mut |search| {
            all.push((self.starts(&search.times), search.chosen.clone()));
            true
        })?;
        Ok(all)
    }

    fn say_dates(&self, said: &mut Said, steps: &mut [StepSaid], earliest: &[Option<usize>]) -> Result<(), TooMany> {
        let placements = self.placements(None)?;
        let earliest_on = placements.iter().map(|placement| placement.0).min().unwrap();
        said.earliest_on = Some(earliest_on);
        let target = self.world.input.route.target_on;
        let kept = target.map_or(earliest_on, |target| target.max(earliest_on));
        let horizon = law::day_of(self.world.input.now) + TimeDelta::days(HORIZON - 5);
        let days = |step: &usize| self.world.steps[*step].body.kind == BodyKind::OfficeHolder;
        if kept > horizon && said.relevant.iter().any(days) {
            return Err(TooMany);
        }
        if target.is_some_and(|target| target < earliest_on) {
            said.verdict = Verdict::Late;
        }
        for &step in said.relevant.iter().filter(|_| target.is_some()) {
            let Some(first) = earliest[step] else { continue };
            let lifted = match self.world.steps[step].pin {
                Pin::Free => &placements,
                Pin::At(_) | Pin::Nowhere => &self.placements(Some(step))?,
            };
            let keeping = lifted.iter().filter(|(starts, _)| *starts <= kept);
            let usable: BTreeSet<usize> = keeping.filter_map(|(_, chosen)| chosen[step]).collect();
            let last = self.spot(step, usable.last().copied()).unwrap();
            let slack = (last.day - steps[step].earliest.as_ref().unwrap().day).num_days();
            steps[step].latest = Some(last);
            steps[step].slack = Some(slack);
            steps[step].spare = Some(usable.range(first + 1..).count());
            steps[step].critical = slack == 0;
        }
        // Just in time: of all placements that keep the target, the one whose last steps are latest, then those
        // before them, and so on.
        let backwards = |chosen: &[Option<usize>]| -> Vec<Option<usize>> {
            self.world.order.iter().rev().map(|step| chosen[*step]).collect()
        };
        let keeping = placements.iter().filter(|(starts, _)| *starts <= kept);
        let last = keeping.max_by_key(|(_, chosen)| backwards(chosen)).unwrap();
        said.just_in_time = Some((0..steps.len()).map(|step| self.spot(step, last.1[step])).collect());
        let window = |chosen: &[Option<usize>]| {
            let days = said.ends.iter().map(|step| self.spot(*step, chosen[*step]).unwrap().day);
            let (from, to) = (days.clone().min().unwrap(), days.max().unwrap());
            ((to - from).num_days(), from, to)
        };
        said.window = placements.iter().map(|(_, chosen)| window(chosen)).min();
        Ok(())
    }
}

/// Whether placements, by step, obey the rule; a step without one must have no place in what others wait for.
pub fn check(world: &World<'_>, placed: &[Option<Spot>]) -> Result<(), String> {
    let mut times: Vec<Times> = vec![Times::default(); world.steps.len()];
    for &step in &world.order {
        let seen = &world.steps[step];
        match &seen.state {
            State::Decided { times: fact, spot } => {
                if placed[step].as_ref().is_none_or(|placed| placed.decided != spot.decided) {
                    return Err(format!("step {step}: the fact is moved"));
                }
                times[step] = *fact;
            }
            State::Dead if placed[step].is_some() => return Err(format!("step {step}: rejected and yet placed")),
            State::Dead => {}
            State::Open { .. } => {
                let known = times.clone();
                let lookup = move |from: usize, gate: Gate| known[from].at(gate);
                if let Some(spot) = &placed[step] {
                    let same = |other: &&Spot| other.decided == spot.decided && other.meeting == spot.meeting;
                    let far = || world.far_day(step, spot.day);
                    let Some(own) = seen.spots.iter().find(same).cloned().or_else(far).filter(|own| same(&own)) else {
                        return Err(format!("step {step}: no such meeting"));
                    };
                    let own_at = seen.spots.iter().position(|other| *other == own);
                    if seen.pin != Pin::Free && own_at.is_none_or(|at| seen.pin != Pin::At(at)) {
                        return Err(format!("step {step}: booked elsewhere"));
                    }
                    if !world.fits(step, &own, &lookup, false) {
                        return Err(format!("step {step}: does not fit"));
                    }
                }
                times[step] = World::times(placed[step].as_ref(), world.draft(step, &lookup));
            }
        }
    }
    Ok(())
}

/// What a plan can strive for.
pub const OBJECTIVES: [Objective; 3] = [Objective::Earliest, Objective::Latest, Objective::TightestWindow];
