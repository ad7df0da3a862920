//! What serde says of a value, in the words of the service: each kind of mistake has its sentence, which names what was
//! found and what is expected. Nothing of a library's own English reaches a caller.

use yhteen_domain::fault::Refused;
use yhteen_domain::say::Words;
use yhteen_domain::{Message, message};

/// How like two words must be for one to be meant by the other (Jaro–Winkler).
const LIKE: f64 = 0.86;
/// How much of a caller's word is repeated.
const LONGEST: usize = 60;

/// Of the words that are known the one that was probably meant: nothing where none is near.
pub fn nearest<'a>(given: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // Of short words, two letters exchanged leave little alike.
    let slip = |known: &str| given.len() >= 3 && strsim::osa_distance(given, known) == 1;
    let likeness = known.map(|known| (strsim::jaro_winkler(given, known), known));
    likeness
        .filter(|(like, known)| *like >= LIKE || slip(known))
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, known)| known)
}

/// A value that is wrong: its stable name, and what follows after the name of the value in a sentence.
pub fn wrong(message: &str) -> (String, Message) {
    if let Some((code, detail)) = Refused::split(message) {
        return (code.to_owned(), detail);
    }
    let (code, detail) = match message.split_once(':').unwrap_or((message, "")) {
        ("invalid type", rest) => ("wrong_type", mistaken(rest)),
        ("invalid value" | "invalid length", rest) => ("bad_value", mistaken(rest)),
        _ if message.starts_with("unknown variant") => ("not_in_vocabulary", not_in_vocabulary(message)),
        _ if message.starts_with("invalid length") => ("bad_value", wrong_length()),
        _ => ("bad_value", parsed(message)),
    };
    (code.to_owned(), detail)
}

/// A word between backticks in a message, and those after it.
pub fn quoted(message: &str) -> impl Iterator<Item = &str> {
    message.split('`').skip(1).step_by(2)
}

/// A member that is not known where it stands.
pub fn unknown_member(message: &str) -> Message {
    let mut quoted = quoted(message);
    let name = quoted.next().unwrap_or_default();
    match nearest(name, quoted) {
        Some(near) => message!(
            fi: "on täällä tuntematon; tarkoititko ”{near}”?",
            sv: "är okänd här; menade du ”{near}”?",
            en: "is not known here; did you mean “{near}”?",
        ),
        None => message!(fi: "on täällä tuntematon", sv: "är okänd här", en: "is not known here"),
    }
}

/// `found, expected something`, as serde writes it of types and values.
fn mistaken(rest: &str) -> Message {
    let (found, expected) = rest.split_once(", expected ").unwrap_or((rest, ""));
    let found = found_words(found.trim());
    match (expected_words(expected.trim()), found) {
        (Some(expected), Some(found)) => message!(
            fi: "on oltava {expected}, mutta on {found}",
            sv: "måste vara {expected}, men är {found}",
            en: "must be {expected}, but is {found}",
            expected = expected,
            found = found,
        ),
        (Some(expected), None) => message!(
            fi: "on oltava {expected}",
            sv: "måste vara {expected}",
            en: "must be {expected}",
            expected = expected,
        ),
        (None, _) => not_allowed(),
    }
}

/// What was found, where there is a plain word for it.
fn found_words(found: &str) -> Option<Message> {
    let plain = |[fi, sv, en]: Words| Some(Message::new(fi, sv, en));
    let value = quoted(found).next().unwrap_or_default();
    match found.split([' ', '`']).next().unwrap_or_default() {
        "boolean" => plain(if value == "true" { ["true"; 3] } else { ["false"; 3] }),
        "integer" | "floating" => Some(message!(fi: "luku {value}", sv: "talet {value}", en: "the number {value}")),
        "string" | "character" => plain(["merkkijono", "en sträng", "a string"]),
        "null" | "unit" | "Option" => plain(["null"; 3]),
        "sequence" => plain(["luettelo", "en lista", "a list"]),
        "map" | "newtype" => plain(["olio", "ett objekt", "an object"]),
        _ => None,
    }
}

/// What is expected, where there is a plain word for it.
fn expected_words(expected: &str) -> Option<Message> {
    const WHOLE: Words = ["kokonaisluku", "ett heltal", "a whole number"];
    let plain = |[fi, sv, en]: Words| Some(Message::new(fi, sv, en));
    let range = |from: &str, to: &str| {
        Some(message!(
            fi: "kokonaisluku väliltä {from}–{to}",
            sv: "ett heltal mellan {from} och {to}",
            en: "a whole number from {from} to {to}",
        ))
    };
    match expected {
        "a boolean" => plain(["true tai false", "true eller false", "true or false"]),
        "u8" => range("0", "255"),
        "u16" => range("0", "65535"),
        "u32" | "u64" | "usize" => plain([
            "kokonaisluku, joka ei ole negatiivinen",
            "ett heltal som inte är negativt",
            "a whole number that is not negative",
        ]),
        "i8" | "i16" | "i32" | "i64" => plain(WHOLE),
        "f32" | "f64" => plain(["luku", "ett tal", "a number"]),
        "an object with fi, sv or en" => plain([
            "olio, jossa on kieli fi, sv tai en",
            "ett objekt med språket fi, sv eller en",
            "an object with the language fi, sv or en",
        ]),
        _ if expected.contains("UUID") => plain(["tunniste (UUID)", "en identifierare (UUID)", "an identifier (UUID)"]),
        _ if ["struct ", "a map", "an object"].iter().any(|word| expected.starts_with(word)) => {
            plain(["olio", "ett objekt", "an object"])
        }
        _ if expected.contains("string") || expected.starts_with("a word") || expected == "variant identifier" => {
            plain(["merkkijono", "en sträng", "a string"])
        }
        _ if expected.contains("sequence") || expected.contains("tuple") || expected.contains("list") => {
            plain(["luettelo", "en lista", "a list"])
        }
        _ => None,
    }
}

