//! Actions, participants and decision steps.

use super::programmes::DATES;
use super::scene::{Scene, but, last};
use super::{NOTHING, Wrong, bare, wrong};
use serde_json::{Value, json};

pub(super) fn table(scene: &Scene) -> Vec<Wrong> {
    let mut table = of_actions(scene);
    table.extend(of_participants(scene));
    table.extend(of_steps(scene));
    table
}

fn of_actions(scene: &Scene) -> Vec<Wrong> {
    let (editor, path) = (&scene.city.editor, &scene.action);
    let plan = json!({"programme_id": last(&scene.programme), "organisation_id": scene.city.id, "code": "A9",
        "title": {"fi": "Perhekeskus"}});
    let new =
        |name: &str, value: Value, expect: &str| wrong(editor, "POST /api/v1/actions", but(&plan, name, value), expect);
    let patch = |body: Value, expect: &str| wrong(editor, format!("PATCH {path}"), body, expect);
    let many = |count: u32| (0..count).map(|n| format!("00000000-0000-7000-8000-{n:012x}")).collect::<Vec<_>>();
    let mut table = vec![
        new("programme_id", json!(NOTHING), "422 request.invalid /programme_id unknown_reference"),
        new("programme_id", json!(null), "422 request.invalid /programme_id wrong_type"),
        new("organisation_id", json!(scene.town.id), "403 auth.forbidden"),
        new("code", json!("A1"), "409 request.already_exists /code already_exists"),
        new("code", json!(""), "422 request.invalid /code bad_code"),
        new("goals", json!([NOTHING]), "422 request.invalid /goals/0 unknown_reference"),
        new(
            "goals",
            json!([last(&scene.goals[0]), last(&scene.other.goal)]),
            "422 request.invalid /goals/1 unknown_reference",
        ),
        new("goals", json!(many(20_000)), "422 request.invalid /goals/0 unknown_reference"),
        new("goals", json!("T1"), "422 request.invalid /goals wrong_type"),
        new("visibility", json!("secret"), "422 request.invalid /visibility not_in_vocabulary"),
        new("visibility", json!(["public"]), "422 request.invalid /visibility wrong_type"),
        new("start_gate", json!("notified"), "422 request.invalid /start_gate not_in_vocabulary"),
        new("prevention_level", json!(1), "422 request.invalid /prevention_level wrong_type"),
        new("target_groups", json!(["all"]), "422 request.invalid /target_groups/0 not_in_vocabulary"),
        new("tags", json!(["x".repeat(41)]), "422 request.invalid /tags/0 bad_tag"),
        new("tags", json!([{"name": "x"}]), "422 request.invalid /tags/0 wrong_type"),
        new("area", json!(["2867"]), "422 request.invalid /area/0 bad_municipality_code"),
        new("status", json!("agreed"), "422 request.invalid /status unknown_member"),
        new("accountable_id", json!(scene.town.id), "422 request.invalid /accountable_id unknown_member"),
        patch(json!({"starts_on": "2026-06-01", "ends_on": "2026-05-31"}), "422 request.invalid /ends_on before_start"),
        patch(json!({"programme_id": last(&scene.programme)}), "422 request.invalid /programme_id unknown_member"),
        patch(json!({"goals": null}), "422 request.invalid /goals wrong_type"),
        patch(json!({"visibility": null}), "422 request.invalid /visibility wrong_type"),
        patch(
            json!({"tags": (0..401).map(|n| format!("t{n}")).collect::<Vec<_>>()}),
            "422 request.invalid /tags too_many",
        ),
        wrong(editor, format!("PATCH {}", scene.agreed), json!({"code": "A8"}), "409 action.fixed /code fixed"),
        wrong(editor, format!("POST {path}:agree"), json!({}), "409 action.wrong_status status"),
        wrong(editor, format!("POST {path}:propose"), json!([]), "422 request.invalid wrong_type"),
        wrong(editor, format!("POST {path}:propose"), json!(null), "422 request.invalid wrong_type"),
        wrong(editor, format!("DELETE {}", scene.agreed), json!({}), "409 action.wrong_status status"),
        wrong(editor, format!("PATCH /api/v1/actions/{NOTHING}"), json!({}), "404 request.not_found"),
        // Another sort of thing under its identifier is nothing here.
        wrong(
            editor,
            format!("POST /api/v1/actions/{}:propose", last(&scene.programme)),
            json!({}),
            "404 request.not_found",
        ),
        wrong(&scene.town.editor, format!("PATCH {path}"), json!({"code": "A8"}), "404 request.not_found"),
        wrong(&scene.town.editor, format!("PATCH {}", scene.agreed), json!({"code": "A8"}), "403 auth.forbidden"),
        bare(editor, format!("POST {path}:approve"), "404 request.not_found"),
    ];
    for (date, code) in DATES {
        table.push(new("starts_on", json!(date), &format!("422 request.invalid /starts_on {code}")));
        table.push(patch(json!({"ends_on": date}), &format!("422 request.invalid /ends_on {code}")));
    }
    table
}

