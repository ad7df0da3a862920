//! What an organisation's own system says of a decision step.

use super::{DecisionStepPatch, NewDecisionStep, StepDependency, agenda_deadline, decided};
use crate::external_ids::{one_of, required};
use crate::patch::{double, present};
use serde::Deserialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use yhteen_domain::Fault;
use yhteen_domain::decision_steps::{DiaryNumber, StepVisibility};
use yhteen_domain::external_ids::{ExternalId, ExternalSource};
use yhteen_domain::ids::{ActionId, BodyId, StepId};
use yhteen_domain::text::{Name, NamePatch, PlainName, Tag};
use yhteen_domain::time::Day;
use yhteen_domain::vocabulary::{By, Gate, StepFunction};
use yhteen_persistence::dangling;

/// What a decision step waits for: named by `step_id`, or by `source` and `value` as the organisation knows it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"source": "asianhallinta.example.org", "value": "KOT/12/2026"})))]
pub struct NamedStepDependency {
    /// The step of the same action that comes before.
    step_id: Option<StepId>,
    /// The system that has a name for it.
    source: Option<ExternalSource>,
    /// What the system calls it.
    value: Option<PlainName>,
    /// Which of its gates must be reached; `decided` where nothing is said.
    #[serde(default = "decided")]
    gate: Gate,
    /// Until when; `agenda_deadline` where nothing is said.
    #[serde(default = "agenda_deadline")]
    by: By,
}

impl NamedStepDependency {
    fn external_id(&self) -> Option<ExternalId> {
        Some(ExternalId { source: self.source.clone()?, value: self.value.clone()? })
    }

    /// The step by its identifier; `at` is the place of the dependency, and `known` has the steps by their names.
    fn resolved(&self, at: &str, known: &BTreeMap<ExternalId, StepId>) -> Result<StepDependency, Fault> {
        let half_named = self.source.is_some() || self.value.is_some();
        let step_id = match (self.step_id, self.external_id()) {
            (Some(_), _) if half_named => return Err(one_of(&format!("{at}/step_id"))),
            (Some(id), _) => id,
            (None, Some(external_id)) => *known.get(&external_id).ok_or_else(|| dangling(&format!("{at}/value")))?,
            (None, None) => {
                let lacking = match (&self.source, &self.value) {
                    (Some(_), None) => "value",
                    (None, Some(_)) => "source",
                    _ => "step_id",
                };
                return Err(Fault::invalid(format!("{at}/{lacking}"), "required", "This does not name a step."));
            }
        };
        Ok(StepDependency { step_id, gate: self.gate, by: self.by })
    }
}

/// What an organisation's own system says of a decision step: an absent member stays as it is, null removes, a list is
/// replaced. A new step needs `action_id`, `body_id`, `title`, `function` and `authoritative`.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "action_id": "01980000-0000-7000-8000-000000000005",
    "body_id": "01980000-0000-7000-8000-000000000006",
    "title": {"fi": "Kaupunginvaltuusto päättää"},
    "function": "decision",
    "authoritative": true,
    "depends_on": [{"source": "asianhallinta.example.org", "value": "KOT/12/2026"}]
})))]
pub struct DecisionStepByExternalId {
    /// A step that is to get the external id; without it, an unknown external id makes a new one.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    pub(in crate::decision_steps) decision_step_id: Option<StepId>,
    /// The action, which never changes.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    pub(in crate::decision_steps) action_id: Option<ActionId>,
    /// The body that handles it, which never changes.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    pub(in crate::decision_steps) body_id: Option<BodyId>,
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    title: Option<Name>,
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    function: Option<StepFunction>,
    /// Whether the action needs this step before it may start.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    authoritative: Option<bool>,
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    depends_on: Option<Vec<NamedStepDependency>>,
    /// The first day on which it may be handled.
    #[serde(default, with = "double")]
    #[schema(value_type = Option<Day>, required = false)]
    not_before: Option<Option<Day>>,
    /// How many days its preparation takes.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false, minimum = 0, maximum = 365)]
    preparation_days: Option<u16>,
    /// A tag that its meeting must have.
    #[serde(default, with = "double")]
    #[schema(value_type = Option<Tag>, required = false)]
    required_tag: Option<Option<Tag>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    visibility: Option<StepVisibility>,
    /// Given by the body's organisation alone.
    #[serde(default, with = "double")]
    #[schema(value_type = Option<DiaryNumber>, required = false)]
    diary_number: Option<Option<DiaryNumber>>,
}

impl DecisionStepByExternalId {
    /// The external ids by which it names other steps.
    pub(in crate::decision_steps) fn named_steps(&self) -> Vec<ExternalId> {
        self.depends_on.iter().flatten().filter_map(NamedStepDependency::external_id).collect()
    }

    /// As changes of a step; `known` has the steps by the names that are used.
    pub(in crate::decision_steps) fn patch(
        &self,
        known: &BTreeMap<ExternalId, StepId>,
    ) -> Result<DecisionStepPatch, Fault> {
        let resolved = |all: &Vec<NamedStepDependency>| {
            let all = all.iter().enumerate();
            all.map(|(index, named)| named.resolved(&format!("/depends_on/{index}"), known)).collect()
        };
        let depends_on = self.depends_on.as_ref().map(resolved).transpose()?;
        let said = self.clone();
        Ok(DecisionStepPatch {
            title: said.title.map(NamePatch::from),
            function: said.function,
            authoritative: said.authoritative,
            depends_on,
            not_before: said.not_before,
            preparation_days: said.preparation_days,
            required_tag: said.required_tag,
            visibility: said.visibility,
            diary_number: said.diary_number,
        })
    }
}

impl DecisionStepPatch {
    /// As a new step before a body.
    pub(in crate::decision_steps) fn new_step(self, body_id: BodyId) -> Result<NewDecisionStep, Fault> {
        Ok(NewDecisionStep {
            body_id,
            title: required(self.title, "title")?.apply(None).map_err(|refused| refused.at("/title"))?,
            function: required(self.function, "function")?,
            authoritative: required(self.authoritative, "authoritative")?,
            depends_on: self.depends_on.unwrap_or_default(),
            not_before: self.not_before.flatten(),
            preparation_days: self.preparation_days.unwrap_or_default(),
            required_tag: self.required_tag.flatten(),
            visibility: self.visibility,
            diary_number: self.diary_number.flatten(),
        })
    }
}
