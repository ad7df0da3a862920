//! The change feed: what changed, when, by whom, and who saw it before and after.
//!
//! Events are gathered in the [`Tx`] and written together just before COMMIT. They are read in the order of
//! (transaction, sequence) and only once no running transaction can still precede them, so that a consumer that
//! goes on from its last position never misses one.

use crate::dialect::{Later, Settled, each};
use crate::schema::{audiences, change_events, installation, workers};
use crate::scope::Scope;
use crate::sql_types::{At, IdOf, Json, Word};
use crate::{Db, Error, Tx};
use diesel::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use yhteen_domain::audience::{Audience, Key};
use yhteen_domain::changes::{AggregateType, Position};
use yhteen_domain::ids::{ActionId, Id, OrganisationId, PrincipalId};
use yhteen_domain::time::{Date, Instant};
use yhteen_domain::timetable_changes::TimetableChange;

/// How many rows are read at a time, and how many at most for one page: what a reader may not see costs, too.
const CHUNK: u16 = 1_000;
const SCAN: usize = 20_000;

/// An aggregate of any type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AnyId(uuid::Uuid);

impl Id for AnyId {
    fn from_uuid(id: uuid::Uuid) -> Self {
        Self(id)
    }
    fn uuid(self) -> uuid::Uuid {
        self.0
    }
}

/// A change event on its way into the database.
#[derive(Debug)]
pub(crate) struct NewEvent {
    kind: &'static str,
    aggregate_type: AggregateType,
    aggregate_id: AnyId,
    version: i64,
    occurred_at: Instant,
    actor: crate::Actor,
    before: Audience,
    after: Audience,
    data: Option<TimetableChange>,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = change_events, treat_none_as_default_value = false)]
struct EventRow<'a> {
    kind: &'a str,
    aggregate_type: Word<AggregateType>,
    aggregate_id: IdOf<AnyId>,
    version: i64,
    occurred_at: At,
    organisation_id: Option<IdOf<OrganisationId>>,
    principal_id: Option<IdOf<PrincipalId>>,
    seen_before: Json<Vec<String>>,
    seen_after: Json<Vec<String>>,
    data: Option<Json<TimetableChange>>,
}

/// What of an aggregate has changed: its type, identifier and the version that it now has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Changed {
    pub(crate) aggregate_type: AggregateType,
    pub(crate) id: uuid::Uuid,
    pub(crate) version: i64,
}

/// Records a change of an aggregate whose audience is its own: sets the audience and keeps the event for COMMIT.
/// Answers the audience before.
pub(crate) fn record(
    tx: &mut Tx<'_>,
    kind: &'static str,
    changed: Changed,
    after: Audience,
) -> Result<Audience, Error> {
    let before = if changed.version == 1 { Audience::nobody() } else { audience_of(tx, changed.id)? };
    set_audience(tx, changed.id, &before, &after)?;
    record_seen_by(tx, kind, changed, before.clone(), after);
    Ok(before)
}

/// Records a change of an aggregate that is seen by whoever sees another one, such as a body's meeting.
pub(crate) fn record_seen_by(tx: &mut Tx<'_>, kind: &'static str, changed: Changed, before: Audience, after: Audience) {
    gather(tx, kind, changed, (before, after), None);
}

/// Records that the timetable of an action has changed, for whoever sees the action.
pub(crate) fn record_timetable(
    tx: &mut Tx<'_>,
    action: ActionId,
    version: i64,
    audience: Audience,
    data: TimetableChange,
) {
    let changed = Changed { aggregate_type: AggregateType::Timetable, id: action.uuid(), version };
    gather(tx, "timetable.changed", changed, (audience.clone(), audience), Some(data));
}

fn gather(
    tx: &mut Tx<'_>,
    kind: &'static str,
    changed: Changed,
    (before, after): (Audience, Audience),
    data: Option<TimetableChange>,
) {
    let (actor, occurred_at) = (tx.actor, tx.now);
    let Changed { aggregate_type, id, version } = changed;
    let aggregate_id = AnyId(id);
    tx.events.push(NewEvent { kind, aggregate_type, aggregate_id, version, occurred_at, actor, before, after, data });
}

/// Who sees the aggregate now.
pub(crate) fn audience_of(db: &mut Db, id: uuid::Uuid) -> Result<Audience, Error> {
    let words: Vec<String> = audiences::table
        .filter(audiences::aggregate_id.eq(IdOf(AnyId(id))))
        .select(audiences::audience_key)
        .load(db)?;
    Ok(parse(&words))
}

