//! Actions and participants as they are shown, with what the caller may do with them.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;
use yhteen_domain::actions::participants::{Commitment, Participant, ParticipantRole};
use yhteen_domain::actions::{
    Action, ActionStatus, ActionVisibility, Details, PreventionLevel, StartGate, TargetGroup,
};
use yhteen_domain::ids::{ActionId, GoalId, OrganisationId, ProgrammeId};
use yhteen_domain::meta::Meta;
use yhteen_domain::roles::Role;
use yhteen_domain::text::{MunicipalityCode, Name, Prose, ShortCode, Tag};
use yhteen_domain::timetable::Readiness;
use yhteen_persistence::scope::Access;
use yhteen_persistence::standings::Decisions;

/// A shared change action.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Action)]
pub struct ActionView {
    id: ActionId,
    /// Counts the changes of the action, its participants and decision steps, from 1.
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    programme_id: ProgrammeId,
    /// The organisation that leads it.
    accountable_id: OrganisationId,
    /// Chosen by people, unique in the programme.
    code: ShortCode,
    title: Name,
    #[schema(required)]
    description: Option<Prose>,
    /// The goals of the programme that it serves.
    goals: Vec<GoalId>,
    status: ActionStatus,
    /// The status before the hold or the cancellation.
    #[schema(required)]
    held_status: Option<ActionStatus>,
    visibility: ActionVisibility,
    /// The planned first day.
    #[schema(required)]
    starts_on: Option<NaiveDate>,
    /// The planned last day.
    #[schema(required)]
    ends_on: Option<NaiveDate>,
    /// The day on which it was started.
    #[schema(required)]
    started_on: Option<NaiveDate>,
    /// The day on which it was completed.
    #[schema(required)]
    ended_on: Option<NaiveDate>,
    /// What its authoritative decisions must have reached before it starts.
    start_gate: StartGate,
    target_groups: BTreeSet<TargetGroup>,
    #[schema(required)]
    prevention_level: Option<PreventionLevel>,
    /// Municipalities.
    area: BTreeSet<MunicipalityCode>,
    tags: BTreeSet<Tag>,
    /// Who takes part, or was asked to; in lists only with `include=participants`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    participants: Option<Vec<ParticipantView>>,
    /// Whether its decisions let it start now, and what is missing; not in lists. It follows from time and from the bodies'
    /// meetings too, so that it changes without the version.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    readiness: Option<Readiness>,
    permissions: ActionPermissions,
}

/// What the caller may do with the action as it stands: what is true here is not refused for the action's state.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct ActionPermissions {
    /// Change it, invite participants, and propose decision steps.
    edit: bool,
    /// Delete it.
    delete: bool,
    propose: bool,
    /// Every implementing and funding participant is committed.
    agree: bool,
    /// Every authoritative step has reached the start gate; in lists, where that is not computed, false.
    start: bool,
    complete: bool,
    cancel: bool,
    hold: bool,
    resume: bool,
    /// Commit or decline for one of the caller's organisations.
    commit: bool,
    /// Book the plan of its timetable; in lists only of the caller's own actions.
    book: bool,
    /// Withdraw one of the caller's organisations.
    withdraw: bool,
}

impl ActionPermissions {
    fn of(
        action: &Action,
        participants: &[ParticipantView],
        decisions: Option<&Decisions>,
        access: Option<&Access>,
    ) -> Self {
        use ActionStatus::{Agreed, Draft, InProgress, OnHold, Proposed};
        let edit = !action.is_closed() && may_edit(access, action.accountable_id);
        let has_step = |decisions: &Decisions| decisions.organisations.iter().any(|it| may_edit(access, *it));
        let with_step = !action.is_closed() && decisions.is_some_and(has_step);
        let when = |statuses: &[ActionStatus]| edit && statuses.contains(&action.status);
        Self {
            edit,
            delete: when(&[Draft]),
            propose: when(&[Draft]),
            agree: when(&[Proposed]) && action.uncommitted().next().is_none(),
            start: when(&[Agreed]) && decisions.is_some_and(|decisions| decisions.readiness.ready),
            complete: when(&[InProgress]),
            cancel: edit,
            hold: when(&[Agreed, InProgress]),
            resume: when(&[OnHold]),
            commit: participants.iter().any(|participant| participant.permissions.commit),
            book: (edit || with_step) && action.status != OnHold,
            withdraw: participants.iter().any(|participant| participant.permissions.withdraw),
        }
    }
}

/// Whether the caller is an editor of the organisation.
pub(crate) fn may_edit(access: Option<&Access>, organisation: OrganisationId) -> bool {
    access.is_some_and(|access| access.may(organisation, Role::Editor))
}

impl ActionView {
    pub(super) fn of(action: Action, decisions: Option<Decisions>, access: Option<&Access>) -> Self {
        let participants: Vec<_> =
            action.participants.iter().map(|participant| ParticipantView::of(participant, &action, access)).collect();
        let permissions = ActionPermissions::of(&action, &participants, decisions.as_ref(), access);
        let Action {
            id,
            meta,
            programme_id,
            accountable_id,
            status,
            held_status,
            started_on,
            ended_on,
            details,
            participants: _,
        } = action;
        let Meta { version, created_at, updated_at } = meta;
        let Details {
            code,
            title,
            description,
            goals,
            visibility,
            starts_on,
            ends_on,
            start_gate,
            target_groups,
            prevention_level,
            area,
            tags,
        } = details;
        Self {
            id,
            version,
            created_at,
            updated_at,
            programme_id,
            accountable_id,
            code,
            title,
            description,
            goals,
            status,
            held_status,
            visibility,
            starts_on,
            ends_on,
            started_on,
            ended_on,
            start_gate,
            target_groups,
            prevention_level,
            area,
            tags,
            participants: Some(participants),
            readiness: decisions.map(|decisions| decisions.readiness),
            permissions,
        }
    }

    /// The same without its participants.
    pub(super) fn thin(self) -> Self {
        Self { participants: None, ..self }
    }
}

/// One organisation's part in an action.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Participant)]
pub struct ParticipantView {
    organisation_id: OrganisationId,
    /// As what it takes part.
    roles: BTreeSet<ParticipantRole>,
    commitment: Commitment,
    /// When it was asked last.
    invited_at: DateTime<Utc>,
    /// When it answered last; null until it has answered the last invitation.
    #[schema(required)]
    answered_at: Option<DateTime<Utc>>,
    permissions: ParticipantPermissions,
}

/// What the caller may do with the participant now.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct ParticipantPermissions {
    /// Change its roles.
    edit: bool,
    /// Take the invitation back.
    delete: bool,
    commit: bool,
    decline: bool,
    withdraw: bool,
}

impl ParticipantView {
    pub(super) fn of(participant: &Participant, action: &Action, access: Option<&Access>) -> Self {
        let Participant { organisation_id, roles, commitment, invited_at, answered_at } = participant.clone();
        let lead = !action.is_closed() && may_edit(access, action.accountable_id);
        let own = !action.is_closed() && may_edit(access, organisation_id);
        let invited = commitment == Commitment::Invited;
        let permissions = ParticipantPermissions {
            edit: lead,
            delete: lead && invited,
            commit: own && invited,
            decline: own && invited,
            withdraw: own && participant.is_committed() && !participant.is_accountable(),
        };
        Self { organisation_id, roles, commitment, invited_at, answered_at, permissions }
    }
}
