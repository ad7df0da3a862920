//! External ids: what an organisation's own system calls something, so that the system need not keep our identifiers.

use crate::fault::{Fault, Refused};
use crate::ids::{HandlingId, Id, MeetingId, RemedyClaimId, StepId};
use crate::message;
use crate::text::PlainName;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The most external ids that an organisation may give to one thing.
pub const MOST_EXTERNAL_IDS: usize = 20;

crate::codes! {
    /// The organisation has given the thing as many external ids as one thing may have from it.
    TOO_MANY = Conflict "external_id.too_many" { fi: "Ulkoisia tunnisteita on liikaa", sv: "För många externa identifierare", en: "Too many external ids" }
}

crate::vocabulary! {
    /// What can have external ids.
    EntityType {
        /// A meeting of a body.
        Meeting = "meeting",
        /// A decision step of an action.
        DecisionStep = "decision_step",
        /// What a body did with a decision step at one meeting.
        Handling = "handling",
        /// A remedy sought against a decision.
        RemedyClaim = "remedy_claim",
    }
}

/// Something that can have external ids.
pub trait Entity: Id {
    /// Which sort of thing it is.
    const TYPE: EntityType;
}

impl Entity for MeetingId {
    const TYPE: EntityType = EntityType::Meeting;
}

impl Entity for StepId {
    const TYPE: EntityType = EntityType::DecisionStep;
}

impl Entity for HandlingId {
    const TYPE: EntityType = EntityType::Handling;
}

impl Entity for RemedyClaimId {
    const TYPE: EntityType = EntityType::RemedyClaim;
}

crate::string_values! {
    /// The system that an external id is from, such as its host: 1 to 100 letters, digits and `.`, `_`, `-`, beginning
    /// with a letter or digit.
    ExternalSource("^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$", max = 100, "asianhallinta.example.org") = source;
}

fn source(text: &str) -> Result<String, Refused> {
    let first = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    let rest = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
    if first && rest && text.len() <= 100 {
        return Ok(text.to_owned());
    }
    Err(Refused::new(
        "bad_source",
        message!(
            fi: "saa sisältää 1–100 merkkiä (kirjaimia, numeroita ja merkkejä . _ -) ja sen on alettava kirjaimella tai numerolla",
            sv: "ska bestå av 1–100 bokstäver, siffror och tecken . _ - och börja med en bokstav eller siffra",
            en: "must consist of 1 to 100 letters, digits and the characters . _ - and begin with a letter or digit",
        ),
    ))
}

/// What an organisation's own system calls something: one thing of its sort in the organisation.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"source": "asianhallinta.example.org", "value": "KOT/12/2026"})))]
pub struct ExternalId {
    /// The system.
    pub source: ExternalSource,
    /// What it calls the thing.
    pub value: PlainName,
}

impl ExternalId {
    /// Refuses one more for a thing that has `count` from the organisation already.
    ///
    /// # Errors
    /// [`TOO_MANY`].
    pub fn require_room(count: usize) -> Result<(), Fault> {
        if count < MOST_EXTERNAL_IDS {
            return Ok(());
        }
        let detail = message!(
            fi: "Organisaatio voi antaa samalle kohteelle enintään {MOST_EXTERNAL_IDS} ulkoista tunnistetta.",
            sv: "En organisation kan ge samma objekt högst {MOST_EXTERNAL_IDS} externa identifierare.",
            en: "An organisation can give the same thing at most {MOST_EXTERNAL_IDS} external ids.",
        );
        Err(Fault::new(&TOO_MANY, detail))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_a_word_like_the_name_of_a_host() {
        let longest = "a".repeat(100);
        for good in ["dynasty", "asianhallinta.example.org", "D360_v2", "1-2", &longest] {
            assert!(ExternalSource::parse(good).is_ok(), "{good}");
        }
        let too_long = "a".repeat(101);
        for bad in ["", ".org", "-", "a b", "a/b", "a:b", "käsittely", "a\n", &too_long] {
            assert!(ExternalSource::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn one_thing_has_at_most_twenty() {
        assert!(ExternalId::require_room(19).is_ok());
        assert_eq!(ExternalId::require_room(20).unwrap_err().code, &TOO_MANY);
    }
}
