//! Decision steps in the database, with their bookings, handlings and claims. They belong to their action, whose lock
//! guards them and whose version they change.

use crate::dialect::each;
use crate::error::OnViolation;
use crate::schema::{
    bodies, decision_steps, handlings as handlings_table, remedy_claims as claims_table, step_bookings,
    step_dependencies,
};
use crate::scope::{Scope, visible};
use crate::sql_types::{At, IdOf, Json, Parsed, Word};
use crate::{Db, Error, Tx, bookings, external_ids, handlings, quotas, remedy_claims};
use diesel::prelude::*;
use std::collections::BTreeMap;
use yhteen_domain::actions::{Action, ActionStatus};
use yhteen_domain::decision_steps::{DecisionStep, Dependency, Details, DiaryNumber, HANDLED, StepVisibility};
use yhteen_domain::ids::{ActionId, BodyId, HandlingId, OrganisationId, ProgrammeId, RemedyClaimId, StepId};
use yhteen_domain::text::{Name, Tag};
use yhteen_domain::time::Date;
use yhteen_domain::vocabulary::{By, Gate, StepFunction};
use yhteen_domain::{Fault, message};

#[derive(Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = decision_steps, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: IdOf<StepId>,
    action_id: IdOf<ActionId>,
    body_id: IdOf<BodyId>,
    title: Json<Name>,
    function: Word<StepFunction>,
    authoritative: bool,
    not_before: Option<Date>,
    preparation_days: i32,
    required_tag: Option<Parsed<Tag>>,
    visibility: Word<StepVisibility>,
    diary_number: Option<Parsed<DiaryNumber>>,
    recorded_legal_force_on: Option<Date>,
    created_at: At,
    updated_at: At,
}

impl From<&DecisionStep> for Row {
    fn from(step: &DecisionStep) -> Self {
        // The organisation is the body's; what there can be several of has tables of its own.
        let DecisionStep {
            id,
            action_id,
            body_id,
            organisation_id: _,
            details,
            recorded_legal_force_on,
            booking: _,
            handlings: _,
            claims: _,
            created_at,
            updated_at,
        } = step.clone();
        let Details {
            title,
            function,
            authoritative,
            depends_on: _,
            not_before,
            preparation_days,
            required_tag,
            visibility,
            diary_number,
        } = details;
        Self {
            id: IdOf(id),
            action_id: IdOf(action_id),
            body_id: IdOf(body_id),
            title: Json(title),
            function: Word(function),
            authoritative,
            not_before,
            preparation_days: preparation_days.into(),
            required_tag: required_tag.map(Parsed),
            visibility: Word(visibility),
            diary_number: diary_number.map(Parsed),
            recorded_legal_force_on,
            created_at: created_at.into(),
            updated_at: updated_at.into(),
        }
    }
}

impl Row {
    fn with(self, organisation_id: OrganisationId, depends_on: Vec<Dependency>) -> DecisionStep {
        DecisionStep {
            id: self.id.0,
            action_id: self.action_id.0,
            body_id: self.body_id.0,
            organisation_id,
            details: Details {
                title: self.title.0,
                function: self.function.0,
                authoritative: self.authoritative,
                depends_on,
                not_before: self.not_before,
                preparation_days: u16::try_from(self.preparation_days).unwrap_or(u16::MAX),
                required_tag: self.required_tag.map(|tag| tag.0),
                visibility: self.visibility.0,
                diary_number: self.diary_number.map(|number| number.0),
            },
            recorded_legal_force_on: self.recorded_legal_force_on,
            booking: None,
            handlings: Vec::new(),
            claims: Vec::new(),
            created_at: self.created_at.get(),
            updated_at: self.updated_at.get(),
        }
    }
}

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = step_dependencies)]
pub(crate) struct Edge {
    pub(crate) step_id: IdOf<StepId>,
    pub(crate) depends_on_id: IdOf<StepId>,
    pub(crate) gate: Word<Gate>,
    pub(crate) due_by: Word<By>,
}

impl Edge {
    fn of(step: StepId, Dependency { step_id, gate, by }: Dependency) -> Self {
        Self { step_id: IdOf(step), depends_on_id: IdOf(step_id), gate: Word(gate), due_by: Word(by) }
    }
}

