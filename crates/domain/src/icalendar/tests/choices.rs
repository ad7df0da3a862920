//! What is left out of a file, and what is told of it.

use super::*;

fn read_with(text: &str, reading: &Reading) -> CalendarFile {
    read_as(text.as_bytes(), window(), reading).unwrap()
}

fn one(uid: &str, lines: &str) -> String {
    format!("BEGIN:VEVENT\nUID:{uid}\nSUMMARY:Kokous {uid}\n{lines}\nEND:VEVENT\n")
}

/// The uid, reason and line of each event that was left out.
fn skipped(file: &CalendarFile) -> Vec<String> {
    let reason = |report: &EventReport| report.reason.map(|reason| reason.to_string()).unwrap_or_default();
    file.skipped.iter().map(|report| format!("{} {} {}", report.uid, reason(report), report.line)).collect()
}

const GOOD: &str = "DTSTART:20260105T140000Z";

#[test]
fn invalid_events_are_left_out_and_told_with_what_is_wrong() {
    let text = calendar(
        &[one("a", GOOD), one("b", "DTSTART:soon"), one("c", "DTSTART:20260105T140000Z\nX:\u{7}"), one("d", GOOD)]
            .concat(),
    );
    assert!(read(text.as_bytes(), window()).is_err());
    let file = read_with(&text, &Reading::new(true, []));
    assert_eq!(file.occurrences.iter().map(|one| one.uid.as_str()).collect::<Vec<_>>(), ["a", "d"]);
    assert_eq!(skipped(&file), ["b invalid 9", "c invalid 14"]);
    assert_eq!(file.skipped[0].detail, "Line 12: DTSTART is not a date or a time such as 20260112T160000.");
    let told: Vec<_> = file.skipped.iter().map(|it| (it.summary.as_ref().map(Text::as_str), it.starts_at)).collect();
    assert_eq!(told, [(Some("Kokous b"), None), (Some("Kokous c"), Some(at("2026-01-05T14:00:00Z")))]);
}

#[test]
fn a_series_of_which_an_instance_is_invalid_is_left_out_as_a_whole() {
    let series = one("s", "DTSTART:20260105T140000Z\nRRULE:FREQ=WEEKLY;COUNT=3");
    let moved = one("s", "RECURRENCE-ID:20260112T140000Z\nDTSTART:later");
    let text = calendar(&[series, moved, one("a", GOOD)].concat());
    let file = read_with(&text, &Reading::new(true, []));
    assert_eq!(file.occurrences.len(), 1);
    assert_eq!(skipped(&file), ["s invalid 4", "s invalid 10"]);
    assert!(!file.headings.contains_key("s"), "so that nothing of it is cancelled");
    // A rule that cannot be followed is found out later.
    let endless = one("e", "DTSTART:20260105T140000Z\nRRULE:FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16");
    let file = read_with(&calendar(&[endless, one("a", GOOD)].concat()), &Reading::new(true, []));
    assert_eq!((file.occurrences.len(), skipped(&file)), (1, vec!["e invalid 4".to_owned()]));
}

#[test]
fn what_is_wrong_with_the_file_itself_is_never_skipped() {
    let reading = Reading::new(true, []);
    for text in [
        "",
        "BEGIN:VCALENDAR\nVERSION:2.0\n",
        "BEGIN:VCALENDAR\nVERSION:1.0\nEND:VCALENDAR",
        "BEGIN:VCALENDAR\nno property\nEND:VCALENDAR",
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR",
    ] {
        assert!(read_as(text.as_bytes(), window(), &reading).is_err(), "{text}");
    }
}

#[test]
fn events_are_taken_by_their_categories() {
    let text = calendar(
        &[
            one("a", "DTSTART:20260105T140000Z\nCATEGORIES:Valtuusto,Budget 2027"),
            one("b", "DTSTART:20260106T140000Z\nCATEGORIES:valtuusto"),
            one("c", GOOD),
            one("s", "DTSTART:20260105T140000Z\nRRULE:FREQ=WEEKLY;COUNT=2\nCATEGORIES:Valtuusto"),
            one("s", "RECURRENCE-ID:20260112T140000Z\nDTSTART:20260113T140000Z"),
        ]
        .concat(),
    );
    let check = |categories: &[&str], expect: &str| {
        let file = read_with(&text, &Reading::new(false, categories.iter().copied()));
        assert_eq!(file.occurrences.iter().map(|one| one.uid.as_str()).collect::<String>(), expect, "{categories:?}");
    };
    check(&[], "abcss");
    check(&["VALTUUSTO"], "abss");
    check(&["budget  2027"], "a");
    check(&["budget 2027", "valtuusto"], "abss");
    check(&["lautakunta"], "");
    let file = read_with(&text, &Reading::new(false, ["budget 2027"]));
    assert_eq!(skipped(&file).len(), 4);
    assert_eq!(skipped(&file)[1], "c other_category 16");
}

#[test]
fn what_the_service_itself_writes_of_deadlines_becomes_no_meeting() {
    let id = "01980000-0000-7000-8000-000000000003";
    let text = calendar(
        &[
            one(&format!("meeting-{id}@yhteen.example"), GOOD),
            one(&format!("deadline-{id}@yhteen.example"), GOOD),
            one("renamed", &format!("{GOOD}\nX-YHTEEN-KIND:agenda_deadline")),
            one("kept", &format!("{GOOD}\nX-YHTEEN-KIND:meeting")),
            one(&format!("report-due-{id}@yhteen.example"), "DTSTART;VALUE=DATE:20260105"),
            one("deadline-1@elsewhere.example", GOOD),
        ]
        .concat(),
    );
    let file = file(&text);
    assert_eq!(file.occurrences.len(), 3);
    let reasons: Vec<_> = skipped(&file).iter().map(|it| it.split(' ').nth(1).unwrap().to_owned()).collect();
    assert_eq!(reasons, ["not_a_meeting"; 3]);
    assert_eq!(file.own_meetings().len(), 1);
}

#[test]
fn tags_follow_the_calendar_and_keep_what_people_have_set() {
    let tags = |words: &str| words.split_whitespace().map(|word| Tag::parse(word).unwrap()).collect::<Vec<_>>();
    let check = |meeting: &str, last: &str, now: &str, expect: &str| {
        assert_eq!(merged(&tags(meeting), &tags(last), &tags(now)), tags(expect), "{meeting} / {last} / {now}");
    };
    check("", "", "budget", "budget");
    check("own", "", "budget", "own budget");
    check("budget own", "budget", "", "own");
    check("own", "budget", "budget", "own");
    check("budget", "", "budget", "budget");
    check("a b", "a b", "b c", "b c");
}
