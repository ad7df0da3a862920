//! Every error as problem details (RFC 9457), through the one table from kind to status.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;
use yhteen_domain::text::Language;
use yhteen_domain::{Fault, Kind, codes, message};
use yhteen_persistence as persistence;

/// The media type of problem details.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// The one table from the kind of a refusal to the HTTP status.
pub fn status(kind: Kind) -> StatusCode {
    match kind {
        Kind::Unreadable => StatusCode::BAD_REQUEST,
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Kind::Timeout => StatusCode::REQUEST_TIMEOUT,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::Gone => StatusCode::GONE,
        Kind::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
        Kind::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// The body of every error answer (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Where the code is described.
    #[schema(format = "uri-reference", examples("/docs/errors#request.not_found"))]
    pub r#type: String,
    /// What sort of problem it is, in the language of the request.
    #[schema(examples("Not found"))]
    pub title: &'static str,
    /// The HTTP status.
    #[schema(examples(404), minimum = 400, maximum = 599)]
    pub status: u16,
    /// This occurrence, in words.
    pub detail: String,
    /// The stable name of the problem.
    #[schema(examples("request.not_found"))]
    pub code: &'static str,
    /// The path that was asked for.
    #[schema(format = "uri-reference")]
    pub instance: String,
    /// The request's identifier, as in `X-Request-Id` and the log.
    pub request_id: String,
    /// The places at fault, or the conditions that are missing.
    pub errors: Vec<ProblemPlace>,
    /// From `/oauth/` alone: the error by RFC 6749, section 5.2.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub error: Option<&'static str>,
    /// From `/oauth/` alone: `detail` by RFC 6749, section 5.2.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub error_description: Option<String>,
}

impl ProblemBody {
    /// What is told of a fault.
    pub fn of(fault: &Fault, language: Language, instance: &str, request_id: &str) -> Self {
        let error = instance.starts_with("/oauth/").then(|| oauth_error(fault));
        Self {
            r#type: format!("/docs/errors#{}", fault.code.name),
            title: fault.code.label(language),
            status: status(fault.code.kind).as_u16(),
            detail: fault.detail.in_language(language).to_owned(),
            code: fault.code.name,
            instance: instance.to_owned(),
            request_id: request_id.to_owned(),
            errors: fault
                .culprits
                .iter()
                .map(|culprit| ProblemPlace {
                    pointer: culprit.pointer.clone(),
                    code: culprit.code.clone().into_owned(),
                    detail: culprit.detail.in_language(language).to_owned(),
                })
                .collect(),
            error,
            error_description: error.map(|_| printable(fault.detail.in_language(Language::En))),
        }
    }
}

/// One place at fault.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemPlace {
    /// JSON Pointer into the body (RFC 6901), a parameter as `?name`, a header by its name, or empty.
    #[schema(examples("/title/fi"))]
    pub pointer: String,
    /// The stable name of what is wrong there.
    #[schema(examples("too_long"))]
    pub code: String,
    /// What is wrong there, in words.
    #[schema(examples("must have at most 200 characters"))]
    pub detail: String,
}

/// An error on its way to the caller.
#[derive(Clone, Debug)]
pub struct Problem(pub Fault);

impl Problem {
    /// The answer, with what the request adds to it.
    pub fn respond(&self, language: Language, instance: &str, request_id: &str) -> HttpResponse {
        let Self(fault) = self;
        let mut response = HttpResponse::build(status(fault.code.kind));
        if fault.code.kind == Kind::Unauthenticated {
            response.insert_header((header::WWW_AUTHENTICATE, challenge(fault)));
        }
        if let Some(version) = fault.version {
            response.insert_header((header::ETAG, format!("\"{version}\"")));
        }
        if let Some(seconds) = fault.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        response.content_type(MEDIA_TYPE).json(ProblemBody::of(fault, language, instance, request_id))
    }
}

/// How to prove who one is. A client that tried HTTP Basic hears of that (RFC 6749, section 5.2); others do not, since
/// browsers would ask their user for a password.
fn challenge(fault: &Fault) -> &'static str {
    let basic = fault.culprits.iter().any(|culprit| culprit.pointer == "Authorization");
    if basic { r#"Basic realm="yhteen", charset="UTF-8""# } else { r#"Bearer realm="yhteen""# }
}

/// The error by RFC 6749: the code's own name, or the nearest that OAuth has for what can go wrong anywhere.
fn oauth_error(fault: &Fault) -> &'static str {
    match (fault.code.name.strip_prefix("oauth."), fault.code.kind) {
        (Some(name), _) => name,
        (None, Kind::TooManyRequests | Kind::Unavailable) => "temporarily_unavailable",
        (None, Kind::Internal) => "server_error",
        (None, _) => "invalid_request",
    }
}

/// What `error_description` may contain.
fn printable(detail: &str) -> String {
    detail.chars().map(|c| if matches!(c, ' '..='~') && c != '"' && c != '\\' { c } else { '?' }).collect()
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self(fault)
    }
}

impl From<persistence::Error> for Problem {
    fn from(error: persistence::Error) -> Self {
        use persistence::Error;
        match error {
            Error::Fault(fault) => Self(fault),
            Error::Overtaken => Self(
                Fault::new(
                    &codes::UNAVAILABLE,
                    message!(
                        fi: "Muut ehtivät toistuvasti ensin: yritä uudelleen.",
                        sv: "Andra hann före upprepade gånger: försök igen.",
                        en: "Others were first again and again: try once more.",
                    ),
                )
                .retry_after(1),
            ),
            Error::Unavailable(why) => {
                log::warn!("the database is not available: {why}");
                Self(
                    Fault::new(
                        &codes::UNAVAILABLE,
                        message!(
                            fi: "Tietokantaan ei juuri nyt saada yhteyttä.",
                            sv: "Databasen kan inte nås just nu.",
                            en: "The database cannot be reached just now.",
                        ),
                    )
                    .retry_after(2),
                )
            }
            error @ (Error::Database(_) | Error::Migration(_) | Error::Panicked) => {
                log::error!("{error}");
                Self(internal())
            }
        }
    }
}

/// A defect of the service: what is known of it is in the log, not in the answer.
pub fn internal() -> Fault {
    Fault::new(
        &codes::INTERNAL,
        message!(
            fi: "Palvelussa tapahtui virhe. Se on kirjattu lokiin pyynnön tunnisteella.",
            sv: "Ett fel inträffade i tjänsten. Det har loggats under begärans identifierare.",
            en: "Something went wrong in the service. It has been logged under the request id.",
        ),
    )
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// actix asks for an answer without showing the request: [`crate::middleware`] makes the final one.
impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        status(self.0.code.kind)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::new(self.status_code());
        response.extensions_mut().insert(self.clone());
        response
    }
}
