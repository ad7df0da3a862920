//! Bodies and their meetings as the engine knows them.

use crate::decision_steps::{Of, load_of};
use crate::schema::{bodies, meetings, organisations};
use crate::scope::{Scope, visible};
use crate::sql_types::{At, IdOf, Json, Parsed, Word};
use crate::{Db, Error};
use diesel::prelude::*;
use std::collections::{HashMap, HashSet};
use yhteen_domain::bodies::{AgendaDeadlineShift, AgendaLead, AgendaRule};
use yhteen_domain::ids::{BodyId, MeetingId, OrganisationId};
use yhteen_domain::meetings::MeetingState;
use yhteen_domain::text::{ClockTime, Name, Tag};
use yhteen_domain::time::Date;
use yhteen_domain::timetable as engine;
use yhteen_domain::vocabulary::{BodyKind, OrganisationKind, Regime};

/// What a body is called, and whether the reader may know.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub(crate) organisation_id: OrganisationId,
    pub(crate) organisation: Name,
    pub(crate) body: Name,
    pub(crate) visible: bool,
    pub(crate) agenda_rule: AgendaRule,
    /// Its meetings whose agenda deadlines were computed by such a rule; those of the others were given.
    pub(crate) computed_deadlines: HashSet<MeetingId>,
}

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = bodies)]
struct BodyRow {
    id: IdOf<BodyId>,
    organisation_id: IdOf<OrganisationId>,
    name: Json<Name>,
    kind: Word<BodyKind>,
    valid_to: Option<Date>,
    published_until: Option<Date>,
    agenda_lead_days: i32,
    agenda_lead_time: Parsed<ClockTime>,
    minutes_publication_days: i32,
    regime: Word<Regime>,
    agenda_deadline_shift: Word<AgendaDeadlineShift>,
}

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = meetings)]
struct MeetingRow {
    id: IdOf<MeetingId>,
    body_id: IdOf<BodyId>,
    starts_at: At,
    ends_at: Option<At>,
    agenda_deadline: At,
    state: Word<MeetingState>,
    cancelled: bool,
    tags: Json<Vec<Tag>>,
    minutes_published_on: Option<Date>,
    agenda_deadline_computed: bool,
}

impl From<MeetingRow> for engine::Meeting {
    fn from(row: MeetingRow) -> Self {
        Self {
            id: row.id.0,
            starts_at: row.starts_at.get(),
            ends_at: row.ends_at.map(At::get),
            agenda_deadline: row.agenda_deadline.get(),
            cancelled: row.cancelled,
            held: row.state.0 == MeetingState::Held,
            tags: row.tags.0,
            minutes_published_on: row.minutes_published_on,
        }
    }
}

type Found = (BodyRow, Word<OrganisationKind>, Json<Name>, bool);

/// Bodies with all their meetings, and what they are called.
pub(crate) type Bodies = (Vec<engine::Body>, HashMap<BodyId, Named>);

/// The bodies that have a step of the actions. Two statements.
pub(crate) fn bodies(db: &mut Db, scope: &Scope, of: Of<'_>) -> Result<Bodies, Error> {
    let rows: Vec<Found> = load_of!(db, of, |wanted| {
        let theirs =
            decision_steps::table.filter(decision_steps::action_id.eq_any(wanted)).select(decision_steps::body_id);
        bodies::table.inner_join(organisations::table).filter(bodies::id.eq_any(theirs)).order(bodies::id).select((
            BodyRow::as_select(),
            organisations::kind,
            organisations::name,
            visible!(scope, bodies::id),
        ))
    })?;
    let found: Vec<MeetingRow> = load_of!(db, of, |wanted| {
        let theirs =
            decision_steps::table.filter(decision_steps::action_id.eq_any(wanted)).select(decision_steps::body_id);
        meetings::table.filter(meetings::body_id.eq_any(theirs)).select(MeetingRow::as_select())
    })?;
    Ok(together(rows, found))
}

/// Bodies by their identifiers. Two statements.
pub(crate) fn these(db: &mut Db, scope: &Scope, ids: &[BodyId]) -> Result<Bodies, Error> {
    let ids: Vec<_> = ids.iter().copied().map(IdOf).collect();
    let rows: Vec<Found> = bodies::table
        .inner_join(organisations::table)
        .filter(bodies::id.eq_any(&ids))
        .order(bodies::id)
        .select((BodyRow::as_select(), organisations::kind, organisations::name, visible!(scope, bodies::id)))
        .load(db)?;
    let found = meetings::table.filter(meetings::body_id.eq_any(&ids)).select(MeetingRow::as_select()).load(db)?;
    Ok(together(rows, found))
}

fn together(rows: Vec<Found>, found: Vec<MeetingRow>) -> Bodies {
    let mut meetings: HashMap<BodyId, Vec<engine::Meeting>> = HashMap::with_capacity(rows.len());
    let mut computed: HashMap<BodyId, HashSet<MeetingId>> = HashMap::with_capacity(rows.len());
    for meeting in found {
        if meeting.agenda_deadline_computed {
            computed.entry(meeting.body_id.0).or_default().insert(meeting.id.0);
        }
        meetings.entry(meeting.body_id.0).or_default().push(meeting.into());
    }
    let mut bodies = Vec::with_capacity(rows.len());
    let mut names = HashMap::with_capacity(rows.len());
    for (row, Word(organisation_kind), Json(organisation), visible) in rows {
        let (id, organisation_id) = (row.id.0, row.organisation_id.0);
        let days = u8::try_from(row.agenda_lead_days).unwrap_or(u8::MAX);
        let lead = AgendaLead { days, time: row.agenda_lead_time.0 };
        let agenda_rule = AgendaRule { lead, shift: row.agenda_deadline_shift.0 };
        let computed_deadlines = computed.remove(&id).unwrap_or_default();
        let body = row.name.0;
        names.insert(id, Named { organisation_id, organisation, body, visible, agenda_rule, computed_deadlines });
        bodies.push(engine::Body {
            id,
            organisation_id,
            organisation_kind,
            kind: row.kind.0,
            regime: row.regime.0,
            minutes_publication_days: row.minutes_publication_days.unsigned_abs(),
            published_until: row.published_until,
            valid_to: row.valid_to,
            meetings: meetings.remove(&id).unwrap_or_default(),
        });
    }
    (bodies, names)
}
