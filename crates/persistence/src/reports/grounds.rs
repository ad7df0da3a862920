//! What a report rests on: its action, its period, and the organisation's part in them.

use super::lock;
use crate::actions::history::{HistoryOf, history};
use crate::changes::audience_of;
use crate::dialect::DialectExt;
use crate::schema::{actions, participant_history, participants, report_extensions, reports};
use crate::scope::{Scope, visible};
use crate::sql_types::{IdOf, Word};
use crate::{Db, Error, Tx, programmes, reporting_periods};
use diesel::dsl::exists;
use diesel::prelude::*;
use yhteen_domain::actions::participants::Commitment;
use yhteen_domain::ids::{ActionId, Id, OrganisationId, PeriodId, ProgrammeId, ReportId};
use yhteen_domain::programmes::Programme;
use yhteen_domain::reporting_periods::Details as PeriodDetails;
use yhteen_domain::reports::{ActionSeen, Last, Report, ReportState, Standing, Subject, Window};
use yhteen_domain::time::{Date, date_of};

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

/// What a new report of the organisation would begin from, on an action that the caller sees, or that the organisation
/// or one that it has succeeded was committed to: what it knew of it then, it knows.
///
/// Nothing is locked: a draft rests on nothing that its submission does not ask again, and two that begin the same
/// revision meet in the unique key.
pub fn opening(
    tx: &mut Tx<'_>,
    scope: &Scope,
    action: ActionId,
    organisation: OrganisationId,
    period: PeriodId,
) -> Result<Opening, Error> {
    let today = date_of(tx.now);
    let db: &mut Db = tx;
    let programme: Option<IdOf<ProgrammeId>> = actions::table
        .filter(actions::id.eq(IdOf(action)))
        .filter(
            visible!(scope, actions::id).or(exists(
                participant_history::table
                    .filter(participant_history::action_id.eq(actions::id))
                    .filter(participant_history::organisation_id.eq_any(scope.organisations()))
                    .filter(participant_history::commitment.eq(Word(Commitment::Committed))),
            )),
        )
        .select(actions::programme_id)
        .first(db)
        .optional()?;
    let IdOf(programme_id) = programme.ok_or_else(|| crate::dangling("/action_id"))?;
    let details = reporting_periods::details(db, period, programme_id)?;
    let details = details.ok_or_else(|| crate::dangling("/reporting_period_id"))?;
    let subject = Subject { programme_id, action_id: action, organisation_id: organisation, period_id: period };
    let last: Option<(i32, Word<ReportState>)> = reports::table
        .filter(reports::action_id.eq(IdOf(action)))
        .filter(reports::organisation_id.eq(IdOf(organisation)))
        .filter(reports::period_id.eq(IdOf(period)))
        .order(reports::revision.desc())
        .select((reports::revision, reports::state))
        .first(db)
        .optional()?;
    Ok(Opening {
        subject,
        standing: standing(db, subject, &details, today)?,
        last: last.map(|(revision, state)| Last { revision, state: state.0 }),
    })
}

/// What the days of the period say of the organisation's reporting.
fn standing(db: &mut Db, subject: Subject, period: &PeriodDetails, today: Date) -> Result<Standing, Error> {
    let Subject { action_id, organisation_id, period_id, programme_id: _ } = subject;
    let history = history(db, HistoryOf::Action(action_id), period.starts_on, period.ends_on)?;
    let reported: Vec<IdOf<OrganisationId>> = reports::table
        .filter(reports::period_id.eq(IdOf(period_id)))
        .filter(reports::action_id.eq(IdOf(action_id)))
        .filter(reports::state.eq_any([ReportState::Submitted, ReportState::Accepted].map(Word)))
        .select(reports::organisation_id)
        .load(db)?;
    Ok(history.standing(organisation_id, period, today, |author| reported.contains(&IdOf(author))))
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
    let IdOf(action) = actions::table
        .find(IdOf(report.action_id))
        .select(actions::id)
        .for_share_of_engine()
        .get_result::<IdOf<ActionId>>(&mut **tx)?;
    let report = lock(tx, scope, id)?;
    let period = reporting_periods::details(tx, report.period_id, programme.id)?;
    let period = period.ok_or(diesel::result::Error::NotFound)?;
    let subject = Subject {
        programme_id: programme.id,
        action_id: action,
        organisation_id: report.organisation_id,
        period_id: report.period_id,
    };
    let today = date_of(tx.now);
    let grounds = Grounds {
        programme,
        standing: standing(tx, subject, &period, today)?,
        window: Window {
            opens_on: period.opens_on,
            locked: period.locked,
            extended_until: extended_until(tx, &report)?,
        },
        seen: ActionSeen { audience: audience_of(tx, action.uuid())?, accountable: accountable(tx, action)? },
    };
    Ok((report, grounds))
}

fn accountable(db: &mut Db, action: ActionId) -> Result<Option<OrganisationId>, Error> {
    let found: Option<IdOf<OrganisationId>> = participants::table
        .filter(participants::action_id.eq(IdOf(action)))
        .filter(participants::accountable)
        .select(participants::organisation_id)
        .first(db)
        .optional()?;
    Ok(found.map(|id| id.0))
}

fn extended_until(db: &mut Db, report: &Report) -> Result<Option<Date>, Error> {
    Ok(report_extensions::table
        .find((IdOf(report.period_id), IdOf(report.organisation_id)))
        .select(report_extensions::until)
        .first(db)
        .optional()?)
}
