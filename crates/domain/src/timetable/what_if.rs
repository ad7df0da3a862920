//! What would be if something else happened: changes to what the engine is told, of which nothing is stored.

use super::model::{Body, Handling, Meeting, Occasion, Outcome, Route, Step};
use crate::actions::StartGate;
use crate::fault::Fault;
use crate::holidays::is_working_day;
use crate::ids::{ActionId, BodyId, MeetingId, StepId};
use crate::meetings::MOST_TAGS;
use crate::text::Tag;
use crate::time::YEARS;
use crate::time::{Date, Instant, date_of};
use crate::vocabulary::{BodyKind, By, Gate};
use crate::{Message, message};
use chrono::Datelike;
use std::collections::{BTreeMap, BTreeSet};

/// The most changes that can be tried together.
pub const MOST_CHANGES: usize = 100;

/// All that the timetables of several actions are computed from.
#[derive(Clone, Debug)]
pub struct Situation {
    /// The time for which they are computed.
    pub now: Instant,
    /// The decision routes of the actions.
    pub routes: BTreeMap<ActionId, Route>,
    /// The bodies of their steps, and any others whose meetings are to change.
    pub bodies: Vec<Body>,
}

/// One thing that might happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A body has one more meeting.
    MeetingAdded {
        /// What the meeting is known by in the answer, and to the changes after this one.
        meeting_id: MeetingId,
        /// The body that meets.
        body_id: BodyId,
        /// When it starts.
        starts_at: Instant,
        /// When it ends, where that is known.
        ends_at: Option<Instant>,
        /// The last moment to hand a matter in for it.
        agenda_deadline: Instant,
        /// What it is marked with.
        tags: Vec<Tag>,
    },
    /// A meeting has other times or tags; what is not named stays.
    MeetingMoved {
        /// The meeting.
        meeting_id: MeetingId,
        /// When it starts.
        starts_at: Option<Instant>,
        /// When it ends; `Some(None)` where that is no longer known.
        ends_at: Option<Option<Instant>>,
        /// The last moment to hand a matter in for it.
        agenda_deadline: Option<Instant>,
        /// What it is marked with.
        tags: Option<Vec<Tag>>,
    },
    /// A meeting is called off.
    MeetingCancelled {
        /// The meeting.
        meeting_id: MeetingId,
    },
    /// A meeting is held.
    MeetingHeld {
        /// The meeting.
        meeting_id: MeetingId,
    },
    /// The minutes of a meeting are published, which says that it was held.
    MinutesPublished {
        /// The meeting.
        meeting_id: MeetingId,
        /// The date.
        on: Date,
    },
    /// A step is handled.
    StepHandled {
        /// The step.
        step_id: StepId,
        /// Where: a meeting of its body, or a working day of its office holder.
        occasion: Occasion,
        /// How it ends.
        outcome: Outcome,
        /// For [`Outcome::Returned`]: the earlier step that is open again, with all that depends on it.
        returned_to_step_id: Option<StepId>,
    },
    /// A step waits for another in another way; what is not named stays.
    DependencyChanged {
        /// The step that waits.
        step_id: StepId,
        /// The step waited for.
        depends_on_step_id: StepId,
        /// The point that it must have passed.
        gate: Option<Gate>,
        /// Until when.
        by: Option<By>,
    },
    /// The planned start of an action is another, or none.
    TargetMoved {
        /// The action.
        action_id: ActionId,
        /// The planned start.
        target_on: Option<Date>,
    },
    /// The start of an action waits for another gate.
    StartGateChanged {
        /// The action.
        action_id: ActionId,
        /// The gate that every authoritative step must have reached.
        start_gate: StartGate,
    },
}

/// What is wrong with a change: the member at fault, a stable name, and words.
type Wrong = (&'static str, &'static str, Message);

