//! From draft to completion: `draft → proposed → agreed → in_progress → completed`, with a hold and a cancellation
//! aside. A refused transition lists every condition that is missing.

use super::participants::Participant;
use super::{Action, ActionStatus, CLOSED, NOT_COMMITTED, NOT_DECIDED};
use crate::fault::{Culprit, Fault};
use crate::time::{Instant, date_of};
use crate::timetable::Readiness;
use crate::vocabulary::Vocabulary;

impl Action {
    /// Puts a draft to its participants.
    pub fn propose(self, now: Instant) -> Result<Self, Fault> {
        self.require_status(&[ActionStatus::Draft])?;
        Ok(self.moved(ActionStatus::Proposed, now))
    }

    /// The participants that the agreement waits for.
    pub fn uncommitted(&self) -> impl Iterator<Item = &Participant> {
        self.participants.iter().filter(|participant| participant.is_needed() && !participant.is_committed())
    }

    /// Records that the participants agree: each one that implements or funds the action must be committed. One that
    /// has declined or withdrawn stands in the way until it is invited again or has another role.
    pub fn agree(self, now: Instant) -> Result<Self, Fault> {
        self.require_status(&[ActionStatus::Proposed])?;
        let missing: Vec<_> = self
            .uncommitted()
            .map(|participant| {
                let detail = format!("Organisation {} is {}.", participant.organisation_id, participant.commitment);
                Culprit::new("", "not_committed", detail)
            })
            .collect();
        if !missing.is_empty() {
            let detail = "Every implementing and funding participant must be committed.";
            return Err(Fault::new(&NOT_COMMITTED, detail).with(missing));
        }
        Ok(self.moved(ActionStatus::Agreed, now))
    }

    /// Starts it: each authoritative decision step must have reached the start gate.
    pub fn start(self, readiness: &Readiness, now: Instant) -> Result<Self, Fault> {
        self.require_status(&[ActionStatus::Agreed])?;
        let today = date_of(now);
        let gate = readiness.start_gate;
        if !readiness.ready {
            let missing = readiness.missing.iter().map(|step| {
                let expected = step.expected_on.map(|on| format!(" It will be from {on} on.")).unwrap_or_default();
                let detail = format!("Decision step {} is not {gate}.{expected}", step.step_id);
                Culprit::new("", step.reason.as_str(), detail)
            });
            let detail = format!("Every authoritative decision step must be {gate}.");
            return Err(Fault::new(&NOT_DECIDED, detail).with(missing));
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
            return Err(Fault::new(&CLOSED, format!("The action is {} already.", self.status)));
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
