//! The content lines of a calendar file (RFC 5545 §3.1), each with the physical line on which it begins.
//!
//! The `icalendar` crate parses one property at a time here and never a whole file: its own way through a file
//! names no physical line, recurses once for every nested component, and looks for the end of each line through
//! all that is left. `calcard` and `ical`, the other parsers of the field, name no lines either. So the lines are
//! unfolded here, and quoting, parameters and escapes are the library's.

use super::trouble::{Read, Trouble, refuse};
use crate::Message;
use icalendar::parser::Property;

/// One property, or the beginning or end of a component.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// The physical line on which it begins, counted from 1.
    pub(super) number: u32,
    /// Its name in capitals.
    pub(super) name: String,
    /// Its parameters, names in capitals, values without quotes.
    pub(super) parameters: Vec<(String, String)>,
    /// Its value; escapes are resolved in single texts, but not in lists of texts.
    pub(super) value: String,
}

impl Line {
    /// The value of a parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A refusal of this line.
    pub(super) fn refuse<T>(&self, code: &'static str, detail: impl Into<Message>) -> Read<T> {
        refuse(self.number, code, detail)
    }
}

/// The properties that the import reads. Of all others only the shape is checked, since attachments and
/// descriptions are the bulk of a calendar file.
const OF_INTEREST: [&str; 25] = [
    "CALSCALE",
    "CATEGORIES",
    "DTEND",
    "DTSTART",
    "DURATION",
    "EXDATE",
    "EXRULE",
    "LOCATION",
    "METHOD",
    "RDATE",
    "RECURRENCE-ID",
    "RRULE",
    "SEQUENCE",
    "STATUS",
    "SUMMARY",
    "TZID",
    "TZOFFSETFROM",
    "TZOFFSETTO",
    "UID",
    "VERSION",
    "X-LIC-LOCATION",
    "X-WR-TIMEZONE",
    super::write::KIND,
    "BEGIN",
    "END",
];

/// A content line as it stands in the file, unfolded but not yet decoded: RFC 5545 warns that a fold may split
/// a character's bytes.
struct Folded {
    number: u32,
    bytes: Vec<u8>,
    /// Where in `bytes` each continuation begins.
    folds: Vec<usize>,
}

impl Folded {
    /// The physical line of the byte at `offset`.
    fn line_of(&self, offset: usize) -> u32 {
        let before = self.folds.iter().filter(|fold| **fold <= offset).count();
        self.number.saturating_add(u32::try_from(before).unwrap_or(u32::MAX))
    }
}

/// Calls `take` with each property of the file until it answers that it has enough.
pub(super) fn each(text: &[u8], mut take: impl FnMut(Read<Line>) -> bool) {
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    let mut current: Option<Folded> = None;
    for (number, physical) in (1..).zip(text.split(|byte| *byte == b'\n')) {
        let physical = physical.strip_suffix(b"\r").unwrap_or(physical);
        if let (Some(b' ' | b'\t'), Some(folded)) = (physical.first(), &mut current) {
            folded.folds.push(folded.bytes.len());
            folded.bytes.extend(physical.iter().skip(1));
            continue;
        }
        let next = Folded { number, bytes: physical.to_vec(), folds: Vec::new() };
        if let Some(done) = current.replace(next)
            && !pass(&done, &mut take)
        {
            return;
        }
    }
    if let Some(done) = current {
        pass(&done, &mut take);
    }
}

fn pass(folded: &Folded, take: &mut impl FnMut(Read<Line>) -> bool) -> bool {
    match parse(folded) {
        Ok(None) => true,
        Ok(Some(line)) => take(Ok(line)),
        Err(trouble) => take(Err(trouble)),
    }
}

/// The property on a line, or nothing when the line is blank or of no interest.
fn parse(folded: &Folded) -> Read<Option<Line>> {
    let number = folded.number;
    let text = match std::str::from_utf8(&folded.bytes) {
        Ok(text) => text,
        Err(error) => return refuse(folded.line_of(error.valid_up_to()), "not_utf8", "The text is not UTF-8."),
    };
    if text.trim().is_empty() {
        return Ok(None);
    }
    if let Some((offset, found)) = text.char_indices().find(|(_, c)| c.is_ascii_control() && *c != '\t') {
        let detail = format!("The control character U+{:04X} is not allowed.", u32::from(found));
        return refuse(folded.line_of(offset), "control_character", detail);
    }
    let end = text.find([':', ';']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let word = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    if !word(name) || !has_value(rest) {
        return refuse(number, "not_a_property", "The line is not a property: NAME, parameters, a colon and a value.");
    }
    let name = name.to_ascii_uppercase();
    if !OF_INTEREST.contains(&name.as_str()) {
        return Ok(None);
    }
    if name == "BEGIN" || name == "END" {
        // The library keeps these two for itself. They take no parameters.
        let value = rest.trim_start_matches(':').trim().to_ascii_uppercase();
        return Ok(Some(Line { number, name, parameters: Vec::new(), value }));
    }
    // In capitals, since the library knows a text by its name in capitals only.
    let line = format!("{name}{rest}");
    let Ok(property) = Property::try_from(line.as_str()) else {
        return refuse(number, "not_a_property", "The property cannot be read.");
    };
    let parameters = property
        .params
        .iter()
        .map(|parameter| {
            let value = parameter.val.as_ref().map_or("", |value| value.as_str());
            (parameter.key.as_str().to_ascii_uppercase(), value.trim().to_owned())
        })
        .collect();
    Ok(Some(Line { number, name, parameters, value: property.val.as_str().to_owned() }))
}

/// Whether a colon outside quotation marks follows the parameters.
fn has_value(rest: &str) -> bool {
    let mut quoted = false;
    for byte in rest.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b':' if !quoted => return true,
            _ => {}
        }
    }
    false
}

/// The items of a list of texts, whose escapes are still in place.
pub(super) fn texts(list: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut escaped = false;
    for c in list.chars() {
        if c == ',' && !escaped {
            items.push(String::new());
        } else if let Some(item) = items.last_mut() {
            item.push(c);
        }
        escaped = c == '\\' && !escaped;
    }
    items.iter().map(|item| icalendar::parser::ParseString::from(item.clone()).unescape_text().into()).collect()
}

/// Refuses what a property may say only once.
pub(super) fn only<'a>(lines: &'a [Line], name: &str) -> Read<Option<&'a Line>> {
    let mut found = lines.iter().filter(|line| line.name == name);
    let first = found.next();
    match found.next() {
        None => Ok(first),
        Some(again) => Err(Trouble::new(again.number, "given_twice", format!("{name} stands twice in one component."))),
    }
}