/// The situation after the changes, which happen one after the other.
///
/// # Errors
/// [`crate::codes::INVALID`] with the first place at fault as culprit, such as `/changes/2/meeting_id` with
/// `unknown_reference`; `/changes` with `too_many` above [`MOST_CHANGES`].
pub fn what_if(mut situation: Situation, changes: &[Change]) -> Result<Situation, Fault> {
    if changes.len() > MOST_CHANGES {
        let detail = message!(
            fi: "Muutoksia voi kokeilla kerralla enintään {MOST_CHANGES}.",
            sv: "Högst {MOST_CHANGES} ändringar kan prövas på en gång.",
            en: "At most {MOST_CHANGES} changes can be tried at once.",
        );
        return Err(Fault::invalid("/changes", "too_many", detail));
    }
    for (index, change) in changes.iter().enumerate() {
        situation
            .apply(change)
            .map_err(|(member, code, detail)| Fault::invalid(format!("/changes/{index}/{member}"), code, detail))?;
    }
    Ok(situation)
}

impl Situation {
    /// Puts a meeting in the place of the one with its identifier, where there is one.
    pub fn replace(&mut self, meeting: Meeting) {
        let mut meetings = self.bodies.iter_mut().flat_map(|body| &mut body.meetings);
        if let Some(old) = meetings.find(|old| old.id == meeting.id) {
            *old = meeting;
        }
    }

    /// Gives a meeting another identifier, wherever it is named.
    pub fn rename(&mut self, from: MeetingId, to: MeetingId) {
        let meetings = self.bodies.iter_mut().flat_map(|body| &mut body.meetings).map(|meeting| &mut meeting.id);
        for id in meetings.filter(|id| **id == from) {
            *id = to;
        }
        for step in self.routes.values_mut().flat_map(|route| &mut route.steps) {
            let booked = step.booking.iter_mut().map(|booking| &mut booking.occasion);
            let handled = step.handlings.iter_mut().map(|handling| &mut handling.occasion);
            for occasion in booked.chain(handled).filter(|occasion| **occasion == Occasion::Meeting(from)) {
                *occasion = Occasion::Meeting(to);
            }
        }
    }

    fn apply(&mut self, change: &Change) -> Result<(), Wrong> {
        match *change {
            Change::MeetingAdded { meeting_id, body_id, starts_at, ends_at, agenda_deadline, ref tags } => {
                let tags = distinct(tags);
                let times = Times { starts_at, ends_at, agenda_deadline };
                self.add_meeting(meeting_id, body_id, times, tags)
            }
            Change::MeetingMoved { meeting_id, starts_at, ends_at, agenda_deadline, ref tags } => {
                let meeting = self.standing_meeting(meeting_id)?;
                let times = Times {
                    starts_at: starts_at.unwrap_or(meeting.starts_at),
                    ends_at: ends_at.unwrap_or(meeting.ends_at),
                    agenda_deadline: agenda_deadline.unwrap_or(meeting.agenda_deadline),
                };
                move_meeting(meeting, times, tags.as_deref())
            }
            Change::MeetingCancelled { meeting_id } => {
                let meeting = self.standing_meeting(meeting_id)?;
                if meeting.held {
                    return Err((
                        "meeting_id",
                        "held",
                        message!(
                            fi: "Kokous on jo pidetty.",
                            sv: "Sammanträdet har redan hållits.",
                            en: "The meeting has already been held.",
                        ),
                    ));
                }
                meeting.cancelled = true;
                Ok(())
            }
            Change::MeetingHeld { meeting_id } => {
                self.standing_meeting(meeting_id)?.held = true;
                Ok(())
            }
            Change::MinutesPublished { meeting_id, on } => {
                let meeting = self.standing_meeting(meeting_id)?;
                in_range("on", [on])?;
                if on < date_of(meeting.starts_at) {
                    return Err((
                        "on",
                        "before_meeting",
                        message!(
                            fi: "Pöytäkirja julkaistaisiin ennen kokouspäivää.",
                            sv: "Protokollet skulle publiceras före sammanträdesdagen.",
                            en: "The minutes would be published before the day of the meeting.",
                        ),
                    ));
                }
                meeting.held = true;
                meeting.minutes_published_on = Some(on);
                Ok(())
            }
            Change::StepHandled { step_id, occasion, outcome, returned_to_step_id } => {
                self.handle(step_id, Handling { occasion, outcome, returned_to_step_id })
            }
            Change::DependencyChanged { step_id, depends_on_step_id, gate, by } => {
                let step = self.step(step_id)?;
                let mut found = false;
                for dependency in step.depends_on.iter_mut().filter(|on| on.step_id == depends_on_step_id) {
                    dependency.gate = gate.unwrap_or(dependency.gate);
                    dependency.by = by.unwrap_or(dependency.by);
                    found = true;
                }
                let detail = || {
                    message!(
                        fi: "Vaihe ei odota tätä vaihetta.",
                        sv: "Steget väntar inte på detta steg.",
                        en: "The step does not wait for this one.",
                    )
                };
                found.then_some(()).ok_or_else(|| ("depends_on_step_id", "unknown_reference", detail()))
            }
            Change::TargetMoved { action_id, target_on } => {
                in_range("target_on", target_on)?;
                self.route(action_id)?.target_on = target_on;
                Ok(())
            }
            Change::StartGateChanged { action_id, start_gate } => {
                self.route(action_id)?.start_gate = start_gate.gate();
                Ok(())
            }
        }
    }

