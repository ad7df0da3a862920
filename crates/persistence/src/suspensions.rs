//! Suspensions in the database: the history here, and the fact beside the account or the organisation, where every
//! request finds it.

use crate::accounts;
use crate::changes::{Changed, record};
use crate::page::{Page, Slice};
use crate::schema::{organisations, principals, suspensions};
use crate::scope::{Access, visible};
use crate::security::{self, Note};
use crate::sql_types::{At, IdOf, Parsed};
use crate::{Db, Error, Tx, sessions};
use diesel::prelude::*;
use yhteen_domain::Fault;
use yhteen_domain::accounts::AccountKind;
use yhteen_domain::changes::AggregateType;
use yhteen_domain::ids::{Id, OrganisationId, PrincipalId, SuspensionId};
use yhteen_domain::meta::Meta;
use yhteen_domain::security::{About, SecurityEventKind, SecuritySubject};
use yhteen_domain::suspensions::{Lifted, Subject, Suspension, not_suspended};
use yhteen_domain::text::{NAME, PlainName, Text};

#[derive(Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = suspensions, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: IdOf<SuspensionId>,
    version: i64,
    created_at: At,
    updated_at: At,
    organisation_id: Option<IdOf<OrganisationId>>,
    principal_id: Option<IdOf<PrincipalId>>,
    reason: Parsed<Text<NAME>>,
    suspended_by: Option<IdOf<PrincipalId>>,
    lifted_at: Option<At>,
    lifted_by: Option<IdOf<PrincipalId>>,
}

impl From<&Suspension> for Row {
    fn from(suspension: &Suspension) -> Self {
        let Suspension { id, meta, subject, reason, suspended_by, lifted } = suspension.clone();
        let Meta { version, created_at, updated_at } = meta;
        let (organisation_id, principal_id) = match subject {
            Subject::Organisation(id) => (Some(IdOf(id)), None),
            Subject::Account(id) => (None, Some(IdOf(id))),
        };
        Self {
            id: IdOf(id),
            version,
            created_at: created_at.into(),
            updated_at: updated_at.into(),
            organisation_id,
            principal_id,
            reason: Parsed(reason),
            suspended_by: suspended_by.map(IdOf),
            lifted_at: lifted.map(|lifted| lifted.at.into()),
            lifted_by: lifted.and_then(|lifted| lifted.by).map(IdOf),
        }
    }
}

impl Row {
    fn read(self) -> Result<Suspension, Error> {
        let subject = match (self.organisation_id, self.principal_id) {
            (Some(id), None) => Subject::Organisation(id.0),
            (None, Some(id)) => Subject::Account(id.0),
            // A constraint of the table forbids it.
            _ => return Err(diesel::result::Error::NotFound.into()),
        };
        Ok(Suspension {
            id: self.id.0,
            meta: Meta { version: self.version, created_at: self.created_at.get(), updated_at: self.updated_at.get() },
            subject,
            reason: self.reason.0,
            suspended_by: self.suspended_by.map(|id| id.0),
            lifted: self.lifted_at.map(|at| Lifted { at: at.get(), by: self.lifted_by.map(|id| id.0) }),
        })
    }
}

/// What is to be suspended, as it is named: a machine is not found among people, nor a person among machines.
#[derive(Clone, Copy, Debug)]
pub enum Named {
    /// An organisation.
    Organisation(OrganisationId),
    /// An account of this kind.
    Account(AccountKind, PrincipalId),
}

/// What was named, locked: all that a suspension needs to know of it.
struct Found {
    subject: Subject,
    home: Option<OrganisationId>,
    names: (&'static str, &'static str),
    sort: SecuritySubject,
}

fn lock(tx: &mut Tx<'_>, named: Named) -> Result<Found, Error> {
    match named {
        Named::Organisation(id) => {
            crate::organisations::lock(tx, id)?;
            let names = ("organisation.suspended", "organisation.suspension_lifted");
            Ok(Found { subject: Subject::Organisation(id), home: Some(id), names, sort: SecuritySubject::Organisation })
        }
        Named::Account(kind, id) => {
            let account = accounts::lock(tx, id)?;
            if account.kind != kind {
                return Err(Fault::not_found().into());
            }
            let (names, sort) = match kind {
                AccountKind::User => (("user.suspended", "user.suspension_lifted"), SecuritySubject::User),
                AccountKind::Client => (("client.suspended", "client.suspension_lifted"), SecuritySubject::Client),
            };
            Ok(Found { subject: Subject::Account(id), home: account.organisation_id, names, sort })
        }
    }
}

