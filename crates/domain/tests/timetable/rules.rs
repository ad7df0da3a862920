//! The placement rule and the facts, read again from the design's words, for brute force and checker alike:
//! shares nothing with the engine.

use crate::law;
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use std::collections::HashMap;
use yhteen_domain::ids::{MeetingId, StepId};
use yhteen_domain::timetable::{Body, BookingState, Challenge, Handling, Input, Meeting, Occasion, Outcome, Step};
use yhteen_domain::vocabulary::{BodyKind, By, Gate, Regime, StepFunction};

/// A meeting or an office holder's day as a step sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Spot {
    pub meeting: Option<MeetingId>,
    pub deadline: DateTime<Utc>,
    pub starts: DateTime<Utc>,
    pub decided: DateTime<Utc>,
    pub day: NaiveDate,
    pub notified: DateTime<Utc>,
    pub legal_force: DateTime<Utc>,
}

/// Gate times: proposed, decided, notified, final.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Times([Option<DateTime<Utc>>; 4]);

impl Times {
    pub fn at(&self, gate: Gate) -> Option<DateTime<Utc>> {
        self.0[gate as usize]
    }
}

/// What has become of a step.
#[derive(Clone, Debug)]
pub enum State {
    Open { restarted: Option<DateTime<Utc>> },
    Decided { spot: Spot, times: Times },
    Dead,
}

/// A step with all that can be said of it alone.
pub struct Seen<'a> {
    pub step: &'a Step,
    pub body: &'a Body,
    pub state: State,
    /// Every meeting or day that it could have, in order.
    pub spots: Vec<Spot>,
    /// The spot of an accepted booking; `Some(None)` if that is of no use.
    pub pin: Option<Option<usize>>,
    pub handed_in: Option<(Occasion, DateTime<Utc>)>,
    /// The steps that it waits for.
    pub needs: Vec<(usize, Gate, By)>,
}

pub struct World<'a> {
    pub input: &'a Input,
    pub steps: Vec<Seen<'a>>,
    /// The steps, each after those that it waits for.
    pub order: Vec<usize>,
}

/// How far office holders' days are looked at.
pub const HORIZON: i64 = 170;

fn regime_of(step: &Step, body: &Body) -> Regime {
    if step.function == StepFunction::Decision { body.regime } else { Regime::None }
}

fn decided_at(meeting: &Meeting) -> DateTime<Utc> {
    meeting.ends_at.unwrap_or(meeting.starts_at)
}

fn spot(input: &Input, step: &Step, body: &Body, occasion: Occasion) -> Spot {
    let today = law::day_of(input.now);
    let (meeting, deadline, starts, decided, recorded, held) = match occasion {
        Occasion::Day(day) => {
            let at = |hour| law::clock(day.and_time(NaiveTime::from_hms_opt(hour, 0, 0).unwrap()));
            (None, at(8), at(16), at(16), None, day < today)
        }
        Occasion::Meeting(id) => {
            let meeting = body.meetings.iter().find(|meeting| meeting.id == id).unwrap();
            let decided = decided_at(meeting);
            let held = meeting.held || decided <= input.now && !meeting.cancelled;
            (Some(id), meeting.agenda_deadline, meeting.starts_at, decided, meeting.minutes_published_on, held)
        }
    };
    let day = law::day_of(decided);
    let planned = day + TimeDelta::days(body.minutes_publication_days.into());
    let minutes = recorded.unwrap_or(if held { planned.max(today) } else { planned });
    let effect = law::effect(regime_of(step, body), minutes);
    let (notified, legal_force) =
        effect.map_or((decided, decided), |(notice, force)| (law::start_of(notice), law::start_of(force)));
    Spot { meeting, deadline, starts, decided, day, notified, legal_force }
}

fn all_spots(input: &Input, step: &Step, body: &Body) -> Vec<Spot> {
    if body.kind == BodyKind::OfficeHolder {
        let today = law::day_of(input.now);
        // Past days too: a step can be handed in for one.
        let days = (-21..HORIZON).map(|days| today + TimeDelta::days(days));
        let days = days.filter(|day| law::is_open(*day) && body.valid_to.is_none_or(|last| *day <= last));
        return days.map(|day| spot(input, step, body, Occasion::Day(day))).collect();
    }
    let counted = body.meetings.iter().filter(|meeting| {
        !meeting.cancelled && body.valid_to.is_none_or(|last| law::day_of(decided_at(meeting)) <= last)
    });
    let mut spots: Vec<Spot> = counted.map(|meeting| spot(input, step, body, Occasion::Meeting(meeting.id))).collect();
    spots.sort_by_key(|spot| (spot.decided, spot.starts, spot.meeting));
    spots
}

