//! What a caller is told beside the answer: something that it said was not taken over, and why, though nothing is wrong
//! with its request. A feed that says the same every night is answered every night, and never fails by it.

use serde::Serialize;
use utoipa::ToSchema;
use yhteen_domain::fault::Culprit;
use yhteen_domain::text::Language;

/// Something that was not taken over as it was said, though the request was carried out.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Notice {
    /// The member of the body that it is about (JSON Pointer, RFC 6901); empty for the whole.
    #[schema(examples("/cancelled"))]
    pointer: String,
    /// The stable name of the reason.
    #[schema(examples("meeting.cancelled"))]
    code: String,
    /// What stands, and why, in words.
    detail: String,
}

impl Notice {
    /// As the caller is told in its language.
    pub fn of(noticed: &Culprit, language: Language) -> Self {
        let Culprit { pointer, code, detail } = noticed;
        Self {
            pointer: pointer.clone(),
            code: code.clone().into_owned(),
            detail: detail.in_language(language).to_owned(),
        }
    }
}
