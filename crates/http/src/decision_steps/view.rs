//! Decision steps as they are shown, in full or opaque.

use super::bookings::BookingView;
use super::handlings::HandlingView;
use super::input::StepDependency;
use super::remedy_claims::ClaimView;
use crate::actions::EditActions;
use crate::actions::view::may_edit;
use crate::auth::Member;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use yhteen_domain::Fault;
use yhteen_domain::actions::{Action, ActionStatus};
use yhteen_domain::decision_steps::{DecisionStep, Details, DiaryNumber, StepVisibility};
use yhteen_domain::external_ids::ExternalId;
use yhteen_domain::ids::{ActionId, BodyId, MeetingId, OrganisationId, StepId};
use yhteen_domain::text::{Name, Tag};
use yhteen_domain::timetable::{BookingState, Occasion, StepState};
use yhteen_domain::vocabulary::StepFunction;
use yhteen_persistence::scope::{Access, Scope};
use yhteen_persistence::standings::Recorded;

/// One body's handling in an action's route. Of an opaque one only its organisation and dates are told: all else
/// is null.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DecisionStep)]
pub struct DecisionStepView {
    id: StepId,
    action_id: ActionId,
    /// The caller may not see more of it.
    opaque: bool,
    /// The body's organisation.
    organisation_id: OrganisationId,
    /// The body that handles it.
    #[schema(required)]
    body_id: Option<BodyId>,
    #[schema(required)]
    title: Option<Name>,
    #[schema(required)]
    function: Option<StepFunction>,
    /// Whether the action needs this step before it may start.
    #[schema(required)]
    authoritative: Option<bool>,
    /// The steps that it waits for.
    #[schema(required)]
    depends_on: Option<Vec<StepDependency>>,
    /// The first day on which it may be handled.
    #[schema(required)]
    not_before: Option<NaiveDate>,
    /// How many days its preparation takes.
    #[schema(required, minimum = 0, maximum = 365)]
    preparation_days: Option<u16>,
    /// A tag that its meeting must have.
    #[schema(required)]
    required_tag: Option<Tag>,
    #[schema(required)]
    visibility: Option<StepVisibility>,
    /// How the body's organisation knows the matter.
    #[schema(required)]
    diary_number: Option<DiaryNumber>,
    /// How far it has come.
    state: StepState,
    /// The meeting that it is to have; null where there is none.
    #[schema(required)]
    booking: Option<BookingView>,
    /// What its body did with it, in the order of the meetings.
    #[schema(required)]
    handlings: Option<Vec<HandlingView>>,
    /// The remedies sought against its decisions, in the order in which they came.
    #[schema(required)]
    remedy_claims: Option<Vec<ClaimView>>,
    /// From which day its decision has legal force, by certificate.
    #[schema(required)]
    recorded_legal_force_on: Option<NaiveDate>,
    /// How the body's organisation and the accountable one know it, for who reads for that organisation.
    #[schema(required)]
    external_ids: Option<Vec<ExternalId>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    permissions: DecisionStepPermissions,
}

/// An occasion as two members of an answer, of which one is null.
pub(super) fn apart(occasion: Occasion) -> (Option<MeetingId>, Option<NaiveDate>) {
    match occasion {
        Occasion::Meeting(id) => (Some(id), None),
        Occasion::Day(on) => (None, Some(on)),
    }
}

/// What the caller may do with the decision step now. A change may still be refused for what it names.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct DecisionStepPermissions {
    /// Change all but its diary number.
    edit: bool,
    /// Give it its diary number.
    edit_diary_number: bool,
    /// Ask the body's organisation for a meeting.
    propose_booking: bool,
    book: bool,
    /// Accept or decline the meeting that is proposed.
    answer_booking: bool,
    hand_in: bool,
    release_booking: bool,
    /// Record or correct what its body did with it.
    record_handling: bool,
    /// Record a remedy sought against its decision, or the ruling.
    record_remedy_claim: bool,
    record_legal_force: bool,
    delete: bool,
}