/// Who sees these aggregates now, in one statement. One that nobody sees is absent.
pub(crate) fn audiences_of(db: &mut Db, ids: &[uuid::Uuid]) -> Result<BTreeMap<uuid::Uuid, Audience>, Error> {
    let rows: Vec<(IdOf<AnyId>, String)> = audiences::table
        .filter(audiences::aggregate_id.eq_any(ids.iter().map(|id| IdOf(AnyId(*id)))))
        .select((audiences::aggregate_id, audiences::audience_key))
        .load(db)?;
    let mut words: BTreeMap<uuid::Uuid, Vec<String>> = BTreeMap::new();
    for (id, word) in rows {
        words.entry(id.0.uuid()).or_default().push(word);
    }
    Ok(words.into_iter().map(|(id, words)| (id, parse(&words))).collect())
}

fn set_audience(tx: &mut Tx<'_>, id: uuid::Uuid, before: &Audience, after: &Audience) -> Result<(), Error> {
    let (old, new): (BTreeSet<Key>, BTreeSet<Key>) = (before.keys().collect(), after.keys().collect());
    let gone: Vec<String> = old.difference(&new).map(ToString::to_string).collect();
    let come: Vec<_> = new
        .difference(&old)
        .map(|key| (audiences::aggregate_id.eq(IdOf(AnyId(id))), audiences::audience_key.eq(key.to_string())))
        .collect();
    if !gone.is_empty() {
        diesel::delete(audiences::table)
            .filter(audiences::aggregate_id.eq(IdOf(AnyId(id))))
            .filter(audiences::audience_key.eq_any(gone))
            .execute(&mut **tx)?;
    }
    if !come.is_empty() {
        let db: &mut Db = tx;
        each!(db => diesel::insert_into(audiences::table).values(&come).execute(db))?;
    }
    Ok(())
}

/// Writes the gathered events.
pub(crate) fn flush(tx: &mut Tx<'_>) -> Result<(), Error> {
    let events = std::mem::take(&mut tx.events);
    let words = |audience: &Audience| Json(audience.keys().map(|key| key.to_string()).collect());
    let rows: Vec<EventRow<'_>> = events
        .iter()
        .map(|event| EventRow {
            kind: event.kind,
            aggregate_type: Word(event.aggregate_type),
            aggregate_id: IdOf(event.aggregate_id),
            version: event.version,
            occurred_at: event.occurred_at.into(),
            organisation_id: event.actor.organisation.map(IdOf),
            principal_id: event.actor.principal.map(IdOf),
            seen_before: words(&event.before),
            seen_after: words(&event.after),
            data: event.data.map(Json),
        })
        .collect();
    // A statement takes at most some thirty thousand bound values.
    for chunk in rows.chunks(1_000) {
        let db: &mut Db = tx;
        each!(db => diesel::insert_into(change_events::table).values(chunk).execute(db))?;
    }
    Ok(())
}

/// One event, as a reader may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its place in the feed.
    pub position: Position,
    /// What happened, such as `action.proposed`.
    pub kind: String,
    /// The type of the aggregate.
    pub aggregate_type: AggregateType,
    /// The aggregate.
    pub aggregate_id: uuid::Uuid,
    /// The aggregate's version after the change.
    pub version: i64,
    /// When.
    pub occurred_at: Instant,
    /// The organisation that acted.
    pub organisation: Option<OrganisationId>,
    /// The person or machine that acted; for readers of that organisation alone.
    pub principal: Option<PrincipalId>,
    /// The reader can no longer see the aggregate, for what reason whatever.
    pub tombstone: bool,
    /// What the event tells beyond that.
    pub data: Option<TimetableChange>,
}

/// A part of the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// The events, in order.
    pub changes: Vec<Change>,
    /// Where to go on.
    pub position: Position,
    /// Whether there is more already.
    pub more: bool,
}

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = change_events)]
struct StoredEvent {
    sequence: i64,
    transaction_id: i64,
    kind: String,
    aggregate_type: Word<AggregateType>,
    aggregate_id: IdOf<AnyId>,
    version: i64,
    occurred_at: At,
    organisation_id: Option<IdOf<OrganisationId>>,
    principal_id: Option<IdOf<PrincipalId>>,
    seen_before: Json<Vec<String>>,
    seen_after: Json<Vec<String>>,
    data: Option<Json<TimetableChange>>,
}

