//! Refresh tokens: each is good once, and all that came of one sign-in are a family that ends together.

use crate::dialect::DialectExt;
use crate::schema::refresh_tokens;
use crate::sql_types::{At, IdOf, Json};
use crate::{Error, Tx};
use diesel::prelude::*;
use yhteen_domain::ids::{Id, PrincipalId};
use yhteen_domain::roles::TokenScope;
use yhteen_domain::time::Instant;

/// All tokens that came of one sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FamilyId(uuid::Uuid);

impl Id for FamilyId {
    fn from_uuid(id: uuid::Uuid) -> Self {
        Self(id)
    }
    fn uuid(self) -> uuid::Uuid {
        self.0
    }
}

/// A refresh token. The token itself is known to its bearer alone.
#[derive(Clone, Debug)]
pub struct RefreshToken {
    /// The token's keyed digest.
    pub digest: String,
    /// The sign-in that it came of.
    pub family: FamilyId,
    /// Whose it is.
    pub principal: PrincipalId,
    /// What was granted at the sign-in.
    pub scopes: Vec<TokenScope>,
    /// When it was made.
    pub issued_at: Instant,
    /// Until when it is good.
    pub expires_at: Instant,
}

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = refresh_tokens, treat_none_as_default_value = false)]
struct Row {
    digest: String,
    family_id: IdOf<FamilyId>,
    principal_id: IdOf<PrincipalId>,
    scopes: Json<Vec<TokenScope>>,
    issued_at: At,
    expires_at: At,
    spent: bool,
}

impl From<&RefreshToken> for Row {
    fn from(token: &RefreshToken) -> Self {
        let RefreshToken { digest, family, principal, scopes, issued_at, expires_at } = token.clone();
        Self {
            digest,
            family_id: IdOf(family),
            principal_id: IdOf(principal),
            scopes: Json(scopes),
            issued_at: issued_at.into(),
            expires_at: expires_at.into(),
            spent: false,
        }
    }
}

impl From<Row> for RefreshToken {
    fn from(row: Row) -> Self {
        let Row { digest, family_id, principal_id, scopes, issued_at, expires_at, spent: _ } = row;
        Self {
            digest,
            family: family_id.0,
            principal: principal_id.0,
            scopes: scopes.0,
            issued_at: issued_at.get(),
            expires_at: expires_at.get(),
        }
    }
}

/// Adds a new token.
pub fn create(tx: &mut Tx<'_>, token: &RefreshToken) -> Result<(), Error> {
    diesel::insert_into(refresh_tokens::table).values(Row::from(token)).execute(&mut **tx)?;
    Ok(())
}

/// Spends a token; nothing where it is unknown or expired. One that was spent before has been copied, so its whole
/// family ends with it: the caller must commit that.
pub fn spend(tx: &mut Tx<'_>, digest: &str) -> Result<Option<RefreshToken>, Error> {
    let Some(row) = locked(tx, digest)? else { return Ok(None) };
    if row.spent {
        revoke_family(tx, row.family_id.0)?;
        return Ok(None);
    }
    if row.expires_at.get() <= tx.now() {
        return Ok(None);
    }
    diesel::update(refresh_tokens::table.find(digest)).set(refresh_tokens::spent.eq(true)).execute(&mut **tx)?;
    Ok(Some(row.into()))
}

/// Ends the family of a token, whatever its state; an unknown one has none.
pub fn revoke(tx: &mut Tx<'_>, digest: &str) -> Result<(), Error> {
    match locked(tx, digest)? {
        Some(row) => revoke_family(tx, row.family_id.0),
        None => Ok(()),
    }
}

/// Ends all of a person's sign-ins.
pub fn revoke_all(tx: &mut Tx<'_>, principal: PrincipalId) -> Result<(), Error> {
    until_none_is_left(|| {
        let all = refresh_tokens::table.filter(refresh_tokens::principal_id.eq(IdOf(principal)));
        Ok(diesel::delete(all).execute(&mut **tx)?)
    })
}

/// Forgets the tokens that have expired; answers how many.
pub fn forget_expired(tx: &mut Tx<'_>) -> Result<usize, Error> {
    let now = At::from(tx.now());
    Ok(diesel::delete(refresh_tokens::table.filter(refresh_tokens::expires_at.le(now))).execute(&mut **tx)?)
}

fn locked(tx: &mut Tx<'_>, digest: &str) -> Result<Option<Row>, Error> {
    let row = refresh_tokens::table.find(digest).select(Row::as_select()).for_update_of_engine();
    Ok(row.get_result(&mut **tx).optional()?)
}

fn revoke_family(tx: &mut Tx<'_>, family: FamilyId) -> Result<(), Error> {
    until_none_is_left(|| {
        let all = refresh_tokens::table.filter(refresh_tokens::family_id.eq(IdOf(family)));
        Ok(diesel::delete(all).execute(&mut **tx)?)
    })
}

/// Deletes again and again until nothing was there. On PostgreSQL a deletion waits for a token that is just being
/// spent, but does not see the successor that this brings; the next one does.
fn until_none_is_left(mut delete: impl FnMut() -> Result<usize, Error>) -> Result<(), Error> {
    while delete()? > 0 {}
    Ok(())
}
