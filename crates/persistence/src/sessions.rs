//! Sessions in the database, with their refresh tokens. They are their owner's own affair: nobody follows them in the
//! change feed.
//!
//! Whoever uses or ends a session locks it first, so that of two that do so at a time one sees what the other has done.

use crate::dialect::DialectExt;
use crate::page::{Page, Slice};
use crate::schema::{calendar_feeds, principals, refresh_tokens, sessions};
use crate::sql_types::{At, IdOf, Json};
use crate::{Db, Error, Tx};
use diesel::prelude::*;
use yhteen_domain::Fault;
use yhteen_domain::ids::{PrincipalId, SessionId};
use yhteen_domain::roles::TokenScope;
use yhteen_domain::sessions::{MOST_SESSIONS, Refreshed, Session};
use yhteen_domain::time::Instant;

#[derive(Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = sessions, treat_none_as_default_value = false)]
struct Row {
    id: IdOf<SessionId>,
    principal_id: IdOf<PrincipalId>,
    scopes: Json<Vec<TokenScope>>,
    begun_at: At,
    last_used_at: At,
    expires_at: At,
}

impl From<&Session> for Row {
    fn from(session: &Session) -> Self {
        let Session { id, principal_id, scopes, begun_at, last_used_at, expires_at } = session.clone();
        Self {
            id: IdOf(id),
            principal_id: IdOf(principal_id),
            scopes: Json(scopes),
            begun_at: begun_at.into(),
            last_used_at: last_used_at.into(),
            expires_at: expires_at.into(),
        }
    }
}

impl From<Row> for Session {
    fn from(row: Row) -> Self {
        let Row { id, principal_id, scopes, begun_at, last_used_at, expires_at } = row;
        Self {
            id: id.0,
            principal_id: principal_id.0,
            scopes: scopes.0,
            begun_at: begun_at.get(),
            last_used_at: last_used_at.get(),
            expires_at: expires_at.get(),
        }
    }
}

/// Begins a session of an account that was locked before, with the keyed digest of its first refresh token. Where the
/// account has as many sessions as it may have, the oldest end.
pub fn begin(tx: &mut Tx<'_>, session: &Session, digest: &str) -> Result<(), Error> {
    let oldest_kept: Option<IdOf<SessionId>> = sessions::table
        .filter(sessions::principal_id.eq(IdOf(session.principal_id)))
        .order(sessions::id.desc())
        .offset(MOST_SESSIONS - 2)
        .select(sessions::id)
        .first(&mut **tx)
        .optional()?;
    if let Some(oldest) = oldest_kept {
        diesel::delete(sessions::table.filter(sessions::principal_id.eq(IdOf(session.principal_id))))
            .filter(sessions::id.lt(oldest))
            .execute(&mut **tx)?;
    }
    diesel::insert_into(sessions::table).values(Row::from(session)).execute(&mut **tx)?;
    add_token(tx, session, digest)
}