impl Feed {
    /// Adds what the reader may see of the events, which come after its position; true where that is more than `limit`.
    fn extend(&mut self, events: &[StoredEvent], scope: &Scope, limit: usize) -> bool {
        let begin = self.position;
        for event in events.iter().filter(|event| event.position() > begin) {
            if self.changes.len() == limit {
                self.more = true;
                return true;
            }
            self.position = event.position();
            self.changes.extend(shown(event, scope));
        }
        false
    }
}

impl StoredEvent {
    fn position(&self) -> Position {
        Position { transaction: self.transaction_id, sequence: self.sequence }
    }
}

/// The next events after a position, whoever may see them.
fn chunk(db: &mut Db, after: Position) -> Result<Vec<StoredEvent>, Error> {
    Ok(change_events::table
        .filter(Later::than(after))
        .filter(Settled)
        .order((change_events::transaction_id, change_events::sequence))
        .limit(CHUNK.into())
        .select(StoredEvent::as_select())
        .load(db)?)
}

/// Some events of the feed, read once for many readers.
#[derive(Debug)]
pub struct Batch {
    /// The epoch of the feed.
    pub epoch: String,
    /// The position of the last event, or the one that was asked about.
    pub position: Position,
    /// Whether there is more already.
    pub more: bool,
    events: Vec<StoredEvent>,
    /// The keys of all who may see, or could see, any of it.
    keys: Audience,
    /// The accounts that are among it.
    accounts: BTreeSet<uuid::Uuid>,
    /// Whether rights may have changed by it, which follow from organisations and memberships.
    of_rights: bool,
}

/// What came after a position in an epoch. In another epoch, positions mean nothing: then it is empty, and stands at the
/// end of the feed.
pub fn batch(db: &mut Db, known: &str, after: Position) -> Result<Batch, Error> {
    let epoch = epoch(db)?;
    if epoch != known {
        let position = last(db)?;
        return Ok(Batch::of(epoch, position, Vec::new()));
    }
    let events = chunk(db, after)?;
    Ok(Batch::of(epoch, events.last().map_or(after, StoredEvent::position), events))
}

impl Batch {
    fn of(epoch: String, position: Position, events: Vec<StoredEvent>) -> Self {
        let keys = |event: &StoredEvent| parse(&event.seen_before.0).and(parse(&event.seen_after.0).keys());
        let of = |event: &&StoredEvent, types: [AggregateType; 2]| types.contains(&event.aggregate_type.0);
        let accounts = events.iter().filter(|event| of(event, [AggregateType::User, AggregateType::Client]));
        Self {
            epoch,
            position,
            more: events.len() == usize::from(CHUNK),
            keys: events.iter().fold(Audience::nobody(), |all, event| all.and(keys(event).keys())),
            accounts: accounts.map(|event| event.aggregate_id.0.uuid()).collect(),
            of_rights: events.iter().any(|event| of(&event, [AggregateType::Organisation, AggregateType::Programme])),
            events,
        }
    }

    /// Whether there is something for a reader in it: an event that it may see, or one that may have changed its rights.
    pub fn concerns(&self, scope: &Scope, principal: Option<PrincipalId>) -> bool {
        let own = |id: PrincipalId| self.of_rights || self.accounts.contains(&id.uuid());
        scope.sees(&self.keys) || principal.is_some_and(own)
    }

    /// What the reader may see of it after a position, at most `limit` events.
    pub fn after(&self, position: Position, scope: &Scope, limit: usize) -> Feed {
        let mut feed = Feed { changes: Vec::new(), position, more: false };
        if !feed.extend(&self.events, scope, limit) {
            feed.more = self.more;
        }
        feed
    }
}

/// What the reader may see of what came after a position.
pub fn after(db: &mut Db, scope: &Scope, position: Position, limit: usize) -> Result<Feed, Error> {
    let mut feed = Feed { changes: Vec::new(), position, more: false };
    let mut scanned = 0;
    loop {
        let rows = chunk(db, feed.position)?;
        let last_chunk = rows.len() < usize::from(CHUNK);
        scanned += rows.len();
        if feed.extend(&rows, scope, limit) {
            return Ok(feed);
        }
        if last_chunk {
            return Ok(feed);
        }
        if scanned >= SCAN {
            feed.more = true;
            return Ok(feed);
        }
    }
}

