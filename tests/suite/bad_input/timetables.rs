//! Timetables, and changes that are tried on them.

use super::meetings::TIMES;
use super::programmes::DATES;
use super::scene::{Scene, last};
use super::{NOTHING, Wrong, bare, wrong};
use serde_json::{Value, json};

pub(super) fn table(scene: &Scene) -> Vec<Wrong> {
    let mut table = of_timetables(scene);
    table.extend(of_programmes(scene));
    table.extend(of_changes(scene));
    table.extend(of_sizes(scene));
    table
}

fn of_timetables(scene: &Scene) -> Vec<Wrong> {
    let asked = |query: &str, expect: &str| {
        bare(
            &scene.city.viewer,
            format!("GET {}/timetable?{query}", scene.action),
            format!("400 request.bad_parameter {expect}"),
        )
    };
    let mut table = vec![
        asked("objective=best", "?objective not_in_vocabulary"),
        asked("objective=latest&objective=earliest", "?objective duplicate_parameter"),
        asked("lang=de", "?lang not_in_vocabulary"),
        asked("goal=earliest", "?goal unknown_parameter"),
        asked("now=8001-01-01T00:00:00Z", "?now out_of_range"),
        bare(&scene.outsider.viewer, format!("GET {}/timetable", scene.action), "404 request.not_found"),
        bare(&scene.city.viewer, format!("GET /api/v1/actions/{NOTHING}/timetable?now=x"), "404 request.not_found"),
    ];
    let drawn = |query: &str, expect: &str| {
        let expect = format!("400 request.bad_parameter {expect}");
        bare(&scene.city.viewer, format!("GET {}/timetable.svg?{query}", scene.action), expect)
    };
    table.extend([
        drawn("objective=best", "?objective not_in_vocabulary"),
        drawn("theme=sepia", "?theme not_in_vocabulary"),
        drawn("theme=dark&theme=light", "?theme duplicate_parameter"),
        drawn("lang=de", "?lang not_in_vocabulary"),
        drawn("colour=red", "?colour unknown_parameter"),
        drawn("now=1899-12-31T00:00:00Z", "?now out_of_range"),
        bare(&scene.outsider.viewer, format!("GET {}/timetable.svg", scene.action), "404 request.not_found"),
        bare(
            &scene.city.viewer,
            format!("GET /api/v1/actions/{NOTHING}/timetable.svg?theme=x"),
            "404 request.not_found",
        ),
    ]);
    for (time, code) in TIMES.into_iter().filter(|(time, _)| !time.is_empty()) {
        table.push(asked(&format!("now={}", time.replace('+', "%2B")), &format!("?now {code}")));
    }
    table
}

/// The timetables of a programme's actions, and what is wrong with them.
fn of_programmes(scene: &Scene) -> Vec<Wrong> {
    let path = format!("GET {}/timetable", scene.programme);
    let asked = |query: &str, expect: &str| {
        bare(&scene.city.viewer, format!("{path}?{query}"), format!("400 request.bad_parameter {expect}"))
    };
    let conflicts = format!("GET {}/conflicts", scene.programme);
    let wrong_conflicts = |query: &str, expect: &str| {
        bare(&scene.city.viewer, format!("{conflicts}?{query}"), format!("400 request.bad_parameter {expect}"))
    };
    vec![
        asked(&format!("body_id={NOTHING}"), "?body_id unknown_reference"),
        asked(&format!("body_id={}", scene.city.id), "?body_id unknown_reference"),
        asked("body_id=council", "?body_id bad_value"),
        asked("organisation_id=1", "?organisation_id bad_value"),
        asked("verdict=lat", "?verdict not_in_vocabulary"),
        asked("limit=0", "?limit out_of_range"),
        asked("limit=201", "?limit out_of_range"),
        asked("now=1899-12-31T12:00:00Z", "?now out_of_range"),
        asked("now=2026-01-15", "?now bad_value"),
        asked("objective=latest", "?objective unknown_parameter"),
        bare(&scene.city.viewer, format!("{path}?cursor=AAAA"), "400 request.bad_cursor ?cursor bad_cursor"),
        bare(&scene.city.viewer, format!("GET /api/v1/programmes/{NOTHING}/timetable?now=x"), "404 request.not_found"),
        wrong_conflicts("kind=late", "?kind not_in_vocabulary"),
        wrong_conflicts("organisation_id=1", "?organisation_id bad_value"),
        wrong_conflicts("lang=de", "?lang not_in_vocabulary"),
        wrong_conflicts("limit=0", "?limit out_of_range"),
        wrong_conflicts("now=2026-01-15T12:00:00Z", "?now unknown_parameter"),
        bare(&scene.city.viewer, format!("{conflicts}?cursor=AAAA"), "400 request.bad_cursor ?cursor bad_cursor"),
        bare(&scene.city.viewer, format!("GET /api/v1/programmes/{NOTHING}/conflicts"), "404 request.not_found"),
    ]
}

