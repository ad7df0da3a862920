//! What a handler takes from a request.
//!
//! Nothing here fails while it is extracted, except for want of a right: what is wrong with a path, a parameter or a
//! body is kept until the handler asks for it. So the order of answers is the order of the handler's lines: 401 and
//! a missing scope first, then 404, then the body, then the right, then the precondition, then the rule.

use crate::json::{self, words};
use crate::middleware::{UnknownParameter, language};
use actix_web::dev::Payload;
use actix_web::http::{Method, header};
use actix_web::{FromRequest, HttpRequest, web};
use base64::prelude::*;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::convert::Infallible;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::time::Duration;
use yhteen_domain::security::Origin;
use yhteen_domain::text::Language;
use yhteen_domain::{Fault, Message, codes, message};

/// The greatest size of a body, in bytes.
pub const BODY_LIMIT: usize = 1 << 20;
/// The greatest size of a body that carries many items, in bytes.
pub const BULK_LIMIT: usize = 10 << 20;
/// The greatest length of a path that can be asked for with an idempotency key, in bytes.
const LONGEST_PATH: usize = 1_000;
/// How long a body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(30);

/// The identifiers in the path. A text that is none names nothing: 404.
pub struct Path<T>(Result<T, Fault>);

impl<T: Clone> Path<T> {
    /// The path to another thing, to which the one that was asked for belongs.
    pub fn to(id: T) -> Self {
        Self(Ok(id))
    }

    /// The identifiers.
    pub fn get(&self) -> Result<T, Fault> {
        self.0.clone()
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Path<T> {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;
    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let read = web::Path::<T>::from_request(request, payload).into_inner();
        ready(Ok(Self(read.map(web::Path::into_inner).map_err(|_| Fault::not_found()))))
    }
}

/// The query parameters.
pub struct Params<T>(Result<T, Fault>);

impl<T> Params<T> {
    /// The parameters, or what is wrong with them.
    pub fn get(self) -> Result<T, Fault> {
        self.0
    }
}

impl<T: DeserializeOwned> FromRequest for Params<T> {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(parameters(request.query_string()))))
    }
}

fn parameters<T: DeserializeOwned>(query: &str) -> Result<T, Fault> {
    let pairs = serde_html_form::Deserializer::from_bytes(query.as_bytes());
    serde_path_to_error::deserialize(pairs).map_err(|error| {
        let name = error.path().to_string();
        bad_parameter(&name, &error.into_inner().to_string())
    })
}

fn bad_parameter(path: &str, said: &str) -> Fault {
    let mut quoted = words::quoted(said);
    let mut named = || quoted.next().unwrap_or_default();
    if said.starts_with("unknown field") {
        let name = named();
        return unknown_parameter(name, quoted);
    }
    if said.starts_with("missing field") {
        return missing_parameter(named());
    }
    if said.starts_with("duplicate field") {
        return repeated_parameter(named());
    }
    let name = path.split(['.', '[']).next().unwrap_or_default();
    // This is how the library calls a list where one value is meant.
    if said == "unsupported value" {
        return repeated_parameter(name);
    }
    let (code, detail) = words::wrong(said);
    let detail = message!(
        fi: "Parametri {name}: {detail}.",
        sv: "Parametern {name} {detail}.",
        en: "The parameter {name} {detail}.",
        detail = detail,
    );
    refused_parameter(name, &code, detail)
}

/// The refusal of a request without a parameter that it needs.
pub(crate) fn missing_parameter(name: &str) -> Fault {
    let detail = message!(
        fi: "Parametri {name} puuttuu.",
        sv: "Parametern {name} saknas.",
        en: "The parameter {name} is required.",
    );
    refused_parameter(name, "required", detail)
}

fn repeated_parameter(name: &str) -> Fault {
    let detail = message!(
        fi: "Parametri {name} on annettu kahdesti.",
        sv: "Parametern {name} har angetts två gånger.",
        en: "The parameter {name} is given twice.",
    );
    refused_parameter(name, "duplicate_parameter", detail)
}

