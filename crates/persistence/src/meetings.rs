//! Meetings in the database. A meeting is seen by whoever sees its body.

mod many;

pub(crate) use many::record_audience_changed;
pub use many::{imported, keep_import, require_room};

use crate::changes::{Changed, audience_of, record_seen_by};
use crate::dialect::{DialectExt, row_after};
use crate::page::{Page, Slice};
use crate::schema::{bodies, meetings};
use crate::scope::{Scope, visible};
use crate::sql_types::{At, IdOf, Json, Parsed, Word};
use crate::{Db, Error, Tx, quotas};
use chrono::{DateTime, SecondsFormat};
use diesel::prelude::*;
use yhteen_domain::Fault;
use yhteen_domain::audience::Audience;
use yhteen_domain::bodies::{Body, Deadline, DeadlineBasis};
use yhteen_domain::changes::AggregateType;
use yhteen_domain::icalendar::Imported;
use yhteen_domain::ids::{BodyId, Id, MeetingId, OrganisationId};
use yhteen_domain::meetings::{Details, Meeting, MeetingState, Origin};
use yhteen_domain::meta::Meta;
use yhteen_domain::text::{NAME, Tag, Text, ZoneName};
use yhteen_domain::time::{Date, Instant};

#[derive(Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = meetings, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: IdOf<MeetingId>,
    version: i64,
    created_at: At,
    updated_at: At,
    body_id: IdOf<BodyId>,
    starts_at: At,
    ends_at: Option<At>,
    agenda_deadline: At,
    zone: Parsed<ZoneName>,
    state: Word<MeetingState>,
    cancelled: bool,
    tags: Json<Vec<Tag>>,
    location: Option<Parsed<Text<NAME>>>,
    minutes_published_on: Option<Date>,
    calendar_uid: Option<String>,
    calendar_recurrence: String,
    calendar_sequence: i32,
    calendar_imported: Option<Json<Imported>>,
    agenda_deadline_computed: bool,
    agenda_deadline_shifted_from: Option<Date>,
}

