//! What callers say of actions: new ones, changes, and which to list.

use crate::patch::{double, localised, localised_or_null, patched, present};
use serde::Deserialize;
use std::collections::BTreeSet;
use utoipa::{IntoParams, ToSchema};
use yhteen_domain::Fault;
use yhteen_domain::actions::{ActionStatus, ActionVisibility, Details, PreventionLevel, StartGate, TargetGroup};
use yhteen_domain::ids::{GoalId, OrganisationId, ProgrammeId};
use yhteen_domain::text::{MunicipalityCode, Name, NamePatch, Prose, ProsePatch, ShortCode, Tag};
use yhteen_domain::time::{Date, Day, Instant, Moment};
use yhteen_persistence::actions::{Filter, Order};

/// A new action.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "programme_id": "0197f2b4-7c1e-7a10-8f00-000000000001",
    "organisation_id": "0197f2b4-7c1e-7a10-8f00-000000000002",
    "code": "A1.2",
    "title": {"fi": "Perhekeskus joka kuntaan", "sv": "Familjecenter i varje kommun"},
    "visibility": "partners",
    "starts_on": "2026-08-01",
    "target_groups": ["families"]
})))]
pub struct NewAction {
    /// The programme that it carries out.
    pub(super) programme_id: ProgrammeId,
    /// The acting organisation, which becomes accountable for it.
    pub(super) organisation_id: OrganisationId,
    code: ShortCode,
    title: Name,
    description: Option<Prose>,
    /// Goals of the programme.
    #[serde(default)]
    goals: Vec<GoalId>,
    /// `participants` where nothing is said.
    visibility: Option<ActionVisibility>,
    /// The planned first day.
    starts_on: Option<Day>,
    /// The planned last day.
    ends_on: Option<Day>,
    /// `decided` where nothing is said.
    start_gate: Option<StartGate>,
    #[serde(default)]
    target_groups: BTreeSet<TargetGroup>,
    prevention_level: Option<PreventionLevel>,
    /// Municipalities.
    #[serde(default)]
    area: BTreeSet<MunicipalityCode>,
    #[serde(default)]
    tags: BTreeSet<Tag>,
}

impl From<NewAction> for Details {
    fn from(new: NewAction) -> Self {
        let NewAction {
            programme_id: _,
            organisation_id: _,
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
        } = new;
        Self {
            code,
            title,
            description,
            goals,
            visibility: visibility.unwrap_or(ActionVisibility::Participants),
            starts_on: starts_on.map(Date::from),
            ends_on: ends_on.map(Date::from),
            start_gate: start_gate.unwrap_or(StartGate::Decided),
            target_groups,
            prevention_level,
            area,
            tags,
        }
    }
}

/// Changes of an action (JSON merge patch, RFC 7396): an absent member stays, null removes, a list is replaced.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"starts_on": "2026-09-01", "ends_on": null, "tags": ["family-centre"]})))]
pub struct ActionPatch {
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    code: Option<ShortCode>,
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    title: Option<NamePatch>,
    #[serde(default, with = "double")]
    #[schema(value_type = Option<ProsePatch>, required = false)]
    description: Option<Option<ProsePatch>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    goals: Option<Vec<GoalId>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    visibility: Option<ActionVisibility>,
    #[serde(default, with = "double")]
    #[schema(value_type = Option<Day>, required = false)]
    starts_on: Option<Option<Day>>,
    #[serde(default, with = "double")]
    #[schema(value_type = Option<Day>, required = false)]
    ends_on: Option<Option<Day>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    start_gate: Option<StartGate>,
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    target_groups: Option<BTreeSet<TargetGroup>>,
    #[serde(default, with = "double")]
    #[schema(value_type = Option<PreventionLevel>, required = false)]
    prevention_level: Option<Option<PreventionLevel>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    area: Option<BTreeSet<MunicipalityCode>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    tags: Option<BTreeSet<Tag>>,
}