/// The refusal of a parameter that is none of the `known` ones.
pub(crate) fn unknown_parameter<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Fault {
    let detail = match words::nearest(name, known) {
        Some(near) => message!(
            fi: "Parametria {name} ei ole; tarkoititko {near}?",
            sv: "Parametern {name} finns inte; menade du {near}?",
            en: "There is no parameter {name}; did you mean {near}?",
        ),
        None => message!(
            fi: "Parametria {name} ei ole.",
            sv: "Parametern {name} finns inte.",
            en: "There is no parameter {name}.",
        ),
    };
    refused_parameter(name, "unknown_parameter", detail)
}

fn refused_parameter(name: &str, code: &str, detail: Message) -> Fault {
    Fault::new(&codes::BAD_PARAMETER, detail.clone()).at(format!("?{name}"), code.to_owned(), detail)
}

/// The language in which the caller is told: the best of Finnish, Swedish and English by `Accept-Language`.
#[derive(Clone, Copy, Debug)]
pub struct Spoken(pub Language);

impl FromRequest for Spoken {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(language(request.headers().get(header::ACCEPT_LANGUAGE)))))
    }
}

/// A form as programs send it to `/oauth` (`application/x-www-form-urlencoded`).
pub struct Form<T>(Result<T, Fault>);

/// The greatest size of a form, in bytes.
const FORM_LIMIT: usize = 16 << 10;

impl<T> Form<T> {
    /// The form, or what is wrong with it.
    pub fn get(self) -> Result<T, Fault> {
        self.0
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Form<T> {
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Infallible>>>>;
    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move { Ok(Self(form(&request, payload).await)) })
    }
}

async fn form<T: DeserializeOwned>(request: &HttpRequest, payload: Payload) -> Result<T, Fault> {
    use actix_web::HttpMessage;
    const FORM: &str = "application/x-www-form-urlencoded";
    let bytes = read(request, payload, FORM_LIMIT).await?;
    if !request.content_type().eq_ignore_ascii_case(FORM) {
        let detail = message!(fi: "Lähetä muodossa {FORM}.", sv: "Skicka i formatet {FORM}.", en: "Send {FORM}.");
        let fault = Fault::new(&codes::UNSUPPORTED_MEDIA_TYPE, detail.clone());
        return Err(fault.at(header::CONTENT_TYPE.as_str(), "media_type", detail));
    }
    serde_html_form::from_bytes(&bytes).map_err(|error| {
        let said = error.to_string();
        let name = words::quoted(&said).next().unwrap_or_default();
        let detail = if said.starts_with("missing field") {
            message!(
                fi: "Lomakkeesta puuttuu kenttä {name}.",
                sv: "Fältet {name} saknas i formuläret.",
                en: "The form lacks the field {name}.",
            )
        } else {
            message!(
                fi: "Lomaketta ei voi lukea: jokin kenttä on väärin tai annettu kahdesti.",
                sv: "Formuläret kan inte läsas: något fält är fel eller har angetts två gånger.",
                en: "The form cannot be read: a field is wrong or given twice.",
            )
        };
        Fault::new(&codes::UNREADABLE, detail.clone()).at("", "bad_form", detail)
    })
}

/// A request that changes something: its body, the version that the caller has seen, its idempotency key.
pub struct Incoming<T> {
    body: Result<T, Fault>,
    expected: Result<Option<Expected>, Fault>,
    /// Path, query and body as one digest, and the caller's key.
    pub(crate) idempotency: Result<Option<(String, String)>, Fault>,
    /// Method and path.
    pub(crate) route: String,
    /// Where it came from, for the security log.
    pub(crate) origin: Option<Origin>,
    /// The language in which the caller is told.
    pub(crate) language: Language,
}

/// A body with nothing in it: absent, or `{}`.
#[derive(Clone, Copy, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

enum Expected {
    Any,
    Versions(Vec<i64>),
}

impl<T> Incoming<T> {
    /// The body, or what is wrong with it: 415, 400 or 422.
    pub fn body(&self) -> Result<&T, Fault> {
        self.body.as_ref().map_err(Clone::clone)
    }

    /// Refuses unless the caller has seen the present version: 428 without `If-Match`, 412 with another one.
    pub fn expect(&self, version: i64) -> Result<(), Fault> {
        if matches!(self.expected, Ok(None)) {
            let detail = message!(
                fi: "If-Match-otsakkeessa on annettava näkemäsi versio: viimeisen vastauksen ETag.",
                sv: "If-Match måste ange den version som du har sett: ETag i det senaste svaret.",
                en: "If-Match must name the version that you have seen: the ETag of its last answer.",
            );
            let fault = Fault::new(&codes::PRECONDITION_REQUIRED, detail.clone());
            return Err(fault.at(header::IF_MATCH.as_str(), "required", detail));
        }
        self.expect_if_given(version)
    }

