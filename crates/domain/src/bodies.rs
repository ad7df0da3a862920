//! Bodies: where decisions are made.

use crate::audience::{Audience, Key};
use crate::fault::Fault;
use crate::ids::{BodyId, OrganisationId};
use crate::legal::default_regime;
use crate::meta::Meta;
use crate::text::{ClockTime, Name};
use crate::time::{Date, Instant, date_of, local};
use crate::vocabulary::{BodyKind, OrganisationKind, Regime};
use chrono::Days;

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

/// How long before a meeting its agenda is closed.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgendaLead {
    /// How many calendar days before the day of the meeting.
    #[schema(minimum = 0, maximum = 60)]
    pub days: u8,
    /// At which time of that day, in Europe/Helsinki.
    pub time: ClockTime,
}

impl AgendaLead {
    /// When the agenda of a meeting is closed: at the start of the meeting at the latest.
    pub fn deadline(&self, starts_at: Instant) -> Instant {
        let day = date_of(starts_at).checked_sub_days(Days::new(self.days.into()));
        day.map_or(starts_at, |day| local(day.and_time(self.time.time())).min(starts_at))
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
    /// How many days after a meeting its minutes are published.
    pub minutes_publication_days: u16,
    /// Which rules say when its decisions gain legal force.
    pub regime: Regime,
}

impl Details {
    /// Checks what no single member shows.
    fn checked(self) -> Result<Self, Fault> {
        if let (Some(from), Some(to)) = (self.valid_from, self.valid_to)
            && to < from
        {
            return Err(Fault::invalid("/valid_to", "before_start", "valid_to is before valid_from."));
        }
        if self.agenda_lead.days > MOST_LEAD_DAYS {
            let detail = format!("must be from 0 to {MOST_LEAD_DAYS}");
            return Err(out_of_range("/agenda_lead/days", &detail));
        }
        if self.minutes_publication_days > MOST_MINUTES_DAYS {
            let detail = format!("must be from 0 to {MOST_MINUTES_DAYS}");
            return Err(out_of_range("/minutes_publication_days", &detail));
        }
        Ok(self)
    }
}

fn out_of_range(pointer: &str, detail: &str) -> Fault {
    Fault::invalid(pointer, "out_of_range", detail)
}

impl Body {
    /// A new body.
    pub fn new(id: BodyId, organisation_id: OrganisationId, details: Details, now: Instant) -> Result<Self, Fault> {
        Ok(Self { id, organisation_id, meta: Meta::new(now), details: details.checked()? })
    }

    /// The same with other details.
    pub fn changed(self, details: Details, now: Instant) -> Result<Self, Fault> {
        Ok(Self { meta: self.meta.changed(now), details: details.checked()?, ..self })
    }

    /// Whether it exists on a day.
    pub fn exists_on(&self, on: Date) -> bool {
        let Details { valid_from, valid_to, .. } = &self.details;
        valid_from.is_none_or(|from| from <= on) && valid_to.is_none_or(|to| on <= to)
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
    fn the_agenda_is_closed_some_days_before_by_the_wall_clock() {
        let check = |days, time: &str, starts_at: &str, expect: &str| {
            let lead = AgendaLead { days, time: ClockTime::parse(time).unwrap() };
            assert_eq!(lead.deadline(starts_at.parse().unwrap()), expect.parse::<Instant>().unwrap(), "{starts_at}");
        };
        check(7, "12:00", "2026-03-17T14:00:00Z", "2026-03-10T10:00:00Z");
        // The clock is put forward on 29 March.
        check(7, "12:00", "2026-03-31T13:00:00Z", "2026-03-24T10:00:00Z");
        // It is 1 April in Helsinki already.
        check(1, "12:00", "2026-03-31T21:30:00Z", "2026-03-31T09:00:00Z");
        check(0, "08:00", "2026-01-15T14:00:00Z", "2026-01-15T06:00:00Z");
        // No later than the meeting itself.
        check(0, "18:00", "2026-01-15T14:00:00Z", "2026-01-15T14:00:00Z");
    }

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
