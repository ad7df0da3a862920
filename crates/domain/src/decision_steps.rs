//! Decision steps: the route of an action through the bodies that handle it.
//!
//! The steps of one action form a directed acyclic graph. They belong to the action's aggregate, whose lock keeps two
//! writes from closing a cycle together.

use crate::bookings::Booking;
use crate::external_ids::ExternalId;
use crate::fault::{Culprit, Fault};
use crate::handlings::Handling;
use crate::ids::{ActionId, BodyId, OrganisationId, StepId};
use crate::remedy_claims::Claim;
use crate::text::{Name, Tag, Text};
use crate::time::{Date, Instant};
use crate::timetable::Outcome;
use crate::vocabulary::{By, Gate, StepFunction};
use crate::{Message, message};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};

crate::codes! {
    /// The steps would wait for each other in a circle; the detail and `errors` name the steps of the circle.
    CYCLE = Invalid "decision_step.cycle" { fi: "Käsittelyvaiheet odottaisivat toisiaan kehässä", sv: "Behandlingsstegen skulle vänta på varandra i en cirkel", en: "Steps would wait for one another in a circle" }
    /// Other steps depend on this one; `errors` has one entry for each.
    NEEDED = Conflict "decision_step.needed" { fi: "Muut käsittelyvaiheet riippuvat tästä", sv: "Andra behandlingssteg är beroende av detta", en: "Other steps depend on it" }
    /// The step has been decided, or its decision recorded as having legal force: it is history, and only its diary
    /// number may still be corrected.
    DECIDED = Conflict "decision_step.decided" { fi: "Vaihe on jo päätetty", sv: "Steget har redan avgjorts", en: "The step has been decided" }
    /// A body has handled the step: what is recorded is never deleted.
    HANDLED = Conflict "decision_step.handled" { fi: "Vaihetta on jo käsitelty", sv: "Steget har redan behandlats", en: "The step has been handled" }
}

crate::vocabulary! {
    /// Who may see a decision step.
    StepVisibility {
        /// Whoever sees the action.
        Action = "action",
        /// The body's organisation and the accountable one; anyone else sees it opaque.
        Narrow = "narrow",
    }
}

impl StepVisibility {
    /// Whether a reader of the action may see more of such a step than its dates: `owners` are the body's organisation
    /// and the accountable one.
    pub fn admits(
        self,
        owners: [OrganisationId; 2],
        sees_body: bool,
        reads_for: impl Fn(OrganisationId) -> bool,
    ) -> bool {
        sees_body && (self == Self::Action || owners.into_iter().any(reads_for))
    }
}

/// The identifier of a matter in an organisation's register.
pub type DiaryNumber = Text<100>;

/// The greatest number of days that a step may take to prepare.
pub const MOST_PREPARATION_DAYS: u16 = 365;

/// One body's handling in an action's route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecisionStep {
    /// Its identifier.
    pub id: StepId,
    /// The action.
    pub action_id: ActionId,
    /// The body that handles it.
    pub body_id: BodyId,
    /// The body's organisation.
    pub organisation_id: OrganisationId,
    /// What is said of it.
    pub details: Details,
    /// From which day its decision has legal force, by certificate: wins over every computation.
    pub recorded_legal_force_on: Option<Date>,
    /// The meeting that it is to have.
    pub booking: Option<Booking>,
    /// What its body did with it, in the order of the meetings; superseded records included.
    pub handlings: Vec<Handling>,
    /// The remedies sought against its decisions.
    pub claims: Vec<Claim>,
    /// When it came to be.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

/// What is said of a decision step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// Its name.
    pub title: Name,
    /// What the body does.
    pub function: StepFunction,
    /// Whether the action needs this step before it may start.
    pub authoritative: bool,
    /// The steps that it waits for, each once, in the order of their identifiers.
    pub depends_on: Vec<Dependency>,
    /// The first day on which it may be handled.
    pub not_before: Option<Date>,
    /// How many days its preparation takes.
    pub preparation_days: u16,
    /// A tag that its meeting must have.
    pub required_tag: Option<Tag>,
    /// Who may see it.
    pub visibility: StepVisibility,
    /// How the body's organisation knows the matter; set by that organisation alone.
    pub diary_number: Option<DiaryNumber>,
}

