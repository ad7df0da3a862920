//! The single changes that bring the start of an action forward.

use super::{TimeParams, asked_time};
use crate::actions::ReadActions;
use crate::answer::{Listing, Told};
use crate::app::App;
use crate::auth::Reader;
use crate::extract::{Params, Path, Spoken};
use crate::problem::{Problem, ProblemBody};
use actix_web::{get, web::Data};
use std::collections::BTreeMap;
use yhteen_domain::Fault;
use yhteen_domain::ids::{ActionId, MeetingId};
use yhteen_domain::time::{Date, Instant, date_of};
use yhteen_domain::timetable::{Input, Lever, Names, levers};
use yhteen_persistence::decision_steps::Of;
use yhteen_persistence::timetable::{Sources, sources};

/// List what would bring the start of an action forward.
///
/// Single changes, each with its exact gain, best first: an extra meeting of a body, a late item on a closed agenda,
/// starting when all is decided rather than final, preparing in parallel. Where it is not known when the action can start,
/// those after which it is. Of a step that you may not see no more is told than whom to ask and what there is to gain.
/// All of them at once: `next` is always null.
#[utoipa::path(tag = "Timetables", security((), ("oauth2" = ["actions:read"])),
    params(TimeParams, ("Accept-Language" = Option<String>, Header, nullable = false, example = "sv, fi;q=0.5",
        description = "The language of texts: Finnish, Swedish or English.")),
    responses(
        (status = 200, description = "The levers", body = Listing<Lever>),
        (status = 409, description = "The steps wait for one another in a circle", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 422, description = "A date of the route or of a calendar lies where no dates can be computed",
            body = ProblemBody, content_type = "application/problem+json")))]
#[get("/api/v1/actions/{action_id}/timetable/levers")]
pub async fn list_timetable_levers(
    reader: Reader<ReadActions>,
    app: Data<App>,
    path: Path<ActionId>,
    params: Params<TimeParams>,
    Spoken(spoken): Spoken,
) -> Result<Told<Listing<Lever>>, Problem> {
    let (id, scope, clock) = (path.get()?, reader.scope().clone(), app.now());
    let found = app.store.read(move |db| {
        let sources = sources(db, &scope, Of::Actions(&[id]))?;
        let action = sources.actions.first().ok_or_else(Fault::not_found)?;
        let TimeParams { now, lang } = params.get()?;
        let now = asked_time(now.map(Instant::from), clock, [action])?;
        let handlers = sources.handlers(action);
        let dates = dates(&sources);
        let names = Names { handlers: &handlers, dates: &dates, today: date_of(now), language: lang.unwrap_or(spoken) };
        let input = Input { now, route: action.route.clone(), bodies: sources.bodies.clone() };
        let found = levers(&input, &sources.agenda_rules())?;
        Ok(found.into_iter().map(|lever| lever.told(names)).collect())
    });
    Ok(Told(Listing { items: found.await?, next: None }))
}

/// The dates of all meetings.
fn dates(sources: &Sources) -> BTreeMap<MeetingId, Date> {
    let meetings = sources.bodies.iter().flat_map(|body| &body.meetings);
    meetings.map(|meeting| (meeting.id, date_of(meeting.starts_at))).collect()
}
