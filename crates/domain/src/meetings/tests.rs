use super::*;
use crate::bodies::{self, AgendaLead, BodyVisibility};
use crate::icalendar::read;
use crate::text::{ClockTime, Name};
use crate::vocabulary::{BodyKind, Regime};
use uuid::Uuid;

const NOW: &str = "2026-03-20T09:00:00Z";

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn body() -> Body {
    let details = bodies::Details {
        name: Name::fi("Lautakunta").unwrap(),
        kind: BodyKind::Committee,
        visibility: BodyVisibility::Public,
        valid_from: None,
        valid_to: None,
        published_until: None,
        agenda_lead: AgendaLead { days: 7, time: ClockTime::parse("12:00").unwrap() },
        minutes_publication_days: 7,
        regime: Regime::MunicipalBoard,
    };
    Body::new(Uuid::from_u128(1).into(), Uuid::from_u128(2).into(), details, at(NOW)).unwrap()
}

fn details() -> Details {
    Details {
        starts_at: at("2026-03-17T14:00:00Z"),
        ends_at: Some(at("2026-03-17T16:00:00Z")),
        agenda_deadline: at("2026-03-10T10:00:00Z"),
        zone: ZoneName::helsinki(),
        state: MeetingState::Planned,
        tags: Vec::new(),
        location: None,
        minutes_published_on: None,
    }
}

fn meeting(state: MeetingState) -> Meeting {
    let meeting = Meeting::new(Uuid::from_u128(3).into(), &body(), details(), at(NOW)).unwrap();
    Meeting { details: Details { state, ..meeting.details.clone() }, ..meeting }
}

/// Changes a meeting; answers what refused it, with the first place at fault.
fn refusal(meeting: Meeting, change: impl Fn(&mut Details)) -> Option<(&'static str, String)> {
    let mut details = meeting.details.clone();
    change(&mut details);
    let fault = meeting.changed(&body(), details, at(NOW)).err()?;
    Some((fault.code.name, fault.culprits.first().map_or(String::new(), |place| place.pointer.clone())))
}

#[test]
fn a_meeting_goes_forward_one_step_at_a_time() {
    use MeetingState::{Held, Invited, Planned};
    for (from, to, allowed) in [
        (Planned, Planned, true),
        (Planned, Invited, true),
        (Planned, Held, false),
        (Invited, Planned, false),
        (Invited, Held, true),
        (Held, Held, true),
        (Held, Invited, false),
        (Held, Planned, false),
    ] {
        let expect = (!allowed).then(|| ("meeting.state_order", "/state".to_owned()));
        assert_eq!(refusal(meeting(from), |it| it.state = to), expect, "{from} to {to}");
    }
}

#[test]
fn a_meeting_is_held_once_it_has_begun() {
    let held_at = |starts_at: &str| {
        refusal(meeting(MeetingState::Invited), |it| {
            it.starts_at = at(starts_at);
            it.ends_at = None;
            it.state = MeetingState::Held;
        })
    };
    assert_eq!(held_at(NOW), None);
    assert_eq!(held_at("2026-03-20T09:00:01Z"), Some(("meeting.not_started", "/state".into())));
}

#[test]
fn what_was_held_is_not_moved_but_gets_its_minutes() {
    let held = || meeting(MeetingState::Held);
    let refused = |pointer: &str| Some(("meeting.held", pointer.to_owned()));
    assert_eq!(refusal(held(), |it| it.starts_at = at("2026-03-17T13:00:00Z")), refused("/starts_at"));
    assert_eq!(refusal(held(), |it| it.ends_at = None), refused("/ends_at"));
    assert_eq!(refusal(held(), |it| it.agenda_deadline = at("2026-03-09T10:00:00Z")), refused("/agenda_deadline"));
    assert_eq!(refusal(held(), |it| it.minutes_published_on = Some("2026-03-17".parse().unwrap())), None);
    assert_eq!(refusal(held(), |it| it.tags = vec![Tag::parse("budget").unwrap()]), None);
    assert_eq!(held().cancel(at(NOW)).unwrap_err().code, &HELD);
}

#[test]
fn a_cancelled_meeting_stays_as_it_is() {
    let cancelled = meeting(MeetingState::Invited).cancel(at(NOW)).unwrap();
    assert_eq!((cancelled.cancelled, cancelled.meta.version), (true, 2));
    assert_eq!(refusal(cancelled.clone(), |_| {}), Some(("meeting.cancelled", String::new())));
    assert_eq!(cancelled.cancel(at(NOW)).unwrap_err().code, &CANCELLED);
}

#[test]
fn times_are_in_order() {
    let check = |change: fn(&mut Details), pointer: &str| {
        assert_eq!(refusal(meeting(MeetingState::Planned), change), Some(("request.invalid", pointer.into())));
    };
    check(|it| it.ends_at = Some(it.starts_at - chrono::TimeDelta::seconds(1)), "/ends_at");
    check(|it| it.agenda_deadline = it.starts_at + chrono::TimeDelta::seconds(1), "/agenda_deadline");
    check(|it| it.minutes_published_on = Some("2026-03-16".parse().unwrap()), "/minutes_published_on");
    check(|it| it.starts_at = at("1899-12-31T12:00:00Z"), "/starts_at");
    check(|it| it.ends_at = Some(at("8001-01-01T00:00:00Z")), "/ends_at");
    let equal = |it: &mut Details| {
        it.ends_at = Some(it.starts_at);
        it.agenda_deadline = it.starts_at;
    };
    assert_eq!(refusal(meeting(MeetingState::Planned), equal), None);
    let published = |it: &mut Details| it.minutes_published_on = Some("2026-03-18".parse().unwrap());
    let expect = Some(("meeting.not_held", "/minutes_published_on".into()));
    assert_eq!(refusal(meeting(MeetingState::Planned), published), expect);
}

