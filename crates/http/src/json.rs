//! JSON in: read once, with a pointer to whatever is wrong.

mod strict;
mod tagged;
pub mod words;

pub use tagged::Tagged;

use serde::de::DeserializeOwned;
use strict::Strict;
use yhteen_domain::{Fault, Message, codes, message};

/// Reads a value from a JSON document; what is wrong is named by its JSON Pointer.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Fault> {
    let text = std::str::from_utf8(bytes).map_err(|_| not_utf8())?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(Strict(&mut reader)).map_err(|error| {
        // What is no JSON at all is so wherever a value goes wrong first.
        if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text) {
            return unreadable(&error);
        }
        let at = pointer(error.path());
        let said = message(&error.into_inner());
        match tagged::split(&said) {
            Some((below, said)) => invalid(&format!("{at}{below}"), said),
            None => invalid(&at, &said),
        }
    })?;
    reader.end().map_err(|error| unreadable(&error))?;
    Ok(value)
}

fn unreadable(error: &serde_json::Error) -> Fault {
    let (line, column) = (error.line(), error.column());
    not_json(if error.is_eof() {
        message!(
            fi: "Sisältö ei ole JSONia: se päättyy kesken.",
            sv: "Innehållet är inte JSON: det tar slut för tidigt.",
            en: "The body is not JSON: it ends too early.",
        )
    } else {
        message!(
            fi: "Sisältö ei ole JSONia: virhe on rivillä {line}, merkin {column} kohdalla.",
            sv: "Innehållet är inte JSON: felet finns på rad {line}, vid tecken {column}.",
            en: "The body is not JSON: the mistake is on line {line}, at character {column}.",
        )
    })
}

fn not_utf8() -> Fault {
    not_json(message!(
        fi: "Sisältö ei ole JSONia: se ei ole UTF-8-tekstiä.",
        sv: "Innehållet är inte JSON: det är inte UTF-8-text.",
        en: "The body is not JSON: it is not UTF-8 text.",
    ))
}

fn not_json(detail: Message) -> Fault {
    Fault::new(&codes::UNREADABLE, detail.clone()).at("", "not_json", detail)
}

