//! Signing in by OAuth 2.0: tokens (RFC 6749), their revocation (RFC 7009), and what clients need to know of the
//! service (RFC 8414, RFC 7517).

mod grants;

use crate::answer::cached;
use crate::app::App;
use crate::auth::keys::ACCESS_SECONDS;
use crate::auth::sign_in::{by_secret, origin};
use crate::extract::Form;
use crate::problem::Problem;
use actix_web::body::BoxBody;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, Responder, get, post, web::Data};
use base64::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use yhteen_domain::Fault;
use yhteen_domain::oauth::{INVALID_CLIENT, INVALID_REQUEST, UNSUPPORTED_GRANT_TYPE, UNSUPPORTED_TOKEN_TYPE};
use yhteen_domain::roles::TokenScope;
use yhteen_domain::vocabulary::Vocabulary;
use yhteen_persistence::accounts::sign_ins::Credentials;
use yhteen_persistence::{Actor, sessions};

/// The operations of signing in.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(issue_token).service(revoke_token).service(get_key_set).service(get_authorization_server);
}

/// A request for a token. Members without a value count as absent, and unknown ones are ignored (RFC 6749, section 3.2).
#[derive(Deserialize, ToSchema)]
#[schema(examples(json!({"grant_type": "password", "username": "kirjaaja@example.org", "password": "correct horse"})))]
pub struct TokenRequest {
    /// `client_credentials`, `password` or `refresh_token`.
    #[serde(default)]
    #[schema(required, examples("client_credentials"))]
    grant_type: String,
    /// The scopes wanted, separated by spaces; without it all that are allowed.
    #[serde(default)]
    #[schema(examples("actions:read actions:write"))]
    scope: String,
    /// For `password`: the e-mail address.
    #[serde(default)]
    username: String,
    /// For `password`.
    #[serde(default)]
    #[schema(format = Password)]
    password: String,
    /// For `refresh_token`.
    #[serde(default)]
    refresh_token: String,
    /// For `client_credentials`: the client's identifier, unless HTTP Basic carries it.
    #[serde(default)]
    client_id: String,
    /// For `client_credentials`: the client's secret, unless HTTP Basic carries it.
    #[serde(default)]
    #[schema(format = Password)]
    client_secret: String,
}

/// A token.
#[derive(Serialize, ToSchema)]
#[schema(as = Token)]
pub struct TokenAnswer {
    /// A signed access token (RFC 9068), for the header `Authorization: Bearer`.
    access_token: String,
    /// Always `Bearer`.
    #[schema(examples("Bearer"))]
    token_type: &'static str,
    /// For how many seconds the access token is good.
    #[schema(examples(900))]
    expires_in: i64,
    /// Good for one use within 30 days, and while the session lasts; people alone are given one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    refresh_token: Option<String>,
    /// What the access token may be used for.
    #[schema(examples("actions:read actions:write"))]
    scope: String,
}

impl Responder for TokenAnswer {
    type Body = BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        cached(&self, "no-store")
    }
}

/// Get an access token.
///
/// Systems send `client_credentials` with their identifier and secret, by HTTP Basic or in the body. People send
/// `password`, and from then on `refresh_token` with the token that the answer before gave: each is good once, and to
/// use one again more than 10 seconds later ends the whole session. A session lasts 30 days unused, and 90 at most; an
/// account has at most 50, and the oldest end: see `/api/v1/me/sessions`. Errors are problem details which also have RFC 6749's `error` and
/// `error_description`.
#[utoipa::path(tag = "Authentication", security(()),
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "A token", body = TokenAnswer)))]
#[post("/oauth/token")]
pub(crate) async fn issue_token(
    app: Data<App>,
    request: HttpRequest,
    form: Form<TokenRequest>,
) -> Result<TokenAnswer, Problem> {
    let form = form.get()?;
    let client = client(&app, &request, &form.client_id, &form.client_secret).await?;
    match form.grant_type.as_str() {
        "client_credentials" => {
            let missing = || refused_client("client_id", "Send client_id and client_secret, or HTTP Basic.");
            grants::client_credentials(&app, &client.ok_or_else(missing)?, given(&form.scope))
        }
        "password" => {
            let username = required("username", &form.username)?;
            let password = required("password", &form.password)?;
            grants::password(&app, username, password, given(&form.scope), origin(&request)).await
        }
        "refresh_token" => {
            let token = required("refresh_token", &form.refresh_token)?;
            grants::refresh_token(&app, token, given(&form.scope)).await
        }
        "" => Err(missing("grant_type").into()),
        _ => {
            let detail = "grant_type must be client_credentials, password or refresh_token.";
            Err(Fault::new(&UNSUPPORTED_GRANT_TYPE, detail).at("grant_type", "not_in_vocabulary", detail).into())
        }
    }
}

