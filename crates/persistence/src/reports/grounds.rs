//! What a report rests on: its action, its period, and the organisation's part in them.

use super::lock;
use crate::changes::audience_of;
use crate::dialect::DialectExt;
use crate::programmes;
use crate::schema::{actions, participants, report_extensions, reporting_periods, reports};
use crate::scope::{Scope, visible};
use crate::sql_types::{IdOf, Word};
use crate::{Db, Error, Tx};
use diesel::prelude::*;
use yhteen_domain::actions::ActionStatus;
use yhteen_domain::actions::participants::Commitment;
use yhteen_domain::ids::{ActionId, Id, OrganisationId, PeriodId, ProgrammeId, ReportId};
use yhteen_domain::programmes::Programme;
use yhteen_domain::reports::{ActionSeen, Last, REPORTED, Report, ReportState, Standing, Subject, Window};
use yhteen_domain::time::Date;

/// What a new report begins from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// What it is about.
    pub subject: Subject,
    /// The organisation's part in the action.
    pub standing: Standing,
    /// The last report on the same.
    pub last: Option<Last>,
}

/// What a new report of the organisation on an action that the caller sees would begin from, in one statement.
///
/// Nothing is locked: a draft rests on nothing that its submission does not ask again, and two that begin the same
/// revision meet in the unique key.
pub fn opening(
    db: &mut Db,
    scope: &Scope,
    action: ActionId,
    organisation: OrganisationId,
    period: PeriodId,
) -> Result<Opening, Error> {
    type Found = (
        IdOf<ProgrammeId>,
        Word<ActionStatus>,
        Option<Word<Commitment>>,
        Option<IdOf<PeriodId>>,
        Option<(i32, Word<ReportState>)>,
    );
    let found: Option<Found> = actions::table
        .left_join(
            participants::table
                .on(participants::action_id.eq(actions::id).and(participants::organisation_id.eq(IdOf(organisation)))),
        )
        .left_join(
            reporting_periods::table.on(reporting_periods::programme_id
                .eq(actions::programme_id)
                .and(reporting_periods::id.eq(IdOf(period)))),
        )
        .left_join(
            reports::table.on(reports::action_id
                .eq(actions::id)
                .and(reports::organisation_id.eq(IdOf(organisation)))
                .and(reports::period_id.eq(IdOf(period)))),
        )
        .filter(actions::id.eq(IdOf(action)))
        .filter(visible!(scope, actions::id))
        .order(reports::revision.desc())
        .select((
            actions::programme_id,
            actions::status,
            participants::commitment.nullable(),
            reporting_periods::id.nullable(),
            (reports::revision, reports::state).nullable(),
        ))
        .first(db)
        .optional()?;
    let (programme, status, commitment, period, last) = found.ok_or_else(|| crate::dangling("/action_id"))?;
    let period = period.ok_or_else(|| crate::dangling("/reporting_period_id"))?.0;
    Ok(Opening {
        subject: Subject {
            programme_id: programme.0,
            action_id: action,
            organisation_id: organisation,
            period_id: period,
        },
        standing: Standing {
            action_agreed: REPORTED.contains(&status.0),
            committed: commitment == Some(Word(Commitment::Committed)),
        },
        last: last.map(|(revision, state)| Last { revision, state: state.0 }),
    })
}

/// What a transition of a report rests on, locked against change until the transaction ends.
#[derive(Clone, Debug)]
pub struct Grounds {
    /// The programme.
    pub programme: Programme,
    /// The organisation's part in the action.
    pub standing: Standing,
    /// When the period takes the organisation's reports.
    pub window: Window,
    /// Who sees the action.
    pub seen: ActionSeen,
}

/// The report, locked, with what its transitions rest on: locked in the order of programme, action, report.
pub fn lock_for_review(tx: &mut Tx<'_>, scope: &Scope, id: ReportId) -> Result<(Report, Grounds), Error> {
    let report = super::find(tx, scope, id)?;
    let programme = programmes::share(tx, report.programme_id)?;
    let status: Word<ActionStatus> = actions::table
        .find(IdOf(report.action_id))
        .select(actions::status)
        .for_share_of_engine()
        .get_result(&mut **tx)?;
    let report = lock(tx, scope, id)?;
    let (accountable, committed) = parts(tx, &report)?;
    let grounds = Grounds {
        programme,
        standing: Standing { action_agreed: REPORTED.contains(&status.0), committed },
        window: window(tx, &report)?,
        seen: ActionSeen { audience: audience_of(tx, report.action_id.uuid())?, accountable },
    };
    Ok((report, grounds))
}

/// The accountable organisation of the report's action, and whether its author is committed to it.
fn parts(db: &mut Db, report: &Report) -> Result<(Option<OrganisationId>, bool), Error> {
    let rows: Vec<(IdOf<OrganisationId>, bool, Word<Commitment>)> = participants::table
        .filter(participants::action_id.eq(IdOf(report.action_id)))
        .filter(participants::accountable.or(participants::organisation_id.eq(IdOf(report.organisation_id))))
        .select((participants::organisation_id, participants::accountable, participants::commitment))
        .load(db)?;
    let accountable = rows.iter().find(|(_, accountable, _)| *accountable).map(|(id, ..)| id.0);
    let committed =
        rows.iter().any(|(id, _, commitment)| id.0 == report.organisation_id && commitment.0 == Commitment::Committed);
    Ok((accountable, committed))
}

fn window(db: &mut Db, report: &Report) -> Result<Window, Error> {
    let (opens_on, locked, extended_until): (Date, bool, Option<Date>) = reporting_periods::table
        .left_join(
            report_extensions::table.on(report_extensions::period_id
                .eq(reporting_periods::id)
                .and(report_extensions::organisation_id.eq(IdOf(report.organisation_id)))),
        )
        .filter(reporting_periods::id.eq(IdOf(report.period_id)))
        .select((reporting_periods::opens_on, reporting_periods::locked, report_extensions::until.nullable()))
        .first(db)?;
    Ok(Window { opens_on, locked, extended_until })
}