/// Whose steps are read. All of them are of actions that the caller was found to see, or are shown opaque.
#[derive(Clone, Copy, Debug)]
pub enum Of<'a> {
    /// Those of these actions.
    Actions(&'a [ActionId]),
    /// Those of all actions of a programme that are neither completed nor cancelled.
    Programme(ProgrammeId),
    /// Those of all actions that have a step on one of these bodies, and are neither completed nor cancelled.
    Bodies(&'a [BodyId]),
    /// The same, and those of these actions that are neither completed nor cancelled.
    Affected {
        /// The bodies.
        bodies: &'a [BodyId],
        /// The actions.
        actions: &'a [ActionId],
    },
}

/// What an action is when nothing more happens in it.
pub(crate) fn over() -> [Word<ActionStatus>; 2] {
    [ActionStatus::Completed, ActionStatus::Cancelled].map(Word)
}

/// Loads a query on those actions whose steps are asked for: in it, the name before it is that of their identifiers.
macro_rules! load_of {
    ($db:expr, $of:expr, |$wanted:ident| $query:expr) => {{
        use $crate::schema::{actions, decision_steps};
        match $of {
            $crate::decision_steps::Of::Actions(ids) => {
                let $wanted: Vec<_> = ids.iter().copied().map(IdOf).collect();
                diesel::RunQueryDsl::load($query, $db)
            }
            $crate::decision_steps::Of::Programme(id) => {
                let candidates = diesel::alias!(actions as candidates);
                let $wanted = candidates
                    .filter(candidates.field(actions::programme_id).eq(IdOf(id)))
                    .filter(candidates.field(actions::status).ne_all($crate::decision_steps::over()))
                    .select(candidates.field(actions::id));
                diesel::RunQueryDsl::load($query, $db)
            }
            $crate::decision_steps::Of::Bodies(ids) => {
                let ids: Vec<_> = ids.iter().copied().map(IdOf).collect();
                let (candidates, on_these) = diesel::alias!(actions as candidates, decision_steps as on_these);
                let theirs = on_these
                    .filter(on_these.field(decision_steps::body_id).eq_any(ids))
                    .select(on_these.field(decision_steps::action_id));
                let $wanted = candidates
                    .filter(candidates.field(actions::id).eq_any(theirs))
                    .filter(candidates.field(actions::status).ne_all($crate::decision_steps::over()))
                    .select(candidates.field(actions::id));
                diesel::RunQueryDsl::load($query, $db)
            }
            $crate::decision_steps::Of::Affected { bodies, actions: named } => {
                let bodies: Vec<_> = bodies.iter().copied().map(IdOf).collect();
                let named: Vec<_> = named.iter().copied().map(IdOf).collect();
                let (candidates, on_these) = diesel::alias!(actions as candidates, decision_steps as on_these);
                let theirs = on_these
                    .filter(on_these.field(decision_steps::body_id).eq_any(bodies))
                    .select(on_these.field(decision_steps::action_id));
                let on_them = candidates.field(actions::id).eq_any(theirs);
                let $wanted = candidates
                    .filter(on_them.or(candidates.field(actions::id).eq_any(named)))
                    .filter(candidates.field(actions::status).ne_all($crate::decision_steps::over()))
                    .select(candidates.field(actions::id));
                diesel::RunQueryDsl::load($query, $db)
            }
        }
    }};
}
pub(crate) use load_of;

/// The steps of an action that the caller was found to see, in the order in which they came to be. Five statements.
pub fn of_action(db: &mut Db, action: ActionId) -> Result<Vec<DecisionStep>, Error> {
    of(db, Of::Actions(&[action]))
}

/// The steps, action by action in the order of their identifiers, each in the order in which they came to be. Five
/// statements, however many there are.
pub fn of(db: &mut Db, of: Of<'_>) -> Result<Vec<DecisionStep>, Error> {
    let rows: Vec<(Row, IdOf<OrganisationId>)> = load_of!(db, of, |wanted| decision_steps::table
        .inner_join(bodies::table)
        .filter(decision_steps::action_id.eq_any(wanted))
        .order((decision_steps::action_id, decision_steps::id))
        .select((Row::as_select(), bodies::organisation_id)))?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let edges: Vec<Edge> = load_of!(db, of, |wanted| step_dependencies::table
        .inner_join(decision_steps::table.on(decision_steps::id.eq(step_dependencies::step_id)))
        .filter(decision_steps::action_id.eq_any(wanted))
        .order((step_dependencies::step_id, step_dependencies::depends_on_id))
        .select(Edge::as_select()))?;
    let mut depends_on: BTreeMap<StepId, Vec<Dependency>> = BTreeMap::new();
    for Edge { step_id, depends_on_id, gate, due_by } in edges {
        let dependency = Dependency { step_id: depends_on_id.0, gate: gate.0, by: due_by.0 };
        depends_on.entry(step_id.0).or_default().push(dependency);
    }
    let mut bookings = bookings::of(db, of)?;
    let mut handlings = handlings::of(db, of)?;
    let mut claims = remedy_claims::of(db, of)?;
    let steps = rows.into_iter().map(|(row, organisation)| {
        let id = row.id.0;
        let step = row.with(organisation.0, depends_on.remove(&id).unwrap_or_default());
        DecisionStep {
            booking: bookings.remove(&id),
            handlings: handlings.remove(&id).unwrap_or_default(),
            claims: claims.remove(&id).unwrap_or_default(),
            ..step
        }
    });
    Ok(steps.collect())
}

/// What the steps of an action are called. One statement.
pub fn titles(db: &mut Db, action: ActionId) -> Result<BTreeMap<StepId, Name>, Error> {
    let of_action = decision_steps::table.filter(decision_steps::action_id.eq(IdOf(action)));
    let rows: Vec<(IdOf<StepId>, Json<Name>)> =
        of_action.select((decision_steps::id, decision_steps::title)).load(db)?;
    Ok(rows.into_iter().map(|(id, title)| (id.0, title.0)).collect())
}

/// The action of a step, or a 404 where there is none whose action the scope sees.
pub fn action_of(db: &mut Db, scope: &Scope, step: StepId) -> Result<ActionId, Error> {
    let found: Option<IdOf<ActionId>> = decision_steps::table
        .find(IdOf(step))
        .filter(visible!(scope, decision_steps::action_id))
        .select(decision_steps::action_id)
        .first(db)
        .optional()?;
    Ok(found.ok_or_else(Fault::not_found)?.0)
}

/// Something that belongs to a step.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    /// What its body did with it.
    Handling(HandlingId),
    /// A remedy sought against its decision.
    Claim(RemedyClaimId),
}