/// A request to revoke a token.
#[derive(Deserialize, ToSchema)]
pub struct RevocationRequest {
    /// The refresh token.
    #[serde(default)]
    #[schema(required)]
    token: String,
    /// What the token is; ignored, since the token shows it.
    #[serde(default)]
    #[allow(dead_code, reason = "clients send it, and it stands in the document")]
    #[schema(examples("refresh_token"))]
    token_type_hint: String,
    /// The client's identifier, where there is one.
    #[serde(default)]
    client_id: String,
    /// The client's secret, where there is one.
    #[serde(default)]
    #[schema(format = Password)]
    client_secret: String,
}

/// Revoke a refresh token.
///
/// All that came of the same sign-in ends with it. A token that is unknown or has ended already is no error (RFC 7009).
/// Access tokens cannot be revoked: they expire within 15 minutes, and end at once when their account is deactivated or
/// signed out everywhere.
#[utoipa::path(tag = "Authentication", security(()),
    request_body(content = RevocationRequest, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "It is good no more")))]
#[post("/oauth/revoke")]
pub(crate) async fn revoke_token(
    app: Data<App>,
    request: HttpRequest,
    form: Form<RevocationRequest>,
) -> Result<HttpResponse, Problem> {
    let form = form.get()?;
    client(&app, &request, &form.client_id, &form.client_secret).await?;
    let token = required("token", &form.token)?;
    let now = app.now();
    if app.keys.verify(token, now).is_some() {
        let detail = "Access tokens cannot be revoked; they expire within 15 minutes.";
        return Err(Fault::new(&UNSUPPORTED_TOKEN_TYPE, detail).at("token", "access_token", detail).into());
    }
    let digests = app.keys.refresh_token_digests(token);
    app.store.write(Actor::default(), now, move |tx| sessions::end_by_token(tx, &digests)).await?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).finish())
}

/// Get the keys that sign access tokens.
///
/// A JSON Web Key Set (RFC 7517). A key appears here before it signs, and stays until what it signed has expired.
#[utoipa::path(tag = "Authentication", security(()),
    responses((status = 200, description = "The keys", body = KeySet)))]
#[get("/.well-known/jwks.json")]
pub(crate) async fn get_key_set(app: Data<App>) -> HttpResponse {
    public(&app.keys.public(app.now()))
}

/// A set of public keys.
#[derive(ToSchema)]
#[schema(as = KeySet)]
#[allow(dead_code, reason = "stands in the document for the library's own type")]
pub struct KeySet {
    /// The keys, each with its `kid`.
    #[schema(value_type = Vec<Object>)]
    keys: Vec<serde_json::Value>,
}

/// What there is to know of this authorisation server (RFC 8414).
#[derive(Debug, Serialize, ToSchema)]
pub struct AuthorizationServer {
    #[schema(format = "uri")]
    issuer: String,
    #[schema(format = "uri")]
    token_endpoint: String,
    #[schema(format = "uri")]
    revocation_endpoint: String,
    #[schema(format = "uri")]
    jwks_uri: String,
    #[schema(format = "uri")]
    service_documentation: String,
    scopes_supported: Vec<&'static str>,
    /// Empty: there is no authorisation endpoint.
    response_types_supported: Vec<&'static str>,
    grant_types_supported: Vec<&'static str>,
    token_endpoint_auth_methods_supported: Vec<&'static str>,
    revocation_endpoint_auth_methods_supported: Vec<&'static str>,
    ui_locales_supported: Vec<&'static str>,
}

/// Get what there is to know of the authorisation server.
#[utoipa::path(tag = "Authentication", security(()),
    responses((status = 200, description = "Its metadata (RFC 8414)", body = AuthorizationServer)))]
