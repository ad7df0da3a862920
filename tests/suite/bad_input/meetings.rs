//! Bodies, meetings, calendar files and the legal calendar.

use super::programmes::DATES;
use super::scene::{Scene, but};
use super::{NOTHING, Wrong, bare, wrong};
use serde_json::{Value, json};

/// Times that are none, with the name of what is wrong.
pub(super) const TIMES: [(&str, &str); 9] = [
    ("2026-02-30T10:00:00Z", "bad_value"),
    ("2026-01-05", "bad_value"),
    ("2026-01-05T10:00:00", "bad_value"),
    ("2026-01-05T25:00:00Z", "bad_value"),
    ("2026-01-05T10:00:00+99:00", "bad_value"),
    ("", "bad_value"),
    ("0000-01-01T00:00:00Z", "out_of_range"),
    ("9999-12-31T23:59:59Z", "out_of_range"),
    ("+262142-01-01T00:00:00Z", "out_of_range"),
];

pub(super) fn table(scene: &Scene) -> Vec<Wrong> {
    let mut table = of_bodies(scene);
    table.extend(of_meetings(scene));
    table.extend(of_calendars(scene));
    table.extend(of_the_calendar(scene));
    table.extend(of_feeds(scene));
    table.extend(of_the_law(scene));
    table
}

fn of_bodies(scene: &Scene) -> Vec<Wrong> {
    let (admin, path) = (&scene.town.admin, &scene.body);
    let body = crate::bodies::board(&scene.town, "board");
    let new =
        |name: &str, value: Value, expect: &str| wrong(admin, "POST /api/v1/bodies", but(&body, name, value), expect);
    let patch = |body: Value, expect: &str| wrong(admin, format!("PATCH {path}"), body, expect);
    let mut table = vec![
        new("organisation_id", json!(NOTHING), "422 request.invalid /organisation_id unknown_reference"),
        new("organisation_id", json!(scene.city.id), "403 auth.forbidden"),
        new("kind", json!("senate"), "422 request.invalid /kind not_in_vocabulary"),
        new("regime", json!("canon_law"), "422 request.invalid /regime not_in_vocabulary"),
        new("agenda_lead", json!({"days": 7}), "422 request.invalid /agenda_lead/time required"),
        new("agenda_lead", json!({"days": 256, "time": "12:00"}), "422 request.invalid /agenda_lead/days bad_value"),
        new("agenda_lead", json!({"days": 61, "time": "12:00"}), "422 request.invalid /agenda_lead/days out_of_range"),
        new(
            "agenda_lead",
            json!({"days": 7, "time": "24:00"}),
            "422 request.invalid /agenda_lead/time bad_time_of_day",
        ),
        new("agenda_lead", json!([7, "12:00"]), "422 request.invalid /agenda_lead wrong_type"),
        new("minutes_publication_days", json!(366), "422 request.invalid /minutes_publication_days out_of_range"),
        patch(json!({"organisation_id": scene.city.id}), "422 request.invalid /organisation_id unknown_member"),
        patch(
            json!({"valid_from": "2026-02-02", "valid_to": "2026-02-01"}),
            "422 request.invalid /valid_to before_start",
        ),
        patch(json!({"agenda_lead": null}), "422 request.invalid /agenda_lead wrong_type"),
        wrong(&scene.town.editor, format!("PATCH {path}"), json!({"kind": "board"}), "403 auth.forbidden"),
        wrong(admin, format!("PATCH /api/v1/bodies/{NOTHING}"), json!({}), "404 request.not_found"),
        bare(admin, format!("DELETE {path}"), "405 request.method_not_allowed"),
    ];
    for (date, code) in DATES {
        table.push(new("valid_from", json!(date), &format!("422 request.invalid /valid_from {code}")));
        table.push(patch(json!({"published_until": date}), &format!("422 request.invalid /published_until {code}")));
    }
    table
}

