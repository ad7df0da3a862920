//! Reports in the database.

mod audience;
mod grounds;

pub use audience::follow_action;
pub use grounds::{Grounds, Opening, lock_for_review, opening};

use crate::changes::{Changed, audience_of, record, record_seen_by};
use crate::dialect::DialectExt;
use crate::error::OnViolation;
use crate::page::{Page, Slice};
use crate::schema::{reporting_periods, reports};
use crate::scope::{Scope, visible};
use crate::sql_types::{At, IdOf, Json, Parsed, Word};
use crate::{Db, Error, Tx};
use diesel::prelude::*;
use yhteen_domain::audience::Audience;
use yhteen_domain::changes::AggregateType;
use yhteen_domain::ids::{ActionId, Id, OrganisationId, PeriodId, PrincipalId, ProgrammeId, ReportId};
use yhteen_domain::meta::Meta;
use yhteen_domain::reports::{
    Content, DelayCause, ImplementationStatus, REVISION_OPEN, Rating, Report, ReportState, Signature,
};
use yhteen_domain::text::{Prose, TEXT, Text};
use yhteen_domain::time::Instant;
use yhteen_domain::{Fault, message};

#[derive(Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = reports, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: IdOf<ReportId>,
    version: i64,
    created_at: At,
    updated_at: At,
    action_id: IdOf<ActionId>,
    organisation_id: IdOf<OrganisationId>,
    period_id: IdOf<PeriodId>,
    revision: i32,
    state: Word<ReportState>,
    implementation_status: Word<ImplementationStatus>,
    rating: Option<Word<Rating>>,
    completion_percent: Option<i32>,
    summary: Option<Json<Prose>>,
    achievements: Option<Json<Prose>>,
    obstacles: Option<Json<Prose>>,
    delay_cause: Option<Word<DelayCause>>,
    participation: Option<Json<Prose>>,
    review_note: Option<Parsed<Text<TEXT>>>,
    submitted_at: Option<At>,
    submitted_by: Option<IdOf<PrincipalId>>,
    reviewed_at: Option<At>,
    reviewed_by: Option<IdOf<PrincipalId>>,
    superseded_by_id: Option<IdOf<ReportId>>,
}

impl From<&Report> for Row {
    fn from(report: &Report) -> Self {
        // The programme is the period's.
        let Report {
            id,
            meta,
            programme_id: _,
            action_id,
            organisation_id,
            period_id,
            revision,
            state,
            content,
            review_note,
            submitted,
            reviewed,
            superseded_by_id,
        } = report.clone();
        let Meta { version, created_at, updated_at } = meta;
        let Content {
            implementation_status,
            rating,
            completion_percent,
            summary,
            achievements,
            obstacles,
            delay_cause,
            participation,
        } = content;
        Self {
            id: IdOf(id),
            version,
            created_at: created_at.into(),
            updated_at: updated_at.into(),
            action_id: IdOf(action_id),
            organisation_id: IdOf(organisation_id),
            period_id: IdOf(period_id),
            revision,
            state: Word(state),
            implementation_status: Word(implementation_status),
            rating: rating.map(Word),
            completion_percent,
            summary: summary.map(Json),
            achievements: achievements.map(Json),
            obstacles: obstacles.map(Json),
            delay_cause: delay_cause.map(Word),
            participation: participation.map(Json),
            review_note: review_note.map(Parsed),
            submitted_at: submitted.map(|it| it.at.into()),
            submitted_by: submitted.map(|it| IdOf(it.by)),
            reviewed_at: reviewed.map(|it| it.at.into()),
            reviewed_by: reviewed.map(|it| IdOf(it.by)),
            superseded_by_id: superseded_by_id.map(IdOf),
        }
    }
}

