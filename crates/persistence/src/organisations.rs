//! Organisations in the database. They are known to everyone, so these queries need no scope.

use crate::changes::{Changed, record};
use crate::dialect::DialectExt;
use crate::error::OnViolation;
use crate::page::{Page, Slice};
use crate::schema::organisations;
use crate::sql_types::{At, IdOf, Json, Parsed, Word};
use crate::{Db, Error, Tx};
use diesel::prelude::*;
use std::collections::BTreeMap;
use yhteen_domain::Fault;
use yhteen_domain::changes::AggregateType;
use yhteen_domain::ids::{Id, OrganisationId};
use yhteen_domain::meta::Meta;
use yhteen_domain::organisations::{Details, Organisation};
use yhteen_domain::text::{BusinessId, Email, MunicipalityCode, Name, WebAddress};
use yhteen_domain::time::{Date, Instant};
use yhteen_domain::vocabulary::OrganisationKind;

#[derive(Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = organisations, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: IdOf<OrganisationId>,
    version: i64,
    created_at: At,
    updated_at: At,
    name: Json<Name>,
    kind: Word<OrganisationKind>,
    business_id: Option<Parsed<BusinessId>>,
    municipality_code: Option<Parsed<MunicipalityCode>>,
    parent_id: Option<IdOf<OrganisationId>>,
    umbrella_id: Option<IdOf<OrganisationId>>,
    contact_email: Option<Parsed<Email>>,
    website: Option<Parsed<WebAddress>>,
    valid_from: Option<Date>,
    valid_to: Option<Date>,
    successor_id: Option<IdOf<OrganisationId>>,
    succeeded_on: Option<Date>,
}

impl From<&Organisation> for Row {
    fn from(organisation: &Organisation) -> Self {
        let Organisation { id, meta, details } = organisation.clone();
        let Meta { version, created_at, updated_at } = meta;
        let Details {
            name,
            kind,
            business_id,
            municipality_code,
            parent_id,
            umbrella_id,
            contact_email,
            website,
            valid_from,
            valid_to,
            successor_id,
            succeeded_on,
        } = details;
        Self {
            id: IdOf(id),
            version,
            created_at: created_at.into(),
            updated_at: updated_at.into(),
            name: Json(name),
            kind: Word(kind),
            business_id: business_id.map(Parsed),
            municipality_code: municipality_code.map(Parsed),
            parent_id: parent_id.map(IdOf),
            umbrella_id: umbrella_id.map(IdOf),
            contact_email: contact_email.map(Parsed),
            website: website.map(Parsed),
            valid_from,
            valid_to,
            successor_id: successor_id.map(IdOf),
            succeeded_on,
        }
    }
}

impl From<Row> for Organisation {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.0,
            meta: Meta { version: row.version, created_at: row.created_at.get(), updated_at: row.updated_at.get() },
            details: Details {
                name: row.name.0,
                kind: row.kind.0,
                business_id: row.business_id.map(|value| value.0),
                municipality_code: row.municipality_code.map(|value| value.0),
                parent_id: row.parent_id.map(|id| id.0),
                umbrella_id: row.umbrella_id.map(|id| id.0),
                contact_email: row.contact_email.map(|value| value.0),
                website: row.website.map(|value| value.0),
                valid_from: row.valid_from,
                valid_to: row.valid_to,
                successor_id: row.successor_id.map(|id| id.0),
                succeeded_on: row.succeeded_on,
            },
        }
    }
}

/// What these organisations are called, as far as there are such. One statement.
pub fn names(db: &mut Db, ids: &[OrganisationId]) -> Result<BTreeMap<OrganisationId, Name>, Error> {
    let these = organisations::table.filter(organisations::id.eq_any(ids.iter().copied().map(IdOf)));
    let rows: Vec<(IdOf<OrganisationId>, Json<Name>)> =
        these.select((organisations::id, organisations::name)).load(db)?;
    Ok(rows.into_iter().map(|(id, name)| (id.0, name.0)).collect())
}

/// The organisation, or a 404.
pub fn find(db: &mut Db, id: OrganisationId) -> Result<Organisation, Error> {
    let row: Option<Row> = organisations::table.find(IdOf(id)).select(Row::as_select()).first(db).optional()?;
    Ok(row.ok_or_else(Fault::not_found)?.into())
}

/// These organisations, in the order of their identifiers.
pub fn of_ids(db: &mut Db, ids: &[OrganisationId]) -> Result<Vec<Organisation>, Error> {
    let rows: Vec<Row> = organisations::table
        .filter(organisations::id.eq_any(ids.iter().copied().map(IdOf)))
        .order(organisations::id)
        .select(Row::as_select())
        .load(db)?;
    Ok(rows.into_iter().map(Organisation::from).collect())
}