fn of_meetings(scene: &Scene) -> Vec<Wrong> {
    let (editor, path) = (&scene.town.editor, &scene.meeting);
    let at = format!("POST {}/meetings", scene.body);
    let meeting = json!({"starts_at": "2026-04-14T13:00:00Z"});
    let new = |name: &str, value: Value, expect: &str| wrong(editor, at.clone(), but(&meeting, name, value), expect);
    let patch = |body: Value, expect: &str| wrong(editor, format!("PATCH {path}"), body, expect);
    let mut table = vec![
        wrong(editor, at.clone(), json!({}), "422 request.invalid /starts_at required"),
        new("ends_at", json!("2026-04-14T12:59:59Z"), "422 request.invalid /ends_at before_start"),
        new("agenda_deadline", json!("2026-04-14T13:00:01Z"), "422 request.invalid /agenda_deadline after_start"),
        new("zone", json!("Europe/Atlantis"), "422 request.invalid /zone unknown_zone"),
        new("zone", json!("Europe/Helsinki\u{0}"), "422 request.invalid /zone unknown_zone"),
        new("tags", json!(["a", "B"]), "422 request.invalid /tags/1 bad_tag"),
        new("tags", json!((0..21).map(|n| format!("t{n}")).collect::<Vec<_>>()), "422 request.invalid /tags too_many"),
        new("location", json!("Sali\nA"), "422 request.invalid /location control_character"),
        new("location", json!("x".repeat(201)), "422 request.invalid /location too_long"),
        new("state", json!("held"), "422 request.invalid /state unknown_member"),
        // The body's lead reaches back into another year.
        new("starts_at", json!("1900-01-01T00:00:00Z"), "422 request.invalid /agenda_deadline out_of_range"),
        patch(json!({"starts_at": null}), "422 request.invalid /starts_at wrong_type"),
        patch(json!({"starts_at": 1_773_000_000}), "422 request.invalid /starts_at wrong_type"),
        patch(json!({"state": "held"}), "409 meeting.not_started /state not_started"),
        patch(json!({"state": "cancelled"}), "422 request.invalid /state not_in_vocabulary"),
        patch(json!({"minutes_published_on": "2026-03-20"}), "409 meeting.not_held /minutes_published_on not_held"),
        patch(
            json!({"minutes_published_on": "2026-03-16"}),
            "422 request.invalid /minutes_published_on before_meeting",
        ),
        patch(json!({"cancelled": true}), "422 request.invalid /cancelled unknown_member"),
        patch(json!({"body_id": NOTHING}), "422 request.invalid /body_id unknown_member"),
        wrong(&scene.city.admin, format!("PATCH {path}"), json!({"state": "invited"}), "403 auth.forbidden"),
        wrong(&scene.city.admin, format!("POST {path}:cancel"), json!({}), "403 auth.forbidden"),
        wrong(
            editor,
            format!("POST {path}:cancel"),
            json!({"reason": "x"}),
            "422 request.invalid /reason unknown_member",
        ),
        wrong(editor, format!("PATCH /api/v1/meetings/{NOTHING}"), json!({}), "404 request.not_found"),
        wrong(editor, format!("POST /api/v1/bodies/{NOTHING}/meetings"), meeting.clone(), "404 request.not_found"),
        bare(editor, format!("DELETE {path}"), "405 request.method_not_allowed"),
    ];
    for (time, code) in TIMES {
        table.push(new("starts_at", json!(time), &format!("422 request.invalid /starts_at {code}")));
        table.push(new("ends_at", json!(time), &format!("422 request.invalid /ends_at {code}")));
        table.push(patch(json!({"agenda_deadline": time}), &format!("422 request.invalid /agenda_deadline {code}")));
    }
    for (date, code) in DATES {
        let expect = format!("422 request.invalid /minutes_published_on {code}");
        table.push(patch(json!({"minutes_published_on": date}), &expect));
    }
    table
}

