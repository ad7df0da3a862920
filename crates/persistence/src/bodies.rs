//! Bodies in the database.

use crate::changes::{Changed, record};
use crate::dialect::DialectExt;
use crate::page::{Page, Slice};
use crate::schema::bodies;
use crate::scope::{Scope, visible};
use crate::sql_types::{At, IdOf, Json, Parsed, Word};
use crate::{Db, Error, Tx};
use crate::{actions, meetings};
use diesel::prelude::*;
use yhteen_domain::Fault;
use yhteen_domain::bodies::{AgendaDeadlineShift, AgendaLead, Body, BodyVisibility, Details};
use yhteen_domain::changes::AggregateType;
use yhteen_domain::ids::{BodyId, Id, OrganisationId};
use yhteen_domain::meta::Meta;
use yhteen_domain::text::{ClockTime, Name};
use yhteen_domain::time::{Date, Instant};
use yhteen_domain::vocabulary::{BodyKind, Regime};

#[derive(Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = bodies, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: IdOf<BodyId>,
    version: i64,
    created_at: At,
    updated_at: At,
    organisation_id: IdOf<OrganisationId>,
    name: Json<Name>,
    kind: Word<BodyKind>,
    visibility: Word<BodyVisibility>,
    valid_from: Option<Date>,
    valid_to: Option<Date>,
    published_until: Option<Date>,
    agenda_lead_days: i32,
    agenda_lead_time: Parsed<ClockTime>,
    minutes_publication_days: i32,
    regime: Word<Regime>,
    agenda_deadline_shift: Word<AgendaDeadlineShift>,
}

impl From<&Body> for Row {
    fn from(body: &Body) -> Self {
        let Body { id, organisation_id, meta, details } = body.clone();
        let Meta { version, created_at, updated_at } = meta;
        let Details {
            name,
            kind,
            visibility,
            valid_from,
            valid_to,
            published_until,
            agenda_lead: AgendaLead { days, time },
            agenda_deadline_shift,
            minutes_publication_days,
            regime,
        } = details;
        Self {
            id: IdOf(id),
            version,
            created_at: created_at.into(),
            updated_at: updated_at.into(),
            organisation_id: IdOf(organisation_id),
            name: Json(name),
            kind: Word(kind),
            visibility: Word(visibility),
            valid_from,
            valid_to,
            published_until,
            agenda_lead_days: days.into(),
            agenda_lead_time: Parsed(time),
            minutes_publication_days: minutes_publication_days.into(),
            regime: Word(regime),
            agenda_deadline_shift: Word(agenda_deadline_shift),
        }
    }
}

impl From<Row> for Body {
    fn from(row: Row) -> Self {
        // The days were checked when they came in: what does not fit was never kept.
        let agenda_lead =
            AgendaLead { days: u8::try_from(row.agenda_lead_days).unwrap_or(u8::MAX), time: row.agenda_lead_time.0 };
        Self {
            id: row.id.0,
            organisation_id: row.organisation_id.0,
            meta: Meta { version: row.version, created_at: row.created_at.get(), updated_at: row.updated_at.get() },
            details: Details {
                name: row.name.0,
                kind: row.kind.0,
                visibility: row.visibility.0,
                valid_from: row.valid_from,
                valid_to: row.valid_to,
                published_until: row.published_until,
                agenda_lead,
                agenda_deadline_shift: row.agenda_deadline_shift.0,
                minutes_publication_days: u16::try_from(row.minutes_publication_days).unwrap_or(u16::MAX),
                regime: row.regime.0,
            },
        }
    }
}

/// The body, or a 404 where the reader may not know of it.
pub fn find(db: &mut Db, scope: &Scope, id: BodyId) -> Result<Body, Error> {
    let row: Option<Row> = bodies::table
        .find(IdOf(id))
        .filter(visible!(scope, bodies::id))
        .select(Row::as_select())
        .first(db)
        .optional()?;
    Ok(row.ok_or_else(Fault::not_found)?.into())
}

/// The body, locked until the transaction ends.
pub fn lock(tx: &mut Tx<'_>, scope: &Scope, id: BodyId) -> Result<Body, Error> {
    let row: Option<Row> = bodies::table
        .find(IdOf(id))
        .filter(visible!(scope, bodies::id))
        .select(Row::as_select())
        .for_update_of_engine()
        .get_result(&mut **tx)
        .optional()?;
    Ok(row.ok_or_else(Fault::not_found)?.into())
}