/// What a step waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// The step that comes before.
    pub step_id: StepId,
    /// Which of its gates must be reached.
    pub gate: Gate,
    /// Until when.
    pub by: By,
}

impl Details {
    /// Checks them as those of the step `id` among the steps of its action.
    fn checked(mut self, id: StepId, steps: &[DecisionStep]) -> Result<Self, Fault> {
        if self.preparation_days > MOST_PREPARATION_DAYS {
            let detail = message!(
                fi: "Valmistelupäiviä on oltava 0–{MOST_PREPARATION_DAYS}.",
                sv: "Antalet beredningsdagar måste vara 0–{MOST_PREPARATION_DAYS}.",
                en: "The number of preparation days must be from 0 to {MOST_PREPARATION_DAYS}.",
            );
            return Err(Fault::invalid("/preparation_days", "out_of_range", detail));
        }
        for (index, dependency) in self.depends_on.iter().enumerate() {
            let invalid = |code: &'static str, detail: Message| {
                Err(Fault::invalid(format!("/depends_on/{index}/step_id"), code, detail))
            };
            if self.depends_on.iter().take(index).any(|before| before.step_id == dependency.step_id) {
                return invalid(
                    "duplicate",
                    message!(
                        fi: "Vaihe on mainittu kahdesti.",
                        sv: "Steget nämns två gånger.",
                        en: "The step is named twice.",
                    ),
                );
            }
            if dependency.step_id != id && !steps.iter().any(|step| step.id == dependency.step_id) {
                return invalid(
                    "unknown_reference",
                    message!(
                        fi: "Toimenpiteellä ei ole tällaista käsittelyvaihetta.",
                        sv: "Åtgärden har inget sådant behandlingssteg.",
                        en: "The action has no such decision step.",
                    ),
                );
            }
        }
        refuse_cycle(id, &self.depends_on, steps)?;
        self.depends_on.sort_by_key(|dependency| dependency.step_id);
        Ok(self)
    }
}

/// Refuses dependencies of the step `id` that lead back to it through the other steps, whose graph has no cycle.
fn refuse_cycle(id: StepId, depends_on: &[Dependency], steps: &[DecisionStep]) -> Result<(), Fault> {
    let edges: BTreeMap<StepId, &[Dependency]> = steps
        .iter()
        .filter(|step| step.id != id)
        .map(|step| (step.id, step.details.depends_on.as_slice()))
        .chain([(id, depends_on)])
        .collect();
    // Breadth first, so that the shortest circle is the one that is named.
    let mut reached_from: BTreeMap<StepId, StepId> = BTreeMap::new();
    let mut queue = VecDeque::from([id]);
    while let Some(at) = queue.pop_front() {
        for next in edges.get(&at).copied().unwrap_or_default().iter().map(|dependency| dependency.step_id) {
            if next == id {
                return Err(cycle(id, at, &reached_from));
            }
            if let Entry::Vacant(unseen) = reached_from.entry(next) {
                unseen.insert(at);
                queue.push_back(next);
            }
        }
    }
    Ok(())
}