impl From<&Meeting> for Row {
    fn from(meeting: &Meeting) -> Self {
        let Meeting { id, body_id, organisation_id: _, meta, details, cancelled, origin } = meeting.clone();
        let Meta { version, created_at, updated_at } = meta;
        let Details { starts_at, ends_at, agenda_deadline, zone, state, tags, location, minutes_published_on } =
            details;
        let (uid, recurrence_id, sequence, imported) = match origin {
            Some(Origin { uid, recurrence_id, sequence, imported }) => {
                (Some(uid), recurrence_id, sequence, Some(imported))
            }
            None => (None, None, 0, None),
        };
        Self {
            id: IdOf(id),
            version,
            created_at: created_at.into(),
            updated_at: updated_at.into(),
            body_id: IdOf(body_id),
            starts_at: starts_at.into(),
            ends_at: ends_at.map(At::from),
            agenda_deadline: agenda_deadline.at.into(),
            zone: Parsed(zone),
            state: Word(state),
            cancelled,
            tags: Json(tags),
            location: location.map(Parsed),
            minutes_published_on,
            calendar_uid: uid,
            // Never null, so that the uniqueness of (body, UID, recurrence) holds for single events too.
            calendar_recurrence: recurrence_id
                .map_or_else(String::new, |at| at.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
            // An INTEGER of RFC 5545 has 31 bits; what claims to be later than that is as late as can be.
            calendar_sequence: i32::try_from(sequence).unwrap_or(i32::MAX),
            calendar_imported: imported.map(Json),
            agenda_deadline_computed: agenda_deadline.basis != DeadlineBasis::Given,
            agenda_deadline_shifted_from: agenda_deadline.basis.shifted_from(),
        }
    }
}

/// A meeting with the organisation of its body.
type Found = (Row, IdOf<OrganisationId>);

fn meeting((row, organisation_id): Found) -> Meeting {
    let recurrence = DateTime::parse_from_rfc3339(&row.calendar_recurrence).ok();
    let origin = row.calendar_uid.zip(row.calendar_imported).map(|(uid, imported)| Origin {
        uid,
        imported: imported.0,
        recurrence_id: recurrence.map(|at| at.to_utc()),
        sequence: row.calendar_sequence.unsigned_abs(),
    });
    let basis = if row.agenda_deadline_computed {
        DeadlineBasis::Computed { shifted_from: row.agenda_deadline_shifted_from }
    } else {
        DeadlineBasis::Given
    };
    let agenda_deadline = Deadline { at: row.agenda_deadline.get(), basis };
    Meeting {
        id: row.id.0,
        body_id: row.body_id.0,
        organisation_id: organisation_id.0,
        meta: Meta { version: row.version, created_at: row.created_at.get(), updated_at: row.updated_at.get() },
        details: Details {
            starts_at: row.starts_at.get(),
            ends_at: row.ends_at.map(At::get),
            agenda_deadline,
            zone: row.zone.0,
            state: row.state.0,
            tags: row.tags.0,
            location: row.location.map(|text| text.0),
            minutes_published_on: row.minutes_published_on,
        },
        cancelled: row.cancelled,
        origin,
    }
}

/// The meeting, or a 404 where the reader may not know of it.
pub fn find(db: &mut Db, scope: &Scope, id: MeetingId) -> Result<Meeting, Error> {
    let found: Option<Found> = meetings::table
        .inner_join(bodies::table)
        .filter(meetings::id.eq(IdOf(id)))
        .filter(visible!(scope, meetings::body_id))
        .select((Row::as_select(), bodies::organisation_id))
        .first(db)
        .optional()?;
    Ok(found.map(meeting).ok_or_else(Fault::not_found)?)
}

/// The meeting, locked until the transaction ends, and its body, which stays as it is for as long.
pub fn lock(tx: &mut Tx<'_>, scope: &Scope, id: MeetingId) -> Result<(Body, Meeting), Error> {
    // The body first, as everywhere: who locks in one order never waits in a ring.
    let body_id: Option<IdOf<BodyId>> =
        meetings::table.find(IdOf(id)).select(meetings::body_id).first(&mut **tx).optional()?;
    let body = crate::bodies::hold(tx, scope, body_id.ok_or_else(Fault::not_found)?.0)?;
    let row: Row =
        meetings::table.find(IdOf(id)).select(Row::as_select()).for_update_of_engine().get_result(&mut **tx)?;
    let meeting = meeting((row, IdOf(body.organisation_id)));
    Ok((body, meeting))
}

/// Adds a new meeting to a body that is held.
pub fn create(tx: &mut Tx<'_>, meeting: &Meeting) -> Result<(), Error> {
    quotas::require_meetings(tx, meeting.body_id, &[(meeting.year(), 1)].into())?;
    diesel::insert_into(meetings::table).values(Row::from(meeting)).execute(&mut **tx)?;
    let audience = audience_of(tx, meeting.body_id.uuid())?;
    record_seen_by(tx, "meeting.created", changed(meeting), Audience::nobody(), audience);
    Ok(())
}

/// Keeps a change of a meeting that was locked before, when it was in the year `before`; `kind` is the event, such as
/// `meeting.updated`.
pub fn save_from(tx: &mut Tx<'_>, kind: &'static str, before: i32, meeting: &Meeting) -> Result<(), Error> {
    if meeting.year() != before {
        quotas::require_meetings(tx, meeting.body_id, &[(meeting.year(), 1)].into())?;
    }
    save(tx, kind, meeting)
}

/// Keeps a change of a meeting that was locked before and begins in the same year as then; `kind` is the event, such as
/// `meeting.cancelled`.
///
/// In the version that stands already there is nothing to keep: no event tells of it.
pub fn save(tx: &mut Tx<'_>, kind: &'static str, meeting: &Meeting) -> Result<(), Error> {
    let older = meetings::version.lt(meeting.meta.version);
    let row = meetings::table.find(IdOf(meeting.id)).filter(older);
    if diesel::update(row).set(Row::from(meeting)).execute(&mut **tx)? == 0 {
        return Ok(());
    }
    let audience = audience_of(tx, meeting.body_id.uuid())?;
    record_seen_by(tx, kind, changed(meeting), audience.clone(), audience);
    Ok(())
}

fn changed(meeting: &Meeting) -> Changed {
    Changed { aggregate_type: AggregateType::Meeting, id: meeting.id.uuid(), version: meeting.meta.version }
}

/// All meetings of these bodies by their start, cancelled ones included, also of bodies that the reader may not see.
///
/// A timetable computes with them all. The caller shows nothing but dates of those whose body is not `visible` by
/// [`crate::bodies::of_ids`].
pub fn of_bodies(db: &mut Db, bodies: &[BodyId]) -> Result<Vec<Meeting>, Error> {
    let found: Vec<Found> = meetings::table
        .inner_join(bodies::table)
        .filter(meetings::body_id.eq_any(bodies.iter().copied().map(IdOf)))
        .order((meetings::starts_at, meetings::id))
        .select((Row::as_select(), bodies::organisation_id))
        .load(db)?;
    Ok(found.into_iter().map(meeting).collect())
}

/// These meetings, also of bodies that the reader may not see: as [`of_bodies`].
pub(crate) fn of_ids(db: &mut Db, ids: &[MeetingId]) -> Result<Vec<Meeting>, Error> {
    let found: Vec<Found> = meetings::table
        .inner_join(bodies::table)
        .filter(meetings::id.eq_any(ids.iter().copied().map(IdOf)))
        .select((Row::as_select(), bodies::organisation_id))
        .load(db)?;
    Ok(found.into_iter().map(meeting).collect())
}

/// Which meetings to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only those of these bodies; of all where empty.
    pub bodies: Vec<BodyId>,
    /// Only those of bodies of these organisations; of all where empty.
    pub organisations: Vec<OrganisationId>,
    /// Only what begins at or after this time.
    pub from: Option<Instant>,
    /// Only what begins before this time.
    pub before: Option<Instant>,
    /// Only what is, or is not, cancelled.
    pub cancelled: Option<bool>,
    /// Only what has changed since.
    pub updated_since: Option<Instant>,
}

