//! Reporting periods: the rounds in which the organisations of a programme report.

use crate::fault::Fault;
use crate::ids::{OrganisationId, PeriodId, ProgrammeId};
use crate::message;
use crate::text::ShortCode;
use crate::time::{Date, Instant};

crate::vocabulary! {
    /// What sort of round it is.
    PeriodKind {
        /// A year.
        Annual = "annual",
        /// A half-year.
        HalfYear = "half_year",
        /// The evaluation at half-time.
        MidTermEvaluation = "mid_term_evaluation",
        /// The evaluation at the end.
        FinalEvaluation = "final_evaluation",
    }
}

/// A reporting period of a programme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// Its identifier.
    pub id: PeriodId,
    /// The programme, whose version counts the changes of its periods too.
    pub programme_id: ProgrammeId,
    /// When it came to be.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
    /// What is said of it.
    pub details: Details,
    /// More time for single organisations, in the order of their identifiers.
    pub extensions: Vec<Extension>,
}

/// What is said of a reporting period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// Its code, unique in the programme.
    pub code: ShortCode,
    /// What sort of round it is.
    pub kind: PeriodKind,
    /// The first day that is reported on.
    pub starts_on: Date,
    /// The last day that is reported on.
    pub ends_on: Date,
    /// The first day on which reports are taken.
    pub opens_on: Date,
    /// The day by which reports are due. Later ones are taken until the period is locked.
    pub due_on: Date,
    /// No more reports are taken, but for extensions.
    pub locked: bool,
}

/// More time for one organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extension {
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// The last day on which its reports are taken though the period is locked.
    pub until: Date,
}

impl Details {
    /// Checks what no single member shows.
    pub fn checked(self) -> Result<Self, Fault> {
        if self.ends_on < self.starts_on {
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
        if self.due_on < self.opens_on {
            return Err(Fault::invalid(
                "/due_on",
                "before_start",
                message!(
                    fi: "Määräpäivä on ennen raportoinnin alkamista.",
                    sv: "Förfallodagen infaller innan rapporteringen börjar.",
                    en: "The due date is before reporting opens.",
                ),
            ));
        }
        Ok(self)
    }
}

impl Period {
    /// A new reporting period.
    pub fn new(id: PeriodId, programme_id: ProgrammeId, details: Details, now: Instant) -> Result<Self, Fault> {
        let details = details.checked()?;
        Ok(Self { id, programme_id, created_at: now, updated_at: now, details, extensions: Vec::new() })
    }

    /// The same with other details; as it is where they are not other ones.
    pub fn changed(self, details: Details, now: Instant) -> Result<Self, Fault> {
        let details = details.checked()?;
        if details == self.details {
            return Ok(self);
        }
        Ok(Self { details, updated_at: self.updated_at.max(now), ..self })
    }

    /// The same with this extension, new or in the place of the organisation's former one.
    #[must_use]
    pub fn extended(self, extension: Extension, now: Instant) -> Self {
        if self.extensions.contains(&extension) {
            return self;
        }
        let mut period = self.shortened(extension.organisation_id, now);
        period.extensions.push(extension);
        period.extensions.sort_by_key(|extension| extension.organisation_id);
        period
    }

    /// The same without an extension for the organisation.
    #[must_use]
    pub fn shortened(mut self, organisation: OrganisationId, now: Instant) -> Self {
        self.extensions.retain(|extension| extension.organisation_id != organisation);
        Self { updated_at: self.updated_at.max(now), ..self }
    }

    /// The last day of the organisation's extension.
    pub fn extension(&self, organisation: OrganisationId) -> Option<Date> {
        self.extensions.iter().find(|extension| extension.organisation_id == organisation).map(|it| it.until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn details() -> Details {
        Details {
            code: ShortCode::parse("2026").unwrap(),
            kind: PeriodKind::Annual,
            starts_on: day("2026-01-01"),
            ends_on: day("2026-12-31"),
            opens_on: day("2026-11-01"),
            due_on: day("2027-01-31"),
            locked: false,
        }
    }

    #[test]
    fn the_dates_are_in_order() {
        let check = |details: Details, expect: Option<&str>| {
            let refused = details.checked().err();
            assert_eq!(refused.as_ref().map(|fault| fault.culprits[0].pointer.as_str()), expect);
        };
        check(details(), None);
        check(Details { ends_on: day("2026-01-01"), ..details() }, None);
        check(Details { ends_on: day("2025-12-31"), ..details() }, Some("/ends_on"));
        check(Details { due_on: day("2026-11-01"), ..details() }, None);
        check(Details { due_on: day("2026-10-31"), ..details() }, Some("/due_on"));
    }

    #[test]
    fn an_organisation_has_one_extension() {
        let now = "2027-02-01T00:00:00Z".parse().unwrap();
        let organisation = uuid::Uuid::from_u128(1).into();
        let extension = |until| Extension { organisation_id: organisation, until: day(until) };
        let period = Period::new(uuid::Uuid::nil().into(), uuid::Uuid::nil().into(), details(), now).unwrap();
        let period = period.extended(extension("2027-02-10"), now).extended(extension("2027-02-20"), now);
        assert_eq!((period.extensions.len(), period.extension(organisation)), (1, Some(day("2027-02-20"))));
        assert_eq!(period.shortened(organisation, now).extension(organisation), None);
    }
}
