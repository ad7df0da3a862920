//! What signing in needs: what an account proves itself by, and the failures of late, which all processes share.

use crate::dialect::DialectExt;
use crate::schema::{principals, sign_in_failures};
use crate::sql_types::{At, IdOf, Json, Word};
use crate::{Db, Error, Tx};
use diesel::prelude::*;
use yhteen_domain::accounts::AccountKind;
use yhteen_domain::ids::PrincipalId;
use yhteen_domain::oauth::{FORGOTTEN, Failures};
use yhteen_domain::roles::TokenScope;
use yhteen_domain::text::Email;
use yhteen_domain::time::Instant;

/// What an active account proves itself by, and what its tokens may carry.
#[derive(Clone)]
pub struct Credentials {
    /// Whose they are.
    pub principal: PrincipalId,
    /// An argon2id hash of a person's password, or the keyed digest of a machine's secret.
    pub secret: Option<String>,
    /// The scopes that its tokens may carry at most.
    pub scopes: Vec<TokenScope>,
    /// How often all its sign-ins were ended.
    pub generation: i64,
    /// Where the secret is a one-time code, which sets a password and does nothing else: until when it is good.
    pub code_expires_at: Option<Instant>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = principals)]
struct Row {
    id: IdOf<PrincipalId>,
    secret: Option<String>,
    scopes: Json<Vec<TokenScope>>,
    generation: i64,
    code_expires_at: Option<At>,
}

fn credentials(row: Row) -> Credentials {
    let Row { id, secret, scopes, generation, code_expires_at } = row;
    Credentials { principal: id.0, secret, scopes: scopes.0, generation, code_expires_at: code_expires_at.map(At::get) }
}

/// The credentials of this account, where it is active.
pub fn of_account(db: &mut Db, id: PrincipalId) -> Result<Option<Credentials>, Error> {
    let row: Option<Row> = principals::table
        .find(IdOf(id))
        .filter(principals::deactivated_at.is_null())
        .select(Row::as_select())
        .first(db)
        .optional()?;
    Ok(row.map(credentials))
}

/// The credentials of the active person with this e-mail address.
pub fn of_user(db: &mut Db, email: &Email) -> Result<Option<Credentials>, Error> {
    let row: Option<Row> = principals::table
        .filter(principals::email.eq(email.as_str()))
        .filter(principals::kind.eq(Word(AccountKind::User)))
        .filter(principals::deactivated_at.is_null())
        .select(Row::as_select())
        .first(db)
        .optional()?;
    Ok(row.map(credentials))
}

/// The credentials of the active machine with this identifier.
pub fn of_client(db: &mut Db, id: PrincipalId) -> Result<Option<Credentials>, Error> {
    let row: Option<Row> = principals::table
        .filter(principals::id.eq(IdOf(id)))
        .filter(principals::kind.eq(Word(AccountKind::Client)))
        .filter(principals::deactivated_at.is_null())
        .select(Row::as_select())
        .first(db)
        .optional()?;
    Ok(row.map(credentials))
}

/// Whether the account still proves itself by these, can sign in, and has not been signed out meanwhile. It is locked by
/// this until the transaction ends.
pub fn are_good(tx: &mut Tx<'_>, credentials: &Credentials) -> Result<bool, Error> {
    let now: Option<(Option<String>, i64)> = principals::table
        .find(IdOf(credentials.principal))
        .filter(principals::deactivated_at.is_null())
        .select((principals::secret, principals::generation))
        .for_update_of_engine()
        .get_result(&mut **tx)
        .optional()?;
    Ok(now.is_some_and(|(secret, generation)| secret == credentials.secret && generation == credentials.generation))
}

/// The failures of late of a subject: an account, an address, or the one from the other.
pub fn failures(db: &mut Db, subject: &str) -> Result<Option<Failures>, Error> {
    let row: Option<(i64, At)> = sign_in_failures::table
        .find(subject)
        .select((sign_in_failures::failures, sign_in_failures::last_at))
        .first(db)
        .optional()?;
    Ok(row.map(|(count, last_at)| Failures { count, last_at: last_at.get() }))
}

/// Counts one more failure of each subject.
pub fn record_failure(tx: &mut Tx<'_>, subjects: &[&str]) -> Result<(), Error> {
    let now = At::from(tx.now());
    for subject in subjects {
        diesel::delete(sign_in_failures::table.find(subject))
            .filter(sign_in_failures::last_at.le(At::from(tx.now() - FORGOTTEN)))
            .execute(&mut **tx)?;
        diesel::insert_into(sign_in_failures::table)
            .values((
                sign_in_failures::subject.eq(subject),
                sign_in_failures::failures.eq(1),
                sign_in_failures::last_at.eq(now),
            ))
            .on_conflict(sign_in_failures::subject)
            .do_update()
            .set((sign_in_failures::failures.eq(sign_in_failures::failures + 1), sign_in_failures::last_at.eq(now)))
            .per_engine()
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// Forgives the first subject, which is an account from an address, its failures, and the other subjects as many: so a
/// success clears what led up to it, but nobody clears an address of guesses at other people's accounts by signing in
/// to their own in between, nor an account of guesses that somebody makes elsewhere.
pub fn forgive(tx: &mut Tx<'_>, subjects: &[&str]) -> Result<(), Error> {
    let Some(first) = subjects.first() else { return Ok(()) };
    let Some(Failures { count, .. }) = failures(tx, first)? else { return Ok(()) };
    diesel::update(sign_in_failures::table.filter(sign_in_failures::subject.eq_any(subjects)))
        .set(sign_in_failures::failures.eq(sign_in_failures::failures - count))
        .execute(&mut **tx)?;
    diesel::delete(sign_in_failures::table.filter(sign_in_failures::subject.eq_any(subjects)))
        .filter(sign_in_failures::failures.le(0))
        .execute(&mut **tx)?;
    Ok(())
}

/// Forgets the failures that no longer count; answers how many.
pub fn forget_old(tx: &mut Tx<'_>) -> Result<usize, Error> {
    let last = At::from(tx.now() - FORGOTTEN);
    Ok(diesel::delete(sign_in_failures::table.filter(sign_in_failures::last_at.le(last))).execute(&mut **tx)?)
}
