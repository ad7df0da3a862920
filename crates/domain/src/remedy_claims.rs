//! Remedies sought against decisions: claims for rectification and appeals, and their rulings.

use crate::decision_steps::DecisionStep;
use crate::fault::Fault;
use crate::handlings::Handling;
use crate::ids::{HandlingId, RemedyClaimId, StepId};
use crate::message;
use crate::time::{Date, Instant, date_of};
use crate::timetable::Challenge;
use crate::vocabulary::Remedy;

crate::codes! {
    /// There is no decision against which a remedy could be sought.
    NO_DECISION = Conflict "remedy.no_decision" { fi: "Päätöstä ei ole", sv: "Det finns inget beslut", en: "There is no decision" }
    /// This remedy does not lie against the decision: none lies against preparation or where the body's decisions have no
    /// remedy, and an appeal against a board's decision needs a dismissed claim for rectification first (Local Government
    /// Act 410/2015 §134, §135, §136).
    NOT_AVAILABLE = Conflict "remedy.not_available" { fi: "Muutoksenhakukeino ei ole käytettävissä", sv: "Detta ändringssökande är inte möjligt", en: "This remedy is not available" }
    /// The claim has its ruling already.
    RULED = Conflict "remedy.ruled" { fi: "Muutoksenhaku on jo ratkaistu", sv: "Ändringsyrkandet är redan avgjort", en: "The claim has already been ruled on" }
    /// The decision has as many claims as one may have on record.
    TOO_MANY = Conflict "remedy.too_many" { fi: "Muutoksenhakuja on liikaa", sv: "För många ändringsyrkanden", en: "Too many claims" }
}

/// The greatest number of claims on record of one step.
pub const MOST_CLAIMS: usize = 200;

crate::vocabulary! {
    /// How a claim was decided.
    RulingOutcome {
        /// The decision stands.
        Dismissed = "dismissed",
        /// The decision is annulled or overturned: it counts as rejected.
        Upheld = "upheld",
    }
}

/// A claim for rectification, or an appeal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Its identifier.
    pub id: RemedyClaimId,
    /// The step whose decision it is against.
    pub step_id: StepId,
    /// The record of the decision.
    pub handling_id: HandlingId,
    /// Which remedy it is.
    pub kind: Remedy,
    /// The date on which it was filed.
    pub filed_on: Date,
    /// How it was decided.
    pub ruling: Option<Ruling>,
    /// When it was recorded.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

/// How a claim was decided, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ruling {
    /// How.
    pub outcome: RulingOutcome,
    /// The date of the ruling; of a dismissed claim for rectification, the date of notice, from which the 30 days of the
    /// appeal run.
    pub on: Date,
}

/// What the claims against one decision come to.
pub fn challenge<'a>(claims: impl IntoIterator<Item = &'a Claim>) -> Challenge {
    let (mut pending, mut appeal, mut rectification) = (false, None, None);
    for claim in claims {
        match (claim.ruling, claim.kind) {
            (None, _) => pending = true,
            (Some(Ruling { outcome: RulingOutcome::Upheld, .. }), _) => return Challenge::Annulled,
            (Some(Ruling { on, .. }), Remedy::Appeal) => appeal = appeal.max(Some(on)),
            (Some(Ruling { on, .. }), Remedy::Rectification) => rectification = rectification.max(Some(on)),
        }
    }
    match (pending, appeal, rectification) {
        (true, ..) => Challenge::Pending,
        (false, Some(on), _) => Challenge::AppealDismissed { on },
        (false, None, Some(notice_on)) => Challenge::RectificationDismissed { notice_on },
        (false, None, None) => Challenge::None,
    }
}

impl DecisionStep {
    /// The record of its last decision, of those that no other has superseded.
    pub fn decision(&self) -> Option<&Handling> {
        let last = self.standing_handlings().next_back()?;
        last.details.outcome.is_approval().then_some(last)
    }

    /// What the claims against its last decision come to.
    pub fn challenge(&self) -> Challenge {
        let decision = self.decision().map(|handling| handling.id);
        challenge(self.claims.iter().filter(|claim| Some(claim.handling_id) == decision))
    }

