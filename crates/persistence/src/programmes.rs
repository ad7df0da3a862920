//! Programmes in the database, with their members and coordinators.

pub mod coordinators;

use crate::changes::{Changed, record};
use crate::dialect::DialectExt;
use crate::error::OnViolation;
use crate::page::{Page, Slice};
use crate::schema::{programme_members as members, programmes};
use crate::scope::{Scope, visible};
use crate::sql_types::{At, IdOf, Json, Word};
use crate::{Db, Error, Tx};
use diesel::prelude::*;
use std::collections::HashMap;
use yhteen_domain::Fault;
use yhteen_domain::changes::AggregateType;
use yhteen_domain::ids::{Id, OrganisationId, ProgrammeId};
use yhteen_domain::meta::Meta;
use yhteen_domain::programmes::{Details, Member, MemberRole, MemberStatus, Programme, ProgrammeStatus};
use yhteen_domain::text::{MunicipalityCode, Name, Prose};
use yhteen_domain::time::{Date, Instant};

#[derive(Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = programmes, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: IdOf<ProgrammeId>,
    version: i64,
    created_at: At,
    updated_at: At,
    title: Json<Name>,
    description: Option<Json<Prose>>,
    starts_on: Date,
    ends_on: Date,
    status: Word<ProgrammeStatus>,
    area: Json<Vec<MunicipalityCode>>,
}

#[derive(Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = members, treat_none_as_default_value = false, treat_none_as_null = true)]
#[diesel(primary_key(programme_id, organisation_id))]
struct MemberRow {
    programme_id: IdOf<ProgrammeId>,
    organisation_id: IdOf<OrganisationId>,
    role: Word<MemberRole>,
    status: Word<MemberStatus>,
    joined_on: Date,
    left_on: Option<Date>,
}

impl From<&Programme> for Row {
    fn from(programme: &Programme) -> Self {
        // The members have a table of their own.
        let Programme { id, meta, status, details, members: _ } = programme;
        let Meta { version, created_at, updated_at } = *meta;
        let Details { title, description, starts_on, ends_on, area } = details.clone();
        Self {
            id: IdOf(*id),
            version,
            created_at: created_at.into(),
            updated_at: updated_at.into(),
            title: Json(title),
            description: description.map(Json),
            starts_on,
            ends_on,
            status: Word(*status),
            area: Json(area),
        }
    }
}

impl Row {
    fn with(self, members: Vec<Member>) -> Programme {
        Programme {
            id: self.id.0,
            meta: Meta { version: self.version, created_at: self.created_at.get(), updated_at: self.updated_at.get() },
            status: self.status.0,
            details: Details {
                title: self.title.0,
                description: self.description.map(|text| text.0),
                starts_on: self.starts_on,
                ends_on: self.ends_on,
                area: self.area.0,
            },
            members,
        }
    }
}

impl MemberRow {
    fn of(programme: ProgrammeId, member: &Member) -> Self {
        let Member { organisation_id, role, status, joined_on, left_on } = *member;
        Self {
            programme_id: IdOf(programme),
            organisation_id: IdOf(organisation_id),
            role: Word(role),
            status: Word(status),
            joined_on,
            left_on,
        }
    }
}

impl From<MemberRow> for Member {
    fn from(row: MemberRow) -> Self {
        Self {
            organisation_id: row.organisation_id.0,
            role: row.role.0,
            status: row.status.0,
            joined_on: row.joined_on,
            left_on: row.left_on,
        }
    }
}

/// The programme, or a 404.
pub fn find(db: &mut Db, scope: &Scope, id: ProgrammeId) -> Result<Programme, Error> {
    let row = programmes::table
        .find(IdOf(id))
        .filter(visible!(scope, programmes::id))
        .select(Row::as_select())
        .first(db)
        .optional()?;
    complete(db, row)
}

/// The programme, locked until the transaction ends.
pub fn lock(tx: &mut Tx<'_>, scope: &Scope, id: ProgrammeId) -> Result<Programme, Error> {
    let row = programmes::table
        .find(IdOf(id))
        .filter(visible!(scope, programmes::id))
        .select(Row::as_select())
        .for_update_of_engine()
        .get_result(&mut **tx)
        .optional()?;
    complete(tx, row)
}

/// The programme, locked against change until the transaction ends: for a rule of another aggregate that rests on
/// it. It answers whoever asks, so nothing of it may be shown.
pub fn share(tx: &mut Tx<'_>, id: ProgrammeId) -> Result<Programme, Error> {
    let row = programmes::table
        .find(IdOf(id))
        .select(Row::as_select())
        .for_share_of_engine()
        .get_result(&mut **tx)
        .optional()?;
    complete(tx, row)
}

/// The members are read after the row, which a lock may have waited for.
fn complete(db: &mut Db, row: Option<Row>) -> Result<Programme, Error> {
    let row = row.ok_or_else(Fault::not_found)?;
    let members = members_of(db, &[row.id])?.remove(&row.id.0).unwrap_or_default();
    Ok(row.with(members))
}

fn members_of(db: &mut Db, ids: &[IdOf<ProgrammeId>]) -> Result<HashMap<ProgrammeId, Vec<Member>>, Error> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<MemberRow> = members::table
        .filter(members::programme_id.eq_any(ids))
        .order((members::programme_id, members::organisation_id))
        .select(MemberRow::as_select())
        .load(db)?;
    let mut found: HashMap<ProgrammeId, Vec<Member>> = HashMap::new();
    for row in rows {
        found.entry(row.programme_id.0).or_default().push(row.into());
    }
    Ok(found)
}

