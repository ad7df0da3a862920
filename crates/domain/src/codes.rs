//! The codes that belong to no single feature, and the list of all features' codes.

use crate::Code;

crate::codes! {
    /// The request line, a header or the body cannot be read: broken JSON, a broken cursor.
    UNREADABLE = Unreadable "request.unreadable" { fi: "Pyyntöä ei voi lukea", sv: "Begäran kan inte läsas", en: "The request cannot be read" }
    /// A query parameter is unknown, given twice where once is meant, or not of its type.
    /// The nearest known parameter is named.
    BAD_PARAMETER = Unreadable "request.bad_parameter" { fi: "Virheellinen parametri", sv: "Ogiltig parameter", en: "Bad parameter" }
    /// The cursor was not made by this service for this list, or was altered.
    BAD_CURSOR = Unreadable "request.bad_cursor" { fi: "Virheellinen kohdistin", sv: "Ogiltig markör", en: "Bad cursor" }
    /// No access token, or one that is expired, revoked or not ours.
    UNAUTHENTICATED = Unauthenticated "auth.unauthenticated" { fi: "Tunnistautuminen puuttuu", sv: "Autentisering saknas", en: "Authentication is missing" }
    /// The access token does not carry the scope that the operation needs.
    SCOPE_MISSING = Forbidden "auth.scope_missing" { fi: "Käyttölaajuus puuttuu", sv: "Behörighetsområdet saknas", en: "The token lacks a scope" }
    /// The caller may know of the thing but lacks the right to do this to it.
    FORBIDDEN = Forbidden "auth.forbidden" { fi: "Ei oikeutta", sv: "Behörighet saknas", en: "Not allowed" }
    /// There is no such resource, or the caller may not know of it.
    NOT_FOUND = NotFound "request.not_found" { fi: "Ei löydy", sv: "Finns inte", en: "Not found" }
    /// The path exists, but not with this method; `Allow` lists those that do.
    METHOD_NOT_ALLOWED = MethodNotAllowed "request.method_not_allowed" { fi: "Metodi ei ole sallittu", sv: "Metoden är inte tillåten", en: "Method not allowed" }
    /// The request did not arrive in time.
    TIMEOUT = Timeout "request.timeout" { fi: "Pyyntö aikakatkaistiin", sv: "Begäran tog för lång tid", en: "Request timed out" }
    /// The body is larger than allowed.
    TOO_LARGE = TooLarge "request.too_large" { fi: "Sisältö on liian suuri", sv: "Innehållet är för stort", en: "Content too large" }
    /// The body's media type is not one that the operation understands.
    UNSUPPORTED_MEDIA_TYPE = UnsupportedMediaType "request.unsupported_media_type" { fi: "Sisältötyyppiä ei tueta", sv: "Medietypen stöds inte", en: "Unsupported media type" }
    /// The body was read, but a member is missing, unknown or cannot have this value; `errors` names each.
    INVALID = Invalid "request.invalid" { fi: "Pyyntö on virheellinen", sv: "Begäran är ogiltig", en: "The request is not valid" }
    /// `PATCH`, `PUT` and `DELETE` need `If-Match` with the version that the caller has seen.
    PRECONDITION_REQUIRED = PreconditionRequired "request.precondition_required" { fi: "If-Match puuttuu", sv: "If-Match saknas", en: "If-Match is missing" }
    /// The resource has changed since the version in `If-Match`; the answer carries the current `ETag`.
    PRECONDITION_FAILED = PreconditionFailed "request.precondition_failed" { fi: "Resurssi on muuttunut", sv: "Resursen har ändrats", en: "The resource has changed" }
    /// The value is taken: a code, an external id or a combination that must be unique.
    ALREADY_EXISTS = Conflict "request.already_exists" { fi: "On jo olemassa", sv: "Finns redan", en: "Already exists" }
    /// Something still refers to it, so it cannot be deleted.
    IN_USE = Conflict "request.in_use" { fi: "On käytössä", sv: "Används fortfarande", en: "Still in use" }
    /// The `Idempotency-Key` was used before with another request.
    IDEMPOTENCY_KEY_REUSED = Invalid "idempotency.key_reused" { fi: "Idempotenssiavain on jo käytetty", sv: "Idempotensnyckeln är redan använd", en: "Idempotency key reused" }
    /// A request with the same `Idempotency-Key` is still under way; try again shortly.
    IDEMPOTENCY_IN_FLIGHT = Conflict "idempotency.in_flight" { fi: "Sama pyyntö on kesken", sv: "Samma begäran pågår", en: "The same request is under way" }
    /// The caller has tried too often; `Retry-After` says when to try again.
    TOO_MANY_REQUESTS = TooManyRequests "request.too_many" { fi: "Liian monta pyyntöä", sv: "För många begäranden", en: "Too many requests" }
    /// A defect of the service; it has been logged under the request id.
    INTERNAL = Internal "service.internal" { fi: "Palvelussa on vika", sv: "Fel i tjänsten", en: "Internal error" }
    /// The service cannot answer just now (its database is away, or it is stopping); `Retry-After` says when to try again.
    UNAVAILABLE = Unavailable "service.unavailable" { fi: "Palvelu ei ole käytettävissä", sv: "Tjänsten är inte tillgänglig", en: "Service unavailable" }
}

/// The codes of every feature, in the order of docs/errors.md.
pub fn all() -> impl Iterator<Item = &'static Code> {
    let features = [
        CODES,
        crate::oauth::CODES,
        crate::accounts::CODES,
        crate::changes::CODES,
        crate::organisations::CODES,
        crate::suspensions::CODES,
        crate::icalendar::CODES,
        crate::calendar_feeds::CODES,
        crate::quotas::CODES,
        crate::legal::CODES,
        crate::timetable::CODES,
        crate::programmes::CODES,
        crate::goals::CODES,
        crate::external_ids::CODES,
        crate::meetings::CODES,
        crate::actions::CODES,
        crate::decision_steps::CODES,
        crate::bookings::CODES,
        crate::handlings::CODES,
        crate::remedy_claims::CODES,
        crate::reports::CODES,
    ];
    features.into_iter().flatten().copied()
}
