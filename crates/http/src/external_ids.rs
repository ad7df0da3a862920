//! What is said of something by the external id that an organisation's own system has for it: who may say it, and what
//! it is about.

use crate::auth::{Member, Permission};
use crate::extract::{Incoming, Path};
use serde::Deserialize;
use utoipa::IntoParams;
use yhteen_domain::external_ids::{Entity, ExternalId, ExternalSource};
use yhteen_domain::fault::Refused;
use yhteen_domain::ids::OrganisationId;
use yhteen_domain::text::PlainName;
use yhteen_domain::{Fault, codes, message};
use yhteen_persistence::scope::Scope;
use yhteen_persistence::{Db, Error, Tx, dangling, external_ids, organisations};

/// The external id in the path.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ByExternalId {
    /// The organisation whose system calls it so.
    organisation_id: OrganisationId,
    /// The system, such as its host.
    #[param(value_type = ExternalSource)]
    source: String,
    /// What the system calls it; what is special in a path is percent-encoded.
    #[param(value_type = PlainName)]
    value: String,
}

/// How an organisation calls something of its own.
#[derive(Clone, Debug)]
pub struct Own {
    /// The organisation, for which the caller may speak.
    pub organisation_id: OrganisationId,
    /// The name.
    pub external_id: ExternalId,
}

/// What an external id is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About<T> {
    /// What has the name already.
    Known(T),
    /// What is to get the name.
    Given(T),
    /// Something new.
    New,
}

/// The external id and what is said by it: what is wrong with the path, 404 for an unknown organisation, then what is wrong
/// with the body, then 403 for who may not speak for the organisation.
pub fn said<'a, P: Permission, T>(
    tx: &mut Tx<'_>,
    member: &Member<P>,
    path: &Path<ByExternalId>,
    incoming: &'a Incoming<T>,
) -> Result<(Own, &'a T), Error> {
    let own = Own::of(path)?;
    organisations::find(tx, own.organisation_id)?;
    let body = incoming.body()?;
    member.require(own.organisation_id)?;
    tx.act_for(own.organisation_id);
    Ok((own, body))
}

fn parse_value(text: &str) -> Result<PlainName, Refused> {
    // This is what stands for bytes of the path that are no UTF-8: two names would become one.
    if text.contains(char::REPLACEMENT_CHARACTER) {
        return Err(Refused::new(
            "not_utf8",
            message!(
                fi: "on oltava prosenttikoodattua UTF-8:aa",
                sv: "måste vara procentkodad UTF-8",
                en: "must be percent-encoded UTF-8",
            ),
        ));
    }
    PlainName::parse(text)
}

fn bad(name: &str, refused: &Refused) -> Fault {
    let detail = message!(
        fi: "Polun osa {name}: {what}.",
        sv: "Delen {name} i sökvägen {what}.",
        en: "The {name} in the path {what}.",
        what = &refused.detail,
    );
    Fault::new(&codes::BAD_PARAMETER, detail.clone()).at(format!("?{name}"), refused.code, detail)
}

impl Own {
    /// What the path names.
    pub fn of(path: &Path<ByExternalId>) -> Result<Self, Fault> {
        let ByExternalId { organisation_id, source, value } = path.get()?;
        let external_id = ExternalId {
            source: ExternalSource::parse(&source).map_err(|refused| bad("source", &refused))?,
            value: parse_value(&value).map_err(|refused| bad("value", &refused))?,
        };
        Ok(Self { organisation_id, external_id })
    }

    /// What is called so, for who reads for the organisation; a 404 for anyone else, and where nothing is.
    pub fn find<T: Entity>(&self, db: &mut Db, scope: &Scope) -> Result<T, Error> {
        if !scope.reads_for(self.organisation_id) {
            return Err(Fault::not_found().into());
        }
        Ok(external_ids::find(db, self.organisation_id, &self.external_id)?.ok_or_else(Fault::not_found)?)
    }