#[test]
fn a_default_deadline_follows_the_meeting_and_a_chosen_one_stays() {
    let moved = at("2026-03-24T14:00:00Z");
    assert_eq!(details().deadline_after_move(&body(), moved), at("2026-03-17T10:00:00Z"));
    let chosen = Details { agenda_deadline: at("2026-03-11T10:00:00Z"), ..details() };
    assert_eq!(chosen.deadline_after_move(&body(), moved), chosen.agenda_deadline);
}

// --- import -------------------------------------------------------------------------------------

/// A calendar of single events: UID, sequence, start, end, further lines.
fn calendar(events: &[(&str, u32, &str, &str, &str)]) -> String {
    let events = events.iter().map(|(uid, sequence, start, end, more)| {
        format!(
            "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\nSEQUENCE:{sequence}\r\nDTSTART:{start}\r\n\
             DTEND:{end}\r\n{more}END:VEVENT\r\n"
        )
    });
    let events: String = events.collect();
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test\r\n{events}END:VCALENDAR\r\n")
}

fn import(known: Vec<Meeting>, file: &str) -> Import {
    let window = calendar_window(date_of(at(NOW)));
    let file = read(file.as_bytes(), window).unwrap();
    let ids: Vec<MeetingId> = (0..file.occurrences.len()).map(|n| Uuid::from_u128(100 + n as u128).into()).collect();
    Import::of(&body(), known, &file, &ids, at(NOW)).unwrap()
}

#[test]
fn the_window_is_two_years_both_ways() {
    let window = calendar_window("2024-02-29".parse().unwrap());
    for (instant, inside) in [
        ("2022-02-27T21:59:59Z", false),
        ("2022-02-27T22:00:00Z", true),
        ("2026-02-28T21:59:59Z", true),
        ("2026-02-28T22:00:00Z", false),
    ] {
        assert_eq!(window.holds(at(instant)), inside, "{instant}");
    }
}

#[test]
fn a_calendar_becomes_meetings_and_the_same_again_changes_nothing() {
    let file = calendar(&[
        ("a", 0, "20260414T130000Z", "20260414T150000Z", "LOCATION:Kotka\r\nCATEGORIES:budget\r\n"),
        ("b", 0, "20260512T130000Z", "20260512T150000Z", ""),
    ]);
    let first = import(Vec::new(), &file);
    assert_eq!(first.counts(), ImportCounts { created: 2, ..ImportCounts::default() });
    let meeting = &first.created[0];
    assert_eq!(meeting.details.agenda_deadline, at("2026-04-07T09:00:00Z"));
    assert_eq!(meeting.details.state, MeetingState::Planned);
    assert_eq!(meeting.details.tags, [Tag::parse("budget").unwrap()]);

    let again = import(first.created, &file);
    assert_eq!(again.counts(), ImportCounts { unchanged: 2, ..ImportCounts::default() });
    assert_eq!((again.created.len(), again.updated.len(), again.cancelled.len()), (0, 0, 0));
}

#[test]
fn a_calendar_moves_and_cancels_its_meetings() {
    let before = calendar(&[
        ("a", 0, "20260414T130000Z", "20260414T150000Z", ""),
        ("b", 0, "20260512T130000Z", "20260512T150000Z", ""),
    ]);
    let mut known = import(Vec::new(), &before).created;
    known[0].details.tags = vec![Tag::parse("budget").unwrap()];
    let after = calendar(&[
        ("a", 1, "20260421T130000Z", "20260421T150000Z", ""),
        ("b", 1, "20260512T130000Z", "20260512T150000Z", "STATUS:CANCELLED\r\n"),
    ]);
    let done = import(known, &after);
    assert_eq!(done.counts(), ImportCounts { updated: 1, cancelled: 1, ..ImportCounts::default() });
    let moved = &done.updated[0];
    assert_eq!(moved.details.starts_at, at("2026-04-21T13:00:00Z"));
    assert_eq!(moved.details.agenda_deadline, at("2026-04-14T09:00:00Z"));
    assert_eq!(moved.details.tags.len(), 1, "tags that were set here stay");
    assert_eq!(moved.meta.version, 2);
    assert!(done.cancelled[0].cancelled);
    assert_eq!(done.cancelled[0].origin.as_ref().unwrap().sequence, 1);
}

#[test]
fn an_impossible_deadline_gives_way_to_the_default() {
    let before = calendar(&[("a", 0, "20260414T130000Z", "20260414T150000Z", "")]);
    let mut known = import(Vec::new(), &before).created;
    known[0].details.agenda_deadline = at("2026-04-13T09:00:00Z");
    let done = import(known, &calendar(&[("a", 1, "20260407T130000Z", "20260407T150000Z", "")]));
    assert_eq!(done.updated[0].details.agenda_deadline, at("2026-03-31T09:00:00Z"));
}
