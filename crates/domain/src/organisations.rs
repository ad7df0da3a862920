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
    /// The organisation has ended, by its `valid_to` or because another has succeeded it: its people read what they
    /// could, and write nothing. Its successor's people act for it.
    ENDED = Forbidden "organisation.ended" { fi: "Organisaatio on lakannut", sv: "Organisationen har upphört", en: "The organisation has ended" }
    /// The operator of the service has suspended the organisation: nobody reads as it or writes for it until the
    /// suspension is lifted.
    SUSPENDED = Forbidden "organisation.suspended" { fi: "Organisaation käyttö on keskeytetty", sv: "Organisationens tillgång är avstängd", en: "The organisation is suspended" }
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

    /// The same with other details; as it is where they are not other ones.
    pub fn changed(self, details: Details, now: Instant) -> Result<Self, Fault> {
        let details = details.checked()?;
        Ok(Self { meta: self.meta.changed_if(details != self.details, now), details, ..self })
    }

    /// Organisations are known to everyone.
    pub fn audience(&self) -> Audience {
        Audience::everyone()
    }
}

/// Whether an organisation with these days no longer exists on the day `on`: `valid_to` was its last day, and from
/// `succeeded_on` on another stands in its place.
pub fn has_ended(valid_to: Option<Date>, succeeded_on: Option<Date>, on: Date) -> bool {
    valid_to.is_some_and(|last| last < on) || succeeded_on.is_some_and(|day| day <= on)
}

/// The refusal of a write by someone whose only right to it lies in an organisation that has ended.
pub fn ended() -> Fault {
    Fault::new(
        &ENDED,
        message!(
            fi: "Oikeus perustuu organisaatioon, joka on lakannut. Sen käyttäjät voivat lukea mutta eivät muuttaa mitään; sen puolesta toimii sen seuraaja.",
            sv: "Rättigheten grundar sig på en organisation som har upphört. Dess användare kan läsa men inte ändra något; dess efterträdare handlar i dess ställe.",
            en: "The right rests on an organisation that has ended. Its users can read but change nothing; its successor acts in its place."
        ),
    )
}

/// The refusal of whoever would act for an organisation that is suspended.
pub fn suspended() -> Fault {
    Fault::new(
        &SUSPENDED,
        message!(
            fi: "Palvelun ylläpitäjä on keskeyttänyt organisaation käytön. Kukaan ei lue tai muuta mitään sen puolesta ennen kuin keskeytys on purettu.",
            sv: "Tjänstens operatör har stängt av organisationen. Ingen läser eller ändrar något för dess räkning förrän avstängningen har hävts.",
            en: "The operator of the service has suspended the organisation. Nobody reads or changes anything on its behalf until the suspension is lifted."
        ),
    )
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_organisation_ends_after_its_last_day_and_on_the_day_of_its_succession() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let check = |valid_to: Option<&str>, succeeded_on: Option<&str>, expect: bool| {
            let got = has_ended(valid_to.map(day), succeeded_on.map(day), day("2026-01-15"));
            assert_eq!(got, expect, "{valid_to:?} {succeeded_on:?}");
        };
        check(None, None, false);
        check(Some("2026-01-15"), None, false);
        check(Some("2026-01-14"), None, true);
        check(None, Some("2026-01-15"), true);
        check(None, Some("2026-01-16"), false);
        check(Some("2026-12-31"), Some("2026-01-01"), true);
    }
}
