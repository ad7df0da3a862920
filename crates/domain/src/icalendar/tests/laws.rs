//! Laws that hold for every file.

use super::*;
use chrono::{NaiveDate, NaiveDateTime};
use proptest::prelude::*;

const ZONES: [&str; 4] = ["Europe/Helsinki", "Europe/Stockholm", "America/New_York", "Asia/Kolkata"];

/// A meeting to be written into a file and read back.
#[derive(Clone, Debug)]
struct Written {
    clock: NaiveDateTime,
    zone: &'static str,
    minutes: Option<i64>,
    sequence: u32,
    cancelled: bool,
    location: Option<Text<NAME>>,
}

fn written() -> impl Strategy<Value = Written> {
    let clock = (0..364_i64, 0..24 * 60_i64).prop_map(|(day, minute)| {
        let first = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap().and_time(NaiveTime::MIN);
        first + TimeDelta::days(day) + TimeDelta::minutes(minute)
    });
    let zone = prop::sample::select(&ZONES[..]);
    let location =
        prop::option::of("[ -~äöÅ]{1,40}").prop_map(|text| values::short_text(text.as_deref().unwrap_or("")).0);
    (clock, zone, prop::option::of(0..600_i64), 0..=2_147_483_647_u32, any::<bool>(), location).prop_map(
        |(clock, zone, minutes, sequence, cancelled, location)| Written {
            clock,
            zone,
            minutes,
            sequence,
            cancelled,
            location,
        },
    )
}

fn write(events: &[Written]) -> String {
    let mut lines = String::new();
    for (n, one) in events.iter().enumerate() {
        let mut event = icalendar::Event::new();
        icalendar::Component::uid(&mut event, &n.to_string());
        icalendar::Component::append_multi_property(
            &mut event,
            icalendar::Property::new("DTSTART", one.clock.format("%Y%m%dT%H%M%S").to_string())
                .add_parameter("TZID", one.zone)
                .done(),
        );
        icalendar::Component::sequence(&mut event, one.sequence);
        if let Some(minutes) = one.minutes {
            icalendar::Component::add_property(&mut event, "DURATION", format!("PT{minutes}M"));
        }
        if let Some(location) = &one.location {
            icalendar::EventLike::location(&mut event, location.as_str());
        }
        if one.cancelled {
            icalendar::Component::add_property(&mut event, "STATUS", "CANCELLED");
        }
        lines += &icalendar::Component::try_into_string(&event).unwrap();
    }
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{lines}END:VCALENDAR\r\n")
}

