//! What the progress of a programme is counted over, read in as many statements however much there is.

use crate::actions::history::{HistoryOf, history};
use crate::page::{Page, Slice};
use crate::schema::{action_goals, actions, goals, participants, reports};
use crate::scope::{Scope, visible};
use crate::sql_types::{IdOf, Json, Parsed, Word};
use crate::{Db, Error};
use diesel::prelude::*;
use std::collections::{BTreeSet, HashMap};
use yhteen_domain::actions::ActionStatus;
use yhteen_domain::actions::participants::Commitment;
use yhteen_domain::ids::{ActionId, GoalId, OrganisationId, ReportId};
use yhteen_domain::owed_reports::History;
use yhteen_domain::programmes::Programme;
use yhteen_domain::progress::{Facts, KnownReport, OwedReport, SeenAction};
use yhteen_domain::reporting_periods::Period;
use yhteen_domain::reports::ReportState;
use yhteen_domain::text::{Name, ShortCode};

/// What the caller sees of the actions of a programme that it has found, and what it may know of the reports on them for
/// a period, if there is one. Eight statements, and four where there is no period.
pub fn facts(db: &mut Db, scope: &Scope, programme: &Programme, period: Option<&Period>) -> Result<Facts, Error> {
    let of = IdOf(programme.id);
    let actions: Vec<(IdOf<ActionId>, Word<ActionStatus>)> = actions::table
        .filter(actions::programme_id.eq(of))
        .filter(visible!(scope, actions::id))
        .select((actions::id, actions::status))
        .load(db)?;
    let committed: Vec<(IdOf<ActionId>, IdOf<OrganisationId>)> = participants::table
        .inner_join(actions::table)
        .filter(actions::programme_id.eq(of))
        .filter(visible!(scope, actions::id))
        .filter(participants::commitment.eq(Word(Commitment::Committed)))
        .select((participants::action_id, participants::organisation_id))
        .load(db)?;
    let serves: Vec<(IdOf<ActionId>, IdOf<GoalId>)> = action_goals::table
        .inner_join(actions::table)
        .filter(actions::programme_id.eq(of))
        .filter(visible!(scope, actions::id))
        .select((action_goals::action_id, action_goals::goal_id))
        .load(db)?;
    let goals: Vec<(IdOf<GoalId>, Option<IdOf<GoalId>>)> = goals::table
        .filter(goals::programme_id.eq(of))
        .order((goals::position, goals::code))
        .select((goals::id, goals::parent_id))
        .load(db)?;
    let (history, reports) = match period {
        None => (History::default(), Vec::new()),
        Some(period) => (
            history(db, HistoryOf::Programme(programme.id, scope), period.details.starts_on, period.details.ends_on)?,
            known_reports(db, scope, period)?,
        ),
    };
    Ok(Facts {
        actions: actions.into_iter().map(|(id, status)| SeenAction { id: id.0, status: status.0 }).collect(),
        committed: committed.into_iter().map(|(action, organisation)| (action.0, organisation.0)).collect(),
        history,
        reports,
        serves: serves.into_iter().map(|(action, goal)| (action.0, goal.0)).collect(),
        goals: goals.iter().map(|(id, _)| id.0).collect(),
        tree: goals.into_iter().map(|(id, parent)| (id.0, parent.map(|id| id.0))).collect(),
    })
}

/// The reports for a period that the caller sees, and those on actions that it sees that were ever submitted: of these it
/// gets to know no more. One statement.
fn known_reports(db: &mut Db, scope: &Scope, period: &Period) -> Result<Vec<KnownReport>, Error> {
    type Found = (IdOf<ReportId>, IdOf<ActionId>, IdOf<OrganisationId>, Word<ReportState>, bool);
    let found: Vec<Found> = reports::table
        .inner_join(actions::table)
        .filter(reports::period_id.eq(IdOf(period.id)))
        .filter(visible!(scope, actions::id))
        .filter(reports::submitted_at.is_not_null().or(visible!(scope, reports::id)))
        .select((
            reports::id,
            reports::action_id,
            reports::organisation_id,
            reports::state,
            visible!(scope, reports::id),
        ))
        .load(db)?;
    let known = |(id, action, organisation, state, seen): Found| KnownReport {
        action_id: action.0,
        organisation_id: organisation.0,
        seen: seen.then_some((id.0, state.0)),
    };
    Ok(found.into_iter().map(known).collect())
}

/// An owed report with what its action and organisation are called.
#[derive(Clone, Debug)]
pub struct Line {
    /// The owed report.
    pub owed: OwedReport,
    /// The code of its action.
    pub action_code: ShortCode,
    /// The title of its action.
    pub action_title: Name,
    /// The name of its organisation.
    pub organisation_name: Name,
}

/// A place in the list of owed reports: the action and the organisation.
pub type Place = (ActionId, OrganisationId);

impl Line {
    /// Its place in the list.
    pub fn place(&self) -> Place {
        place(&self.owed)
    }
}

fn place(owed: &OwedReport) -> Place {
    (owed.action_id, owed.organisation_id)
}

/// A page of owed reports, which are in their order, with names. Two statements.
pub fn page(db: &mut Db, scope: &Scope, owed: Vec<OwedReport>, slice: &Slice<Place>) -> Result<Page<Line>, Error> {
    let rest = owed.into_iter().filter(|it| slice.after.is_none_or(|after| after < place(it)));
    let page = slice.page(rest);
    let actions: BTreeSet<_> = page.items.iter().map(|it| IdOf(it.action_id)).collect();
    let actions: Vec<(IdOf<ActionId>, Parsed<ShortCode>, Json<Name>)> = actions::table
        .filter(actions::id.eq_any(actions))
        .filter(visible!(scope, actions::id))
        .select((actions::id, actions::code, actions::title))
        .load(db)?;
    let actions: HashMap<_, _> = actions.into_iter().map(|(id, code, title)| (id.0, (code.0, title.0))).collect();
    let organisations: BTreeSet<_> = page.items.iter().map(|it| it.organisation_id).collect();
    let organisations: Vec<_> = organisations.into_iter().collect();
    let organisations = crate::organisations::of_ids(db, &organisations)?;
    let names: HashMap<_, _> = organisations.into_iter().map(|it| (it.id, it.details.name)).collect();
    let line = |owed: OwedReport| {
        let (action_code, action_title) = actions.get(&owed.action_id).cloned()?;
        let organisation_name = names.get(&owed.organisation_id).cloned()?;
        Some(Line { owed, action_code, action_title, organisation_name })
    };
    let items: Option<Vec<Line>> = page.items.into_iter().map(line).collect();
    // All were read in one snapshot.
    Ok(Page { items: items.ok_or(diesel::result::Error::NotFound)?, more: page.more })
}