/// A change, and what is wrong with it, below its own place.
fn changes(scene: &Scene) -> Vec<(Value, &'static str)> {
    let (body, meeting, step) = (last(&scene.body), last(&scene.meeting), last(&scene.steps[0]));
    let start = "2026-05-05T12:00:00Z";
    vec![
        (json!({}), "/kind required"),
        (json!([]), " wrong_type"),
        (json!("meeting_held"), " wrong_type"),
        (json!({"kind": null}), "/kind wrong_type"),
        (json!({"kind": "meeting_deleted", "meeting_id": meeting}), "/kind not_in_vocabulary"),
        (json!({"kind": "meeting_held"}), "/meeting_id required"),
        (json!({"kind": "meeting_held", "meeting_id": 1}), "/meeting_id wrong_type"),
        (json!({"kind": "meeting_held", "meeting_id": "x"}), "/meeting_id bad_value"),
        (json!({"kind": "meeting_held", "meeting_id": meeting, "on": "2026-05-05"}), "/on unknown_member"),
        (json!({"kind": "meeting_held", "meeting_id": NOTHING}), "/meeting_id unknown_reference"),
        (json!({"kind": "meeting_cancelled", "meeting_id": NOTHING}), "/meeting_id unknown_reference"),
        // Another sort of thing under its identifier is nothing here.
        (json!({"kind": "meeting_cancelled", "meeting_id": body}), "/meeting_id unknown_reference"),
        (json!({"kind": "meeting_added", "starts_at": start}), "/body_id required"),
        (json!({"kind": "meeting_added", "body_id": body}), "/starts_at required"),
        (json!({"kind": "meeting_added", "body_id": NOTHING, "starts_at": start}), "/body_id unknown_reference"),
        (json!({"kind": "meeting_added", "body_id": meeting, "starts_at": start}), "/body_id unknown_reference"),
        (json!({"kind": "meeting_added", "body_id": body, "starts_at": start, "tags": ["a", "B"]}), "/tags/1 bad_tag"),
        (
            json!({"kind": "meeting_added", "body_id": body, "starts_at": start,
                "tags": (0..21).map(|n| format!("t{n}")).collect::<Vec<_>>()}),
            "/tags too_many",
        ),
        (
            json!({"kind": "meeting_added", "body_id": body, "meeting_id": meeting, "starts_at": start}),
            "/meeting_id duplicate",
        ),
        (
            json!({"kind": "meeting_added", "body_id": body, "starts_at": start, "ends_at": "2026-05-05T11:59:59Z"}),
            "/ends_at before_start",
        ),
        // The body's lead reaches back into another year.
        (
            json!({"kind": "meeting_added", "body_id": body, "starts_at": "1900-01-01T00:00:00Z"}),
            "/agenda_deadline out_of_range",
        ),
        (json!({"kind": "meeting_moved", "meeting_id": meeting, "starts_at": null}), "/starts_at wrong_type"),
        (
            json!({"kind": "meeting_moved", "meeting_id": meeting, "agenda_deadline": "2026-03-17T14:00:01Z"}),
            "/agenda_deadline after_start",
        ),
        (json!({"kind": "minutes_published", "meeting_id": meeting, "on": "2026-03-16"}), "/on before_meeting"),
        (json!({"kind": "step_handled", "step_id": step, "outcome": "approved"}), "/meeting_id required"),
        (
            json!({"kind": "step_handled", "step_id": step, "meeting_id": meeting, "outcome": "perhaps"}),
            "/outcome not_in_vocabulary",
        ),
        (
            json!({"kind": "step_handled", "step_id": step, "meeting_id": meeting, "outcome": {"approved": null}}),
            "/outcome wrong_type",
        ),
        (
            json!({"kind": "step_handled", "step_id": step, "meeting_id": meeting, "day": "2026-03-17",
                "outcome": "approved"}),
            "/day one_of",
        ),
        (
            json!({"kind": "step_handled", "step_id": step, "day": "2026-03-17", "outcome": "approved"}),
            "/day not_office_holder",
        ),
        (
            json!({"kind": "step_handled", "step_id": step, "meeting_id": meeting, "outcome": "approved",
                "returned_to_step_id": step}),
            "/returned_to_step_id not_returned",
        ),
        (
            json!({"kind": "step_handled", "step_id": NOTHING, "meeting_id": meeting, "outcome": "approved"}),
            "/step_id unknown_reference",
        ),
        (
            json!({"kind": "step_handled", "step_id": last(&scene.other.step), "meeting_id": meeting,
                "outcome": "approved"}),
            "/step_id unknown_reference",
        ),
        (
            json!({"kind": "dependency_changed", "step_id": step, "depends_on_step_id": last(&scene.steps[1])}),
            "/depends_on_step_id unknown_reference",
        ),
        (
            json!({"kind": "dependency_changed", "step_id": last(&scene.steps[1]), "depends_on_step_id": step,
                "gate": "soon"}),
            "/gate not_in_vocabulary",
        ),
        (json!({"kind": "target_moved", "action_id": NOTHING, "target_on": null}), "/action_id unknown_reference"),
        (json!({"kind": "target_moved", "action_id": last(&scene.action)}), "/target_on required"),
        (
            json!({"kind": "start_gate_changed", "action_id": last(&scene.action), "start_gate": "notified"}),
            "/start_gate not_in_vocabulary",
        ),
    ]
}