/// The suspension that stands.
fn standing(db: &mut Db, subject: Subject) -> Result<Option<Suspension>, Error> {
    let query = suspensions::table.filter(suspensions::lifted_at.is_null()).select(Row::as_select()).into_boxed();
    let row: Option<Row> = match subject {
        Subject::Organisation(id) => query.filter(suspensions::organisation_id.eq(IdOf(id))),
        Subject::Account(id) => query.filter(suspensions::principal_id.eq(IdOf(id))),
    }
    .first(db)
    .optional()?;
    row.map(Row::read).transpose()
}

/// Suspends what is named. Where it is suspended already, that suspension stands and nothing changes. All sign-ins of an
/// account end.
pub fn suspend(tx: &mut Tx<'_>, id: SuspensionId, named: Named, reason: &PlainName) -> Result<Suspension, Error> {
    let found = lock(tx, named)?;
    if let Some(standing) = standing(tx, found.subject)? {
        return Ok(standing);
    }
    let suspension = Suspension::new(id, found.subject, reason.clone(), tx.actor.principal, tx.now())?;
    diesel::insert_into(suspensions::table).values(Row::from(&suspension)).execute(&mut **tx)?;
    mark(tx, found.subject, Some(tx.now().into()))?;
    if let Subject::Account(id) = found.subject {
        sessions::end_all(tx, id)?;
    }
    tell(tx, &suspension, &found, found.names.0, SecurityEventKind::Suspended)?;
    Ok(suspension)
}

/// Lifts the suspension of what is named.
pub fn lift(tx: &mut Tx<'_>, named: Named) -> Result<Suspension, Error> {
    let found = lock(tx, named)?;
    let standing = standing(tx, found.subject)?.ok_or_else(not_suspended)?;
    let suspension = standing.lift(tx.actor.principal, tx.now());
    diesel::update(suspensions::table.find(IdOf(suspension.id))).set(Row::from(&suspension)).execute(&mut **tx)?;
    mark(tx, found.subject, None)?;
    tell(tx, &suspension, &found, found.names.1, SecurityEventKind::SuspensionLifted)?;
    Ok(suspension)
}

fn mark(tx: &mut Tx<'_>, subject: Subject, since: Option<At>) -> Result<(), Error> {
    match subject {
        Subject::Organisation(id) => {
            diesel::update(organisations::table.find(IdOf(id)))
                .set(organisations::suspended_at.eq(since))
                .execute(&mut **tx)?;
        }
        Subject::Account(id) => {
            diesel::update(principals::table.find(IdOf(id)))
                .set(principals::suspended_at.eq(since))
                .execute(&mut **tx)?;
        }
    }
    Ok(())
}

/// The administrators concerned hear of it in the change feed, and find it in the security log.
fn tell(
    tx: &mut Tx<'_>,
    suspension: &Suspension,
    found: &Found,
    name: &'static str,
    kind: SecurityEventKind,
) -> Result<(), Error> {
    let changed = Changed {
        aggregate_type: AggregateType::Suspension,
        id: suspension.id.uuid(),
        version: suspension.meta.version,
    };
    record(tx, name, changed, suspension.audience(found.home))?;
    let id = match found.subject {
        Subject::Organisation(id) => id.uuid(),
        Subject::Account(id) => id.uuid(),
    };
    let about = Some(About { subject: Some(found.sort), id });
    security::note(tx, Note { about, organisations: found.home.into_iter().collect(), ..Note::of(kind) });
    Ok(())
}

/// A suspension, for the operator and for those whom it concerns; or a 404.
pub fn find(db: &mut Db, access: &Access, id: SuspensionId) -> Result<Suspension, Error> {
    let mut query = suspensions::table.filter(suspensions::id.eq(IdOf(id))).select(Row::as_select()).into_boxed();
    if !access.operator {
        query = query.filter(visible!(access.scope(), suspensions::id));
    }
    let row: Option<Row> = query.first(db).optional()?;
    row.ok_or_else(Fault::not_found)?.read()
}

/// A page of suspensions in the order in which they came to be: for the operator all, for others those that concern them.
/// With `standing`, only those that stand, or only those that were lifted.
pub fn list(
    db: &mut Db,
    access: &Access,
    standing: Option<bool>,
    slice: &Slice<SuspensionId>,
) -> Result<Page<Suspension>, Error> {
    let mut query = suspensions::table.select(Row::as_select()).into_boxed();
    if !access.operator {
        query = query.filter(visible!(access.scope(), suspensions::id));
    }
    query = match standing {
        None => query,
        Some(true) => query.filter(suspensions::lifted_at.is_null()),
        Some(false) => query.filter(suspensions::lifted_at.is_not_null()),
    };
    if let Some(after) = slice.after {
        query = query.filter(suspensions::id.gt(IdOf(after)));
    }
    let rows: Vec<Row> = query.order(suspensions::id).limit(slice.fetch()).load(db)?;
    let items = rows.into_iter().map(Row::read).collect::<Result<Vec<_>, _>>()?;
    Ok(slice.page(items.into_iter()))
}