#[get("/.well-known/oauth-authorization-server")]
pub(crate) async fn get_authorization_server(app: Data<App>) -> HttpResponse {
    // `none` is for people's programs, which send no client.
    let methods = || vec!["client_secret_basic", "client_secret_post", "none"];
    public(&AuthorizationServer {
        issuer: app.keys.issuer().to_owned(),
        token_endpoint: app.url("/oauth/token"),
        revocation_endpoint: app.url("/oauth/revoke"),
        jwks_uri: app.url("/.well-known/jwks.json"),
        service_documentation: app.url("/docs/"),
        scopes_supported: TokenScope::ALL.iter().map(|scope| scope.as_str()).collect(),
        response_types_supported: Vec::new(),
        grant_types_supported: vec!["client_credentials", "password", "refresh_token"],
        token_endpoint_auth_methods_supported: methods(),
        revocation_endpoint_auth_methods_supported: methods(),
        ui_locales_supported: vec!["fi", "sv", "en"],
    })
}

/// The same for everyone, and good for some minutes.
fn public(view: &impl Serialize) -> HttpResponse {
    cached(view, "public, max-age=300")
}

fn given(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

fn missing(name: &'static str) -> Fault {
    let detail = format!("The parameter {name} is required.");
    Fault::new(&INVALID_REQUEST, detail.clone()).at(name, "required", detail)
}

fn required<'a>(name: &'static str, text: &'a str) -> Result<&'a str, Fault> {
    given(text).ok_or_else(|| missing(name))
}

/// The refusal of a client, with the place of what it proved itself by: a name of a parameter, or of the header.
fn refused_client(place: &'static str, detail: &'static str) -> Fault {
    Fault::new(&INVALID_CLIENT, detail).at(place, "invalid_client", detail)
}

/// The client that the request names, once it has proved itself; nothing where it names none. An empty name is none:
/// some programs, Swagger UI among them, send one with a person's password.
async fn client(app: &App, request: &HttpRequest, id: &str, secret: &str) -> Result<Option<Credentials>, Problem> {
    const HEADER: &str = "Authorization";
    let basic = basic(request)?.filter(|(id, secret)| !(id.is_empty() && secret.is_empty()));
    let (id, secret, place) = match &basic {
        Some((named, proof)) => {
            if !secret.is_empty() || !(id.is_empty() || id == named) {
                let detail = "The client is named in two ways: use HTTP Basic or the body.";
                return Err(Fault::new(&INVALID_REQUEST, detail).at("client_id", "ambiguous", detail).into());
            }
            (named.as_str(), proof.as_str(), HEADER)
        }
        None if id.is_empty() && secret.is_empty() => return Ok(None),
        None => (id, secret, "client_secret"),
    };
    let found = by_secret(app, id, secret, origin(request)).await?;
    Ok(Some(found.ok_or_else(|| refused_client(place, "There is no such client, or its secret is another one."))?))
}

/// User name and password of HTTP Basic, each form-encoded (RFC 6749, section 2.3.1).
fn basic(request: &HttpRequest) -> Result<Option<(String, String)>, Fault> {
    let Some(value) = request.headers().get(header::AUTHORIZATION) else { return Ok(None) };
    let pair = || {
        let (scheme, encoded) = value.to_str().ok()?.split_once(' ')?;
        let bytes = scheme.eq_ignore_ascii_case("basic").then(|| BASE64_STANDARD.decode(encoded.trim()))?.ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let (id, secret) = text.split_once(':')?;
        Some((decoded(id), decoded(secret)))
    };
    let refuse = || refused_client("Authorization", "Authorization must be `Basic` with identifier and secret.");
    pair().ok_or_else(refuse).map(Some)
}

fn decoded(text: &str) -> String {
    url::form_urlencoded::parse(text.as_bytes()).next().map(|(text, _)| text.into_owned()).unwrap_or_default()
}

impl TokenAnswer {
    fn new(access_token: String, scopes: &[TokenScope], refresh_token: Option<String>) -> Self {
        let scope = crate::auth::keys::words(scopes);
        Self { access_token, token_type: "Bearer", expires_in: ACCESS_SECONDS, refresh_token, scope }
    }
}
