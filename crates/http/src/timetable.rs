//! The timetable of an action over HTTP.

mod book;
mod changes;
mod conflicts;
mod impact;
mod levers;
mod picture;
mod programme;
mod simulate;

pub use impact::Impacts;
pub(crate) use impact::assessed;

use crate::actions::ReadActions;
use crate::answer::Momentary;
use crate::app::App;
use crate::auth::Reader;
use crate::auth::keys::Keys;
use crate::extract::{Params, Path, Spoken};
use crate::problem::{Problem, ProblemBody};
use actix_web::{get, web::Data};
use chrono::Datelike;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use yhteen_domain::ids::ActionId;
use yhteen_domain::text::Language;
use yhteen_domain::time::{Instant, Moment};
use yhteen_domain::timetable::{self as engine, Body, Calendars, Objective, Timetable, YEARS};
use yhteen_domain::{Fault, codes};
use yhteen_persistence::decision_steps::Of;
use yhteen_persistence::timetable::{ActionSources, sources};

/// The operations on timetables.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(get_action_timetable)
        .service(picture::get_action_timetable_picture)
        .service(book::book_action_timetable)
        .service(programme::get_programme_timetable)
        .service(conflicts::list_programme_conflicts)
        .service(simulate::simulate_action_timetable)
        .service(levers::list_timetable_levers)
        .service(impact::assess_timetable_impact);
}

/// Which timetable.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TimetableParams {
    /// What the plan in `steps[].planned` strives for.
    #[param(nullable = false, default = "earliest")]
    objective: Option<Objective>,
    /// The time for which it is computed, in the years 1900 to 8000; the present where nothing is said. What has been
    /// recorded counts whatever the time: this moves the clock alone. For those who see all steps.
    #[param(nullable = false)]
    now: Option<Moment>,
    /// The language of texts, where `Accept-Language` cannot say.
    #[param(nullable = false)]
    lang: Option<Language>,
}

/// Refuses a time for which nothing can be computed.
fn in_years(now: Instant) -> Result<Instant, Fault> {
    if YEARS.contains(&now.year()) {
        return Ok(now);
    }
    let detail = format!("The year of the parameter now must be from {} to {}.", YEARS.start(), YEARS.end());
    Err(Fault::new(&codes::BAD_PARAMETER, detail.clone()).at("?now", "out_of_range", detail))
}

/// The time for which timetables of these actions are computed.
fn asked_time<'a>(
    asked: Option<Instant>,
    clock: Instant,
    actions: impl IntoIterator<Item = &'a ActionSources>,
) -> Result<Instant, Fault> {
    let Some(now) = asked else { return Ok(clock) };
    in_years(now)?;
    actions.into_iter().try_for_each(require_all_seen)?;
    Ok(now)
}

/// Refuses to try something on an action with steps that the reader may not see: what it does to them, again and again,
/// tells all meetings of their bodies.
fn require_all_seen(action: &ActionSources) -> Result<(), Fault> {
    if action.opaque.is_empty() {
        return Ok(());
    }
    Err(engine::opaque_steps())
}

/// For which time, and in which language.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TimeParams {
    /// The time for which it is computed, in the years 1900 to 8000; the present where nothing is said. What has been
    /// recorded counts whatever the time: this moves the clock alone. For those who see all steps.
    #[param(nullable = false)]
    now: Option<Moment>,
    /// The language of texts, where `Accept-Language` cannot say.
    #[param(nullable = false)]
    lang: Option<Language>,
}

