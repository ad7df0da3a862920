//! Shared change actions: what they are, who sees them, and what may be changed when.
//!
//! An action is one aggregate with its participants and decision steps. Its accountable organisation leads it; what
//! any other organisation has in it is changed by that organisation alone (see [`participants`]).

pub mod participants;
pub mod transitions;

use crate::audience::{Audience, Key};
use crate::fault::{Culprit, Fault};
use crate::ids::{ActionId, GoalId, OrganisationId, ProgrammeId};
use crate::meta::Meta;
use crate::say::{Words, in_language};
use crate::text::{MunicipalityCode, Name, Prose, ShortCode, Tag};
use crate::time::{Date, Instant};
use crate::vocabulary::Gate;
use crate::{Message, message};
use participants::Participant;
use std::collections::BTreeSet;

crate::codes! {
    /// The action is not in a status from which this can be done; the detail names the status that it has and those
    /// that would do.
    WRONG_STATUS = Conflict "action.wrong_status" { fi: "Toimenpide on väärässä tilassa", sv: "Åtgärden har fel status", en: "The action has the wrong status" }
    /// The action is completed or cancelled, and does not change any more.
    CLOSED = Conflict "action.closed" { fi: "Toimenpide on päättynyt", sv: "Åtgärden är avslutad", en: "The action is closed" }
    /// The participants have agreed on the action: its code and its goals are fixed from then on.
    FIXED = Conflict "action.fixed" { fi: "Sovittua ei voi muuttaa", sv: "Det överenskomna kan inte ändras", en: "What was agreed on cannot be changed" }
    /// An implementing or funding participant is not committed; `errors` has one entry for each.
    NOT_COMMITTED = Conflict "action.not_committed" { fi: "Osallistujien sitoutuminen puuttuu", sv: "Deltagares åtagande saknas", en: "Participants are not committed" }
    /// An authoritative decision step is not at the action's start gate; `errors` has one entry for each.
    NOT_DECIDED = Conflict "action.not_decided" { fi: "Päätöksiä puuttuu", sv: "Beslut saknas", en: "Decisions are missing" }
    /// Other organisations are committed to the action, and could no longer answer for themselves if it were private;
    /// `errors` has one entry for each.
    COMMITTED = Conflict "action.committed" { fi: "Muut ovat sitoutuneet toimenpiteeseen", sv: "Andra har förbundit sig till åtgärden", en: "Others are committed to the action" }
    /// The organisation takes part already, or has been invited and not answered yet.
    ALREADY_INVITED = Conflict "participant.already_invited" { fi: "Organisaatio on jo kutsuttu", sv: "Organisationen är redan inbjuden", en: "Already invited" }
    /// The participant's commitment does not allow this; the detail names the commitment that it has and the one that
    /// would do.
    WRONG_COMMITMENT = Conflict "participant.wrong_commitment" { fi: "Sitoutumisen tila ei salli tätä", sv: "Åtagandets läge tillåter inte detta", en: "The commitment does not allow this" }
    /// The accountable organisation is committed by being accountable: it cannot withdraw or be removed.
    ACCOUNTABLE = Conflict "participant.accountable" { fi: "Vastuuorganisaatio ei voi vetäytyä", sv: "Den ansvariga organisationen kan inte dra sig ur", en: "The accountable organisation cannot withdraw" }
}