/// The step to which a part belongs, or a 404 where there is none whose action the scope sees.
pub fn of_part(db: &mut Db, scope: &Scope, part: Part) -> Result<StepId, Error> {
    let steps = decision_steps::table.filter(visible!(scope, decision_steps::action_id)).select(decision_steps::id);
    let found: Option<IdOf<StepId>> = match part {
        Part::Handling(id) => {
            let of = handlings_table::table.find(IdOf(id)).select(handlings_table::step_id);
            steps.filter(decision_steps::id.eq_any(of)).first(db).optional()?
        }
        Part::Claim(id) => {
            let of = claims_table::table.find(IdOf(id)).select(claims_table::step_id);
            steps.filter(decision_steps::id.eq_any(of)).first(db).optional()?
        }
    };
    Ok(found.ok_or_else(Fault::not_found)?.0)
}

/// A step with what its rules rest on.
#[derive(Debug)]
pub struct Locked {
    /// The action, which is locked until the transaction ends.
    pub action: Action,
    /// All its steps.
    pub steps: Vec<DecisionStep>,
    /// The one that was asked for.
    pub step: DecisionStep,
}

/// The step and its action, locked until the transaction ends.
pub fn lock(tx: &mut Tx<'_>, scope: &Scope, id: StepId) -> Result<Locked, Error> {
    let action = action_of(tx, scope, id)?;
    let action = crate::actions::lock(tx, scope, action)?;
    let steps = of_action(tx, action.id)?;
    // It may have been removed while the lock was waited for.
    let step = steps.iter().find(|step| step.id == id).cloned().ok_or_else(Fault::not_found)?;
    Ok(Locked { action, steps, step })
}

/// The organisation of a body that the scope sees; a reference to any other one is refused.
pub fn organisation_of_body(db: &mut Db, scope: &Scope, body: BodyId) -> Result<OrganisationId, Error> {
    let found: Option<IdOf<OrganisationId>> = bodies::table
        .find(IdOf(body))
        .filter(visible!(scope, bodies::id))
        .select(bodies::organisation_id)
        .first(db)
        .optional()?;
    Ok(found.ok_or_else(|| crate::dangling("/body_id"))?.0)
}

/// Adds a step to an action that was locked before; the action is saved with it.
pub fn create(tx: &mut Tx<'_>, step: &DecisionStep) -> Result<(), Error> {
    quotas::require_step(tx, step.action_id)?;
    diesel::insert_into(decision_steps::table).values(Row::from(step)).execute(&mut **tx)?;
    add_edges(tx, step)
}

