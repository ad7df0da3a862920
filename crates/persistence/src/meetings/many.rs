//! Many meetings of one body at once, without a statement for each.

use super::{Found, Row, changed, meeting};
use crate::changes::{Changed, audience_of, record_seen_by};
use crate::dialect::each;
use crate::schema::{bodies, meetings};
use crate::sql_types::{At, IdOf};
use crate::{Db, Error, Tx, quotas};
use diesel::prelude::*;
use diesel::upsert::excluded;
use yhteen_domain::audience::Audience;
use yhteen_domain::changes::AggregateType;
use yhteen_domain::ids::{BodyId, Id, MeetingId};
use yhteen_domain::meetings::{Import, Meeting};
use yhteen_domain::quotas::Quota;

/// How many rows go into one statement, which takes at most some thirty thousand bound values.
const CHUNK: usize = 1_000;

/// The meetings of a body that came from a calendar, and those that are named.
pub fn imported(db: &mut Db, body: BodyId, named: &[MeetingId]) -> Result<Vec<Meeting>, Error> {
    let found: Vec<Found> = meetings::table
        .inner_join(bodies::table)
        .filter(meetings::body_id.eq(IdOf(body)))
        .filter(meetings::calendar_uid.is_not_null().or(meetings::id.eq_any(named.iter().copied().map(IdOf))))
        .order((meetings::starts_at, meetings::id))
        .select((Row::as_select(), bodies::organisation_id))
        .load(db)?;
    Ok(found.into_iter().map(meeting).collect())
}

/// Refuses an import that adds too much, also where it is only tried.
pub fn require_room(tx: &mut Tx<'_>, body: BodyId, import: &Import) -> Result<(), Error> {
    let added = u32::try_from(import.created.len()).unwrap_or(u32::MAX);
    tx.quotas.require_room(Quota::MeetingsPerImport, 0, added)?;
    quotas::require_meetings(tx, body, &import.entered)
}

/// Keeps what an import changes of a body that was locked before.
pub fn keep_import(tx: &mut Tx<'_>, body: BodyId, import: &Import) -> Result<(), Error> {
    let Import { created, updated, cancelled, remembered, entered: _, reports: _ } = import;
    require_room(tx, body, import)?;
    let rows: Vec<Row> = [created, updated, cancelled, remembered].into_iter().flatten().map(Row::from).collect();
    upsert(tx, &rows)?;
    let audience = audience_of(tx, body.uuid())?;
    let events = [
        ("meeting.created", created, Audience::nobody()),
        ("meeting.updated", updated, audience.clone()),
        ("meeting.cancelled", cancelled, audience.clone()),
    ];
    for (kind, meetings, before) in events {
        for meeting in meetings {
            record_seen_by(tx, kind, changed(meeting), before.clone(), audience.clone());
        }
    }
    Ok(())
}

/// Adds the rows that are new and replaces the others by their identifiers. Who imports has locked the body, and no
/// other meeting writes pass it by.
fn upsert(tx: &mut Tx<'_>, rows: &[Row]) -> Result<(), Error> {
    for chunk in rows.chunks(CHUNK) {
        let db: &mut Db = tx;
        each!(db => diesel::insert_into(meetings::table)
            .values(chunk)
            .on_conflict(meetings::id)
            .do_update()
            .set((
                meetings::version.eq(excluded(meetings::version)),
                meetings::updated_at.eq(excluded(meetings::updated_at)),
                meetings::starts_at.eq(excluded(meetings::starts_at)),
                meetings::ends_at.eq(excluded(meetings::ends_at)),
                meetings::agenda_deadline.eq(excluded(meetings::agenda_deadline)),
                meetings::zone.eq(excluded(meetings::zone)),
                meetings::cancelled.eq(excluded(meetings::cancelled)),
                meetings::tags.eq(excluded(meetings::tags)),
                meetings::location.eq(excluded(meetings::location)),
                meetings::calendar_recurrence.eq(excluded(meetings::calendar_recurrence)),
                meetings::calendar_sequence.eq(excluded(meetings::calendar_sequence)),
                meetings::calendar_imported.eq(excluded(meetings::calendar_imported)),
            ))
            .execute(db))?;
    }
    Ok(())
}

/// Records that the meetings of a body are seen by others now, since the body is.
pub(crate) fn record_audience_changed(
    tx: &mut Tx<'_>,
    body: BodyId,
    before: &Audience,
    after: &Audience,
) -> Result<(), Error> {
    let now = At::from(tx.now);
    let mut changed: Vec<(IdOf<MeetingId>, i64)> = diesel::update(meetings::table)
        .filter(meetings::body_id.eq(IdOf(body)))
        .set((meetings::version.eq(meetings::version + 1), meetings::updated_at.eq(now)))
        .returning((meetings::id, meetings::version))
        .get_results(&mut **tx)?;
    // The engines answer in no order of their own promise.
    changed.sort_unstable();
    for (id, version) in changed {
        let changed = Changed { aggregate_type: AggregateType::Meeting, id: id.0.uuid(), version };
        record_seen_by(tx, "meeting.audience_changed", changed, before.clone(), after.clone());
    }
    Ok(())
}
