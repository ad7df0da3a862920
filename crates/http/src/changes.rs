//! The change feed over HTTP.

pub mod tide;

use crate::answer::render;
use crate::app::App;
use crate::auth::Reader;
use crate::extract::Params;
use crate::health::Draining;
use crate::problem::Problem;
use actix_web::body::BoxBody;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, Responder, get, web::Data};
use base64::prelude::*;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::time::Duration;
use tokio::time::Instant;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use yhteen_domain::changes::{AggregateType, Position, RESYNC};
use yhteen_domain::ids::{OrganisationId, PrincipalId};
use yhteen_domain::timetable_changes::TimetableChange;
use yhteen_domain::{Fault, codes};
use yhteen_persistence::Db;
use yhteen_persistence::changes::{self, Change, Feed};
use yhteen_persistence::scope::Scope;

crate::permissions! {
    /// Follows the change feed.
    FollowChanges = ChangesRead, Viewer;
}

/// The operations on the change feed.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_changes);
}

/// How often one request looks at as much as one look takes in, where what its reader may not see abounds: then it is
/// answered with nothing and how far it has come.
const MOST_LOOKS: u32 = 5;
/// The name of the feed's cursors.
const FEED: &str = "changes";

/// A part of the change feed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Changes)]
pub struct ChangesView {
    /// The changes: those of one aggregate in the order of its version.
    items: Vec<ChangeView>,
    /// Where to go on; there always is one. Keep it, and give it back as `after`.
    next: String,
    /// Whether there is more already: ask again at once.
    more: bool,
}

/// That something has changed; what, its own address tells.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Change, examples(
    json!({
        "type": "action.proposed",
        "aggregate": {"type": "action", "id": "01980000-0000-7000-8000-000000000005"},
        "version": 3,
        "occurred_at": "2026-03-24T08:30:00Z",
        "organisation_id": "01980000-0000-7000-8000-000000000001",
        "principal_id": null,
        "tombstone": false
    }),
    json!({
        "type": "timetable.changed",
        "aggregate": {"type": "timetable", "id": "01980000-0000-7000-8000-000000000005"},
        "version": 2,
        "occurred_at": "2026-03-24T08:30:01Z",
        "organisation_id": null,
        "principal_id": null,
        "tombstone": false,
        "data": {
            "before": {"verdict": "feasible", "earliest_on": "2026-08-11", "delay_days": 0, "slack_days": 7},
            "after": {"verdict": "late", "earliest_on": "2026-09-08", "delay_days": 7, "slack_days": 0}
        }
    })
))]
pub struct ChangeView {
    /// What happened.
    #[schema(examples("action.proposed"))]
    r#type: String,
    /// What has changed.
    aggregate: AggregateView,
    /// The version that the aggregate has since. Pass over what you have seen already.
    version: i64,
    occurred_at: DateTime<Utc>,
    /// The organisation that acted.
    #[schema(required)]
    organisation_id: Option<OrganisationId>,
    /// The person or client that acted; shown to those of that organisation alone.
    #[schema(required)]
    principal_id: Option<PrincipalId>,
    /// You can see the aggregate no more: forget it.
    tombstone: bool,
    /// What `timetable.changed` tells; no other event has it.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<TimetableChange>,
}

/// What a change is about.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Aggregate)]
pub struct AggregateView {
    r#type: AggregateType,
    #[schema(value_type = String, format = Uuid)]
    id: uuid::Uuid,
}

impl From<Change> for ChangeView {
    fn from(change: Change) -> Self {
        let Change {
            position: _,
            kind,
            aggregate_type,
            aggregate_id,
            version,
            occurred_at,
            organisation,
            principal,
            tombstone,
            data,
        } = change;
        Self {
            r#type: kind,
            aggregate: AggregateView { r#type: aggregate_type, id: aggregate_id },
            version,
            occurred_at,
            organisation_id: organisation,
            principal_id: principal,
            tombstone,
            data,
        }
    }
}

impl Responder for ChangesView {
    type Body = BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok()
            .insert_header((header::VARY, "Authorization"))
            .content_type("application/json")
            .body(render(&self))
    }
}

/// Which changes to show.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListChanges {
    /// Where to go on: `next` of the answer before. `now` gives a cursor for the present and nothing else; without it,
    /// the feed begins at its beginning.
    #[param(nullable = false)]
    after: Option<String>,
    /// How many at most.
    #[param(nullable = false, minimum = 1, maximum = 1000, default = 100)]
    limit: Option<u16>,
    /// For how many seconds to wait for a change where there is none yet.
    #[param(nullable = false, minimum = 0, maximum = 30, default = 0)]
    wait: Option<u8>,
}

/// A place in the feed, as a cursor holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    /// The feed's epoch.
    e: String,
    /// The transaction.
    t: i64,
    /// The sequence within it.
    s: i64,
    /// What the reader may see, as a digest.
    k: String,
}

