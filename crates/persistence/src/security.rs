//! The security log in the database. What a write does is noted in its transaction; what no transaction carries, such as a
//! refusal, comes in batches. Entries are never changed; those older than the setting says are removed.

use crate::dialect::{each, row_after};
use crate::page::{Page, Slice};
use crate::schema::{principals, security_event_organisations as concerned, security_events as events};
use crate::sql_types::{At, IdOf, Word};
use crate::{Db, Error, Tx};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use yhteen_domain::ids::{Id, OrganisationId, PrincipalId, SecurityEventId};
use yhteen_domain::security::{About, Origin, SecurityEvent, SecurityEventKind, SecurityOutcome, SecuritySubject};
use yhteen_domain::text::Email;
use yhteen_domain::time::Instant;

/// How many rows one statement adds.
const CHUNK: usize = 500;

/// What is noted of a write that concerns security; who, when and from where the transaction knows.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    pub(crate) kind: SecurityEventKind,
    pub(crate) about: Option<About>,
    pub(crate) organisations: Vec<OrganisationId>,
    pub(crate) detail: Option<String>,
}

impl Note {
    /// A note of which nothing but its kind is known.
    pub(crate) fn of(kind: SecurityEventKind) -> Self {
        Self { kind, about: None, organisations: Vec::new(), detail: None }
    }
}

/// Notes what the transaction does; it is written with the commit.
pub(crate) fn note(tx: &mut Tx<'_>, note: Note) {
    let Note { kind, about, organisations, detail } = note;
    let event = SecurityEvent {
        id: SecurityEventId::from_uuid(uuid::Uuid::now_v7()),
        occurred_at: tx.now,
        kind,
        outcome: SecurityOutcome::Success,
        principal: tx.actor.principal,
        organisations,
        origin: tx.origin.clone(),
        about,
        detail,
        times: 1,
    };
    tx.security.push(event);
}

/// Writes what was noted.
pub(crate) fn flush(tx: &mut Tx<'_>) -> Result<(), Error> {
    let noted = std::mem::take(&mut tx.security);
    write(tx, &noted)
}

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = events, treat_none_as_default_value = false)]
struct Row {
    id: IdOf<SecurityEventId>,
    occurred_at: At,
    kind: Word<SecurityEventKind>,
    outcome: Word<SecurityOutcome>,
    principal_id: Option<IdOf<PrincipalId>>,
    client_address: Option<String>,
    request_id: Option<String>,
    operation: Option<String>,
    subject_type: Option<Word<SecuritySubject>>,
    subject_id: Option<IdOf<AnySubject>>,
    detail: Option<String>,
    times: i64,
}

/// A thing of whatever type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct AnySubject(uuid::Uuid);

impl Id for AnySubject {
    fn from_uuid(id: uuid::Uuid) -> Self {
        Self(id)
    }
    fn uuid(self) -> uuid::Uuid {
        self.0
    }
}

impl From<&SecurityEvent> for Row {
    fn from(event: &SecurityEvent) -> Self {
        let SecurityEvent { id, occurred_at, kind, outcome, principal, organisations: _, origin, about, detail, times } =
            event.clone();
        let Origin { client_address, request_id, operation } = origin.unwrap_or_default();
        let given = |text: String| Some(text).filter(|text| !text.is_empty());
        Self {
            id: IdOf(id),
            occurred_at: occurred_at.into(),
            kind: Word(kind),
            outcome: Word(outcome),
            principal_id: principal.map(IdOf),
            client_address: given(client_address),
            request_id: given(request_id),
            operation: given(operation),
            subject_type: about.and_then(|about| about.subject).map(Word),
            subject_id: about.map(|about| IdOf(AnySubject(about.id))),
            detail,
            times,
        }
    }
}

impl From<Row> for SecurityEvent {
    fn from(row: Row) -> Self {
        let origin = Origin {
            client_address: row.client_address.unwrap_or_default(),
            request_id: row.request_id.unwrap_or_default(),
            operation: row.operation.unwrap_or_default(),
        };
        let subject = row.subject_type.map(|word| word.0);
        Self {
            id: row.id.0,
            occurred_at: row.occurred_at.get(),
            kind: row.kind.0,
            outcome: row.outcome.0,
            principal: row.principal_id.map(|id| id.0),
            organisations: Vec::new(),
            origin: Some(origin).filter(|origin| *origin != Origin::default()),
            about: row.subject_id.map(|id| About { subject, id: id.0.0 }),
            detail: row.detail,
            times: row.times,
        }
    }
}

