//! Changes that might happen, as callers name them, checked against what each may know of.

use crate::decision_steps::occasion;
use crate::json::Tagged;
use crate::patch::{double, nullable, present};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;
use yhteen_domain::actions::StartGate;
use yhteen_domain::bodies::{AgendaRule, Deadline};
use yhteen_domain::ids::{ActionId, BodyId, MeetingId, StepId};
use yhteen_domain::text::Tag;
use yhteen_domain::time::{Day, Instant, Moment};
use yhteen_domain::timetable::{self as engine, MOST_CHANGES, Occasion, Outcome, Situation};
use yhteen_domain::vocabulary::{By, Gate};
use yhteen_domain::{Fault, Message, message};
use yhteen_persistence::timetable::{Sources, Touched};

/// One thing that might happen. Changes happen one after the other.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = TimetableChange)]
pub enum Change {
    /// A body has one more meeting.
    MeetingAdded {
        /// What the meeting is to be called, for the changes after this one and in the answer: any UUID that is not that
        /// of a meeting. Made up where nothing is said.
        meeting_id: Option<MeetingId>,
        body_id: BodyId,
        starts_at: Moment,
        ends_at: Option<Moment>,
        /// The last moment to hand an item in; by default as the body's `agenda_lead` and
        /// `agenda_deadline_shift` say.
        agenda_deadline: Option<Moment>,
        /// At most 20.
        #[serde(default)]
        tags: Vec<Tag>,
    },
    /// A meeting has other times or tags; an absent member stays.
    MeetingMoved {
        meeting_id: MeetingId,
        /// An agenda deadline that was computed is computed again for the new start, unless it is given too.
        #[serde(default, deserialize_with = "present")]
        #[schema(nullable = false)]
        starts_at: Option<Moment>,
        /// Null where the end is no longer known.
        #[serde(default, with = "double")]
        #[schema(value_type = Option<Moment>, required = false)]
        ends_at: Option<Option<Moment>>,
        /// Null to compute it by the body's rule.
        #[serde(default, with = "double")]
        #[schema(value_type = Option<Moment>, required = false)]
        agenda_deadline: Option<Option<Moment>>,
        /// In full.
        #[serde(default, deserialize_with = "present")]
        #[schema(nullable = false)]
        tags: Option<Vec<Tag>>,
    },
    /// A meeting is called off.
    MeetingCancelled { meeting_id: MeetingId },
    /// A meeting is held.
    MeetingHeld { meeting_id: MeetingId },
    /// The minutes of a meeting are published, which says that it was held.
    MinutesPublished {
        meeting_id: MeetingId,
        /// The date.
        on: Day,
    },
    /// A body handles a decision step.
    StepHandled {
        step_id: StepId,
        /// A meeting of the step's body.
        meeting_id: Option<MeetingId>,
        /// For an office holder: the working day.
        day: Option<Day>,
        outcome: Outcome,
        /// For the outcome `returned`: an earlier step of the route, which is then open again with all that depends on
        /// it.
        returned_to_step_id: Option<StepId>,
    },
    /// A step waits for another in another way; an absent member stays.
    DependencyChanged {
        step_id: StepId,
        /// The step that it waits for.
        depends_on_step_id: StepId,
        #[serde(default, deserialize_with = "present")]
        #[schema(nullable = false)]
        gate: Option<Gate>,
        #[serde(default, deserialize_with = "present")]
        #[schema(nullable = false)]
        by: Option<By>,
    },
    /// The planned start of an action is another.
    TargetMoved {
        /// The action; in a simulation, that of its path where nothing is said.
        action_id: Option<ActionId>,
        /// Null for none.
        #[serde(deserialize_with = "nullable")]
        #[schema(required)]
        target_on: Option<Day>,
    },
    /// The start of an action waits for another gate.
    StartGateChanged {
        /// The action; in a simulation, that of its path where nothing is said.
        action_id: Option<ActionId>,
        start_gate: StartGate,
    },
}

/// A change in a request, known by its `kind`. By this name alone: utoipa takes a type with arguments apart.
pub type NewChange = Tagged<Change>;

/// What the changes name, to find out what they touch.
pub fn touched(changes: &[NewChange]) -> Touched {
    let mut touched = Touched::default();
    for Tagged(change) in changes.iter().take(MOST_CHANGES) {
        match change {
            Change::MeetingAdded { body_id, .. } => touched.bodies.push(*body_id),
            Change::MeetingMoved { meeting_id, .. }
            | Change::MeetingCancelled { meeting_id }
            | Change::MeetingHeld { meeting_id }
            | Change::MinutesPublished { meeting_id, .. } => touched.meetings.push(*meeting_id),
            Change::StepHandled { step_id, .. } | Change::DependencyChanged { step_id, .. } => {
                touched.steps.push(*step_id);
            }
            Change::TargetMoved { action_id, .. } | Change::StartGateChanged { action_id, .. } => {
                touched.actions.extend(*action_id);
            }
        }
    }
    touched
}

