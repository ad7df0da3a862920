//! A calendar as Outlook writes it, imported, imported again, and changed.

use super::*;

/// A board that meets every other Monday from 12 January at 16:00, across both turns of the clock; a council on the
/// second Tuesday of each month; one board meeting moved, one left out; a seminar day, and a single meeting.
const OUTLOOK: &str = "BEGIN:VCALENDAR\r
PRODID:-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN\r
VERSION:2.0\r
METHOD:PUBLISH\r
X-MS-OLK-FORCEINSPECTOROPEN:TRUE\r
BEGIN:VTIMEZONE\r
TZID:FLE Standard Time\r
BEGIN:STANDARD\r
DTSTART:16011028T040000\r
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r
TZOFFSETFROM:+0300\r
TZOFFSETTO:+0200\r
END:STANDARD\r
BEGIN:DAYLIGHT\r
DTSTART:16010325T030000\r
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r
TZOFFSETFROM:+0200\r
TZOFFSETTO:+0300\r
END:DAYLIGHT\r
END:VTIMEZONE\r
BEGIN:VEVENT\r
CLASS:PUBLIC\r
DESCRIPTION:Esityslista julkaistaan viikkoa ennen.\\n\\nhttps://example.org/a\r
 sialista\r
DTEND;TZID=\"FLE Standard Time\":20260112T180000\r
DTSTART;TZID=\"FLE Standard Time\":20260112T160000\r
EXDATE;TZID=\"FLE Standard Time\":20260406T160000\r
LOCATION:Kaupungintalo\\, valtuusto\r
 sali\r
RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;UNTIL=20261116T140000Z\r
SEQUENCE:1\r
SUMMARY;LANGUAGE=fi:Kaupunginhallitus\r
CATEGORIES:Hallitus,Avoin kokous,1.2\r
UID:040000008200E00074C5B7101A82E00800000000BOARD\r
BEGIN:VALARM\r
TRIGGER:-PT15M\r
ACTION:DISPLAY\r
DESCRIPTION:Reminder\r
DURATION:PT5M\r
END:VALARM\r
END:VEVENT\r
BEGIN:VEVENT\r
DTEND;TZID=\"FLE Standard Time\":20260610T150000\r
DTSTART;TZID=\"FLE Standard Time\":20260610T130000\r
RECURRENCE-ID;TZID=\"FLE Standard Time\":20260615T160000\r
SEQUENCE:0\r
SUMMARY:Kaupunginhallitus\r
UID:040000008200E00074C5B7101A82E00800000000BOARD\r
END:VEVENT\r
BEGIN:VEVENT\r
DURATION:PT3H\r
DTSTART;TZID=\"FLE Standard Time\":20260113T173000\r
RRULE:FREQ=MONTHLY;BYDAY=2TU;COUNT=12\r
UID:040000008200E00074C5B7101A82E00800000000COUNCIL\r
END:VEVENT\r
BEGIN:VEVENT\r
DTSTART;VALUE=DATE:20260220\r
DTEND;VALUE=DATE:20260221\r
SUMMARY:Seminaaripäivä\r
UID:040000008200E00074C5B7101A82E00800000000SEMINAR\r
END:VEVENT\r
BEGIN:VEVENT\r
DTSTART:20260701T090000Z\r
SUMMARY:Ylimääräinen kokous\r
UID:040000008200E00074C5B7101A82E00800000000EXTRA\r
END:VEVENT\r
END:VCALENDAR\r
";

fn imported() -> Meetings {
    let mut meetings = Meetings::default();
    let reports = meetings.import(&file(OUTLOOK));
    assert_eq!(outcomes(&reports), "35 created, 1 skipped (all_day)");
    meetings
}

#[test]
fn local_hours_hold_across_both_turns_of_the_clock() {
    let file = file(OUTLOOK);
    let of = |uid: &str| -> Vec<&Occurrence> { file.occurrences.iter().filter(|one| one.uid.ends_with(uid)).collect() };
    let local = |at: Instant| at.with_timezone(&chrono_tz::Europe::Helsinki).naive_local();
    let board = of("BOARD");
    assert_eq!(board.len(), 22);
    for one in &board {
        let (clock, hours) = if one.line == 42 { ("13:00:00", 2) } else { ("16:00:00", 2) };
        assert_eq!(local(one.starts_at).time().to_string(), clock, "{one:?}");
        assert_eq!(one.ends_at.unwrap() - one.starts_at, TimeDelta::hours(hours));
        assert_eq!((one.zone.as_str(), one.sequence), ("Europe/Helsinki", 1));
    }
    assert_eq!(board[0].location.as_ref().unwrap().as_str(), "Kaupungintalo, valtuustosali");
    assert_eq!(board[0].summary.as_ref().unwrap().as_str(), "Kaupunginhallitus");
    assert_eq!(board[0].tags.iter().map(Tag::as_str).collect::<Vec<_>>(), ["hallitus", "avoin-kokous"]);
    assert_eq!((board[0].line, &board[0].notes), (21, &vec![Note::NoTag]));
    assert!(!board.iter().any(|one| one.starts_at == at("2026-04-06T13:00:00Z")));
    let moved = board.iter().find(|one| one.line == 42).unwrap();
    assert_eq!(moved.recurrence_id, Some(at("2026-06-15T13:00:00Z")));

    let council = of("COUNCIL");
    assert_eq!(council.len(), 12);
    assert!(council.iter().all(|one| local(one.starts_at).time().to_string() == "17:30:00"));
    assert!(council.iter().all(|one| one.ends_at.unwrap() - one.starts_at == TimeDelta::hours(3)));
    assert_eq!(of("EXTRA")[0].recurrence_id, None);
    assert_eq!(file.skipped[0].line, 56);
}

