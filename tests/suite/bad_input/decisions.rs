//! Bookings, handlings and remedies.

use super::programmes::DATES;
use super::scene::{Decisions, Scene, last};
use super::{NOTHING, Wrong, bare, wrong};
use serde_json::{Value, json};

pub(super) fn table(scene: &Scene) -> Vec<Wrong> {
    let mut table = of_bookings(scene);
    table.extend(of_handlings(scene));
    table.extend(of_claims(scene));
    table.extend(of_plans(scene));
    table
}

fn of_bookings(scene: &Scene) -> Vec<Wrong> {
    let Decisions { open, past, decided, .. } = &scene.decisions;
    let (town, city) = (&scene.town.editor, &scene.city.editor);
    let book = |body: Value, expect: &str| wrong(town, format!("POST {open}:book"), body, expect);
    let ahead = json!({"meeting_id": last(&scene.meeting)});
    let mut table = vec![
        book(json!({}), "422 request.invalid /meeting_id required"),
        book(json!({"meeting_id": NOTHING}), "422 request.invalid /meeting_id unknown_reference"),
        book(json!({"meeting_id": last(open)}), "422 request.invalid /meeting_id unknown_reference"),
        book(json!({"meeting_id": last(&scene.meeting), "day": "2026-03-17"}), "422 request.invalid /day one_of"),
        book(json!({"day": "2026-03-17"}), "422 request.invalid /day no_office_holder"),
        book(json!({"meeting": last(&scene.meeting)}), "422 request.invalid /meeting unknown_member"),
        book(json!({"meeting_id": past}), "409 booking.meeting_past"),
        wrong(town, format!("POST {decided}:book"), ahead.clone(), "409 booking.decided"),
        wrong(city, format!("POST {open}:book"), ahead.clone(), "403 auth.forbidden"),
        wrong(town, format!("POST {open}:propose-booking"), ahead.clone(), "403 auth.forbidden"),
        wrong(&scene.outsider.editor, format!("POST {open}:book"), ahead.clone(), "404 request.not_found"),
        wrong(town, format!("POST /api/v1/decision-steps/{NOTHING}:book"), ahead, "404 request.not_found"),
        bare(town, format!("POST {open}:accept-booking"), "409 booking.not_proposed"),
        bare(town, format!("POST {open}:decline-booking"), "409 booking.not_proposed"),
        bare(town, format!("POST {open}:release-booking"), "409 booking.not_booked"),
        wrong(town, format!("POST {open}:hand-in"), json!({}), "409 booking.not_booked"),
        wrong(town, format!("POST {open}:hand-in"), json!({"at": "yesterday"}), "422 request.invalid /at bad_value"),
    ];
    for (date, code) in DATES {
        table.push(book(json!({"day": date}), &format!("422 request.invalid /day {code}")));
    }
    table
}

fn of_handlings(scene: &Scene) -> Vec<Wrong> {
    let Decisions { open, past, decided, handling, .. } = &scene.decisions;
    let town = &scene.town.editor;
    let record = |change: Value, expect: &str| {
        let mut body = json!({"meeting_id": past, "outcome": "approved"});
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        wrong(town, format!("POST {open}/handlings"), body, expect)
    };
    let again = json!({"meeting_id": past, "outcome": "approved"});
    vec![
        record(json!({"outcome": "accepted"}), "422 request.invalid /outcome not_in_vocabulary"),
        record(json!({"outcome": null}), "422 request.invalid /outcome wrong_type"),
        record(json!({"meeting_id": NOTHING}), "422 request.invalid /meeting_id unknown_reference"),
        record(json!({"meeting_id": null}), "422 request.invalid /meeting_id required"),
        record(json!({"agenda_number": "9".repeat(21)}), "422 request.invalid /agenda_number too_long"),
        record(json!({"resolution": {}}), "422 request.invalid /resolution no_language"),
        record(json!({"minutes_url": "javascript:alert(1)"}), "422 request.invalid /minutes_url bad_web_address"),
        record(json!({"returned_to_step_id": last(decided)}), "422 request.invalid /returned_to_step_id not_returned"),
        record(
            json!({"outcome": "returned", "returned_to_step_id": NOTHING}),
            "422 request.invalid /returned_to_step_id unknown_reference",
        ),
        record(
            json!({"outcome": "returned", "returned_to_step_id": last(decided)}),
            "422 request.invalid /returned_to_step_id not_before_it",
        ),
        record(json!({"meeting_id": last(&scene.meeting)}), "409 handling.not_begun"),
        wrong(town, format!("POST {decided}/handlings"), again.clone(), "409 handling.already_recorded"),
        wrong(&scene.city.editor, format!("POST {open}/handlings"), again.clone(), "403 auth.forbidden"),
        wrong(town, format!("POST /api/v1/handlings/{NOTHING}:supersede"), again, "404 request.not_found"),
        wrong(town, format!("POST {handling}:supersede"), json!({}), "422 request.invalid /outcome required"),
        bare(town, format!("GET /api/v1/handlings/{NOTHING}"), "404 request.not_found"),
    ]
}

fn of_claims(scene: &Scene) -> Vec<Wrong> {
    let Decisions { open, decided, claim, .. } = &scene.decisions;
    let town = &scene.town.editor;
    let filed = |step: &str, body: Value, expect: &str| wrong(town, format!("POST {step}/remedy-claims"), body, expect);
    let rule = |body: Value, expect: &str| wrong(town, format!("POST {claim}:rule"), body, expect);
    let of = |kind: &str, on: &str| json!({"kind": kind, "filed_on": on});
    let mut table = vec![
        filed(open, of("rectification", "2026-01-14"), "409 remedy.no_decision"),
        filed(decided, of("appeal", "2026-01-14"), "409 remedy.not_available /kind not_available"),
        filed(decided, of("complaint", "2026-01-14"), "422 request.invalid /kind not_in_vocabulary"),
        filed(decided, of("rectification", "2026-01-16"), "422 request.invalid /filed_on in_future"),
        rule(json!({"outcome": "dismissed"}), "422 request.invalid /on required"),
        rule(json!({"outcome": "refused", "on": "2026-01-15"}), "422 request.invalid /outcome not_in_vocabulary"),
        rule(json!({"outcome": "dismissed", "on": "2026-01-16"}), "422 request.invalid /on in_future"),
        rule(json!({"outcome": "dismissed", "on": "2026-01-13"}), "422 request.invalid /on before_filing"),
        bare(town, format!("GET /api/v1/remedy-claims/{NOTHING}"), "404 request.not_found"),
    ];
    for (date, code) in DATES {
        table.push(filed(decided, of("rectification", date), &format!("422 request.invalid /filed_on {code}")));
        table.push(rule(json!({"outcome": "dismissed", "on": date}), &format!("422 request.invalid /on {code}")));
    }
    table
}

fn of_plans(scene: &Scene) -> Vec<Wrong> {
    let book = |body: Value, expect: &str| {
        wrong(&scene.city.editor, format!("POST {}/timetable:book", scene.decisions.action), body, expect)
    };
    vec![
        book(json!({}), "422 request.invalid /plan_digest required"),
        book(json!({"plan_digest": 1}), "422 request.invalid /plan_digest wrong_type"),
        book(json!({"plan_digest": "x", "objective": "best"}), "422 request.invalid /objective not_in_vocabulary"),
        book(json!({"plan_digest": "x"}), "409 booking.plan_changed /plan_digest plan_changed"),
        book(json!({"plan_digest": "x".repeat(100_000)}), "409 booking.plan_changed /plan_digest plan_changed"),
    ]
}