/// In which order the steps of a call are kept that names them by external ids and what they wait for: those first on
/// which others of the call depend. Answers their places.
///
/// # Errors
/// 422 where one is named twice, and [`CYCLE`] with their names where they would wait for each other.
pub fn route_order(steps: &[(ExternalId, Vec<ExternalId>)]) -> Result<Vec<usize>, Fault> {
    let mut places: BTreeMap<&ExternalId, usize> = BTreeMap::new();
    for (index, (name, _)) in steps.iter().enumerate() {
        if places.insert(name, index).is_some() {
            let detail = message!(
                fi: "Sama vaihe on nimetty kahdesti.",
                sv: "Samma steg har nämnts två gånger.",
                en: "The same step is named twice."
            );
            return Err(Fault::invalid(format!("/steps/{index}/external_id"), "duplicate", detail));
        }
    }
    let waits = |(_, after): &(ExternalId, Vec<ExternalId>)| -> Vec<usize> {
        after.iter().filter_map(|name| places.get(name).copied()).collect()
    };
    let waits: Vec<Vec<usize>> = steps.iter().map(waits).collect();
    let mut order: Vec<usize> = Vec::new();
    while order.len() < steps.len() {
        let left = waits.iter().enumerate().filter(|(index, _)| !order.contains(index));
        let ready = left.clone().find(|(_, after)| after.iter().all(|before| order.contains(before)));
        match (ready, left.clone().next()) {
            (Some((index, _)), _) => order.push(index),
            (None, Some((start, _))) => return Err(named_circle(steps, &waits, &order, start)),
            (None, None) => break,
        }
    }
    Ok(order)
}

/// The refusal of a circle to which the way from `start` leads, through steps that are not in `order` yet: each of them
/// waits for another such.
fn named_circle(steps: &[(ExternalId, Vec<ExternalId>)], waits: &[Vec<usize>], order: &[usize], start: usize) -> Fault {
    let (mut way, mut at) = (Vec::new(), start);
    let circle = loop {
        if let Some(from) = way.iter().position(|passed| *passed == at) {
            break way.split_off(from);
        }
        way.push(at);
        match waits.get(at).into_iter().flatten().find(|before| !order.contains(before)) {
            Some(next) => at = *next,
            None => break way,
        }
    };
    let name = |index: &usize| steps.get(*index).map_or("", |(name, _)| name.value.as_str()).to_owned();
    let names: Vec<String> = circle.iter().chain(circle.first()).map(name).collect();
    let names = names.join(" → ");
    let detail = message!(
        fi: "Kukin näistä vaiheista odottaisi seuraavaa: {names}.",
        sv: "Vart och ett av dessa steg skulle vänta på nästa: {names}.",
        en: "Each of these steps would wait for the next: {names}."
    );
    let culprits = circle.iter().map(|index| {
        Culprit::new(
            format!("/steps/{index}/step/depends_on"),
            "cycle",
            message!(fi: "{name}", sv: "{name}", en: "{name}", name = name(index)),
        )
    });
    Fault::new(&CYCLE, detail).with(culprits)
}

/// The refusal of a circle from `id` to `last` and back.
fn cycle(id: StepId, last: StepId, reached_from: &BTreeMap<StepId, StepId>) -> Fault {
    let back = std::iter::successors(Some(last), |at| reached_from.get(at).copied().filter(|_| *at != id));
    let mut steps: Vec<StepId> = back.collect();
    steps.reverse();
    let names: Vec<String> = steps.iter().chain([&id]).map(ToString::to_string).collect();
    let detail = message!(
        fi: "Jokainen näistä vaiheista odottaisi seuraavaa: {steps}.",
        sv: "Vart och ett av dessa steg skulle vänta på nästa: {steps}.",
        en: "Each of these steps would wait for the next: {steps}.",
        steps = names.join(" → "),
    );
    let culprits = steps.iter().map(|step| {
        Culprit::new("/depends_on", "cycle", message!(fi: "{step}", sv: "{step}", en: "{step}", step = step))
    });
    Fault::new(&CYCLE, detail.clone()).with(culprits)
}

impl DecisionStep {
    /// A new step beside those that the action has.
    pub fn new(
        id: StepId,
        action_id: ActionId,
        (body_id, organisation_id): (BodyId, OrganisationId),
        details: Details,
        steps: &[Self],
        now: Instant,
    ) -> Result<Self, Fault> {
        let details = details.checked(id, steps)?;
        Ok(Self {
            id,
            action_id,
            body_id,
            organisation_id,
            details,
            recorded_legal_force_on: None,
            booking: None,
            handlings: Vec::new(),
            claims: Vec::new(),
            created_at: now,
            updated_at: now,
        })
    }

