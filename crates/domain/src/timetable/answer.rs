//! What the engine answers: the names here are the names in JSON, and they stay.

use super::model::{Body, NotApplicable, Objective, Route};
use crate::ids::{BodyId, MeetingId, OrganisationId, StepId};
use crate::time::{date_of, midnight};
use crate::vocabulary::Gate;
// The schemas know chrono's types by their own names.
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

crate::vocabulary! {
    /// Whether the action can start as planned.
    Verdict {
        /// It cannot start at all as things stand.
        Infeasible = "infeasible",
        /// What is published does not say.
        Unknown = "unknown",
        /// It can start, but after the planned date; or that has passed, and it has not started.
        Late = "late",
        /// It can start on the planned date.
        Feasible = "feasible",
        /// Nothing is planned: it is completed, cancelled or on hold.
        NotApplicable = "not_applicable",
    }

    /// How far a step has come.
    StepState {
        /// Nothing is reserved.
        Open = "open",
        /// Its body has reserved a meeting.
        Booked = "booked",
        /// It is handed in for its meeting.
        OnAgenda = "on_agenda",
        /// It has been decided, one way or the other.
        Decided = "decided",
    }

    /// Why a step cannot be placed.
    BlockReason {
        /// Its body has decided against.
        Rejected = "rejected",
        /// It was withdrawn.
        Withdrawn = "withdrawn",
        /// Its decision was annulled.
        Annulled = "annulled",
        /// The inputs of the booked meeting come too late, or its date or tag does not suit.
        BookingTooEarly = "booking_too_early",
        /// The booked meeting was cancelled.
        BookingCancelled = "booking_cancelled",
        /// The agenda of the booked meeting is closed and nothing was handed in.
        BookingMissed = "booking_missed",
        /// Its body ends before it could decide.
        BodyEnds = "body_ends",
        /// Nothing fits in the published calendar of its body.
        Calendar = "calendar",
        /// A remedy sought against its decision waits for a ruling.
        AppealPending = "appeal_pending",
    }

    /// What keeps a step from being earlier.
    BindingKind {
        /// The meeting that is booked.
        Booking = "booking",
        /// A step that it waits for.
        Predecessor = "predecessor",
        /// Its own first date.
        NotBefore = "not_before",
        /// Its preparation can start only now.
        Now = "now",
        /// Its body has no earlier meeting.
        Calendar = "calendar",
    }
}

impl BlockReason {
    /// Whether it makes the action infeasible, rather than its timetable unknown.
    pub fn is_infeasible(self) -> bool {
        !matches!(self, Self::Calendar | Self::AppealPending)
    }
}

/// The timetable of an action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Timetable {
    /// Whether the action can start as planned.
    pub verdict: Verdict,
    /// What the plan in `steps[].planned` strives for.
    pub objective: Objective,
    /// The time for which it was computed.
    pub computed_at: DateTime<Utc>,
    /// The action's planned start.
    #[schema(required)]
    pub target_on: Option<NaiveDate>,
    /// What every authoritative step must have reached.
    pub start_gate: Gate,
    /// When the action can start.
    pub start: Start,
    /// The roots of why it cannot be said, or cannot be.
    pub blocking: Vec<Blocking>,
    /// The steps, in the order in which they came to be.
    pub steps: Vec<StepTimetable>,
    /// What the start waits for, in order of time; empty where the start is not known.
    pub critical_chain: Vec<ChainLink>,
    /// What names the plan in `steps[].planned` and all that it rests on, for `timetable:book`; null in what is only tried.
    #[schema(required)]
    pub plan_digest: Option<String>,
    /// For the objective `tightest_window`, where the start is known: the span of the last decisions.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub window: Option<Window>,
    /// Why nothing is planned; null where the verdict is another than `not_applicable`.
    #[schema(required)]
    pub not_applicable_reason: Option<NotApplicable>,
}

