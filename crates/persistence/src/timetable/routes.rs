//! Decision routes as the engine knows them: no texts, and of each row no more than it computes with.

use crate::decision_steps::{Edge, Of, load_of};
use crate::schema::{decision_steps, step_dependencies};
use crate::sql_types::{IdOf, Parsed, Word};
use crate::{Db, Error, bookings, handlings, remedy_claims};
use diesel::prelude::*;
use std::collections::HashMap;
use yhteen_domain::decision_steps::StepVisibility;
use yhteen_domain::ids::{ActionId, BodyId, StepId};
use yhteen_domain::text::Tag;
use yhteen_domain::time::Date;
use yhteen_domain::timetable::{Dependency, Step};
use yhteen_domain::vocabulary::StepFunction;

/// A step of a route, and who may see it.
#[derive(Clone, Debug)]
pub(crate) struct StepSource {
    pub(crate) step: Step,
    pub(crate) visibility: StepVisibility,
}

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = decision_steps)]
struct Row {
    id: IdOf<StepId>,
    action_id: IdOf<ActionId>,
    body_id: IdOf<BodyId>,
    function: Word<StepFunction>,
    authoritative: bool,
    not_before: Option<Date>,
    preparation_days: i32,
    required_tag: Option<Parsed<Tag>>,
    visibility: Word<StepVisibility>,
    recorded_legal_force_on: Option<Date>,
}

/// The steps of each action, in the order in which they came to be. Five statements.
pub(crate) fn steps(db: &mut Db, of: Of<'_>) -> Result<HashMap<ActionId, Vec<StepSource>>, Error> {
    let rows: Vec<Row> = load_of!(db, of, |wanted| decision_steps::table
        .filter(decision_steps::action_id.eq_any(wanted))
        .order((decision_steps::action_id, decision_steps::id))
        .select(Row::as_select()))?;
    let mut depends_on = dependencies(db, of)?;
    let mut bookings = bookings::planned(db, of)?;
    let mut handlings = handlings::standing(db, of)?;
    let mut claims = remedy_claims::of(db, of)?;
    let mut steps: HashMap<ActionId, Vec<StepSource>> = HashMap::new();
    for row in rows {
        let id = row.id.0;
        let (handlings, decision) = handlings.remove(&id).unwrap_or_default();
        let claims = claims.remove(&id).unwrap_or_default();
        let against = claims.iter().filter(|claim| Some(claim.handling_id) == decision);
        let step = Step {
            id,
            body_id: row.body_id.0,
            function: row.function.0,
            authoritative: row.authoritative,
            depends_on: depends_on.remove(&id).unwrap_or_default(),
            not_before: row.not_before,
            preparation_days: row.preparation_days.unsigned_abs(),
            required_tag: row.required_tag.map(|tag| tag.0),
            booking: bookings.remove(&id),
            challenge: yhteen_domain::remedy_claims::challenge(against),
            handlings,
            recorded_legal_force_on: row.recorded_legal_force_on,
        };
        steps.entry(row.action_id.0).or_default().push(StepSource { step, visibility: row.visibility.0 });
    }
    Ok(steps)
}

/// What each step waits for, in the order of identifiers.
fn dependencies(db: &mut Db, of: Of<'_>) -> Result<HashMap<StepId, Vec<Dependency>>, Error> {
    let edges: Vec<Edge> = load_of!(db, of, |wanted| step_dependencies::table
        .inner_join(decision_steps::table.on(decision_steps::id.eq(step_dependencies::step_id)))
        .filter(decision_steps::action_id.eq_any(wanted))
        .select(Edge::as_select()))?;
    let mut depends_on: HashMap<StepId, Vec<Dependency>> = HashMap::new();
    for edge in edges {
        let dependency = Dependency { step_id: edge.depends_on_id.0, gate: edge.gate.0, by: edge.due_by.0 };
        depends_on.entry(edge.step_id.0).or_default().push(dependency);
    }
    for all in depends_on.values_mut() {
        all.sort_unstable();
    }
    Ok(depends_on)
}
