//! What the engine is told: an action's decision route, the bodies with their meetings, and what has happened.

use crate::actions::ActionStatus;
use crate::ids::{BodyId, MeetingId, OrganisationId, StepId};
use crate::meetings;
use crate::text::Tag;
use crate::time::{Date, Instant};
use crate::vocabulary::{BodyKind, By, Gate, OrganisationKind, Regime, StepFunction};

use serde::Serialize;

crate::vocabulary! {
    /// How far the booking of a meeting for a step has come.
    BookingState {
        /// Somebody has asked for the meeting.
        Proposed = "proposed",
        /// The body's own organisation has reserved it.
        Accepted = "accepted",
        /// The body's own organisation has refused it.
        Declined = "declined",
    }

    /// How one handling of a step at a meeting ended.
    Outcome {
        /// Decided as proposed.
        Approved = "approved",
        /// Decided with amendments.
        ApprovedAmended = "approved_amended",
        /// Decided against.
        Rejected = "rejected",
        /// Sent back for new preparation.
        Returned = "returned",
        /// Left on the table for a later meeting.
        Tabled = "tabled",
        /// Taken off by whoever proposed it.
        Withdrawn = "withdrawn",
    }

    /// Why nothing is planned for an action.
    NotApplicable {
        /// It has been carried out.
        Completed = "completed",
        /// It was given up.
        Cancelled = "cancelled",
        /// It is paused.
        OnHold = "on_hold",
    }

    /// What a computed plan strives for.
    Objective {
        /// Every step as early as it can be.
        Earliest = "earliest",
        /// Every step as late as the target allows: just in time.
        Latest = "latest",
        /// The last decisions of all organisations within the fewest days.
        TightestWindow = "tightest_window",
    }
}

impl Outcome {
    /// Whether the body has decided in favour.
    pub fn is_approval(self) -> bool {
        matches!(self, Self::Approved | Self::ApprovedAmended)
    }
}

/// All that the timetable of one action is computed from.
#[derive(Clone, Debug)]
pub struct Input {
    /// The time for which it is computed.
    pub now: Instant,
    /// The action's decision route.
    pub route: Route,
    /// The bodies of its steps.
    pub bodies: Vec<Body>,
}

/// The decision route of an action.
#[derive(Clone, Debug, Serialize)]
pub struct Route {
    /// The action's planned start: its authoritative steps are to have reached the start gate by 00:00.
    pub target_on: Option<Date>,
    /// What every authoritative step must have reached for the action to start: `decided`, or `final`.
    pub start_gate: Gate,
    /// The steps, in any order.
    pub steps: Vec<Step>,
    /// How far the action has come.
    pub progress: Progress,
}

/// How far an action has come, as far as its timetable depends on that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Progress {
    /// It is to start yet: once its planned start has passed, it is late.
    NotStarted,
    /// It has started.
    Started,
    /// Nothing is planned for it.
    NotApplicable(NotApplicable),
}

impl From<ActionStatus> for Progress {
    fn from(status: ActionStatus) -> Self {
        match status {
            ActionStatus::Draft | ActionStatus::Proposed | ActionStatus::Agreed => Self::NotStarted,
            ActionStatus::InProgress => Self::Started,
            ActionStatus::OnHold => Self::NotApplicable(NotApplicable::OnHold),
            ActionStatus::Completed => Self::NotApplicable(NotApplicable::Completed),
            ActionStatus::Cancelled => Self::NotApplicable(NotApplicable::Cancelled),
        }
    }
}

/// One body's handling in a decision route.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// The step.
    pub id: StepId,
    /// The body that handles it.
    pub body_id: BodyId,
    /// What the body does: only a decision takes the body's regime.
    pub function: StepFunction,
    /// Whether the action waits for it.
    pub authoritative: bool,
    /// What it waits for itself.
    pub depends_on: Vec<Dependency>,
    /// The first date on which the meeting may be.
    pub not_before: Option<Date>,
    /// Calendar days from its inputs to the agenda deadline.
    pub preparation_days: u32,
    /// The tag that its meeting must have.
    pub required_tag: Option<Tag>,
    /// The meeting reserved for it.
    pub booking: Option<Booking>,
    /// What has been recorded at meetings, oldest first.
    pub handlings: Vec<Handling>,
    /// The remedy sought against its decision.
    pub challenge: Challenge,
    /// The date of legal force on a certificate, which wins over every computation.
    pub recorded_legal_force_on: Option<Date>,
}