/// Adds entries, each for the organisations that it names and those to which the accounts in it belong.
pub fn write(db: &mut Db, noted: &[SecurityEvent]) -> Result<(), Error> {
    if noted.is_empty() {
        return Ok(());
    }
    let homes = homes(db, noted)?;
    for chunk in noted.chunks(CHUNK) {
        let rows: Vec<Row> = chunk.iter().map(Row::from).collect();
        each!(db => diesel::insert_into(events::table).values(&rows).execute(db))?;
    }
    let mut links = Vec::new();
    for event in noted {
        let accounts = event.principal.into_iter().chain(subject_account(event));
        let of_accounts = accounts.filter_map(|account| homes.get(&account).copied());
        let organisations: BTreeSet<_> = event.organisations.iter().copied().chain(of_accounts).collect();
        links.extend(organisations.into_iter().map(|organisation| {
            (
                concerned::organisation_id.eq(IdOf(organisation)),
                concerned::occurred_at.eq(At::from(event.occurred_at)),
                concerned::event_id.eq(IdOf(event.id)),
            )
        }));
    }
    for chunk in links.chunks(CHUNK) {
        each!(db => diesel::insert_into(concerned::table).values(chunk).execute(db))?;
    }
    Ok(())
}

fn subject_account(event: &SecurityEvent) -> Option<PrincipalId> {
    let about = event.about?;
    let account = matches!(about.subject, Some(SecuritySubject::User | SecuritySubject::Client));
    account.then(|| PrincipalId::from_uuid(about.id))
}

/// The organisations to which the accounts in these entries belong.
fn homes(db: &mut Db, noted: &[SecurityEvent]) -> Result<BTreeMap<PrincipalId, OrganisationId>, Error> {
    let accounts: BTreeSet<_> =
        noted.iter().flat_map(|event| event.principal.into_iter().chain(subject_account(event))).collect();
    if accounts.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows: Vec<(IdOf<PrincipalId>, Option<IdOf<OrganisationId>>)> = principals::table
        .filter(principals::id.eq_any(accounts.into_iter().map(IdOf)))
        .select((principals::id, principals::organisation_id))
        .load(db)?;
    Ok(rows.into_iter().filter_map(|(id, home)| Some((id.0, home?.0))).collect())
}

/// Whose account somebody tried to sign in to, as far as that was said.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Tried {
    /// A person's, by the e-mail address.
    Email(Email),
    /// A machine's, by its identifier.
    Client(PrincipalId),
}

/// Adds entries that no other transaction carries. Of a failed sign-in the account is kept where there is one, and nothing
/// of what was typed in its place.
pub fn write_batch(tx: &mut Tx<'_>, batch: &[(SecurityEvent, Option<Tried>)]) -> Result<(), Error> {
    let (mut emails, mut clients) = (Vec::new(), Vec::new());
    for (_, tried) in batch {
        match tried {
            Some(Tried::Email(email)) => emails.push(email.as_str()),
            Some(Tried::Client(id)) => clients.push(IdOf(*id)),
            None => {}
        }
    }
    let mut known: Vec<(IdOf<PrincipalId>, Option<String>)> = Vec::new();
    if !emails.is_empty() || !clients.is_empty() {
        known = principals::table
            .filter(principals::email.eq_any(emails).or(principals::id.eq_any(clients)))
            .select((principals::id, principals::email))
            .load(&mut **tx)?;
    }
    let find = |tried: &Tried| match tried {
        Tried::Email(email) => {
            let found = known.iter().find(|(_, own)| own.as_deref() == Some(email.as_str()));
            found.map(|(id, _)| About { subject: Some(SecuritySubject::User), id: id.0.uuid() })
        }
        Tried::Client(client) => {
            let found = known.iter().find(|(id, _)| id.0 == *client);
            found.map(|(id, _)| About { subject: Some(SecuritySubject::Client), id: id.0.uuid() })
        }
    };
    let events: Vec<_> = batch
        .iter()
        .map(|(event, tried)| {
            let about = event.about.or_else(|| tried.as_ref().and_then(find));
            SecurityEvent { about, ..event.clone() }
        })
        .collect();
    write(tx, &events)
}

/// Which entries to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only these kinds; all where empty.
    pub kinds: Vec<SecurityEventKind>,
    /// Only what this account has done.
    pub principal: Option<PrincipalId>,
    /// Only what concerns one of these organisations; without it, everything: that is for the operator.
    pub organisations: Option<Vec<OrganisationId>>,
    /// Only from this instant on.
    pub from: Option<Instant>,
    /// Only before this instant.
    pub to: Option<Instant>,
}

