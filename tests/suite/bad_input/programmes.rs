//! Programmes, members, goals, reporting periods and extensions.

use super::scene::{Scene, but, last};
use super::{NOTHING, Wrong, bare, wrong};
use crate::reporting_periods::year;
use serde_json::json;

/// Dates that are none, with the name of what is wrong.
pub(super) const DATES: [(&str, &str); 12] = [
    ("2026-02-30", "bad_value"),
    ("2026-13-01", "bad_value"),
    ("2026-1-5", "bad_value"),
    ("+2026-01-05", "bad_value"),
    (" 2026-01-05", "bad_value"),
    ("2026-01-05T00:00:00Z", "bad_value"),
    ("soon", "bad_value"),
    ("", "bad_value"),
    ("0000-01-01", "out_of_range"),
    ("9999-12-31", "out_of_range"),
    ("-9999-01-01", "out_of_range"),
    ("+262142-12-31", "out_of_range"),
];

pub(super) fn table(scene: &Scene) -> Vec<Wrong> {
    let mut table = of_programmes(scene);
    table.extend(of_members(scene));
    table.extend(of_goals(scene));
    table.extend(of_periods(scene));
    table
}

fn of_programmes(scene: &Scene) -> Vec<Wrong> {
    let (admin, path) = (&scene.county.admin, &scene.programme);
    let plan = json!({"organisation_id": scene.county.id, "title": {"fi": "Suunnitelma"},
        "starts_on": "2026-01-01", "ends_on": "2029-12-31"});
    let new =
        |name: &str, value, expect: &str| wrong(admin, "POST /api/v1/programmes", but(&plan, name, value), expect);
    let patch = |body, expect: &str| wrong(admin, format!("PATCH {path}"), body, expect);
    let mut table = vec![
        new("title", json!("Suunnitelma"), "422 request.invalid /title wrong_type"),
        new("title", json!({"fi": "   "}), "422 request.invalid /title/fi empty"),
        new("title", json!({"fi": null}), "422 request.invalid /title no_language"),
        new("title", json!({"fi": "a\u{0}b"}), "422 request.invalid /title/fi control_character"),
        new("title", json!({"fi": "x".repeat(201)}), "422 request.invalid /title/fi too_long"),
        new("title", json!({"no": "Plan"}), "422 request.invalid /title/no unknown_member"),
        new("title", json!(["Suunnitelma", null, null]), "422 request.invalid /title wrong_type"),
        new("description", json!({"fi": "x".repeat(10_001)}), "422 request.invalid /description/fi too_long"),
        new("organisation_id", json!(NOTHING), "403 auth.forbidden"),
        new("organisation_id", json!(scene.city.id), "403 auth.forbidden"),
        new("organisation_id", json!(7), "422 request.invalid /organisation_id wrong_type"),
        new("organisation_id", json!("county"), "422 request.invalid /organisation_id bad_value"),
        new("area", json!("286"), "422 request.invalid /area wrong_type"),
        new("area", json!(["28\u{661}"]), "422 request.invalid /area/0 bad_municipality_code"),
        new("ends_on", json!("2025-12-31"), "422 request.invalid /ends_on before_start"),
        new("members", json!([]), "422 request.invalid /members unknown_member"),
        patch(json!({"title": null}), "422 request.invalid /title wrong_type"),
        patch(json!({"ends_on": "2025-01-01"}), "422 request.invalid /ends_on before_start"),
        patch(json!({"status": "closed"}), "422 request.invalid /status unknown_member"),
        wrong(admin, format!("POST {path}:activate"), json!({}), "409 programme.not_draft wrong_status"),
        wrong(admin, format!("POST {path}:close"), json!({"now": true}), "422 request.invalid /now unknown_member"),
        wrong(admin, format!("PATCH /api/v1/programmes/{NOTHING}"), json!({}), "404 request.not_found"),
        bare(admin, "GET /api/v1/programmes/x", "404 request.not_found"),
    ];
    for (date, code) in DATES {
        let expect = |name: &str| format!("422 request.invalid /{name} {code}");
        table.push(wrong(admin, "POST /api/v1/programmes", but(&plan, "starts_on", json!(date)), expect("starts_on")));
        table.push(wrong(admin, format!("PATCH {path}"), json!({"ends_on": date}), expect("ends_on")));
    }
    table
}

fn of_members(scene: &Scene) -> Vec<Wrong> {
    let (admin, path) = (&scene.county.admin, &scene.programme);
    let membership = json!({"role": "member", "joined_on": "2026-01-01"});
    let put = |name: &str, value, expect: &str| {
        wrong(admin, format!("PUT {path}/members/{}", scene.city.id), but(&membership, name, value), expect)
    };
    let mut table = vec![
        put("role", json!("owner"), "422 request.invalid /role not_in_vocabulary"),
        put("role", json!(null), "422 request.invalid /role wrong_type"),
        put("left_on", json!("2025-12-31"), "422 request.invalid /left_on before_start"),
        put("since", json!("2026-01-01"), "422 request.invalid /since unknown_member"),
        wrong(admin, format!("PUT {path}/members/{NOTHING}"), membership.clone(), "404 request.not_found"),
        wrong(admin, format!("PUT {path}/members/x"), membership.clone(), "404 request.not_found"),
        wrong(
            admin,
            format!("PUT {path}/members/{}", scene.county.id),
            membership.clone(),
            "409 programme.last_coordinator last_coordinator",
        ),
        wrong(admin, format!("PUT {path}/coordinators/{NOTHING}"), json!({}), "404 request.not_found"),
        wrong(admin, format!("PUT {path}/coordinators/x"), json!({}), "404 request.not_found"),
        wrong(admin, format!("DELETE {path}/coordinators/{NOTHING}"), json!({}), "404 request.not_found"),
    ];
    for (date, code) in DATES {
        table.push(put("joined_on", json!(date), &format!("422 request.invalid /joined_on {code}")));
        table.push(put("left_on", json!(date), &format!("422 request.invalid /left_on {code}")));
    }
    table
}

