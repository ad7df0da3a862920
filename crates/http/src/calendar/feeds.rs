//! Calendar feeds over HTTP: calendars at secret addresses, for programs that cannot sign in.
//!
//! The address is shown once. Of the secret in it only a keyed digest is kept, and no log shows it: see
//! [`crate::middleware`].

use super::{CalendarReader, files};
use crate::answer::{Answer, CalendarText, Done, Listing, Versioned};
use crate::app::App;
use crate::auth::secrets::generate_secret;
use crate::auth::sign_in::unmade;
use crate::auth::{Caller, Member, SignedIn};
use crate::extract::{Incoming, Nothing, Params, Path};
use crate::meetings::ReadMeetings;
use crate::problem::{Problem, ProblemBody};
use actix_web::{delete, get, post, web::Data};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use yhteen_domain::calendar::{Filter, Span};
use yhteen_domain::calendar_feeds::CalendarFeed;
use yhteen_domain::ids::CalendarFeedId;
use yhteen_domain::text::{Language, PlainName};
use yhteen_persistence::idempotency::Guard;
use yhteen_persistence::{calendar, calendar_feeds};

/// What a feed is called whose owner has not named it.
const NAME: &str = "Yhteen";
/// A feed never changes.
const VERSION: i64 = 1;

/// A calendar at a secret address.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = CalendarFeed)]
pub struct CalendarFeedView {
    id: CalendarFeedId,
    created_at: DateTime<Utc>,
    /// What you call it.
    #[schema(required)]
    title: Option<PlainName>,
    /// The language in which it is written.
    language: Language,
    filters: Filter,
    /// Where a calendar program finds it, without signing in. Shown once, by the answer that made it, and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = Password)]
    url: Option<String>,
    permissions: CalendarFeedPermissions,
}

/// What the caller may do with the feed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CalendarFeedPermissions {
    /// Delete it: nobody but its owner sees it.
    delete: bool,
}

impl From<CalendarFeed> for CalendarFeedView {
    fn from(feed: CalendarFeed) -> Self {
        let CalendarFeed { id, principal_id: _, title, language, filters, created_at } = feed;
        let permissions = CalendarFeedPermissions { delete: true };
        Self { id, created_at, title, language, filters, url: None, permissions }
    }
}

/// A new calendar feed.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"title": "Perhekeskuksen kokoukset", "language": "fi",
    "filters": {"programme_id": ["01980000-0000-7000-8000-000000000003"], "kind": ["meeting", "agenda_deadline"]}})))]
pub struct NewCalendarFeed {
    /// What the calendar program shows as its name.
    title: Option<PlainName>,
    /// The language in which it is written: a calendar program that follows it says none.
    language: Language,
    /// What it shows, of what you may see; all of it where nothing is named.
    #[serde(default)]
    #[schema(required = false)]
    filters: Filter,
}

/// Which calendar feeds to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListCalendarFeeds {
    /// Where to go on: `next` of the page before.
    #[param(nullable = false)]
    cursor: Option<String>,
    /// How many at most.
    #[param(nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
}

/// Make a calendar feed.
///
/// A calendar for programs that cannot sign in, such as Outlook and Thunderbird: the answer shows its secret address,
/// once. Whoever has the address reads what you may see at that moment: give it to nobody, and delete the feed when it
/// has got about. An account has at most 50.
#[utoipa::path(tag = "Calendars", request_body = NewCalendarFeed,
    security(("oauth2" = ["meetings:read", "actions:read", "programmes:read"])),
    responses((status = 201, description = "Created", body = CalendarFeedView)))]
#[post("/api/v1/calendar-feeds")]
pub async fn create_calendar_feed(
    member: Member<ReadMeetings>,
    _reader: CalendarReader,
    app: Data<App>,
    incoming: Incoming<NewCalendarFeed>,
) -> Result<Done, Problem> {
    let id: CalendarFeedId = app.fresh();
    let location = app.url(&format!("/api/v1/calendar-feeds/{id}"));
    let token = generate_secret().map_err(|error| unmade(&error))?;
    let digest = app.keys.calendar_feed_digest(&token);
    let url = app.url(&format!("/api/v1/calendar-feeds/{token}/calendar.ics"));
    app.write(member, incoming, move |tx, member, incoming| {
        let NewCalendarFeed { title, language, filters } = incoming.body()?.clone();
        let principal_id = member.access().principal;
        let feed = CalendarFeed { id, principal_id, title, language, filters, created_at: tx.now() }.checked()?;
        calendar_feeds::create(tx, &feed, &digest)?;
        let view = CalendarFeedView::from(feed);
        let shown = CalendarFeedView { url: Some(url.clone()), ..view.clone() };
        Ok(Answer::created(location.clone(), VERSION, &shown, Guard::Own).keeping(&view))
    })
    .await
}

