//! Handlings over HTTP: recorded by the body's own organisation, corrected by superseding.

mod by_external_id;

use super::Shown;
use super::change::{Ask, Asked, By, change_and_tell};
use super::input::occasion;
use super::view::{Telling, apart};
use crate::actions::{EditActions, ReadActions};
use crate::answer::{Done, Versioned};
use crate::app::App;
use crate::auth::{Member, Reader};
use crate::extract::{Incoming, Path};
use crate::problem::Problem;
use actix_web::{get, post, web::Data};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use yhteen_domain::Fault;
use yhteen_domain::decision_steps::DecisionStep;
use yhteen_domain::external_ids::ExternalId;
use yhteen_domain::handlings::{AgendaNumber, Details, Handling};
use yhteen_domain::ids::{HandlingId, MeetingId, StepId};
use yhteen_domain::text::{Prose, WebAddress};
use yhteen_domain::time::{Day, Instant, Moment};
use yhteen_domain::timetable::Outcome;
use yhteen_persistence::decision_steps::{self as steps, Part};
use yhteen_persistence::external_ids::ExternalIds;
use yhteen_persistence::{Error, Tx, bookings};

/// The operations on handlings.
pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(create_handling)
        .service(get_handling)
        .service(supersede_handling)
        .service(by_external_id::put_handling)
        .service(by_external_id::get_handling_by_external_id);
}

/// What a body did with a decision step at one meeting.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "meeting_id": "0197f2b4-7c1e-7a10-8f00-000000000006",
    "agenda_number": "§ 12",
    "outcome": "approved",
    "resolution": {"fi": "Kaupunginvaltuusto hyväksyi esityksen."}
})))]
pub struct NewHandling {
    /// A meeting of the step's body that has begun.
    meeting_id: Option<MeetingId>,
    /// For an office holder: the working day.
    day: Option<Day>,
    /// The number of the item (pykälä).
    agenda_number: Option<AgendaNumber>,
    outcome: Outcome,
    /// The text of the resolution.
    resolution: Option<Prose>,
    /// Where the minutes, or the extract from them, can be read.
    minutes_url: Option<WebAddress>,
    /// For the outcome `returned`: an earlier step of the route, which is then open again with all that depends on it.
    returned_to_step_id: Option<StepId>,
    /// When it was recorded, if that was before now: not before the meeting began.
    recorded_at: Option<Moment>,
}

impl NewHandling {
    fn details(&self) -> Result<Details, Fault> {
        let Self {
            meeting_id,
            day,
            agenda_number,
            outcome,
            resolution,
            minutes_url,
            returned_to_step_id,
            recorded_at: _,
        } = self.clone();
        let occasion = occasion(meeting_id, day)?;
        Ok(Details { occasion, agenda_number, outcome, resolution, minutes_url, returned_to_step_id })
    }
}

/// What a body did with a decision step at one meeting.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Handling)]
pub struct HandlingView {
    id: HandlingId,
    decision_step_id: StepId,
    /// The meeting; null for the day of an office holder.
    #[schema(required)]
    meeting_id: Option<MeetingId>,
    /// The day of an office holder.
    #[schema(required)]
    day: Option<NaiveDate>,
    /// The number of the item (pykälä).
    #[schema(required)]
    agenda_number: Option<AgendaNumber>,
    outcome: Outcome,
    /// The text of the resolution.
    #[schema(required)]
    resolution: Option<Prose>,
    /// Where the minutes, or the extract from them, can be read.
    #[schema(required)]
    minutes_url: Option<WebAddress>,
    /// The earlier step that was opened again.
    #[schema(required)]
    returned_to_step_id: Option<StepId>,
    recorded_at: DateTime<Utc>,
    /// The record that stands in the place of this one; null for one that stands.
    #[schema(required)]
    superseded_by_id: Option<HandlingId>,
    /// How the body's organisation knows it, for who reads for that organisation.
    external_ids: Vec<ExternalId>,
}

impl HandlingView {
    /// As its reader is told of it.
    pub(super) fn of(handling: Handling, external_ids: &ExternalIds) -> Self {
        let Handling { id, step_id, details, recorded_at, superseded_by_id } = handling;
        let Details { occasion, agenda_number, outcome, resolution, minutes_url, returned_to_step_id } = details;
        let (meeting_id, day) = apart(occasion);
        Self {
            id,
            decision_step_id: step_id,
            meeting_id,
            day,
            agenda_number,
            outcome,
            resolution,
            minutes_url,
            returned_to_step_id,
            recorded_at,
            superseded_by_id,
            external_ids: external_ids.of(id),
        }
    }
}

