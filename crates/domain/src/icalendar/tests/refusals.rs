//! Bad files, each refused with its line.

use super::*;

/// The lines and codes of a refusal.
fn refused(text: &[u8]) -> Vec<String> {
    let fault = read(text, window()).unwrap_err();
    assert_eq!(fault.code, &MALFORMED);
    assert!(!fault.culprits.is_empty());
    fault.culprits.iter().map(|culprit| format!("{} {}", culprit.pointer, culprit.code)).collect()
}

#[test]
fn bad_files_are_refused_with_their_lines() {
    let check = |text: &str, expect: &str| {
        assert_eq!(refused(text.as_bytes()).join(", "), expect, "{text}");
    };
    check("", "line:1 not_a_calendar");
    check("\r\n \r\n", "line:1 not_a_calendar");
    check("<html>\n<body>", "line:1 not_a_property, line:2 not_a_property");
    check("BEGIN:VCARD\nEND:VCARD", "line:1 not_a_calendar");
    check("UID:1\nBEGIN:VCALENDAR\nEND:VCALENDAR", "line:1 not_a_calendar");
    check("BEGIN:VCALENDAR\nVERSION:2.0\n", "line:1 unbalanced");
    check("BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR", "line:3 unbalanced");
    check("BEGIN:VCALENDAR\nEND:VCALENDAR\nEND:VCALENDAR", "line:3 unbalanced");
    check("BEGIN:VCALENDAR\nBEGIN:VCALENDAR", "line:2 not_a_calendar");
    check(&"BEGIN:VCALENDAR\nBEGIN:A\n".replacen("BEGIN:A\n", &"BEGIN:A\n".repeat(100_000), 1), "line:9 too_deep");
    check(&calendar("VERSION:1.0").replace("VERSION:2.0\r\n", ""), "line:3 unsupported_calendar");
    check(&calendar("CALSCALE:HEBREW"), "line:4 unsupported_calendar");
    let floating = "X-WR-TIMEZONE:Mars/Olympus\nBEGIN:VEVENT\nUID:u\nDTSTART:20260105T140000\nEND:VEVENT";
    check(&calendar(floating), "line:7 unknown_zone");
    check(&calendar("BEGIN:VEVENT\nDTSTART:20260105T140000Z\nEND:VEVENT"), "line:4 no_uid");
    check(&calendar("BEGIN:VEVENT\nUID: \nDTSTART:20260105T140000Z\nEND:VEVENT"), "line:5 no_uid");

    // From here on the lines of one event begin on line 6.
    let check = |lines: &str, expect: &str| check(&event(lines), expect);
    let start = |rest: &str| format!("DTSTART;TZID=Europe/Helsinki:20260105T160000\n{rest}");
    check("SUMMARY:x", "line:4 no_start");
    check("DTSTART:20260105T140000Z\nDTSTART:20260105T140000Z", "line:7 given_twice");
    check("UID:v\nDTSTART:20260105T140000Z", "line:6 given_twice");
    check("DTSTART:2026-01-05", "line:6 bad_time");
    check("DTSTART:20260230T140000Z", "line:6 bad_time");
    check("DTSTART;VALUE=DATE:20260105T140000Z", "line:6 bad_time");
    check("DTSTART;VALUE=DATE-TIME:20260105", "line:6 bad_time");
    check("DTSTART;VALUE=TEXT:20260105T140000", "line:6 bad_time");
    check("DTSTART;TZID=Europe/Atlantis:20260105T140000", "line:6 unknown_zone");
    check("DTSTART;TZID=:20260105T140000", "line:6 unknown_zone");
    check("DTSTART;TZID=\"Europe/Helsinki:20260105T140000", "line:6 not_a_property");
    check("DTSTART 20260105T140000", "line:6 not_a_property");
    check(&start(":x"), "line:7 not_a_property");
    check(&start("SUMMARY:a\u{0}b"), "line:7 control_character");
    check(&start("DTEND;TZID=Europe/Helsinki:20260105T155959"), "line:7 bad_end");
    check(&start("DTEND;VALUE=DATE:20260106"), "line:7 bad_end");
    check(&start("DTEND:later"), "line:7 bad_time");
    check(&start("DURATION:-PT1H"), "line:7 bad_end");
    check(&start("DURATION:P9999999D"), "line:4 bad_end");
    check(&start("DURATION:PT1H\nDTEND:20260105T170000Z"), "line:7 bad_end");
    check(&start("SEQUENCE:-1"), "line:7 bad_sequence");
    check(&start("SEQUENCE:2147483648"), "line:7 bad_sequence");
    check(&start("DTEND:99991231T235959Z"), "line:4 bad_end");
    check(&start("EXDATE:20260105T140000Z,"), "line:7 bad_time");
    check(&start("RDATE;VALUE=PERIOD:20260105T140000Z/20260105T130000Z"), "line:7 bad_end");
    check(&start("RECURRENCE-ID;RANGE=THISANDPRIOR:20260105T140000Z"), "line:7 bad_range");
    check(&start("RECURRENCE-ID:20260105T140000Z\nRRULE:FREQ=DAILY"), "line:8 bad_rule");
    check(&start("EXRULE:FREQ=DAILY"), "line:7 unsupported_rule");
    for (rule, code) in [
        ("", "bad_rule"),
        ("FREQ=FORTNIGHTLY", "bad_rule"),
        ("COUNT=3", "bad_rule"),
        ("FREQ=SECONDLY", "unsupported_rule"),
        ("FREQ=MINUTELY;COUNT=1000000000", "unsupported_rule"),
        ("FREQ=HOURLY", "unsupported_rule"),
        ("FREQ=DAILY;INTERVAL=0", "bad_rule"),
        ("FREQ=DAILY;COUNT=0", "bad_rule"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20260301", "bad_rule"),
        ("FREQ=DAILY;UNTIL=20251231T000000Z", "bad_rule"),
        ("FREQ=DAILY;UNTIL=tomorrow", "bad_rule"),
        ("FREQ=DAILY;FREQ=DAILY", "bad_rule"),
        ("FREQ=DAILY;BYEASTER=1", "unsupported_rule"),
        ("FREQ=DAILY;RSCALE=HEBREW", "unsupported_rule"),
        ("FREQ=DAILY;BYMONTH=13", "bad_rule"),
        ("FREQ=DAILY;BYDAY=XX", "bad_rule"),
        ("FREQ=WEEKLY;BYDAY=1MO", "bad_rule"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "bad_rule"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "bad_rule"),
        ("FREQ=DAILY;BYHOUR=0,1,2,3,4;BYMINUTE=0,10,20,30,40", "unsupported_rule"),
        ("FREQ", "bad_rule"),
    ] {
        check(&start(&format!("RRULE:{rule}")), &format!("line:7 {code}"));
    }
    check(&start("RRULE:FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16"), "line:7 too_many_occurrences");
}

#[test]
fn bad_zones_are_refused_with_their_lines() {
    let check = |part: &str, expect: &str| {
        let zone = format!("BEGIN:VTIMEZONE\nTZID:Z\n{part}END:VTIMEZONE\n");
        let event = "BEGIN:VEVENT\nUID:u\nDTSTART;TZID=Z:20260105T140000\nEND:VEVENT";
        assert_eq!(refused(calendar(&format!("{zone}{event}")).as_bytes()).join(", "), expect, "{part}");
        // One that no event uses does no harm.
        assert!(read(calendar(&zone).as_bytes(), window()).is_ok());
    };
    check("", "line:4 bad_zone");
    check("BEGIN:STANDARD\nDTSTART:16010101T000000\nTZOFFSETFROM:+0200\nEND:STANDARD\n", "line:6 bad_zone");
    let part = |start: &str, to: &str, rest: &str| {
        format!("BEGIN:STANDARD\nDTSTART:{start}\nTZOFFSETFROM:+0200\nTZOFFSETTO:{to}\n{rest}END:STANDARD\n")
    };
    check(&part("16010101T000000", "2", ""), "line:9 bad_offset");
    check(&part("16010101T000000", "+2400", ""), "line:9 bad_offset");
    check(&part("16010101T000000", "+ä00", ""), "line:9 bad_offset");
    check(&part("16010101T000000Z", "+0200", ""), "line:7 bad_zone");
    check(&part("16010101", "+0200", ""), "line:7 bad_zone");
    check(&part("16010101T000000", "+0200", "RDATE;VALUE=DATE:16020101\n"), "line:10 bad_zone");
    check(&part("16010101T000000", "+0200", "RRULE:FREQ=DAILY\n"), "line:6 bad_zone");
}

#[test]
fn bytes_that_are_no_text_are_found_on_their_line() {
    let folded = b"BEGIN:VCALENDAR\r\nX-A:a\r\n b\r\n \xFFc\r\nEND:VCALENDAR\r\n";
    assert_eq!(refused(folded), ["line:4 not_utf8"]);
    let folded = b"BEGIN:VCALENDAR\r\nX-A:a\r\n b\r\n c\x07\r\nEND:VCALENDAR\r\n";
    assert_eq!(refused(folded), ["line:4 control_character"]);
    assert_eq!(
        refused("BEGIN:VCALENDAR\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>().as_slice())[0],
        "line:1 control_character"
    );
}

#[test]
fn several_faults_are_named_together_but_not_without_end() {
    let bad = "BEGIN:VEVENT\nUID:u\nDTSTART:soon\nEND:VEVENT\n";
    assert_eq!(
        refused(calendar(&bad.repeat(3)).as_bytes()),
        ["line:6 bad_time", "line:10 bad_time", "line:14 bad_time"]
    );
    assert_eq!(refused(calendar(&bad.repeat(60)).as_bytes()).len(), 50);
    assert_eq!(refused("?\n".repeat(1_000).as_bytes()).len(), 50);
}

#[test]
fn absurd_files_are_refused_soon() {
    let begun = std::time::Instant::now();
    let events = |rule: &str, count: usize| {
        let one = |n| format!("BEGIN:VEVENT\nUID:{n}\nDTSTART:19700101T140000Z\nRRULE:{rule}\nEND:VEVENT\n");
        calendar(&(0..count).map(one).collect::<String>())
    };
    let last = |text: &str| refused(text.as_bytes()).pop().unwrap();
    assert!(last(&events("FREQ=DAILY", 100)).ends_with("too_many_occurrences"));
    assert!(last(&events("FREQ=DAILY;UNTIL=20251231", 1_000)).ends_with("too_costly"));
    assert!(last(&events("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30", 9_000)).ends_with("too_costly"));
    assert!(last(&events("FREQ=YEARLY", 10_001)).ends_with("too_many_components"));
    let early = |rest: &str| {
        event(&format!(
            "DTSTART:00010101T140000Z
RRULE:FREQ=DAILY{rest}"
        ))
    };
    assert_eq!(file(&early("")).occurrences.len(), 365);
    assert!(last(&early(";BYHOUR=8,9,10,11,12,13,14,15;BYSETPOS=-1,1")).ends_with("too_costly"));
    let zone = |n: usize| format!("BEGIN:VEVENT\nUID:{n}\nDTSTART;TZID=Z{n}:20260101T000000\nEND:VEVENT\n");
    let zones: String = (0..500).map(zone).collect();
    assert_eq!(refused(calendar(&zones).as_bytes()).len(), 50);
    assert!(begun.elapsed() < std::time::Duration::from_mins(1), "{:?}", begun.elapsed());
}