    /// The same with other details, as it is where they are not other ones; `steps` are all of its action.
    pub fn changed(self, details: Details, steps: &[Self], now: Instant) -> Result<Self, Fault> {
        let details = details.checked(self.id, steps)?;
        if details == self.details {
            return Ok(self);
        }
        let but_for_the_number = Details { diary_number: self.details.diary_number.clone(), ..details.clone() };
        if self.is_history() && but_for_the_number != self.details {
            let detail = message!(
                fi: "Vaihe on päätetty: siitä voi enää korjata vain diaarinumeron.",
                sv: "Steget har avgjorts: endast dess diarienummer kan ännu rättas.",
                en: "The step has been decided: only its diary number can still be corrected.",
            );
            return Err(Fault::new(&DECIDED, detail));
        }
        Ok(Self { details, updated_at: self.updated_at.max(now), ..self })
    }

    /// Records from which day its decision has legal force. A wrong date is corrected by recording another.
    #[must_use]
    pub fn with_legal_force(self, on: Date, now: Instant) -> Self {
        Self { recorded_legal_force_on: Some(on), updated_at: self.updated_at.max(now), ..self }
    }

    /// Whether it is the same as `other` in all but the time of its last change.
    pub fn is_as(&self, other: &Self) -> bool {
        Self { updated_at: other.updated_at, ..self.clone() } == *other
    }

    /// Whether its decision stands on record.
    pub fn is_history(&self) -> bool {
        let last = self.standing_handlings().next_back().map(|handling| handling.details.outcome);
        self.recorded_legal_force_on.is_some()
            || last.is_some_and(|outcome| !matches!(outcome, Outcome::Tabled | Outcome::Returned))
    }

    /// Whether a reader of the action may see more of it than its dates. `reads_for` says for which organisations the
    /// reader reads, `sees_body` whether it may know of the body.
    pub fn is_shown_to(
        &self,
        accountable: OrganisationId,
        sees_body: bool,
        reads_for: impl Fn(OrganisationId) -> bool,
    ) -> bool {
        self.details.visibility.admits([self.organisation_id, accountable], sees_body, reads_for)
    }

    /// Refuses its removal while others among `steps` depend on it, and once it has been handled.
    pub fn require_unneeded(&self, steps: &[Self]) -> Result<(), Fault> {
        if !self.handlings.is_empty() || self.recorded_legal_force_on.is_some() {
            return Err(Fault::new(
                &HANDLED,
                message!(
                    fi: "Toimielimen käsittelyä ei voi poistaa.",
                    sv: "Det som ett organ har gjort med steget kan inte raderas.",
                    en: "What a body has done with the step cannot be deleted.",
                ),
            ));
        }
        let needed_by: Vec<_> = steps
            .iter()
            .filter(|step| step.details.depends_on.iter().any(|dependency| dependency.step_id == self.id))
            .map(|step| {
                Culprit::new(
                    "",
                    "depends_on_it",
                    message!(
                        fi: "Käsittelyvaihe {step} riippuu siitä.",
                        sv: "Behandlingssteget {step} är beroende av det.",
                        en: "Decision step {step} depends on it.",
                        step = step.id,
                    ),
                )
            })
            .collect();
        if needed_by.is_empty() {
            return Ok(());
        }
        Err(Fault::new(
            &NEEDED,
            message!(
                fi: "Muut käsittelyvaiheet riippuvat tästä.",
                sv: "Andra behandlingssteg är beroende av detta.",
                en: "Other decision steps depend on this one.",
            ),
        )
        .with(needed_by))
    }
}

#[cfg(test)]
pub(crate) mod tests;
