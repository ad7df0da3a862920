//! Lists of actions, in each of their orders.

use super::{Row, children};
use crate::dialect::row_after;
use crate::page::{Page, Slice};
use crate::schema::{action_goals, actions, participants};
use crate::scope::{Scope, visible};
use crate::sql_types::{At, IdOf, Word};
use crate::{Db, Error, connection};
use diesel::dsl::exists;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use yhteen_domain::actions::participants::Commitment;
use yhteen_domain::actions::{Action, ActionStatus, ActionVisibility};
use yhteen_domain::ids::{ActionId, GoalId, OrganisationId, ProgrammeId};
use yhteen_domain::time::{Date, Instant};

/// Which actions to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only those of this programme.
    pub programme: Option<ProgrammeId>,
    /// Only these statuses; all where empty.
    pub statuses: Vec<ActionStatus>,
    /// Only those in which this organisation takes part: is invited or committed.
    pub participant: Option<OrganisationId>,
    /// Only those for which this organisation is accountable.
    pub accountable: Option<OrganisationId>,
    /// Only those that serve this goal or one below it.
    pub goal: Option<GoalId>,
    /// Only these visibilities; all where empty.
    pub visibilities: Vec<ActionVisibility>,
    /// Only those planned to start on this day or later.
    pub starts_from: Option<Date>,
    /// Only those planned to start on this day or earlier.
    pub starts_to: Option<Date>,
    /// Only what has changed since.
    pub updated_since: Option<Instant>,
}

/// The order of a list; the identifier breaks ties, in the same direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// By identifier, which is the order in which they came to be.
    Id,
    /// By planned start, those without one last in either direction.
    StartsOn {
        /// The latest first.
        descending: bool,
    },
    /// By last change.
    UpdatedAt {
        /// The latest first.
        descending: bool,
    },
}

/// A place in a list, whatever its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    starts_on: Option<Date>,
    updated_at: Instant,
    id: ActionId,
}

impl From<&Action> for Place {
    fn from(action: &Action) -> Self {
        Self { starts_on: action.details.starts_on, updated_at: action.meta.updated_at, id: action.id }
    }
}

type Boxed<'a> = actions::BoxedQuery<'a, connection::MultiBackend>;

/// What the filter and the scope leave; `goals` are those that the filter's goal stands for.
fn matching<'a>(scope: &Scope, filter: &Filter, goals: Option<&[GoalId]>) -> Boxed<'a> {
    let mut query = actions::table.into_boxed().filter(visible!(scope, actions::id));
    if let Some(programme) = filter.programme {
        query = query.filter(actions::programme_id.eq(IdOf(programme)));
    }
    if !filter.statuses.is_empty() {
        query = query.filter(actions::status.eq_any(filter.statuses.iter().copied().map(Word)));
    }
    if !filter.visibilities.is_empty() {
        query = query.filter(actions::visibility.eq_any(filter.visibilities.iter().copied().map(Word)));
    }
    let taking_part = |organisation| {
        participants::table
            .filter(participants::action_id.eq(actions::id))
            .filter(participants::organisation_id.eq(IdOf(organisation)))
    };
    if let Some(organisation) = filter.participant {
        let standing = [Commitment::Invited, Commitment::Committed].map(Word);
        query = query.filter(exists(taking_part(organisation).filter(participants::commitment.eq_any(standing))));
    }
    if let Some(organisation) = filter.accountable {
        query = query.filter(exists(taking_part(organisation).filter(participants::accountable)));
    }
    if let Some(goals) = goals {
        let serving = action_goals::table
            .filter(action_goals::action_id.eq(actions::id))
            .filter(action_goals::goal_id.eq_any(goals.iter().copied().map(IdOf)));
        query = query.filter(exists(serving));
    }
    if let Some(from) = filter.starts_from {
        query = query.filter(actions::starts_on.ge(from));
    }
    if let Some(to) = filter.starts_to {
        query = query.filter(actions::starts_on.le(to));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(actions::updated_at.ge(At::from(since)));
    }
    query
}

