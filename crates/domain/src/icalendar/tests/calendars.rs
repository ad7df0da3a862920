//! Smaller calendars: zones, rules and times one by one.

use super::*;

fn check(lines: &str, expect: &[&str]) {
    assert_eq!(starts(&file(&event(lines))), expect, "{lines}");
}

#[test]
fn times_are_read_in_their_zones() {
    check("DTSTART:20260115T140000Z", &["01-15 16:00"]);
    check("DTSTART;TZID=Europe/Stockholm:20260115T150000", &["01-15 16:00"]);
    check("DTSTART;TZID=europe/helsinki:20260715T160000", &["07-15 16:00"]);
    check("DTSTART;TZID=\"W. Europe Standard Time\":20260715T150000", &["07-15 16:00"]);
    check("DTSTART;TZID=/freeassociation.sourceforge.net/Tzfile/Europe/Helsinki:20260715T160000", &["07-15 16:00"]);
    check("DTSTART;VALUE=DATE-TIME;TZID=GMT Standard Time:20260715T140000", &["07-15 16:00"]);
    check("dtstart;tzid=UTC:20260715T130000", &["07-15 16:00"]);
    // Half past three does not exist on 29 March, and comes twice on 25 October.
    check("DTSTART;TZID=Europe/Helsinki:20260329T033000", &["03-29 04:30"]);
    check("DTSTART;TZID=Europe/Helsinki:20261025T033000", &["10-25 03:30"]);
}

#[test]
fn floating_times_are_explained() {
    let floating = file(&event("DTSTART:20260715T160000"));
    assert_eq!(starts(&floating), ["07-15 16:00"]);
    assert_eq!(floating.occurrences[0].notes, [Note::Floating("Europe/Helsinki".to_owned())]);
    let own = calendar("X-WR-TIMEZONE:Europe/Stockholm\nBEGIN:VEVENT\nUID:u\nDTSTART:20260715T160000\nEND:VEVENT");
    assert_eq!(starts(&file(&own)), ["07-15 17:00"]);
    let reports = Meetings::default().import(&file(&own));
    assert_eq!(reports[0].detail, "A meeting is made of it. Its time has no zone and was read in Europe/Stockholm.");
}

#[test]
fn the_calendars_own_zone_matters_only_to_floating_times() {
    for own in ["", " ", "Mars/Olympus"] {
        let event = |start: &str| calendar(&format!("X-WR-TIMEZONE:{own}\nBEGIN:VEVENT\nUID:u\n{start}\nEND:VEVENT"));
        for start in ["DTSTART;TZID=Europe/Helsinki:20260715T160000", "DTSTART:20260715T130000Z"] {
            assert_eq!(starts(&file(&event(start))), ["07-15 16:00"], "{own:?} {start}");
        }
        let floating = read(event("DTSTART:20260715T160000").as_bytes(), window());
        assert_eq!(floating.is_ok(), own.trim().is_empty(), "{own:?}");
    }
}

/// A zone that only the file knows, with the European rules of the clock, an hour east of Helsinki.
const DEFINED: &str = "
    BEGIN:VTIMEZONE
    TZID:Customized Time Zone
    BEGIN:STANDARD
    DTSTART:16010101T050000
    TZOFFSETFROM:+0400
    TZOFFSETTO:+0300
    RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
    END:STANDARD
    BEGIN:DAYLIGHT
    DTSTART:16010101T040000
    TZOFFSETFROM:+0300
    TZOFFSETTO:+0400
    RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
    END:DAYLIGHT
    END:VTIMEZONE";

#[test]
fn zones_of_the_files_own_are_followed_exactly() {
    let at = |clock: &str| {
        let event = format!("BEGIN:VEVENT\nUID:u\nDTSTART;TZID=Customized Time Zone:{clock}\nEND:VEVENT");
        let file = file(&calendar(&format!("{DEFINED}\n{event}")));
        assert_eq!(file.occurrences[0].zone, "Customized Time Zone");
        file.occurrences[0].starts_at
    };
    // Against the zone database, an hour off, on every day of the year and through both turns of the clock.
    let mut clock = chrono::NaiveDate::from_ymd_opt(2026, 1, 2).unwrap().and_time(NaiveTime::MIN);
    while clock.date() < chrono::NaiveDate::from_ymd_opt(2026, 12, 30).unwrap() {
        let expect = crate::time::written_in(chrono_tz::Europe::Helsinki, clock - TimeDelta::hours(1));
        assert_eq!(at(&clock.format("%Y%m%dT%H%M%S").to_string()), expect, "{clock}");
        let turning = [(3, 28..31), (10, 24..27)].into_iter().any(|(month, days)| {
            chrono::Datelike::month(&clock) == month && days.contains(&chrono::Datelike::day(&clock))
        });
        clock += if turning { TimeDelta::minutes(30) } else { TimeDelta::hours(61) };
    }
}