/// Plays all handlings in the order of time.
fn replay(
    input: &Input,
    bodies: &[&Body],
    needs: &[Vec<(usize, Gate, By)>],
) -> Vec<(Option<DateTime<Utc>>, Option<(Spot, Handling)>)> {
    let steps = &input.route.steps;
    let index: HashMap<StepId, usize> = steps.iter().enumerate().map(|(at, step)| (step.id, at)).collect();
    let mut events: Vec<(DateTime<Utc>, usize, Spot, Handling)> = Vec::new();
    for (at, step) in steps.iter().enumerate() {
        for handling in &step.handlings {
            let spot = spot(input, step, bodies[at], handling.occasion);
            events.push((spot.decided, at, spot, *handling));
        }
    }
    // What sends back comes after what else happened at that moment.
    events.sort_by_key(|(time, _, _, handling)| (*time, handling.returned_to_step_id.is_some()));
    let mut state = vec![(None, None); steps.len()];
    for (time, at, spot, handling) in events {
        match handling.outcome {
            Outcome::Tabled | Outcome::Returned => {
                state[at] = (Some(time), None);
                let Some(back) = handling.returned_to_step_id else { continue };
                let mut opened = vec![index[&back]];
                while let Some(step) = opened.pop() {
                    state[step] = (Some(time), None);
                    opened.extend((0..steps.len()).filter(|other| needs[*other].iter().any(|need| need.0 == step)));
                }
            }
            _ => state[at].1 = Some((spot, handling)),
        }
    }
    state
}

impl<'a> World<'a> {
    pub fn new(input: &'a Input) -> Self {
        let steps = &input.route.steps;
        let at = |id: StepId| steps.iter().position(|step| step.id == id).unwrap();
        let needs: Vec<Vec<_>> = steps
            .iter()
            .map(|step| step.depends_on.iter().map(|on| (at(on.step_id), on.gate, on.by)).collect())
            .collect();
        let bodies: Vec<&Body> =
            steps.iter().map(|step| input.bodies.iter().find(|body| body.id == step.body_id).unwrap()).collect();
        let history = replay(input, &bodies, &needs);
        let mut order: Vec<usize> = Vec::new();
        while order.len() < steps.len() {
            let next = (0..steps.len())
                .find(|step| !order.contains(step) && needs[*step].iter().all(|need| order.contains(&need.0)));
            order.push(next.expect("no cycle"));
        }
        let seen = steps.iter().zip(bodies).zip(history).zip(needs);
        let steps =
            seen.map(|(((step, body), (restarted, last)), needs)| see(input, step, body, restarted, last, needs));
        Self { input, steps: steps.collect(), order }
    }

    /// A day of an office holder past the horizon.
    pub fn far_day(&self, step: usize, day: NaiveDate) -> Option<Spot> {
        let Seen { step, body, .. } = self.steps[step];
        let is_day =
            body.kind == BodyKind::OfficeHolder && law::is_open(day) && body.valid_to.is_none_or(|last| day <= last);
        is_day.then(|| spot(self.input, step, body, Occasion::Day(day)))
    }

    /// When preparation can start.
    pub fn base(&self, step: usize) -> DateTime<Utc> {
        match self.steps[step].state {
            State::Open { restarted } => restarted.unwrap_or(self.input.now).max(self.input.now),
            _ => self.input.now,
        }
    }

    /// Whether the step can have the spot, with the inputs' times as told by `times`; an input without a time fits
    /// only if `leniently`.
    pub fn fits(
        &self,
        at: usize,
        spot: &Spot,
        times: &dyn Fn(usize, Gate) -> Option<DateTime<Utc>>,
        leniently: bool,
    ) -> bool {
        let seen = &self.steps[at];
        let ready = law::days_away(spot.deadline, -i64::from(seen.step.preparation_days));
        let this = spot.meeting.map_or(Occasion::Day(spot.day), Occasion::Meeting);
        let waived = seen.handed_in.is_some_and(|(occasion, _)| occasion == this);
        let meeting = spot.meeting.and_then(|id| seen.body.meetings.iter().find(|meeting| meeting.id == id));
        let tagged = |tag| meeting.is_some_and(|meeting| meeting.tags.contains(tag));
        (waived || self.base(at) <= ready)
            && seen.step.not_before.is_none_or(|day| day <= spot.day)
            && seen.step.required_tag.as_ref().is_none_or(tagged)
            && seen.needs.iter().all(|(from, gate, by)| match (times(*from, *gate), by) {
                (None, _) => leniently,
                (Some(time), By::AgendaDeadline) => time <= ready,
                (Some(time), By::Meeting) => time <= spot.starts,
            })
    }

