//! Who takes part in an action, as what, and whether it has agreed to.
//!
//! The accountable organisation invites and says as what; only the invited one commits, declines or withdraws.

use super::{ACCOUNTABLE, ALREADY_INVITED, Action, WRONG_COMMITMENT};
use crate::fault::Fault;
use crate::ids::OrganisationId;
use crate::programmes::{MemberRole, Programme};
use crate::say::Words;
use crate::time::{Date, Instant};
use crate::{Message, message};
use std::collections::BTreeSet;

crate::vocabulary! {
    /// As what an organisation takes part in an action.
    ParticipantRole {
        /// Leads it; exactly one participant does.
        Accountable = "accountable",
        /// Carries it out.
        Implementing = "implementing",
        /// Pays for it.
        Funding = "funding",
        /// Helps with it.
        Supporting = "supporting",
        /// Is asked about it.
        Consulted = "consulted",
    }

    /// Whether an organisation has agreed to take part.
    Commitment {
        /// It has been asked.
        Invited = "invited",
        /// It has agreed.
        Committed = "committed",
        /// It has refused.
        Declined = "declined",
        /// It had agreed, and takes part no more.
        Withdrawn = "withdrawn",
    }
}

impl Commitment {
    /// The commitment in a sentence.
    pub fn words(self) -> Words {
        match self {
            Self::Invited => ["kutsuttu", "inbjuden", "invited"],
            Self::Committed => ["sitoutunut", "har förbundit sig", "committed"],
            Self::Declined => ["kieltäytynyt", "har avböjt", "declined"],
            Self::Withdrawn => ["vetäytynyt", "har dragit sig ur", "withdrawn"],
        }
    }
}

/// One organisation's part in an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Participant {
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// As what it takes part.
    pub roles: BTreeSet<ParticipantRole>,
    /// Whether it has agreed to.
    pub commitment: Commitment,
    /// When it was asked last.
    pub invited_at: Instant,
    /// When it answered last.
    pub answered_at: Option<Instant>,
}

impl Participant {
    /// The organisation that creates an action.
    pub(super) fn accountable(organisation_id: OrganisationId, now: Instant) -> Self {
        Self {
            organisation_id,
            roles: [ParticipantRole::Accountable].into(),
            commitment: Commitment::Committed,
            invited_at: now,
            answered_at: Some(now),
        }
    }

    /// Whether it leads the action.
    pub fn is_accountable(&self) -> bool {
        self.roles.contains(&ParticipantRole::Accountable)
    }

    /// Whether it is invited or committed.
    pub fn takes_part(&self) -> bool {
        matches!(self.commitment, Commitment::Invited | Commitment::Committed)
    }

    /// Whether it has agreed to take part.
    pub fn is_committed(&self) -> bool {
        self.commitment == Commitment::Committed
    }

    /// Whether the action cannot be agreed on without it.
    pub fn is_needed(&self) -> bool {
        self.roles.contains(&ParticipantRole::Implementing) || self.roles.contains(&ParticipantRole::Funding)
    }

    fn require(&self, wanted: Commitment) -> Result<(), Fault> {
        if self.commitment == wanted {
            return Ok(());
        }
        let detail = message!(
            fi: "Osallistujan tila on {now}. Tämä on mahdollista vain tilassa {wanted}.",
            sv: "Deltagarens läge är {now}. Detta är möjligt endast i läget {wanted}.",
            en: "The participant is {now}. This is possible only when it is {wanted}.",
            now = self.commitment.words(),
            wanted = wanted.words(),
        );
        Err(Fault::new(&WRONG_COMMITMENT, detail.clone()).at("", "commitment", detail))
    }

    fn require_other(&self) -> Result<(), Fault> {
        if self.is_accountable() {
            return Err(Fault::new(
                &ACCOUNTABLE,
                message!(
                    fi: "Vastuuorganisaatio ei voi vetäytyä, eikä sitä voi poistaa.",
                    sv: "Den ansvariga organisationen kan varken dra sig ur eller avlägsnas.",
                    en: "The accountable organisation can neither withdraw nor be removed.",
                ),
            ));
        }
        Ok(())
    }

    fn answered(self, commitment: Commitment, now: Instant) -> Self {
        Self { commitment, answered_at: Some(now), ..self }
    }
}

/// Refuses an organisation that is no member of the programme on the day, or only observes it: it can neither be
/// accountable for an action nor be invited to one.
pub fn require_carrier(programme: &Programme, organisation: OrganisationId, on: Date) -> Result<(), Fault> {
    let invalid = |code: &'static str, detail: Message| Err(Fault::invalid("/organisation_id", code, detail));
    match programme.member(organisation).filter(|member| member.is_current(on)) {
        None => invalid(
            "not_a_member",
            message!(
                fi: "Organisaatio ei ole tällä hetkellä ohjelman jäsen.",
                sv: "Organisationen är för närvarande inte medlem i programmet.",
                en: "The organisation is not currently a member of the programme.",
            ),
        ),
        Some(member) if member.role == MemberRole::Observer => invalid(
            "observer",
            message!(
                fi: "Organisaatio on ohjelmassa vain tarkkailijana.",
                sv: "Organisationen deltar i programmet endast som observatör.",
                en: "The organisation is only an observer of the programme.",
            ),
        ),
        Some(_) => Ok(()),
    }
}

