//! The log on stderr: lines of JSON for machines, a readable form on a terminal.
//!
//! Whatever stands in a message, a line of the log is one line: nothing in a request can forge another.

use env_logger::Builder;
use log::Record;
use log::kv::{Error, Key, Value, VisitSource};
use serde_json::Map;
use std::io::{IsTerminal, Write};

/// Starts the log. A second start in one process changes nothing.
pub fn start(filter: &str) {
    let mut builder = Builder::new();
    // A stranger's broken request is no error of the service, but the library logs it as one. `YHTEEN_LOG` can name the
    // module to hear of them.
    builder.filter_module("actix_http::h1::dispatcher", log::LevelFilter::Off).parse_filters(filter);
    if std::io::stderr().is_terminal() {
        builder.format(|out, record| {
            let time = out.timestamp_millis();
            let level = record.level();
            let style = out.default_level_style(level);
            writeln!(out, "{time} {style}{level:5}{style:#} {}", readable(record))
        });
    } else {
        builder.format(|out, record| {
            let line = json(record, &out.timestamp_micros().to_string());
            writeln!(out, "{line}")
        });
    }
    if builder.try_init().is_ok() {
        std::panic::set_hook(Box::new(|panic| log::error!("{panic}")));
    }
}

/// One line of JSON.
fn json(record: &Record<'_>, time: &str) -> serde_json::Value {
    let mut members = Members(Map::new());
    // Members of the line's own win over key-values of the same name.
    drop(record.key_values().visit(&mut members));
    let own = [
        ("time", time.to_owned()),
        ("level", record.level().as_str().to_ascii_lowercase()),
        ("target", record.target().to_owned()),
        ("message", record.args().to_string()),
    ];
    let mut line: Map<_, _> = own.into_iter().map(|(name, text)| (name.to_owned(), text.into())).collect();
    for (name, value) in members.0 {
        line.entry(name).or_insert(value);
    }
    line.into()
}

/// The key-values of a record, as members of an object.
struct Members(Map<String, serde_json::Value>);

impl<'kvs> VisitSource<'kvs> for Members {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
        let value = serde_json::to_value(&value).unwrap_or_else(|_| value.to_string().into());
        self.0.insert(key.to_string(), value);
        Ok(())
    }
}

/// Target, message and key-values on one line, with control characters escaped.
fn readable(record: &Record<'_>) -> String {
    let mut members = Members(Map::new());
    drop(record.key_values().visit(&mut members));
    let mut text = format!("{}: {}", record.target(), record.args());
    for (name, value) in members.0 {
        text += &format!(" {name}={value}");
    }
    text.chars().fold(String::with_capacity(text.len()), |mut line, character| {
        if character.is_control() || is_direction(character) {
            line.extend(character.escape_default());
        } else {
            line.push(character);
        }
        line
    })
}

/// Characters that make a terminal show a text in another order, or break the line.
fn is_direction(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_record<T>(message: &str, path: &str, check: impl FnOnce(&Record<'_>) -> T) -> T {
        let pairs = [("path", Value::from(path)), ("status", Value::from(404)), ("level", Value::from("none"))];
        check(&Record::builder().args(format_args!("{message}")).target("yhteen").key_values(&pairs).build())
    }

    #[test]
    fn a_line_of_json_has_the_key_values_as_members() {
        let line = with_record("request", "/api", |record| json(record, "T"));
        assert_eq!(
            line,
            serde_json::json!({"time": "T", "level": "info", "target": "yhteen", "message": "request",
                "path": "/api", "status": 404})
        );
    }

    #[test]
    fn nothing_in_the_input_begins_a_line() {
        let evil = "/a\r\n{\"level\":\"info\"}\u{1b}[2K\u{2028}\u{202e}";
        for line in [with_record(evil, evil, |record| json(record, "T").to_string()), with_record(evil, evil, readable)]
        {
            assert!(!line.chars().any(char::is_control), "{line:?}");
        }
        assert!(!with_record(evil, evil, readable).contains(['\u{2028}', '\u{202e}']));
    }
}