fn of_participants(scene: &Scene) -> Vec<Wrong> {
    let (editor, path) = (&scene.city.editor, &scene.action);
    let invite = |body: Value, expect: &str| wrong(editor, format!("POST {path}/participants"), body, expect);
    let own = format!("{path}/participants/{}", scene.city.id);
    let of = |organisation: &str, roles: Value| json!({"organisation_id": organisation, "roles": roles});
    vec![
        invite(of(NOTHING, json!(["funding"])), "422 request.invalid /organisation_id not_a_member"),
        invite(of(&scene.outsider.id, json!(["funding"])), "422 request.invalid /organisation_id not_a_member"),
        invite(of(&scene.town.id, json!([])), "422 request.invalid /roles empty"),
        invite(of(&scene.town.id, json!(["accountable"])), "422 request.invalid /roles accountable"),
        invite(of(&scene.town.id, json!(["owner"])), "422 request.invalid /roles/0 not_in_vocabulary"),
        invite(of(&scene.town.id, json!("funding")), "422 request.invalid /roles wrong_type"),
        invite(of(&scene.city.id, json!(["funding"])), "422 request.invalid /roles accountable"),
        invite(json!({"roles": ["funding"]}), "422 request.invalid /organisation_id required"),
        invite(
            but(&of(&scene.town.id, json!(["funding"])), "commitment", json!("committed")),
            "422 request.invalid /commitment unknown_member",
        ),
        wrong(editor, format!("PATCH {own}"), json!({"roles": ["funding"]}), "422 request.invalid /roles accountable"),
        wrong(
            editor,
            format!("PATCH {own}"),
            json!({"commitment": "declined"}),
            "422 request.invalid /commitment unknown_member",
        ),
        wrong(editor, format!("POST {own}:withdraw"), json!({}), "409 participant.accountable"),
        wrong(editor, format!("DELETE {own}"), json!({}), "409 participant.accountable"),
        wrong(editor, format!("POST {own}:commit"), json!({}), "409 participant.wrong_commitment commitment"),
        wrong(editor, format!("PATCH {path}/participants/{NOTHING}"), json!({}), "404 request.not_found"),
        wrong(editor, format!("POST {path}/participants/x:commit"), json!({}), "404 request.not_found"),
        bare(editor, format!("PATCH {own}"), "415 request.unsupported_media_type content-type media_type"),
    ]
}