fn add_token(tx: &mut Tx<'_>, session: &Session, digest: &str) -> Result<(), Error> {
    diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::digest.eq(digest),
            refresh_tokens::session_id.eq(IdOf(session.id)),
            refresh_tokens::issued_at.eq(At::from(session.last_used_at)),
            refresh_tokens::spent_at.eq(None::<At>),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Uses the refresh token that has one of these digests, and puts the one with the digest `new` in its place; nothing
/// where it is unknown or expired. One that was used before has been copied, so its session ends: the caller must
/// commit that.
pub fn refresh(tx: &mut Tx<'_>, digests: &[String], new: &str) -> Result<Option<Session>, Error> {
    let Some(session) = lock_by_token(tx, digests)? else { return Ok(None) };
    let token = || refresh_tokens::table.filter(refresh_tokens::digest.eq_any(digests));
    // As long as the session is locked, nobody else uses its tokens.
    let spent_at: Option<Option<At>> = token().select(refresh_tokens::spent_at).first(&mut **tx).optional()?;
    let Some(spent_at) = spent_at else { return Ok(None) };
    let (id, now) = (session.id, tx.now());
    match session.refreshed(spent_at.map(At::get), now) {
        Refreshed::Copied => {
            delete(tx, id)?;
            Ok(None)
        }
        Refreshed::Expired => Ok(None),
        Refreshed::GoesOn(session) => {
            if spent_at.is_none() {
                diesel::update(token()).set(refresh_tokens::spent_at.eq(At::from(now))).execute(&mut **tx)?;
            }
            diesel::update(sessions::table.find(IdOf(id))).set(Row::from(&session)).execute(&mut **tx)?;
            add_token(tx, &session, new)?;
            Ok(Some(session))
        }
    }
}

/// Ends the session of the refresh token that has one of these digests, whatever the token's state.
pub fn end_by_token(tx: &mut Tx<'_>, digests: &[String]) -> Result<(), Error> {
    match lock_by_token(tx, digests)? {
        Some(session) => delete(tx, session.id),
        None => Ok(()),
    }
}

fn lock_by_token(tx: &mut Tx<'_>, digests: &[String]) -> Result<Option<Session>, Error> {
    let id: Option<IdOf<SessionId>> = refresh_tokens::table
        .filter(refresh_tokens::digest.eq_any(digests))
        .select(refresh_tokens::session_id)
        .first(&mut **tx)
        .optional()?;
    let Some(id) = id else { return Ok(None) };
    let row: Option<Row> =
        sessions::table.find(id).select(Row::as_select()).for_update_of_engine().get_result(&mut **tx).optional()?;
    Ok(row.map(Session::from))
}

/// Ends a session of an account; a 404 where it has none such.
pub fn end(tx: &mut Tx<'_>, owner: PrincipalId, id: SessionId) -> Result<(), Error> {
    find(tx, owner, id)?;
    delete(tx, id)
}

/// With a session go its tokens.
fn delete(tx: &mut Tx<'_>, id: SessionId) -> Result<(), Error> {
    diesel::delete(sessions::table.find(IdOf(id))).execute(&mut **tx)?;
    Ok(())
}

/// Ends everything by which somebody acts or reads as the account, which was locked before: its sessions, the access
/// tokens that it has been given, and its calendar feeds.
pub fn end_all(tx: &mut Tx<'_>, principal: PrincipalId) -> Result<(), Error> {
    diesel::update(principals::table.find(IdOf(principal)))
        .set(principals::generation.eq(principals::generation + 1))
        .execute(&mut **tx)?;
    diesel::delete(sessions::table.filter(sessions::principal_id.eq(IdOf(principal)))).execute(&mut **tx)?;
    diesel::delete(calendar_feeds::table.filter(calendar_feeds::principal_id.eq(IdOf(principal))))
        .execute(&mut **tx)?;
    Ok(())
}

/// A session of this account, or a 404.
pub fn find(db: &mut Db, owner: PrincipalId, id: SessionId) -> Result<Session, Error> {
    let row: Option<Row> = sessions::table
        .find(IdOf(id))
        .filter(sessions::principal_id.eq(IdOf(owner)))
        .select(Row::as_select())
        .first(db)
        .optional()?;
    Ok(row.ok_or_else(Fault::not_found)?.into())
}

/// A page of the sessions of an account that have not expired, the oldest first.
pub fn list(db: &mut Db, owner: PrincipalId, now: Instant, slice: &Slice<SessionId>) -> Result<Page<Session>, Error> {
    let mut query = sessions::table
        .filter(sessions::principal_id.eq(IdOf(owner)))
        .filter(sessions::expires_at.gt(At::from(now)))
        .select(Row::as_select())
        .into_boxed();
    if let Some(after) = slice.after {
        query = query.filter(sessions::id.gt(IdOf(after)));
    }
    let rows: Vec<Row> = query.order(sessions::id).limit(slice.fetch()).load(db)?;
    Ok(slice.page(rows.into_iter().map(Session::from)))
}

/// Forgets the sessions that have expired, with their tokens; answers how many.
pub fn forget_expired(tx: &mut Tx<'_>) -> Result<usize, Error> {
    let now = At::from(tx.now());
    Ok(diesel::delete(sessions::table.filter(sessions::expires_at.le(now))).execute(&mut **tx)?)
}
