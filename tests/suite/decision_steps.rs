//! Decision steps: the route of an action through the bodies that handle it.

use crate::actions::{Region, region};
use serde_json::{Value, json};
use yhteen_tests::caller::id;
use yhteen_tests::{Organisation, World, both};

/// A body of the organisation: its identifier.
async fn body(organisation: &Organisation, visibility: &str) -> String {
    let new = json!({
        "organisation_id": organisation.id,
        "name": {"fi": "Lautakunta"},
        "kind": "committee",
        "visibility": visibility,
        "agenda_lead": {"days": 7, "time": "12:00"},
        "minutes_publication_days": 7
    });
    id(&organisation.admin.post("/api/v1/bodies", new).await.expect(201))
}

fn new(body: &str, depends_on: &[&str]) -> Value {
    let depends_on: Vec<_> = depends_on.iter().map(|step| json!({"step_id": step})).collect();
    json!({
        "body_id": body,
        "title": {"fi": "Päätös"},
        "function": "decision",
        "authoritative": true,
        "depends_on": depends_on,
        "preparation_days": 14
    })
}

/// A public draft of the city's with a public body of the town's: its path and the body.
async fn route(world: &World) -> (Region, String, String) {
    let region = region(world).await;
    let at = region.draft("A1", "public").await;
    let body = body(&region.town, "public").await;
    (region, at, body)
}

/// A step of the route that the city proposes: its identifier.
async fn step(region: &Region, at: &str, new: Value) -> String {
    id(&region.city.editor.post(&format!("{at}/decision-steps"), new).await.expect(201))
}

fn path(step: &str) -> String {
    format!("/api/v1/decision-steps/{step}")
}