    fn route(&mut self, id: ActionId) -> Result<&mut Route, Wrong> {
        self.routes.get_mut(&id).ok_or_else(|| {
            (
                "action_id",
                "unknown_reference",
                message!(
                    fi: "Toimenpidettä ei ole.",
                    sv: "Åtgärden finns inte.",
                    en: "There is no such action.",
                ),
            )
        })
    }

    fn step(&mut self, id: StepId) -> Result<&mut Step, Wrong> {
        let mut steps = self.routes.values_mut().flat_map(|route| &mut route.steps);
        steps.find(|step| step.id == id).ok_or_else(|| {
            (
                "step_id",
                "unknown_reference",
                message!(
                    fi: "Käsittelyvaihetta ei ole.",
                    sv: "Behandlingssteget finns inte.",
                    en: "There is no such decision step.",
                ),
            )
        })
    }

    /// The meeting, which is not cancelled.
    fn standing_meeting(&mut self, id: MeetingId) -> Result<&mut Meeting, Wrong> {
        let mut meetings = self.bodies.iter_mut().flat_map(|body| &mut body.meetings);
        let meeting = meetings.find(|meeting| meeting.id == id);
        let meeting = meeting.ok_or_else(|| {
            (
                "meeting_id",
                "unknown_reference",
                message!(
                    fi: "Kokousta ei ole.",
                    sv: "Sammanträdet finns inte.",
                    en: "There is no such meeting.",
                ),
            )
        })?;
        if meeting.cancelled {
            return Err((
                "meeting_id",
                "cancelled",
                message!(
                    fi: "Kokous on peruttu, eikä sitä voi enää muuttaa.",
                    sv: "Sammanträdet är inställt och kan inte längre ändras.",
                    en: "The meeting is cancelled and can no longer be changed.",
                ),
            ));
        }
        Ok(meeting)
    }

    fn add_meeting(&mut self, id: MeetingId, body_id: BodyId, times: Times, tags: Vec<Tag>) -> Result<(), Wrong> {
        if self.bodies.iter().flat_map(|body| &body.meetings).any(|meeting| meeting.id == id) {
            return Err((
                "meeting_id",
                "duplicate",
                message!(
                    fi: "Tällä tunnisteella on jo kokous.",
                    sv: "Det finns redan ett sammanträde med denna identifierare.",
                    en: "There is already a meeting with this identifier.",
                ),
            ));
        }
        let body = self.bodies.iter_mut().find(|body| body.id == body_id);
        let body = body.ok_or_else(|| {
            (
                "body_id",
                "unknown_reference",
                message!(
                    fi: "Toimielintä ei ole.",
                    sv: "Organet finns inte.",
                    en: "There is no such body.",
                ),
            )
        })?;
        if body.kind == BodyKind::OfficeHolder {
            return Err((
                "body_id",
                "office_holder",
                message!(
                    fi: "Viranhaltija päättää arkipäivinä ilman kokouksia.",
                    sv: "En tjänsteinnehavare beslutar på vardagar, utan sammanträden.",
                    en: "An office holder decides on any working day, without meetings.",
                ),
            ));
        }
        times.check()?;
        few(&tags)?;
        body.meetings.push(Meeting {
            id,
            starts_at: times.starts_at,
            ends_at: times.ends_at,
            agenda_deadline: times.agenda_deadline,
            cancelled: false,
            held: false,
            tags,
            minutes_published_on: None,
        });
        Ok(())
    }

