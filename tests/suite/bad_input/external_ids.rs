//! What systems say by their own names for things.

use super::scene::{Scene, but, last};
use super::{NOTHING, Wrong, bare, wrong};
use crate::external_ids::path;
use serde_json::{Value, json};

pub(super) fn table(scene: &Scene) -> Vec<Wrong> {
    let mut table = of_names(scene);
    table.extend(of_meetings(scene));
    table.extend(of_steps(scene));
    table.extend(of_handlings(scene));
    table
}

/// A name that nothing has.
fn name() -> Value {
    json!({"source": "asianhallinta", "value": "tuntematon"})
}

fn of_names(scene: &Scene) -> Vec<Wrong> {
    let (editor, town) = (&scene.town.editor, &scene.town.id);
    let named = |sort: &str, name: &str, expect: &str| {
        let asked = format!("PUT /api/v1/organisations/{town}/{sort}/by-external-id/{name}");
        wrong(editor, asked, json!({}), expect)
    };
    let long = "p%C3%B6".repeat(101);
    let mut table = Vec::new();
    for sort in ["meetings", "decision-steps", "handlings"] {
        let own = path(&scene.town, sort, "1");
        table.extend([
            named(sort, "k%C3%A4sittely/1", "400 request.bad_parameter ?source bad_source"),
            named(sort, "a%20b/1", "400 request.bad_parameter ?source bad_source"),
            named(sort, &format!("{}/1", "a".repeat(101)), "400 request.bad_parameter ?source bad_source"),
            named(sort, "a/%20", "400 request.bad_parameter ?value empty"),
            named(sort, &format!("a/{long}"), "400 request.bad_parameter ?value too_long"),
            named(sort, "a/1%00", "400 request.bad_parameter ?value control_character"),
            named(sort, "a/1%0A2", "400 request.bad_parameter ?value control_character"),
            named(sort, "a/%FF", "400 request.bad_parameter ?value not_utf8"),
            named(sort, "a/1/2", "404 request.not_found"),
            named(sort, "a/", "404 request.not_found"),
            named(sort, "a", "404 request.not_found"),
            wrong(
                editor,
                format!("PUT {}", path(&scene.town, sort, "1").replace(town, NOTHING)),
                json!({"x": 1}),
                "404 request.not_found",
            ),
            wrong(
                editor,
                format!("PUT {}", path(&scene.town, sort, "1").replace(town, "x")),
                json!({}),
                "404 request.not_found",
            ),
            wrong(editor, format!("PUT {own}"), json!({"x": 1}), "422 request.invalid /x unknown_member"),
            wrong(editor, format!("PUT {own}"), json!([]), "422 request.invalid wrong_type"),
            bare(editor, format!("PUT {own}"), "415 request.unsupported_media_type content-type media_type")
                .raw("text/plain", "{}"),
            bare(editor, format!("PUT {own}"), "400 request.unreadable not_json").raw("application/json", "{"),
            bare(editor, format!("PUT {own}?dry_run=true"), "400 request.bad_parameter ?dry_run unknown_parameter")
                .raw("application/json", "{}"),
            bare(editor, format!("DELETE {own}"), "405 request.method_not_allowed"),
            wrong(&scene.city.editor, format!("PUT {own}"), json!({}), "403 auth.forbidden"),
            wrong(&scene.city.editor, format!("PUT {own}"), json!({"x": 1}), "422 request.invalid /x unknown_member"),
            wrong(&scene.anyone, format!("PUT {own}"), json!({}), "401 auth.unauthenticated"),
        ]);
    }
    table
}

fn of_meetings(scene: &Scene) -> Vec<Wrong> {
    let (editor, body) = (&scene.town.editor, last(&scene.body));
    let at = format!("PUT {}", path(&scene.town, "meetings", "1"));
    let meeting = json!({"body_id": body, "starts_at": "2026-04-14T13:00:00Z"});
    let new = |name: &str, value: Value, expect: &str| wrong(editor, at.clone(), but(&meeting, name, value), expect);
    vec![
        wrong(editor, at.clone(), json!({}), "422 request.invalid /body_id required"),
        wrong(editor, at.clone(), json!({"body_id": body}), "422 request.invalid /starts_at required"),
        new("body_id", json!(NOTHING), "422 request.invalid /body_id unknown_reference"),
        new("body_id", json!(null), "422 request.invalid /body_id wrong_type"),
        new("meeting_id", json!(NOTHING), "422 request.invalid /meeting_id unknown_reference"),
        new("meeting_id", json!("x"), "422 request.invalid /meeting_id bad_value"),
        new("starts_at", json!(null), "422 request.invalid /starts_at wrong_type"),
        new("ends_at", json!("2026-04-14T12:59:59Z"), "422 request.invalid /ends_at before_start"),
        new("state", json!("cancelled"), "422 request.invalid /state not_in_vocabulary"),
        new("state", json!("held"), "409 meeting.not_started /state not_started"),
        new("cancelled", json!("yes"), "422 request.invalid /cancelled wrong_type"),
        new("minutes_published_on", json!("2026-04-20"), "409 meeting.not_held /minutes_published_on not_held"),
        new("external_ids", json!([]), "422 request.invalid /external_ids unknown_member"),
        wrong(
            &scene.city.editor,
            format!("PUT {}", path(&scene.city, "meetings", "1")),
            meeting.clone(),
            "422 request.invalid /body_id other_organisation",
        ),
        bare(editor, at.clone(), "412 request.precondition_failed")
            .with(|request| request.header("if-match", "\"1\"").json(&meeting)),
        bare(editor, at.clone(), "400 request.unreadable if-match bad_entity_tag")
            .with(|request| request.header("if-match", "1").json(&meeting)),
    ]
}

