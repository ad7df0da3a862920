//! Calendar files (`text/calendar`, RFC 5545 and 7986) as the service writes them for Outlook, Thunderbird and phones.
//!
//! The file follows from its events alone, not from the time at which it is written: while nothing changes, it is the
//! same to the last byte. The library that reads single properties for the import does not write them here: its last
//! part of a folded line may have 76 octets, and whole components get times of its own.

use crate::calendar::CalendarKind;
use crate::time::{Date, Instant, days_after, local};
use chrono::{Datelike, NaiveDateTime};
use chrono_tz::Europe::Helsinki;

/// The zone in which times are told.
const ZONE: &str = "Europe/Helsinki";
/// The years in which the rules of [`TIMEZONE`] are those of the clock in Finland, as far as anyone knows.
const RULED_YEARS: std::ops::RangeInclusive<i32> = 1997..=2099;
/// The clock of Finland: summer time from the last Sunday of March to the last Sunday of October.
const TIMEZONE: &str = "BEGIN:VTIMEZONE\r\nTZID:Europe/Helsinki\r\nX-LIC-LOCATION:Europe/Helsinki\r\n\
    BEGIN:DAYLIGHT\r\nTZNAME:EEST\r\nDTSTART:19960331T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0300\r\n\
    RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nEND:DAYLIGHT\r\n\
    BEGIN:STANDARD\r\nTZNAME:EET\r\nDTSTART:19961027T040000\r\nTZOFFSETFROM:+0300\r\nTZOFFSETTO:+0200\r\n\
    RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";

/// How sure it is that an event takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is planned, and may still change.
    Tentative,
    /// It will, or did.
    Confirmed,
    /// It will not.
    Cancelled,
}

/// When an event takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// From one instant to another, or at one where there is no other.
    Time(Instant, Option<Instant>),
    /// All day.
    Day(Date),
}

/// One event of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What it is known by, in whichever file it stands.
    pub uid: String,
    /// How often it has been revised.
    pub sequence: i64,
    /// When it was last revised.
    pub revised_at: Instant,
    /// When it takes place.
    pub when: When,
    /// How sure that is.
    pub status: Status,
    /// Whether those who take part are busy meanwhile.
    pub busy: bool,
    /// What it is called.
    pub summary: String,
    /// What else there is to say.
    pub description: Option<String>,
    /// Where it takes place.
    pub location: Option<String>,
    /// What it is marked with.
    pub categories: Vec<String>,
    /// What of the service it is, by which an import knows it again.
    pub kind: Option<CalendarKind>,
    /// Where there is more about it.
    pub url: String,
}

/// The property by which an import knows what an event of the service is.
pub(super) const KIND: &str = "X-YHTEEN-KIND";

/// The file of a calendar that is called `name`, with these events in this order; `description` is what it says of
/// itself.
pub fn write(name: &str, description: Option<&str>, events: &[Event]) -> String {
    let mut file = File(String::with_capacity(1_000 + 500 * events.len()));
    let name = escaped(name);
    file.line("BEGIN:VCALENDAR");
    file.line("VERSION:2.0");
    file.line("PRODID:-//Yhteen//Calendar//EN");
    file.line("CALSCALE:GREGORIAN");
    file.line("METHOD:PUBLISH");
    file.line(&format!("NAME:{name}"));
    file.line(&format!("X-WR-CALNAME:{name}"));
    if let Some(description) = description {
        let description = escaped(description);
        file.line(&format!("DESCRIPTION:{description}"));
        file.line(&format!("X-WR-CALDESC:{description}"));
    }
    file.line(&format!("X-WR-TIMEZONE:{ZONE}"));
    file.line("REFRESH-INTERVAL;VALUE=DURATION:PT4H");
    file.line("X-PUBLISHED-TTL:PT4H");
    file.0 += TIMEZONE;
    for event in events {
        file.event(event);
    }
    file.line("END:VCALENDAR");
    file.0
}

/// The longest a line may be, in octets.
const LONGEST: usize = 75;

/// The lines so far.
struct File(String);

impl File {
    /// Adds a content line, folded between characters where it is too long (RFC 5545, section 3.1).
    fn line(&mut self, line: &str) {
        let mut length = 0;
        for character in line.chars() {
            if length + character.len_utf8() > LONGEST {
                self.0 += "\r\n ";
                length = 1;
            }
            self.0.push(character);
            length += character.len_utf8();
        }
        self.0 += "\r\n";
    }

    fn event(&mut self, event: &Event) {
        let Event {
            uid,
            sequence,
            revised_at,
            when,
            status,
            busy,
            summary,
            description,
            location,
            categories,
            kind,
            url,
        } = event;
        self.line("BEGIN:VEVENT");
        self.line(&format!("UID:{}", escaped(uid)));
        let revised = utc(*revised_at);
        self.line(&format!("DTSTAMP:{revised}"));
        self.line(&format!("LAST-MODIFIED:{revised}"));
        // An integer has 31 bits (RFC 5545, section 3.3.8).
        self.line(&format!("SEQUENCE:{}", (*sequence).clamp(0, i32::MAX.into())));
        match *when {
            When::Time(starts_at, ends_at) => {
                self.time("DTSTART", starts_at);
                if let Some(ends_at) = ends_at {
                    self.time("DTEND", ends_at);
                }
            }
            When::Day(on) => {
                self.day("DTSTART", on);
                self.day("DTEND", days_after(on, 1));
            }
        }
        self.line(&format!("SUMMARY:{}", escaped(summary)));
        if let Some(description) = description {
            self.line(&format!("DESCRIPTION:{}", escaped(description)));
        }
        if let Some(location) = location {
            self.line(&format!("LOCATION:{}", escaped(location)));
        }
        if !categories.is_empty() {
            let categories: Vec<_> = categories.iter().map(|item| escaped(item)).collect();
            self.line(&format!("CATEGORIES:{}", categories.join(",")));
        }
        self.line(match status {
            Status::Tentative => "STATUS:TENTATIVE",
            Status::Confirmed => "STATUS:CONFIRMED",
            Status::Cancelled => "STATUS:CANCELLED",
        });
        self.line(if *busy { "TRANSP:OPAQUE" } else { "TRANSP:TRANSPARENT" });
        if let Some(kind) = kind {
            self.line(&format!("{KIND}:{kind}"));
        }
        self.line(&format!("URL:{url}"));
        self.line("END:VEVENT");
    }

    /// An instant by the clock of Finland; in UTC where that clock, as the file defines it, does not tell it: in years
    /// of other rules, and in the hour that comes a second time in autumn.
    fn time(&mut self, name: &str, at: Instant) {
        let there = at.with_timezone(&Helsinki).naive_local();
        if RULED_YEARS.contains(&there.year()) && local(there) == at {
            self.line(&format!("{name};TZID={ZONE}:{}", clock(there)));
        } else {
            self.line(&format!("{name}:{}", utc(at)));
        }
    }

    fn day(&mut self, name: &str, on: Date) {
        self.line(&format!("{name};VALUE=DATE:{}", on.format("%Y%m%d")));
    }
}

fn clock(at: NaiveDateTime) -> String {
    at.format("%Y%m%dT%H%M%S").to_string()
}

fn utc(at: Instant) -> String {
    clock(at.naive_utc()) + "Z"
}

/// A text as a value (RFC 5545, section 3.3.11). Texts of the service are one line each; another break is one, too.
fn escaped(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' | ';' | ',' => value.extend(['\\', character]),
            '\n' => value += "\\n",
            // No control character can stand in a file.
            _ if character.is_control() => {}
            _ => value.push(character),
        }
    }
    value
}