    fn handle(&mut self, step_id: StepId, handling: Handling) -> Result<(), Wrong> {
        let body_id = self.step(step_id)?.body_id;
        let body = self.bodies.iter().find(|body| body.id == body_id);
        takes_place(
            body.ok_or_else(|| {
                (
                    "step_id",
                    "unknown_reference",
                    message!(
                        fi: "Vaiheen toimielintä ei tunneta.",
                        sv: "Stegets organ är inte känt.",
                        en: "The body of the step is not known.",
                    ),
                )
            })?,
            handling,
        )?;
        if let Some(to) = handling.returned_to_step_id {
            if handling.outcome != Outcome::Returned {
                return Err((
                    "returned_to_step_id",
                    "not_returned",
                    message!(
                        fi: "Vain palautettu asia voi siirtyä toiseen vaiheeseen.",
                        sv: "Endast ett återremitterat ärende kan gå till ett annat steg.",
                        en: "Only a returned matter can go to another step.",
                    ),
                ));
            }
            let route = self.routes.values().find(|route| route.steps.iter().any(|step| step.id == step_id));
            if !route.is_some_and(|route| is_before(route, to, step_id)) {
                let detail = message!(
                    fi: "Asian voi palauttaa vain vaiheeseen, joka edeltää tätä.",
                    sv: "Ett ärende kan återremitteras endast till ett steg som föregår detta.",
                    en: "A matter can be returned only to a step that comes before this one.",
                );
                return Err(("returned_to_step_id", "not_before_it", detail));
            }
        }
        let step = self.step(step_id)?;
        if step.handlings.iter().any(|other| other.occasion == handling.occasion) {
            return Err((
                member_of(handling.occasion),
                "duplicate",
                message!(
                    fi: "Vaihe on jo käsitelty siinä kokouksessa.",
                    sv: "Steget har redan behandlats vid det sammanträdet.",
                    en: "The step has already been handled at that meeting.",
                ),
            ));
        }
        step.handlings.push(handling);
        Ok(())
    }
}

/// The times of a meeting.
#[derive(Clone, Copy, Debug)]
struct Times {
    starts_at: Instant,
    ends_at: Option<Instant>,
    agenda_deadline: Instant,
}

impl Times {
    /// Checks deadline ≤ start ≤ end.
    fn check(&self) -> Result<(), Wrong> {
        in_range("starts_at", [self.starts_at.date_naive()])?;
        in_range("ends_at", self.ends_at.map(|at| at.date_naive()))?;
        in_range("agenda_deadline", [self.agenda_deadline.date_naive()])?;
        if self.ends_at.is_some_and(|end| end < self.starts_at) {
            return Err((
                "ends_at",
                "before_start",
                message!(
                    fi: "Kokous päättyy ennen kuin se alkaa.",
                    sv: "Sammanträdet slutar innan det börjar.",
                    en: "The meeting ends before it begins.",
                ),
            ));
        }
        if self.starts_at < self.agenda_deadline {
            return Err((
                "agenda_deadline",
                "after_start",
                message!(
                    fi: "Esityslistan määräaika on kokouksen alkamisen jälkeen.",
                    sv: "Tidsfristen för föredragningslistan går ut efter att sammanträdet har börjat.",
                    en: "The agenda deadline is after the meeting begins.",
                ),
            ));
        }
        Ok(())
    }
}

fn move_meeting(meeting: &mut Meeting, to: Times, tags: Option<&[Tag]>) -> Result<(), Wrong> {
    to.check()?;
    let moved = [
        ("starts_at", meeting.starts_at != to.starts_at),
        ("ends_at", meeting.ends_at != to.ends_at),
        ("agenda_deadline", meeting.agenda_deadline != to.agenda_deadline),
    ];
    if let Some((member, _)) = moved.into_iter().find(|(_, differs)| *differs && meeting.held) {
        return Err((
            member,
            "held",
            message!(
                fi: "Pidetyn kokouksen aikoja ei voi muuttaa.",
                sv: "Tiderna för ett sammanträde som har hållits kan inte ändras.",
                en: "The times of a meeting that has been held cannot be changed.",
            ),
        ));
    }
    if let Some(tags) = tags {
        let tags = distinct(tags);
        few(&tags)?;
        meeting.tags = tags;
    }
    (meeting.starts_at, meeting.ends_at, meeting.agenda_deadline) = (to.starts_at, to.ends_at, to.agenda_deadline);
    Ok(())
}

