//! Meetings: planned, invited to, held or cancelled by their body's organisation.

use crate::bodies::body;
use serde_json::{Value, json};
use yhteen_tests::{both, caller::id};

both! {
    async fn a_meeting_has_its_deadline_from_its_body(world: World) {
        let kotka = world.municipality("Kotka").await;
        let at = format!("/api/v1/bodies/{}/meetings", body(&kotka, "committee").await);
        // The clock is put forward between the deadline and the meeting.
        let created = kotka.editor.post(&at, json!({"starts_at": "2026-03-31T13:00:00Z", "tags": ["budget"]})).await;
        let location = created.header("location").unwrap().to_owned();
        let made = created.expect(201);
        assert_eq!(made["agenda_deadline"], "2026-03-24T10:00:00Z");
        assert_eq!((&made["state"], &made["cancelled"]), (&json!("planned"), &json!(false)));
        assert_eq!((&made["zone"], &made["organisation_id"]), (&json!("Europe/Helsinki"), &json!(kotka.id)));
        assert_eq!(made["permissions"], json!({"edit": true, "cancel": true}));
        let seen = world.anonymous().get(&location).await.expect(200);
        assert_eq!(seen["permissions"], json!({"edit": false, "cancel": false}));

        let moved = kotka.editor.change(&location, json!({"starts_at": "2026-04-07T13:00:00Z"})).await.expect(200);
        assert_eq!(moved["agenda_deadline"], "2026-03-31T09:00:00Z");
        let own = json!({"agenda_deadline": "2026-04-01T09:00:00Z"});
        assert_eq!(kotka.editor.change(&location, own).await.expect(200)["agenda_deadline"], "2026-04-01T09:00:00Z");
        let moved = kotka.editor.change(&location, json!({"starts_at": "2026-04-08T13:00:00Z"})).await.expect(200);
        assert_eq!(moved["agenda_deadline"], "2026-04-01T09:00:00Z");
        let back = kotka.editor.change(&location, json!({"agenda_deadline": null})).await.expect(200);
        assert_eq!(back["agenda_deadline"], "2026-04-01T09:00:00Z");
        // The moment is the same, but it is computed again.
        assert_eq!((&back["agenda_deadline_rule"], &back["version"]), (&json!("computed"), &json!(5)));
    }

    async fn a_computed_deadline_is_never_on_a_day_on_which_nobody_works(world: World) {
        let kotka = world.municipality("Kotka").await;
        let body = body(&kotka, "committee").await;
        let (at, of_body) = (format!("/api/v1/bodies/{body}/meetings"), format!("/api/v1/bodies/{body}"));
        assert_eq!(world.anonymous().get(&of_body).await.expect(200)["agenda_deadline_shift"], "previous_working_day");
        let told = |meeting: &Value| {
            ["agenda_deadline", "agenda_deadline_rule", "agenda_deadline_shifted_from"].map(|name| meeting[name].clone())
        };
        // Seven days before 13 April 2026 is Easter Monday: the last working day before it is Thursday 2 April.
        let made = kotka.editor.post(&at, json!({"starts_at": "2026-04-13T13:00:00Z"})).await.expect(201);
        let shifted = [json!("2026-04-02T09:00:00Z"), json!("computed_shifted"), json!("2026-04-06")];
        assert_eq!(told(&made), shifted);
        let meeting = format!("/api/v1/meetings/{}", id(&made));
        // What is given is kept, a Saturday too, and does not follow the meeting.
        let given = json!({"agenda_deadline": "2026-04-04T09:00:00Z"});
        let given = kotka.editor.change(&meeting, given).await.expect(200);
        assert_eq!(told(&given), [json!("2026-04-04T09:00:00Z"), json!("given"), Value::Null]);
        let moved = kotka.editor.change(&meeting, json!({"starts_at": "2026-04-14T13:00:00Z"})).await.expect(200);
        assert_eq!(told(&moved), told(&given));
        let computed = kotka.editor.change(&meeting, json!({"agenda_deadline": null})).await.expect(200);
        assert_eq!(told(&computed), [json!("2026-04-07T09:00:00Z"), json!("computed"), Value::Null]);

        // A body that wants it otherwise leaves its meetings as they are until they move.
        let none = json!({"agenda_deadline_shift": "none"});
        assert_eq!(kotka.admin.change(&of_body, none).await.expect(200)["agenda_deadline_shift"], "none");
        let tagged = kotka.editor.change(&meeting, json!({"tags": ["budget"]})).await.expect(200);
        assert_eq!(told(&tagged), told(&computed));
        let moved = kotka.editor.change(&meeting, json!({"starts_at": "2026-04-13T13:00:00Z"})).await.expect(200);
        assert_eq!(told(&moved), [json!("2026-04-06T09:00:00Z"), json!("computed"), Value::Null]);
    }

    async fn only_the_bodys_organisation_changes_its_meetings(world: World) {
        let kotka = world.municipality("Kotka").await;
        let hamina = world.municipality("Hamina").await;
        let at = format!("/api/v1/bodies/{}/meetings", body(&kotka, "committee").await);
        let new = json!({"starts_at": "2026-03-17T14:00:00Z"});
        let meeting = format!("/api/v1/meetings/{}", id(&kotka.editor.post(&at, new.clone()).await.expect(201)));
        for other in [&hamina.admin, &kotka.reporter, &world.operator] {
            other.post(&at, new.clone()).await.refused(403, "auth.forbidden");
            other.change(&meeting, json!({})).await.refused(403, "auth.forbidden");
            other.act(&format!("{meeting}:cancel")).await.refused(403, "auth.forbidden");
        }
        let anyone = world.anonymous();
        anyone.post(&at, new).await.refused(401, "auth.unauthenticated");
        anyone.change(&meeting, json!({})).await.refused(401, "auth.unauthenticated");
        anyone.act(&format!("{meeting}:cancel")).await.refused(401, "auth.unauthenticated");
        kotka.editor.send(kotka.editor.request(reqwest::Method::PATCH, &meeting).json(&json!({}))).await
            .refused(428, "request.precondition_required");
        kotka.editor.patch(&meeting, 7, json!({})).await.refused(412, "request.precondition_failed");
        assert_eq!(anyone.get(&meeting).await.expect(200)["version"], 1);
    }

    async fn a_meeting_is_held_and_then_stays(world: World) {
        let kotka = world.municipality("Kotka").await;
        let at = format!("/api/v1/bodies/{}/meetings", body(&kotka, "committee").await);
        let new = json!({"starts_at": "2026-01-15T10:05:00Z", "ends_at": "2026-01-15T12:00:00Z"});
        let meeting = format!("/api/v1/meetings/{}", id(&kotka.editor.post(&at, new).await.expect(201)));
        let change = |patch: Value| {
            let (editor, meeting) = (kotka.editor.clone(), meeting.clone());
            async move { editor.change(&meeting, patch).await }
        };
        change(json!({"state": "held"})).await.refused(409, "meeting.not_started");
        change(json!({"minutes_published_on": "2026-01-19"})).await.refused(409, "meeting.not_held");
        change(json!({"state": "invited"})).await.expect(200);
        change(json!({"state": "planned"})).await.refused(409, "meeting.state_order");
        change(json!({"state": "held"})).await.refused(409, "meeting.not_started");
        world.set_clock("2026-01-15T10:05:00Z");
        let held = change(json!({"state": "held"})).await.expect(200);
        assert_eq!(held["permissions"], json!({"edit": true, "cancel": false}));

        let refused = change(json!({"starts_at": "2026-01-15T10:00:00Z", "ends_at": null})).await;
        let refused = refused.refused(409, "meeting.held");
        let places: Vec<_> = refused["errors"].as_array().unwrap().iter().map(|at| at["pointer"].clone()).collect();
        assert!(places.contains(&json!("/starts_at")) && places.contains(&json!("/ends_at")), "{places:?}");
        kotka.editor.act(&format!("{meeting}:cancel")).await.refused(409, "meeting.held");
        change(json!({"minutes_published_on": "2026-01-14"})).await.refused(422, "request.invalid");
        let published = change(json!({"minutes_published_on": "2026-01-19"})).await.expect(200);
        assert_eq!((&published["minutes_published_on"], &published["version"]), (&json!("2026-01-19"), &json!(4)));
    }

    async fn a_cancelled_meeting_is_kept(world: World) {
        let kotka = world.municipality("Kotka").await;
        let at = format!("/api/v1/bodies/{}/meetings", body(&kotka, "committee").await);
        let new = json!({"starts_at": "2026-03-17T14:00:00Z"});
        let meeting = format!("/api/v1/meetings/{}", id(&kotka.editor.post(&at, new).await.expect(201)));
        let cancel = format!("{meeting}:cancel");
        let stale = kotka.editor.request(reqwest::Method::POST, &cancel).header("if-match", "\"9\"");
        kotka.editor.send(stale).await.refused(412, "request.precondition_failed");
        kotka.editor.post(&cancel, json!({"why": "?"})).await.refused(422, "request.invalid");
        let cancelled = kotka.editor.act(&cancel).await.expect(200);
        assert_eq!((&cancelled["cancelled"], &cancelled["version"]), (&json!(true), &json!(2)));
        assert_eq!(cancelled["permissions"], json!({"edit": false, "cancel": false}));
        assert_eq!(kotka.editor.act(&cancel).await.expect(200), cancelled);
        kotka.editor.change(&meeting, json!({"tags": ["budget"]})).await.refused(409, "meeting.cancelled");
        let anyone = world.anonymous();
        assert_eq!(anyone.all("/api/v1/meetings?cancelled=true").await.len(), 1);
        assert_eq!(anyone.all("/api/v1/meetings?cancelled=false").await.len(), 0);
        assert_eq!(anyone.all("/api/v1/meetings").await.len(), 1);
    }

    async fn what_cannot_be_is_named_by_its_place(world: World) {
        let kotka = world.municipality("Kotka").await;
        let at = format!("/api/v1/bodies/{}/meetings", body(&kotka, "committee").await);
        let start = "2026-03-17T14:00:00Z";
        let many: Vec<_> = (0..21).map(|number| format!("t{number}")).collect();
        for (new, pointer, code) in [
            (json!({}), "/starts_at", "required"),
            (json!({"starts_at": "2026-03-17"}), "/starts_at", "bad_value"),
            (json!({"starts_at": "-0001-01-01T00:00:00Z"}), "/starts_at", "out_of_range"),
            (json!({"starts_at": "+200000-01-01T00:00:00Z"}), "/starts_at", "out_of_range"),
            (json!({"starts_at": start, "ends_at": "2026-03-17T13:59:59Z"}), "/ends_at", "before_start"),
            (json!({"starts_at": start, "agenda_deadline": "2026-03-17T14:00:01Z"}), "/agenda_deadline", "after_start"),
            (json!({"starts_at": start, "zone": "EET+2"}), "/zone", "unknown_zone"),
            (json!({"starts_at": start, "tags": ["Budget"]}), "/tags/0", "bad_tag"),
            (json!({"starts_at": start, "tags": many}), "/tags", "too_many"),
            (json!({"starts_at": start, "location": ""}), "/location", "empty"),
            (json!({"starts_at": start, "state": "held"}), "/state", "unknown_member"),
        ] {
            let refused = kotka.editor.post(&at, new.clone()).await.refused(422, "request.invalid");
            let place = (refused["errors"][0]["pointer"].as_str(), refused["errors"][0]["code"].as_str());
            assert_eq!(place, (Some(pointer), Some(code)), "{new}: {refused}");
        }
        assert_eq!(world.anonymous().all("/api/v1/meetings").await.len(), 0);
    }

    async fn meetings_are_listed_by_their_start(world: World) {
        let kotka = world.municipality("Kotka").await;
        let hamina = world.municipality("Hamina").await;
        let (first, second) = (body(&kotka, "council").await, body(&hamina, "council").await);
        // The second is at 00:30 on 18 March in Helsinki.
        for (of, organisation, start) in [
            (&first, &kotka, "2026-03-24T14:00:00Z"),
            (&first, &kotka, "2026-03-17T22:30:00Z"),
            (&second, &hamina, "2026-03-24T14:00:00Z"),
            (&second, &hamina, "2026-03-17T21:59:59Z"),
        ] {
            let at = format!("/api/v1/bodies/{of}/meetings");
            organisation.editor.post(&at, json!({"starts_at": start})).await.expect(201);
        }
        let list = |query: String| {
            let anyone = world.anonymous();
            async move {
                let all = anyone.all(&format!("/api/v1/meetings?{query}")).await;
                all.iter().map(|it| it["starts_at"].as_str().unwrap()[8..16].to_owned()).collect::<Vec<_>>()
            }
        };
        let all = ["17T21:59", "17T22:30", "24T14:00", "24T14:00"];
        assert_eq!(list(String::new()).await, all);
        assert_eq!(list(format!("body_id={first}")).await, all[1..3]);
        assert_eq!(list(format!("body_id={first}&body_id={second}")).await, all);
        assert_eq!(list(format!("organisation_id={}", hamina.id)).await, ["17T21:59", "24T14:00"]);
        assert_eq!(list("starts_from=2026-03-18".into()).await, all[1..]);
        assert_eq!(list("starts_to=2026-03-17".into()).await, all[..1]);
        assert_eq!(list("starts_from=2026-03-18&starts_to=2026-03-18".into()).await, all[1..2]);

        // Page by page, with two that begin together.
        let mut seen = Vec::new();
        let mut next = Some(String::new());
        while let Some(cursor) = next {
            let page = world.anonymous().get(&format!("/api/v1/meetings?limit=1{cursor}")).await.expect(200);
            seen.push(id(&page["items"][0]));
            next = page["next"].as_str().map(|cursor| format!("&cursor={cursor}"));
        }
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 4);
        for bad in ["starts_from=17.3.2026", "starts_from=-9999-01-01", "starts_to=+99999-01-01", "body_id=x"] {
            world.anonymous().get(&format!("/api/v1/meetings?{bad}")).await.refused(400, "request.bad_parameter");
        }
    }
}
