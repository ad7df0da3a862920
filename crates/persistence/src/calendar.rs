//! The calendar of what a reader sees, read in as many statements whatever there is: thirteen at most.

mod decisions;

use crate::schema::{actions, bodies, decision_steps, meetings, organisations, participants};
use crate::schema::{programme_members as members, programmes, reporting_periods as periods};
use crate::scope::{Scope, visible};
use crate::sql_types::{At, IdOf, Json, Parsed, Word};
use crate::{Db, Error};
use diesel::prelude::*;
use std::collections::BTreeSet;
use yhteen_domain::calendar::{
    About, Calendar, CalendarKind, Entry, Filter, MOST_ENTRIES, Span, name_of_body, name_of_deadline, name_of_due_day,
};
use yhteen_domain::decision_steps::StepVisibility;
use yhteen_domain::icalendar::write::{Status, When};
use yhteen_domain::ids::{BodyId, MeetingId, OrganisationId, PeriodId, ProgrammeId};
use yhteen_domain::meetings::MeetingState;
use yhteen_domain::programmes::MemberStatus;
use yhteen_domain::text::{NAME, Name, ShortCode, Tag, Text};
use yhteen_domain::time::{Date, Instant, date_of, days_after, midnight};

/// The entries of a calendar that the reader sees, in order of time.
///
/// What the reader may not see is not there at all: no meetings of a body that it may not see, and of a step that is
/// opaque to it no date of legal force. Nor does naming a programme or an action bring the meetings of a body that has
/// nothing but opaque steps there.
///
/// Of each kind no more is read than one answer holds: a calendar that has more is cut off.
pub fn entries(db: &mut Db, scope: &Scope, span: Span, filter: &Filter, now: Instant) -> Result<Calendar, Error> {
    let mut entries = Vec::new();
    let mut looked_through = true;
    if filter.wants(CalendarKind::Meeting) || filter.wants(CalendarKind::AgendaDeadline) {
        entries.extend(of_meetings(db, scope, span, filter)?);
    }
    if filter.wants(CalendarKind::LegalForce) {
        let (decisions, all) = decisions::entries(db, scope, span, filter, now)?;
        entries.extend(decisions);
        looked_through = all;
    }
    if filter.wants(CalendarKind::ReportDue) && filter.body_id.is_empty() && filter.action_id.is_empty() {
        entries.extend(of_periods(db, scope, span, filter, date_of(now))?);
    }
    Ok(Calendar::of(entries, span, looked_through))
}

/// How many rows are read at most: one more than there may be.
fn enough(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX - 1) + 1
}

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = meetings)]
struct MeetingRow {
    id: IdOf<MeetingId>,
    version: i64,
    updated_at: At,
    body_id: IdOf<BodyId>,
    starts_at: At,
    ends_at: Option<At>,
    agenda_deadline: At,
    state: Word<MeetingState>,
    cancelled: bool,
    tags: Json<Vec<Tag>>,
    location: Option<Parsed<Text<NAME>>>,
}

/// A meeting with its organisation, and what that and the body are called.
type Met = (MeetingRow, IdOf<OrganisationId>, Json<Name>, Json<Name>);

/// The first meetings of the days, and the first of those agendas that are closed on them. Three statements at most:
/// each kind by its own time, so that the one cannot take the other's place.
fn of_meetings(db: &mut Db, scope: &Scope, span: Span, filter: &Filter) -> Result<Vec<Entry>, Error> {
    let (from, before) = (At::from(midnight(span.from)), At::from(midnight(days_after(span.to, 1))));
    let bodies = if filter.programme_id.is_empty() && filter.action_id.is_empty() {
        None
    } else {
        Some(bodies_of_steps(db, scope, filter)?)
    };
    let query = || {
        let mut query = meetings::table
            .inner_join(bodies::table.inner_join(organisations::table))
            .filter(visible!(scope, meetings::body_id))
            .select((MeetingRow::as_select(), organisations::id, organisations::name, bodies::name))
            .into_boxed();
        if !filter.organisation_id.is_empty() {
            query = query.filter(bodies::organisation_id.eq_any(filter.organisation_id.iter().copied().map(IdOf)));
        }
        if !filter.body_id.is_empty() {
            query = query.filter(meetings::body_id.eq_any(filter.body_id.iter().copied().map(IdOf)));
        }
        if let Some(bodies) = bodies.clone() {
            query = query.filter(meetings::body_id.eq_any(bodies));
        }
        query.limit(enough(MOST_ENTRIES))
    };
    let mut entries = Vec::new();
    if filter.wants(CalendarKind::Meeting) {
        let days = meetings::starts_at.ge(from).and(meetings::starts_at.lt(before));
        let found: Vec<Met> = query().filter(days).order((meetings::starts_at, meetings::id)).load(db)?;
        entries.extend(found.into_iter().map(|met| meeting(met).0));
    }
    if filter.wants(CalendarKind::AgendaDeadline) {
        let days = meetings::agenda_deadline.ge(from).and(meetings::agenda_deadline.lt(before));
        let found: Vec<Met> = query().filter(days).order(meetings::agenda_deadline).load(db)?;
        entries.extend(found.into_iter().map(|met| meeting(met).1));
    }
    Ok(entries)
}