/// The organisation, locked until the transaction ends.
pub fn lock(tx: &mut Tx<'_>, id: OrganisationId) -> Result<Organisation, Error> {
    let row: Option<Row> = organisations::table
        .find(IdOf(id))
        .select(Row::as_select())
        .for_update_of_engine()
        .get_result(&mut **tx)
        .optional()?;
    Ok(row.ok_or_else(Fault::not_found)?.into())
}

/// Refuses a reference to an organisation that does not exist, at `pointer`.
pub fn refer(db: &mut Db, id: OrganisationId, pointer: &str) -> Result<Organisation, Error> {
    let row: Option<Row> = organisations::table.find(IdOf(id)).select(Row::as_select()).first(db).optional()?;
    row.map(Organisation::from).ok_or_else(|| crate::dangling(pointer).into())
}

/// Keeps all superiors as they are until the transaction ends, but for this transaction: two changes that are each
/// fine by themselves could close a ring together. To be called before an organisation is locked.
pub fn hold_superiors(tx: &mut Tx<'_>) -> Result<(), Error> {
    match &mut **tx {
        // Its one writer is alone.
        Db::Sqlite(_) => {}
        Db::Postgres(c) => {
            diesel::sql_query("SELECT pg_advisory_xact_lock(7947834)").execute(c)?;
        }
    }
    Ok(())
}

/// All from which rights reach an organisation, itself first: its parents and successors, theirs, and so on. With a day,
/// only the successors who have their rights on it; without one, those of the future too.
pub fn superiors(db: &mut Db, id: OrganisationId, on: Option<Date>) -> Result<Vec<OrganisationId>, Error> {
    type Above = (Option<IdOf<OrganisationId>>, Option<IdOf<OrganisationId>>, Option<Date>);
    let mut all = vec![id];
    let mut frontier = vec![IdOf(id)];
    while !frontier.is_empty() {
        let above: Vec<Above> = organisations::table
            .filter(organisations::id.eq_any(std::mem::take(&mut frontier)))
            .select((organisations::parent_id, organisations::successor_id, organisations::succeeded_on))
            .load(db)?;
        for (parent, successor, succeeded_on) in above {
            let successor = successor.filter(|_| on.is_none_or(|on| succeeded_on.is_some_and(|since| since <= on)));
            for superior in [parent, successor].into_iter().flatten() {
                // What is known goes no further, so that a ring in the data ends.
                if !all.contains(&superior.0) {
                    all.push(superior.0);
                    frontier.push(superior);
                }
            }
        }
    }
    Ok(all)
}

/// Adds a new organisation.
pub fn create(tx: &mut Tx<'_>, organisation: &Organisation) -> Result<(), Error> {
    diesel::insert_into(organisations::table)
        .values(Row::from(organisation))
        .execute(&mut **tx)
        .on_reference(|| crate::dangling("/parent_id"))?;
    record(tx, "organisation.created", changed(organisation), organisation.audience())?;
    Ok(())
}

/// Keeps a change of an organisation that was locked before.
///
/// In the version that stands already there is nothing to keep: no event tells of it.
pub fn save(tx: &mut Tx<'_>, organisation: &Organisation) -> Result<(), Error> {
    let older = organisations::version.lt(organisation.meta.version);
    let kept = diesel::update(organisations::table.find(IdOf(organisation.id)).filter(older))
        .set(Row::from(organisation))
        .execute(&mut **tx)
        .on_reference(|| crate::dangling("/parent_id"))?;
    if kept == 0 {
        return Ok(());
    }
    record(tx, "organisation.updated", changed(organisation), organisation.audience())?;
    Ok(())
}

fn changed(organisation: &Organisation) -> Changed {
    Changed {
        aggregate_type: AggregateType::Organisation,
        id: organisation.id.uuid(),
        version: organisation.meta.version,
    }
}

/// Which organisations to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only these kinds; all where empty.
    pub kinds: Vec<OrganisationKind>,
    /// Only the parts of this one.
    pub parent: Option<OrganisationId>,
    /// Only what has changed since.
    pub updated_since: Option<Instant>,
}

/// A page of organisations, in the order of their identifiers.
pub fn list(db: &mut Db, filter: &Filter, slice: &Slice<OrganisationId>) -> Result<Page<Organisation>, Error> {
    let mut query = organisations::table.select(Row::as_select()).into_boxed();
    if !filter.kinds.is_empty() {
        query = query.filter(organisations::kind.eq_any(filter.kinds.iter().copied().map(Word)));
    }
    if let Some(parent) = filter.parent {
        query = query.filter(organisations::parent_id.eq(IdOf(parent)));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(organisations::updated_at.ge(At::from(since)));
    }
    if let Some(after) = slice.after {
        query = query.filter(organisations::id.gt(IdOf(after)));
    }
    let rows: Vec<Row> = query.order(organisations::id).limit(slice.fetch()).load(db)?;
    Ok(slice.page(rows.into_iter().map(Organisation::from)))
}