fn of_goals(scene: &Scene) -> Vec<Wrong> {
    let (admin, [upper, lower]) = (&scene.county.admin, &scene.goals);
    let at = format!("POST {}/goals", scene.programme);
    let goal = json!({"code": "T9", "title": {"fi": "Tavoite"}});
    let new = |name: &str, value, expect: &str| wrong(admin, at.clone(), but(&goal, name, value), expect);
    let patch = |body, expect: &str| wrong(admin, format!("PATCH {upper}"), body, expect);
    vec![
        new("code", json!("T1"), "409 request.already_exists /code already_exists"),
        new("code", json!("T\u{0}"), "422 request.invalid /code bad_code"),
        new("code", json!("x".repeat(41)), "422 request.invalid /code bad_code"),
        new("code", json!("-T1"), "422 request.invalid /code bad_code"),
        new("code", json!(1), "422 request.invalid /code wrong_type"),
        new("title", json!({}), "422 request.invalid /title no_language"),
        new("position", json!(-1), "422 request.invalid /position out_of_range"),
        new("position", json!(2_147_483_648_i64), "422 request.invalid /position bad_value"),
        new("position", json!(1.5), "422 request.invalid /position wrong_type"),
        new("position", json!("1"), "422 request.invalid /position wrong_type"),
        new("parent_id", json!(NOTHING), "422 request.invalid /parent_id unknown_reference"),
        new("parent_id", json!(last(&scene.other.goal)), "422 request.invalid /parent_id unknown_reference"),
        new("parent_id", json!(last(&scene.action)), "422 request.invalid /parent_id unknown_reference"),
        patch(json!({"parent_id": last(upper)}), "422 goal.ring /parent_id ring"),
        patch(json!({"parent_id": last(lower)}), "422 goal.ring /parent_id ring"),
        patch(json!({"code": null}), "422 request.invalid /code wrong_type"),
        patch(json!({"code": "T1.1"}), "409 request.already_exists /code already_exists"),
        patch(json!({"id": NOTHING}), "422 request.invalid /id unknown_member"),
        wrong(admin, format!("DELETE {upper}"), json!({}), "409 request.in_use"),
        wrong(admin, format!("DELETE {lower}"), json!({"force": true}), "422 request.invalid /force unknown_member"),
        bare(admin, format!("DELETE {lower}"), "428 request.precondition_required if-match required"),
        wrong(&scene.city.admin, format!("PATCH {lower}"), json!({"code": "x"}), "403 auth.forbidden"),
        wrong(admin, format!("POST /api/v1/programmes/{NOTHING}/goals"), goal.clone(), "404 request.not_found"),
    ]
}

fn of_periods(scene: &Scene) -> Vec<Wrong> {
    let (admin, path) = (&scene.county.admin, &scene.period);
    let at = format!("POST {}/reporting-periods", scene.programme);
    let extension = format!("PUT {path}/extensions/{}", scene.city.id);
    let period = but(&year(), "code", json!("2027"));
    let new = |name: &str, value, expect: &str| wrong(admin, at.clone(), but(&period, name, value), expect);
    let patch = |body, expect: &str| wrong(admin, format!("PATCH {path}"), body, expect);
    let mut table = vec![
        new("code", json!("2026"), "409 request.already_exists /code already_exists"),
        new("kind", json!("weekly"), "422 request.invalid /kind not_in_vocabulary"),
        new("kind", json!({"annual": null}), "422 request.invalid /kind wrong_type"),
        new("locked", json!(true), "422 request.invalid /locked unknown_member"),
        new("due_on", json!("2026-01-09"), "422 request.invalid /due_on before_start"),
        patch(json!({"ends_on": "2025-12-31"}), "422 request.invalid /ends_on before_start"),
        patch(json!({"locked": "yes"}), "422 request.invalid /locked wrong_type"),
        patch(json!({"locked": null}), "422 request.invalid /locked wrong_type"),
        wrong(&scene.city.admin, format!("PATCH {path}"), json!({"locked": true}), "403 auth.forbidden"),
        wrong(admin, format!("DELETE {path}"), json!({}), "409 request.in_use"),
        wrong(admin, extension.clone(), json!({}), "422 request.invalid /until required"),
        wrong(admin, extension.clone(), json!({"until": null}), "422 request.invalid /until wrong_type"),
        wrong(
            admin,
            format!("PUT {path}/extensions/{NOTHING}"),
            json!({"until": "2026-03-31"}),
            "404 request.not_found",
        ),
        bare(admin, format!("DELETE {path}/extensions/{}", scene.city.id), "404 request.not_found"),
    ];
    for (date, code) in DATES {
        for name in ["starts_on", "ends_on", "opens_on", "due_on"] {
            table.push(new(name, json!(date), &format!("422 request.invalid /{name} {code}")));
        }
        table.push(patch(json!({"opens_on": date}), &format!("422 request.invalid /opens_on {code}")));
        table.push(wrong(
            admin,
            extension.clone(),
            json!({"until": date}),
            format!("422 request.invalid /until {code}"),
        ));
    }
    table
}