crate::vocabulary! {
    /// Where an action stands.
    ActionStatus {
        /// Being written by its accountable organisation.
        Draft = "draft",
        /// Put to its participants.
        Proposed = "proposed",
        /// All who implement or fund it are committed.
        Agreed = "agreed",
        /// Being carried out.
        InProgress = "in_progress",
        /// Paused after it was agreed on.
        OnHold = "on_hold",
        /// Carried out.
        Completed = "completed",
        /// Given up.
        Cancelled = "cancelled",
    }

    /// Who may see an action.
    ActionVisibility {
        /// The accountable organisation; from the proposal on, the programme's coordinators too.
        Private = "private",
        /// These, and whoever is invited until it declines or withdraws.
        Participants = "participants",
        /// From the proposal on, all members of the programme; before, as `participants`.
        Partners = "partners",
        /// From the proposal on, everyone; before, as `participants`.
        Public = "public",
    }

    /// What must have happened to the authoritative decisions before the action may start.
    StartGate {
        /// They have been made.
        Decided = "decided",
        /// They have legal force.
        Final = "final",
    }

    /// Whom an action is for.
    TargetGroup {
        /// Children under school age.
        Age0To6 = "age_0_6",
        /// Children of primary-school age.
        Age7To12 = "age_7_12",
        /// Young people under age.
        Age13To17 = "age_13_17",
        /// Young adults.
        Age18To24 = "age_18_24",
        /// Families.
        Families = "families",
        /// Those who work with them.
        Professionals = "professionals",
    }

    /// How early an action helps.
    PreventionLevel {
        /// Promotes wellbeing (edistävä).
        Promotion = "promotion",
        /// Prevents problems (ehkäisevä).
        Prevention = "prevention",
        /// Supports at the first signs (varhainen tuki).
        EarlySupport = "early_support",
        /// Mends what has gone wrong (korjaava).
        Remedial = "remedial",
    }
}

impl ActionStatus {
    /// The status in a sentence.
    pub fn words(self) -> Words {
        match self {
            Self::Draft => ["luonnos", "ett utkast", "a draft"],
            Self::Proposed => ["ehdotettu", "föreslagen", "proposed"],
            Self::Agreed => ["sovittu", "överenskommen", "agreed"],
            Self::InProgress => ["käynnissä", "pågående", "in progress"],
            Self::OnHold => ["keskeytetty", "pausad", "on hold"],
            Self::Completed => ["valmis", "slutförd", "completed"],
            Self::Cancelled => ["peruttu", "inställd", "cancelled"],
        }
    }
}

impl StartGate {
    /// The gate as decision steps know it.
    pub fn gate(self) -> Gate {
        match self {
            Self::Decided => Gate::Decided,
            Self::Final => Gate::Final,
        }
    }
}

/// A shared change action with its participants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// Its identifier.
    pub id: ActionId,
    /// Version and times of the aggregate.
    pub meta: Meta,
    /// The programme that it carries out.
    pub programme_id: ProgrammeId,
    /// The organisation that leads it: the one participant with the role `accountable`.
    pub accountable_id: OrganisationId,
    /// Where it stands.
    pub status: ActionStatus,
    /// The status before the hold or the cancellation.
    pub held_status: Option<ActionStatus>,
    /// The day on which it was started.
    pub started_on: Option<Date>,
    /// The day on which it was completed.
    pub ended_on: Option<Date>,
    /// What its accountable organisation says of it.
    pub details: Details,
    /// Who takes part, or was asked to.
    pub participants: Vec<Participant>,
}

/// What the accountable organisation says of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// A code chosen by people, unique in the programme.
    pub code: ShortCode,
    /// Its name.
    pub title: Name,
    /// What is done.
    pub description: Option<Prose>,
    /// The goals of the programme that it serves, each once, in the order of their identifiers.
    pub goals: Vec<GoalId>,
    /// Who may see it.
    pub visibility: ActionVisibility,
    /// The planned first day.
    pub starts_on: Option<Date>,
    /// The planned last day.
    pub ends_on: Option<Date>,
    /// What its authoritative decisions must have reached before it starts.
    pub start_gate: StartGate,
    /// Whom it is for.
    pub target_groups: BTreeSet<TargetGroup>,
    /// How early it helps.
    pub prevention_level: Option<PreventionLevel>,
    /// The municipalities where it is carried out.
    pub area: BTreeSet<MunicipalityCode>,
    /// Words by which it is found.
    pub tags: BTreeSet<Tag>,
}

/// How many goals, municipalities and tags one action may have; there are 308 municipalities.
const MOST: usize = 400;