fn of_changes(scene: &Scene) -> Vec<Wrong> {
    let simulate = format!("POST {}/timetable:simulate", scene.action);
    let viewer = &scene.city.viewer;
    let fine = json!({"kind": "meeting_held", "meeting_id": last(&scene.meeting)});
    let mut table = vec![
        wrong(viewer, simulate.clone(), json!({}), "422 request.invalid /changes required"),
        wrong(viewer, simulate.clone(), json!({"changes": {}}), "422 request.invalid /changes wrong_type"),
        wrong(
            viewer,
            simulate.clone(),
            json!({"changes": [], "objective": "best"}),
            "422 request.invalid /objective not_in_vocabulary",
        ),
        wrong(
            viewer,
            simulate.clone(),
            json!({"changes": [], "lang": "de"}),
            "422 request.invalid /lang not_in_vocabulary",
        ),
        wrong(
            viewer,
            format!("{simulate}?lang=fi"),
            json!({"changes": []}),
            "400 request.bad_parameter ?lang unknown_parameter",
        ),
        wrong(&scene.outsider.viewer, simulate.clone(), json!({"changes": 1}), "404 request.not_found"),
        wrong(
            viewer,
            "POST /api/v1/timetable:impact",
            json!({"changes": [{"kind": "target_moved", "target_on": null}]}),
            "422 request.invalid /changes/0/action_id required",
        ),
        bare(viewer, "GET /api/v1/timetable:impact", "405 request.method_not_allowed"),
    ];
    for (change, wrong_with) in changes(scene) {
        for asked in [&simulate, "POST /api/v1/timetable:impact"] {
            let expect = format!("422 request.invalid /changes/1{wrong_with}");
            table.push(wrong(viewer, asked, json!({"changes": [fine, change]}), expect));
        }
    }
    let moved = |name: &str, value: &str| {
        let mut change = json!({"kind": "meeting_moved", "meeting_id": last(&scene.meeting)});
        change[name] = json!(value);
        json!({"changes": [change]})
    };
    for (time, code) in TIMES {
        let expect = format!("422 request.invalid /changes/0/ends_at {code}");
        table.push(wrong(viewer, simulate.clone(), moved("ends_at", time), expect));
        let now = json!({"changes": [], "now": time});
        table.push(wrong(viewer, simulate.clone(), now, format!("422 request.invalid /now {code}")));
    }
    for (date, code) in DATES {
        let change = json!({"kind": "target_moved", "target_on": date});
        let expect = format!("422 request.invalid /changes/0/target_on {code}");
        table.push(wrong(viewer, simulate.clone(), json!({"changes": [change]}), expect));
    }
    table
}

/// More than there may be.
fn of_sizes(scene: &Scene) -> Vec<Wrong> {
    let simulate = format!("POST {}/timetable:simulate", scene.action);
    let mut table = Vec::new();
    for (caller, asked) in [(&scene.city.viewer, &*simulate), (&scene.anyone, "POST /api/v1/timetable:impact")] {
        let many = |count| json!({"changes": vec![json!({"kind": "meeting_held", "meeting_id": NOTHING}); count]});
        table.push(wrong(caller, asked, many(101), "422 request.invalid /changes too_many"));
        table.push(wrong(caller, asked, many(10_000), "422 request.invalid /changes too_many"));
        let large = format!(r#"{{"changes":["{}"]}}"#, "x".repeat(10 << 20));
        table.push(bare(caller, asked, "413 request.too_large").raw("application/json", large));
    }
    table
}