/// Rules of all sorts, many of them contradictory.
fn rule() -> impl Strategy<Value = String> {
    (
        prop::sample::select(vec!["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
        prop::collection::vec(
            prop::sample::select(vec![
                "INTERVAL=2",
                "INTERVAL=65535",
                "COUNT=5",
                "UNTIL=20260701",
                "UNTIL=20260701T000000Z",
                "BYDAY=MO",
                "BYDAY=-1SU,2TU",
                "BYDAY=53MO",
                "BYMONTHDAY=-31,31,1",
                "BYMONTH=2,12",
                "BYYEARDAY=-366,366,1",
                "BYWEEKNO=1,53,-53,-1,20",
                "BYSETPOS=-1,1",
                "BYSETPOS=366",
                "BYHOUR=0,23",
                "BYMINUTE=59",
                "BYSECOND=0,59",
                "WKST=SU",
                "WKST=TH",
            ]),
            0..5,
        ),
    )
        .prop_map(|(freq, parts)| format!("RRULE:FREQ={freq};{}", parts.join(";")))
}

/// Properties and values out of which files are made that are nearly right.
fn nearly() -> impl Strategy<Value = String> {
    let date = prop::sample::select(vec![
        "20260105T160000",
        "20260329T033000",
        "20261025T033000Z",
        "20240229T120000",
        "00010101T000000",
        "99991231T235959Z",
        "99991231T235959",
        "20261231T235959",
        "20260105",
        "19000101T000000",
    ]);
    let zone = prop::sample::select(vec![
        "",
        ";TZID=Europe/Helsinki",
        ";TZID=FLE Standard Time",
        ";TZID=Own",
        ";TZID=Pacific/Apia",
    ]);
    let dated = (prop::sample::select(vec!["DTSTART", "DTEND", "EXDATE", "RDATE", "RECURRENCE-ID"]), zone, date)
        .prop_map(|(name, zone, date)| format!("{name}{zone}:{date}"));
    let other = prop::sample::select(vec![
        "UID:a",
        "UID:b",
        "SEQUENCE:3",
        "STATUS:CANCELLED",
        "DURATION:P3W",
        "DURATION:PT1H",
        "BEGIN:VEVENT",
        "END:VEVENT",
        "SUMMARY:x\\",
        "CATEGORIES:a\\,b,,c",
        "LOCATION;X=\"a:b\":c",
        "BEGIN:VALARM",
        "END:VALARM",
        "X-WR-TIMEZONE:Own",
        " folded",
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20260105T160000",
    ])
    .prop_map(str::to_owned);
    let event =
        (prop::collection::vec(prop_oneof![rule(), dated, other], 0..8), any::<bool>()).prop_map(|(lines, start)| {
            let start = if start { "DTSTART;TZID=Own:20260105T160000\n" } else { "" };
            format!("BEGIN:VEVENT\nUID:a\n{start}{}\nEND:VEVENT\n", lines.join("\n"))
        });
    let zone = "BEGIN:VTIMEZONE\nTZID:Own\nBEGIN:STANDARD\nDTSTART:16010101T040000\nTZOFFSETFROM:+0300\nTZOFFSETTO:+0200\n\
        RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\nEND:STANDARD\nBEGIN:DAYLIGHT\nDTSTART:16010101T030000\nTZOFFSETFROM:+0200\n\
        TZOFFSETTO:+0300\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\nEND:DAYLIGHT\nEND:VTIMEZONE\n";
    prop::collection::vec(event, 1..4).prop_map(move |events| calendar(&format!("{zone}{}", events.concat())))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_back(events in prop::collection::vec(written(), 0..12)) {
        let wide = Window::new(at("2025-01-01T00:00:00Z"), at("2028-01-01T00:00:00Z"));
        let file = read(write(&events).as_bytes(), wide).unwrap();
        prop_assert_eq!(file.occurrences.len(), events.len());
        for (n, (one, event)) in file.occurrences.iter().zip(&events).enumerate() {
            let starts_at = crate::time::written_in(event.zone.parse().unwrap(), event.clock);
            prop_assert_eq!(&one.uid, &n.to_string());
            prop_assert_eq!(one.starts_at, starts_at);
            prop_assert_eq!(one.ends_at, event.minutes.map(|minutes| starts_at + TimeDelta::minutes(minutes)));
            prop_assert_eq!((one.sequence, one.cancelled, &one.location), (event.sequence, event.cancelled, &event.location));
        }
    }

    #[test]
    fn arbitrary_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(read(&bytes, window()).is_err());
    }

    #[test]
    fn nearly_right_files_do_no_harm(text in nearly()) {
        if let Ok(file) = read(text.as_bytes(), window()) {
            let mut meetings = Meetings::default();
            meetings.import(&file);
            let before = meetings.clone();
            let again = meetings.import(&file);
            prop_assert_eq!(&meetings, &before);
            prop_assert!(again.iter().all(|report| report.outcome == EventOutcome::Skipped), "{:?}", again);
            let mut identities: Vec<_> = meetings.0.iter().map(|known| (&known.uid, known.recurrence_id)).collect();
            identities.sort();
            identities.dedup();
            prop_assert_eq!(identities.len(), meetings.0.len());
        }
    }

    #[test]
    fn rules_keep_to_their_bounds(rule in rule(), start in 0..3_000_i64, hour in 0..24_u32) {
        let day = NaiveDate::from_ymd_opt(2019, 1, 1).unwrap() + TimeDelta::days(start);
        let text = event(&format!("DTSTART;TZID=Europe/Helsinki:{}T{hour:02}0000\n{rule}", day.format("%Y%m%d")));
        if let Ok(file) = read(text.as_bytes(), window()) {
            let begins = crate::time::local(day.and_hms_opt(hour, 0, 0).unwrap());
            let ids: Vec<_> = file.occurrences.iter().map(|one| one.recurrence_id.unwrap()).collect();
            prop_assert!(ids.is_sorted_by(|a, b| a < b));
            prop_assert!(ids.iter().all(|id| *id >= begins && window().holds(*id)));
            prop_assert_eq!(ids.contains(&begins), window().holds(begins));
            prop_assert!(!rule.contains("COUNT=5") || ids.len() <= 5);
        }
    }

    #[test]
    fn damaged_files_do_no_harm(text in nearly(), cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 1..6)) {
        let mut bytes = text.into_bytes();
        for (index, byte, how) in cuts {
            let at = index.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => drop(bytes.remove(at)),
            }
        }
        let _ = read(&bytes, window());
    }
}