    /// What is called so, or what is `given` at `pointer` to be called so.
    pub fn about<T: Entity>(&self, tx: &mut Tx<'_>, given: Option<T>, pointer: &str) -> Result<About<T>, Error> {
        let known = external_ids::find(tx, self.organisation_id, &self.external_id)?;
        match (known, given) {
            (Some(known), Some(given)) if known != given => {
                let detail = message!(
                    fi: "Ulkoinen tunniste on jo toisella kohteella.",
                    sv: "Den externa identifieraren hör redan till ett annat objekt.",
                    en: "The external id already belongs to another thing.",
                );
                Err(Fault::new(&codes::ALREADY_EXISTS, detail.clone()).at(pointer, "already_exists", detail).into())
            }
            (Some(known), _) => Ok(About::Known(known)),
            (None, Some(given)) => Ok(About::Given(given)),
            (None, None) => Ok(About::New),
        }
    }

    /// What is called so; a 404 where nothing is.
    pub fn known<T: Entity>(&self, tx: &mut Tx<'_>) -> Result<T, Error> {
        let known = external_ids::find(tx, self.organisation_id, &self.external_id)?;
        Ok(known.ok_or_else(Fault::not_found)?)
    }

    /// Gives the name to something that is locked or new.
    pub fn give<T: Entity>(&self, tx: &mut Tx<'_>, id: T) -> Result<(), Error> {
        external_ids::add(tx, self.organisation_id, &self.external_id, id)
    }

    /// Refuses what is another organisation's affair, whatever else the caller may do.
    pub fn require(&self, in_charge: OrganisationId) -> Result<(), Fault> {
        if self.organisation_id == in_charge {
            return Ok(());
        }
        Err(Fault::forbidden(message!(
            fi: "Tämän voi ilmoittaa vain toinen organisaatio kuin polussa mainittu.",
            sv: "Detta kan anges endast av en annan organisation än den i sökvägen.",
            en: "Only another organisation than the one in the path can say this.",
        )))
    }

    /// What the caller refers to by its identifier, which is the member `name` and `_id`, or by the organisation's own
    /// name for it, which is the member `name`; with the pointer to it.
    pub fn reference<T: Entity>(
        &self,
        tx: &mut Tx<'_>,
        name: &str,
        id: Option<T>,
        external_id: Option<&ExternalId>,
    ) -> Result<Option<(T, String)>, Error> {
        match (id, external_id) {
            (None, None) => Ok(None),
            (Some(id), None) => Ok(Some((id, format!("/{name}_id")))),
            (None, Some(external_id)) => {
                let pointer = format!("/{name}");
                let found = external_ids::find(tx, self.organisation_id, external_id)?;
                Ok(Some((found.ok_or_else(|| dangling(&pointer))?, pointer)))
            }
            (Some(_), Some(_)) => Err(one_of(&format!("/{name}")).into()),
        }
    }
}

/// Refuses a second way of saying the same.
pub fn one_of(pointer: &str) -> Fault {
    Fault::invalid(
        pointer,
        "one_of",
        message!(
            fi: "Anna se yhdellä tavalla, ei kahdella.",
            sv: "Ange det på ett sätt, inte på två.",
            en: "Name it in one way, not in two.",
        ),
    )
}

/// What something new needs to be told with.
pub fn required<T>(value: Option<T>, name: &str) -> Result<T, Fault> {
    value.ok_or_else(|| {
        Fault::invalid(
            format!("/{name}"),
            "required",
            message!(
                fi: "Uudelle kohteelle on annettava {name}.",
                sv: "För ett nytt objekt måste {name} anges.",
                en: "Something new needs {name}.",
            ),
        )
    })
}

/// Refuses another value than what stays as it is.
pub fn require_same<T: PartialEq>(given: Option<T>, now: T, name: &str) -> Result<(), Fault> {
    if given.is_none_or(|given| given == now) {
        return Ok(());
    }
    Err(Fault::invalid(
        format!("/{name}"),
        "cannot_change",
        message!(
            fi: "Kenttää {name} ei voi muuttaa.",
            sv: "{name} kan inte ändras.",
            en: "{name} cannot be changed.",
        ),
    ))
}