impl ActionPatch {
    pub(super) fn apply(&self, old: Details) -> Result<Details, Fault> {
        let patch = self.clone();
        Ok(Details {
            code: patch.code.unwrap_or(old.code),
            title: localised(patch.title, old.title, "/title")?,
            description: localised_or_null(patch.description, old.description, "/description")?,
            goals: patch.goals.unwrap_or(old.goals),
            visibility: patch.visibility.unwrap_or(old.visibility),
            starts_on: patched(patch.starts_on, old.starts_on),
            ends_on: patched(patch.ends_on, old.ends_on),
            start_gate: patch.start_gate.unwrap_or(old.start_gate),
            target_groups: patch.target_groups.unwrap_or(old.target_groups),
            prevention_level: patch.prevention_level.unwrap_or(old.prevention_level),
            area: patch.area.unwrap_or(old.area),
            tags: patch.tags.unwrap_or(old.tags),
        })
    }
}

yhteen_domain::vocabulary! {
    /// The order of a list of actions. Those without a planned start come last.
    ActionSort {
        /// In the order in which they came to be.
        Id = "id",
        /// The earliest planned start first.
        StartsOn = "starts_on",
        /// The latest planned start first.
        StartsOnDescending = "-starts_on",
        /// The one that has not changed for longest first.
        UpdatedAt = "updated_at",
        /// The one that changed last first.
        UpdatedAtDescending = "-updated_at",
    }

    /// What a list of actions may carry besides.
    ActionInclude {
        /// The participants.
        Participants = "participants",
    }
}

/// Which actions to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListActions {
    /// Only those of this programme.
    #[param(nullable = false)]
    programme_id: Option<ProgrammeId>,
    /// Only these statuses.
    #[serde(default)]
    #[param(inline)]
    status: Vec<ActionStatus>,
    /// Only those in which this organisation is invited or committed.
    #[param(nullable = false)]
    organisation_id: Option<OrganisationId>,
    /// Only those for which this organisation is accountable.
    #[param(nullable = false)]
    accountable_id: Option<OrganisationId>,
    /// Only those that serve this goal.
    #[param(nullable = false)]
    goal_id: Option<GoalId>,
    /// Only these visibilities.
    #[serde(default)]
    #[param(inline)]
    visibility: Vec<ActionVisibility>,
    /// Only those planned to start on this day or later.
    #[param(nullable = false)]
    starts_from: Option<Day>,
    /// Only those planned to start on this day or earlier.
    #[param(nullable = false)]
    starts_to: Option<Day>,
    /// Only what has changed at or after this time.
    #[param(nullable = false)]
    updated_since: Option<Moment>,
    /// The order; `id` where nothing is said.
    #[param(inline, nullable = false)]
    sort: Option<ActionSort>,
    /// What to give besides.
    #[serde(default)]
    #[param(inline)]
    include: Vec<ActionInclude>,
    /// Where to go on: `next` of the page before.
    #[param(nullable = false)]
    cursor: Option<String>,
    /// How many at most.
    #[param(nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
}

impl ListActions {
    pub(super) fn filter(&self) -> Filter {
        Filter {
            programme: self.programme_id,
            statuses: self.status.clone(),
            participant: self.organisation_id,
            accountable: self.accountable_id,
            goal: self.goal_id,
            visibilities: self.visibility.clone(),
            starts_from: self.starts_from.map(Date::from),
            starts_to: self.starts_to.map(Date::from),
            updated_since: self.updated_since.map(Instant::from),
        }
    }

    pub(super) fn order(&self) -> Order {
        match self.sort.unwrap_or(ActionSort::Id) {
            ActionSort::Id => Order::Id,
            ActionSort::StartsOn => Order::StartsOn { descending: false },
            ActionSort::StartsOnDescending => Order::StartsOn { descending: true },
            ActionSort::UpdatedAt => Order::UpdatedAt { descending: false },
            ActionSort::UpdatedAtDescending => Order::UpdatedAt { descending: true },
        }
    }

    pub(super) fn is_thin(&self) -> bool {
        !self.include.contains(&ActionInclude::Participants)
    }

    pub(super) fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    pub(super) fn limit(&self) -> Option<u16> {
        self.limit
    }
}