/// Keeps a step as a rule has left it, with the next version of its action; `kind` names in the change feed what has
/// happened. Where nothing of the step is another than before, nothing is kept, and all stays in the version that it has.
///
/// # Errors
/// As [`Action::touched`].
pub fn keep(tx: &mut Tx<'_>, locked: Locked, changed: DecisionStep, kind: &'static str) -> Result<Locked, Error> {
    let Locked { action, steps, step } = locked;
    if changed.is_as(&step) {
        return Ok(Locked { action, steps, step });
    }
    let action = action.touched(tx.now())?;
    save(tx, &step, &changed)?;
    crate::actions::save(tx, &action, kind)?;
    let steps = steps.into_iter().map(|old| if old.id == changed.id { changed.clone() } else { old }).collect();
    Ok(Locked { action, steps, step: changed })
}

/// Keeps that there is something new to be read beside a step, such as a name, in a new version of its action, unless
/// there is one since that of `before`.
pub fn touch(tx: &mut Tx<'_>, locked: Locked, before: i64, kind: &'static str) -> Result<Locked, Error> {
    let Locked { action, steps, step } = locked;
    let is_new = action.meta.version != before;
    let action = if is_new { action } else { action.touched(tx.now())? };
    crate::actions::save(tx, &action, kind)?;
    Ok(Locked { action, steps, step })
}

/// Keeps a change of a step of an action that was locked before; the action is saved with it.
pub fn save(tx: &mut Tx<'_>, before: &DecisionStep, step: &DecisionStep) -> Result<(), Error> {
    diesel::update(decision_steps::table.find(IdOf(step.id))).set(Row::from(step)).execute(&mut **tx)?;
    bookings::save(tx, before, step)?;
    handlings::save(tx, before, step)?;
    remedy_claims::save(tx, before, step)?;
    if before.details.depends_on == step.details.depends_on {
        return Ok(());
    }
    remove_edges(tx, step.id)?;
    add_edges(tx, step)
}

/// Removes a step on which none depends, with its external ids; the action is saved with it.
pub fn delete(tx: &mut Tx<'_>, step: StepId) -> Result<(), Error> {
    remove_edges(tx, step)?;
    external_ids::remove_of_step(tx, step)?;
    diesel::delete(step_bookings::table.find(IdOf(step))).execute(&mut **tx)?;
    diesel::delete(decision_steps::table.find(IdOf(step))).execute(&mut **tx)?;
    Ok(())
}

/// Removes all steps of an action; refused where one has been handled.
pub(crate) fn delete_all(tx: &mut Tx<'_>, action: ActionId) -> Result<(), Error> {
    let own = decision_steps::table.filter(decision_steps::action_id.eq(IdOf(action)));
    external_ids::remove_of_steps(tx, action)?;
    diesel::delete(step_dependencies::table)
        .filter(step_dependencies::step_id.eq_any(own.select(decision_steps::id)))
        .execute(&mut **tx)?;
    diesel::delete(step_bookings::table)
        .filter(step_bookings::step_id.eq_any(own.select(decision_steps::id)))
        .execute(&mut **tx)?;
    let handled = || {
        Fault::new(
            &HANDLED,
            message!(
                fi: "Toimielin on käsitellyt jonkin sen vaiheen: kirjattua ei voi poistaa.",
                sv: "Ett organ har behandlat något av dess steg: det som antecknats kan inte raderas.",
                en: "A body has handled one of its steps: what is recorded cannot be deleted.",
            ),
        )
    };
    diesel::delete(own).execute(&mut **tx).on_reference(handled)?;
    Ok(())
}

fn remove_edges(tx: &mut Tx<'_>, step: StepId) -> Result<(), Error> {
    diesel::delete(step_dependencies::table.filter(step_dependencies::step_id.eq(IdOf(step)))).execute(&mut **tx)?;
    Ok(())
}

fn add_edges(tx: &mut Tx<'_>, step: &DecisionStep) -> Result<(), Error> {
    let edges: Vec<_> = step.details.depends_on.iter().map(|dependency| Edge::of(step.id, *dependency)).collect();
    if edges.is_empty() {
        return Ok(());
    }
    let db: &mut Db = tx;
    each!(db => diesel::insert_into(step_dependencies::table).values(&edges).execute(db))?;
    Ok(())
}