both! {
    async fn an_action_changes_with_who_sees_the_body_of_a_step(world: World) {
        let (region, at, body) = route(&world).await;
        step(&region, &at, new(&body, &[])).await;
        step(&region, &at, new(&body, &[])).await;
        let other = region.draft("A2", "public").await;
        let version = |at: &str| {
            let (reader, at) = (region.city.viewer.clone(), at.to_owned());
            async move { reader.get(&at).await.expect(200)["version"].as_i64().unwrap() }
        };
        let (before, untouched) = (version(&at).await, version(&other).await);
        let path = format!("/api/v1/bodies/{body}");
        region.town.admin.change(&path, json!({"visibility": "public"})).await.expect(200);
        assert_eq!(version(&at).await, before);
        region.town.admin.change(&path, json!({"visibility": "private"})).await.expect(200);
        assert_eq!((version(&at).await, version(&other).await), (before + 1, untouched));
        let known = region.city.viewer.get("/api/v1/changes?limit=1000&wait=5").await.expect(200);
        let known = known["items"].as_array().unwrap();
        if let Some(event) = known.iter().find(|it| it["type"] == "action.steps_audience_changed") {
            assert_eq!((&event["version"], &event["tombstone"]), (&json!(before + 1), &json!(false)));
            assert!(at.ends_with(event["aggregate"]["id"].as_str().unwrap()), "{event}");
        }
        region.town.admin.change(&path, json!({"visibility": "public"})).await.expect(200);
        assert_eq!(version(&at).await, before + 2);
    }

    async fn the_accountable_organisation_proposes_steps_on_any_body(world: World) {
        let (region, at, board) = route(&world).await;
        let city = &region.city.editor;
        let steps = format!("{at}/decision-steps");
        let reply = city.post(&steps, new(&board, &[])).await;
        let location = reply.header("location").unwrap().to_owned();
        let made = reply.expect(201);
        assert_eq!((&made["organisation_id"], &made["opaque"]), (&json!(region.town.id), &json!(false)));
        assert_eq!(made["visibility"], "action");
        let got = city.get(&location).await;
        assert!(got.header("etag").unwrap().starts_with("\"2."), "a step changes its action's version");
        assert_eq!(got.expect(200), made);
        let second = step(&region, &at, new(&board, &[&id(&made)])).await;
        let listed = city.all(&steps).await;
        assert_eq!(listed[0], made);
        let default = json!([{"step_id": id(&made), "gate": "decided", "by": "agenda_deadline"}]);
        assert_eq!((&listed[1]["id"], &listed[1]["depends_on"]), (&json!(second), &default));

        city.act(&format!("{at}:propose")).await.expect(200);
        region.town.editor.post(&steps, new(&board, &[])).await.refused(403, "auth.forbidden");
        region.city.reporter.post(&steps, new(&board, &[])).await.refused(403, "auth.forbidden");
        world.anonymous().post(&steps, new(&board, &[])).await.refused(401, "auth.unauthenticated");
        assert_eq!(world.anonymous().all(&steps).await.len(), 2);
    }

    async fn what_cannot_be_is_refused_with_its_place(world: World) {
        let (region, at, board) = route(&world).await;
        let hidden = body(&region.town, "private").await;
        let elsewhere = region.draft("A2", "public").await;
        let foreign = step(&region, &elsewhere, new(&board, &[])).await;
        let known = step(&region, &at, new(&board, &[])).await;
        let with = |name: &str, value: Value| {
            let mut step = new(&board, &[]);
            step[name] = value;
            step
        };
        for (step, pointer, code) in [
            (with("title", json!({})), "/title", "no_language"),
            (with("preparation_days", json!(366)), "/preparation_days", "out_of_range"),
            (with("preparation_days", json!(-1)), "/preparation_days", "bad_value"),
            (with("required_tag", json!("Budjetti")), "/required_tag", "bad_tag"),
            (with("function", json!("vote")), "/function", "not_in_vocabulary"),
            (with("organisation_id", json!(region.town.id)), "/organisation_id", "unknown_member"),
            (new(&hidden, &[]), "/body_id", "unknown_reference"),
            (new("00000000-0000-7000-8000-000000000000", &[]), "/body_id", "unknown_reference"),
            (new(&board, &[&foreign]), "/depends_on/0/step_id", "unknown_reference"),
            (new(&board, &[&known, &known]), "/depends_on/1/step_id", "duplicate"),
        ] {
            let refused = region.city.editor.post(&format!("{at}/decision-steps"), step).await;
            let refused = refused.refused(422, "request.invalid");
            let place = &refused["errors"][0];
            assert_eq!((place["pointer"].as_str(), place["code"].as_str()), (Some(pointer), Some(code)), "{refused}");
        }
    }

    async fn a_circle_is_refused_and_named(world: World) {
        let (region, at, board) = route(&world).await;
        let first = step(&region, &at, new(&board, &[])).await;
        let second = step(&region, &at, new(&board, &[&first])).await;
        let third = step(&region, &at, new(&board, &[&second])).await;
        let on = |step: &str| json!({"depends_on": [{"step_id": step}]});
        let city = &region.city.editor;
        let refused = city.change(&path(&first), on(&third)).await.refused(422, "decision_step.cycle");
        let named: Vec<_> = refused["errors"].as_array().unwrap().iter().map(|it| it["detail"].clone()).collect();
        assert_eq!(named, [json!(first), json!(third), json!(second)]);
        assert!(refused["detail"].as_str().unwrap().contains(&format!("{third} → {second} → {first}")), "{refused}");
        city.change(&path(&first), on(&first)).await.refused(422, "decision_step.cycle");
    }

    async fn two_writes_close_no_circle_together(world: World) {
        let (region, at, board) = route(&world).await;
        let first = step(&region, &at, new(&board, &[])).await;
        let second = step(&region, &at, new(&board, &[])).await;
        let on = |step: &str| json!({"depends_on": [{"step_id": step}]});
        let city = &region.city.editor;
        for _ in 0..5 {
            let (there, back) = (path(&first), path(&second));
            let (one, other) = tokio::join!(city.change(&there, on(&second)), city.change(&back, on(&first)));
            let mut statuses = [one.status.as_u16(), other.status.as_u16()];
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 422], "{one:?} {other:?}");
            for step in [&there, &back] {
                city.change(step, json!({"depends_on": []})).await.expect(200);
            }
        }
    }

    async fn an_action_starts_once_its_decisions_have_legal_force(world: World) {
        let (region, at, board) = route(&world).await;
        let (city, town) = (&region.city.editor, &region.town.editor);
        let decision = path(&step(&region, &at, new(&board, &[])).await);
        let mut notice = new(&board, &[]);
        notice["authoritative"] = json!(false);
        step(&region, &at, notice).await;
        city.change(&at, json!({"start_gate": "final"})).await.expect(200);
        for verb in ["propose", "agree"] {
            city.act(&format!("{at}:{verb}")).await.expect(200);
        }
        let missing = city.act(&format!("{at}:start")).await.refused(409, "action.not_decided");
        assert_eq!(missing["errors"].as_array().unwrap().len(), 1, "{missing}");
        let record = format!("{decision}:record-legal-force");
        city.post(&record, json!({"on": "2026-01-15"})).await.refused(403, "auth.forbidden");
        town.post(&record, json!({})).await.refused(422, "request.invalid");
        town.post(&record, json!({"on": "2026-01-16"})).await.expect(200);
        city.act(&format!("{at}:start")).await.refused(409, "action.not_decided");
        let recorded = town.post(&record, json!({"on": "2026-01-15"})).await.expect(200);
        assert_eq!(recorded["recorded_legal_force_on"], "2026-01-15");
        city.change(&decision, json!({"authoritative": false})).await.refused(409, "decision_step.decided");
        city.act(&format!("{at}:start")).await.expect(200);
    }

    async fn the_diary_number_is_the_bodys_own(world: World) {
        let (region, at, board) = route(&world).await;
        let (city, town) = (&region.city.editor, &region.town.editor);
        let mut numbered = new(&board, &[]);
        numbered["diary_number"] = json!("KOT 7/2026");
        city.post(&format!("{at}/decision-steps"), numbered).await.refused(403, "auth.forbidden");
        let step = path(&step(&region, &at, new(&board, &[])).await);
        city.act(&format!("{at}:propose")).await.expect(200);
        let number = json!({"diary_number": "KOT 7/2026"});
        city.change(&step, number.clone()).await.refused(403, "auth.forbidden");
        let unread = town.request(reqwest::Method::PATCH, &step).json(&number);
        town.send(unread).await.refused(428, "request.precondition_required");
        let changed = town.change(&step, number).await.expect(200);
        assert_eq!(changed["diary_number"], "KOT 7/2026");
        let can = json!({
            "edit": false, "edit_diary_number": true, "propose_booking": false, "book": true, "answer_booking": false,
            "hand_in": false, "release_booking": false, "record_handling": true, "record_remedy_claim": false,
            "record_legal_force": true, "delete": false
        });
        assert_eq!(changed["permissions"], can);
        let both = json!({"diary_number": null, "title": {"fi": "Oma"}});
        town.change(&step, both.clone()).await.refused(403, "auth.forbidden");
        city.change(&step, both).await.refused(403, "auth.forbidden");
    }

    async fn a_step_that_one_may_not_see_is_opaque(world: World) {
        let (region, at, board) = route(&world).await;
        let city = &region.city.editor;
        let mut narrow = new(&board, &[]);
        narrow["visibility"] = json!("narrow");
        narrow["required_tag"] = json!("budget");
        narrow["not_before"] = json!("2026-02-01");
        let narrow = step(&region, &at, narrow).await;
        // The city's own body is known to no one else.
        let hidden = body(&region.city, "private").await;
        let hidden = step(&region, &at, new(&hidden, &[&narrow])).await;
        city.act(&format!("{at}:propose")).await.expect(200);
        for (step, organisation, sighted) in [
            (&narrow, &region.town, vec![&region.city.viewer, &region.town.viewer]),
            (&hidden, &region.city, vec![&region.city.viewer]),
        ] {
            for reader in sighted {
                assert_eq!(reader.get(&path(step)).await.expect(200)["opaque"], false);
            }
            for reader in [&region.county.admin, &world.anonymous()] {
                let seen = reader.get(&path(step)).await.expect(200);
                assert_eq!((&seen["opaque"], &seen["organisation_id"]), (&json!(true), &json!(organisation.id)));
                for (name, value) in seen.as_object().unwrap() {
                    let told = ["id", "action_id", "opaque", "organisation_id", "state", "created_at", "updated_at", "permissions"];
                    assert!(told.contains(&name.as_str()) || value.is_null(), "{name} of an opaque step");
                }
                let listed = reader.all(&format!("{at}/decision-steps")).await;
                assert!(listed.contains(&seen));
            }
        }
    }

    async fn a_step_goes_while_nothing_needs_it_and_nothing_is_agreed(world: World) {
        let (region, at, board) = route(&world).await;
        let city = &region.city.editor;
        let first = step(&region, &at, new(&board, &[])).await;
        let second = step(&region, &at, new(&board, &[&first])).await;
        let needed = city.delete(&path(&first)).await.refused(409, "decision_step.needed");
        assert!(needed["errors"][0]["detail"].as_str().unwrap().contains(&second), "{needed}");
        region.town.editor.delete(&path(&second)).await.refused(404, "request.not_found");
        city.delete(&path(&second)).await.expect(204);
        city.get(&path(&second)).await.refused(404, "request.not_found");
        for verb in ["propose", "agree"] {
            city.act(&format!("{at}:{verb}")).await.expect(200);
        }
        region.town.editor.delete(&path(&first)).await.refused(403, "auth.forbidden");
        city.delete(&path(&first)).await.refused(409, "action.wrong_status");
        city.act(&format!("{at}:cancel")).await.expect(200);
        city.post(&format!("{at}/decision-steps"), new(&board, &[])).await.refused(409, "action.closed");

        // A deleted draft takes its steps along.
        let draft = region.draft("A2", "public").await;
        let gone = step(&region, &draft, new(&board, &[])).await;
        city.delete(&draft).await.expect(204);
        city.get(&path(&gone)).await.refused(404, "request.not_found");
    }
}
