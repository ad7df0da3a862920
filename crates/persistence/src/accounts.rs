//! Accounts in the database. They hold data on people: nobody follows them in the feed, and only the administrators of
//! their organisation and they themselves read them.

pub mod sign_ins;

use crate::changes::{Changed, record_seen_by};
use crate::dialect::{DialectExt, each};
use crate::error::OnViolation;
use crate::page::{Page, Slice};
use crate::schema::{principal_roles, principals};
use crate::scope::Access;
use crate::sql_types::{At, IdOf, Json, Parsed, Word};
use crate::{Db, Error, Tx};
use diesel::prelude::*;
use std::collections::BTreeMap;
use yhteen_domain::accounts::{Account, AccountKind};
use yhteen_domain::audience::Audience;
use yhteen_domain::changes::AggregateType;
use yhteen_domain::ids::{Id, OrganisationId, PrincipalId};
use yhteen_domain::meta::Meta;
use yhteen_domain::roles::{Role, TokenScope};
use yhteen_domain::text::{Email, NAME, Text};
use yhteen_domain::time::{Date, Instant};
use yhteen_domain::{Fault, codes, message};

#[derive(Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = principals, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: IdOf<PrincipalId>,
    version: i64,
    created_at: At,
    updated_at: At,
    kind: Word<AccountKind>,
    organisation_id: Option<IdOf<OrganisationId>>,
    name: Parsed<Text<NAME>>,
    email: Option<Parsed<Email>>,
    scopes: Json<Vec<TokenScope>>,
    operator: bool,
    deactivated_at: Option<At>,
}

impl From<&Account> for Row {
    fn from(account: &Account) -> Self {
        let Account { id, meta, kind, organisation_id, name, email, scopes, operator, deactivated_at, roles: _ } =
            account.clone();
        let Meta { version, created_at, updated_at } = meta;
        Self {
            id: IdOf(id),
            version,
            created_at: created_at.into(),
            updated_at: updated_at.into(),
            kind: Word(kind),
            organisation_id: organisation_id.map(IdOf),
            name: Parsed(name),
            email: email.map(Parsed),
            scopes: Json(scopes),
            operator,
            deactivated_at: deactivated_at.map(At::from),
        }
    }
}

impl Row {
    fn with_roles(self, roles: impl Iterator<Item = (OrganisationId, Role)>) -> Account {
        Account {
            id: self.id.0,
            meta: Meta { version: self.version, created_at: self.created_at.get(), updated_at: self.updated_at.get() },
            kind: self.kind.0,
            organisation_id: self.organisation_id.map(|id| id.0),
            name: self.name.0,
            email: self.email.map(|email| email.0),
            scopes: self.scopes.0,
            operator: self.operator,
            deactivated_at: self.deactivated_at.map(At::get),
            roles: roles.collect(),
        }
    }
}

/// Adds a new account, with what it proves itself by: an argon2id hash, or a keyed digest.
pub fn create(tx: &mut Tx<'_>, account: &Account, secret: Option<&str>) -> Result<(), Error> {
    diesel::insert_into(principals::table)
        .values((Row::from(account), principals::secret.eq(secret)))
        .execute(&mut **tx)
        .on_duplicate(address_taken)
        .on_reference(|| crate::dangling("/organisation_id"))?;
    write_roles(tx, account)?;
    let kind = match account.kind {
        AccountKind::User => "user.created",
        AccountKind::Client => "client.created",
    };
    record_unseen(tx, kind, account);
    Ok(())
}

/// Keeps a change of an account that was locked before.
pub fn save(tx: &mut Tx<'_>, account: &Account) -> Result<(), Error> {
    diesel::update(principals::table.find(IdOf(account.id)))
        .set(Row::from(account))
        .execute(&mut **tx)
        .on_duplicate(address_taken)?;
    diesel::delete(principal_roles::table.filter(principal_roles::principal_id.eq(IdOf(account.id))))
        .execute(&mut **tx)?;
    write_roles(tx, account)?;
    let kind = match account.kind {
        AccountKind::User => "user.updated",
        AccountKind::Client => "client.updated",
    };
    record_unseen(tx, kind, account);
    Ok(())
}

