//! The timetable of an action as a picture, to be put into a report.
//!
//! Three steps, each knowing nothing of the next: `scene` says in words what is to be shown, `layout` says where, `svg`
//! writes it.

mod layout;
mod letters;
mod scene;
mod shapes;
mod svg;
mod words;

use super::asked_time;
use crate::actions::ReadActions;
use crate::answer::{digest_tag, fresh_or};
use crate::app::App;
use crate::auth::Reader;
use crate::extract::{Params, Path, Spoken};
use crate::meetings::ReadMeetings;
use crate::problem::{Problem, ProblemBody, internal};
use actix_web::body::BoxBody;
use actix_web::http::header::{self, Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue};
use actix_web::{HttpRequest, HttpResponse, Responder, get, web::Data};
use scene::{Calendars, Known};
use serde::Deserialize;
use svg::Theme;
use utoipa::IntoParams;
use yhteen_domain::Fault;
use yhteen_domain::ids::ActionId;
use yhteen_domain::text::{Language, ShortCode};
use yhteen_domain::time::{Instant, Moment};
use yhteen_domain::timetable::{self as engine, Objective};
use yhteen_persistence::decision_steps::{self, Of};
use yhteen_persistence::timetable::sources;

/// The policy of a picture that is opened by itself: it carries its own style and loads nothing.
const PICTURE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox";

/// Which picture.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PictureParams {
    /// What the plan strives for.
    #[param(nullable = false, default = "earliest")]
    objective: Option<Objective>,
    /// The time for which it is computed, in the years 1900 to 8000; the present where nothing is said.
    #[param(nullable = false)]
    now: Option<Moment>,
    /// The language of texts, where `Accept-Language` cannot say.
    #[param(nullable = false)]
    lang: Option<Language>,
    /// The colours.
    #[param(inline, nullable = false, default = "auto")]
    theme: Option<Theme>,
}

/// A picture with the name under which it is saved.
pub struct Picture {
    svg: Vec<u8>,
    name: String,
}

impl Responder for Picture {
    type Body = BoxBody;
    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let Self { svg, name } = self;
        let tag = digest_tag(&svg);
        let mut response = fresh_or(request, &tag, |response| {
            response.insert_header(disposition(&name)).content_type("image/svg+xml").body(svg)
        });
        let headers = response.headers_mut();
        headers.insert(header::VARY, header::HeaderValue::from_static("Authorization, Accept-Language"));
        headers.insert(header::CONTENT_SECURITY_POLICY, header::HeaderValue::from_static(PICTURE_POLICY));
        response
    }
}

/// Shown in its place, and saved under a name, which old programs read in ASCII alone.
fn disposition(name: &str) -> ContentDisposition {
    let plain = name.chars().map(|letter| match letter {
        'å' | 'ä' => 'a',
        'Å' | 'Ä' => 'A',
        'ö' => 'o',
        'Ö' => 'O',
        letter => letter,
    });
    let mut parameters = vec![DispositionParam::Filename(plain.collect())];
    if !name.is_ascii() {
        let value = name.as_bytes().to_vec();
        parameters.push(DispositionParam::FilenameExt(ExtendedValue {
            charset: Charset::Ext("UTF-8".to_owned()),
            language_tag: None,
            value,
        }));
    }
    ContentDisposition { disposition: DispositionType::Inline, parameters }
}

/// The name under which the picture of an action is saved.
fn file_name(code: &ShortCode) -> String {
    format!("{code}-timetable.svg")
}

/// Draw the timetable of an action.
///
/// The timetable as a picture for a report: a lane for each body under its organisation, with the body's meetings and
/// agenda deadlines; each step at its meeting, the periods until its decision has legal force, and how late it could be;
/// what the start waits for, joined by arrows; today, the planned and the earliest start. Everything is told in words
/// too, in the picture's description. A step that you may not see has a lane without a name, and the meetings of a body
/// are drawn where you may read them. The picture is an SVG for browsers and word processors. It shows days: the same
/// question gets the same `ETag` all day long until something changes.
#[utoipa::path(tag = "Timetables", security((), ("oauth2" = ["actions:read"])),
    params(PictureParams, ("Accept-Language" = Option<String>, Header, nullable = false, example = "sv, fi;q=0.5",
        description = "The language of texts: Finnish, Swedish or English.")),
    responses(
        (status = 200, description = "The picture", body = String, content_type = "image/svg+xml",
            example = json!("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1200\" height=\"520\" role=\"img\"/>")),
        (status = 409, description = "The steps wait for one another in a circle", body = ProblemBody,
            content_type = "application/problem+json"),
        (status = 422, description = "A date of the route or of a calendar lies where no dates can be computed",
            body = ProblemBody, content_type = "application/problem+json")))]
#[get("/api/v1/actions/{action_id}/timetable.svg")]
pub async fn get_action_timetable_picture(
    reader: Reader<ReadActions>,
    meetings: Result<Reader<ReadMeetings>, Problem>,
    app: Data<App>,
    path: Path<ActionId>,
    params: Params<PictureParams>,
    Spoken(spoken): Spoken,
) -> Result<Picture, Problem> {
    let (id, scope, clock) = (path.get()?, reader.scope().clone(), app.now());
    // A token for actions alone reads no calendars.
    let calendars = if meetings.is_ok() { Calendars::Shown } else { Calendars::Withheld };
    let (scene, theme, language, name) = app
        .store
        .read(move |db| {
            let sources = sources(db, &scope, Of::Actions(&[id]))?;
            let action = sources.actions.first().ok_or_else(Fault::not_found)?;
            let PictureParams { objective, now, lang, theme } = params.get()?;
            let prepared =
                engine::Calendars::prepare(asked_time(now.map(Instant::from), clock, [action])?, &sources.bodies)?;
            let computed = engine::compute(&action.route, &prepared, objective.unwrap_or(Objective::Earliest))?;
            let (language, handlers) = (lang.unwrap_or(spoken), sources.handlers(action));
            let told = computed.told(&handlers, language);
            let known = Known {
                title: &action.title,
                handlers,
                titles: decision_steps::titles(db, id)?,
                organisations: sources.organisations(),
                bodies: &sources.bodies,
                calendars,
                steps: &action.route.steps,
            };
            let scene = scene::scene(&told, &known, language);
            Ok((scene, theme.unwrap_or(Theme::Auto), language, file_name(&action.code)))
        })
        .await?;
    let svg = svg::write(&layout::layout(&scene), theme, language).map_err(|error| {
        log::error!("a picture that cannot be written: {error}");
        internal()
    })?;
    Ok(Picture { svg, name })
}