impl Row {
    fn of(self, programme: ProgrammeId) -> Report {
        let signature = |at: Option<At>, by: Option<IdOf<PrincipalId>>| {
            at.zip(by).map(|(at, by)| Signature { at: at.get(), by: by.0 })
        };
        Report {
            id: self.id.0,
            meta: Meta { version: self.version, created_at: self.created_at.get(), updated_at: self.updated_at.get() },
            programme_id: programme,
            action_id: self.action_id.0,
            organisation_id: self.organisation_id.0,
            period_id: self.period_id.0,
            revision: self.revision,
            state: self.state.0,
            content: Content {
                implementation_status: self.implementation_status.0,
                rating: self.rating.map(|word| word.0),
                completion_percent: self.completion_percent,
                summary: self.summary.map(|text| text.0),
                achievements: self.achievements.map(|text| text.0),
                obstacles: self.obstacles.map(|text| text.0),
                delay_cause: self.delay_cause.map(|word| word.0),
                participation: self.participation.map(|text| text.0),
            },
            review_note: self.review_note.map(|text| text.0),
            submitted: signature(self.submitted_at, self.submitted_by),
            reviewed: signature(self.reviewed_at, self.reviewed_by),
            superseded_by_id: self.superseded_by_id.map(|id| id.0),
        }
    }
}

/// The programme of a report, as a column beside it: a join would lock the period together with the report.
#[diesel::dsl::auto_type]
fn programme() -> _ {
    reporting_periods::table
        .filter(reporting_periods::id.eq(reports::period_id))
        .select(reporting_periods::programme_id)
        .single_value()
        .assume_not_null()
}

/// The report, or a 404.
pub fn find(db: &mut Db, scope: &Scope, id: ReportId) -> Result<Report, Error> {
    let found: Option<(Row, IdOf<ProgrammeId>)> = reports::table
        .filter(reports::id.eq(IdOf(id)))
        .filter(visible!(scope, reports::id))
        .select((Row::as_select(), programme()))
        .first(db)
        .optional()?;
    let (row, programme) = found.ok_or_else(Fault::not_found)?;
    Ok(row.of(programme.0))
}

/// The report, locked until the transaction ends.
pub fn lock(tx: &mut Tx<'_>, scope: &Scope, id: ReportId) -> Result<Report, Error> {
    let found: Option<(Row, IdOf<ProgrammeId>)> = reports::table
        .filter(reports::id.eq(IdOf(id)))
        .filter(visible!(scope, reports::id))
        .select((Row::as_select(), programme()))
        .for_update_of_engine()
        .get_result(&mut **tx)
        .optional()?;
    let (row, programme) = found.ok_or_else(Fault::not_found)?;
    Ok(row.of(programme.0))
}

/// Adds a new report with its audience.
pub fn create(tx: &mut Tx<'_>, report: &Report, audience: Audience) -> Result<(), Error> {
    diesel::insert_into(reports::table)
        .values(Row::from(report))
        .execute(&mut **tx)
        .on_duplicate(|| {
            let detail = message!(
                fi: "Toinen versio aloitettiin samaan aikaan.",
                sv: "En annan version påbörjades samtidigt.",
                en: "Another revision was begun at the same time.",
            );
            Fault::new(&REVISION_OPEN, detail.clone()).at("", "revision_open", detail)
        })
        // A draft locks nothing of what it is about: of that, a period alone can be deleted in the meantime.
        .on_reference(|| crate::dangling("/reporting_period_id"))?;
    record(tx, "report.created", changed(report), audience)?;
    Ok(())
}

/// Keeps other content of a report that was locked before: whoever saw it sees it.
pub fn save(tx: &mut Tx<'_>, report: &Report) -> Result<(), Error> {
    if !update(tx, report)? {
        return Ok(());
    }
    let audience = audience_of(tx, report.id.uuid())?;
    record_seen_by(tx, "report.updated", changed(report), audience.clone(), audience);
    Ok(())
}

/// Keeps the new state of a report that was locked before, with its new audience.
pub fn save_state(tx: &mut Tx<'_>, report: &Report, audience: Audience) -> Result<(), Error> {
    if !update(tx, report)? {
        return Ok(());
    }
    let kind = match report.state {
        ReportState::Draft => "report.updated",
        ReportState::Submitted => "report.submitted",
        ReportState::Returned => "report.returned",
        ReportState::Accepted => "report.accepted",
    };
    record(tx, kind, changed(report), audience)?;
    if report.state == ReportState::Accepted {
        supersede(tx, report)?;
    }
    Ok(())
}