impl Details {
    /// Checks what no single member shows.
    pub fn checked(mut self) -> Result<Self, Fault> {
        if let (Some(from), Some(to)) = (self.starts_on, self.ends_on)
            && to < from
        {
            return Err(Fault::invalid(
                "/ends_on",
                "before_start",
                message!(
                    fi: "Päättymispäivä on ennen alkamispäivää.",
                    sv: "Slutdatumet infaller före startdatumet.",
                    en: "The end date is before the start date.",
                ),
            ));
        }
        if let Some(index) =
            self.goals.iter().enumerate().position(|(i, goal)| self.goals.iter().take(i).any(|g| g == goal))
        {
            return Err(Fault::invalid(
                format!("/goals/{index}"),
                "duplicate",
                message!(
                    fi: "Tavoite on mainittu kahdesti.",
                    sv: "Målet nämns två gånger.",
                    en: "The goal is named twice.",
                ),
            ));
        }
        let lengths = [("/goals", self.goals.len()), ("/area", self.area.len()), ("/tags", self.tags.len())];
        if let Some((pointer, _)) = lengths.into_iter().find(|(_, length)| *length > MOST) {
            return Err(Fault::invalid(
                pointer,
                "too_many",
                message!(
                    fi: "Kohtia voi antaa enintään {MOST}.",
                    sv: "Högst {MOST} kan anges.",
                    en: "At most {MOST} can be given.",
                ),
            ));
        }
        self.goals.sort_unstable();
        Ok(self)
    }
}

impl Action {
    /// A new draft. The organisation that creates it is accountable for it and committed to it.
    pub fn new(
        id: ActionId,
        programme_id: ProgrammeId,
        accountable_id: OrganisationId,
        details: Details,
        now: Instant,
    ) -> Result<Self, Fault> {
        Ok(Self {
            id,
            meta: Meta::new(now),
            programme_id,
            accountable_id,
            status: ActionStatus::Draft,
            held_status: None,
            started_on: None,
            ended_on: None,
            details: details.checked()?,
            participants: vec![Participant::accountable(accountable_id, now)],
        })
    }

    /// Whether it does not change any more.
    pub fn is_closed(&self) -> bool {
        matches!(self.status, ActionStatus::Completed | ActionStatus::Cancelled)
    }

    /// Refuses a change of what is completed or cancelled.
    pub fn require_open(&self) -> Result<(), Fault> {
        if self.is_closed() {
            return Err(self.closed());
        }
        Ok(())
    }

    /// Whether it has ever been put to its participants: the status `cancelled` alone does not tell.
    pub fn was_proposed(&self) -> bool {
        match self.status {
            ActionStatus::Draft => false,
            ActionStatus::Cancelled => self.held_status.is_some_and(|before| before != ActionStatus::Draft),
            _ => true,
        }
    }

    /// The same with other details. A draft or proposal may change in everything; from the agreement on, the code and
    /// the goals stay; what is completed or cancelled does not change. Details that are the same change nothing.
    pub fn changed(self, details: Details, now: Instant) -> Result<Self, Fault> {
        let details = details.checked()?;
        if details == self.details {
            return Ok(self);
        }
        self.require_open()?;
        self.refuse_hiding(&details)?;
        if !matches!(self.status, ActionStatus::Draft | ActionStatus::Proposed) {
            let fixed = [("/code", details.code != self.details.code), ("/goals", details.goals != self.details.goals)];
            let touched: Vec<_> = fixed.into_iter().filter(|(_, differs)| *differs).collect();
            if !touched.is_empty() {
                let detail = message!(
                    fi: "Osallistujat ovat sopineet toimenpiteestä, joten sen tunnusta ja tavoitteita ei voi enää muuttaa.",
                    sv: "Deltagarna har kommit överens om åtgärden, så dess kod och mål kan inte längre ändras.",
                    en: "The participants have agreed on the action, so its code and goals can no longer be changed.",
                );
                let fault = Fault::new(&FIXED, detail.clone());
                let at = |fault: Fault, pointer| fault.at(pointer, "fixed", detail.clone());
                return Err(touched.into_iter().fold(fault, |fault, (pointer, _)| at(fault, pointer)));
            }
        }
        Ok(Self { meta: self.meta.changed(now), details, ..self })
    }

