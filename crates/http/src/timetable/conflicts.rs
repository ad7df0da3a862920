//! What is wrong with the timetables of a programme's actions over HTTP.

use crate::actions::ReadActions;
use crate::answer::{Listing, Spoke};
use crate::app::App;
use crate::auth::Reader;
use crate::extract::{Params, Path, Spoken};
use crate::problem::Problem;
use actix_web::{get, web::Data};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use yhteen_domain::ids::{ActionId, BodyId, MeetingId, OrganisationId, ProgrammeId, StepId};
use yhteen_domain::text::Language;
use yhteen_domain::time::{Date, date_of};
use yhteen_domain::timetable::{Conflict, ConflictKind};
use yhteen_persistence::programmes;
use yhteen_persistence::timetable::conflicts::{self, Filter, Found};

/// Something that is wrong with the timetable of an action.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProgrammeConflict)]
pub struct ConflictView {
    kind: ConflictKind,
    action_id: ActionId,
    /// Whose turn it is: the body's organisation for what it has to do itself, else the one that answers for the action.
    organisation_id: OrganisationId,
    /// The step that it is about.
    #[schema(required)]
    step_id: Option<StepId>,
    /// The body of the step; null where the caller may not know it.
    #[schema(required)]
    body_id: Option<BodyId>,
    /// The meeting that it is about; null for the day of an office holder, and where the caller may not know it.
    #[schema(required)]
    meeting_id: Option<MeetingId>,
    /// The organisation that has withdrawn.
    #[schema(required)]
    participant_id: Option<OrganisationId>,
    /// Whether it is about a step of which the caller sees no more than dates.
    opaque: bool,
    /// Since when it is wrong, or until when it can be put right, where that is known.
    #[schema(required)]
    on: Option<NaiveDate>,
    /// What is wrong, in a sentence in the caller's language.
    #[schema(examples("Kouvola Council: the meeting of 9 Nov is cancelled, and the step is still booked for it."))]
    detail: String,
}

impl ConflictView {
    fn of(found: Found, today: Date, language: Language) -> Self {
        let detail = found.conflict.told(found.concerned(), today, language);
        let Found { action_id, conflict, opaque, .. } = found;
        let Conflict { kind, organisation_id, step_id, body_id, meeting_id, participant_id, on, beside: _ } = conflict;
        Self { kind, action_id, organisation_id, step_id, body_id, meeting_id, participant_id, opaque, on, detail }
    }
}

/// Which conflicts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListConflicts {
    /// Only those in which it is the turn of one of these organisations.
    #[serde(default)]
    #[param(inline)]
    organisation_id: Vec<OrganisationId>,
    /// Only these kinds.
    #[serde(default)]
    kind: Vec<ConflictKind>,
    /// The language of texts, where `Accept-Language` cannot say.
    #[param(nullable = false)]
    lang: Option<Language>,
    /// Where to go on: `next` of the page before.
    #[param(nullable = false)]
    cursor: Option<String>,
    /// How many at most.
    #[param(nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
}

/// List the conflicts of a programme.
///
/// What is wrong now with the timetables of the actions that you see and that are neither completed nor cancelled, and whose turn it
/// is: bookings that cannot hold, also of steps that the start does not need; what is missing from calendars and minutes;
/// decisions against; starts that are planned too early; participants that have withdrawn. An action can have several.
/// They come action by action, the oldest first. Of a step that you may not see, they tell its organisation and its
/// dates.
#[utoipa::path(tag = "Timetables", security((), ("oauth2" = ["actions:read"])),
    params(ListConflicts, ("Accept-Language" = Option<String>, Header, nullable = false, example = "sv, fi;q=0.5",
        description = "The language of texts: Finnish, Swedish or English.")),
    responses((status = 200, description = "A page of conflicts", body = Listing<ConflictView>)))]
#[get("/api/v1/programmes/{programme_id}/conflicts")]
pub async fn list_programme_conflicts(
    reader: Reader<ReadActions>,
    app: Data<App>,
    path: Path<ProgrammeId>,
    params: Params<ListConflicts>,
    Spoken(spoken): Spoken,
) -> Result<Spoke<ConflictView>, Problem> {
    let (id, scope, asker, now) = (path.get()?, reader.scope().clone(), app.clone(), app.now());
    let listing = app.store.read(move |db| {
        programmes::find(db, &scope, id)?;
        let ListConflicts { organisation_id, kind, lang, cursor, limit } = params.get()?;
        let filter = Filter { organisations: organisation_id, kinds: kind };
        let listed = asker.listed(format!("conflicts {id} {filter:?}"), cursor.as_deref(), limit)?;
        let page = conflicts::list(db, &scope, id, &filter, now, &listed.slice)?;
        let view = |found| ConflictView::of(found, date_of(now), lang.unwrap_or(spoken));
        Ok(asker.listing(listed.name(), page, Found::place, view))
    });
    Ok(Spoke(listing.await?))
}