/// A meeting and the closing of its agenda.
fn meeting((row, IdOf(organisation), Json(of), Json(body)): Met) -> (Entry, Entry) {
    let title = name_of_body(&of, &body);
    let (starts_at, ends_at) = (row.starts_at.get(), row.ends_at.map(At::get));
    let status = match row.state.0 {
        _ if row.cancelled => Status::Cancelled,
        MeetingState::Planned => Status::Tentative,
        MeetingState::Invited | MeetingState::Held => Status::Confirmed,
    };
    let deadline = Entry {
        kind: CalendarKind::AgendaDeadline,
        when: When::Time(row.agenda_deadline.get(), None),
        status,
        title: name_of_deadline(&title),
        location: None,
        tags: Vec::new(),
        about: About::Meeting { id: row.id.0, body: row.body_id.0, organisation },
        version: row.version,
        updated_at: row.updated_at.get(),
    };
    let meeting = Entry {
        kind: CalendarKind::Meeting,
        when: When::Time(starts_at, ends_at),
        title,
        location: row.location.map(|text| text.0),
        tags: row.tags.0,
        ..deadline.clone()
    };
    (meeting, deadline)
}

/// The bodies that have a step that the reader sees in one of the actions and programmes of a filter. One statement.
fn bodies_of_steps(db: &mut Db, scope: &Scope, filter: &Filter) -> Result<Vec<IdOf<BodyId>>, Error> {
    let own = scope.organisations();
    let mut query = decision_steps::table
        .inner_join(bodies::table)
        .inner_join(actions::table.inner_join(participants::table))
        .filter(participants::accountable)
        .filter(visible!(scope, decision_steps::action_id))
        .filter(
            decision_steps::visibility
                .eq(Word(StepVisibility::Action))
                .or(bodies::organisation_id.eq_any(own.clone()))
                .or(participants::organisation_id.eq_any(own)),
        )
        .select(decision_steps::body_id)
        .distinct()
        .into_boxed();
    if !filter.programme_id.is_empty() {
        query = query.filter(actions::programme_id.eq_any(filter.programme_id.iter().copied().map(IdOf)));
    }
    if !filter.action_id.is_empty() {
        query = query.filter(actions::id.eq_any(filter.action_id.iter().copied().map(IdOf)));
    }
    let found: Vec<IdOf<BodyId>> = query.load(db)?;
    Ok(found.into_iter().collect::<BTreeSet<_>>().into_iter().collect())
}

type Due = (IdOf<PeriodId>, Parsed<ShortCode>, Date, At, IdOf<ProgrammeId>, i64, Json<Name>);

/// The days on which reports are due. One statement.
fn of_periods(db: &mut Db, scope: &Scope, span: Span, filter: &Filter, today: Date) -> Result<Vec<Entry>, Error> {
    let mut query = periods::table
        .inner_join(programmes::table)
        .filter(visible!(scope, periods::programme_id))
        .filter(periods::due_on.between(span.from, span.to))
        .select((
            periods::id,
            periods::code,
            periods::due_on,
            periods::updated_at,
            programmes::id,
            programmes::version,
            programmes::title,
        ))
        .into_boxed();
    if !filter.programme_id.is_empty() {
        query = query.filter(periods::programme_id.eq_any(filter.programme_id.iter().copied().map(IdOf)));
    }
    if !filter.organisation_id.is_empty() {
        let of = members::table
            .filter(members::organisation_id.eq_any(filter.organisation_id.iter().copied().map(IdOf)))
            .filter(members::status.eq(Word(MemberStatus::Joined)))
            .filter(members::joined_on.le(today))
            .filter(members::left_on.is_null().or(members::left_on.gt(today)))
            .select(members::programme_id);
        query = query.filter(periods::programme_id.eq_any(of));
    }
    let found: Vec<Due> = query.order((periods::due_on, periods::id)).limit(enough(MOST_ENTRIES)).load(db)?;
    let entry = |(IdOf(id), Parsed(code), on, updated_at, IdOf(programme), version, Json(title)): Due| Entry {
        kind: CalendarKind::ReportDue,
        when: When::Day(on),
        status: Status::Confirmed,
        title: name_of_due_day(&title, &code),
        location: None,
        tags: Vec::new(),
        about: About::Period { id, programme },
        version,
        updated_at: updated_at.get(),
    };
    Ok(found.into_iter().map(entry).collect())
}
