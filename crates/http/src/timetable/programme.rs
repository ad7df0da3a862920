//! The timetables of all actions of a programme over HTTP.

use super::in_years;
use crate::actions::ReadActions;
use crate::answer::MomentaryPage;
use crate::app::App;
use crate::auth::Reader;
use crate::extract::{Params, Path};
use crate::problem::Problem;
use actix_web::{get, web::Data};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use yhteen_domain::ids::{ActionId, BodyId, OrganisationId, ProgrammeId};
use yhteen_domain::text::{Name, ShortCode};
use yhteen_domain::time::{Instant, Moment};
use yhteen_domain::timetable::{Blocking, NextStep, Outlook, Start, Summary, Verdict};
use yhteen_domain::vocabulary::Gate;
use yhteen_domain::{Fault, codes, message};
use yhteen_persistence::scope::Scope;
use yhteen_persistence::timetable::overview::{At, Filter, Line, overview};
use yhteen_persistence::{Db, Error, bodies, programmes};

/// A page of the actions of a programme by their timetables.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProgrammeTimetable {
    /// The time for which they were computed.
    computed_at: DateTime<Utc>,
    /// The actions, the most urgent first.
    items: Vec<ProgrammeTimetableItem>,
    /// Give it back as `cursor` to get the next page; null on the last one.
    #[schema(required)]
    next: Option<String>,
}

/// The timetable of one action in a few lines.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProgrammeTimetableItem {
    action_id: ActionId,
    code: ShortCode,
    title: Name,
    /// The organisation that answers for the action.
    accountable_id: OrganisationId,
    /// Whether the action can start as planned.
    verdict: Verdict,
    /// The action's planned start.
    #[schema(required)]
    target_on: Option<NaiveDate>,
    /// What every authoritative step must have reached.
    start_gate: Gate,
    /// When the action can start.
    start: Start,
    /// The least slack of the steps that wait to be handled and that the start needs; null where there are none, or where
    /// the slack cannot be said.
    #[schema(required)]
    slack_days: Option<i64>,
    /// The step that is to be handed in next; null where none is known to be.
    #[schema(required)]
    next_step: Option<NextStep>,
    /// The roots of why the start cannot be said, or cannot be.
    blocking: Vec<Blocking>,
    /// The code of the error that the action's own timetable answers, where nothing can be computed; the verdict is
    /// `unknown` then.
    #[schema(required)]
    error_code: Option<&'static str>,
}

impl From<Line> for ProgrammeTimetableItem {
    fn from(line: Line) -> Self {
        let Line { action_id, code, title, accountable_id, start_gate, outlook } = line;
        let Outlook { summary, blocking, next_step, refused } = outlook;
        let Summary { verdict, target_on, earliest_on, delay_days, slack_days } = summary;
        Self {
            action_id,
            code,
            title,
            accountable_id,
            verdict,
            target_on,
            start_gate,
            start: Start { earliest_on, delay_days },
            slack_days,
            next_step,
            blocking,
            error_code: refused,
        }
    }
}

/// Which actions.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ProgrammeTimetableParams {
    /// Only those that one of these organisations answers for or has a step of.
    #[serde(default)]
    #[param(inline)]
    organisation_id: Vec<OrganisationId>,
    /// Only those that have a step, which you see, on one of these bodies.
    #[serde(default)]
    #[param(inline)]
    body_id: Vec<BodyId>,
    /// Only those with one of these verdicts.
    #[serde(default)]
    verdict: Vec<Verdict>,
    /// The time for which they are computed, in the years 1900 to 8000; the present where nothing is said. What has been
    /// recorded counts whatever the time: this moves the clock alone. An action with steps that you may not see is not
    /// computed for another time: its `error_code` is `timetable.opaque_steps`.
    #[param(nullable = false)]
    now: Option<Moment>,
    /// Where to go on: `next` of the page before.
    #[param(nullable = false)]
    cursor: Option<String>,
    /// How many at most.
    #[param(nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
}

