//! The components of a calendar file: `VCALENDAR` with its events and time zones.

use super::lines::{self, Line};
use super::trouble::{Trouble, Troubles};
use crate::Message;

/// The most events that a file may hold.
const MOST_EVENTS: usize = 10_000;
/// The most time zones that a file may define.
const MOST_ZONES: usize = 200;
/// The deepest nesting there is in practice: an alarm in an event in a calendar, and some room.
const DEEPEST: usize = 8;

/// A component with the properties that are of interest.
#[derive(Debug)]
pub(super) struct Component {
    /// The physical line of its `BEGIN`.
    pub(super) line: u32,
    pub(super) name: String,
    pub(super) lines: Vec<Line>,
    /// What is wrong with a line of it, or of a part of it, that could not be read: what it seems to lack may have stood
    /// there.
    pub(super) damaged: Option<Trouble>,
    /// `STANDARD` and `DAYLIGHT` of a time zone; the parts of other components are of no interest.
    pub(super) parts: Vec<Component>,
}

impl Component {
    fn new(begin: &Line) -> Self {
        Self { line: begin.number, name: begin.value.clone(), lines: Vec::new(), damaged: None, parts: Vec::new() }
    }
}

/// One `VCALENDAR` object; a file may hold several.
#[derive(Debug)]
pub(super) struct Calendar {
    pub(super) lines: Vec<Line>,
    pub(super) zones: Vec<Component>,
    pub(super) events: Vec<Component>,
}

/// Reads the components of a file. What is wrong inside an event is kept with the event alone where `skip_invalid` says
/// so.
pub(super) fn read(text: &[u8], skip_invalid: bool, troubles: &mut Troubles) -> Vec<Calendar> {
    let mut reader = Reader { troubles, calendars: Vec::new(), open: Vec::new(), events: 0, zones: 0 };
    let mut whole = true;
    lines::each(text, |line| {
        whole = match line {
            Ok(line) => reader.take(line),
            Err(trouble) => {
                let event = reader.open.get_mut(1).filter(|component| component.name == "VEVENT");
                let inside = event.map(|event| event.damaged.get_or_insert_with(|| trouble.clone())).is_some();
                if !(inside && skip_invalid) {
                    reader.troubles.add(trouble);
                }
                !reader.troubles.is_full()
            }
        };
        whole
    });
    // After a refusal that ended the reading, what was open is no fault of the file's.
    if whole {
        reader.finish();
    }
    reader.calendars
}

struct Reader<'a> {
    troubles: &'a mut Troubles,
    calendars: Vec<Calendar>,
    open: Vec<Component>,
    events: usize,
    zones: usize,
}

impl Reader<'_> {
    /// Takes one line, and answers whether to go on.
    fn take(&mut self, line: Line) -> bool {
        match line.name.as_str() {
            "BEGIN" => self.begin(&line),
            "END" => self.end(&line),
            _ => match self.open.last_mut() {
                Some(component) => {
                    component.lines.push(line);
                    true
                }
                None => self.stop(line.number, "not_a_calendar", "The property stands outside a VCALENDAR."),
            },
        }
    }

    fn stop(&mut self, line: u32, code: &'static str, detail: impl Into<Message>) -> bool {
        self.troubles.add(Trouble::new(line, code, detail));
        false
    }

    fn begin(&mut self, line: &Line) -> bool {
        if self.open.is_empty() {
            if line.value != "VCALENDAR" {
                return self.stop(line.number, "not_a_calendar", "A calendar file begins with BEGIN:VCALENDAR.");
            }
            self.calendars.push(Calendar { lines: Vec::new(), zones: Vec::new(), events: Vec::new() });
        }
        if self.open.len() >= DEEPEST {
            return self.stop(line.number, "too_deep", "The components are nested too deep.");
        }
        match line.value.as_str() {
            "VEVENT" => self.events += 1,
            "VTIMEZONE" => self.zones += 1,
            "VCALENDAR" if !self.open.is_empty() => {
                return self.stop(line.number, "not_a_calendar", "A VCALENDAR cannot stand inside a component.");
            }
            _ => {}
        }
        if self.events > MOST_EVENTS || self.zones > MOST_ZONES {
            let detail = format!("A file may hold at most {MOST_EVENTS} events and {MOST_ZONES} time zones.");
            return self.stop(line.number, "too_many_components", detail);
        }
        self.open.push(Component::new(line));
        true
    }

    fn end(&mut self, line: &Line) -> bool {
        let Some(done) = self.open.pop_if(|open| open.name == line.value) else {
            let detail = match self.open.last() {
                Some(open) => format!("END:{} does not end the {} of line {}.", line.value, open.name, open.line),
                None => format!("END:{} ends nothing.", line.value),
            };
            return self.stop(line.number, "unbalanced", detail);
        };
        let depth = self.open.len();
        let Some(calendar) = self.calendars.last_mut() else { return true };
        match (depth, done.name.as_str(), self.open.last_mut()) {
            (0, ..) => calendar.lines = done.lines,
            (1, "VEVENT", _) => calendar.events.push(done),
            (1, "VTIMEZONE", _) => calendar.zones.push(done),
            (2, "STANDARD" | "DAYLIGHT", Some(zone)) if zone.name == "VTIMEZONE" => zone.parts.push(done),
            _ => {}
        }
        true
    }

    fn finish(&mut self) {
        if let Some(open) = self.open.last() {
            let detail = format!("The {} that begins here is never ended.", open.name);
            self.troubles.add(Trouble::new(open.line, "unbalanced", detail));
        } else if self.calendars.is_empty() && self.troubles.is_empty() {
            self.troubles.add(Trouble::new(1, "not_a_calendar", "The file holds no VCALENDAR."));
        }
    }
}
