//! The caller's own sessions over HTTP: where it is signed in, and the end of that.

use crate::answer::{Answer, Computed, Done, Listing};
use crate::app::App;
use crate::auth::{Caller, SignedIn};
use crate::extract::{Incoming, Nothing, Params, Path};
use crate::problem::Problem;
use actix_web::{delete, get, post, web::Data};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use yhteen_domain::ids::SessionId;
use yhteen_domain::roles::TokenScope;
use yhteen_domain::sessions::Session;
use yhteen_persistence::{accounts, sessions};

/// The operations on the caller's sessions.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_sessions).service(get_session).service(end_session).service(sign_out_everywhere);
}

/// A session: a sign-in by password, and all tokens that came of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionView {
    id: SessionId,
    /// When you signed in.
    begun_at: DateTime<Utc>,
    /// When it was last refreshed.
    last_used_at: DateTime<Utc>,
    /// When it ends unless it is refreshed before; 90 days after it has begun at the latest.
    expires_at: DateTime<Utc>,
    /// What its tokens may be used for.
    scopes: Vec<TokenScope>,
    /// Whether it is the session of this request.
    current: bool,
    permissions: SessionPermissions,
}

/// What the caller may do with the session.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SessionPermissions {
    /// End it: nobody but its owner sees it.
    end: bool,
}

impl SessionView {
    fn of(session: Session, current: Option<SessionId>) -> Self {
        let Session { id, principal_id: _, scopes, begun_at, last_used_at, expires_at } = session;
        let permissions = SessionPermissions { end: true };
        Self { id, begun_at, last_used_at, expires_at, scopes, current: current == Some(id), permissions }
    }
}

/// Which sessions to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListSessions {
    /// Where to go on: `next` of the page before.
    #[param(nullable = false)]
    cursor: Option<String>,
    /// How many at most.
    #[param(nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
}

/// List your sessions.
///
/// Each is a sign-in by password, the oldest first. An account has at most 50: with another one the oldest ends.
#[utoipa::path(tag = "Me", params(ListSessions), security(("oauth2" = [])),
    responses((status = 200, description = "A page of sessions", body = Listing<SessionView>)))]
#[get("/api/v1/me/sessions")]
pub(crate) async fn list_sessions(
    caller: SignedIn,
    app: Data<App>,
    params: Params<ListSessions>,
) -> Result<Listing<SessionView>, Problem> {
    let ListSessions { cursor, limit } = params.get()?;
    let (owner, now) = (caller.access().principal, app.now());
    let listed = app.listed(format!("sessions of {owner}"), cursor.as_deref(), limit)?;
    let slice = listed.slice.clone();
    let page = app.store.read(move |db| sessions::list(db, owner, now, &slice)).await?;
    let current = caller.session();
    Ok(app.listing(listed.name(), page, |session| session.id, |session| SessionView::of(session, current)))
}

/// Get a session of yours.
#[utoipa::path(tag = "Me", security(("oauth2" = [])),
    responses((status = 200, description = "The session", body = SessionView)))]
#[get("/api/v1/me/sessions/{session_id}")]
pub(crate) async fn get_session(
    caller: SignedIn,
    app: Data<App>,
    path: Path<SessionId>,
) -> Result<Computed<SessionView>, Problem> {
    let (id, owner) = (path.get()?, caller.access().principal);
    let session = app.store.read(move |db| sessions::find(db, owner, id)).await?;
    Ok(Computed(SessionView::of(session, caller.session())))
}

/// End a session of yours.
///
/// Its refresh tokens are good no more. An access token of it lasts for what is left of its 15 minutes: to end these at
/// once, sign out everywhere.
#[utoipa::path(tag = "Me", security(("oauth2" = [])),
    responses((status = 204, description = "It has ended")))]
#[delete("/api/v1/me/sessions/{session_id}")]
pub(crate) async fn end_session(
    caller: SignedIn,
    app: Data<App>,
    path: Path<SessionId>,
    incoming: Incoming<Nothing>,
) -> Result<Done, Problem> {
    app.write(caller, incoming, move |tx, caller, incoming| {
        let (id, owner) = (path.get()?, caller.access().principal);
        sessions::find(tx, owner, id)?;
        incoming.body()?;
        sessions::end(tx, owner, id)?;
        Ok(Answer::none())
    })
    .await
}

/// Sign out everywhere.
///
/// All your sessions end at once, with all access tokens, that of this request included; your calendar feeds are
/// deleted.
#[utoipa::path(tag = "Me", security(("oauth2" = [])),
    responses((status = 204, description = "Everything has ended")))]
#[post("/api/v1/me:sign-out-everywhere")]
pub(crate) async fn sign_out_everywhere(
    caller: SignedIn,
    app: Data<App>,
    incoming: Incoming<Nothing>,
) -> Result<Done, Problem> {
    let done = app
        .write(caller, incoming, move |tx, caller, incoming| {
            let account = accounts::lock(tx, caller.access().principal)?;
            incoming.body()?;
            incoming.expect_if_given(account.meta.version)?;
            sessions::end_all(tx, account.id)?;
            Ok(Answer::none())
        })
        .await?;
    app.accesses.forget();
    Ok(done)
}
