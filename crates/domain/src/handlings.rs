//! Handlings: what a body did with a decision step at one meeting. Recorded by the body's own organisation, never
//! changed: a wrong record is superseded by a further one, and both are kept.

use crate::bookings::Venue;
use crate::decision_steps::DecisionStep;
use crate::fault::Fault;
use crate::hindsight::happened;
use crate::ids::{HandlingId, StepId};
use crate::text::{Prose, Text, WebAddress};
use crate::time::{Instant, date_of, midnight};
use crate::timetable::{Occasion, Outcome};
use crate::{Message, message};
use std::collections::{BTreeMap, BTreeSet};

crate::codes! {
    /// The step has been decided already, or was withdrawn. A wrong record is corrected by superseding it; a matter that is
    /// taken up anew is a new step.
    DECIDED = Conflict "handling.decided" { fi: "Vaihe on jo päätetty", sv: "Steget har redan avgjorts", en: "The step has been decided" }
    /// The step has been handled at this meeting already; supersede that record if it is wrong.
    ALREADY_RECORDED = Conflict "handling.already_recorded" { fi: "Käsittely on jo kirjattu", sv: "Behandlingen har redan antecknats", en: "The handling has already been recorded" }
    /// The meeting has not begun, so nothing has been handled at it.
    NOT_BEGUN = Conflict "handling.not_begun" { fi: "Kokous ei ole vielä alkanut", sv: "Sammanträdet har inte börjat ännu", en: "The meeting has not begun" }
    /// The meeting is cancelled, so nothing has been handled at it.
    MEETING_CANCELLED = Conflict "handling.meeting_cancelled" { fi: "Kokous on peruttu", sv: "Sammanträdet är inställt", en: "The meeting is cancelled" }
    /// The record has been superseded already; supersede the one that stands.
    SUPERSEDED = Conflict "handling.superseded" { fi: "Merkintä on jo korvattu", sv: "Anteckningen har redan ersatts", en: "The record has already been replaced" }
    /// The step has as many handlings as one step may have.
    TOO_MANY = Conflict "handling.too_many" { fi: "Käsittelyjä on liikaa", sv: "För många behandlingar", en: "Too many handlings" }
}

/// The greatest number of handlings of one step, superseded ones included.
pub const MOST_HANDLINGS: usize = 100;

/// The number of an item on an agenda (pykälä), such as `§ 12`.
pub type AgendaNumber = Text<20>;

/// What a body did with a step at one meeting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handling {
    /// Its identifier.
    pub id: HandlingId,
    /// The step.
    pub step_id: StepId,
    /// What was recorded.
    pub details: Details,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// The record that stands in the place of this one.
    pub superseded_by_id: Option<HandlingId>,
}

/// What is recorded of a handling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// Where.
    pub occasion: Occasion,
    /// The number of the item.
    pub agenda_number: Option<AgendaNumber>,
    /// How it ended.
    pub outcome: Outcome,
    /// The text of the resolution.
    pub resolution: Option<Prose>,
    /// Where the minutes, or the extract from them, can be read.
    pub minutes_url: Option<WebAddress>,
    /// For what was returned: the earlier step that is open again, with all that depends on it.
    pub returned_to_step_id: Option<StepId>,
}