/// The event for this reader, or nothing where it never saw the aggregate.
fn shown(event: &StoredEvent, scope: &Scope) -> Option<Change> {
    let sees = scope.sees(&parse(&event.seen_after.0));
    let saw = scope.sees(&parse(&event.seen_before.0));
    if !sees && !saw {
        return None;
    }
    let organisation = event.organisation_id.as_ref().map(|id| id.0);
    let principal = event.principal_id.as_ref().map(|id| id.0);
    Some(Change {
        position: event.position(),
        kind: event.kind.clone(),
        aggregate_type: event.aggregate_type.0,
        aggregate_id: event.aggregate_id.0.0,
        version: event.version,
        occurred_at: event.occurred_at.get(),
        organisation,
        principal: principal.filter(|_| organisation.is_some_and(|of| scope.reads_for(of))),
        tombstone: !sees,
        data: event.data.as_ref().map(|data| data.0).filter(|_| sees),
    })
}

/// What has changed in an event, and where the event stands, for those who work by the feed and show nothing of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Happened {
    pub(crate) position: Position,
    pub(crate) aggregate_type: AggregateType,
    pub(crate) id: uuid::Uuid,
}

/// What has happened after a position, in order, at most so many events.
pub(crate) fn happened(db: &mut Db, after: Position, limit: usize) -> Result<Vec<Happened>, Error> {
    let rows: Vec<(i64, i64, Word<AggregateType>, IdOf<AnyId>)> = change_events::table
        .filter(Later::than(after))
        .filter(Settled)
        .order((change_events::transaction_id, change_events::sequence))
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select((
            change_events::transaction_id,
            change_events::sequence,
            change_events::aggregate_type,
            change_events::aggregate_id,
        ))
        .load(db)?;
    let happened = rows.into_iter().map(|(transaction, sequence, aggregate_type, id)| Happened {
        position: Position { transaction, sequence },
        aggregate_type: aggregate_type.0,
        id: id.0.0,
    });
    Ok(happened.collect())
}

/// Where the feed stands now: whatever is committed from here on comes after.
pub fn now(db: &mut Db) -> Result<Position, Error> {
    use diesel::dsl::{max, sql};
    use diesel::sql_types::BigInt;
    match db {
        Db::Sqlite(c) => {
            let last: Option<i64> = change_events::table.select(max(change_events::sequence)).first(c)?;
            Ok(Position { transaction: 0, sequence: last.unwrap_or(0) })
        }
        // The oldest transaction that may still be running is the first that may add events.
        Db::Postgres(c) => {
            let horizon: i64 =
                diesel::select(sql::<BigInt>("pg_snapshot_xmin(pg_current_snapshot())::text::bigint")).get_result(c)?;
            Ok(Position { transaction: horizon - 1, sequence: i64::MAX })
        }
    }
}

/// The place of the last event that can be read: whoever waits for the next one waits for this to move.
pub fn last(db: &mut Db) -> Result<Position, Error> {
    let last: Option<(i64, i64)> = change_events::table
        .filter(Settled)
        .order((change_events::transaction_id.desc(), change_events::sequence.desc()))
        .select((change_events::transaction_id, change_events::sequence))
        .first(db)
        .optional()?;
    Ok(last.map(|(transaction, sequence)| Position { transaction, sequence }).unwrap_or_default())
}

/// The feed's epoch: positions of another epoch mean nothing here.
pub fn epoch(db: &mut Db) -> Result<String, Error> {
    Ok(installation::table.filter(installation::name.eq("feed_epoch")).select(installation::value).first(db)?)
}

/// Starts a new epoch, for use after a restore from a backup: transaction numbers of the old cluster may lie ahead
/// of the new one's, so all that is stored moves to the beginning.
pub fn begin_epoch(tx: &mut Tx<'_>, epoch: &str) -> Result<(), Error> {
    if let Db::Postgres(c) = &mut **tx {
        // Every event there is takes longer than a request may.
        diesel::sql_query("SET LOCAL statement_timeout = 0").execute(c)?;
    }
    diesel::update(change_events::table).set(change_events::transaction_id.eq(0)).execute(&mut **tx)?;
    diesel::update(installation::table.filter(installation::name.eq("feed_epoch")))
        .set(installation::value.eq(epoch))
        .execute(&mut **tx)?;
    // Their positions mean nothing any more: they look at everything once, and go on from the present.
    diesel::update(workers::table)
        .set((workers::round.eq(workers::round + 1), workers::ticked_on.eq(None::<Date>)))
        .execute(&mut **tx)?;
    Ok(())
}

fn parse(words: &[String]) -> Audience {
    // A key of a later version of the program admits nobody here.
    words.iter().filter_map(|word| word.parse().ok()).collect()
}