/// Follow what changes.
///
/// Nothing that you may see is ever left out. To keep a copy: take a cursor with `after=now`, read everything, then
/// follow from that cursor. 410 `changes.resync` means that the cursor is no longer good, because it is foreign, because
/// the service was restored from a backup, or because what you may see has changed: begin again.
///
/// `timetable.changed` tells that what can be said of an action's start has changed, from `data.before` to `data.after`:
/// the verdict, the earliest start, the delay or the least slack. It comes some moments after whatever caused it, or
/// after midnight where it was time alone. Its aggregate has the action's identifier and versions of its own: each `before`
/// is the `after` of the version before. The first has `before` null, and comes once the action has a decision step.
/// Whoever comes to see an action later reads its timetable at its own address. A timetable goes with its action: forget
/// it when the action is deleted, completed, cancelled or out of your sight. Pass over events of types that you do not
/// know: more may come.
#[utoipa::path(tag = "Changes", params(ListChanges), security((), ("oauth2" = ["changes:read"])),
    responses((status = 200, description = "A part of the feed", body = ChangesView)))]
#[get("/api/v1/changes")]
pub(crate) async fn list_changes(
    reader: Reader<FollowChanges>,
    app: Data<App>,
    params: Params<ListChanges>,
    request: HttpRequest,
) -> Result<ChangesView, Problem> {
    let ListChanges { after, limit, wait } = params.get()?;
    let limit = within("limit", limit.unwrap_or(100).into(), 1..=1000)?;
    let wait = Duration::from_secs(within("wait", wait.unwrap_or(0).into(), 0..=30)?);
    let keys = digest(reader.scope());
    if after.as_deref() == Some("now") {
        let (epoch, position) = app.store.read(|db| Ok((changes::epoch(db)?, changes::now(db)?))).await?;
        return Ok(shown(&app, epoch, keys, Feed { changes: Vec::new(), position, more: false }));
    }
    // A cursor of one who may see something else stands for another feed.
    let begin = match after {
        None => None,
        Some(after) => {
            Some(app.cursors.position(FEED, &after).filter(|place: &Place| place.k == keys).ok_or_else(resync)?)
        }
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let draining = request.app_data::<Draining>().cloned().unwrap_or_default();
    let (epoch, feed) = follow(&app, &reader, begin, limit, (wait, draining)).await?;
    Ok(shown(&app, epoch, keys, feed))
}

/// The epoch, and what comes after the place, waiting for it where there is nothing yet and the process is not about to
/// stop.
async fn follow(
    app: &Data<App>,
    reader: &Reader<FollowChanges>,
    begin: Option<Place>,
    limit: usize,
    (wait, draining): (Duration, Draining),
) -> Result<(String, Feed), Problem> {
    let asked = Instant::now();
    let mut tide = (!wait.is_zero()).then(|| tide::watch(app));
    let (known, mut position) = match begin {
        None => (None, Position::default()),
        Some(Place { e, t, s, k: _ }) => (Some(e), Position { transaction: t, sequence: s }),
    };
    let mut looks = 0;
    loop {
        looks += 1;
        // Whatever comes after this look is heard of.
        if let Some(tide) = &mut tide {
            tide.borrow_and_update();
        }
        let scope = reader.scope().clone();
        let look = move |db: &mut Db| Ok((changes::epoch(db)?, changes::after(db, &scope, position, limit)?));
        let (epoch, feed) = app.store.read(look).await?;
        if known.as_ref().is_some_and(|known| *known != epoch) {
            return Err(resync().into());
        }
        if !feed.changes.is_empty() {
            return Ok((epoch, feed));
        }
        position = feed.position;
        match &mut tide {
            _ if feed.more && looks < MOST_LOOKS => {}
            Some(tide) if !feed.more && asked.elapsed() < wait => {
                let moved = tokio::select! {
                    moved = tokio::time::timeout_at(asked + wait, tide.changed()) => matches!(moved, Ok(Ok(()))),
                    () = draining.begun() => false,
                };
                if !moved {
                    return Ok((epoch, feed));
                }
                looks = 0;
                // While it waited, its rights may have changed, and with them what the cursor stands for.
                if !reader.is_unchanged(app).await? {
                    return Err(resync().into());
                }
            }
            _ => return Ok((epoch, feed)),
        }
    }
}

fn shown(app: &App, epoch: String, keys: String, feed: Feed) -> ChangesView {
    let Feed { changes, position: Position { transaction, sequence }, more } = feed;
    let next = app.cursors.make_unlinkable(FEED, &Place { e: epoch, t: transaction, s: sequence, k: keys });
    ChangesView { items: changes.into_iter().map(ChangeView::from).collect(), next, more }
}

/// What a reader may see, as a text of fixed length.
fn digest(scope: &Scope) -> String {
    let mut digest = Sha256::new();
    for key in scope.keys() {
        digest.update(key.to_string());
        digest.update(b"\n");
    }
    BASE64_URL_SAFE_NO_PAD.encode(digest.finalize().get(..12).unwrap_or_default())
}

fn within(name: &str, value: u64, range: std::ops::RangeInclusive<u64>) -> Result<u64, Fault> {
    if range.contains(&value) {
        return Ok(value);
    }
    let detail = format!("The parameter {name} must be from {} to {}.", range.start(), range.end());
    Err(Fault::new(&codes::BAD_PARAMETER, detail.clone()).at(format!("?{name}"), "out_of_range", detail))
}

fn resync() -> Fault {
    let detail = "The cursor is no longer good: take a new one with after=now, then read everything again.";
    Fault::new(&RESYNC, detail).at("?after", "resync", detail)
}
