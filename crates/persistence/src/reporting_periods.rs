//! Reporting periods in the database: parts of their programme, whose version counts their changes.

use crate::dialect::{DialectExt, row_after};
use crate::error::OnViolation;
use crate::page::{Page, Slice};
use crate::programmes::save_as;
use crate::schema::{programmes, report_extensions as extensions, reporting_periods as periods};
use crate::scope::{Scope, visible};
use crate::sql_types::{At, IdOf, Parsed, Word};
use crate::{Db, Error, Tx};
use diesel::prelude::*;
use std::collections::HashMap;
use yhteen_domain::ids::{OrganisationId, PeriodId, ProgrammeId};
use yhteen_domain::programmes::Programme;
use yhteen_domain::reporting_periods::{Details, Extension, Period, PeriodKind};
use yhteen_domain::text::ShortCode;
use yhteen_domain::time::Date;
use yhteen_domain::{Fault, codes, message};

#[derive(Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = periods, treat_none_as_default_value = false)]
struct Row {
    id: IdOf<PeriodId>,
    programme_id: IdOf<ProgrammeId>,
    code: Parsed<ShortCode>,
    kind: Word<PeriodKind>,
    starts_on: Date,
    ends_on: Date,
    opens_on: Date,
    due_on: Date,
    locked: bool,
    created_at: At,
    updated_at: At,
}

impl From<&Period> for Row {
    fn from(period: &Period) -> Self {
        // The extensions have a table of their own.
        let Period { id, programme_id, created_at, updated_at, details, extensions: _ } = period;
        let Details { code, kind, starts_on, ends_on, opens_on, due_on, locked } = details.clone();
        Self {
            id: IdOf(*id),
            programme_id: IdOf(*programme_id),
            code: Parsed(code),
            kind: Word(kind),
            starts_on,
            ends_on,
            opens_on,
            due_on,
            locked,
            created_at: (*created_at).into(),
            updated_at: (*updated_at).into(),
        }
    }
}

impl Row {
    fn with(self, extensions: Vec<Extension>) -> Period {
        Period {
            id: self.id.0,
            programme_id: self.programme_id.0,
            created_at: self.created_at.get(),
            updated_at: self.updated_at.get(),
            details: Details {
                code: self.code.0,
                kind: self.kind.0,
                starts_on: self.starts_on,
                ends_on: self.ends_on,
                opens_on: self.opens_on,
                due_on: self.due_on,
                locked: self.locked,
            },
            extensions,
        }
    }
}

/// The period of a programme that the caller sees with the programme's version, or a 404.
pub fn find(db: &mut Db, scope: &Scope, id: PeriodId) -> Result<(Period, i64), Error> {
    let found: Option<(Row, i64)> = periods::table
        .inner_join(programmes::table)
        .filter(periods::id.eq(IdOf(id)))
        .filter(visible!(scope, periods::programme_id))
        .select((Row::as_select(), programmes::version))
        .first(db)
        .optional()?;
    let (row, version) = found.ok_or_else(Fault::not_found)?;
    let extensions = extensions_of(db, &[row.id])?.remove(&row.id.0).unwrap_or_default();
    Ok((row.with(extensions), version))
}

/// The period with its programme, which is locked until the transaction ends.
pub fn lock(tx: &mut Tx<'_>, scope: &Scope, id: PeriodId) -> Result<(Period, Programme), Error> {
    let (period, _) = find(tx, scope, id)?;
    let programme = crate::programmes::lock(tx, scope, period.programme_id)?;
    // Read again: the lock may have waited for a change of the period.
    let (period, _) = find(tx, scope, id)?;
    Ok((period, programme))
}

/// The period, where it is one of a programme that the caller has found.
pub fn of_programme(db: &mut Db, programme: &Programme, id: PeriodId) -> Result<Option<Period>, Error> {
    let row: Option<Row> = periods::table
        .find(IdOf(id))
        .filter(periods::programme_id.eq(IdOf(programme.id)))
        .select(Row::as_select())
        .first(db)
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    let extensions = extensions_of(db, &[row.id])?.remove(&id).unwrap_or_default();
    Ok(Some(row.with(extensions)))
}

/// What is said of a period, where it is one of this programme.
pub(crate) fn details(db: &mut Db, id: PeriodId, programme: ProgrammeId) -> Result<Option<Details>, Error> {
    let row: Option<Row> = periods::table
        .find(IdOf(id))
        .filter(periods::programme_id.eq(IdOf(programme)))
        .select(Row::as_select())
        .first(db)
        .optional()?;
    Ok(row.map(|row| row.with(Vec::new()).details))
}

