//! Reports and progress.

use super::scene::{Scene, but, last};
use super::{NOTHING, Wrong, bare, wrong};
use serde_json::{Value, json};

pub(super) fn table(scene: &Scene) -> Vec<Wrong> {
    let (reporter, path) = (&scene.city.reporter, &scene.report);
    let content = json!({"action_id": last(&scene.agreed), "organisation_id": scene.city.id,
        "reporting_period_id": last(&scene.period), "implementation_status": "in_progress"});
    let new = |name: &str, value: Value, expect: &str| {
        wrong(reporter, "POST /api/v1/reports", but(&content, name, value), expect)
    };
    let patch = |body: Value, expect: &str| wrong(reporter, format!("PATCH {path}"), body, expect);
    let progress = format!("GET {}/progress", scene.programme);
    vec![
        wrong(reporter, "POST /api/v1/reports", content.clone(), "409 report.revision_open revision_open"),
        new("action_id", json!(NOTHING), "422 request.invalid /action_id unknown_reference"),
        new("action_id", json!(last(&scene.action)), "409 report.action_not_agreed action_not_agreed"),
        new("organisation_id", json!(scene.town.id), "403 auth.forbidden"),
        new("reporting_period_id", json!(NOTHING), "422 request.invalid /reporting_period_id unknown_reference"),
        new(
            "reporting_period_id",
            json!(last(&scene.other.period)),
            "422 request.invalid /reporting_period_id unknown_reference",
        ),
        new("implementation_status", json!("done"), "422 request.invalid /implementation_status not_in_vocabulary"),
        new("implementation_status", json!(null), "422 request.invalid /implementation_status wrong_type"),
        new("rating", json!("green"), "422 request.invalid /rating not_in_vocabulary"),
        new("delay_cause", json!(""), "422 request.invalid /delay_cause not_in_vocabulary"),
        new("summary", json!({"fi": "x".repeat(10_001)}), "422 request.invalid /summary/fi too_long"),
        new("revision", json!(2), "422 request.invalid /revision unknown_member"),
        patch(json!({"completion_percent": 101}), "422 request.invalid /completion_percent out_of_range"),
        patch(json!({"completion_percent": -1}), "422 request.invalid /completion_percent out_of_range"),
        patch(json!({"completion_percent": 50.5}), "422 request.invalid /completion_percent wrong_type"),
        patch(json!({"completion_percent": 4_294_967_296_i64}), "422 request.invalid /completion_percent bad_value"),
        patch(json!({"completion_percent": "50"}), "422 request.invalid /completion_percent wrong_type"),
        patch(json!({"summary": {}}), "422 request.invalid /summary no_language"),
        patch(json!({"summary": {"fi": "a\u{7}"}}), "422 request.invalid /summary/fi control_character"),
        patch(json!({"state": "accepted"}), "422 request.invalid /state unknown_member"),
        patch(json!({"action_id": last(&scene.agreed)}), "422 request.invalid /action_id unknown_member"),
        wrong(reporter, format!("POST {path}:submit"), json!({}), "409 report.incomplete rating_missing"),
        wrong(
            reporter,
            format!("POST {path}:submit"),
            json!({"note": "x"}),
            "422 request.invalid /note unknown_member",
        ),
        // A draft is known to its author alone.
        wrong(&scene.county.admin, format!("POST {path}:return"), json!({"note": "x"}), "404 request.not_found"),
        wrong(reporter, format!("POST {path}:return"), json!({}), "422 request.invalid /note required"),
        wrong(reporter, format!("POST {path}:return"), json!({"note": ""}), "422 request.invalid /note empty"),
        wrong(reporter, format!("POST {path}:return"), json!({"note": "x"}), "403 auth.forbidden"),
        wrong(reporter, format!("POST {path}:accept"), json!({}), "403 auth.forbidden"),
        wrong(&scene.city.viewer, format!("DELETE {path}"), json!({}), "403 auth.forbidden"),
        bare(reporter, format!("DELETE {path}"), "428 request.precondition_required if-match required"),
        wrong(reporter, format!("PATCH /api/v1/reports/{NOTHING}"), json!({}), "404 request.not_found"),
        bare(
            &scene.anyone,
            format!("{progress}?reporting_period_id={}", last(&scene.other.period)),
            "400 request.bad_parameter ?reporting_period_id unknown_reference",
        ),
        bare(
            &scene.anyone,
            format!("{progress}?reporting_period_id=2026"),
            "400 request.bad_parameter ?reporting_period_id bad_value",
        ),
        bare(
            &scene.anyone,
            format!("{progress}?reporting_period_id={NOTHING}&limit=1"),
            "400 request.bad_parameter ?limit unknown_parameter",
        ),
        bare(
            &scene.anyone,
            format!("{progress}/reports?reporting_period_id={}", last(&scene.other.period)),
            "400 request.bad_parameter ?reporting_period_id unknown_reference",
        ),
        bare(
            &scene.anyone,
            format!("{progress}/reports?state=missing"),
            "400 request.bad_parameter ?state not_in_vocabulary",
        ),
        bare(&scene.anyone, format!("{progress}/reports?overdue=1"), "400 request.bad_parameter ?overdue bad_value"),
        bare(&scene.anyone, format!("{progress}/reports?limit=201"), "400 request.bad_parameter ?limit out_of_range"),
        bare(&scene.anyone, format!("{progress}/reports?cursor=x"), "400 request.bad_cursor ?cursor bad_cursor"),
    ]
}
