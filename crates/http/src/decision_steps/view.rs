//! Decision steps as they are shown, in full or opaque.

use super::input::StepDependency;
use crate::actions::view::may_edit;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use yhteen_domain::actions::{Action, ActionStatus};
use yhteen_domain::decision_steps::{DecisionStep, Details, DiaryNumber, StepVisibility};
use yhteen_domain::ids::{ActionId, BodyId, OrganisationId, StepId};
use yhteen_domain::text::{Name, Tag};
use yhteen_domain::vocabulary::StepFunction;
use yhteen_persistence::scope::{Access, Scope};

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
    /// From which day its decision has legal force, by certificate.
    #[schema(required)]
    recorded_legal_force_on: Option<NaiveDate>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    permissions: DecisionStepPermissions,
}

/// What the caller may do with the decision step now.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct DecisionStepPermissions {
    /// Change all but its diary number.
    edit: bool,
    /// Give it its diary number.
    edit_diary_number: bool,
    record_legal_force: bool,
    delete: bool,
}

impl DecisionStepPermissions {
    fn of(step: &DecisionStep, action: &Action, access: Option<&Access>) -> Self {
        let lead = !action.is_closed() && may_edit(access, action.accountable_id);
        let own = !action.is_closed() && may_edit(access, step.organisation_id);
        let early = matches!(action.status, ActionStatus::Draft | ActionStatus::Proposed);
        Self {
            edit: lead && step.recorded_legal_force_on.is_none(),
            edit_diary_number: own,
            record_legal_force: own,
            delete: lead && early,
        }
    }
}

impl DecisionStepView {
    pub(super) fn of(
        step: DecisionStep,
        action: &Action,
        sees_body: bool,
        scope: &Scope,
        access: Option<&Access>,
    ) -> Self {
        let permissions = DecisionStepPermissions::of(&step, action, access);
        let shown = step.is_shown_to(action.accountable_id, sees_body, |organisation| scope.reads_for(organisation));
        let DecisionStep {
            id,
            action_id,
            body_id,
            organisation_id,
            details,
            recorded_legal_force_on,
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
        Self {
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
            recorded_legal_force_on,
            created_at,
            updated_at,
            permissions,
        }
    }
}