/// The member that names an occasion.
fn member_of(occasion: Occasion) -> &'static str {
    match occasion {
        Occasion::Meeting(_) => "meeting_id",
        Occasion::Day(_) => "day",
    }
}

/// Whether a body can handle something on the occasion.
fn takes_place(body: &Body, Handling { occasion, .. }: Handling) -> Result<(), Wrong> {
    match occasion {
        Occasion::Meeting(id) => {
            let meeting = body.meetings.iter().find(|meeting| meeting.id == id);
            match meeting.ok_or_else(|| {
                (
                    "meeting_id",
                    "unknown_reference",
                    message!(
                        fi: "Vaiheen toimielimellä ei ole tällaista kokousta.",
                        sv: "Stegets organ har inget sådant sammanträde.",
                        en: "The step's body has no such meeting.",
                    ),
                )
            })? {
                Meeting { cancelled: true, .. } => Err((
                    "meeting_id",
                    "cancelled",
                    message!(
                        fi: "Kokous on peruttu.",
                        sv: "Sammanträdet är inställt.",
                        en: "The meeting is cancelled.",
                    ),
                )),
                Meeting { .. } => Ok(()),
            }
        }
        Occasion::Day(_) if body.kind != BodyKind::OfficeHolder => Err((
            "day",
            "not_office_holder",
            message!(
                fi: "Vain viranhaltija päättää ilman kokousta: anna kokous.",
                sv: "Endast en tjänsteinnehavare beslutar utan sammanträde: ange ett sammanträde.",
                en: "Only an office holder decides without a meeting: name a meeting.",
            ),
        )),
        Occasion::Day(on) => {
            in_range("day", [on])?;
            if !is_working_day(on) {
                return Err((
                    "day",
                    "not_working_day",
                    message!(
                        fi: "Viranhaltija päättää vain arkipäivinä.",
                        sv: "En tjänsteinnehavare beslutar endast på vardagar.",
                        en: "An office holder decides only on working days.",
                    ),
                ));
            }
            Ok(())
        }
    }
}

/// Whether a step comes before another: that one depends on it, at once or through others.
fn is_before(route: &Route, first: StepId, then: StepId) -> bool {
    let waits_for: BTreeMap<StepId, &Step> = route.steps.iter().map(|step| (step.id, step)).collect();
    let mut seen = BTreeSet::new();
    let mut open = vec![then];
    while let Some(id) = open.pop() {
        for on in waits_for.get(&id).into_iter().flat_map(|step| &step.depends_on) {
            if seen.insert(on.step_id) {
                open.push(on.step_id);
            }
        }
    }
    seen.contains(&first)
}

/// The tags without repetitions, in their order.
fn distinct(tags: &[Tag]) -> Vec<Tag> {
    let mut seen = BTreeSet::new();
    tags.iter().filter(|tag| seen.insert(*tag)).cloned().collect()
}

fn few(tags: &[Tag]) -> Result<(), Wrong> {
    // As many as the tags of a meeting that is stored.
    const { assert!(MOST_TAGS == 20) };
    if tags.len() > MOST_TAGS {
        return Err((
            "tags",
            "too_many",
            message!(
                fi: "Kokouksella voi olla enintään 20 tunnistetta.",
                sv: "Ett sammanträde kan ha högst 20 taggar.",
                en: "A meeting can have at most 20 tags.",
            ),
        ));
    }
    Ok(())
}

fn in_range(member: &'static str, dates: impl IntoIterator<Item = Date>) -> Result<(), Wrong> {
    const { assert!(*YEARS.start() == 1900 && *YEARS.end() == 8000) };
    if dates.into_iter().all(|date| YEARS.contains(&date.year())) {
        return Ok(());
    }
    Err((
        member,
        "out_of_range",
        message!(
            fi: "Vuoden on oltava 1900–8000.",
            sv: "Året måste vara 1900–8000.",
            en: "The year must be from 1900 to 8000.",
        ),
    ))
}