/// The period of a programme that was opened most recently; of several that open on one day, the one that is due first.
pub fn opened_last(db: &mut Db, programme: &Programme, today: Date) -> Result<Option<Period>, Error> {
    let id: Option<IdOf<PeriodId>> = periods::table
        .filter(periods::programme_id.eq(IdOf(programme.id)))
        .filter(periods::opens_on.le(today))
        .order((periods::opens_on.desc(), periods::due_on, periods::id))
        .select(periods::id)
        .first(db)
        .optional()?;
    id.map_or(Ok(None), |id| of_programme(db, programme, id.0))
}

fn extensions_of(db: &mut Db, ids: &[IdOf<PeriodId>]) -> Result<HashMap<PeriodId, Vec<Extension>>, Error> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(IdOf<PeriodId>, IdOf<OrganisationId>, Date)> = extensions::table
        .filter(extensions::period_id.eq_any(ids))
        .order((extensions::period_id, extensions::organisation_id))
        .select((extensions::period_id, extensions::organisation_id, extensions::until))
        .load(db)?;
    let mut found: HashMap<PeriodId, Vec<Extension>> = HashMap::new();
    for (period, organisation, until) in rows {
        found.entry(period.0).or_default().push(Extension { organisation_id: organisation.0, until });
    }
    Ok(found)
}

/// Adds a new period to a programme that was locked before.
pub fn create(tx: &mut Tx<'_>, programme: &Programme, period: &Period) -> Result<(), Error> {
    diesel::insert_into(periods::table).values(Row::from(period)).execute(&mut **tx).on_duplicate(taken)?;
    save_as(tx, programme, "programme.period_created")
}

/// Keeps a change of a period of a programme that was locked before.
pub fn save(tx: &mut Tx<'_>, programme: &Programme, period: &Period) -> Result<(), Error> {
    diesel::update(periods::table.find(IdOf(period.id)))
        .set(Row::from(period))
        .execute(&mut **tx)
        .on_duplicate(taken)?;
    save_as(tx, programme, "programme.period_updated")
}

/// Keeps the extension that the period now has, or has no more, for one organisation.
pub fn save_extension(
    tx: &mut Tx<'_>,
    programme: &Programme,
    period: &Period,
    organisation: OrganisationId,
) -> Result<(), Error> {
    let key = (IdOf(period.id), IdOf(organisation));
    match period.extension(organisation) {
        None => drop(diesel::delete(extensions::table.find(key)).execute(&mut **tx)?),
        Some(until) => {
            diesel::insert_into(extensions::table)
                .values((
                    extensions::period_id.eq(key.0),
                    extensions::organisation_id.eq(key.1),
                    extensions::until.eq(until),
                ))
                .on_conflict((extensions::period_id, extensions::organisation_id))
                .do_update()
                .set(extensions::until.eq(until))
                .per_engine()
                .execute(&mut **tx)?;
        }
    }
    save(tx, programme, period)
}

/// Deletes a period of a programme that was locked before, with its extensions, unless a report refers to it.
pub fn delete(tx: &mut Tx<'_>, programme: &Programme, period: PeriodId) -> Result<(), Error> {
    diesel::delete(extensions::table.filter(extensions::period_id.eq(IdOf(period)))).execute(&mut **tx)?;
    diesel::delete(periods::table.find(IdOf(period))).execute(&mut **tx).on_reference(|| {
        Fault::new(
            &codes::IN_USE,
            message!(
                fi: "Raportointikaudelta on raportteja.",
                sv: "Det finns rapporter för rapporteringsperioden.",
                en: "There are reports for this period.",
            ),
        )
    })?;
    save_as(tx, programme, "programme.period_deleted")
}

fn taken() -> Fault {
    let detail = message!(
        fi: "Ohjelmassa on jo raportointikausi tällä tunnuksella.",
        sv: "Programmet har redan en rapporteringsperiod med denna kod.",
        en: "The programme already has a reporting period with this code.",
    );
    Fault::new(&codes::ALREADY_EXISTS, detail.clone()).at("/code", "already_exists", detail)
}

/// A page of the periods of a programme that the caller has found, by their first day.
pub fn list(db: &mut Db, programme: &Programme, slice: &Slice<(Date, PeriodId)>) -> Result<Page<Period>, Error> {
    let mut query =
        periods::table.filter(periods::programme_id.eq(IdOf(programme.id))).select(Row::as_select()).into_boxed();
    if let Some((starts_on, id)) = slice.after {
        query = query.filter(row_after((periods::starts_on, periods::id), (starts_on, IdOf(id)), false));
    }
    let rows: Vec<Row> = query.order((periods::starts_on, periods::id)).limit(slice.fetch()).load(db)?;
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let mut extensions = extensions_of(db, &ids)?;
    Ok(slice.page(rows.into_iter().map(|row| {
        let extensions = extensions.remove(&row.id.0).unwrap_or_default();
        row.with(extensions)
    })))
}
