//! The components of a calendar file: `VCALENDAR` with its events and time zones.

use super::lines::{self, Line};
use super::trouble::{Trouble, Troubles};
use crate::{Message, message};

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
    /// Whether a line of it could not be read: what it seems to lack may have stood there.
    pub(super) damaged: bool,
    /// `STANDARD` and `DAYLIGHT` of a time zone; the parts of other components are of no interest.
    pub(super) parts: Vec<Component>,
}

impl Component {
    fn new(begin: &Line) -> Self {
        Self { line: begin.number, name: begin.value.clone(), lines: Vec::new(), damaged: false, parts: Vec::new() }
    }
}

/// One `VCALENDAR` object; a file may hold several.
#[derive(Debug)]
pub(super) struct Calendar {
    pub(super) lines: Vec<Line>,
    pub(super) zones: Vec<Component>,
    pub(super) events: Vec<Component>,
}

/// Reads the components of a file.
pub(super) fn read(text: &[u8], troubles: &mut Troubles) -> Vec<Calendar> {
    let mut reader = Reader { troubles, calendars: Vec::new(), open: Vec::new(), events: 0, zones: 0 };
    let mut whole = true;
    lines::each(text, |line| {
        whole = match line {
            Ok(line) => reader.take(line),
            Err(trouble) => {
                reader.troubles.add(trouble);
                if let Some(component) = reader.open.last_mut() {
                    component.damaged = true;
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
                None => self.stop(
                    line.number,
                    "not_a_calendar",
                    message!(
                        fi: "Ominaisuus on VCALENDARin ulkopuolella.",
                        sv: "Egenskapen står utanför VCALENDAR.",
                        en: "The property stands outside VCALENDAR.",
                    ),
                ),
            },
        }
    }

    fn stop(&mut self, line: u32, code: &'static str, detail: Message) -> bool {
        self.troubles.add(Trouble::new(line, code, detail));
        false
    }

    fn begin(&mut self, line: &Line) -> bool {
        if self.open.is_empty() {
            if line.value != "VCALENDAR" {
                return self.stop(
                    line.number,
                    "not_a_calendar",
                    message!(
                        fi: "Kalenteritiedoston on alettava rivillä BEGIN:VCALENDAR.",
                        sv: "En kalenderfil måste börja med BEGIN:VCALENDAR.",
                        en: "A calendar file must begin with BEGIN:VCALENDAR.",
                    ),
                );
            }
            self.calendars.push(Calendar { lines: Vec::new(), zones: Vec::new(), events: Vec::new() });
        }
        if self.open.len() >= DEEPEST {
            return self.stop(
                line.number,
                "too_deep",
                message!(
                    fi: "Sisäkkäisiä osia on liikaa.",
                    sv: "Komponenterna är nästlade för djupt.",
                    en: "The components are nested too deeply.",
                ),
            );
        }
        match line.value.as_str() {
            "VEVENT" => self.events += 1,
            "VTIMEZONE" => self.zones += 1,
            "VCALENDAR" if !self.open.is_empty() => {
                return self.stop(
                    line.number,
                    "not_a_calendar",
                    message!(
                        fi: "VCALENDAR ei voi olla toisen osan sisällä.",
                        sv: "VCALENDAR kan inte stå inuti en annan komponent.",
                        en: "VCALENDAR cannot stand inside another component.",
                    ),
                );
            }
            _ => {}
        }
        if self.events > MOST_EVENTS || self.zones > MOST_ZONES {
            let detail = message!(
                fi: "Tiedostossa voi olla enintään {MOST_EVENTS} tapahtumaa ja {MOST_ZONES} aikavyöhykettä.",
                sv: "En fil får innehålla högst {MOST_EVENTS} händelser och {MOST_ZONES} tidszoner.",
                en: "A file may hold at most {MOST_EVENTS} events and {MOST_ZONES} time zones.",
            );
            return self.stop(line.number, "too_many_components", detail);
        }
        self.open.push(Component::new(line));
        true
    }

    fn end(&mut self, line: &Line) -> bool {
        let Some(done) = self.open.pop_if(|open| open.name == line.value) else {
            let detail = if let Some(open) = self.open.last() {
                message!(
                    fi: "END:{given} ei päätä rivin {begun} osaa {open}.",
                    sv: "END:{given} avslutar inte {open} på rad {begun}.",
                    en: "END:{given} does not end the {open} of line {begun}.",
                    given = line.value,
                    open = open.name,
                    begun = open.line,
                )
            } else {
                message!(
                    fi: "END:{given} ei päätä mitään.",
                    sv: "END:{given} avslutar ingenting.",
                    en: "END:{given} ends nothing.",
                    given = line.value,
                )
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
            let detail = message!(
                fi: "Tästä alkavaa osaa {open} ei päätetä.",
                sv: "{open} som börjar här avslutas aldrig.",
                en: "The {open} that begins here is never ended.",
                open = open.name,
            );
            self.troubles.add(Trouble::new(open.line, "unbalanced", detail));
        } else if self.calendars.is_empty() && self.troubles.is_empty() {
            self.troubles.add(Trouble::new(
                1,
                "not_a_calendar",
                message!(
                    fi: "Tiedostossa ei ole VCALENDARia.",
                    sv: "Filen innehåller ingen VCALENDAR.",
                    en: "The file contains no VCALENDAR.",
                ),
            ));
        }
    }
}