    /// Refuses where the caller names another version than the present one.
    pub fn expect_if_given(&self, version: i64) -> Result<(), Fault> {
        match self.expected.as_ref().map_err(Clone::clone)? {
            None | Some(Expected::Any) => Ok(()),
            Some(Expected::Versions(versions)) if versions.contains(&version) => Ok(()),
            Some(Expected::Versions(_)) => Err(Fault::stale(version)),
        }
    }
}

/// What the body of a request can be read as.
pub trait FromBody: Sized + 'static {
    /// The greatest size, in bytes.
    const LIMIT: usize = BODY_LIMIT;

    /// Reads the body, or says what is wrong with it: 415, 400 or 422.
    fn from_body(request: &HttpRequest, bytes: web::Bytes) -> Result<Self, Fault>;
}

/// JSON is what bodies are, unless they say otherwise.
impl<T: DeserializeOwned + 'static> FromBody for T {
    fn from_body(request: &HttpRequest, bytes: web::Bytes) -> Result<Self, Fault> {
        // A request for which nothing needs to be said may say nothing.
        if bytes.is_empty() && std::mem::size_of::<T>() == 0 {
            return json::parse(b"{}");
        }
        json_media_type(request)?;
        json::parse(&bytes)
    }
}

/// A calendar file (`text/calendar`, RFC 5545), not yet taken apart.
pub struct Calendar(pub web::Bytes);

impl FromBody for Calendar {
    const LIMIT: usize = BULK_LIMIT;

    fn from_body(request: &HttpRequest, bytes: web::Bytes) -> Result<Self, Fault> {
        if media_type(request) == "text/calendar" {
            Ok(Self(bytes))
        } else {
            Err(unsupported(message!(
                fi: "Lähetä muodossa text/calendar.",
                sv: "Skicka i formatet text/calendar.",
                en: "Send text/calendar.",
            )))
        }
    }
}

impl<T: FromBody> FromRequest for Incoming<T> {
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Infallible>>>>;
    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        use actix_web::HttpMessage;
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let bytes = read(&request, payload, T::LIMIT).await;
            let idempotency = match &bytes {
                Ok(bytes) => idempotency_key(&request, bytes),
                Err(fault) => Err(fault.clone()),
            };
            let unknown = request.extensions().get::<UnknownParameter>().map(|unknown| unknown.0.clone());
            let body = match unknown {
                Some(unknown) => Err(unknown),
                None => bytes.and_then(|bytes| T::from_body(&request, bytes)),
            };
            let route = format!("{} {}", request.method(), request.path());
            let (origin, language) = (origin(&request), language(request.headers().get(header::ACCEPT_LANGUAGE)));
            Ok(Self { body, expected: expected(&request), idempotency, route, origin, language })
        })
    }
}

/// Where a request came from, as the middleware has noted it.
pub(crate) fn origin(request: &HttpRequest) -> Option<Origin> {
    use actix_web::HttpMessage;
    request.extensions().get::<Origin>().cloned()
}

/// The whole body, within its limits of size and time.
pub async fn read(request: &HttpRequest, payload: Payload, limit: usize) -> Result<web::Bytes, Fault> {
    use actix_web::HttpMessage;
    let too_large = || {
        let detail = message!(
            fi: "Sisältö saa olla enintään {limit} tavua.",
            sv: "Innehållet får vara högst {limit} byte.",
            en: "The body may have at most {limit} bytes.",
        );
        Fault::new(&codes::TOO_LARGE, detail)
    };
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: usize| length > limit) {
        return Err(too_large());
    }
    // What is compressed counts unpacked.
    let payload = actix_web::dev::Decompress::from_headers(payload, request.headers());
    let whole = actix_web::body::to_bytes_limited(actix_web::body::BodyStream::new(payload), limit);
    match tokio::time::timeout(BODY_TIME, whole).await {
        Err(_) => Err(Fault::new(
            &codes::TIMEOUT,
            message!(
                fi: "Sisältö ei saapunut ajoissa.",
                sv: "Innehållet kom inte fram i tid.",
                en: "The body did not arrive in time.",
            ),
        )),
        Ok(Err(_)) => Err(too_large()),
        Ok(Ok(Err(error))) => {
            log::debug!("{} {}: {error}", request.method(), request.content_type());
            Err(Fault::new(
                &codes::UNREADABLE,
                message!(
                    fi: "Sisältöä ei voitu lukea loppuun.",
                    sv: "Innehållet kunde inte läsas till slut.",
                    en: "The body could not be read to its end.",
                ),
            ))
        }
        Ok(Ok(Ok(bytes))) => Ok(bytes),
    }
}

