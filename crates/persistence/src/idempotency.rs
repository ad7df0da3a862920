//! One request, one change: the answer to a request with an `Idempotency-Key` is kept beside the change, in its
//! transaction, and given again when the request is repeated.

use crate::changes::audience_of;
use crate::dialect::DialectExt;
use crate::schema::idempotency_records as records;
use crate::scope::Access;
use crate::sql_types::{At, IdOf, Json};
use crate::{Error, Tx};
use chrono::TimeDelta;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use yhteen_domain::ids::{OrganisationId, PrincipalId, ProgrammeId};
use yhteen_domain::roles::Role;
use yhteen_domain::time::Instant;
use yhteen_domain::{Fault, codes, message};

/// How long an answer is kept.
pub const KEPT: TimeDelta = TimeDelta::hours(24);

/// The status of an answer that something was made.
const CREATED: u16 = 201;

/// What a repetition is known by.
#[derive(Clone, Debug)]
pub struct Key {
    /// Who asks.
    pub principal: PrincipalId,
    /// Method and path.
    pub route: String,
    /// The caller's key.
    pub key: String,
    /// Digests of path, query and body, one for each version of the secret, the newest first.
    pub fingerprints: Vec<String>,
}

/// An answer as it is given and kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// `ETag`.
    pub etag: Option<String>,
    /// `Location`.
    pub location: Option<String>,
    /// The body: a JSON document.
    pub body: String,
    /// What must still hold for the answer to be given again.
    pub guard: Guard,
    /// The rights that the operation needed, which the caller must still have.
    #[serde(default)]
    pub needs: Vec<Need>,
}

/// A right that an operation has needed of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Need {
    /// At least this role in the organisation.
    Role(OrganisationId, Role),
    /// To coordinate the programme.
    Coordinator(ProgrammeId),
    /// To run the service.
    Operator,
}

impl Need {
    /// Refuses whoever lacks the right.
    pub fn require_of(self, access: &Access) -> Result<(), Fault> {
        match self {
            Self::Role(organisation, role) => access.require(organisation, role),
            Self::Coordinator(programme) => access.require_coordinator(programme),
            Self::Operator if access.operator => Ok(()),
            Self::Operator => Err(Fault::forbidden(message!(
                fi: "Tähän tarvitaan palvelun ylläpitäjän oikeudet.",
                sv: "Detta kräver tjänsteadministratörens behörighet.",
                en: "This needs the rights of the operator of the service.",
            ))),
        }
    }
}

/// The condition under which a kept answer may be given again: the caller's rights may have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Guard {
    /// The caller sees the aggregate.
    Sees(uuid::Uuid),
    /// The caller manages the accounts of the organisation.
    Manages(OrganisationId),
    /// The caller runs the service.
    Operates,
    /// It is about the caller alone.
    Own,
}

#[derive(Insertable)]
#[diesel(table_name = records, treat_none_as_default_value = false)]
struct Row<'a> {
    principal_id: IdOf<PrincipalId>,
    route: &'a str,
    key: &'a str,
    fingerprint: &'a str,
    created_at: At,
}

/// Runs `work` unless the same request has been carried out before: then its answer is given again.
///
/// `work` answers twice: for the caller, and for keeping, which is without secrets.
pub fn once(
    tx: &mut Tx<'_>,
    key: Option<&Key>,
    access: &Access,
    work: impl FnOnce(&mut Tx<'_>) -> Result<(Answer, Answer), Error>,
) -> Result<Answer, Error> {
    let Some(key) = key else { return Ok(work(tx)?.0) };
    if !claim(tx, key)? {
        return replay(tx, key, access);
    }
    let (answer, kept) = work(tx)?;
    diesel::update(records::table.find((IdOf(key.principal), &key.route, &key.key)))
        .set(records::answer.eq(Json(kept)))
        .execute(&mut **tx)?;
    Ok(answer)
}

/// Takes the key; false where it is taken. PostgreSQL waits here for a transaction that is about to take it.
fn claim(tx: &mut Tx<'_>, key: &Key) -> Result<bool, Error> {
    diesel::delete(records::table.find((IdOf(key.principal), &key.route, &key.key)))
        .filter(records::created_at.lt(At::from(tx.now() - KEPT)))
        .execute(&mut **tx)?;
    let row = Row {
        principal_id: IdOf(key.principal),
        route: &key.route,
        key: &key.key,
        fingerprint: key.fingerprints.first().map_or("", String::as_str),
        created_at: tx.now().into(),
    };
    let claimed = diesel::insert_into(records::table)
        .values(row)
        .on_conflict((records::principal_id, records::route, records::key))
        .do_nothing()
        .per_engine()
        .execute(&mut **tx)
        .map_err(Error::from);
    match claimed {
        Err(Error::Unavailable(why)) if why.contains("lock timeout") => {
            let detail = message!(
                fi: "Pyyntö, jossa on tämä Idempotency-Key, on vielä käsiteltävänä.",
                sv: "En begäran med denna Idempotency-Key behandlas ännu.",
                en: "A request with this Idempotency-Key is still being processed.",
            );
            Err(Fault::new(&codes::IDEMPOTENCY_IN_FLIGHT, detail).retry_after(1).into())
        }
        claimed => Ok(claimed? == 1),
    }
}

fn replay(tx: &mut Tx<'_>, key: &Key, access: &Access) -> Result<Answer, Error> {
    let (fingerprint, answer): (String, Option<Json<Answer>>) = records::table
        .find((IdOf(key.principal), &key.route, &key.key))
        .select((records::fingerprint, records::answer))
        .first(&mut **tx)?;
    if !key.fingerprints.contains(&fingerprint) {
        let detail = message!(
            fi: "Tätä Idempotency-Key-arvoa on jo käytetty toisella polulla, kyselyllä tai sisällöllä.",
            sv: "Denna Idempotency-Key har redan använts med en annan sökväg, fråga eller ett annat innehåll.",
            en: "This Idempotency-Key has already been used with another path, query or body.",
        );
        return Err(Fault::new(&codes::IDEMPOTENCY_KEY_REUSED, detail).into());
    }
    let Some(Json(answer)) = answer else {
        let detail = message!(
            fi: "Pyyntö, jossa on tämä Idempotency-Key, on vielä käsiteltävänä.",
            sv: "En begäran med denna Idempotency-Key behandlas ännu.",
            en: "A request with this Idempotency-Key is still being processed.",
        );
        return Err(Fault::new(&codes::IDEMPOTENCY_IN_FLIGHT, detail).retry_after(1).into());
    };
    let allowed = match answer.guard {
        Guard::Sees(id) => access.scope().sees(&audience_of(tx, id)?),
        Guard::Manages(id) => access.may(id, Role::Admin),
        Guard::Operates => access.operator,
        Guard::Own => true,
    };
    let entitled = answer.needs.iter().try_for_each(|need| need.require_of(access));
    match entitled {
        // Whoever has made something knows of it, and hears what is lacking.
        Err(fault) if answer.status == CREATED => Err(fault.into()),
        _ if !allowed => Err(Fault::not_found().into()),
        // What it was about, the caller may not see without the right.
        Err(_) if answer.guard == Guard::Own => Err(Fault::not_found().into()),
        Err(fault) => Err(fault.into()),
        Ok(()) => Ok(answer),
    }
}

/// Forgets the answers that are older than a day; answers how many.
pub fn forget_old(tx: &mut Tx<'_>, now: Instant) -> Result<usize, Error> {
    Ok(diesel::delete(records::table).filter(records::created_at.lt(At::from(now - KEPT))).execute(&mut **tx)?)
}
