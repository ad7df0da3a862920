//! Goals in the database: parts of their programme, whose version counts their changes.

use crate::dialect::row_after;
use crate::error::OnViolation;
use crate::page::{Page, Slice};
use crate::programmes::save_as;
use crate::schema::{goals, programmes};
use crate::scope::{Scope, visible};
use crate::sql_types::{At, IdOf, Json, Parsed};
use crate::{Db, Error, Tx};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use yhteen_domain::goals::{Details, Goal, Tree};
use yhteen_domain::ids::{GoalId, ProgrammeId};
use yhteen_domain::programmes::Programme;
use yhteen_domain::text::{Name, Prose, ShortCode};
use yhteen_domain::{Fault, codes, message};

#[derive(Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = goals, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: IdOf<GoalId>,
    programme_id: IdOf<ProgrammeId>,
    parent_id: Option<IdOf<GoalId>>,
    code: Parsed<ShortCode>,
    title: Json<Name>,
    description: Option<Json<Prose>>,
    position: i32,
    created_at: At,
    updated_at: At,
}

impl From<&Goal> for Row {
    fn from(goal: &Goal) -> Self {
        let Goal { id, programme_id, created_at, updated_at, details } = goal.clone();
        let Details { parent_id, code, title, description, position } = details;
        Self {
            id: IdOf(id),
            programme_id: IdOf(programme_id),
            parent_id: parent_id.map(IdOf),
            code: Parsed(code),
            title: Json(title),
            description: description.map(Json),
            position,
            created_at: created_at.into(),
            updated_at: updated_at.into(),
        }
    }
}

impl From<Row> for Goal {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.0,
            programme_id: row.programme_id.0,
            created_at: row.created_at.get(),
            updated_at: row.updated_at.get(),
            details: Details {
                parent_id: row.parent_id.map(|id| id.0),
                code: row.code.0,
                title: row.title.0,
                description: row.description.map(|text| text.0),
                position: row.position,
            },
        }
    }
}

/// The goal of a programme that the caller sees with the programme's version, or a 404.
pub fn find(db: &mut Db, scope: &Scope, id: GoalId) -> Result<(Goal, i64), Error> {
    let found: Option<(Row, i64)> = goals::table
        .inner_join(programmes::table)
        .filter(goals::id.eq(IdOf(id)))
        .filter(visible!(scope, goals::programme_id))
        .select((Row::as_select(), programmes::version))
        .first(db)
        .optional()?;
    let (row, version) = found.ok_or_else(Fault::not_found)?;
    Ok((row.into(), version))
}

/// The goal with its programme, which is locked until the transaction ends.
pub fn lock(tx: &mut Tx<'_>, scope: &Scope, id: GoalId) -> Result<(Goal, Programme), Error> {
    let (goal, _) = find(tx, scope, id)?;
    let programme = crate::programmes::lock(tx, scope, goal.programme_id)?;
    // Read again: the lock may have waited for a change of the goal.
    let (goal, _) = find(tx, scope, id)?;
    Ok((goal, programme))
}

/// The tree of a programme's goals, and the position after the last.
pub fn tree(db: &mut Db, programme: ProgrammeId) -> Result<(Tree, i32), Error> {
    let rows: Vec<(IdOf<GoalId>, Option<IdOf<GoalId>>, i32)> = goals::table
        .filter(goals::programme_id.eq(IdOf(programme)))
        .select((goals::id, goals::parent_id, goals::position))
        .load(db)?;
    let next = rows.iter().map(|(.., position)| position.saturating_add(1)).max().unwrap_or(0);
    Ok((rows.into_iter().map(|(id, parent, _)| (id.0, parent.map(|id| id.0))).collect(), next))
}

/// The goal and all below it, whatever its programme; one that does not exist is alone. One statement.
pub(crate) fn with_those_below(db: &mut Db, goal: GoalId) -> Result<Vec<GoalId>, Error> {
    let own = diesel::alias!(goals as own);
    let programme = own.filter(own.field(goals::id).eq(IdOf(goal))).select(own.field(goals::programme_id));
    let rows: Vec<(IdOf<GoalId>, Option<IdOf<GoalId>>)> =
        goals::table.filter(goals::programme_id.eq_any(programme)).select((goals::id, goals::parent_id)).load(db)?;
    let tree: Tree = rows.into_iter().map(|(id, parent)| (id.0, parent.map(|id| id.0))).collect();
    Ok(tree.downwards(goal))
}

/// Adds a new goal to a programme that was locked before.
pub fn create(tx: &mut Tx<'_>, programme: &Programme, goal: &Goal) -> Result<(), Error> {
    diesel::insert_into(goals::table).values(Row::from(goal)).execute(&mut **tx).on_duplicate(taken)?;
    save_as(tx, programme, "programme.goal_created")
}

/// Keeps a change of a goal of a programme that was locked before.
pub fn save(tx: &mut Tx<'_>, programme: &Programme, goal: &Goal) -> Result<(), Error> {
    diesel::update(goals::table.find(IdOf(goal.id))).set(Row::from(goal)).execute(&mut **tx).on_duplicate(taken)?;
    save_as(tx, programme, "programme.goal_updated")
}

/// Deletes a goal of a programme that was locked before, unless a goal or an action refers to it.
pub fn delete(tx: &mut Tx<'_>, programme: &Programme, goal: GoalId) -> Result<(), Error> {
    diesel::delete(goals::table.find(IdOf(goal))).execute(&mut **tx).on_reference(|| {
        Fault::new(
            &codes::IN_USE,
            message!(
                fi: "Tavoitteella on alatavoitteita tai toimenpiteitä, joten sitä ei voi poistaa.",
                sv: "Målet har delmål eller åtgärder och kan därför inte raderas.",
                en: "The goal has goals under it or actions that serve it, so it cannot be deleted.",
            ),
        )
    })?;
    save_as(tx, programme, "programme.goal_deleted")
}

fn taken() -> Fault {
    let detail = message!(
        fi: "Ohjelmassa on jo tavoite tällä tunnuksella.",
        sv: "Programmet har redan ett mål med denna kod.",
        en: "The programme already has a goal with this code.",
    );
    Fault::new(&codes::ALREADY_EXISTS, detail.clone()).at("/code", "already_exists", detail)
}

/// The place of a goal in the list of its programme.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    position: i32,
    code: String,
}

impl Place {
    /// The place of this goal.
    pub fn of(goal: &Goal) -> Self {
        Self { position: goal.details.position, code: goal.details.code.as_str().to_owned() }
    }
}

/// A page of the goals of a programme that the caller has found, by position and code, which is unique in it.
pub fn list(db: &mut Db, programme: &Programme, slice: &Slice<Place>) -> Result<Page<Goal>, Error> {
    let mut query =
        goals::table.filter(goals::programme_id.eq(IdOf(programme.id))).select(Row::as_select()).into_boxed();
    if let Some(Place { position, code }) = slice.after.clone() {
        query = query.filter(row_after((goals::position, goals::code), (position, code), false));
    }
    let rows: Vec<Row> = query.order((goals::position, goals::code)).limit(slice.fetch()).load(db)?;
    Ok(slice.page(rows.into_iter().map(Goal::from)))
}