/// serde's message without its place, which the pointer says better.
fn message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(at) => text.get(..at).unwrap_or_default().to_owned(),
        None => text,
    }
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter().fold(String::new(), |pointer, segment| match segment {
        Segment::Seq { index } => format!("{pointer}/{index}"),
        Segment::Map { key } => format!("{pointer}/{}", escaped(key)),
        // The variant of a tagged enum is no level of the document.
        Segment::Enum { .. } | Segment::Unknown => pointer,
    })
}

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// What serde says in words, as a fault with a stable name.
pub fn invalid(pointer: &str, message: &str) -> Fault {
    let quoted = words::quoted(message).next().unwrap_or_default();
    let below = |name: &str| {
        let name = escaped(name);
        if pointer.ends_with(&format!("/{name}")) { pointer.to_owned() } else { format!("{pointer}/{name}") }
    };
    match message {
        text if text.starts_with("missing field") => {
            let detail = message!(fi: "on annettava", sv: "måste anges", en: "is required");
            Fault::invalid(below(quoted), "required", detail)
        }
        text if text.starts_with("unknown field") => {
            Fault::invalid(below(quoted), "unknown_member", words::unknown_member(text))
        }
        text if text.starts_with("duplicate field") => {
            let detail = message!(fi: "on annettu kahdesti", sv: "har angetts två gånger", en: "is given twice");
            Fault::invalid(below(quoted), "duplicate_member", detail)
        }
        text => {
            let (code, detail) = words::wrong(text);
            Fault::invalid(pointer, code, detail)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use yhteen_domain::text::Name;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[allow(dead_code, reason = "read by serde alone")]
        title: Name,
        #[allow(dead_code, reason = "read by serde alone")]
        #[serde(default)]
        numbers: Vec<u8>,
        #[allow(dead_code, reason = "read by serde alone")]
        kind: Option<yhteen_domain::vocabulary::Gate>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case", deny_unknown_fields)]
    #[allow(dead_code, reason = "read by serde alone")]
    enum Form {
        Circle { title: Name, numbers: Vec<u8> },
        Line { gate: Option<yhteen_domain::vocabulary::Gate> },
    }

    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "read by serde alone")]
    struct Drawing {
        forms: Vec<Tagged<Form>>,
    }

    #[test]
    fn what_is_wrong_in_one_of_several_forms_is_named_by_its_pointer() {
        let check = |form: &str, pointer: &str, code: &str| {
            let body = format!(r#"{{"forms":[{{"kind":"line"}},{form}]}}"#);
            let fault = parse::<Drawing>(body.as_bytes()).unwrap_err();
            let place = &fault.culprits[0];
            assert_eq!((place.pointer.as_str(), &*place.code), (pointer, code), "{body}: {fault}");
        };
        check("{}", "/forms/1/kind", "required");
        check("[]", "/forms/1", "wrong_type");
        check("null", "/forms/1", "wrong_type");
        check(r#"{"kind":1}"#, "/forms/1/kind", "wrong_type");
        check(r#"{"kind":{"line":{}}}"#, "/forms/1/kind", "wrong_type");
        check(r#"{"kind":"cube"}"#, "/forms/1/kind", "not_in_vocabulary");
        check(r#"{"kind":"line","kind":"line"}"#, "/forms/1/kind", "duplicate_member");
        check(r#"{"kind":"line","gate":"x"}"#, "/forms/1/gate", "not_in_vocabulary");
        check(r#"{"kind":"line","gate":{"final":null}}"#, "/forms/1/gate", "wrong_type");
        check(r#"{"gate":null,"kind":"line","gate":null}"#, "/forms/1/gate", "duplicate_member");
        check(r#"{"kind":"line","title":{}}"#, "/forms/1/title", "unknown_member");
        check(r#"{"kind":"circle","numbers":[]}"#, "/forms/1/title", "required");
        check(r#"{"numbers":[1,-1],"kind":"circle"}"#, "/forms/1/numbers/1", "bad_value");
        check(r#"{"numbers":[1,"x"],"kind":"circle"}"#, "/forms/1/numbers/1", "wrong_type");
        check(r#"{"title":{"fi":""},"kind":"circle","numbers":[]}"#, "/forms/1/title/fi", "empty");
        check(r#"{"title":{"fi":"A","fi":"B"},"kind":"circle","numbers":[]}"#, "/forms/1/title/fi", "duplicate_member");
        check(r#"{"title":["A",null,null],"kind":"circle","numbers":[]}"#, "/forms/1/title", "wrong_type");
        let read = parse::<Drawing>(br#"{"forms":[{"numbers":[7],"kind":"circle","title":{"fi":"A"}}]}"#).unwrap();
        assert!(matches!(&read.forms[0].0, Form::Circle { numbers, .. } if numbers == &[7]));
    }

    #[test]
    fn what_is_wrong_is_named_by_its_pointer() {
        let check = |body: &str, status: &str, pointer: &str, code: &str| {
            let fault = parse::<Sample>(body.as_bytes()).unwrap_err();
            let place = &fault.culprits[0];
            assert_eq!(
                (fault.code.name, place.pointer.as_str(), &*place.code),
                (status, pointer, code),
                "{body}: {fault}"
            );
        };
        check("{", "request.unreadable", "", "not_json");
        check("", "request.unreadable", "", "not_json");
        check(r#"{"title":{"fi":"A"}} x"#, "request.unreadable", "", "not_json");
        check("{}", "request.invalid", "/title", "required");
        check(r#"{"title":{}}"#, "request.invalid", "/title", "no_language");
        check(r#"{"title":{"fi":""}}"#, "request.invalid", "/title/fi", "empty");
        check(r#"{"title":{"de":"Tag"}}"#, "request.invalid", "/title/de", "unknown_member");
        check(r#"{"title":{"fi":"A"},"a/b":1}"#, "request.invalid", "/a~1b", "unknown_member");
        check(r#"{"title":{"fi":"A"},"numbers":[1,"x"]}"#, "request.invalid", "/numbers/1", "wrong_type");
        check(r#"{"title":{"fi":"A"},"kind":7}"#, "request.invalid", "/kind", "wrong_type");
        check(r#"{"title":{"fi":"A"},"kind":{"final":null}}"#, "request.invalid", "/kind", "wrong_type");
        check(r#"{"title":["A",null,null]}"#, "request.invalid", "/title", "wrong_type");
        check(r#"[{"fi":"A"},[],null]"#, "request.invalid", "", "wrong_type");
        check(r#"{"x":1"#, "request.unreadable", "", "not_json");
        check("{} {}", "request.unreadable", "", "not_json");
        check(r#"{"title":{"fi":"A"},"kind":"x"}"#, "request.invalid", "/kind", "not_in_vocabulary");
        check(r#"{"title":{"fi":"A"},"kind":7"#, "request.unreadable", "", "not_json");
        check(r#"{"title":{"fi":"A"},"title":{"fi":"B"}}"#, "request.invalid", "/title", "duplicate_member");
    }
}