fn of_calendars(scene: &Scene) -> Vec<Wrong> {
    let editor = &scene.town.editor;
    let at = format!("POST {}/meetings:import", scene.body);
    let file = |lines: &str| {
        format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\nBEGIN:VEVENT\r\nUID:a\r\n{lines}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        )
    };
    let sent = |text: Vec<u8>, place: &str| {
        let expect = format!("422 calendar_file.malformed {place}");
        bare(editor, at.clone(), expect).raw("text/calendar", text)
    };
    let event = |lines: &str, place: &str| sent(file(lines).into_bytes(), place);
    let start = "DTSTART;TZID=Europe/Helsinki:20260414T160000\r\n";
    vec![
        sent(Vec::new(), "line:1 not_a_calendar"),
        sent(b"PK\x03\x04\xff\xfe".to_vec(), "line:1 not_utf8"),
        sent(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n".to_vec(), "line:1 unbalanced"),
        event("SUMMARY:x", "line:4 no_start"),
        event("DTSTART:20260230T160000Z", "line:6 bad_time"),
        event("DTSTART;TZID=Europe/Atlantis:20260414T160000", "line:6 unknown_zone"),
        event(&format!("{start}DURATION:-PT1H"), "line:7 bad_end"),
        event(&format!("{start}DURATION:P99999999999W"), "line:7 bad_end"),
        event(&format!("{start}DTEND:99991231T235959Z"), "line:4 bad_end"),
        event(&format!("{start}RRULE:FREQ=SECONDLY"), "line:7 unsupported_rule"),
        event(&format!("{start}RRULE:FREQ=DAILY;INTERVAL=0"), "line:7 bad_rule"),
        event(&format!("{start}SEQUENCE:-1"), "line:7 bad_sequence"),
        // RFC 5545, section 3.3.8: an integer has 31 bits and a sign.
        event(&format!("{start}SEQUENCE:2147483648"), "line:7 bad_sequence"),
        event(&format!("{start}SEQUENCE:99999999999999999999"), "line:7 bad_sequence"),
        event(&format!("{start}LOCATION:a\u{0}b"), "line:7 control_character"),
        event(&format!("{start}UID:b"), "line:7 given_twice"),
        sent(file(start).replace("UID:a", &format!("UID:{}", "u".repeat(501))).into_bytes(), "line:5 no_uid"),
        bare(editor, at.clone(), "415 request.unsupported_media_type content-type media_type")
            .raw("application/json", "{}"),
        bare(editor, format!("{at}?dry_run=2"), "400 request.bad_parameter ?dry_run bad_value")
            .raw("text/calendar", file(start)),
        bare(editor, format!("{at}?dry=true"), "400 request.bad_parameter ?dry unknown_parameter")
            .raw("text/calendar", file(start)),
        bare(&scene.city.editor, at.clone(), "403 auth.forbidden").raw("text/calendar", file(start)),
        bare(editor, format!("POST /api/v1/bodies/{NOTHING}/meetings:import"), "404 request.not_found")
            .raw("text/calendar", file(start)),
        bare(editor, at.clone(), "412 request.precondition_failed")
            .with(|request| request.header("if-match", "\"9\""))
            .raw("text/calendar", file(start)),
    ]
}

fn of_the_law(scene: &Scene) -> Vec<Wrong> {
    let anyone = &scene.anyone;
    let effect = |query: &str, expect: &str| bare(anyone, format!("GET /api/v1/legal-effect?{query}"), expect);
    let holidays = |query: &str, expect: &str| bare(anyone, format!("GET /api/v1/holidays?{query}"), expect);
    let on = |date: &str| format!("regime=municipal_board&minutes_published_on={date}");
    vec![
        effect("", "400 request.bad_parameter ?regime required"),
        effect("regime=municipal_board", "400 request.bad_parameter ?minutes_published_on required"),
        effect(
            "regime=canon_law&minutes_published_on=2026-03-02",
            "400 request.bad_parameter ?regime not_in_vocabulary",
        ),
        effect(&on("2026-02-30"), "400 request.bad_parameter ?minutes_published_on bad_value"),
        effect(&on("2000-01-01"), "422 legal.before_validity ?minutes_published_on rules_unknown"),
        effect(&on("0000-01-01"), "422 legal.out_of_range ?minutes_published_on rules_unknown"),
        effect(&on("9999-12-31"), "422 legal.out_of_range ?minutes_published_on rules_unknown"),
        effect(&on("-262143-01-01"), "422 legal.out_of_range ?minutes_published_on rules_unknown"),
        effect(&on("%2B262142-12-31"), "422 legal.out_of_range ?minutes_published_on rules_unknown"),
        effect(
            &format!("{}&organisation_kind=guild", on("2026-03-02")),
            "400 request.bad_parameter ?organisation_kind not_in_vocabulary",
        ),
        effect(&format!("{}&regime=none", on("2026-03-02")), "400 request.bad_parameter ?regime duplicate_parameter"),
        holidays("", "400 request.bad_parameter ?year required"),
        holidays("year=0", "400 request.bad_parameter ?year out_of_range"),
        holidays("year=9999", "400 request.bad_parameter ?year out_of_range"),
        holidays("year=-1", "400 request.bad_parameter ?year out_of_range"),
        holidays("year=99999999999", "400 request.bad_parameter ?year bad_value"),
        holidays("year=2026&month=1", "400 request.bad_parameter ?month unknown_parameter"),
    ]
}