/// A page of the actions that the scope sees: three statements, one more where it reaches those without a start, and one
/// more where it is of a goal.
pub fn list(
    db: &mut Db,
    scope: &Scope,
    filter: &Filter,
    order: Order,
    slice: &Slice<Place>,
) -> Result<Page<Action>, Error> {
    let goals = filter.goal.map(|goal| crate::goals::with_those_below(db, goal)).transpose()?;
    let goals = goals.as_deref();
    let query = matching(scope, filter, goals);
    let rows = match order {
        Order::Id => by_id(db, query, slice.after.map(|place| place.id), false, slice.fetch())?,
        Order::StartsOn { descending } => by_start(db, query, matching(scope, filter, goals), descending, slice)?,
        Order::UpdatedAt { descending } => by_update(db, query, descending, slice)?,
    };
    let page = slice.page(rows.into_iter());
    let ids: Vec<ActionId> = page.items.iter().map(|row| row.id.0).collect();
    let mut children = children::children(db, &ids)?;
    let items = page.items.into_iter().map(|row| {
        let own = children.remove(&row.id.0).unwrap_or_default();
        row.with(own)
    });
    Ok(Page { items: items.collect::<Result<_, _>>()?, more: page.more })
}

fn by_id(
    db: &mut Db,
    mut query: Boxed<'_>,
    after: Option<ActionId>,
    descending: bool,
    limit: i64,
) -> Result<Vec<Row>, Error> {
    query = match after.map(IdOf) {
        Some(after) if descending => query.filter(actions::id.lt(after)),
        Some(after) => query.filter(actions::id.gt(after)),
        None => query,
    };
    query = if descending { query.order(actions::id.desc()) } else { query.order(actions::id) };
    Ok(query.limit(limit).select(Row::as_select()).load(db)?)
}

fn by_update(db: &mut Db, mut query: Boxed<'_>, descending: bool, slice: &Slice<Place>) -> Result<Vec<Row>, Error> {
    let columns = (actions::updated_at, actions::id);
    if let Some(Place { updated_at, id, .. }) = slice.after {
        query = query.filter(row_after(columns, (At::from(updated_at), IdOf(id)), descending));
    }
    query =
        if descending { query.order((actions::updated_at.desc(), actions::id.desc())) } else { query.order(columns) };
    Ok(query.limit(slice.fetch()).select(Row::as_select()).load(db)?)
}

/// The engines sort nulls to different ends, and a row comparison with a null is never true. So those with a start
/// are read first, and those without one are read after them as a list of their own.
fn by_start(
    db: &mut Db,
    mut started: Boxed<'_>,
    unplanned: Boxed<'_>,
    descending: bool,
    slice: &Slice<Place>,
) -> Result<Vec<Row>, Error> {
    let columns = (actions::starts_on, actions::id);
    let mut rows: Vec<Row> = Vec::new();
    let mut after_unplanned = None;
    match slice.after {
        Some(Place { starts_on: None, id, .. }) => after_unplanned = Some(id),
        after => {
            started = match after {
                Some(Place { starts_on: Some(on), id, .. }) => {
                    started.filter(row_after(columns, (Some(on), IdOf(id)), descending))
                }
                _ => started.filter(actions::starts_on.is_not_null()),
            };
            started = if descending {
                started.order((actions::starts_on.desc(), actions::id.desc()))
            } else {
                started.order(columns)
            };
            rows = started.limit(slice.fetch()).select(Row::as_select()).load(db)?;
        }
    }
    let missing = slice.fetch() - i64::try_from(rows.len()).unwrap_or(i64::MAX);
    if missing > 0 {
        let unplanned = unplanned.filter(actions::starts_on.is_null());
        rows.extend(by_id(db, unplanned, after_unplanned, descending, missing)?);
    }
    Ok(rows)
}
