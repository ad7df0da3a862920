//! What the timetable of an action would be if something else happened. Nothing is stored.

use super::changes::{Known, NewChange};
use super::{asked_time, require_all_seen};
use crate::actions::ReadActions;
use crate::answer::Told;
use crate::app::App;
use crate::auth::Reader;
use crate::extract::{Incoming, Path, Spoken};
use crate::limits::Caller;
use crate::problem::Problem;
use actix_web::{post, web::Data};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use yhteen_domain::Fault;
use yhteen_domain::ids::ActionId;
use yhteen_domain::text::Language;
use yhteen_domain::time::{Instant, Moment};
use yhteen_domain::timetable::{Calendars, Impact, Objective, StepImpact, Timetable, compute, what_if};
use yhteen_persistence::decision_steps::Of;
use yhteen_persistence::timetable::sources;

/// What is to be tried.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "changes": [
        {
            "kind": "meeting_added",
            "body_id": "0197f2b4-7c1e-7a10-8f00-000000000004",
            "starts_at": "2026-10-12T14:00:00Z"
        },
        {"kind": "start_gate_changed", "start_gate": "decided"}
    ],
    "objective": "earliest"
})))]
pub struct NewSimulation {
    /// At most 100, which happen one after the other. They name steps of the action that you see and bodies of these
    /// steps, with their meetings; anything else is unknown here.
    #[schema(max_items = 100)]
    changes: Vec<NewChange>,
    /// What the plans strive for; `earliest` where nothing is said.
    objective: Option<Objective>,
    /// The time for which both timetables are computed; the present where nothing is said.
    now: Option<Moment>,
    /// The language of texts, where `Accept-Language` cannot say.
    lang: Option<Language>,
}

/// The timetable of an action without the changes and with them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TimetableSimulation)]
pub struct Simulation {
    /// As things stand.
    before: Timetable,
    /// After the changes.
    after: Timetable,
    /// The steps for which anything differs, in the order in which they came to be.
    changed: Vec<StepImpact>,
}

impl Simulation {
    fn of(action: ActionId, before: Timetable, after: Timetable) -> Self {
        let changed = Impact::between(action, &before, &after).map(|impact| impact.steps).unwrap_or_default();
        Self { before, after, changed }
    }
}

/// Try changes on the timetable of an action.
///
/// Meetings added, moved or cancelled, steps handled, dependencies relaxed, the start moved: what the timetable would be,
/// beside what it is. Nothing is stored, and nobody else learns of it. This is for those who see all steps of the action.
#[utoipa::path(tag = "Timetables", request_body = NewSimulation, security((), ("oauth2" = ["actions:read"])),
    params(("Accept-Language" = Option<String>, Header, nullable = false, example = "sv, fi;q=0.5",
        description = "The language of texts: Finnish, Swedish or English.")),
    responses((status = 200, description = "The timetable before and after", body = Simulation)))]
#[post("/api/v1/actions/{action_id}/timetable:simulate")]
pub async fn simulate_action_timetable(
    reader: Reader<ReadActions>,
    app: Data<App>,
    path: Path<ActionId>,
    incoming: Incoming<NewSimulation>,
    Spoken(spoken): Spoken,
    caller: Caller,
) -> Result<Told<Simulation>, Problem> {
    let turn = app.expensive.turn(&caller).await?;
    let (id, scope, fresh) = (path.get()?, reader.scope().clone(), app.clone());
    let simulated = app.store.read(move |db| {
        // It lasts as long as the work.
        let _turn = turn;
        let sources = sources(db, &scope, Of::Actions(&[id]))?;
        let action = sources.actions.first().ok_or_else(Fault::not_found)?;
        let NewSimulation { changes, objective, now, lang } = incoming.body()?;
        require_all_seen(action)?;
        let mut before = sources.situation(asked_time(now.map(Instant::from), fresh.now(), [action])?);
        let changes = Known::of_action(&sources, id).read(changes, &mut before, || fresh.fresh())?;
        let after = what_if(before.clone(), &changes)?;
        let (handlers, language) = (sources.handlers(action), lang.unwrap_or(spoken));
        let [before, after] = [before, after].map(|situation| {
            let calendars = Calendars::prepare(situation.now, &situation.bodies)?;
            let route = situation.routes.get(&id).ok_or_else(Fault::not_found)?;
            let timetable = compute(route, &calendars, objective.unwrap_or(Objective::Earliest))?;
            Ok::<_, Fault>(timetable.told(&handlers, language))
        });
        Ok(Simulation::of(id, before?, after?))
    });
    Ok(Told(simulated.await?))
}
