//! What a handler gives back.

use actix_web::body::BoxBody;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, Responder};
use base64::prelude::*;
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use yhteen_persistence::idempotency::{Answer as Kept, Guard};

/// The answer to a request that changed something.
pub struct Answer {
    pub(crate) told: Kept,
    pub(crate) kept: Kept,
}

/// The entity tag of an answer: the version of the aggregate, and a digest of what is said of it to this caller.
pub fn entity_tag(version: i64, body: &[u8]) -> String {
    let digest = Sha256::digest(body);
    format!("\"{version}.{}\"", BASE64_URL_SAFE_NO_PAD.encode(digest.get(..9).unwrap_or_default()))
}

impl Answer {
    fn new(status: StatusCode, location: Option<String>, version: i64, view: &impl Serialize, guard: Guard) -> Self {
        let body = render(view);
        let etag = Some(entity_tag(version, body.as_bytes()));
        let told = Kept { status: status.as_u16(), etag, location, body, guard, needs: Vec::new() };
        Self { kept: told.clone(), told }
    }

    /// 201: something new, at `location`.
    pub fn created(location: String, version: i64, view: &impl Serialize, guard: Guard) -> Self {
        Self::new(StatusCode::CREATED, Some(location), version, view, guard)
    }

    /// 200: how it is now.
    pub fn ok(version: i64, view: &impl Serialize, guard: Guard) -> Self {
        Self::new(StatusCode::OK, None, version, view, guard)
    }

    /// 200: what was done, which is no resource and has no version.
    pub fn done(view: &impl Serialize, guard: Guard) -> Self {
        let status = StatusCode::OK.as_u16();
        let told = Kept { status, etag: None, location: None, body: render(view), guard, needs: Vec::new() };
        Self { kept: told.clone(), told }
    }

    /// 204: it is gone, or there is nothing to say.
    pub fn none() -> Self {
        let status = StatusCode::NO_CONTENT.as_u16();
        let told =
            Kept { status, etag: None, location: None, body: String::new(), guard: Guard::Own, needs: Vec::new() };
        Self { kept: told.clone(), told }
    }

    /// The same, of which only `view`, which has no secrets, is kept for a repetition.
    #[must_use]
    pub fn keeping(mut self, view: &impl Serialize) -> Self {
        self.kept.body = render(view);
        self
    }
}

/// JSON text of a view. Views are plain structs with string keys, which serde_json cannot refuse.
pub fn render(view: &impl Serialize) -> String {
    serde_json::to_string(view).unwrap_or_else(|error| {
        log::error!("a view that is no JSON: {error}");
        "null".to_owned()
    })
}

/// An answer as it was rendered in the transaction.
pub struct Done(pub(crate) Kept);

impl Responder for Done {
    type Body = BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let Self(Kept { status, etag, location, body, guard: _, needs: _ }) = self;
        let mut response = HttpResponse::build(StatusCode::from_u16(status).unwrap_or(StatusCode::OK));
        if let Some(etag) = etag {
            response.insert_header((header::ETAG, etag));
        }
        if let Some(location) = location {
            response.insert_header((header::LOCATION, location));
        }
        if body.is_empty() {
            return response.finish();
        }
        response.content_type(mime_json()).body(body)
    }
}

fn mime_json() -> &'static str {
    "application/json"
}

/// One resource with its version: 200 with an `ETag`, or 304 where the caller has it already.
pub struct Versioned<T> {
    /// What is said of it to this caller.
    pub view: T,
    /// The version of its aggregate.
    pub version: i64,
}

impl<T: Serialize> Responder for Versioned<T> {
    type Body = BoxBody;
    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let body = render(&self.view);
        let tag = entity_tag(self.version, body.as_bytes());
        fresh_or(request, &tag, |response| response.content_type(mime_json()).body(body))
    }
}

/// 304 where `If-None-Match` names `tag`, else what `answer` makes of a 200 with that `ETag`.
pub fn fresh_or(
    request: &HttpRequest,
    tag: &str,
    answer: impl FnOnce(&mut actix_web::HttpResponseBuilder) -> HttpResponse,
) -> HttpResponse {
    let known = request
        .headers()
        .get_all(header::IF_NONE_MATCH)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|given| given == "*" || opaque(given) == opaque(tag));
    let mut response = HttpResponse::build(if known { StatusCode::NOT_MODIFIED } else { StatusCode::OK });
    response.insert_header((header::ETAG, tag.to_owned()));
    // The answer depends on the caller: what it may see, and its permissions.
    response.insert_header((header::VARY, "Authorization"));
    if known { response.finish() } else { answer(&mut response) }
}

/// An entity tag whether it is weak or strong (RFC 9110, section 8.8.3.2).
fn opaque(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

/// The entity tag of what belongs to no single version.
fn digest_tag(body: &str) -> String {
    let digest = Sha256::digest(body.as_bytes());
    format!("\"{}\"", BASE64_URL_SAFE_NO_PAD.encode(digest.get(..12).unwrap_or_default()))
}

/// A computed answer that belongs to no single version: its digest alone is the `ETag`.
pub struct Computed<T>(pub T);

impl<T: Serialize> Responder for Computed<T> {
    type Body = BoxBody;
    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let body = render(&self.0);
        let tag = digest_tag(&body);
        fresh_or(request, &tag, |response| response.content_type(mime_json()).body(body))
    }
}