impl Details {
    /// Checks them as those of a handling of `step` at `venue` among all steps of its action.
    fn checked(&self, step: &DecisionStep, venue: &Venue, steps: &[DecisionStep], now: Instant) -> Result<(), Fault> {
        if let Some(to) = self.returned_to_step_id {
            let invalid =
                |code: &'static str, detail: Message| Err(Fault::invalid("/returned_to_step_id", code, detail));
            if self.outcome != Outcome::Returned {
                return invalid(
                    "not_returned",
                    message!(
                        fi: "Vain palautettu asia voi siirtyä takaisin toiseen vaiheeseen.",
                        sv: "Endast ett återremitterat ärende kan gå tillbaka till ett annat steg.",
                        en: "Only a returned matter can go back to another step.",
                    ),
                );
            }
            if !steps.iter().any(|step| step.id == to) {
                return invalid(
                    "unknown_reference",
                    message!(
                        fi: "Toimenpiteellä ei ole tällaista käsittelyvaihetta.",
                        sv: "Åtgärden har inget sådant behandlingssteg.",
                        en: "The action has no such decision step.",
                    ),
                );
            }
            if !comes_before(to, step.id, steps) {
                return invalid(
                    "not_before_it",
                    message!(
                        fi: "Vaihe ei edellä tätä vaihetta.",
                        sv: "Steget föregår inte detta steg.",
                        en: "The step does not come before this one.",
                    ),
                );
            }
        }
        match venue {
            Venue::Meeting { cancelled: true, .. } => Err(Fault::new(
                &MEETING_CANCELLED,
                message!(
                    fi: "Kokous on peruttu.",
                    sv: "Sammanträdet är inställt.",
                    en: "The meeting is cancelled.",
                ),
            )),
            Venue::Meeting { starts_at, .. } if *starts_at > now => Err(Fault::new(
                &NOT_BEGUN,
                message!(
                    fi: "Kokous alkaa vasta {starts_at}.",
                    sv: "Sammanträdet börjar först {starts_at}.",
                    en: "The meeting does not begin until {starts_at}.",
                    starts_at = starts_at,
                ),
            )),
            Venue::Day(on) if *on > date_of(now) => Err(Fault::new(
                &NOT_BEGUN,
                message!(
                    fi: "Päivä on vasta tulossa: {on}.",
                    sv: "Dagen är ännu inte inne: {on}.",
                    en: "The day has not come yet: {on}.",
                    on = on,
                ),
            )),
            Venue::Meeting { .. } | Venue::Day(_) => Ok(()),
        }
    }
}

/// Whether `step` waits for `earlier`, directly or through others.
fn comes_before(earlier: StepId, step: StepId, steps: &[DecisionStep]) -> bool {
    let waits: BTreeMap<StepId, &DecisionStep> = steps.iter().map(|step| (step.id, step)).collect();
    let (mut met, mut stack) = (BTreeSet::new(), vec![step]);
    while let Some(at) = stack.pop() {
        for before in waits.get(&at).into_iter().flat_map(|step| &step.details.depends_on) {
            if before.step_id == earlier {
                return true;
            }
            if met.insert(before.step_id) {
                stack.push(before.step_id);
            }
        }
    }
    false
}

impl DecisionStep {
    /// Those of its handlings that no other has superseded.
    pub fn standing_handlings(&self) -> impl DoubleEndedIterator<Item = &Handling> {
        self.handlings.iter().filter(|handling| handling.superseded_by_id.is_none())
    }

    /// Records what its body did with it; `is_open` says whether it was still to be handled.
    ///
    /// # Errors
    /// [`DECIDED`], [`ALREADY_RECORDED`], [`NOT_BEGUN`], [`MEETING_CANCELLED`], [`TOO_MANY`], and 422 for a step to which it
    /// cannot be returned.
    pub fn handled(
        mut self,
        id: HandlingId,
        (details, venue): (Details, &Venue),
        steps: &[Self],
        is_open: bool,
        now: Instant,
    ) -> Result<Self, Fault> {
        details.checked(&self, venue, steps, now)?;
        if self.standing_handlings().any(|handling| handling.details.occasion == details.occasion) {
            return Err(Fault::new(
                &ALREADY_RECORDED,
                message!(
                    fi: "Vaihe on jo käsitelty siinä kokouksessa.",
                    sv: "Steget har redan behandlats vid det sammanträdet.",
                    en: "The step has already been handled at that meeting.",
                ),
            ));
        }
        if !is_open {
            return Err(Fault::new(
                &DECIDED,
                message!(
                    fi: "Vaihe on jo päätetty.",
                    sv: "Steget har redan avgjorts.",
                    en: "The step has already been decided.",
                ),
            ));
        }
        let end = self.handlings.len();
        self.add(end, id, details, now)?;
        Ok(self)
    }

