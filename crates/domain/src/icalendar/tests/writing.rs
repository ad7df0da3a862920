//! What is written is read back, whatever is in it.

use super::write::{Event, Status, When, write};
use super::*;
use crate::time::{Date, midnight};
use proptest::prelude::*;

/// Texts with everything that has a meaning in a calendar file, and characters of one to four bytes.
const NASTY: &str = r#"[a-zäöÅ老🦀 ,;:"\\^=\u{2028}\u{a0}-]{1,150}"#;

/// The file with each long line in one piece.
fn unfolded(file: &str) -> Vec<String> {
    file.replace("\r\n ", "").split("\r\n").map(str::to_owned).collect()
}

#[track_caller]
fn assert_lines(file: &str) {
    assert!(file.ends_with("END:VCALENDAR\r\n"));
    assert!(!file.replace("\r\n", "").contains(['\r', '\n']), "a line break that is none");
    for line in file.split("\r\n") {
        assert!(line.len() <= 75, "{} octets: {line}", line.len());
    }
}

fn one(uid: &str, when: When) -> Event {
    Event {
        uid: uid.to_owned(),
        sequence: 0,
        revised_at: at("2026-01-15T10:00:00Z"),
        when,
        status: Status::Confirmed,
        busy: true,
        summary: "Kokous".to_owned(),
        description: None,
        location: None,
        categories: Vec::new(),
        kind: None,
        url: "https://yhteen.example/api/v1/meetings/1".to_owned(),
    }
}

fn text(words: &str) -> Option<Text<NAME>> {
    Text::parse(words).ok()
}

fn event() -> impl Strategy<Value = Event> {
    // From 1980 on, to the second, also around the turns of the clock.
    let moment = prop_oneof![
        320_000_000..4_500_000_000_i64,
        (1_774_742_400..1_774_756_800_i64),
        (1_792_882_800..1_792_897_200_i64),
    ];
    let words = || NASTY.prop_map(|words| words.split_whitespace().collect::<Vec<_>>().join(" "));
    let ends = prop::option::of(0..90_000_i64);
    let status = prop::sample::select(vec![Status::Confirmed, Status::Tentative, Status::Cancelled]);
    let tags = prop::collection::vec("[a-z][a-z0-9-]{0,12}[a-z]", 0..4);
    (moment, ends, status, words(), prop::option::of(words()), tags, 0..=2_147_483_647_i64).prop_map(
        |(starts, ends, status, summary, location, mut tags, sequence)| {
            let starts_at = DateTime::from_timestamp(starts, 0).unwrap();
            tags.sort();
            tags.dedup();
            Event {
                sequence,
                status,
                summary,
                location: location.filter(|text| !text.trim().is_empty()),
                categories: tags,
                ..one("", When::Time(starts_at, ends.map(|seconds| starts_at + TimeDelta::seconds(seconds))))
            }
        },
    )
}

proptest! {
    #[test]
    fn whatever_is_written_is_read_back(events in prop::collection::vec(event(), 0..6), name in NASTY) {
        let events: Vec<Event> = events
            .into_iter()
            .enumerate()
            .map(|(number, event)| Event { uid: format!("meeting-{number}@yhteen.example"), ..event })
            .collect();
        let file = write(&name, None, &events);
        assert_lines(&file);
        let ever = Window::new(at("0001-01-01T00:00:00Z"), at("9998-01-01T00:00:00Z"));
        let read = read(file.as_bytes(), ever).unwrap();
        prop_assert_eq!(read.occurrences.len(), events.len());
        for (read, event) in read.occurrences.iter().zip(&events) {
            let When::Time(starts_at, ends_at) = event.when else { unreachable!() };
            prop_assert_eq!((read.starts_at, read.ends_at), (starts_at, ends_at));
            prop_assert_eq!(&read.uid, &event.uid);
            prop_assert_eq!(i64::from(read.sequence), event.sequence);
            prop_assert_eq!(read.cancelled, event.status == Status::Cancelled);
            prop_assert_eq!(&read.summary, &text(&event.summary));
            prop_assert_eq!(&read.location, &event.location.as_deref().and_then(text));
            let tags: Vec<String> = read.tags.iter().map(|tag| tag.as_str().to_owned()).collect();
            prop_assert_eq!(&tags, &event.categories);
            prop_assert!(read.recurrence_id.is_none() && read.notes.is_empty());
        }
    }
}

