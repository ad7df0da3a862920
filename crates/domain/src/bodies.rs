//! Bodies: where decisions are made.

mod agenda;

pub use agenda::{AgendaDeadlineRule, AgendaDeadlineShift, AgendaLead, AgendaRule, Deadline, DeadlineBasis};

use crate::audience::{Audience, Key};
use crate::fault::Fault;
use crate::ids::{BodyId, OrganisationId};
use crate::legal::default_regime;
use crate::meta::Meta;
use crate::text::Name;
use crate::time::{Date, Instant};
use crate::vocabulary::{BodyKind, OrganisationKind, Regime};
use crate::{Message, message};

/// The most days that an agenda may be closed before the meeting.
pub const MOST_LEAD_DAYS: u8 = 60;
/// The most days that minutes may be published after the meeting.
pub const MOST_MINUTES_DAYS: u16 = 365;

crate::vocabulary! {
    /// Who sees a body and its meetings.
    BodyVisibility {
        /// Its organisation alone.
        Private = "private",
        /// Everyone.
        Public = "public",
    }
}

/// A decision-making body of an organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// Its identifier.
    pub id: BodyId,
    /// The organisation that it decides for.
    pub organisation_id: OrganisationId,
    /// Version and times.
    pub meta: Meta,
    /// What is known of it.
    pub details: Details,
}

/// What is known of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// Its name.
    pub name: Name,
    /// What sort it is.
    pub kind: BodyKind,
    /// Who sees it and its meetings.
    pub visibility: BodyVisibility,
    /// The first day of its existence, where known.
    pub valid_from: Option<Date>,
    /// The last day of its existence.
    pub valid_to: Option<Date>,
    /// Until when its calendar is known at least; its last known meeting may be later.
    pub published_until: Option<Date>,
    /// How long before a meeting its agenda is closed.
    pub agenda_lead: AgendaLead,
    /// What happens to a computed agenda deadline on a day on which nobody works.
    pub agenda_deadline_shift: AgendaDeadlineShift,
    /// How many days after a meeting its minutes are published.
    pub minutes_publication_days: u16,
    /// Which rules say when its decisions gain legal force.
    pub regime: Regime,
}

impl Details {
    /// How it closes the agendas of its meetings.
    pub fn agenda_rule(&self) -> AgendaRule {
        AgendaRule { lead: self.agenda_lead.clone(), shift: self.agenda_deadline_shift }
    }

    /// Checks what no single member shows.
    fn checked(self) -> Result<Self, Fault> {
        if let (Some(from), Some(to)) = (self.valid_from, self.valid_to)
            && to < from
        {
            return Err(Fault::invalid(
                "/valid_to",
                "before_start",
                message!(
                    fi: "Voimassaolon päättymispäivä on ennen alkamispäivää.",
                    sv: "Giltighetstidens slutdatum infaller före startdatumet.",
                    en: "The end of the validity is before its start.",
                ),
            ));
        }
        if self.agenda_lead.days > MOST_LEAD_DAYS {
            let detail = message!(
                fi: "on oltava 0–{MOST_LEAD_DAYS}",
                sv: "måste vara 0–{MOST_LEAD_DAYS}",
                en: "must be from 0 to {MOST_LEAD_DAYS}",
            );
            return Err(out_of_range("/agenda_lead/days", detail));
        }
        if self.minutes_publication_days > MOST_MINUTES_DAYS {
            let detail = message!(
                fi: "on oltava 0–{MOST_MINUTES_DAYS}",
                sv: "måste vara 0–{MOST_MINUTES_DAYS}",
                en: "must be from 0 to {MOST_MINUTES_DAYS}",
            );
            return Err(out_of_range("/minutes_publication_days", detail));
        }
        Ok(self)
    }
}

fn out_of_range(pointer: &str, detail: Message) -> Fault {
    Fault::invalid(pointer, "out_of_range", detail)
}

impl Body {
    /// A new body.
    pub fn new(id: BodyId, organisation_id: OrganisationId, details: Details, now: Instant) -> Result<Self, Fault> {
        Ok(Self { id, organisation_id, meta: Meta::new(now), details: details.checked()? })
    }

    /// The same with other details; as it is where they are not other ones.
    pub fn changed(self, details: Details, now: Instant) -> Result<Self, Fault> {
        let details = details.checked()?;
        Ok(Self { meta: self.meta.changed_if(details != self.details, now), details, ..self })
    }

    /// Who sees it and its meetings.
    pub fn audience(&self) -> Audience {
        match self.details.visibility {
            BodyVisibility::Public => Audience::everyone(),
            BodyVisibility::Private => Audience::from_iter([Key::Organisation(self.organisation_id)]),
        }
    }
}

/// The regime after a change of kind for which none was named: one that was the default of the old kind gives way to
/// the default of the new kind, one that was chosen otherwise stays.
pub fn regime_after(organisation: OrganisationKind, old: BodyKind, regime: Regime, new: BodyKind) -> Regime {
    if regime == default_regime(organisation, old) { default_regime(organisation, new) } else { regime }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regime_follows_the_kind_unless_it_was_chosen() {
        use BodyKind::{Committee, Council};
        let municipality = OrganisationKind::Municipality;
        let check = |old, regime, new, expect| assert_eq!(regime_after(municipality, old, regime, new), expect);
        check(Committee, Regime::MunicipalBoard, Council, Regime::MunicipalCouncil);
        check(Committee, Regime::None, Council, Regime::None);
        check(Committee, Regime::MunicipalBoard, Committee, Regime::MunicipalBoard);
    }
}
