//! What changes of meetings, handlings and plans do to all actions that they touch. Nothing is stored.

use super::changes::{Known, NewChange, touched};
use crate::actions::ReadActions;
use crate::answer::Told;
use crate::app::App;
use crate::auth::Reader;
use crate::extract::Incoming;
use crate::limits::Caller;
use crate::problem::{Problem, internal};
use actix_web::post;
use actix_web::web::{Data, block};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;
use yhteen_domain::Fault;
use yhteen_domain::ids::{ActionId, OrganisationId};
use yhteen_domain::text::{Name, ShortCode};
use yhteen_domain::timetable::{Impact, Objective, Situation, StepImpact, Summary, impact, what_if};
use yhteen_persistence::timetable::{Sources, affected};

/// What is to be assessed.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "changes": [{"kind": "meeting_cancelled", "meeting_id": "0197f2b4-7c1e-7a10-8f00-000000000006"}]
})))]
pub struct NewAssessment {
    /// At most 100, which happen one after the other. They name bodies, meetings, steps and actions that you see; actions
    /// that are completed or cancelled, and their steps, are unknown here.
    #[schema(max_items = 100)]
    changes: Vec<NewChange>,
}

/// What changes do to the timetables of actions.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = TimetableImpacts)]
pub struct Impacts {
    /// The actions for which anything differs: those first whose start is not known any more, then those whose start
    /// moves most to a later date.
    actions: Vec<ActionImpact>,
    /// The organisations that answer for these actions, or whose bodies have a step for which anything differs: those
    /// with most actions first.
    organisations: Vec<OrganisationImpact>,
}

/// What changes do to the timetable of one action.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TimetableActionImpact)]
pub struct ActionImpact {
    action_id: ActionId,
    /// Its code in its programme.
    code: ShortCode,
    title: Name,
    /// Its timetable as things stand.
    before: Summary,
    /// Its timetable after the changes; null where the action has a step that you may not see, since what would become of
    /// it tells when the body of that step meets.
    #[schema(required)]
    after: Option<Summary>,
    /// The steps for which anything differs, in the order in which they came to be; none where `after` is null.
    steps: Vec<StepImpact>,
}

/// How many actions concern an organisation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TimetableOrganisationImpact)]
pub struct OrganisationImpact {
    organisation_id: OrganisationId,
    /// How many of the actions.
    actions: usize,
}

/// Assess what changes do to all actions.
///
/// What it would mean if a meeting were moved or cancelled, or a matter tabled: every action that you see whose timetable
/// would differ, with its steps and the organisations concerned. Actions that are completed or cancelled are left out,
/// and those whose timetable cannot be computed as things stand. Nothing is stored.
#[utoipa::path(tag = "Timetables", request_body = NewAssessment, security((), ("oauth2" = ["actions:read"])),
    responses((status = 200, description = "What would differ", body = Impacts)))]
#[post("/api/v1/timetable:impact")]
pub async fn assess_timetable_impact(
    reader: Reader<ReadActions>,
    app: Data<App>,
    incoming: Incoming<NewAssessment>,
    caller: Caller,
) -> Result<Told<Impacts>, Problem> {
    let turn = app.expensive.turn(&caller).await?;
    let NewAssessment { changes } = incoming.body()?.clone();
    let (scope, touched) = (reader.scope().clone(), touched(&changes));
    let (sources, _turn) = app.store.read(move |db| Ok((affected(db, &scope, &touched)?, turn))).await?;
    let mut before = sources.situation(app.now());
    let changes = Known::of_all(&sources).read(&changes, &mut before, || app.fresh())?;
    let after = what_if(before.clone(), &changes)?;
    Ok(Told(assessed(sources, before, after).await?))
}

/// What differs between two situations, for a reader of the sources: on a thread of its own, since it may be much.
pub(crate) async fn assessed(sources: Sources, before: Situation, after: Situation) -> Result<Impacts, Problem> {
    let assessed = block(move || Impacts::between(&sources, &before, &after)).await;
    let assessed = assessed.map_err(|error| {
        log::error!("an impact was not computed to its end: {error}");
        Problem(internal())
    })?;
    Ok(assessed?)
}

impl Impacts {
    fn between(sources: &Sources, before: &Situation, after: &Situation) -> Result<Self, Fault> {
        let actions: BTreeMap<_, _> = sources.actions.iter().map(|action| (action.action_id, action)).collect();
        let mut found = impact(before, after, Objective::Earliest)?;
        let mut concerned: BTreeMap<OrganisationId, usize> = BTreeMap::new();
        let hidden = |impact: &Impact| actions.get(&impact.action_id).is_none_or(|action| !action.opaque.is_empty());
        // Where what follows is not told, the place in the list does not tell it.
        let later = |impact: &Impact| if hidden(impact) { i64::MIN } else { impact.later_days() };
        found.sort_by_key(|impact| (Reverse(later(impact)), impact.action_id));
        let mut told = Vec::with_capacity(found.len());
        for impact in found {
            let Some(action) = actions.get(&impact.action_id) else { continue };
            let all_seen = action.opaque.is_empty();
            let steps = if all_seen { impact.steps } else { Vec::new() };
            let of_steps = steps.iter().map(|step| step.organisation_id);
            for organisation in of_steps.chain([action.accountable_id]).collect::<BTreeSet<_>>() {
                *concerned.entry(organisation).or_default() += 1;
            }
            told.push(ActionImpact {
                action_id: impact.action_id,
                code: action.code.clone(),
                title: action.title.clone(),
                before: impact.before,
                after: all_seen.then_some(impact.after),
                steps,
            });
        }
        let mut organisations: Vec<_> = concerned
            .into_iter()
            .map(|(organisation_id, actions)| OrganisationImpact { organisation_id, actions })
            .collect();
        organisations.sort_by_key(|organisation| (Reverse(organisation.actions), organisation.organisation_id));
        Ok(Self { actions: told, organisations })
    }
}