/// The body with all actions that have a decision step on it, locked until the transaction ends, for a change of who sees
/// it. Actions come first, as everywhere: who locks in one order never waits in a ring.
pub fn lock_with_actions(tx: &mut Tx<'_>, scope: &Scope, id: BodyId) -> Result<Body, Error> {
    find(tx, scope, id)?;
    actions::lock_of_body(tx, id)?;
    lock(tx, scope, id)
}

/// The body, kept as it is until the transaction ends: whoever changes a meeting rests on its body's audience.
pub fn hold(tx: &mut Tx<'_>, scope: &Scope, id: BodyId) -> Result<Body, Error> {
    let row: Option<Row> = bodies::table
        .find(IdOf(id))
        .filter(visible!(scope, bodies::id))
        .select(Row::as_select())
        .for_share_of_engine()
        .get_result(&mut **tx)
        .optional()?;
    Ok(row.ok_or_else(Fault::not_found)?.into())
}

/// A body, and whether the reader may know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighted {
    /// The body.
    pub body: Body,
    /// Whether the reader sees it and its meetings. What the reader does not see is shown opaque.
    pub visible: bool,
}

/// These bodies, in the order of their identifiers, also those that the reader may not see: a timetable computes with
/// them all. The caller shows nothing but dates of those that are not `visible`.
pub fn of_ids(db: &mut Db, scope: &Scope, ids: &[BodyId]) -> Result<Vec<Sighted>, Error> {
    let rows: Vec<(Row, bool)> = bodies::table
        .filter(bodies::id.eq_any(ids.iter().copied().map(IdOf)))
        .order(bodies::id)
        .select((Row::as_select(), visible!(scope, bodies::id)))
        .load(db)?;
    Ok(rows.into_iter().map(|(row, visible)| Sighted { body: row.into(), visible }).collect())
}

/// Adds a new body.
pub fn create(tx: &mut Tx<'_>, body: &Body) -> Result<(), Error> {
    diesel::insert_into(bodies::table).values(Row::from(body)).execute(&mut **tx)?;
    record(tx, "body.created", changed(body), body.audience())?;
    Ok(())
}

/// Keeps a change of a body that was locked before. Its meetings are seen by whoever sees it, so that a change of
/// its audience is one of theirs too; and its decision steps are opaque to whoever does not see it, so that it is one of
/// their actions, which [`lock_with_actions`] has locked.
///
/// In the version that stands already there is nothing to keep: no event tells of it.
pub fn save(tx: &mut Tx<'_>, body: &Body) -> Result<(), Error> {
    let older = bodies::version.lt(body.meta.version);
    let row = bodies::table.find(IdOf(body.id)).filter(older);
    if diesel::update(row).set(Row::from(body)).execute(&mut **tx)? == 0 {
        return Ok(());
    }
    let after = body.audience();
    let before = record(tx, "body.updated", changed(body), after.clone())?;
    if before != after {
        meetings::record_audience_changed(tx, body.id, &before, &after)?;
        actions::record_steps_audience_changed(tx, body.id)?;
    }
    Ok(())
}

fn changed(body: &Body) -> Changed {
    Changed { aggregate_type: AggregateType::Body, id: body.id.uuid(), version: body.meta.version }
}

/// Which bodies to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only those of these organisations; of all where empty.
    pub organisations: Vec<OrganisationId>,
    /// Only these kinds; all where empty.
    pub kinds: Vec<BodyKind>,
    /// Only what has changed since.
    pub updated_since: Option<Instant>,
}

/// A page of bodies, in the order of their identifiers.
pub fn list(db: &mut Db, scope: &Scope, filter: &Filter, slice: &Slice<BodyId>) -> Result<Page<Body>, Error> {
    let mut query = bodies::table.filter(visible!(scope, bodies::id)).select(Row::as_select()).into_boxed();
    if !filter.organisations.is_empty() {
        query = query.filter(bodies::organisation_id.eq_any(filter.organisations.iter().copied().map(IdOf)));
    }
    if !filter.kinds.is_empty() {
        query = query.filter(bodies::kind.eq_any(filter.kinds.iter().copied().map(Word)));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(bodies::updated_at.ge(At::from(since)));
    }
    if let Some(after) = slice.after {
        query = query.filter(bodies::id.gt(IdOf(after)));
    }
    let rows: Vec<Row> = query.order(bodies::id).limit(slice.fetch()).load(db)?;
    Ok(slice.page(rows.into_iter().map(Body::from)))
}