/// The calendar and its files.
fn of_the_calendar(scene: &Scene) -> Vec<Wrong> {
    let anyone = &scene.anyone;
    let asked = |path: &str, query: &str, expect: &str| bare(anyone, format!("GET /api/v1/{path}?{query}"), expect);
    let bad = |what: &str| format!("400 request.bad_parameter ?{what}");
    let mut table = Vec::new();
    for (query, what) in [
        ("", "from required"),
        ("from=2026-01-01", "to required"),
        ("to=2026-01-01", "from required"),
        ("from=2026-01-01&to=2029-01-02", "to out_of_range"),
        ("from=1900-01-01&to=9000-12-31", "to out_of_range"),
        ("limit=5", "limit unknown_parameter"),
        ("cursor=x", "cursor unknown_parameter"),
    ] {
        table.push(asked("calendar", query, &bad(what)));
    }
    for path in ["calendar", "calendar.ics"] {
        for (query, what) in [
            ("from=2026-02-30&to=2026-03-01", "from bad_value"),
            ("from=2026-01-01&to=2026-13-01", "to bad_value"),
            ("from=2026-1-1&to=2026-03-01", "from bad_value"),
            ("from=2026-01-01T00:00:00Z&to=2026-03-01", "from bad_value"),
            ("from=0000-01-01&to=2026-03-01", "from out_of_range"),
            ("from=2026-01-01&to=9999-12-31", "to out_of_range"),
            ("from=2026-01-01&to=2025-12-31", "to out_of_range"),
            ("from=2026-01-01&from=2026-01-02&to=2026-03-01", "from duplicate_parameter"),
            ("kind=party", "kind not_in_vocabulary"),
            ("body_id=x", "body_id bad_value"),
            ("organisation_id=1", "organisation_id bad_value"),
            ("programme_id=-", "programme_id bad_value"),
            ("action_id=%00", "action_id bad_value"),
            ("lang=de", "lang not_in_vocabulary"),
            ("form=2026-01-01", "form unknown_parameter"),
        ] {
            table.push(asked(path, query, &bad(what)));
        }
    }
    for query in ["from=2026-01-01&to=2029-01-02", "from=1900-01-01&to=9000-12-31"] {
        table.push(asked("calendar.ics", query, &bad("to out_of_range")));
    }
    for sort in ["bodies", "organisations", "actions", "programmes"] {
        for thing in ["x", NOTHING] {
            let path = format!("{sort}/{thing}/calendar.ics");
            // Who may not know of a thing hears of nothing else.
            table.push(asked(&path, "kind=party", "404 request.not_found"));
        }
    }
    let own = format!("organisations/{}/calendar.ics", scene.city.id);
    table.push(asked(&own, "kind=party", &bad("kind not_in_vocabulary")));
    table.push(asked(&own, "from=2026-01-01&to=2025-01-01", &bad("to out_of_range")));
    table.push(asked(&own, "body_id=x", &bad("body_id unknown_parameter")));
    table
}

/// Calendar feeds.
fn of_feeds(scene: &Scene) -> Vec<Wrong> {
    let (viewer, at) = (&scene.city.viewer, "/api/v1/calendar-feeds");
    let new =
        |body: Value, expect: &str| wrong(viewer, format!("POST {at}"), body, format!("422 request.invalid {expect}"));
    vec![
        new(json!({}), "/language required"),
        new(json!({"language": "de"}), "/language not_in_vocabulary"),
        new(json!({"language": "fi", "title": ""}), "/title empty"),
        new(json!({"language": "fi", "title": "x".repeat(201)}), "/title too_long"),
        new(json!({"language": "fi", "filters": null}), "/filters wrong_type"),
        new(json!({"language": "fi", "filters": {"body": []}}), "/filters/body unknown_member"),
        new(json!({"language": "fi", "filters": {"kind": ["party"]}}), "/filters/kind/0 not_in_vocabulary"),
        new(json!({"language": "fi", "filters": {"body_id": ["x"]}}), "/filters/body_id/0 bad_value"),
        new(
            json!({"language": "fi", "filters": {"kind": vec!["meeting"; 2], "body_id": "x"}}),
            "/filters/body_id wrong_type",
        ),
        new(json!({"language": "fi", "url": "https://example.org"}), "/url unknown_member"),
        wrong(&scene.anyone, format!("POST {at}"), json!({}), "401 auth.unauthenticated"),
        bare(viewer, format!("GET {at}/x"), "404 request.not_found"),
        bare(viewer, format!("GET {at}/{NOTHING}"), "404 request.not_found"),
        bare(viewer, format!("DELETE {at}/{NOTHING}"), "404 request.not_found"),
        bare(viewer, format!("GET {at}?limit=0"), "400 request.bad_parameter ?limit out_of_range"),
        bare(viewer, format!("GET {at}?cursor=x"), "400 request.bad_cursor ?cursor bad_cursor"),
        bare(&scene.anyone, format!("GET {at}/{NOTHING}/calendar.ics"), "404 request.not_found"),
        bare(&scene.anyone, format!("GET {at}/%FF/calendar.ics"), "404 request.not_found"),
        bare(&scene.anyone, format!("GET {at}/{}/calendar.ics", "A".repeat(6_000)), "404 request.not_found"),
        bare(&scene.anyone, format!("POST {at}/{NOTHING}/calendar.ics"), "405 request.method_not_allowed"),
    ]
}