    /// Records a claim against its decision, against which `available` lies by law.
    ///
    /// # Errors
    /// [`NO_DECISION`], [`NOT_AVAILABLE`], [`TOO_MANY`], and 422 for a date in the future.
    pub fn with_claim(
        mut self,
        id: RemedyClaimId,
        (kind, filed_on): (Remedy, Date),
        available: Option<Remedy>,
        is_decided: bool,
        now: Instant,
    ) -> Result<Self, Fault> {
        refuse_future("/filed_on", filed_on, now)?;
        let Some(decision) = self.decision().filter(|_| is_decided).map(|handling| handling.id) else {
            return Err(Fault::new(
                &NO_DECISION,
                message!(
                    fi: "Vaihetta ei ole vielä päätetty.",
                    sv: "Steget har inte avgjorts ännu.",
                    en: "The step has not been decided yet.",
                ),
            ));
        };
        let after_rectification = self.claims.iter().any(|claim| {
            let dismissed = claim.ruling.is_some_and(|ruling| ruling.outcome == RulingOutcome::Dismissed);
            claim.handling_id == decision && claim.kind == Remedy::Rectification && dismissed
        });
        if available != Some(kind) && !(kind == Remedy::Appeal && available.is_some() && after_rectification) {
            let detail = match available {
                Some(Remedy::Rectification) => message!(
                    fi: "Tähän päätökseen haetaan muutosta oikaisuvaatimuksella.",
                    sv: "Ändring i detta beslut söks genom begäran om omprövning.",
                    en: "The remedy against this decision is a claim for rectification.",
                ),
                Some(Remedy::Appeal) => message!(
                    fi: "Tähän päätökseen haetaan muutosta valittamalla.",
                    sv: "Ändring i detta beslut söks genom besvär.",
                    en: "The remedy against this decision is an appeal.",
                ),
                None => message!(
                    fi: "Päätökseen ei voi hakea muutosta.",
                    sv: "Ändring i beslutet kan inte sökas.",
                    en: "No remedy is available against the decision.",
                ),
            };
            return Err(Fault::new(&NOT_AVAILABLE, detail.clone()).at("/kind", "not_available", detail));
        }
        if self.claims.len() >= MOST_CLAIMS {
            return Err(Fault::new(
                &TOO_MANY,
                message!(
                    fi: "Vaiheella voi olla enintään {MOST_CLAIMS} muutoksenhakua.",
                    sv: "Ett steg kan ha högst {MOST_CLAIMS} ändringsyrkanden.",
                    en: "A step can have at most {MOST_CLAIMS} claims.",
                ),
            ));
        }
        self.claims.push(Claim {
            id,
            step_id: self.id,
            handling_id: decision,
            kind,
            filed_on,
            ruling: None,
            created_at: now,
            updated_at: now,
        });
        Ok(Self { updated_at: self.updated_at.max(now), ..self })
    }

    /// Records how a claim was decided. What is recorded already stays as it is.
    ///
    /// # Errors
    /// 404 where it has no such claim, [`RULED`], and 422 for a date in the future or before the claim.
    pub fn with_ruling(mut self, claim: RemedyClaimId, ruling: Ruling, now: Instant) -> Result<Self, Fault> {
        refuse_future("/on", ruling.on, now)?;
        let claim = self.claims.iter_mut().find(|known| known.id == claim).ok_or_else(Fault::not_found)?;
        if claim.ruling == Some(ruling) {
            return Ok(self);
        }
        if claim.ruling.is_some() {
            return Err(Fault::new(
                &RULED,
                message!(
                    fi: "Muutoksenhaku on jo ratkaistu.",
                    sv: "Ändringsyrkandet har redan avgjorts.",
                    en: "The claim has already been ruled on.",
                ),
            ));
        }
        if ruling.on < claim.filed_on {
            return Err(Fault::invalid(
                "/on",
                "before_filing",
                message!(
                    fi: "Ratkaisu on vanhempi kuin muutoksenhaku.",
                    sv: "Avgörandet är äldre än ändringsyrkandet.",
                    en: "The ruling is older than the claim.",
                ),
            ));
        }
        claim.ruling = Some(ruling);
        claim.updated_at = now;
        Ok(Self { updated_at: self.updated_at.max(now), ..self })
    }
}

/// Refuses what has not happened yet.
fn refuse_future(pointer: &str, on: Date, now: Instant) -> Result<(), Fault> {
    if on > date_of(now) {
        return Err(Fault::invalid(
            pointer,
            "in_future",
            message!(
                fi: "Päivämäärä on tulevaisuudessa.",
                sv: "Datumet ligger i framtiden.",
                en: "The date is in the future.",
            ),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