fn of_steps(scene: &Scene) -> Vec<Wrong> {
    let (editor, [first, second]) = (&scene.city.editor, &scene.steps);
    let at = format!("POST {}/decision-steps", scene.action);
    let step = json!({"body_id": last(&scene.body), "title": {"fi": "Päätös"}, "function": "decision",
        "authoritative": true});
    let new = |name: &str, value: Value, expect: &str| wrong(editor, at.clone(), but(&step, name, value), expect);
    let patch = |step: &str, body: Value, expect: &str| wrong(editor, format!("PATCH {step}"), body, expect);
    let after = |step: &str| json!([{"step_id": step}]);
    let force = format!("POST {first}:record-legal-force");
    let many: Vec<Value> =
        (0..8_000).map(|n| json!({"step_id": format!("00000000-0000-7000-8000-{n:012x}")})).collect();
    let mut table = vec![
        new("body_id", json!(NOTHING), "422 request.invalid /body_id unknown_reference"),
        new("body_id", json!(last(&scene.meeting)), "422 request.invalid /body_id unknown_reference"),
        new("function", json!("approval"), "422 request.invalid /function not_in_vocabulary"),
        new("authoritative", json!("true"), "422 request.invalid /authoritative wrong_type"),
        new("authoritative", json!(1), "422 request.invalid /authoritative wrong_type"),
        new("depends_on", after(NOTHING), "422 request.invalid /depends_on/0/step_id unknown_reference"),
        new(
            "depends_on",
            after(last(&scene.other.step)),
            "422 request.invalid /depends_on/0/step_id unknown_reference",
        ),
        new(
            "depends_on",
            json!([{"step_id": last(first), "gate": "x"}]),
            "422 request.invalid /depends_on/0/gate not_in_vocabulary",
        ),
        new(
            "depends_on",
            json!([{"step_id": last(first), "after": 1}]),
            "422 request.invalid /depends_on/0/after unknown_member",
        ),
        new("depends_on", json!([{"gate": "final"}]), "422 request.invalid /depends_on/0/step_id required"),
        new("depends_on", json!([[last(first)]]), "422 request.invalid /depends_on/0 wrong_type"),
        new(
            "depends_on",
            json!([{"step_id": last(first)}, {"step_id": last(first), "gate": "final"}]),
            "422 request.invalid /depends_on/1/step_id duplicate",
        ),
        new("depends_on", json!(many), "422 request.invalid /depends_on/0/step_id unknown_reference"),
        new("preparation_days", json!(366), "422 request.invalid /preparation_days out_of_range"),
        new("preparation_days", json!(-1), "422 request.invalid /preparation_days bad_value"),
        new("preparation_days", json!(1e30), "422 request.invalid /preparation_days wrong_type"),
        new("required_tag", json!("Budjetti"), "422 request.invalid /required_tag bad_tag"),
        new("visibility", json!("public"), "422 request.invalid /visibility not_in_vocabulary"),
        new("diary_number", json!("KOT 1"), "403 auth.forbidden"),
        new("diary_number", json!("x".repeat(101)), "422 request.invalid /diary_number too_long"),
        patch(first, json!({"depends_on": after(last(first))}), "422 decision_step.cycle /depends_on cycle"),
        patch(first, json!({"depends_on": after(last(second))}), "422 decision_step.cycle /depends_on cycle"),
        patch(first, json!({"body_id": last(&scene.body)}), "422 request.invalid /body_id unknown_member"),
        patch(first, json!({"diary_number": "KOT 1"}), "403 auth.forbidden"),
        patch(first, json!({"title": {"fi": null}}), "422 request.invalid /title no_language"),
        wrong(editor, format!("DELETE {first}"), json!({}), "409 decision_step.needed depends_on_it"),
        wrong(editor, force.clone(), json!({"on": "2026-01-01"}), "403 auth.forbidden"),
        wrong(editor, format!("PATCH /api/v1/decision-steps/{NOTHING}"), json!({}), "404 request.not_found"),
    ];
    for (date, code) in DATES {
        table.push(new("not_before", json!(date), &format!("422 request.invalid /not_before {code}")));
        table.push(wrong(editor, force.clone(), json!({"on": date}), format!("422 request.invalid /on {code}")));
    }
    table
}
