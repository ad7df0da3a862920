//! Calendar feeds in the database: rows are added and removed, never changed. They are their owner's own affair: nobody
//! follows them in the change feed.

use crate::page::{Page, Slice};
use crate::schema::{calendar_feeds as feeds, principals};
use crate::scope::{Access, access};
use crate::sql_types::{At, IdOf, Json, Parsed, Word};
use crate::{Db, Error, Tx, accounts};
use diesel::prelude::*;
use yhteen_domain::Fault;
use yhteen_domain::accounts::AccountKind;
use yhteen_domain::calendar::Filter;
use yhteen_domain::calendar_feeds::{CalendarFeed, MOST_FEEDS, SCOPES, TOO_MANY};
use yhteen_domain::ids::{CalendarFeedId, PrincipalId};
use yhteen_domain::roles::TokenScope;
use yhteen_domain::text::{Language, NAME, Text};
use yhteen_domain::time::Date;

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = feeds, treat_none_as_default_value = false)]
struct Row {
    id: IdOf<CalendarFeedId>,
    principal_id: IdOf<PrincipalId>,
    title: Option<Parsed<Text<NAME>>>,
    language: Word<Language>,
    filters: Json<Filter>,
    created_at: At,
}

impl From<&CalendarFeed> for Row {
    fn from(feed: &CalendarFeed) -> Self {
        let CalendarFeed { id, principal_id, title, language, filters, created_at } = feed.clone();
        Self {
            id: IdOf(id),
            principal_id: IdOf(principal_id),
            title: title.map(Parsed),
            language: Word(language),
            filters: Json(filters),
            created_at: created_at.into(),
        }
    }
}

impl From<Row> for CalendarFeed {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.0,
            principal_id: row.principal_id.0,
            title: row.title.map(|text| text.0),
            language: row.language.0,
            filters: row.filters.0,
            created_at: row.created_at.get(),
        }
    }
}

/// Adds a feed, whose secret has this keyed digest, to those of its account, unless that has as many as it may have.
pub fn create(tx: &mut Tx<'_>, feed: &CalendarFeed, digest: &str) -> Result<(), Error> {
    // Two at a time are counted one after the other.
    accounts::lock(tx, feed.principal_id)?;
    let count: i64 =
        feeds::table.filter(feeds::principal_id.eq(IdOf(feed.principal_id))).count().get_result(&mut **tx)?;
    if count >= MOST_FEEDS {
        let detail = format!("An account has at most {MOST_FEEDS} calendar feeds: delete one that nobody follows.");
        return Err(Fault::new(&TOO_MANY, detail).into());
    }
    diesel::insert_into(feeds::table).values((Row::from(feed), feeds::digest.eq(digest))).execute(&mut **tx)?;
    Ok(())
}

/// A feed of this account, or a 404.
pub fn find(db: &mut Db, owner: PrincipalId, id: CalendarFeedId) -> Result<CalendarFeed, Error> {
    let row: Option<Row> = feeds::table
        .find(IdOf(id))
        .filter(feeds::principal_id.eq(IdOf(owner)))
        .select(Row::as_select())
        .first(db)
        .optional()?;
    Ok(row.ok_or_else(Fault::not_found)?.into())
}

/// Removes a feed of an account: its address leads nowhere from now on.
pub fn delete(tx: &mut Tx<'_>, owner: PrincipalId, id: CalendarFeedId) -> Result<(), Error> {
    let own = feeds::table.find(IdOf(id)).filter(feeds::principal_id.eq(IdOf(owner)));
    if diesel::delete(own).execute(&mut **tx)? == 0 {
        return Err(Fault::not_found().into());
    }
    Ok(())
}

/// A page of the feeds of an account, in the order in which they came to be.
pub fn list(db: &mut Db, owner: PrincipalId, slice: &Slice<CalendarFeedId>) -> Result<Page<CalendarFeed>, Error> {
    let mut query = feeds::table.filter(feeds::principal_id.eq(IdOf(owner))).select(Row::as_select()).into_boxed();
    if let Some(after) = slice.after {
        query = query.filter(feeds::id.gt(IdOf(after)));
    }
    let rows: Vec<Row> = query.order(feeds::id).limit(slice.fetch()).load(db)?;
    Ok(slice.page(rows.into_iter().map(CalendarFeed::from)))
}

/// The feed whose secret has one of these keyed digests, with what its owner may see on the day `today`. A 404 where there is
/// none, or its owner can no longer sign in, or is a client that may no longer read what calendars show.
pub fn open(db: &mut Db, digests: &[String], today: Date) -> Result<(CalendarFeed, Access), Error> {
    type Found = (Row, Word<AccountKind>, Json<Vec<TokenScope>>);
    let found: Option<Found> = feeds::table
        .inner_join(principals::table)
        .filter(feeds::digest.eq_any(digests))
        .select((Row::as_select(), principals::kind, principals::scopes))
        .first(db)
        .optional()?;
    let (row, kind, scopes) = found.ok_or_else(Fault::not_found)?;
    if kind.0 == AccountKind::Client && !SCOPES.iter().all(|scope| scopes.0.contains(scope)) {
        return Err(Fault::not_found().into());
    }
    let access = access(db, row.principal_id.0, today)?.ok_or_else(Fault::not_found)?;
    Ok((row.into(), access))
}