/// A place in the list: when the meeting begins, and which it is.
pub type Place = (Instant, MeetingId);

/// A page of meetings, in the order of their start.
pub fn list(db: &mut Db, scope: &Scope, filter: &Filter, slice: &Slice<Place>) -> Result<Page<Meeting>, Error> {
    let mut query = meetings::table
        .inner_join(bodies::table)
        .filter(visible!(scope, meetings::body_id))
        .select((Row::as_select(), bodies::organisation_id))
        .into_boxed();
    if !filter.bodies.is_empty() {
        query = query.filter(meetings::body_id.eq_any(filter.bodies.iter().copied().map(IdOf)));
    }
    if !filter.organisations.is_empty() {
        query = query.filter(bodies::organisation_id.eq_any(filter.organisations.iter().copied().map(IdOf)));
    }
    if let Some(from) = filter.from {
        query = query.filter(meetings::starts_at.ge(At::from(from)));
    }
    if let Some(before) = filter.before {
        query = query.filter(meetings::starts_at.lt(At::from(before)));
    }
    if let Some(cancelled) = filter.cancelled {
        query = query.filter(meetings::cancelled.eq(cancelled));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(meetings::updated_at.ge(At::from(since)));
    }
    if let Some((at, id)) = slice.after {
        query = query.filter(row_after((meetings::starts_at, meetings::id), (At::from(at), IdOf(id)), false));
    }
    let found: Vec<Found> = query.order((meetings::starts_at, meetings::id)).limit(slice.fetch()).load(db)?;
    Ok(slice.page(found.into_iter().map(meeting)))
}