/// Marks the accepted revision before one that was accepted now. Whoever sees the one sees the other.
fn supersede(tx: &mut Tx<'_>, by: &Report) -> Result<(), Error> {
    let before: Option<Row> = reports::table
        .filter(reports::action_id.eq(IdOf(by.action_id)))
        .filter(reports::organisation_id.eq(IdOf(by.organisation_id)))
        .filter(reports::period_id.eq(IdOf(by.period_id)))
        .filter(reports::revision.lt(by.revision))
        .order(reports::revision.desc())
        .select(Row::as_select())
        .first(&mut **tx)
        .optional()?;
    let Some(row) = before else { return Ok(()) };
    let report = row.of(by.programme_id);
    let report = Report { superseded_by_id: Some(by.id), meta: report.meta.changed(tx.now), ..report };
    update(tx, &report)?;
    let audience = audience_of(tx, report.id.uuid())?;
    record_seen_by(tx, "report.superseded", changed(&report), audience.clone(), audience);
    Ok(())
}

/// Deletes a report that was locked before.
pub fn delete(tx: &mut Tx<'_>, report: &Report) -> Result<(), Error> {
    diesel::delete(reports::table.find(IdOf(report.id))).execute(&mut **tx)?;
    let gone = Changed { version: report.meta.version + 1, ..changed(report) };
    record(tx, "report.deleted", gone, Audience::nobody())?;
    Ok(())
}

/// Whether there was anything to keep: in the version that stands already there is not, and no event tells of it.
fn update(tx: &mut Tx<'_>, report: &Report) -> Result<bool, Error> {
    let older = reports::version.lt(report.meta.version);
    let row = reports::table.find(IdOf(report.id)).filter(older);
    Ok(diesel::update(row).set(Row::from(report)).execute(&mut **tx)? == 1)
}

fn changed(report: &Report) -> Changed {
    Changed { aggregate_type: AggregateType::Report, id: report.id.uuid(), version: report.meta.version }
}

/// Which reports to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only on this action.
    pub action: Option<ActionId>,
    /// Only of this organisation.
    pub organisation: Option<OrganisationId>,
    /// Only for this period.
    pub period: Option<PeriodId>,
    /// Only in this programme.
    pub programme: Option<ProgrammeId>,
    /// Only in these states; all where empty.
    pub states: Vec<ReportState>,
    /// Only what has changed since.
    pub updated_since: Option<Instant>,
}

/// A page of reports, in the order of their identifiers.
pub fn list(db: &mut Db, scope: &Scope, filter: &Filter, slice: &Slice<ReportId>) -> Result<Page<Report>, Error> {
    let mut query =
        reports::table.filter(visible!(scope, reports::id)).select((Row::as_select(), programme())).into_boxed();
    if let Some(action) = filter.action {
        query = query.filter(reports::action_id.eq(IdOf(action)));
    }
    if let Some(organisation) = filter.organisation {
        query = query.filter(reports::organisation_id.eq(IdOf(organisation)));
    }
    if let Some(period) = filter.period {
        query = query.filter(reports::period_id.eq(IdOf(period)));
    }
    if let Some(programme) = filter.programme {
        let periods = reporting_periods::table
            .filter(reporting_periods::programme_id.eq(IdOf(programme)))
            .select(reporting_periods::id);
        query = query.filter(reports::period_id.eq_any(periods));
    }
    if !filter.states.is_empty() {
        query = query.filter(reports::state.eq_any(filter.states.iter().copied().map(Word)));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(reports::updated_at.ge(At::from(since)));
    }
    if let Some(after) = slice.after {
        query = query.filter(reports::id.gt(IdOf(after)));
    }
    let rows: Vec<(Row, IdOf<ProgrammeId>)> = query.order(reports::id).limit(slice.fetch()).load(db)?;
    Ok(slice.page(rows.into_iter().map(|(row, programme)| row.of(programme.0))))
}