    /// The refusal of a change when nothing changes any more.
    fn closed(&self) -> Fault {
        let detail = message!(
            fi: "Toimenpide on {status}, eikä sitä voi enää muuttaa.",
            sv: "Åtgärden är {status} och kan inte längre ändras.",
            en: "The action is {status} and can no longer be changed.",
            status = self.status.words(),
        );
        Fault::new(&CLOSED, detail)
    }

    /// Refuses to hide it from those who are committed to it: a commitment is changed only by its own organisation, which
    /// must see the action for that.
    fn refuse_hiding(&self, details: &Details) -> Result<(), Fault> {
        if self.details.visibility == details.visibility || details.visibility != ActionVisibility::Private {
            return Ok(());
        }
        let others = self.participants.iter().filter(|it| it.is_committed() && !it.is_accountable());
        let culprits: Vec<_> = others
            .map(|it| {
                Culprit::new(
                    "/visibility",
                    "committed",
                    message!(
                        fi: "{who} on sitoutunut toimenpiteeseen.",
                        sv: "{who} har förbundit sig till åtgärden.",
                        en: "{who} is committed to the action.",
                        who = it.organisation_id,
                    ),
                )
            })
            .collect();
        if culprits.is_empty() {
            return Ok(());
        }
        Err(Fault::new(
            &COMMITTED,
            message!(
                fi: "Muut ovat sitoutuneet toimenpiteeseen, joten siitä ei voi tehdä yksityistä.",
                sv: "Andra har förbundit sig till åtgärden, så den kan inte göras privat.",
                en: "Others are committed to the action, so it cannot be made private.",
            ),
        )
        .with(culprits))
    }

    /// The same after a change of something that belongs to it, such as a decision step.
    pub fn touched(self, now: Instant) -> Result<Self, Fault> {
        self.require_open()?;
        Ok(Self { meta: self.meta.changed(now), ..self })
    }

    /// The version that stands for its deletion. Only a draft can be deleted.
    pub fn deleted(self, now: Instant) -> Result<Self, Fault> {
        self.require_status(&[ActionStatus::Draft])?;
        Ok(Self { meta: self.meta.changed(now), ..self })
    }

    /// Who sees it. A cancelled draft was never proposed, so it stays with those who saw the draft.
    pub fn audience(&self) -> Audience {
        let accountable = Audience::from_iter([Key::Organisation(self.accountable_id)]);
        let taking_part = self.participants.iter().filter(|participant| participant.takes_part());
        let participants = taking_part.map(|participant| Key::Organisation(participant.organisation_id));
        let coordinator = self.was_proposed().then_some(Key::Coordinator(self.programme_id));
        let wider = match self.details.visibility {
            ActionVisibility::Private => return accountable.and(coordinator),
            ActionVisibility::Participants => None,
            ActionVisibility::Partners => Some(Key::Programme(self.programme_id)),
            ActionVisibility::Public => Some(Key::Public),
        };
        accountable.and(coordinator).and(participants).and(wider.filter(|_| self.was_proposed()))
    }

    /// Refuses in any other status than these.
    pub fn require_status(&self, wanted: &[ActionStatus]) -> Result<(), Fault> {
        if wanted.contains(&self.status) {
            return Ok(());
        }
        let wanted = Message::in_each(|language| {
            let words: Vec<_> = wanted.iter().map(|status| in_language(status.words(), language)).collect();
            words.join(in_language([" tai ", " eller ", " or "], language))
        });
        let detail = message!(
            fi: "Toimenpiteen tila on {now}. Tämä on mahdollista vain tilassa {wanted}.",
            sv: "Åtgärden är {now}. Detta är möjligt endast när den är {wanted}.",
            en: "The action is {now}. This is possible only when it is {wanted}.",
            now = self.status.words(),
            wanted = wanted,
        );
        Err(Fault::new(&WRONG_STATUS, detail.clone()).at("", "status", detail))
    }
}

#[cfg(test)]
mod tests;