/// A computed answer in the caller's language that says in `computed_at` for which moment it was computed. Its `ETag`
/// is weak and leaves that moment out: who asks again hears 304 until time or a change has made another answer of it.
pub struct Momentary<T>(pub T);

impl<T: Serialize> Responder for Momentary<T> {
    type Body = BoxBody;
    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let mut said = serde_json::to_value(&self.0).unwrap_or_default();
        if let Some(members) = said.as_object_mut() {
            members.remove("computed_at");
        }
        let tag = format!("W/{}", digest_tag(&said.to_string()));
        let mut response = fresh_or(request, &tag, |response| response.content_type(mime_json()).body(render(&self.0)));
        response.headers_mut().insert(header::VARY, in_language());
        response
    }
}

/// One page of a list that is computed for a moment, as [`Momentary`] is.
pub struct MomentaryPage<T> {
    /// What is said.
    pub view: T,
    /// The cursor of the next page.
    pub next: Option<String>,
}

impl<T: Serialize> Responder for MomentaryPage<T> {
    type Body = BoxBody;
    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let mut response = Momentary(self.view).respond_to(request);
        let link = self.next.map(|next| header::HeaderValue::try_from(next_page(request, &next)));
        if let Some(Ok(link)) = link {
            response.headers_mut().insert(header::LINK, link);
        }
        response
    }
}

/// What was computed for this once, in the caller's language: there is nothing to come back to, and no tag.
pub struct Told<T>(pub T);

impl<T: Serialize> Responder for Told<T> {
    type Body = BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::Ok();
        response.insert_header((header::VARY, "Authorization, Accept-Language"));
        response.content_type(mime_json()).body(render(&self.0))
    }
}

/// A calendar as JSON, where the caller could have had a file: its digest alone is the `ETag`.
pub struct CalendarJson<T>(pub T);

impl<T: Serialize> Responder for CalendarJson<T> {
    type Body = BoxBody;
    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        varied(Computed(self.0).respond_to(request))
    }
}

/// A calendar file: its digest alone is the `ETag`.
pub struct CalendarText(pub String);

impl Responder for CalendarText {
    type Body = BoxBody;
    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let tag = digest_tag(&self.0);
        varied(fresh_or(request, &tag, |response| response.content_type("text/calendar; charset=utf-8").body(self.0)))
    }
}

/// Says that the answer depends on the form and language that the caller takes, too.
fn varied(mut response: HttpResponse) -> HttpResponse {
    // One field: what is around the handlers reads the first alone.
    let vary = header::HeaderValue::from_static("Authorization, Accept, Accept-Language");
    response.headers_mut().insert(header::VARY, vary);
    response
}

/// An answer that follows from its question alone, the same for everyone: to be kept by anyone for a day.
pub struct Public<T>(pub T);

impl<T: Serialize> Responder for Public<T> {
    type Body = BoxBody;
    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let mut response = Computed(self.0).respond_to(request);
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("public, max-age=86400"));
        headers.remove(header::VARY);
        response
    }
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Listing<T: ToSchema> {
    /// The items, in order.
    #[schema(schema_with = references::<T>)]
    pub items: Vec<T>,
    /// Give it back as `cursor` to get the next page; null on the last one.
    #[schema(required)]
    pub next: Option<String>,
}

/// The link to the next page: the same list, with the cursor in the place of the one before.
fn next_page(request: &HttpRequest, cursor: &str) -> String {
    let kept = request.query_string().split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="));
    let query: Vec<_> = kept.map(str::to_owned).chain([format!("cursor={cursor}")]).collect();
    format!("<{}?{}>; rel=\"next\"", request.path(), query.join("&"))
}

/// utoipa would inline the type parameter: name it instead.
fn references<T: ToSchema>() -> utoipa::openapi::schema::Array {
    utoipa::openapi::schema::Array::new(utoipa::openapi::Ref::from_schema_name(T::name()))
}

impl<T: Serialize + ToSchema> Responder for Listing<T> {
    type Body = BoxBody;
    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::Ok();
        if let Some(next) = &self.next {
            response.insert_header((header::LINK, next_page(request, next)));
        }
        response.insert_header((header::VARY, "Authorization"));
        response.content_type(mime_json()).body(render(&self))
    }
}

/// One page of a list with texts in the caller's language.
pub struct Spoke<T: ToSchema>(pub Listing<T>);

impl<T: Serialize + ToSchema> Responder for Spoke<T> {
    type Body = BoxBody;
    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let mut response = self.0.respond_to(request);
        response.headers_mut().insert(header::VARY, in_language());
        response
    }
}

/// The answer depends on the caller and its language. One field: what is around the handlers reads the first alone.
fn in_language() -> header::HeaderValue {
    header::HeaderValue::from_static("Authorization, Accept-Language")
}

/// An answer without a tag, which others may keep as `Cache-Control` says.
pub fn cached(view: &impl Serialize, control: &'static str) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, control)).content_type(mime_json()).body(render(view))
}
