//! Organisations: who acts.

use crate::audience::Audience;
use crate::fault::Fault;
use crate::ids::OrganisationId;
use crate::message;
use crate::meta::Meta;
use crate::text::{BusinessId, Email, MunicipalityCode, Name, WebAddress};
use crate::time::{Date, Instant};
use crate::vocabulary::OrganisationKind;

crate::codes! {
    /// The parent, umbrella or successor would make the organisation its own ancestor.
    RING = Invalid "organisation.ring" { fi: "Organisaatio olisi oma yläorganisaationsa", sv: "Organisationen skulle vara sin egen överordnade", en: "The organisation would be its own ancestor" }
}

/// An organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organisation {
    /// Its identifier.
    pub id: OrganisationId,
    /// Version and times.
    pub meta: Meta,
    /// What is known of it.
    pub details: Details,
}

/// What is known of an organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// Its name.
    pub name: Name,
    /// What sort it is.
    pub kind: OrganisationKind,
    /// Y-tunnus.
    pub business_id: Option<BusinessId>,
    /// The municipality's code, for a municipality.
    pub municipality_code: Option<MunicipalityCode>,
    /// The organisation that it is a part of (same legal person): carries authority.
    pub parent_id: Option<OrganisationId>,
    /// The federation that it belongs to: carries no authority.
    pub umbrella_id: Option<OrganisationId>,
    /// A functional mailbox, not a person's.
    pub contact_email: Option<Email>,
    /// Its pages on the web.
    pub website: Option<WebAddress>,
    /// The first day of its existence, where known.
    pub valid_from: Option<Date>,
    /// The last day of its existence.
    pub valid_to: Option<Date>,
    /// The organisation that has taken its place.
    pub successor_id: Option<OrganisationId>,
    /// From which day the successor has its rights.
    pub succeeded_on: Option<Date>,
}

impl Details {
    /// Checks what no single member shows.
    pub fn checked(self) -> Result<Self, Fault> {
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
        if self.successor_id.is_some() != self.succeeded_on.is_some() {
            return Err(Fault::invalid(
                "/succeeded_on",
                "incomplete",
                message!(
                    fi: "Seuraaja ja seuraamispäivä on annettava yhdessä.",
                    sv: "Efterträdaren och dagen för efterträdandet måste anges tillsammans.",
                    en: "The successor and the date of succession must be given together.",
                ),
            ));
        }
        Ok(self)
    }
}

impl Organisation {
    /// A new organisation.
    pub fn new(id: OrganisationId, details: Details, now: Instant) -> Result<Self, Fault> {
        Ok(Self { id, meta: Meta::new(now), details: details.checked()? })
    }

    /// The same with other details.
    pub fn changed(self, details: Details, now: Instant) -> Result<Self, Fault> {
        Ok(Self { meta: self.meta.changed(now), details: details.checked()?, ..self })
    }

    /// Organisations are known to everyone.
    pub fn audience(&self) -> Audience {
        Audience::everyone()
    }
}

/// Refuses a superior under which the organisation would come to stand above itself. `above` is the chain of
/// superiors of the proposed one, itself included.
pub fn refuse_ring(id: OrganisationId, above: &[OrganisationId], pointer: &str) -> Result<(), Fault> {
    if above.contains(&id) {
        let detail = message!(
            fi: "Organisaatio olisi oma yläorganisaationsa.",
            sv: "Organisationen skulle vara sin egen överordnade.",
            en: "The organisation would be its own ancestor.",
        );
        return Err(Fault::new(&RING, detail.clone()).at(pointer, "ring", detail));
    }
    Ok(())
}