/// Record what a body did with a decision step.
///
/// The body's own organisation does this once the meeting has begun. `tabled` and `returned` leave the step open for a
/// later meeting; all else decides it. What is recorded is never changed: a wrong record is superseded.
#[utoipa::path(tag = "Handlings", request_body = NewHandling, security(("oauth2" = ["actions:write"])),
    responses((status = 201, description = "Recorded", body = HandlingView)))]
#[post("/api/v1/decision-steps/{decision_step_id}/handlings")]
pub async fn create_handling(
    member: Member<EditActions>,
    app: Data<App>,
    path: Path<StepId>,
    incoming: Incoming<NewHandling>,
) -> Result<Done, Problem> {
    let id = app.fresh();
    let rule = move |asked: Asked, tx: &mut Tx<'_>, new: &NewHandling, now| {
        let details = new.details()?;
        let venue = bookings::venue(tx, &asked.step, details.occasion)?;
        let is_open = asked.is_open();
        let step = asked.step.handled(id, (details, &venue), &asked.steps, is_open, now)?;
        Ok(step.recorded_at(id, &venue, new.recorded_at.map(Instant::from), now)?)
    };
    record(id, (member, app, path, incoming), "action.step_handled", rule).await
}

/// Get a handling.
#[utoipa::path(tag = "Handlings", security((), ("oauth2" = ["actions:read"])),
    responses((status = 200, description = "The handling", body = HandlingView)))]
#[get("/api/v1/handlings/{handling_id}")]
pub async fn get_handling(
    reader: Reader<ReadActions>,
    app: Data<App>,
    path: Path<HandlingId>,
) -> Result<Versioned<HandlingView>, Problem> {
    let id = path.get()?;
    read_handling(&reader, &app, id).await
}

/// A handling, where the reader sees more of its step than dates.
async fn read_handling(
    reader: &Reader<ReadActions>,
    app: &App,
    id: HandlingId,
) -> Result<Versioned<HandlingView>, Problem> {
    let Shown { version, step, external_ids } =
        super::shown_step(app, reader, move |db, scope| steps::of_part(db, scope, Part::Handling(id))).await?;
    let handling = step.handlings.into_iter().find(|handling| handling.id == id).ok_or_else(Fault::not_found)?;
    Ok(Versioned { version, view: HandlingView::of(handling, &external_ids) })
}

/// Correct a handling.
///
/// A further record stands in the place of the wrong one, which is kept. Remedies sought against the decision stay with
/// it.
#[utoipa::path(tag = "Handlings", request_body = NewHandling, security(("oauth2" = ["actions:write"])),
    responses((status = 201, description = "Recorded", body = HandlingView)))]
#[post("/api/v1/handlings/{handling_id}:supersede")]
pub async fn supersede_handling(
    member: Member<EditActions>,
    app: Data<App>,
    path: Path<HandlingId>,
    incoming: Incoming<NewHandling>,
) -> Result<Done, Problem> {
    let (id, wrong) = (app.fresh(), path.get()?);
    let scope = member.scope().clone();
    let step = app.store.read(move |db| steps::of_part(db, &scope, Part::Handling(wrong))).await?;
    let rule = move |asked: Asked, tx: &mut Tx<'_>, new: &NewHandling, now| {
        let details = new.details()?;
        let venue = bookings::venue(tx, &asked.step, details.occasion)?;
        let step = asked.step.corrected(wrong, id, (details, &venue), &asked.steps, now)?;
        Ok(step.recorded_at(id, &venue, new.recorded_at.map(Instant::from), now)?)
    };
    record(id, (member, app, Path::to(step), incoming), "action.handling_superseded", rule).await
}

/// Records a handling and answers with it.
async fn record(
    id: HandlingId,
    ask: Ask<NewHandling>,
    kind: &'static str,
    rule: impl Fn(Asked, &mut Tx<'_>, &NewHandling, Instant) -> Result<DecisionStep, Error> + Send + Sync + 'static,
) -> Result<Done, Problem> {
    let location = ask.1.url(&format!("/api/v1/handlings/{id}"));
    let tell = move |telling: &Telling<'_>, step: DecisionStep| {
        let handling = step.handlings.into_iter().find(|handling| handling.id == id).ok_or_else(Fault::not_found)?;
        Ok((Some(location.clone()), HandlingView::of(handling, &telling.recorded.external_ids)))
    };
    change_and_tell(ask, kind, By::Body, rule, tell).await
}