/// When the action can start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TimetableStart)]
pub struct Start {
    /// The first date by whose 00:00 every authoritative step has reached the start gate.
    #[schema(required)]
    pub earliest_on: Option<NaiveDate>,
    /// Days from the planned start to that date, or to today where that is later and the action has not started; not
    /// below 0, and null without a planned start.
    #[schema(required)]
    pub delay_days: Option<i64>,
}

/// A step that cannot be placed, for a reason of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TimetableBlocking)]
pub struct Blocking {
    /// The step.
    pub step_id: StepId,
    /// Its body; null where the reader may not know it.
    #[schema(required)]
    pub body_id: Option<BodyId>,
    /// The reason.
    pub reason: BlockReason,
    /// The first date on which an agenda deadline would do, where known.
    #[schema(required)]
    pub needed_until: Option<NaiveDate>,
}

/// One step in the timetable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TimetableStep)]
pub struct StepTimetable {
    /// The step.
    pub step_id: StepId,
    /// Its body; null where the reader may not know it.
    #[schema(required)]
    pub body_id: Option<BodyId>,
    /// The organisation of the body.
    pub organisation_id: OrganisationId,
    /// Whether the reader sees no more of it than its own dates, by day: instants are 00:00 of the day in Helsinki then.
    pub opaque: bool,
    /// How far it has come.
    pub state: StepState,
    /// Its meeting in the plan for the objective; of an open opaque step in the earliest plan alone.
    #[schema(required)]
    pub planned: Option<Placement>,
    /// The first meeting at which it can be handled.
    #[schema(required)]
    pub earliest: Option<Placement>,
    /// The last meeting at which it can be handled without the start moving; null where an opaque step is not decided.
    #[schema(required)]
    pub latest: Option<Placement>,
    /// Days from `earliest` to `latest`; null where the step is opaque.
    #[schema(required)]
    pub slack_days: Option<i64>,
    /// The meetings that it could use after `earliest`, up to `latest`; null where the step is opaque.
    #[schema(required)]
    pub spare_meetings: Option<usize>,
    /// Whether the start moves if it moves; where the step is opaque, whether the start waits for it.
    pub critical: bool,
    /// What keeps it from being earlier; null for what has happened, and where the step is opaque.
    #[schema(required)]
    pub binding: Option<Binding>,
}

/// A step at a meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TimetablePlacement)]
pub struct Placement {
    /// The meeting; null for the day of an office holder, and where the step is opaque.
    #[schema(required)]
    pub meeting_id: Option<MeetingId>,
    /// When it starts.
    pub starts_at: DateTime<Utc>,
    /// The last moment to hand the matter in.
    pub agenda_deadline: DateTime<Utc>,
    /// When it has decided.
    pub decided_at: DateTime<Utc>,
    /// The date of deemed notice; null where no remedy lies.
    #[schema(required)]
    pub notice_on: Option<NaiveDate>,
    /// The date of legal force; null where no remedy lies.
    #[schema(required)]
    pub legal_force_on: Option<NaiveDate>,
    /// Whether the dates of law are provisional, since the minutes are overdue.
    pub minutes_overdue: bool,
}

/// What keeps a step from being earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TimetableBinding)]
pub struct Binding {
    /// What it is.
    pub kind: BindingKind,
    /// For a predecessor: the step waited for.
    #[schema(required)]
    pub step_id: Option<StepId>,
    /// For a predecessor: the gate that it must pass.
    #[schema(required)]
    pub gate: Option<Gate>,
}

/// One link of the critical chain: a step reaches a gate; the last link, without either, is the start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TimetableLink)]
pub struct ChainLink {
    /// The step; null for the start of the action.
    #[schema(required)]
    pub step_id: Option<StepId>,
    /// The gate; null for the start of the action.
    #[schema(required)]
    pub gate: Option<Gate>,
    /// When.
    pub at: DateTime<Utc>,
    /// The link in words; null where the reader may not know the step.
    // Left out by the engine, which does not know the names of bodies: see `words`.
    #[schema(required, examples("Kouvola council 9 Nov decides"))]
    pub text: Option<String>,
}