/// What the caller may name, as the changes so far have left it. What it may not name is to it as if it were not.
pub struct Known {
    bodies: BTreeMap<BodyId, AgendaRule>,
    meetings: BTreeMap<MeetingId, Times>,
    steps: BTreeSet<StepId>,
    actions: BTreeSet<ActionId>,
    /// The action that is meant where none is named.
    own: Option<ActionId>,
}

/// What of a meeting the default of its agenda deadline depends on.
#[derive(Clone, Copy)]
struct Times {
    body_id: BodyId,
    starts_at: Instant,
    agenda_deadline: Deadline,
}

impl Known {
    /// For a simulation of one action: the bodies of those of its steps that the reader sees, and no others. A body that
    /// only an opaque step has would tell by what it moves whose step it is.
    pub fn of_action(sources: &Sources, action: ActionId) -> Self {
        let mut known = Self::of_all(sources);
        let steps = sources.actions.iter().flat_map(|action| &action.route.steps);
        let shown: BTreeSet<BodyId> =
            steps.filter(|step| known.steps.contains(&step.id)).map(|step| step.body_id).collect();
        known.bodies.retain(|body, _| shown.contains(body));
        known.meetings.retain(|_, meeting| shown.contains(&meeting.body_id));
        known.own = Some(action);
        known
    }

    /// For an assessment: whatever the reader sees.
    pub fn of_all(sources: &Sources) -> Self {
        let bodies: BTreeMap<_, _> =
            sources.agenda_rules().into_iter().filter(|(body, _)| sources.sees(*body)).collect();
        let seen = sources.bodies.iter().filter(|body| bodies.contains_key(&body.id));
        let meetings = seen.flat_map(|body| {
            body.meetings.iter().map(|meeting| {
                let (starts_at, agenda_deadline) = (meeting.starts_at, sources.deadline(body.id, meeting));
                (meeting.id, Times { body_id: body.id, starts_at, agenda_deadline })
            })
        });
        let steps = sources.actions.iter().flat_map(|action| {
            action.route.steps.iter().map(|step| step.id).filter(|step| !action.opaque.contains(step))
        });
        Self {
            meetings: meetings.collect(),
            steps: steps.collect(),
            actions: sources.actions.iter().map(|action| action.action_id).collect(),
            bodies,
            own: None,
        }
    }

    /// The changes as the engine knows them. `fresh` makes up identifiers; a meeting of the situation that the caller
    /// may not know of gets one where the caller gives its identifier to a new one.
    pub fn read(
        mut self,
        changes: &[NewChange],
        before: &mut Situation,
        mut fresh: impl FnMut() -> MeetingId,
    ) -> Result<Vec<engine::Change>, Fault> {
        if changes.len() > MOST_CHANGES {
            let detail = message!(
                fi: "Muutoksia voi kokeilla kerralla enintään {MOST_CHANGES}.",
                sv: "Högst {MOST_CHANGES} ändringar kan prövas på en gång.",
                en: "At most {MOST_CHANGES} changes can be tried at once.",
            );
            return Err(Fault::invalid("/changes", "too_many", detail));
        }
        let mut read = Vec::with_capacity(changes.len());
        for (index, Tagged(change)) in changes.iter().enumerate() {
            if let Change::MeetingAdded { meeting_id: Some(id), .. } = change
                && !self.meetings.contains_key(id)
            {
                before.rename(*id, fresh());
            }
            read.push(self.read_one(change, &mut fresh).map_err(|fault| within(index, fault))?);
        }
        Ok(read)
    }

