//! From draft to completion: `draft → proposed → agreed → in_progress → completed`, with a hold and a cancellation
//! aside. A refused transition lists every condition that is missing.

use super::participants::{Commitment, Participant};
use super::{Action, ActionStatus, NOT_COMMITTED, NOT_DECIDED};
use crate::fault::{Culprit, Fault};
use crate::time::{Instant, date_of};
use crate::timetable::MissingStep;
use crate::timetable::Readiness;
use crate::vocabulary::{Gate, Vocabulary};
use crate::{Message, message};

impl Action {
    /// Puts a draft to its participants.
    pub fn propose(self, now: Instant) -> Result<Self, Fault> {
        self.require_status(&[ActionStatus::Draft])?;
        Ok(self.moved(ActionStatus::Proposed, now))
    }

    /// Records that the participants agree: each one that implements or funds the action must be committed. One that
    /// has declined or withdrawn stands in the way until it is invited again or has another role.
    pub fn agree(self, now: Instant) -> Result<Self, Fault> {
        self.require_status(&[ActionStatus::Proposed])?;
        let missing: Vec<_> = self
            .participants
            .iter()
            .filter(|participant| participant.is_needed() && !participant.is_committed())
            .map(|participant| Culprit::new("", "not_committed", not_committed(participant)))
            .collect();
        if !missing.is_empty() {
            let detail = message!(
                fi: "Kaikkien toteuttajien ja rahoittajien on oltava sitoutuneita.",
                sv: "Alla genomförande och finansierande deltagare måste ha förbundit sig.",
                en: "Every implementing and funding participant must be committed.",
            );
            return Err(Fault::new(&NOT_COMMITTED, detail.clone()).with(missing));
        }
        Ok(self.moved(ActionStatus::Agreed, now))
    }

    /// Starts it: each authoritative decision step must have reached the start gate.
    pub fn start(self, readiness: &Readiness, now: Instant) -> Result<Self, Fault> {
        self.require_status(&[ActionStatus::Agreed])?;
        let today = date_of(now);
        let gate = readiness.start_gate;
        if !readiness.ready {
            let missing =
                readiness.missing.iter().map(|step| Culprit::new("", step.reason.as_str(), not_ready(step, gate)));
            let detail = match gate {
                Gate::Proposed | Gate::Decided => message!(
                    fi: "Kaikki ratkaisevat käsittelyvaiheet on ensin päätettävä.",
                    sv: "Alla avgörande behandlingssteg måste först avgöras.",
                    en: "Every authoritative decision step must be decided first.",
                ),
                Gate::Notified | Gate::Final => message!(
                    fi: "Kaikkien ratkaisevien käsittelyvaiheiden päätösten on ensin saatava lainvoima.",
                    sv: "Besluten i alla avgörande behandlingssteg måste först vinna laga kraft.",
                    en: "The decisions of every authoritative decision step must have legal force first.",
                ),
            };
            return Err(Fault::new(&NOT_DECIDED, detail.clone()).with(missing));
        }
        Ok(Self { started_on: Some(today), ..self.moved(ActionStatus::InProgress, now) })
    }

    /// Completes it.
    pub fn complete(self, now: Instant) -> Result<Self, Fault> {
        self.require_status(&[ActionStatus::InProgress])?;
        Ok(Self { ended_on: Some(date_of(now)), ..self.moved(ActionStatus::Completed, now) })
    }

    /// Gives it up. The status before is kept: who sees it depends on whether it was ever proposed.
    pub fn cancel(self, now: Instant) -> Result<Self, Fault> {
        if self.is_closed() {
            return Err(self.closed());
        }
        let held_status = self.held_status.or(Some(self.status));
        Ok(Self { held_status, ..self.moved(ActionStatus::Cancelled, now) })
    }

    /// Pauses it.
    pub fn hold(self, now: Instant) -> Result<Self, Fault> {
        self.require_status(&[ActionStatus::Agreed, ActionStatus::InProgress])?;
        let held_status = Some(self.status);
        Ok(Self { held_status, ..self.moved(ActionStatus::OnHold, now) })
    }

    /// Takes it up again where it was paused.
    pub fn resume(self, now: Instant) -> Result<Self, Fault> {
        self.require_status(&[ActionStatus::OnHold])?;
        let status = self.held_status.unwrap_or(ActionStatus::Agreed);
        Ok(Self { held_status: None, ..self.moved(status, now) })
    }

    fn moved(self, status: ActionStatus, now: Instant) -> Self {
        Self { meta: self.meta.changed(now), status, ..self }
    }
}

/// Why the action cannot be agreed on without this participant.
fn not_committed(participant: &Participant) -> Message {
    let who = participant.organisation_id;
    match participant.commitment {
        Commitment::Invited => message!(
            fi: "{who} ei ole vielä vastannut kutsuun.",
            sv: "{who} har ännu inte svarat på inbjudan.",
            en: "{who} has not answered its invitation yet.",
            who = who,
        ),
        Commitment::Declined => {
            message!(fi: "{who} on kieltäytynyt.", sv: "{who} har avböjt.", en: "{who} has declined.", who = who)
        }
        Commitment::Withdrawn => {
            message!(fi: "{who} on vetäytynyt.", sv: "{who} har dragit sig ur.", en: "{who} has withdrawn.", who = who)
        }
        Commitment::Committed => {
            message!(fi: "{who} on sitoutunut.", sv: "{who} har förbundit sig.", en: "{who} is committed.", who = who)
        }
    }
}

/// That a step has not come to the start gate, and when it will.
fn not_ready(step: &MissingStep, gate: Gate) -> Message {
    let id = step.step_id;
    let missing = match gate {
        Gate::Proposed | Gate::Decided => message!(
            fi: "Käsittelyvaihetta {id} ei ole päätetty.",
            sv: "Behandlingssteget {id} har inte avgjorts.",
            en: "Decision step {id} has not been decided.",
            id = id,
        ),
        Gate::Notified | Gate::Final => message!(
            fi: "Käsittelyvaiheen {id} päätös ei ole lainvoimainen.",
            sv: "Beslutet i behandlingssteget {id} har inte vunnit laga kraft.",
            en: "The decision of decision step {id} does not have legal force.",
            id = id,
        ),
    };
    match step.expected_on {
        None => missing,
        Some(on) => message!(
            fi: "{missing} Sen odotetaan täyttyvän {on}.",
            sv: "{missing} Det väntas ske {on}.",
            en: "{missing} This is expected on {on}.",
            missing = missing,
            on = on,
        ),
    }
}
