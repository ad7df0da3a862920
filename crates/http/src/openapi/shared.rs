//! The parameters and header fields that operations share, each named once.

use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{Components, Type};
use utoipa::openapi::{Header, HeaderBuilder, KnownFormat, ObjectBuilder, Ref, RefOr, Required, SchemaFormat};

/// The `ETag` of an answer, by name.
pub(super) const ETAG: &str = "ETag";
/// The `Location` of something new, by name.
pub(super) const LOCATION: &str = "Location";
/// The `Link` to the next page, by name.
pub(super) const LINK: &str = "Link";
/// The `Retry-After` of a refusal, by name.
pub(super) const RETRY_AFTER: &str = "RetryAfter";
/// The `RateLimit` of a refusal, by name.
pub(super) const RATE_LIMIT: &str = "RateLimit";
/// The `RateLimit-Policy` of a refusal, by name.
pub(super) const RATE_LIMIT_POLICY: &str = "RateLimitPolicy";
/// The `WWW-Authenticate` of a refusal, by name.
pub(super) const CHALLENGE: &str = "WWWAuthenticate";

/// `If-Match` where it is needed, by name.
pub(super) const EXPECTED_VERSION: &str = "ExpectedVersion";
/// `If-Match` where it may be left out, by name.
pub(super) const SEEN_VERSION: &str = "SeenVersion";
/// `If-None-Match`, by name.
pub(super) const KNOWN_ANSWER: &str = "KnownAnswer";
/// `Idempotency-Key`, by name.
pub(super) const IDEMPOTENCY_KEY: &str = "IdempotencyKey";

/// Adds them to the components of the document.
pub(super) fn add(components: &mut Components) {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let seconds = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
        .minimum(Some(1));
    let headers = [
        (
            ETAG,
            text(),
            "The version, a dot and a digest of the answer: for `If-Match` and `If-None-Match`",
            "\"3.Ju5VmZ0hY2aB\"",
        ),
        (LOCATION, text(), "Where it is", "https://yhteen.example/api/v1/actions/01980000-0000-7000-8000-000000000005"),
        (
            LINK,
            text(),
            "The next page as `rel=\"next\"` (RFC 8288); absent on the last one",
            "</api/v1/actions?cursor=Zm9v>; rel=\"next\"",
        ),
        (RETRY_AFTER, seconds, "After how many seconds to try again", "2"),
        (
            RATE_LIMIT,
            text(),
            "How many requests are left (`r`), and after how many seconds there are more (`t`)",
            "\"anonymous\";r=0;t=1",
        ),
        (
            RATE_LIMIT_POLICY,
            text(),
            "How many requests (`q`) there are in how many seconds (`w`)",
            "\"anonymous\";q=3000;w=60",
        ),
        (CHALLENGE, text(), "How to sign in", "Bearer realm=\"yhteen\""),
    ];
    for (name, schema, about, example) in headers {
        let example = example.parse::<u32>().map_or_else(|_| example.into(), serde_json::Value::from);
        components.headers.insert(name.to_owned(), header(schema.examples([example]), about).into());
    }
    let entity_tags = r#"^(\*|(W/)?"[^"]*"(\s*,\s*(W/)?"[^"]*")*)$"#;
    let parameters = [
        (
            EXPECTED_VERSION,
            Required::True,
            "If-Match",
            "The version that you have seen: the `ETag` of its last answer, or `*` for whatever is there.",
            text().pattern(Some(entity_tags)),
            "\"3.Ju5VmZ0hY2aB\"",
        ),
        (
            SEEN_VERSION,
            Required::False,
            "If-Match",
            "The version that you have seen, where it must not have changed.",
            text().pattern(Some(entity_tags)),
            "*",
        ),
        (
            KNOWN_ANSWER,
            Required::False,
            "If-None-Match",
            "The `ETag` of an answer that you have: 304 where it would be the same.",
            text().pattern(Some(entity_tags)),
            "\"3.Ju5VmZ0hY2aB\"",
        ),
        (
            IDEMPOTENCY_KEY,
            Required::False,
            "Idempotency-Key",
            "A word of your own for this request, such as a UUID. Sent again within 24 hours with the same word, it does \
             nothing more and gets the same answer; with another content it is refused.",
            text().min_length(Some(1)).max_length(Some(255)).pattern(Some("^[ -~]+$")),
            "4d1c7a52-6f0e-4b53",
        ),
    ];
    for (name, required, header, about, schema, example) in parameters {
        let parameter = ParameterBuilder::new()
            .name(header)
            .parameter_in(ParameterIn::Header)
            .required(required)
            .description(Some(about))
            .schema(Some(schema.examples([serde_json::Value::from(example)]).build()))
            .build();
        components.parameters.insert(name.to_owned(), parameter.into());
    }
}

fn header(schema: ObjectBuilder, about: &str) -> Header {
    HeaderBuilder::new().schema(Some(schema.build())).description(Some(about)).build()
}

/// A reference to a header field of [`add`].
pub(super) fn header_ref(name: &str) -> RefOr<Header> {
    RefOr::Ref(Ref::new(format!("#/components/headers/{name}")))
}

/// A reference to a parameter of [`add`].
pub(super) fn parameter_ref(name: &str) -> RefOr<Parameter> {
    RefOr::Ref(Ref::new(format!("#/components/parameters/{name}")))
}