fn address_taken() -> Fault {
    let detail = message!(
        fi: "Sähköpostiosoite on jo toisen tilin käytössä.",
        sv: "E-postadressen används redan av ett annat konto.",
        en: "There is an account with this e-mail address."
    );
    Fault::new(&codes::ALREADY_EXISTS, detail.clone()).at("/email", "already_exists", detail)
}

/// Replaces what an account that was locked before proves itself by.
pub fn save_secret(tx: &mut Tx<'_>, account: &Account, secret: &str) -> Result<(), Error> {
    let kind = match account.kind {
        AccountKind::User => "user.password_changed",
        AccountKind::Client => "client.secret_rotated",
    };
    replace_secret(tx, account, secret, None, kind)
}

/// Puts a one-time code, of which this is the hash, in the place of a person's password until one is set by it.
pub fn save_code(tx: &mut Tx<'_>, account: &Account, hash: &str, expires_at: Instant) -> Result<(), Error> {
    replace_secret(tx, account, hash, Some(expires_at), "user.password_reset")
}

fn replace_secret(
    tx: &mut Tx<'_>,
    account: &Account,
    secret: &str,
    code_expires_at: Option<Instant>,
    kind: &'static str,
) -> Result<(), Error> {
    let code_expires_at = code_expires_at.map(At::from);
    diesel::update(principals::table.find(IdOf(account.id)))
        .set((Row::from(account), principals::secret.eq(secret), principals::code_expires_at.eq(code_expires_at)))
        .execute(&mut **tx)?;
    record_unseen(tx, kind, account);
    Ok(())
}

fn write_roles(tx: &mut Tx<'_>, account: &Account) -> Result<(), Error> {
    let rows: Vec<_> = account
        .roles
        .iter()
        .map(|(organisation, role)| {
            (
                principal_roles::principal_id.eq(IdOf(account.id)),
                principal_roles::organisation_id.eq(IdOf(*organisation)),
                principal_roles::role.eq(Word(*role)),
            )
        })
        .collect();
    if !rows.is_empty() {
        let db: &mut Db = tx;
        each!(db => diesel::insert_into(principal_roles::table).values(&rows).execute(db))
            .on_reference(|| crate::dangling("/roles"))?;
    }
    Ok(())
}

/// The feed keeps order for everyone, but shows accounts to no one.
fn record_unseen(tx: &mut Tx<'_>, kind: &'static str, account: &Account) {
    let aggregate_type = match account.kind {
        AccountKind::User => AggregateType::User,
        AccountKind::Client => AggregateType::Client,
    };
    let changed = Changed { aggregate_type, id: account.id.uuid(), version: account.meta.version };
    record_seen_by(tx, kind, changed, Audience::nobody(), Audience::nobody());
}

/// The account, or a 404. For an account's own affairs; what others may read of it is for [`find_for`].
pub fn find(db: &mut Db, id: PrincipalId) -> Result<Account, Error> {
    let row: Option<Row> = principals::table.find(IdOf(id)).select(Row::as_select()).first(db).optional()?;
    with_roles(db, row.ok_or_else(Fault::not_found)?)
}

/// The account, locked until the transaction ends, or a 404. For an account's own affairs.
pub fn lock(tx: &mut Tx<'_>, id: PrincipalId) -> Result<Account, Error> {
    let row: Option<Row> = principals::table
        .find(IdOf(id))
        .select(Row::as_select())
        .for_update_of_engine()
        .get_result(&mut **tx)
        .optional()?;
    with_roles(tx, row.ok_or_else(Fault::not_found)?)
}

/// The account of a person by its e-mail address, locked until the transaction ends, or a 404.
pub fn lock_by_email(tx: &mut Tx<'_>, email: &Email) -> Result<Account, Error> {
    let id: Option<IdOf<PrincipalId>> = principals::table
        .filter(principals::email.eq(email.as_str()))
        .select(principals::id)
        .first(&mut **tx)
        .optional()?;
    lock(tx, id.ok_or_else(Fault::not_found)?.0)
}

/// The account of this kind, for someone who may read it, or a 404.
pub fn find_for(db: &mut Db, access: &Access, kind: AccountKind, id: PrincipalId) -> Result<Account, Error> {
    readable(find(db, id)?, access, kind)
}