impl DecisionStepPermissions {
    fn of(step: &DecisionStep, state: StepState, action: &Action, access: Option<&Access>) -> Self {
        let lead = !action.is_closed() && may_edit(access, action.accountable_id);
        let own = !action.is_closed() && may_edit(access, step.organisation_id);
        let early = matches!(action.status, ActionStatus::Draft | ActionStatus::Proposed);
        let open = state != StepState::Decided;
        let proposed = step.booking.as_ref().is_some_and(|booking| booking.state == BookingState::Proposed);
        Self {
            edit: lead && !step.is_history(),
            edit_diary_number: own,
            propose_booking: lead && open && !step.stands_booked(),
            book: own && open,
            answer_booking: own && open && proposed,
            hand_in: own && open && step.stands_booked(),
            release_booking: own && open && step.stands_booked() || (own || lead) && proposed,
            record_handling: own,
            record_remedy_claim: own && !open,
            record_legal_force: own,
            delete: lead && early && step.handlings.is_empty() && step.recorded_legal_force_on.is_none(),
        }
    }
}

/// The steps of an action as a reader is told of them.
pub(crate) struct Telling<'a> {
    pub(super) action: &'a Action,
    pub(super) recorded: &'a Recorded,
    pub(super) scope: &'a Scope,
    pub(super) access: Option<&'a Access>,
}

impl<'a> Telling<'a> {
    /// To the member that changes something.
    pub(crate) fn new(action: &'a Action, recorded: &'a Recorded, member: &'a Member<EditActions>) -> Self {
        Self { action, recorded, scope: member.scope(), access: Some(member.access()) }
    }

    /// Whether the reader sees more of the step than its dates.
    pub(super) fn shows(&self, step: &DecisionStep) -> bool {
        let sees_body = self.recorded.seen.contains(&step.body_id);
        step.is_shown_to(self.action.accountable_id, sees_body, |organisation| self.scope.reads_for(organisation))
    }

    /// One step.
    pub(super) fn step(&self, step: DecisionStep) -> Result<DecisionStepView, Fault> {
        let standing = self.recorded.standing(step.id)?;
        Ok(self.view(step, standing.state))
    }

    /// Several, in their order.
    pub(crate) fn steps(&self, steps: Vec<DecisionStep>) -> Result<Vec<DecisionStepView>, Fault> {
        let standings = self.recorded.standings()?;
        let told = steps.into_iter().map(|step| {
            let state = standings.get(&step.id).map_or(StepState::Open, |standing| standing.state);
            self.view(step, state)
        });
        Ok(told.collect())
    }

    fn view(&self, step: DecisionStep, state: StepState) -> DecisionStepView {
        let permissions = DecisionStepPermissions::of(&step, state, self.action, self.access);
        let (shown, external_ids) = (self.shows(&step), &self.recorded.external_ids);
        let DecisionStep {
            id,
            action_id,
            body_id,
            organisation_id,
            details,
            recorded_legal_force_on,
            booking,
            handlings,
            claims,
            created_at,
            updated_at,
        } = step;
        let Details {
            title,
            function,
            authoritative,
            depends_on,
            not_before,
            preparation_days,
            required_tag,
            visibility,
            diary_number,
        } = details;
        DecisionStepView {
            id,
            action_id,
            opaque: !shown,
            organisation_id,
            body_id: shown.then_some(body_id),
            title: shown.then_some(title),
            function: shown.then_some(function),
            authoritative: shown.then_some(authoritative),
            depends_on: shown.then(|| depends_on.into_iter().map(StepDependency::from).collect()),
            not_before: not_before.filter(|_| shown),
            preparation_days: shown.then_some(preparation_days),
            required_tag: required_tag.filter(|_| shown),
            visibility: shown.then_some(visibility),
            diary_number: diary_number.filter(|_| shown),
            state,
            booking: booking.filter(|_| shown).map(BookingView::from),
            handlings: shown.then(|| handlings.into_iter().map(|it| HandlingView::of(it, external_ids)).collect()),
            remedy_claims: shown.then(|| claims.into_iter().map(|it| ClaimView::of(it, external_ids)).collect()),
            recorded_legal_force_on,
            external_ids: shown.then(|| external_ids.of(id)),
            created_at,
            updated_at,
            permissions,
        }
    }
}