    /// When the draft of an open step exists.
    pub fn draft(&self, at: usize, times: &dyn Fn(usize, Gate) -> Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
        let seen = &self.steps[at];
        if let Some((_, time)) = seen.handed_in {
            return Some(time);
        }
        let mut inputs = self.base(at);
        for (from, gate, by) in &seen.needs {
            if *by == By::AgendaDeadline {
                inputs = inputs.max(times(*from, *gate)?);
            }
        }
        Some(law::days_away(inputs, seen.step.preparation_days.into()))
    }

    pub fn times(&self, spot: Option<&Spot>, draft: Option<DateTime<Utc>>) -> Times {
        Times([draft, spot.map(|spot| spot.decided), spot.map(|spot| spot.notified), spot.map(|spot| spot.legal_force)])
    }
}

fn see<'a>(
    input: &'a Input,
    step: &'a Step,
    body: &'a Body,
    restarted: Option<DateTime<Utc>>,
    last: Option<(Spot, Handling)>,
    needs: Vec<(usize, Gate, By)>,
) -> Seen<'a> {
    let spots = all_spots(input, step, body);
    let booking = step.booking.filter(|booking| booking.state != BookingState::Declined).filter(|booking| {
        let handled = step.handlings.iter().any(|handling| handling.occasion == booking.occasion);
        let over = restarted.is_some_and(|at| spot(input, step, body, booking.occasion).decided <= at);
        !handled && !over
    });
    let certificate = step.recorded_legal_force_on.filter(|day| restarted.is_none_or(|at| at < law::start_of(*day)));
    let dead = |outcome| {
        let against = matches!(outcome, Outcome::Rejected | Outcome::Withdrawn);
        step.authoritative && (against || step.challenge == Challenge::Annulled)
    };
    let state = match (last, certificate) {
        (Some((_, handling)), _) if dead(handling.outcome) => State::Dead,
        (Some((spot, _)), _) => fact(step, body, spot, certificate),
        (None, Some(day)) => {
            let handed_in =
                booking.filter(|booking| booking.state == BookingState::Accepted && booking.handed_in_at.is_some());
            let known = handed_in.map(|booking| spot(input, step, body, booking.occasion));
            let midnight = law::start_of(day);
            match known.filter(|spot| spot.decided <= midnight) {
                Some(spot) => fact(step, body, spot, certificate),
                None => {
                    let (meeting, deadline, starts, decided) = (None, midnight, midnight, midnight);
                    let spot =
                        Spot { meeting, deadline, starts, decided, day, notified: decided, legal_force: decided };
                    State::Decided { times: Times([Some(midnight); 4]), spot }
                }
            }
        }
        (None, None) => State::Open { restarted },
    };
    let pin = booking.filter(|booking| booking.state == BookingState::Accepted).map(|booking| {
        spots.iter().position(|spot| match booking.occasion {
            Occasion::Meeting(id) => spot.meeting == Some(id),
            Occasion::Day(day) => spot.day == day,
        })
    });
    let handed_in = booking.and_then(|booking| Some((booking.occasion, booking.handed_in_at?)));
    Seen { step, body, state, spots, pin, handed_in, needs }
}

fn fact(step: &Step, body: &Body, spot: Spot, certificate: Option<NaiveDate>) -> State {
    let computed = spot.legal_force;
    let lawful = regime_of(step, body) != Regime::None;
    let legal_force = match (certificate, step.challenge) {
        (Some(day), _) => Some(law::start_of(day)),
        (None, Challenge::Pending) => None,
        (None, Challenge::RectificationDismissed { notice_on }) => {
            // Thirty days from notice, which is seven days after a date that is seven days before it.
            let (_, force) = law::effect(Regime::MunicipalCouncil, notice_on - TimeDelta::days(7)).unwrap();
            Some(law::start_of(force))
        }
        (None, Challenge::AppealDismissed { on }) => {
            let ruling = law::start_of(on);
            Some(if lawful { ruling.max(computed) } else { ruling })
        }
        (None, Challenge::None | Challenge::Annulled) => Some(computed),
    };
    State::Decided { times: Times([Some(spot.decided), Some(spot.decided), Some(spot.notified), legal_force]), spot }
}