/// The place of an entry in the order of the log.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Place(pub Instant, pub SecurityEventId);

/// An instant after all that the log will ever tell of.
fn end_of_time() -> Instant {
    Instant::from_timestamp(253_402_300_799, 0).unwrap_or(Instant::UNIX_EPOCH)
}

/// An entry as it is read.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What happened; of the organisations concerned, those that were asked for.
    pub event: SecurityEvent,
    /// The organisation to which the account belongs that did it.
    pub home: Option<OrganisationId>,
}

/// A page of the log, the newest first. It is for the caller to name only organisations that it administers.
pub fn list(db: &mut Db, filter: &Filter, slice: &Slice<Place>) -> Result<Page<Entry>, Error> {
    let mut query = events::table.select(Row::as_select()).into_boxed();
    if let Some(organisations) = &filter.organisations {
        let earliest = filter.from.unwrap_or(Instant::UNIX_EPOCH);
        let latest = slice.after.map(|Place(at, _)| at).into_iter().chain(filter.to).min();
        let of = concerned::table
            .filter(concerned::organisation_id.eq_any(organisations.iter().copied().map(IdOf)))
            .filter(concerned::occurred_at.between(At::from(earliest), At::from(latest.unwrap_or_else(end_of_time))))
            .select(concerned::event_id);
        query = query.filter(events::id.eq_any(of));
    }
    if !filter.kinds.is_empty() {
        query = query.filter(events::kind.eq_any(filter.kinds.iter().copied().map(Word)));
    }
    if let Some(principal) = filter.principal {
        query = query.filter(events::principal_id.eq(IdOf(principal)));
    }
    if let Some(from) = filter.from {
        query = query.filter(events::occurred_at.ge(At::from(from)));
    }
    if let Some(to) = filter.to {
        query = query.filter(events::occurred_at.lt(At::from(to)));
    }
    if let Some(Place(at, id)) = slice.after {
        query = query.filter(row_after((events::occurred_at, events::id), (At::from(at), IdOf(id)), true));
    }
    let rows: Vec<Row> = query.order((events::occurred_at.desc(), events::id.desc())).limit(slice.fetch()).load(db)?;
    let Page { items, more } = slice.page(rows.into_iter().map(SecurityEvent::from));
    let (Some(newest), Some(oldest)) = (items.first(), items.last()) else {
        return Ok(Page { items: Vec::new(), more });
    };
    let span = (At::from(oldest.occurred_at), At::from(newest.occurred_at));
    let mut links = concerned::table
        .filter(concerned::event_id.eq_any(items.iter().map(|event| IdOf(event.id))))
        .filter(concerned::occurred_at.between(span.0, span.1))
        .select((concerned::event_id, concerned::organisation_id))
        .into_boxed();
    if let Some(organisations) = &filter.organisations {
        links = links.filter(concerned::organisation_id.eq_any(organisations.iter().copied().map(IdOf)));
    }
    let links: Vec<(IdOf<SecurityEventId>, IdOf<OrganisationId>)> = links.load(db)?;
    let homes = homes(db, &items)?;
    let items = items.into_iter().map(|mut event| {
        let own = links.iter().filter(|(id, _)| id.0 == event.id);
        event.organisations = own.map(|(_, organisation)| organisation.0).collect();
        event.organisations.sort_unstable();
        let home = event.principal.and_then(|account| homes.get(&account).copied());
        Entry { event, home }
    });
    Ok(Page { items: items.collect(), more })
}

/// Removes entries from before an instant, the oldest first, about `most` at a time. Answers how many; fewer than `most`
/// means that none is left.
pub fn forget_before(tx: &mut Tx<'_>, before: Instant, most: usize) -> Result<usize, Error> {
    let last: Option<At> = events::table
        .filter(events::occurred_at.lt(At::from(before)))
        .order(events::occurred_at)
        .offset(i64::try_from(most.saturating_sub(1)).unwrap_or(i64::MAX))
        .limit(1)
        .select(events::occurred_at)
        .first(&mut **tx)
        .optional()?;
    let until = last.unwrap_or_else(|| before.into());
    diesel::delete(concerned::table)
        .filter(concerned::occurred_at.le(until))
        .filter(concerned::occurred_at.lt(At::from(before)))
        .execute(&mut **tx)?;
    Ok(diesel::delete(events::table)
        .filter(events::occurred_at.le(until))
        .filter(events::occurred_at.lt(At::from(before)))
        .execute(&mut **tx)?)
}