#[test]
fn a_zone_may_say_where_it_is() {
    let zone = DEFINED.replace("TZID:Customized Time Zone", "TZID:Oma\nX-LIC-LOCATION:Europe/Helsinki");
    let event = "BEGIN:VEVENT\nUID:u\nDTSTART;TZID=Oma:20260715T160000\nEND:VEVENT";
    assert_eq!(starts(&file(&calendar(&format!("{event}\n{zone}")))), ["07-15 16:00"]);
}

#[test]
fn rules_are_followed_on_the_wall_clock() {
    let helsinki = |clock: &str, rest: &str| format!("DTSTART;TZID=Europe/Helsinki:{clock}\n{rest}");
    check(&helsinki("20260323T160000", "RRULE:FREQ=WEEKLY;COUNT=3"), &["03-23 16:00", "03-30 16:00", "04-06 16:00"]);
    // UNTIL in UTC is the very time of the last one.
    check(&helsinki("20260323T160000", "RRULE:FREQ=WEEKLY;UNTIL=20260330T130000Z"), &["03-23 16:00", "03-30 16:00"]);
    check(&helsinki("20260323T160000", "RRULE:FREQ=WEEKLY;UNTIL=20260330T125959Z"), &["03-23 16:00"]);
    check(&helsinki("20260323T160000", "RRULE:FREQ=WEEKLY;UNTIL=20260330"), &["03-23 16:00", "03-30 16:00"]);
    check(&helsinki("20260328T033000", "RRULE:FREQ=DAILY;COUNT=3"), &["03-28 03:30", "03-29 04:30", "03-30 03:30"]);
    check(&helsinki("20260130T160000", "RRULE:FREQ=MONTHLY;BYDAY=-1FR;COUNT=2"), &["01-30 16:00", "02-27 16:00"]);
    check(
        &helsinki("20260105T160000", "RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=3;UNTIL=20260301"),
        &["01-05 16:00", "02-04 16:00"],
    );
    check(&helsinki("20240229T160000", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1"), &["02-28 16:00"]);
    // The start counts although it is no Monday.
    check(&helsinki("20260107T160000", "RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=2"), &["01-07 16:00", "01-12 16:00"]);
    check(&helsinki("20260107T160000", "RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20260110"), &["01-07 16:00"]);
    // Endless, and long begun: only the window is read.
    assert_eq!(starts(&file(&event(&helsinki("19990104T160000", "RRULE:FREQ=WEEKLY")))).len(), 52);
    assert_eq!(starts(&file(&event(&helsinki("20200101T160000", "RRULE:FREQ=DAILY;COUNT=1000000000")))).len(), 365);
}

#[test]
fn dates_are_added_and_taken_out() {
    check(
        "DTSTART:20260105T140000Z\nDURATION:PT1H\nRDATE:20260301T140000Z,20260201T140000Z",
        &["01-05 16:00", "02-01 16:00", "03-01 16:00"],
    );
    check("DTSTART;TZID=Europe/Helsinki:20260105T160000\nRDATE;VALUE=DATE:20260706", &["01-05 16:00", "07-06 16:00"]);
    let period = "DTSTART:20260105T140000Z\nDURATION:PT1H\nRDATE;VALUE=PERIOD:20260106T140000Z/PT4H,\
        20260107T140000Z/20260107T190000Z";
    let read = file(&event(period));
    let hours = |one: &Occurrence| (one.ends_at.unwrap() - one.starts_at).num_hours();
    assert_eq!(read.occurrences.iter().map(hours).collect::<Vec<_>>(), [1, 4, 5]);
    let daily = "DTSTART;TZID=Europe/Helsinki:20260105T160000\nRRULE:FREQ=DAILY;COUNT=4\n";
    check(
        &format!("{daily}EXDATE;TZID=Europe/Stockholm:20260106T150000"),
        &["01-05 16:00", "01-07 16:00", "01-08 16:00"],
    );
    check(&format!("{daily}EXDATE:20260105T140000Z\nEXDATE:20260108T160000"), &["01-06 16:00", "01-07 16:00"]);
    check(&format!("{daily}EXDATE;VALUE=DATE:20260107"), &["01-05 16:00", "01-06 16:00", "01-08 16:00"]);
}

#[test]
fn durations_of_days_are_of_the_calendar() {
    let ends = |end: &str| {
        file(&event(&format!("DTSTART;TZID=Europe/Helsinki:20260328T160000\n{end}"))).occurrences[0].ends_at
    };
    assert_eq!(ends("DURATION:P1D"), Some(at("2026-03-29T13:00:00Z")));
    assert_eq!(ends("DURATION:PT24H"), Some(at("2026-03-29T14:00:00Z")));
    assert_eq!(ends("DTEND;TZID=Europe/Stockholm:20260328T170000"), Some(at("2026-03-28T16:00:00Z")));
    assert_eq!(ends("SUMMARY:x"), None);
}

#[test]
fn an_instance_may_take_the_later_ones_along() {
    let series = "
        BEGIN:VEVENT
        UID:u
        DTSTART;TZID=Europe/Helsinki:20260105T160000
        RRULE:FREQ=WEEKLY;COUNT=4
        END:VEVENT
        BEGIN:VEVENT
        UID:u
        RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Helsinki:20260119T160000
        DTSTART;TZID=Europe/Helsinki:20260120T170000
        END:VEVENT";
    let read = file(&calendar(series));
    assert_eq!(starts(&read), ["01-05 16:00", "01-12 16:00", "01-20 17:00", "01-27 17:00"]);
    assert_eq!(read.occurrences[3].recurrence_id, Some(at("2026-01-26T14:00:00Z")));
    let day = series.replace("RANGE=THISANDFUTURE;TZID=Europe/Helsinki:20260119T160000", "VALUE=DATE:20260119");
    assert_eq!(starts(&file(&calendar(&day))), ["01-05 16:00", "01-12 16:00", "01-20 17:00", "01-26 16:00"]);
}

#[test]
fn of_two_revisions_the_later_counts() {
    let both = |first: u8, second: u8| {
        file(&calendar(&format!(
            "BEGIN:VEVENT\nUID:u\nSEQUENCE:{first}\nDTSTART:20260105T140000Z\nEND:VEVENT\n\
             BEGIN:VEVENT\nUID:u\nSEQUENCE:{second}\nDTSTART:20260106T140000Z\nEND:VEVENT"
        )))
    };
    assert_eq!(starts(&both(0, 1)), ["01-06 16:00"]);
    assert_eq!(starts(&both(1, 0)), ["01-05 16:00"]);
    assert_eq!(starts(&both(1, 1)), ["01-06 16:00"]);
    assert_eq!(both(1, 0).skipped[0].reason, Some(SkipReason::Repeated));
}

#[test]
fn a_single_event_moved_out_of_the_window_moves_its_meeting() {
    let mut meetings = Meetings::default();
    meetings.import(&file(&event("DTSTART:20261201T140000Z")));
    let later = file(&event("DTSTART:20270107T140000Z"));
    assert_eq!(outcomes(&meetings.import(&later)), "1 updated");
    assert_eq!(outcomes(&Meetings::default().import(&later)), "1 skipped (outside_window)");
    let series = file(&event("DTSTART:20200107T140000Z\nRRULE:FREQ=DAILY;COUNT=3"));
    assert_eq!(outcomes(&Meetings::default().import(&series)), "1 skipped (outside_window)");
}

#[test]
fn an_event_that_becomes_a_series_keeps_its_meeting() {
    let mut meetings = Meetings::default();
    meetings.import(&file(&event("DTSTART:20260105T140000Z")));
    let series = file(&event("DTSTART:20260105T140000Z\nRRULE:FREQ=DAILY;COUNT=3"));
    assert_eq!(outcomes(&meetings.import(&series)), "2 created");
    assert_eq!(outcomes(&meetings.import(&series)), "");
    assert_eq!(meetings.planned(), ["01-05 16:00", "01-06 16:00", "01-07 16:00"]);
}

#[test]
fn lines_may_be_folded_anywhere() {
    let text = event("DTSTART:20260105T140000Z\nLOCATION:Hämeenlinna\\; Raatihuone").into_bytes();
    let plain = read(&text, window()).unwrap();
    for width in 1..20 {
        let mut folded = vec![];
        let mut column = 0;
        // Even inside a character, as old programs do; never between CR and LF.
        for byte in &text {
            if column >= width && !b"\r\n".contains(byte) {
                folded.extend(b"\r\n\t");
                column = 0;
            }
            column = if *byte == b'\n' { 0 } else { column + 1 };
            folded.push(*byte);
        }
        let mut read = read(&folded, window()).unwrap();
        read.occurrences[0].line = plain.occurrences[0].line;
        assert_eq!(read.occurrences, plain.occurrences, "{width}");
    }
    let unix = String::from_utf8(text).unwrap().replace("\r\n", "\n");
    assert_eq!(read(format!("\u{feff}{unix}\n\n").as_bytes(), window()).unwrap(), plain);
}