impl Step {
    /// A step that nothing is known of but what it is.
    pub fn new(id: StepId, body_id: BodyId, function: StepFunction) -> Self {
        Self {
            id,
            body_id,
            function,
            authoritative: false,
            depends_on: Vec::new(),
            not_before: None,
            preparation_days: 0,
            required_tag: None,
            booking: None,
            handlings: Vec::new(),
            challenge: Challenge::None,
            recorded_legal_force_on: None,
        }
    }
}

/// What a step waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Dependency {
    /// The step waited for.
    pub step_id: StepId,
    /// The point that it must have passed.
    pub gate: Gate,
    /// Until when.
    pub by: By,
}

/// Where a body acts: office holders have days in place of meetings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub enum Occasion {
    /// A meeting of the step's body.
    Meeting(MeetingId),
    /// A day of the step's office holder.
    Day(Date),
}

/// A meeting reserved for a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Booking {
    /// The meeting.
    pub occasion: Occasion,
    /// Whether the body's own organisation agrees.
    pub state: BookingState,
    /// When the matter was put on the agenda.
    pub handed_in_at: Option<Instant>,
}

/// One attempt of a step at one meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Handling {
    /// The meeting.
    pub occasion: Occasion,
    /// How it ended.
    pub outcome: Outcome,
    /// For [`Outcome::Returned`]: the earlier step that is open again, with all that depends on it.
    pub returned_to_step_id: Option<StepId>,
}

/// The remedy sought against a decision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum Challenge {
    /// None is known of.
    #[default]
    None,
    /// A claim for rectification or an appeal waits for its ruling: the decision is not final.
    Pending,
    /// The claim for rectification was dismissed, with notice on a date: an appeal can follow.
    RectificationDismissed {
        /// The date of notice of the dismissal.
        notice_on: Date,
    },
    /// The appeal was dismissed on a date.
    AppealDismissed {
        /// The date of the ruling.
        on: Date,
    },
    /// The decision was annulled or overturned: it counts as rejected.
    Annulled,
}

/// A decision-making body and its calendar.
#[derive(Clone, Debug, Serialize)]
pub struct Body {
    /// The body.
    pub id: BodyId,
    /// The organisation whose body it is.
    pub organisation_id: OrganisationId,
    /// What sort of organisation that is: it picks the act whose periods apply.
    pub organisation_kind: OrganisationKind,
    /// What sort of body it is.
    pub kind: BodyKind,
    /// The regime of its decisions: [`crate::legal::default_regime`] or what its organisation has set.
    pub regime: Regime,
    /// Calendar days from a meeting to the publication of its minutes.
    pub minutes_publication_days: u32,
    /// How far its calendar is known, as given.
    pub published_until: Option<Date>,
    /// Its last day.
    pub valid_to: Option<Date>,
    /// Its meetings, in any order, with agenda deadline ≤ start ≤ end.
    pub meetings: Vec<Meeting>,
}

/// One dated meeting of a body.
#[derive(Clone, Debug, Serialize)]
pub struct Meeting {
    /// The meeting.
    pub id: MeetingId,
    /// When it starts.
    pub starts_at: Instant,
    /// When it ends, where that is known.
    pub ends_at: Option<Instant>,
    /// The last moment to hand a matter in for it.
    pub agenda_deadline: Instant,
    /// Whether it was called off.
    pub cancelled: bool,
    /// Whether it is recorded as held.
    pub held: bool,
    /// What it is marked with.
    pub tags: Vec<Tag>,
    /// The date on which its minutes were published.
    pub minutes_published_on: Option<Date>,
}

impl From<&meetings::Meeting> for Meeting {
    fn from(meeting: &meetings::Meeting) -> Self {
        let details = &meeting.details;
        Self {
            id: meeting.id,
            starts_at: details.starts_at,
            ends_at: details.ends_at,
            agenda_deadline: details.agenda_deadline.at,
            cancelled: meeting.cancelled,
            held: details.state == meetings::MeetingState::Held,
            tags: details.tags.clone(),
            minutes_published_on: details.minutes_published_on,
        }
    }
}