    /// Records that one of its handlings was another than was recorded. Claims against the old record stay with the
    /// decision: they speak of the new one.
    ///
    /// # Errors
    /// 404 where it has no such handling, [`SUPERSEDED`], else as [`DecisionStep::handled`].
    pub fn corrected(
        mut self,
        wrong: HandlingId,
        id: HandlingId,
        (details, venue): (Details, &Venue),
        steps: &[Self],
        now: Instant,
    ) -> Result<Self, Fault> {
        details.checked(&self, venue, steps, now)?;
        let old = self.handlings.iter().position(|handling| handling.id == wrong).ok_or_else(Fault::not_found)?;
        if self.handlings.get(old).is_some_and(|handling| handling.superseded_by_id.is_some()) {
            return Err(Fault::new(
                &SUPERSEDED,
                message!(
                    fi: "Tämä kirjaus on jo korvattu toisella.",
                    sv: "Denna anteckning har redan ersatts av en annan.",
                    en: "This record has already been replaced by another.",
                ),
            ));
        }
        let another = self
            .standing_handlings()
            .any(|handling| handling.id != wrong && handling.details.occasion == details.occasion);
        if another {
            return Err(Fault::new(
                &ALREADY_RECORDED,
                message!(
                    fi: "Vaihe on jo käsitelty siinä kokouksessa.",
                    sv: "Steget har redan behandlats vid det sammanträdet.",
                    en: "The step has already been handled at that meeting.",
                ),
            ));
        }
        if let Some(old) = self.handlings.get_mut(old) {
            old.superseded_by_id = Some(id);
        }
        for claim in self.claims.iter_mut().filter(|claim| claim.handling_id == wrong) {
            claim.handling_id = id;
        }
        self.add(old + 1, id, details, now)?;
        Ok(self)
    }

    /// The same where one of its handlings was recorded `at` another time than now, before that was entered.
    ///
    /// # Errors
    /// 422 for a time in the future, or before the meeting began.
    pub fn recorded_at(
        mut self,
        id: HandlingId,
        venue: &Venue,
        at: Option<Instant>,
        now: Instant,
    ) -> Result<Self, Fault> {
        let Some(at) = at else { return Ok(self) };
        let at = happened("/recorded_at", at, None, now)?;
        let began = match venue {
            Venue::Meeting { starts_at, .. } => *starts_at,
            Venue::Day(on) => midnight(*on),
        };
        if at < began {
            let detail = message!(
                fi: "Käsittelyä ei ole voitu kirjata ennen kokouksen alkua {began}.",
                sv: "Behandlingen kan inte ha antecknats innan sammanträdet började {began}.",
                en: "The handling cannot have been recorded before the meeting began at {began}."
            );
            return Err(Fault::invalid("/recorded_at", "before_meeting", detail));
        }
        for handling in self.handlings.iter_mut().filter(|handling| handling.id == id) {
            handling.recorded_at = at;
        }
        Ok(self)
    }

    fn add(&mut self, at: usize, id: HandlingId, details: Details, now: Instant) -> Result<(), Fault> {
        if self.handlings.len() >= MOST_HANDLINGS {
            return Err(Fault::new(
                &TOO_MANY,
                message!(
                    fi: "Vaiheella voi olla enintään {MOST_HANDLINGS} käsittelyä.",
                    sv: "Ett steg kan ha högst {MOST_HANDLINGS} behandlingar.",
                    en: "A step can have at most {MOST_HANDLINGS} handlings.",
                ),
            ));
        }
        let step_id = self.id;
        self.handlings.insert(at, Handling { id, step_id, details, recorded_at: now, superseded_by_id: None });
        self.updated_at = self.updated_at.max(now);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
