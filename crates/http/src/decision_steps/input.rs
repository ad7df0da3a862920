//! What callers say of decision steps: new ones and changes.

pub mod by_external_id;

use crate::patch::{double, localised, patched, present};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use yhteen_domain::Fault;
use yhteen_domain::decision_steps::{Dependency, Details, DiaryNumber, StepVisibility};
use yhteen_domain::ids::{BodyId, MeetingId, OrganisationId, StepId};
use yhteen_domain::text::{Name, NamePatch, Tag};
use yhteen_domain::time::{Date, Day};
use yhteen_domain::timetable::Occasion;
use yhteen_domain::vocabulary::{By, Gate, StepFunction};

/// What a decision step waits for.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = StepDependency)]
pub struct StepDependency {
    /// The step of the same action that comes before.
    step_id: StepId,
    /// Which of its gates must be reached; `decided` where nothing is said.
    #[serde(default = "decided")]
    gate: Gate,
    /// Until when; `agenda_deadline` where nothing is said.
    #[serde(default = "agenda_deadline")]
    by: By,
}

fn decided() -> Gate {
    Gate::Decided
}

fn agenda_deadline() -> By {
    By::AgendaDeadline
}

impl From<StepDependency> for Dependency {
    fn from(StepDependency { step_id, gate, by }: StepDependency) -> Self {
        Self { step_id, gate, by }
    }
}

impl From<Dependency> for StepDependency {
    fn from(Dependency { step_id, gate, by }: Dependency) -> Self {
        Self { step_id, gate, by }
    }
}

/// A new decision step.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "body_id": "0197f2b4-7c1e-7a10-8f00-000000000004",
    "title": {"fi": "Kaupunginvaltuusto päättää"},
    "function": "decision",
    "authoritative": true,
    "depends_on": [
        {"step_id": "0197f2b4-7c1e-7a10-8f00-000000000005", "gate": "decided", "by": "agenda_deadline"}
    ],
    "preparation_days": 14
})))]
pub struct NewDecisionStep {
    /// The body that handles it: any that the caller may know of.
    pub(super) body_id: BodyId,
    title: Name,
    function: StepFunction,
    /// Whether the action needs this step before it may start.
    authoritative: bool,
    #[serde(default)]
    depends_on: Vec<StepDependency>,
    /// The first day on which it may be handled.
    not_before: Option<Day>,
    /// How many days its preparation takes.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 365)]
    preparation_days: u16,
    /// A tag that its meeting must have.
    required_tag: Option<Tag>,
    /// `action` where nothing is said.
    visibility: Option<StepVisibility>,
    /// How the body's organisation knows the matter.
    diary_number: Option<DiaryNumber>,
}

impl NewDecisionStep {
    /// Refuses a diary number from anyone but the body's organisation; `require` says for whom the caller speaks.
    pub(super) fn require_rights(
        &self,
        require: impl Fn(OrganisationId) -> Result<(), Fault>,
        organisation: OrganisationId,
    ) -> Result<(), Fault> {
        if self.diary_number.is_some() { require(organisation) } else { Ok(()) }
    }
}

impl From<NewDecisionStep> for Details {
    fn from(new: NewDecisionStep) -> Self {
        let NewDecisionStep {
            body_id: _,
            title,
            function,
            authoritative,
            depends_on,
            not_before,
            preparation_days,
            required_tag,
            visibility,
            diary_number,
        } = new;
        Self {
            title,
            function,
            authoritative,
            depends_on: depends_on.into_iter().map(Dependency::from).collect(),
            not_before: not_before.map(Date::from),
            preparation_days,
            required_tag,
            visibility: visibility.unwrap_or(StepVisibility::Action),
            diary_number,
        }
    }
}

/// Changes of a decision step (JSON merge patch, RFC 7396): an absent member stays, null removes, a list is replaced.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"not_before": "2026-09-01", "required_tag": null})))]
pub struct DecisionStepPatch {
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    title: Option<NamePatch>,
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    function: Option<StepFunction>,
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    authoritative: Option<bool>,
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    depends_on: Option<Vec<StepDependency>>,
    #[serde(default, with = "double")]
    #[schema(value_type = Option<Day>, required = false)]
    not_before: Option<Option<Day>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false, minimum = 0, maximum = 365)]
    preparation_days: Option<u16>,
    #[serde(default, with = "double")]
    #[schema(value_type = Option<Tag>, required = false)]
    required_tag: Option<Option<Tag>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    visibility: Option<StepVisibility>,
    /// Changed by the body's organisation alone.
    #[serde(default, with = "double")]
    #[schema(value_type = Option<DiaryNumber>, required = false)]
    diary_number: Option<Option<DiaryNumber>>,
}

impl DecisionStepPatch {
    /// Whether it says anything of the route, which is the accountable organisation's affair.
    fn is_of_route(&self) -> bool {
        let Self {
            title,
            function,
            authoritative,
            depends_on,
            not_before,
            preparation_days,
            required_tag,
            visibility,
            diary_number: _,
        } = self;
        title.is_some()
            || function.is_some()
            || authoritative.is_some()
            || depends_on.is_some()
            || not_before.is_some()
            || preparation_days.is_some()
            || required_tag.is_some()
            || visibility.is_some()
    }

    /// Whether it says nothing.
    pub(super) fn is_empty(&self) -> bool {
        !self.is_of_route() && self.diary_number.is_none()
    }

    /// Refuses who has not the right to every member that is given: the accountable organisation for all but the
    /// diary number, the body's organisation for that. `require` says for whom the caller speaks. Answers the one that
    /// acts.
    pub(super) fn require_rights(
        &self,
        require: impl Fn(OrganisationId) -> Result<(), Fault>,
        accountable: OrganisationId,
        of_body: OrganisationId,
    ) -> Result<OrganisationId, Fault> {
        if self.diary_number.is_some() {
            require(of_body)?;
        }
        if self.is_of_route() || self.diary_number.is_none() {
            require(accountable)?;
            return Ok(accountable);
        }
        Ok(of_body)
    }

    pub(super) fn apply(&self, old: Details) -> Result<Details, Fault> {
        let patch = self.clone();
        let depends_on = patch.depends_on.map(|all| all.into_iter().map(Dependency::from).collect());
        Ok(Details {
            title: localised(patch.title, old.title, "/title")?,
            function: patch.function.unwrap_or(old.function),
            authoritative: patch.authoritative.unwrap_or(old.authoritative),
            depends_on: depends_on.unwrap_or(old.depends_on),
            not_before: patched(patch.not_before, old.not_before),
            preparation_days: patch.preparation_days.unwrap_or(old.preparation_days),
            required_tag: patch.required_tag.unwrap_or(old.required_tag),
            visibility: patch.visibility.unwrap_or(old.visibility),
            diary_number: patch.diary_number.unwrap_or(old.diary_number),
        })
    }
}

/// The meeting or the day that the caller names: exactly one of the two.
pub(crate) fn occasion(meeting_id: Option<MeetingId>, day: Option<Day>) -> Result<Occasion, Fault> {
    match (meeting_id, day) {
        (Some(id), None) => Ok(Occasion::Meeting(id)),
        (None, Some(on)) => Ok(Occasion::Day(on.into())),
        (None, None) => {
            Err(Fault::invalid("/meeting_id", "required", "Name the meeting, or the day of an office holder."))
        }
        (Some(_), Some(_)) => Err(Fault::invalid("/day", "one_of", "Name either a meeting or a day, not both.")),
    }
}

/// The day from which a decision has legal force.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"on": "2026-03-24"})))]
pub struct LegalForce {
    /// As the certificate says.
    pub(super) on: Day,
}