/// Refuses a set of roles that a participant cannot have: an empty one, or one that would move the accountability.
fn check_roles(roles: &BTreeSet<ParticipantRole>, accountable: bool) -> Result<(), Fault> {
    let invalid = |code: &'static str, detail: Message| Err(Fault::invalid("/roles", code, detail));
    if roles.is_empty() {
        return invalid(
            "empty",
            message!(
                fi: "Osallistujalla on oltava vähintään yksi rooli.",
                sv: "En deltagare måste ha minst en roll.",
                en: "A participant must have at least one role.",
            ),
        );
    }
    match (accountable, roles.contains(&ParticipantRole::Accountable)) {
        (false, true) => invalid(
            "accountable",
            message!(
                fi: "Toimenpiteestä vastaa toinen organisaatio.",
                sv: "En annan organisation ansvarar för åtgärden.",
                en: "Another organisation is accountable for the action.",
            ),
        ),
        (true, false) => invalid(
            "accountable",
            message!(
                fi: "Vastuuorganisaation on pidettävä tämä rooli.",
                sv: "Den ansvariga organisationen måste behålla denna roll.",
                en: "The accountable organisation must keep this role.",
            ),
        ),
        _ => Ok(()),
    }
}

impl Action {
    /// The organisation's part in the action, or a 404.
    pub fn participant(&self, organisation: OrganisationId) -> Result<&Participant, Fault> {
        self.participants
            .iter()
            .find(|participant| participant.organisation_id == organisation)
            .ok_or_else(Fault::not_found)
    }

    /// Asks an organisation to take part, or asks it again after it has declined or withdrawn.
    pub fn invite(
        self,
        organisation: OrganisationId,
        roles: BTreeSet<ParticipantRole>,
        now: Instant,
    ) -> Result<Self, Fault> {
        check_roles(&roles, organisation == self.accountable_id)?;
        self.require_open()?;
        if self.participant(organisation).is_ok_and(Participant::takes_part) {
            let detail = message!(
                fi: "Organisaatio on jo mukana tai ei ole vielä vastannut kutsuun.",
                sv: "Organisationen deltar redan eller har ännu inte svarat på inbjudan.",
                en: "The organisation already takes part, or has not answered its invitation yet.",
            );
            return Err(Fault::new(&ALREADY_INVITED, detail.clone()).at("/organisation_id", "already_invited", detail));
        }
        let invited = Participant {
            organisation_id: organisation,
            roles,
            commitment: Commitment::Invited,
            invited_at: now,
            answered_at: None,
        };
        let others = self.participants.into_iter().filter(|participant| participant.organisation_id != organisation);
        let mut participants: Vec<_> = others.chain([invited]).collect();
        participants.sort_by_key(|participant| participant.organisation_id);
        Ok(Self { meta: self.meta.changed(now), participants, ..self })
    }

    /// Gives a participant other roles. Nobody can bind another: one that was committed is asked again.
    pub fn reassign(
        self,
        organisation: OrganisationId,
        roles: BTreeSet<ParticipantRole>,
        now: Instant,
    ) -> Result<Self, Fault> {
        check_roles(&roles, organisation == self.accountable_id)?;
        self.with_participant(organisation, now, |participant| {
            let asked_again = participant.commitment == Commitment::Committed
                && !participant.is_accountable()
                && participant.roles != roles;
            if asked_again {
                let (commitment, answered_at) = (Commitment::Invited, None);
                return Ok(Participant { roles, commitment, invited_at: now, answered_at, ..participant });
            }
            Ok(Participant { roles, ..participant })
        })
    }

    /// The organisation agrees to take part.
    pub fn commit(self, organisation: OrganisationId, now: Instant) -> Result<Self, Fault> {
        self.with_participant(organisation, now, |participant| {
            participant.require(Commitment::Invited)?;
            Ok(participant.answered(Commitment::Committed, now))
        })
    }

    /// The organisation refuses to take part.
    pub fn decline(self, organisation: OrganisationId, now: Instant) -> Result<Self, Fault> {
        self.with_participant(organisation, now, |participant| {
            participant.require(Commitment::Invited)?;
            Ok(participant.answered(Commitment::Declined, now))
        })
    }

    /// The organisation takes part no more. The action's status stays: what follows is for people to settle.
    pub fn withdraw(self, organisation: OrganisationId, now: Instant) -> Result<Self, Fault> {
        self.with_participant(organisation, now, |participant| {
            participant.require_other()?;
            participant.require(Commitment::Committed)?;
            Ok(participant.answered(Commitment::Withdrawn, now))
        })
    }

    /// Takes back an invitation that was not answered.
    pub fn uninvite(self, organisation: OrganisationId, now: Instant) -> Result<Self, Fault> {
        self.require_open()?;
        let participant = self.participant(organisation)?;
        participant.require_other()?;
        participant.require(Commitment::Invited)?;
        let mut participants = self.participants;
        participants.retain(|participant| participant.organisation_id != organisation);
        Ok(Self { meta: self.meta.changed(now), participants, ..self })
    }

    fn with_participant(
        self,
        organisation: OrganisationId,
        now: Instant,
        change: impl FnOnce(Participant) -> Result<Participant, Fault>,
    ) -> Result<Self, Fault> {
        let before = self.participant(organisation)?.clone();
        let changed = change(before.clone());
        if changed.as_ref() == Ok(&before) {
            return Ok(self);
        }
        self.require_open()?;
        let changed = changed?;
        let mut participants = self.participants;
        for participant in &mut participants {
            if participant.organisation_id == organisation {
                participant.clone_from(&changed);
            }
        }
        Ok(Self { meta: self.meta.changed(now), participants, ..self })
    }
}
