//! Accounts in the database. They hold data on people: nobody follows them in the feed, and only the administrators of
//! their organisation and they themselves read them.

use crate::changes::{Changed, record};
use crate::dialect::each;
use crate::error::OnViolation;
use crate::schema::{principal_roles, principals};
use crate::sql_types::{At, IdOf, Json, Parsed, Word};
use crate::{Db, Error, Tx};
use diesel::prelude::*;
use yhteen_domain::accounts::{Account, AccountKind};
use yhteen_domain::audience::Audience;
use yhteen_domain::changes::AggregateType;
use yhteen_domain::ids::{Id, OrganisationId, PrincipalId};
use yhteen_domain::meta::Meta;
use yhteen_domain::roles::{Role, TokenScope};
use yhteen_domain::text::{Email, NAME, Text};
use yhteen_domain::{Fault, codes};

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
        .on_duplicate(|| {
            let detail = "There is an account with this e-mail address.";
            Fault::new(&codes::ALREADY_EXISTS, detail).at("/email", "already_exists", detail)
        })
        .on_reference(|| crate::dangling("/organisation_id"))?;
    write_roles(tx, account)?;
    let kind = match account.kind {
        AccountKind::User => "user.created",
        AccountKind::Client => "client.created",
    };
    record(tx, kind, changed(account), Audience::nobody())?;
    Ok(())
}

fn write_roles(tx: &mut Tx<'_>, account: &Account) -> Result<(), Error> {
    diesel::delete(principal_roles::table.filter(principal_roles::principal_id.eq(IdOf(account.id))))
        .execute(&mut **tx)?;
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

fn changed(account: &Account) -> Changed {
    let aggregate_type = match account.kind {
        AccountKind::User => AggregateType::User,
        AccountKind::Client => AggregateType::Client,
    };
    Changed { aggregate_type, id: account.id.uuid(), version: account.meta.version }
}

/// The account, or a 404. It is for the caller to see to it that its user may read it.
pub fn find(db: &mut Db, id: PrincipalId) -> Result<Account, Error> {
    let row: Option<Row> = principals::table.find(IdOf(id)).select(Row::as_select()).first(db).optional()?;
    let row = row.ok_or_else(Fault::not_found)?;
    let roles: Vec<(IdOf<OrganisationId>, Word<Role>)> = principal_roles::table
        .filter(principal_roles::principal_id.eq(IdOf(id)))
        .select((principal_roles::organisation_id, principal_roles::role))
        .load(db)?;
    Ok(row.with_roles(roles.into_iter().map(|(id, role)| (id.0, role.0))))
}