#[test]
fn a_repeated_import_changes_nothing() {
    let mut meetings = imported();
    let before = meetings.clone();
    let reports = meetings.import(&file(OUTLOOK));
    assert_eq!(outcomes(&reports), "1 skipped (all_day)");
    assert_eq!(meetings, before);
}

#[test]
fn a_moved_instance_moves_its_meeting_and_no_other() {
    let mut meetings = imported();
    let changed = OUTLOOK.replace("20260610T1", "20260611T1").replace("SEQUENCE:0", "SEQUENCE:2");
    let reports = meetings.import(&file(&changed));
    assert_eq!(outcomes(&reports), "1 skipped (all_day), 1 updated");
    assert_eq!(reports[0].changed, [ChangedField::StartsAt, ChangedField::EndsAt]);
    assert_eq!(meetings.0.len(), 35);
    // The older file does not move it back.
    let reports = meetings.import(&file(OUTLOOK));
    assert_eq!(outcomes(&reports), "1 skipped (all_day), 1 skipped (stale)");
}

#[test]
fn instances_that_are_left_out_or_cut_off_are_cancelled() {
    let mut meetings = imported();
    let changed = OUTLOOK.replace("20260406T160000", "20260406T160000,20260420T160000").replace("20261116", "20261019");
    let reports = meetings.import(&file(&changed));
    // The 20th of April, and the 2nd and 16th of November.
    assert_eq!(outcomes(&reports), "3 cancelled, 1 skipped (all_day)");
    assert!(!meetings.planned().contains(&"04-20 16:00".to_owned()));
    assert_eq!(outcomes(&meetings.import(&file(&changed))), "1 skipped (all_day)");
    // Taken in again, they take place after all.
    assert_eq!(outcomes(&meetings.import(&file(OUTLOOK))), "1 skipped (all_day), 3 updated");
    assert_eq!(meetings.planned(), imported().planned());
}

#[test]
fn a_series_at_another_hour_keeps_its_meetings() {
    let mut meetings = imported();
    let changed = OUTLOOK.replace("0112T18", "0112T19").replace("0112T16", "0112T17").replace("0406T16", "0406T17");
    let changed =
        changed.replace("0615T16", "0615T17").replace("1116T14", "1116T15").replace("SEQUENCE:1", "SEQUENCE:2");
    let reports = meetings.import(&file(&changed));
    assert_eq!(outcomes(&reports), "1 skipped (all_day), 21 updated");
    assert_eq!(meetings.0.len(), 35);
    assert!(meetings.planned().contains(&"11-16 17:00".to_owned()));
    assert_eq!(outcomes(&meetings.import(&file(&changed))), "1 skipped (all_day)");
}

#[test]
fn held_meetings_stay() {
    let mut meetings = imported();
    for meeting in &mut meetings.0 {
        meeting.held = meeting.starts_at < at("2026-03-01T00:00:00Z");
    }
    let before = meetings.clone();
    let changed = OUTLOOK.replace("20260406T160000", "20260126T160000").replace("0112T1", "0112T0");
    let reports = meetings.import(&file(&changed.replace("SEQUENCE:1", "SEQUENCE:5")));
    let held = |meetings: &Meetings| meetings.0.iter().filter(|known| known.held).cloned().collect::<Vec<_>>();
    assert_eq!(held(&meetings), held(&before));
    assert!(outcomes(&reports).contains("(held)"), "{}", outcomes(&reports));
    assert!(reports.iter().filter(|r| r.reason == Some(SkipReason::Held)).all(|r| r.meeting_id.is_some()));
}

#[test]
fn cancelled_events_cancel_their_meetings() {
    let mut meetings = imported();
    let one = OUTLOOK.replace("SEQUENCE:0\r\nSUMMARY", "SEQUENCE:0\r\nSTATUS:CANCELLED\r\nSUMMARY");
    assert_eq!(outcomes(&meetings.import(&file(&one))), "1 cancelled, 1 skipped (all_day)");
    let all = OUTLOOK.replace("METHOD:PUBLISH", "METHOD:CANCEL");
    assert_eq!(outcomes(&meetings.import(&file(&all))), "34 cancelled, 1 skipped (all_day)");
    assert_eq!(meetings.planned(), [""; 0]);
    let reports = Meetings::default().import(&file(&all));
    assert_eq!(outcomes(&reports), "1 skipped (all_day), 35 skipped (never_known)");
}

#[test]
fn events_that_the_file_does_not_hold_are_left_alone() {
    let mut meetings = imported();
    let other = event("DTSTART:20260901T090000Z");
    assert_eq!(outcomes(&meetings.import(&file(&other))), "1 created");
    // An instance of a series without the series itself takes nothing out.
    let (head, tail) = (OUTLOOK.find("BEGIN:VEVENT").unwrap(), OUTLOOK.rfind("BEGIN:VEVENT\r\nDTEND").unwrap());
    let lone = format!("{}{}", &OUTLOOK[..head], &OUTLOOK[tail..]).replace("SEQUENCE:0", "SEQUENCE:1");
    let before = meetings.planned().len();
    assert_eq!(outcomes(&meetings.import(&file(&lone))), "1 skipped (all_day), 1 updated".replace(", 1 updated", ""));
    assert_eq!(meetings.planned().len(), before);
}