/// Compute the timetable of an action.
///
/// How the decisions that the action needs fit together: when it can start at the earliest, how late each step can be
/// handled, and what stands in the way. It is computed from the decision steps, the meetings of their bodies and the
/// rules of legal force, also from those that you may not see: such a step is opaque, and shows its organisation, its
/// state and its own dates alone, by day. The same question gets the same `ETag` until time or a change has made another answer of
/// it, `computed_at` aside.
#[utoipa::path(tag = "Timetables", security((), ("oauth2" = ["actions:read"])),
    params(TimetableParams, ("Accept-Language" = Option<String>, Header, nullable = false, example = "sv, fi;q=0.5",
        description = "The language of texts: Finnish, Swedish or English.")),
    responses(
        (status = 200, description = "The timetable", body = Timetable, example = json!({
            "verdict": "feasible",
            "objective": "earliest",
            "computed_at": "2026-09-01T06:00:00Z",
            "target_on": "2027-01-01",
            "start_gate": "final",
            "start": {"earliest_on": "2026-12-29", "delay_days": 0},
            "blocking": [],
            "steps": [{
                "step_id": "0197f2b4-7c1e-7a10-8f00-000000000005",
                "body_id": "0197f2b4-7c1e-7a10-8f00-000000000004",
                "organisation_id": "0197f2b4-7c1e-7a10-8f00-000000000001",
                "opaque": false,
                "state": "open",
                "planned": {
                    "meeting_id": "0197f2b4-7c1e-7a10-8f00-000000000006",
                    "starts_at": "2026-11-09T15:00:00Z",
                    "agenda_deadline": "2026-10-30T10:00:00Z",
                    "decided_at": "2026-11-09T18:00:00Z",
                    "notice_on": "2026-11-26",
                    "legal_force_on": "2026-12-29",
                    "minutes_overdue": false
                },
                "earliest": {
                    "meeting_id": "0197f2b4-7c1e-7a10-8f00-000000000006",
                    "starts_at": "2026-11-09T15:00:00Z",
                    "agenda_deadline": "2026-10-30T10:00:00Z",
                    "decided_at": "2026-11-09T18:00:00Z",
                    "notice_on": "2026-11-26",
                    "legal_force_on": "2026-12-29",
                    "minutes_overdue": false
                },
                "latest": {
                    "meeting_id": "0197f2b4-7c1e-7a10-8f00-000000000006",
                    "starts_at": "2026-11-09T15:00:00Z",
                    "agenda_deadline": "2026-10-30T10:00:00Z",
                    "decided_at": "2026-11-09T18:00:00Z",
                    "notice_on": "2026-11-26",
                    "legal_force_on": "2026-12-29",
                    "minutes_overdue": false
                },
                "slack_days": 0,
                "spare_meetings": 0,
                "critical": true,
                "binding": {"kind": "calendar", "step_id": null, "gate": null}
            }],
            "critical_chain": [
                {
                    "step_id": "0197f2b4-7c1e-7a10-8f00-000000000005", "gate": "decided",
                    "at": "2026-11-09T18:00:00Z", "text": "Kouvola council 9 Nov decides"
                },
                {
                    "step_id": "0197f2b4-7c1e-7a10-8f00-000000000005", "gate": "final",
                    "at": "2026-12-28T22:00:00Z", "text": "legal force 29 Dec"
                },
                {"step_id": null, "gate": null, "at": "2026-12-28T22:00:00Z", "text": "start"}
            ],
            "plan_digest": "q1mzXcKpQ0m1tY2kq9fJ3w",
            "not_applicable_reason": null
        })),
        (status = 409, description = "The steps wait for one another in a circle", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 422, description = "A date of the route or of a calendar lies where no dates can be computed",
            body = ProblemBody, content_type = "application/problem+json")))]
#[get("/api/v1/actions/{action_id}/timetable")]
pub async fn get_action_timetable(
    reader: Reader<ReadActions>,
    app: Data<App>,
    path: Path<ActionId>,
    params: Params<TimetableParams>,
    Spoken(spoken): Spoken,
) -> Result<Momentary<Timetable>, Problem> {
    let (id, scope, clock, keys) = (path.get()?, reader.scope().clone(), app.now(), app.clone());
    let told = app.store.read(move |db| {
        let sources = sources(db, &scope, Of::Actions(&[id]))?;
        let action = sources.actions.first().ok_or_else(Fault::not_found)?;
        let TimetableParams { objective, now, lang } = params.get()?;
        let calendars = Calendars::prepare(asked_time(now.map(Instant::from), clock, [action])?, &sources.bodies)?;
        let mut computed = engine::compute(&action.route, &calendars, objective.unwrap_or(Objective::Earliest))?;
        computed.plan_digest = Some(plan_digest(&keys.keys, &computed, action, &sources.bodies));
        Ok(computed.told(&sources.handlers(action), lang.unwrap_or(spoken)))
    });
    Ok(Momentary(told.await?))
}

/// The name of a plan with all that it rests on: keyed, since that is more than its reader may know.
fn plan_digest(keys: &Keys, timetable: &Timetable, action: &ActionSources, bodies: &[Body]) -> String {
    keys.digest("plan", &timetable.basis(&action.route, bodies))
}