/// The account of this kind, for someone who may read it, locked until the transaction ends; or a 404.
pub fn lock_for(tx: &mut Tx<'_>, access: &Access, kind: AccountKind, id: PrincipalId) -> Result<Account, Error> {
    readable(lock(tx, id)?, access, kind)
}

/// An account is read by itself, by the administrators of its organisation, and by those of the organisations in which
/// it has a role.
fn readable(account: Account, access: &Access, kind: AccountKind) -> Result<Account, Error> {
    let concerned = account.organisation_id.iter().chain(account.roles.keys());
    let reads = account.id == access.principal || concerned.copied().any(|id| access.may(id, Role::Admin));
    if reads && account.kind == kind { Ok(account) } else { Err(Fault::not_found().into()) }
}

fn with_roles(db: &mut Db, row: Row) -> Result<Account, Error> {
    let roles: Vec<(IdOf<OrganisationId>, Word<Role>)> = principal_roles::table
        .filter(principal_roles::principal_id.eq(row.id))
        .select((principal_roles::organisation_id, principal_roles::role))
        .load(db)?;
    Ok(row.with_roles(roles.into_iter().map(|(id, role)| (id.0, role.0))))
}

/// Which accounts to list.
#[derive(Clone, Debug)]
pub struct Filter {
    /// People or machines.
    pub kind: AccountKind,
    /// Those that belong to one of these organisations, or have a role in one.
    pub organisations: Vec<OrganisationId>,
    /// Only those that can sign in, or only those that cannot.
    pub active: Option<bool>,
}

/// A page of accounts, in the order of their identifiers. It is for the caller to name only organisations whose accounts
/// it may read.
pub fn list(db: &mut Db, filter: &Filter, slice: &Slice<PrincipalId>) -> Result<Page<Account>, Error> {
    let organisations: Vec<_> = filter.organisations.iter().copied().map(IdOf).collect();
    let with_role = principal_roles::table
        .filter(principal_roles::organisation_id.eq_any(organisations.clone()))
        .select(principal_roles::principal_id);
    let mut query = principals::table
        .filter(principals::kind.eq(Word(filter.kind)))
        .filter(principals::organisation_id.eq_any(organisations).or(principals::id.eq_any(with_role)))
        .select(Row::as_select())
        .into_boxed();
    query = match filter.active {
        None => query,
        Some(true) => query.filter(principals::deactivated_at.is_null()),
        Some(false) => query.filter(principals::deactivated_at.is_not_null()),
    };
    if let Some(after) = slice.after {
        query = query.filter(principals::id.gt(IdOf(after)));
    }
    let rows: Vec<Row> = query.order(principals::id).limit(slice.fetch()).load(db)?;
    let held: Vec<(IdOf<PrincipalId>, IdOf<OrganisationId>, Word<Role>)> = principal_roles::table
        .filter(principal_roles::principal_id.eq_any(rows.iter().map(|row| row.id)))
        .select((principal_roles::principal_id, principal_roles::organisation_id, principal_roles::role))
        .load(db)?;
    let mut roles: BTreeMap<PrincipalId, Vec<(OrganisationId, Role)>> = BTreeMap::new();
    for (principal, organisation, role) in held {
        roles.entry(principal.0).or_default().push((organisation.0, role.0));
    }
    Ok(slice.page(rows.into_iter().map(|row| {
        let roles = roles.remove(&row.id.0).unwrap_or_default();
        row.with_roles(roles.into_iter())
    })))
}

/// Whether somebody who can sign in administers the organisation, by a role in it or in one of its superiors of
/// the day `today`.
pub fn has_administrator(db: &mut Db, organisation: OrganisationId, today: Date) -> Result<bool, Error> {
    let chain = crate::organisations::superiors(db, organisation, Some(today))?;
    let administrators = principal_roles::table
        .inner_join(principals::table)
        .filter(principal_roles::organisation_id.eq_any(chain.into_iter().map(IdOf)))
        .filter(principal_roles::role.eq(Word(Role::Admin)))
        .filter(principals::deactivated_at.is_null());
    Ok(diesel::select(diesel::dsl::exists(administrators)).get_result(db)?)
}