/// Adds a new programme with its members.
pub fn create(tx: &mut Tx<'_>, programme: &Programme) -> Result<(), Error> {
    diesel::insert_into(programmes::table).values(Row::from(programme)).execute(&mut **tx)?;
    for member in &programme.members {
        put_member(tx, programme.id, member)?;
    }
    record(tx, "programme.created", changed(programme), programme.audience())?;
    Ok(())
}

/// Keeps a change of a programme that was locked before. `kind` names the event: a change of a member, a goal or a
/// period is one of the programme.
///
/// In the version that stands already there is nothing to keep: no event tells of it.
pub(crate) fn save_as(tx: &mut Tx<'_>, programme: &Programme, kind: &'static str) -> Result<(), Error> {
    let older = programmes::version.lt(programme.meta.version);
    let row = programmes::table.find(IdOf(programme.id)).filter(older);
    if diesel::update(row).set(Row::from(programme)).execute(&mut **tx)? == 0 {
        return Ok(());
    }
    record(tx, kind, changed(programme), programme.audience())?;
    Ok(())
}

/// Keeps a change of what is said of a programme that was locked before.
pub fn save(tx: &mut Tx<'_>, programme: &Programme) -> Result<(), Error> {
    save_as(tx, programme, "programme.updated")
}

/// Keeps a change of the status of a programme that was locked before.
pub fn save_status(tx: &mut Tx<'_>, programme: &Programme) -> Result<(), Error> {
    let kind = match programme.status {
        ProgrammeStatus::Draft => "programme.updated",
        ProgrammeStatus::Active => "programme.activated",
        ProgrammeStatus::Closed => "programme.closed",
    };
    save_as(tx, programme, kind)
}

/// What has become of a membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberChange {
    /// A coordinator has invited the organisation, or changed the terms.
    Terms,
    /// The organisation has joined.
    Joined,
    /// The organisation has declined.
    Declined,
    /// The organisation has left.
    Left,
}

/// Keeps a change of one membership of a programme that was locked before.
pub fn save_member(
    tx: &mut Tx<'_>,
    programme: &Programme,
    organisation: OrganisationId,
    change: MemberChange,
) -> Result<(), Error> {
    let Some(member) = programme.member(organisation) else { return Ok(()) };
    put_member(tx, programme.id, member)?;
    let kind = match change {
        MemberChange::Terms if member.status == MemberStatus::Invited => "programme.member_invited",
        MemberChange::Terms => "programme.member_changed",
        MemberChange::Joined => "programme.member_joined",
        MemberChange::Declined => "programme.member_declined",
        MemberChange::Left => "programme.member_left",
    };
    save_as(tx, programme, kind)
}

fn put_member(tx: &mut Tx<'_>, programme: ProgrammeId, member: &Member) -> Result<(), Error> {
    diesel::insert_into(members::table)
        .values(MemberRow::of(programme, member))
        .on_conflict((members::programme_id, members::organisation_id))
        .do_update()
        .set(MemberRow::of(programme, member))
        .per_engine()
        .execute(&mut **tx)
        .on_reference(|| crate::dangling("/organisation_id"))?;
    Ok(())
}

fn changed(programme: &Programme) -> Changed {
    Changed { aggregate_type: AggregateType::Programme, id: programme.id.uuid(), version: programme.meta.version }
}

/// Which programmes to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only these statuses; all where empty.
    pub statuses: Vec<ProgrammeStatus>,
    /// Only those which this organisation has joined. Whoever reads for it also finds those to which it is invited.
    pub member: Option<OrganisationId>,
    /// Only what has changed since.
    pub updated_since: Option<Instant>,
}

/// A page of programmes, in the order of their identifiers.
pub fn list(db: &mut Db, scope: &Scope, filter: &Filter, slice: &Slice<ProgrammeId>) -> Result<Page<Programme>, Error> {
    let mut query = programmes::table.filter(visible!(scope, programmes::id)).select(Row::as_select()).into_boxed();
    if !filter.statuses.is_empty() {
        query = query.filter(programmes::status.eq_any(filter.statuses.iter().copied().map(Word)));
    }
    if let Some(member) = filter.member {
        let of = members::table
            .filter(members::organisation_id.eq(IdOf(member)))
            .filter(
                members::status
                    .eq(Word(MemberStatus::Joined))
                    .or(members::organisation_id.eq_any(scope.organisations())),
            )
            .select(members::programme_id);
        query = query.filter(programmes::id.eq_any(of));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(programmes::updated_at.ge(At::from(since)));
    }
    if let Some(after) = slice.after {
        query = query.filter(programmes::id.gt(IdOf(after)));
    }
    let rows: Vec<Row> = query.order(programmes::id).limit(slice.fetch()).load(db)?;
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let mut members = members_of(db, &ids)?;
    Ok(slice.page(rows.into_iter().map(|row| {
        let members = members.remove(&row.id.0).unwrap_or_default();
        row.with(members)
    })))
}

/// A page of the members of a programme that the caller has found, in the order of their identifiers. Who is invited or
/// has declined is shown to the members of the programme and to those who read for the organisation.
pub fn list_members(
    db: &mut Db,
    scope: &Scope,
    programme: &Programme,
    slice: &Slice<OrganisationId>,
) -> Result<Page<Member>, Error> {
    let mut query =
        members::table.filter(members::programme_id.eq(IdOf(programme.id))).select(MemberRow::as_select()).into_boxed();
    if !scope.sees_invitations(programme.id) {
        let own = members::organisation_id.eq_any(scope.organisations());
        query = query.filter(members::status.eq(Word(MemberStatus::Joined)).or(own));
    }
    if let Some(after) = slice.after {
        query = query.filter(members::organisation_id.gt(IdOf(after)));
    }
    let rows: Vec<MemberRow> = query.order(members::organisation_id).limit(slice.fetch()).load(db)?;
    Ok(slice.page(rows.into_iter().map(Member::from)))
}