fn of_steps(scene: &Scene) -> Vec<Wrong> {
    let editor = &scene.city.editor;
    let at = format!("PUT {}", path(&scene.city, "decision-steps", "1"));
    let step = json!({"action_id": last(&scene.action), "body_id": last(&scene.body), "title": {"fi": "Päätös"},
        "function": "decision", "authoritative": true});
    let new = |name: &str, value: Value, expect: &str| wrong(editor, at.clone(), but(&step, name, value), expect);
    let after = |dependency: Value, expect: &str| {
        let expect = format!("422 request.invalid /depends_on/0/{expect}");
        wrong(editor, at.clone(), but(&step, "depends_on", json!([dependency])), expect)
    };
    let without = |name: &str| {
        let mut step = step.clone();
        step.as_object_mut().unwrap().remove(name);
        wrong(editor, at.clone(), step, format!("422 request.invalid /{name} required"))
    };
    let first = last(&scene.steps[0]);
    vec![
        without("action_id"),
        without("body_id"),
        without("title"),
        without("function"),
        without("authoritative"),
        new("action_id", json!(NOTHING), "422 request.invalid /action_id unknown_reference"),
        new("action_id", json!("x"), "422 request.invalid /action_id bad_value"),
        new("body_id", json!(NOTHING), "422 request.invalid /body_id unknown_reference"),
        new("decision_step_id", json!(NOTHING), "422 request.invalid /decision_step_id unknown_reference"),
        new("preparation_days", json!(366), "422 request.invalid /preparation_days out_of_range"),
        new("diary_number", json!("KOT 1"), "403 auth.forbidden"),
        after(json!({}), "step_id required"),
        after(json!({"source": "asianhallinta"}), "value required"),
        after(json!({"value": "1"}), "source required"),
        after(name(), "value unknown_reference"),
        after(json!({"source": "asianhallinta", "value": "1"}), "value unknown_reference"),
        after(json!({"step_id": first, "value": "1"}), "step_id one_of"),
        after(json!({"source": "a b", "value": "1"}), "source bad_source"),
        after(json!({"step_id": last(&scene.other.step)}), "step_id unknown_reference"),
        wrong(
            editor,
            at.clone(),
            json!({"decision_step_id": first, "action_id": last(&scene.agreed)}),
            "422 request.invalid /action_id cannot_change",
        ),
        wrong(
            editor,
            at.clone(),
            json!({"decision_step_id": first, "body_id": NOTHING}),
            "422 request.invalid /body_id cannot_change",
        ),
        // Of a draft of another organisation.
        new(
            "decision_step_id",
            json!(last(&scene.other.step)),
            "422 request.invalid /decision_step_id unknown_reference",
        ),
        bare(editor, at.clone(), "412 request.precondition_failed")
            .with(|request| request.header("if-match", "\"99\"").json(&step)),
    ]
}

fn of_handlings(scene: &Scene) -> Vec<Wrong> {
    let editor = &scene.city.editor;
    let at = format!("PUT {}", path(&scene.city, "handlings", "1"));
    let first = last(&scene.steps[0]);
    let of_own = json!({"decision_step_id": first, "meeting_id": last(&scene.meeting), "outcome": "approved"});
    let wrongly = |body: Value, expect: &str| wrong(editor, at.clone(), body, expect);
    vec![
        wrongly(json!({}), "422 request.invalid /decision_step_id required"),
        wrongly(json!({"decision_step": name()}), "422 request.invalid /decision_step unknown_reference"),
        wrongly(but(&of_own, "decision_step", name()), "422 request.invalid /decision_step one_of"),
        wrongly(json!({"decision_step_id": NOTHING}), "422 request.invalid /decision_step_id unknown_reference"),
        wrongly(json!({"decision_step": {"source": "a"}}), "422 request.invalid /decision_step/value required"),
        wrongly(but(&of_own, "outcome", json!("won")), "422 request.invalid /outcome not_in_vocabulary"),
        wrongly(but(&of_own, "outcome", json!(null)), "422 request.invalid /outcome wrong_type"),
        // The body is the town's.
        wrongly(of_own, "403 auth.forbidden"),
        wrong(
            &scene.town.editor,
            format!("PUT {}", path(&scene.town, "handlings", "1")),
            json!({"decision_step_id": first}),
            // The draft is not known to the town.
            "422 request.invalid /decision_step_id unknown_reference",
        ),
    ]
}