/// The media type of the body, without its parameters.
fn media_type(request: &HttpRequest) -> String {
    use actix_web::HttpMessage;
    request.content_type().to_ascii_lowercase()
}

fn unsupported(detail: Message) -> Fault {
    Fault::new(&codes::UNSUPPORTED_MEDIA_TYPE, detail.clone()).at(header::CONTENT_TYPE.as_str(), "media_type", detail)
}

fn json_media_type(request: &HttpRequest) -> Result<(), Fault> {
    let given = media_type(request);
    let merge_patch = request.method() == Method::PATCH && given == "application/merge-patch+json";
    if given == "application/json" || merge_patch {
        return Ok(());
    }
    Err(unsupported(if request.method() == Method::PATCH {
        message!(
            fi: "Lähetä muodossa application/merge-patch+json tai application/json.",
            sv: "Skicka i formatet application/merge-patch+json eller application/json.",
            en: "Send application/merge-patch+json or application/json.",
        )
    } else {
        message!(
            fi: "Lähetä muodossa application/json.",
            sv: "Skicka i formatet application/json.",
            en: "Send application/json.",
        )
    }))
}

fn expected(request: &HttpRequest) -> Result<Option<Expected>, Fault> {
    let mut versions = Vec::new();
    let mut values = request.headers().get_all(header::IF_MATCH).peekable();
    if values.peek().is_none() {
        return Ok(None);
    }
    for value in values {
        for tag in value.to_str().unwrap_or_default().split(',').map(str::trim) {
            if tag == "*" {
                return Ok(Some(Expected::Any));
            }
            // A weak tag never matches strongly (RFC 9110, section 13.1.1); a foreign one matches no version.
            let opaque = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
            match opaque {
                Some(opaque) => {
                    versions.extend(opaque.split('.').next().and_then(|version| version.parse::<i64>().ok()));
                }
                None if tag.starts_with("W/\"") => {}
                None => {
                    let detail = message!(
                        fi: "If-Match-otsakkeessa on oltava luettelo versiotunnisteita lainausmerkeissä tai *.",
                        sv: "If-Match måste vara en lista med versionstaggar inom citattecken, eller *.",
                        en: "If-Match must be a list of entity tags in quotation marks, or *.",
                    );
                    let fault = Fault::new(&codes::UNREADABLE, detail.clone());
                    return Err(fault.at(header::IF_MATCH.as_str(), "bad_entity_tag", detail));
                }
            }
        }
    }
    Ok(Some(Expected::Versions(versions)))
}

fn idempotency_key(request: &HttpRequest, body: &[u8]) -> Result<Option<(String, String)>, Fault> {
    const NAME: &str = "idempotency-key";
    let Some(value) = request.headers().get(NAME).filter(|_| request.method() == Method::POST) else {
        return Ok(None);
    };
    let key = value.to_str().unwrap_or_default();
    if key.is_empty() || key.len() > 255 || !key.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        let detail = message!(
            fi: "Idempotency-Key-arvossa on oltava 1–255 tulostuvaa ASCII-merkkiä.",
            sv: "Idempotency-Key måste bestå av 1–255 utskrivbara ASCII-tecken.",
            en: "Idempotency-Key must be 1 to 255 printable ASCII characters.",
        );
        return Err(Fault::new(&codes::UNREADABLE, detail.clone()).at("Idempotency-Key", "bad_value", detail));
    }
    // The key is kept beside its path, in an index. No path of the service is this long: such a one names nothing.
    if request.path().len() > LONGEST_PATH {
        return Err(Fault::not_found());
    }
    let mut digest = Sha256::new();
    for part in [request.path().as_bytes(), request.query_string().as_bytes(), body] {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    Ok(Some((key.to_owned(), BASE64_URL_SAFE_NO_PAD.encode(digest.finalize()))))
}