fn not_in_vocabulary(message: &str) -> Message {
    let mut quoted = quoted(message);
    let given: String = quoted.next().unwrap_or_default().chars().take(LONGEST).collect();
    let known: Vec<&str> = quoted.collect();
    let all = known.join(", ");
    match nearest(&given, known.iter().copied()) {
        Some(near) => message!(
            fi: "ei voi olla ”{given}”; tarkoititko ”{near}”? Sallitut arvot: {all}",
            sv: "kan inte vara ”{given}”; menade du ”{near}”? Tillåtna värden: {all}",
            en: "cannot be “{given}”; did you mean “{near}”? Allowed values: {all}",
        ),
        None => message!(
            fi: "ei voi olla ”{given}”. Sallitut arvot: {all}",
            sv: "kan inte vara ”{given}”. Tillåtna värden: {all}",
            en: "cannot be “{given}”. Allowed values: {all}",
        ),
    }
}

fn wrong_length() -> Message {
    message!(
        fi: "sisältää väärän määrän kohtia",
        sv: "innehåller fel antal element",
        en: "has the wrong number of items",
    )
}

fn not_allowed() -> Message {
    message!(
        fi: "sisältää arvon, joka ei ole sallittu",
        sv: "har ett värde som inte är tillåtet",
        en: "has a value that is not allowed",
    )
}

/// What the parsers of numbers and identifiers say, which texts are read with.
fn parsed(message: &str) -> Message {
    if message.contains("UUID") {
        return message!(
            fi: "on oltava tunniste (UUID)",
            sv: "måste vara en identifierare (UUID)",
            en: "must be an identifier (UUID)",
        );
    }
    if message.contains("`true` or `false`") {
        return message!(fi: "on oltava true tai false", sv: "måste vara true eller false", en: "must be true or false");
    }
    if ["digit", "integer", "number"].iter().any(|word| message.contains(word)) {
        return message!(
            fi: "on oltava kokonaisluku sallitulta väliltä",
            sv: "måste vara ett heltal inom det tillåtna området",
            en: "must be a whole number within the allowed range",
        );
    }
    not_allowed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use yhteen_domain::text::Language;

    #[test]
    fn every_kind_of_mistake_has_its_sentence() {
        let check = |said: &str, code: &str, fi: &str, sv: &str, en: &str| {
            let (found, detail) = wrong(said);
            let all =
                [Language::Fi, Language::Sv, Language::En].map(|language| detail.in_language(language).to_owned());
            assert_eq!((found.as_str(), all), (code, [fi, sv, en].map(str::to_owned)), "{said}");
        };
        check(
            "invalid type: integer `7`, expected a string",
            "wrong_type",
            "on oltava merkkijono, mutta on luku 7",
            "måste vara en sträng, men är talet 7",
            "must be a string, but is the number 7",
        );
        check(
            "invalid type: null, expected struct NewBody",
            "wrong_type",
            "on oltava olio, mutta on null",
            "måste vara ett objekt, men är null",
            "must be an object, but is null",
        );
        check(
            "invalid value: integer `-1`, expected u8",
            "bad_value",
            "on oltava kokonaisluku väliltä 0–255, mutta on luku -1",
            "måste vara ett heltal mellan 0 och 255, men är talet -1",
            "must be a whole number from 0 to 255, but is the number -1",
        );
        check(
            "unknown variant `cuncil`, expected one of `council`, `board`",
            "not_in_vocabulary",
            "ei voi olla ”cuncil”; tarkoititko ”council”? Sallitut arvot: council, board",
            "kan inte vara ”cuncil”; menade du ”council”? Tillåtna värden: council, board",
            "cannot be “cuncil”; did you mean “council”? Allowed values: council, board",
        );
        check(
            "UUID parsing failed: invalid length",
            "bad_value",
            "on oltava tunniste (UUID)",
            "måste vara en identifierare (UUID)",
            "must be an identifier (UUID)",
        );
        check(
            "something that a library says",
            "bad_value",
            "sisältää arvon, joka ei ole sallittu",
            "har ett värde som inte är tillåtet",
            "has a value that is not allowed",
        );
    }

    #[test]
    fn a_word_is_suggested_only_where_it_is_near() {
        let known = || ["organisation_id", "status", "limit"].into_iter();
        assert_eq!(nearest("organization_id", known()), Some("organisation_id"));
        assert_eq!(nearest("limits", known()), Some("limit"));
        assert_eq!(nearest("limti", known()), Some("limit"));
        assert_eq!(nearest("page", known()), None);
        assert_eq!(nearest("x", known()), None);
    }
}