/// The span of the last decisions of all organisations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TimetableWindow)]
pub struct Window {
    /// The date of the first.
    pub from: NaiveDate,
    /// The date of the last.
    pub to: NaiveDate,
    /// Days from the one to the other.
    pub days: i64,
}

impl Timetable {
    /// All that the plan is and rests on, the clock aside, as one text: the same as long as no step, no meeting and no place
    /// in the plan is another. It tells of what a reader may not see, so that only a digest of it is given away.
    pub fn basis(&self, route: &Route, bodies: &[Body]) -> String {
        let mut named: Vec<&Body> =
            bodies.iter().filter(|body| route.steps.iter().any(|s| s.body_id == body.id)).collect();
        named.sort_unstable_by_key(|body| body.id);
        let places: Vec<_> = self
            .steps
            .iter()
            .map(|step| (step.step_id, step.planned.map(|place| (place.meeting_id, place.starts_at))))
            .collect();
        let basis = serde_json::json!({"objective": self.objective, "route": route, "bodies": named, "plan": places});
        basis.to_string()
    }

    /// Of an action for which nothing is planned: what has been decided, and no more.
    pub(super) fn without_plan(mut self, reason: NotApplicable) -> Self {
        for step in self.steps.iter_mut().filter(|step| step.state != StepState::Decided) {
            (step.planned, step.earliest, step.latest) = (None, None, None);
            (step.slack_days, step.spare_meetings, step.binding, step.critical) = (None, None, None, false);
        }
        Self {
            verdict: Verdict::NotApplicable,
            start: Start::default(),
            blocking: Vec::new(),
            critical_chain: Vec::new(),
            window: None,
            not_applicable_reason: Some(reason),
            ..self
        }
    }

    /// Leaves of the steps for which `is_hidden` holds no more than organisation, state and their own dates, by day. What
    /// binds a step tells of its route and its booking; its latest meeting, its slack and its place in another plan than
    /// the earliest tell of further meetings in a calendar that may be private.
    pub fn veil(&mut self, is_hidden: impl Fn(StepId) -> bool) {
        for blocking in self.blocking.iter_mut().filter(|blocking| is_hidden(blocking.step_id)) {
            blocking.body_id = None;
            blocking.needed_until = None;
        }
        for link in &mut self.critical_chain {
            if link.step_id.is_some_and(&is_hidden) {
                link.at = midnight(date_of(link.at));
            }
        }
        let own_plan = self.objective == Objective::Earliest;
        for step in self.steps.iter_mut().filter(|step| is_hidden(step.step_id)) {
            let in_chain = self.critical_chain.iter().any(|link| link.step_id == Some(step.step_id));
            step.veil(own_plan, in_chain);
        }
        // The ends of the span are told where they are the dates of steps that the reader sees.
        let seen = |on| {
            self.steps.iter().any(|step| !step.opaque && step.planned.is_some_and(|at| date_of(at.decided_at) == on))
        };
        let any_opaque = self.steps.iter().any(|step| step.opaque);
        self.window = self.window.filter(|window| !any_opaque || seen(window.from) && seen(window.to));
    }
}

impl StepTimetable {
    /// Leaves of it what an opaque step shows: its own dates, by day.
    fn veil(&mut self, own_plan: bool, in_chain: bool) {
        self.opaque = true;
        (self.body_id, self.binding, self.spare_meetings, self.slack_days) = (None, None, None, None);
        if self.state != StepState::Decided {
            self.latest = None;
            self.critical = in_chain;
            self.planned = self.planned.filter(|_| own_plan || self.state != StepState::Open);
        }
        for placement in [&mut self.planned, &mut self.earliest, &mut self.latest].into_iter().flatten() {
            placement.meeting_id = None;
            for at in [&mut placement.starts_at, &mut placement.agenda_deadline, &mut placement.decided_at] {
                *at = midnight(date_of(*at));
            }
        }
    }
}