#[test]
fn the_rules_of_the_clock_are_those_of_the_zone() {
    // Under a name that nobody knows, so that the rules of the file themselves are read.
    let hours = (1997..=2099).flat_map(|year| [(year, 3), (year, 10)]).flat_map(|(year, month)| {
        let first = midnight(Date::from_ymd_opt(year, month, 24).unwrap());
        (0..8 * 24).map(move |hour| first + TimeDelta::hours(hour))
    });
    let hours: Vec<Instant> = hours.collect();
    for part in hours.chunks(5_000) {
        let events: Vec<Event> =
            part.iter().enumerate().map(|(number, at)| one(&number.to_string(), When::Time(*at, None))).collect();
        let file = write("Kello", None, &events);
        assert!(file.contains(";TZID=Europe/Helsinki:"));
        let own = file.replace("X-LIC-LOCATION:Europe/Helsinki\r\n", "").replace("Europe/Helsinki", "Kello");
        let own = own.replace("X-WR-TIMEZONE:Kello\r\n", "");
        let window = Window::new(at("1996-06-01T00:00:00Z"), at("2100-06-01T00:00:00Z"));
        let read = read(own.as_bytes(), window).unwrap();
        assert_eq!(read.occurrences.iter().map(|one| one.starts_at).collect::<Vec<_>>(), part);
    }
}

#[test]
fn times_are_told_by_the_clock_or_in_utc_where_it_does_not_tell_them() {
    let start = |starts: &str| {
        let file = write("Kello", None, &[one("u", When::Time(at(starts), None))]);
        unfolded(&file).into_iter().rfind(|line| line.starts_with("DTSTART")).unwrap()
    };
    assert_eq!(start("2026-03-29T00:59:59Z"), "DTSTART;TZID=Europe/Helsinki:20260329T025959");
    assert_eq!(start("2026-03-29T01:00:00Z"), "DTSTART;TZID=Europe/Helsinki:20260329T040000");
    assert_eq!(start("2026-10-25T00:30:00Z"), "DTSTART;TZID=Europe/Helsinki:20261025T033000");
    // The second half past three of that night.
    assert_eq!(start("2026-10-25T01:30:00Z"), "DTSTART:20261025T013000Z");
    assert_eq!(start("1982-06-01T09:00:00Z"), "DTSTART:19820601T090000Z");
    assert_eq!(start("2150-06-01T09:00:00Z"), "DTSTART:21500601T090000Z");
}

#[test]
fn a_file_says_what_programs_ask_for() {
    let due = Date::from_ymd_opt(2026, 12, 31).unwrap();
    let day = Event { busy: false, status: Status::Tentative, ..one("report-due-1@yhteen.example", When::Day(due)) };
    let file = write("Kouvola; kokoukset, kaikki", Some("Kaikki, kokoukset"), &[day]);
    assert_lines(&file);
    let lines = unfolded(&file);
    for line in [
        "VERSION:2.0",
        "METHOD:PUBLISH",
        r"X-WR-CALNAME:Kouvola\; kokoukset\, kaikki",
        r"NAME:Kouvola\; kokoukset\, kaikki",
        "REFRESH-INTERVAL;VALUE=DURATION:PT4H",
        "X-PUBLISHED-TTL:PT4H",
        "TZID:Europe/Helsinki",
        "UID:report-due-1@yhteen.example",
        "SEQUENCE:0",
        "DTSTAMP:20260115T100000Z",
        "LAST-MODIFIED:20260115T100000Z",
        "DTSTART;VALUE=DATE:20261231",
        "DTEND;VALUE=DATE:20270101",
        "STATUS:TENTATIVE",
        "TRANSP:TRANSPARENT",
        "URL:https://yhteen.example/api/v1/meetings/1",
    ] {
        assert!(lines.iter().any(|found| found == line), "{line} is not in {lines:#?}");
    }
}