    fn read_one(&mut self, change: &Change, fresh: impl FnOnce() -> MeetingId) -> Result<engine::Change, Fault> {
        Ok(match change.clone() {
            Change::MeetingAdded { meeting_id, body_id, starts_at, ends_at, agenda_deadline, tags } => {
                let rule = self.bodies.get(&body_id).ok_or_else(|| {
                    unknown(
                        "body_id",
                        message!(fi: "Toimielintä ei ole.", sv: "Organet finns inte.", en: "There is no such body."),
                    )
                })?;
                let starts_at = starts_at.into();
                let agenda_deadline = rule.deadline_or(starts_at, agenda_deadline.map(Instant::from));
                let meeting_id = meeting_id.unwrap_or_else(fresh);
                self.meetings.entry(meeting_id).or_insert(Times { body_id, starts_at, agenda_deadline });
                let (ends_at, agenda_deadline) = (ends_at.map(Instant::from), agenda_deadline.at);
                engine::Change::MeetingAdded { meeting_id, body_id, starts_at, ends_at, agenda_deadline, tags }
            }
            Change::MeetingMoved { meeting_id, starts_at, ends_at, agenda_deadline, tags } => {
                let (starts_at, agenda_deadline) = self.moved(meeting_id, starts_at, agenda_deadline)?;
                engine::Change::MeetingMoved {
                    meeting_id,
                    starts_at: Some(starts_at),
                    ends_at: ends_at.map(|end| end.map(Instant::from)),
                    agenda_deadline: Some(agenda_deadline),
                    tags,
                }
            }
            Change::MeetingCancelled { meeting_id } => {
                self.meeting(meeting_id)?;
                engine::Change::MeetingCancelled { meeting_id }
            }
            Change::MeetingHeld { meeting_id } => {
                self.meeting(meeting_id)?;
                engine::Change::MeetingHeld { meeting_id }
            }
            Change::MinutesPublished { meeting_id, on } => {
                self.meeting(meeting_id)?;
                engine::Change::MinutesPublished { meeting_id, on: on.into() }
            }
            Change::StepHandled { step_id, meeting_id, day, outcome, returned_to_step_id } => {
                self.step("step_id", step_id)?;
                let occasion = occasion(meeting_id, day)?;
                if let Occasion::Meeting(id) = occasion {
                    self.meeting(id)?;
                }
                returned_to_step_id.map(|to| self.step("returned_to_step_id", to)).transpose()?;
                engine::Change::StepHandled { step_id, occasion, outcome, returned_to_step_id }
            }
            Change::DependencyChanged { step_id, depends_on_step_id, gate, by } => {
                self.step("step_id", step_id)?;
                self.step("depends_on_step_id", depends_on_step_id)?;
                engine::Change::DependencyChanged { step_id, depends_on_step_id, gate, by }
            }
            Change::TargetMoved { action_id, target_on } => {
                let (action_id, target_on) = (self.action(action_id)?, target_on.map(Into::into));
                engine::Change::TargetMoved { action_id, target_on }
            }
            Change::StartGateChanged { action_id, start_gate } => {
                engine::Change::StartGateChanged { action_id: self.action(action_id)?, start_gate }
            }
        })
    }

    /// When a meeting starts and when its agenda is closed after a move, by the rules for one that is stored.
    fn moved(
        &mut self,
        id: MeetingId,
        starts_at: Option<Moment>,
        agenda_deadline: Option<Option<Moment>>,
    ) -> Result<(Instant, Instant), Fault> {
        let times = self.meetings.get_mut(&id).ok_or_else(no_meeting)?;
        let rule = self.bodies.get(&times.body_id).ok_or_else(no_meeting)?;
        let to = starts_at.map_or(times.starts_at, Instant::from);
        let named = agenda_deadline.map(|at| at.map(Instant::from));
        let deadline = times.agenda_deadline.changed(rule, times.starts_at, to, named);
        (times.starts_at, times.agenda_deadline) = (to, deadline);
        Ok((to, deadline.at))
    }

    fn meeting(&self, id: MeetingId) -> Result<(), Fault> {
        self.meetings.contains_key(&id).then_some(()).ok_or_else(no_meeting)
    }

    fn step(&self, member: &str, id: StepId) -> Result<(), Fault> {
        self.steps.contains(&id).then_some(()).ok_or_else(|| {
            unknown(
                member,
                message!(
                    fi: "Käsittelyvaihetta ei ole.",
                    sv: "Behandlingssteget finns inte.",
                    en: "There is no such decision step.",
                ),
            )
        })
    }

    fn action(&self, named: Option<ActionId>) -> Result<ActionId, Fault> {
        let id = named.or(self.own).ok_or_else(|| {
            Fault::invalid(
                "/action_id",
                "required",
                message!(
                    fi: "on annettava",
                    sv: "måste anges",
                    en: "is required",
                ),
            )
        })?;
        self.actions.contains(&id).then_some(id).ok_or_else(|| {
            unknown(
                "action_id",
                message!(
                    fi: "Toimenpidettä ei ole.",
                    sv: "Åtgärden finns inte.",
                    en: "There is no such action.",
                ),
            )
        })
    }
}

fn no_meeting() -> Fault {
    unknown(
        "meeting_id",
        message!(
            fi: "Kokousta ei ole.",
            sv: "Sammanträdet finns inte.",
            en: "There is no such meeting.",
        ),
    )
}

fn unknown(member: &str, detail: Message) -> Fault {
    Fault::invalid(format!("/{member}"), "unknown_reference", detail)
}

/// The same fault, at its place in the list of changes.
fn within(index: usize, mut fault: Fault) -> Fault {
    for culprit in &mut fault.culprits {
        culprit.pointer = format!("/changes/{index}{}", culprit.pointer);
    }
    fault
}
