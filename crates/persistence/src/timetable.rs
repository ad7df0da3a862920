//! What the timetables of actions are computed from, read in eight statements however many there are.

mod affected;
pub(crate) mod calendars;
pub mod conflicts;
pub mod overview;
pub(crate) mod routes;

pub use affected::{Touched, affected};

use crate::decision_steps::{Of, load_of};
use crate::schema::participants;
use crate::scope::{Scope, visible};
use crate::sql_types::{IdOf, Json, Parsed, Word};
use crate::{Db, Error};
use calendars::Named;
use diesel::prelude::*;
use routes::StepSource;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use yhteen_domain::actions::{ActionStatus, StartGate};
use yhteen_domain::bodies::{AgendaRule, Deadline, DeadlineBasis};
use yhteen_domain::ids::{ActionId, BodyId, OrganisationId, ProgrammeId, StepId};
use yhteen_domain::text::{Name, ShortCode};
use yhteen_domain::time::{Date, Instant};
use yhteen_domain::timetable::{self as engine, Handler, Route, Situation};

/// What the timetables of actions are computed from, and what their reader may know of that.
#[derive(Clone, Debug)]
pub struct Sources {
    /// Those of the actions that the reader sees, in the order of their identifiers.
    pub actions: Vec<ActionSources>,
    /// The bodies of all their steps with all their meetings, also those that the reader may not see: a timetable is
    /// right for everyone.
    pub bodies: Vec<engine::Body>,
    names: HashMap<BodyId, Named>,
}

/// What the timetable of one action is computed from.
#[derive(Clone, Debug)]
pub struct ActionSources {
    /// The action.
    pub action_id: ActionId,
    /// Its programme.
    pub programme_id: ProgrammeId,
    /// Its code in that.
    pub code: ShortCode,
    /// Its name.
    pub title: Name,
    /// The organisation that answers for it.
    pub accountable_id: OrganisationId,
    /// How far it has come.
    pub status: ActionStatus,
    /// The day on which it was started.
    pub started_on: Option<Date>,
    /// Its decision route.
    pub route: Route,
    /// The steps of which the reader sees no more than dates.
    pub opaque: BTreeSet<StepId>,
}

type ActionRow = (
    IdOf<ActionId>,
    IdOf<ProgrammeId>,
    Parsed<ShortCode>,
    Json<Name>,
    Word<ActionStatus>,
    Option<Date>,
    Option<Date>,
    Word<StartGate>,
    IdOf<OrganisationId>,
);

/// The sources of the timetables of those actions that the scope sees. Eight statements, or one where there are none.
pub fn sources(db: &mut Db, scope: &Scope, of: Of<'_>) -> Result<Sources, Error> {
    let rows: Vec<ActionRow> = load_of!(db, of, |wanted| actions::table
        .inner_join(participants::table)
        .filter(participants::accountable)
        .filter(visible!(scope, actions::id))
        .filter(actions::id.eq_any(wanted))
        .order(actions::id)
        .select((
            actions::id,
            actions::programme_id,
            actions::code,
            actions::title,
            actions::status,
            actions::started_on,
            actions::starts_on,
            actions::start_gate,
            participants::organisation_id,
        )))?;
    if rows.is_empty() {
        return Ok(Sources { actions: Vec::new(), bodies: Vec::new(), names: HashMap::new() });
    }
    let mut steps = routes::steps(db, of)?;
    let (bodies, names) = calendars::bodies(db, scope, of)?;
    let actions = rows.into_iter().map(|row| {
        let own = steps.remove(&row.0.0).unwrap_or_default();
        action(scope, &names, row, own)
    });
    Ok(Sources { actions: actions.collect(), bodies, names })
}

fn action(scope: &Scope, names: &HashMap<BodyId, Named>, row: ActionRow, steps: Vec<StepSource>) -> ActionSources {
    let (
        IdOf(action_id),
        IdOf(programme_id),
        Parsed(code),
        Json(title),
        Word(status),
        started_on,
        starts_on,
        Word(gate),
        accountable,
    ) = row;
    let is_opaque = |step: &&StepSource| {
        !names.get(&step.step.body_id).is_some_and(|body| {
            let owners = [body.organisation_id, accountable.0];
            step.visibility.admits(owners, body.visible, |organisation| scope.reads_for(organisation))
        })
    };
    ActionSources {
        action_id,
        programme_id,
        code,
        title,
        accountable_id: accountable.0,
        status,
        started_on,
        opaque: steps.iter().filter(is_opaque).map(|step| step.step.id).collect(),
        route: Route {
            target_on: starts_on,
            start_gate: gate.gate(),
            progress: status.into(),
            steps: steps.into_iter().map(|step| step.step).collect(),
        },
    }
}

impl Sources {
    /// Who handles the steps of one of the actions that the reader sees; the others are opaque.
    pub fn handlers(&self, action: &ActionSources) -> BTreeMap<StepId, Handler> {
        let shown = action.route.steps.iter().filter(|step| !action.opaque.contains(&step.id));
        let handlers = shown.filter_map(|step| {
            let Named { organisation, body, .. } = self.names.get(&step.body_id)?.clone();
            Some((step.id, Handler { organisation, body, function: step.function }))
        });
        handlers.collect()
    }

    /// The names of the organisations of all bodies, which everyone may know.
    pub fn organisations(&self) -> BTreeMap<OrganisationId, Name> {
        self.names.values().map(|body| (body.organisation_id, body.organisation.clone())).collect()
    }

    /// Whether the reader sees a body, which has a step of one of the actions.
    pub fn sees(&self, body: BodyId) -> bool {
        self.names.get(&body).is_some_and(|body| body.visible)
    }

    /// How each body closes the agendas of its meetings.
    pub fn agenda_rules(&self) -> BTreeMap<BodyId, AgendaRule> {
        self.names.iter().map(|(id, body)| (*id, body.agenda_rule.clone())).collect()
    }

    /// The agenda deadline of a body's meeting, with where it comes from.
    pub fn deadline(&self, body: BodyId, meeting: &engine::Meeting) -> Deadline {
        let computed = self.names.get(&body).is_some_and(|body| body.computed_deadlines.contains(&meeting.id));
        let basis = if computed { DeadlineBasis::Computed { shifted_from: None } } else { DeadlineBasis::Given };
        Deadline { at: meeting.agenda_deadline, basis }
    }

    /// All of it at a time, for the engine.
    pub fn situation(&self, now: Instant) -> Situation {
        let routes = self.actions.iter().map(|action| (action.action_id, action.route.clone())).collect();
        Situation { now, routes, bodies: self.bodies.clone() }
    }

    /// The organisation of a body that has a step of one of the actions.
    pub fn organisation_of(&self, body: BodyId) -> Option<OrganisationId> {
        self.names.get(&body).map(|body| body.organisation_id)
    }
}