/// List the actions of a programme by their timetables.
///
/// All that you see and that are neither completed nor cancelled, the most urgent first: those that cannot start as
/// things stand; the late ones, the greatest delay first; those of which it cannot be said; those that can start as
/// planned, the least slack first; last those without a planned start. Each is computed as its own timetable is, also
/// from what you may not see. Where that answers an error, `error_code` names it, and the others are not kept from being
/// shown. The same question gets the same `ETag` until time or a change has made another answer of it, `computed_at`
/// aside.
#[utoipa::path(tag = "Timetables", security((), ("oauth2" = ["actions:read"])), params(ProgrammeTimetableParams),
    responses((status = 200, description = "A page of actions", body = ProgrammeTimetable, example = json!({
        "computed_at": "2026-09-01T06:00:00Z",
        "items": [{
            "action_id": "0197f2b4-7c1e-7a10-8f00-000000000002",
            "code": "A1",
            "title": {"fi": "Perhekeskus joka kuntaan", "sv": "Familjecenter i varje kommun"},
            "accountable_id": "0197f2b4-7c1e-7a10-8f00-000000000001",
            "verdict": "feasible",
            "target_on": "2027-01-01",
            "start_gate": "final",
            "start": {"earliest_on": "2026-12-29", "delay_days": 0},
            "slack_days": 0,
            "next_step": {
                "step_id": "0197f2b4-7c1e-7a10-8f00-000000000005",
                "body_id": "0197f2b4-7c1e-7a10-8f00-000000000004",
                "organisation_id": "0197f2b4-7c1e-7a10-8f00-000000000001",
                "opaque": false,
                "agenda_deadline": "2026-10-30T10:00:00Z"
            },
            "blocking": [],
            "error_code": null
        }],
        "next": null
    }))))]
#[get("/api/v1/programmes/{programme_id}/timetable")]
pub async fn get_programme_timetable(
    reader: Reader<ReadActions>,
    app: Data<App>,
    path: Path<ProgrammeId>,
    params: Params<ProgrammeTimetableParams>,
) -> Result<MomentaryPage<ProgrammeTimetable>, Problem> {
    let (id, scope, asker) = (path.get()?, reader.scope().clone(), app.clone());
    let view = app.store.read(move |db| {
        programmes::find(db, &scope, id)?;
        let ProgrammeTimetableParams { organisation_id, body_id, verdict, now, cursor, limit } = params.get()?;
        let asked = now.map(Instant::from);
        let now = in_years(asked.unwrap_or(asker.now()))?;
        let filter = Filter { organisations: organisation_id, bodies: body_id, verdicts: verdict };
        let listed = asker.listed(format!("timetables {id} {filter:?} {asked:?}"), cursor.as_deref(), limit)?;
        require_seen(db, &scope, &filter.bodies)?;
        let page = overview(db, &scope, id, &filter, At { now, asked: asked.is_some() }, &listed.slice)?;
        let listing = asker.listing(listed.name(), page, Line::place, ProgrammeTimetableItem::from);
        Ok(ProgrammeTimetable { computed_at: now, items: listing.items, next: listing.next })
    });
    let view = view.await?;
    Ok(MomentaryPage { next: view.next.clone(), view })
}

/// Refuses to look for what the reader may not know of.
fn require_seen(db: &mut Db, scope: &Scope, asked: &[BodyId]) -> Result<(), Error> {
    if asked.is_empty() {
        return Ok(());
    }
    let seen = bodies::of_ids(db, scope, asked)?;
    let is_seen = |id: &BodyId| seen.iter().any(|sighted| sighted.visible && sighted.body.id == *id);
    if asked.iter().all(is_seen) {
        return Ok(());
    }
    let detail = message!(
        fi: "Tämä viittaa toimielimeen, jota ei ole.",
        sv: "Detta hänvisar till ett organ som inte finns.",
        en: "This refers to a body that does not exist.",
    );
    Err(Fault::new(&codes::BAD_PARAMETER, detail.clone()).at("?body_id", "unknown_reference", detail).into())
}