/// List your calendar feeds.
#[utoipa::path(tag = "Calendars", params(ListCalendarFeeds), security(("oauth2" = [])),
    responses((status = 200, description = "A page of calendar feeds", body = Listing<CalendarFeedView>)))]
#[get("/api/v1/calendar-feeds")]
pub async fn list_calendar_feeds(
    caller: SignedIn,
    app: Data<App>,
    params: Params<ListCalendarFeeds>,
) -> Result<Listing<CalendarFeedView>, Problem> {
    let ListCalendarFeeds { cursor, limit } = params.get()?;
    let owner = caller.access().principal;
    let listed = app.listed(format!("calendar feeds of {owner}"), cursor.as_deref(), limit)?;
    let slice = listed.slice.clone();
    let page = app.store.read(move |db| calendar_feeds::list(db, owner, &slice)).await?;
    Ok(app.listing(listed.name(), page, |feed| feed.id, CalendarFeedView::from))
}

/// Get a calendar feed of yours.
#[utoipa::path(tag = "Calendars", security(("oauth2" = [])),
    responses((status = 200, description = "The feed, without its address", body = CalendarFeedView)))]
#[get("/api/v1/calendar-feeds/{calendar_feed_id}")]
pub async fn get_calendar_feed(
    caller: SignedIn,
    app: Data<App>,
    path: Path<CalendarFeedId>,
) -> Result<Versioned<CalendarFeedView>, Problem> {
    let (id, owner) = (path.get()?, caller.access().principal);
    let feed = app.store.read(move |db| calendar_feeds::find(db, owner, id)).await?;
    Ok(Versioned { version: VERSION, view: feed.into() })
}

/// Delete a calendar feed of yours.
///
/// Its address leads nowhere from now on.
#[utoipa::path(tag = "Calendars", security(("oauth2" = [])),
    responses((status = 204, description = "It is gone")))]
#[delete("/api/v1/calendar-feeds/{calendar_feed_id}")]
pub async fn delete_calendar_feed(
    caller: SignedIn,
    app: Data<App>,
    path: Path<CalendarFeedId>,
    incoming: Incoming<Nothing>,
) -> Result<Done, Problem> {
    app.write(caller, incoming, move |tx, caller, incoming| {
        let (id, owner) = (path.get()?, caller.access().principal);
        calendar_feeds::find(tx, owner, id)?;
        incoming.body()?;
        incoming.expect(VERSION)?;
        calendar_feeds::delete(tx, owner, id)?;
        Ok(Answer::none())
    })
    .await
}

/// Read a calendar feed.
///
/// A file of calendar programs (RFC 5545) from 90 days before today to two years after, with what the owner of the feed
/// may see now. The secret in the path is all that is asked for. A feed that was deleted, or whose owner can no longer
/// sign in, is not found.
#[utoipa::path(tag = "Calendars", security(()),
    params(("token" = String, Path, description = "The secret in the address of the feed.",
        example = "q3Jm0cQ1e0a3vVbQfP0b6kI1jY6m1m0G3l0s9c8r7T4")),
    responses((status = 200, description = "The file", body = String, content_type = "text/calendar"),
        (status = 422, description = "The calendar is too large", body = ProblemBody,
            content_type = "application/problem+json")))]
#[get("/api/v1/calendar-feeds/{token}/calendar.ics")]
pub async fn read_calendar_feed(app: Data<App>, path: Path<String>) -> Result<CalendarText, Problem> {
    let digests = app.keys.calendar_feed_digests(&path.get()?);
    let (now, today) = (app.now(), app.today());
    let read = app.store.read(move |db| {
        let (feed, access) = calendar_feeds::open(db, &digests, today)?;
        let entries = calendar::entries(db, access.scope(), Span::around(today), &feed.filters, now)?;
        Ok((feed, entries))
    });
    let (feed, entries) = read.await?;
    let name = feed.title.as_ref().map_or(NAME, PlainName::as_str);
    Ok(files::told(&app, name, &entries, feed.language))
}
