//! What an import takes, leaves out and tells: categories, invalid events, own calendars, the body's validity.

use super::{body, calendar, counts, event, import};
use serde_json::{Value, json};
use yhteen_tests::both;
use yhteen_tests::caller::id;

/// The reasons and outcomes of the events.
fn outcomes(done: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
    done["events"].as_array().unwrap().iter().map(|it| (text(&it["outcome"]), text(&it["reason"]))).collect()
}

both! {
    async fn categories_that_are_changed_later_arrive_and_tags_of_people_stay(world: World) {
        let kotka = world.municipality("Kotka").await;
        let of = body(&kotka, "committee").await;
        let (at, list) = (format!("/api/v1/bodies/{of}/meetings:import"), format!("/api/v1/meetings?body_id={of}"));
        let file = |more: &str| calendar(&[event("a", 0, "20260505T160000", more)]);
        import(&kotka.editor, &at, &file("")).await.expect(200);
        let meeting = format!("/api/v1/meetings/{}", id(&world.anonymous().all(&list).await[0]));
        let done = import(&kotka.editor, &at, &file("CATEGORIES:budget\r\n")).await.expect(200);
        assert_eq!((&done["counts"], &done["events"][0]["changed"]), (&counts(0, 1, 0, 0, 0), &json!(["tags"])));
        let tags = async || world.anonymous().get(&meeting).await.expect(200)["tags"].clone();
        assert_eq!(tags().await, json!(["budget"]));
        kotka.editor.change(&meeting, json!({"tags": ["budget", "own"]})).await.expect(200);
        let same = import(&kotka.editor, &at, &file("CATEGORIES:budget\r\n")).await.expect(200);
        assert_eq!(same["counts"], counts(0, 0, 0, 1, 0));
        import(&kotka.editor, &at, &file("CATEGORIES:strategy\r\n")).await.expect(200);
        assert_eq!(tags().await, json!(["own", "strategy"]));
        import(&kotka.editor, &at, &file("")).await.expect(200);
        assert_eq!(tags().await, json!(["own"]));
    }

    async fn good_events_are_imported_and_bad_ones_reported_where_that_is_asked_for(world: World) {
        let kotka = world.municipality("Kotka").await;
        let of = body(&kotka, "committee").await;
        let at = format!("/api/v1/bodies/{of}/meetings:import");
        let file = calendar(&[
            event("a", 0, "20260505T160000", "SUMMARY:Lautakunta\r\n"),
            event("b", 0, "2026-05-05", "SUMMARY:Rikki\r\n"),
            event("c", 0, "20260506T160000", ""),
        ]);
        import(&kotka.editor, &at, &file).await.refused(422, "calendar_file.malformed");
        import(&kotka.editor, &format!("{at}?skip_invalid=perhaps"), &file).await.refused(400, "request.bad_parameter");
        let done = import(&kotka.editor, &format!("{at}?skip_invalid=true"), &file).await.expect(200);
        assert_eq!(done["counts"], counts(2, 0, 0, 0, 1));
        let events = done["events"].as_array().unwrap();
        let bad = events.iter().find(|it| it["uid"] == "b").unwrap();
        assert_eq!((&bad["outcome"], &bad["reason"], &bad["summary"]), (&json!("skipped"), &json!("invalid"), &json!("Rikki")));
        assert!(bad["detail"].as_str().unwrap().starts_with("Line "), "{bad}");
        let good = events.iter().find(|it| it["uid"] == "a").unwrap();
        assert_eq!((&good["summary"], &good["starts_at"]), (&json!("Lautakunta"), &json!("2026-05-05T13:00:00Z")));
        // What is wrong with the file as a whole is wrong in any case.
        import(&kotka.editor, &format!("{at}?skip_invalid=true"), "x").await.refused(422, "calendar_file.malformed");
    }

    async fn the_report_shows_what_every_event_is_called_and_when_it_is(world: World) {
        let kotka = world.municipality("Kotka").await;
        let of = body(&kotka, "committee").await;
        let at = format!("/api/v1/bodies/{of}/meetings:import");
        let day = "BEGIN:VEVENT\r\nUID:day\r\nSUMMARY:Suunnittelupäivä\r\nDTSTART;VALUE=DATE:20260512\r\nEND:VEVENT\r\n".to_owned();
        let series = "RRULE:FREQ=WEEKLY;COUNT=2\r\nSUMMARY:Valtuusto\r\n";
        let file = calendar(&[event("s", 0, "20260505T160000", series), event("old", 0, "20200505T160000", "SUMMARY:Vanha\r\n"), day]);
        let told = |done: &Value| {
            let mut told: Vec<_> = done["events"].as_array().unwrap().iter()
                .map(|it| format!("{} {}{}", it["summary"].as_str().unwrap(), it["starts_at"].as_str().unwrap_or(""), it["on"].as_str().unwrap_or("")))
                .collect();
            told.sort();
            told
        };
        let done = import(&kotka.editor, &at, &file).await.expect(200);
        assert_eq!(told(&done), [
            "Suunnittelupäivä 2026-05-12", "Valtuusto 2026-05-05T13:00:00Z", "Valtuusto 2026-05-12T13:00:00Z",
            "Vanha 2020-05-05T13:00:00Z",
        ]);
        // Also one that the calendar no longer has.
        let file = calendar(&[event("s", 1, "20260505T160000", "RRULE:FREQ=WEEKLY;COUNT=1\r\nSUMMARY:Valtuusto\r\n")]);
        let done = import(&kotka.editor, &at, &file).await.expect(200);
        assert_eq!(done["counts"]["cancelled"], 1);
        assert_eq!(told(&done)[1], "Valtuusto 2026-05-12T13:00:00Z");
    }

    async fn our_own_export_is_known_again(world: World) {
        let kotka = world.municipality("Kotka").await;
        let of = body(&kotka, "committee").await;
        let (at, list) = (format!("/api/v1/bodies/{of}/meetings:import"), format!("/api/v1/meetings?body_id={of}"));
        let new = json!({"starts_at": "2026-05-05T13:00:00Z", "ends_at": "2026-05-05T15:00:00Z", "tags": ["budget"]});
        kotka.editor.post(&format!("/api/v1/bodies/{of}/meetings"), new).await.expect(201);
        import(&kotka.editor, &at, &calendar(&[event("a", 3, "20260506T160000", "")])).await.expect(200);
        let before = world.anonymous().all(&list).await;
        let export = world.anonymous().get(&format!("/api/v1/bodies/{of}/calendar.ics")).await.text;
        // Into the body itself: nothing is new.
        let done = import(&kotka.editor, &at, &export).await.expect(200);
        assert_eq!(done["counts"], counts(0, 0, 0, 2, 2));
        assert_eq!(world.anonymous().all(&list).await, before);
        // A program has left out what it does not know, and somebody has moved a meeting there.
        let plain = export.lines().filter(|line| !line.starts_with("X-YHTEEN")).collect::<Vec<_>>().join("\r\n");
        let moved = plain.replace("20260505T160000", "20260505T163000");
        let done = import(&kotka.editor, &at, &format!("{moved}\r\n")).await.expect(200);
        assert_eq!(done["counts"], counts(0, 1, 0, 1, 2));
        let now = world.anonymous().all(&list).await;
        assert_eq!((now.len(), &now[0]["starts_at"], &now[0]["calendar_uid"]), (2, &json!("2026-05-05T13:30:00Z"), &Value::Null));
        assert_eq!((&now[1], &now[1]["calendar_uid"]), (&before[1], &json!("a")));
        // What people have changed since is not taken back by an older export.
        let meeting = format!("/api/v1/meetings/{}", id(&now[0]));
        kotka.editor.change(&meeting, json!({"starts_at": "2026-05-05T14:00:00Z"})).await.expect(200);
        let done = import(&kotka.editor, &at, &export).await.expect(200);
        assert!(outcomes(&done).contains(&("skipped".to_owned(), "stale".to_owned())), "{done}");
        // Elsewhere its meetings are new, and its agenda deadlines are no meetings there either.
        let hamina = world.municipality("Hamina").await;
        let there = body(&hamina, "committee").await;
        let done = import(&hamina.editor, &format!("/api/v1/bodies/{there}/meetings:import"), &export).await.expect(200);
        assert_eq!(done["counts"], counts(2, 0, 0, 0, 2));
    }

    async fn an_import_is_narrowed_by_category(world: World) {
        let kotka = world.municipality("Kotka").await;
        let of = body(&kotka, "committee").await;
        let at = format!("/api/v1/bodies/{of}/meetings:import");
        let file = calendar(&[
            event("a", 0, "20260505T160000", "CATEGORIES:Lautakunta\r\n"),
            event("b", 0, "20260506T160000", "CATEGORIES:Valtuusto,Budget\r\n"),
            event("c", 0, "20260507T160000", ""),
        ]);
        let dry = format!("{at}?dry_run=true");
        let done = import(&kotka.editor, &format!("{dry}&category=lautakunta&category=budget"), &file).await.expect(200);
        assert_eq!(done["counts"], counts(2, 0, 0, 0, 1));
        let done = import(&kotka.editor, &format!("{at}?category=LAUTAKUNTA"), &file).await.expect(200);
        assert_eq!(done["counts"], counts(1, 0, 0, 0, 2));
        assert!(outcomes(&done).contains(&("skipped".to_owned(), "other_category".to_owned())));
        import(&kotka.editor, &format!("{at}?category="), &file).await.refused(400, "request.bad_parameter");
    }

    async fn a_meeting_outside_its_bodys_validity_is_refused(world: World) {
        let kotka = world.municipality("Kotka").await;
        let of = body(&kotka, "committee").await;
        let (first, last) = ("2026-02-01", "2026-12-31");
        let valid = json!({"valid_from": first, "valid_to": last});
        kotka.admin.change(&format!("/api/v1/bodies/{of}"), valid).await.expect(200);
        let (path, editor) = (format!("/api/v1/bodies/{of}/meetings"), &kotka.editor);
        let refused = |reply: yhteen_tests::Reply| {
            let refused = reply.refused(409, "meeting.outside_validity");
            assert_eq!(refused["errors"][0]["pointer"], "/starts_at");
        };
        // The days are those of Finland.
        for outside in ["2026-01-31T21:59:59Z", "2026-12-31T22:00:00Z"] {
            refused(editor.post(&path, json!({"starts_at": outside})).await);
        }
        editor.post(&path, json!({"starts_at": "2026-12-31T21:59:59Z"})).await.expect(201);
        let meeting = editor.post(&path, json!({"starts_at": "2026-01-31T22:00:00Z"})).await.expect(201);
        let meeting = format!("/api/v1/meetings/{}", id(&meeting));
        let moved = json!({"starts_at": "2027-01-15T14:00:00Z"});
        refused(editor.change(&meeting, moved.clone()).await);
        let named = format!("/api/v1/organisations/{}/meetings/by-external-id/case/1", kotka.id);
        let put = |body: Value| editor.send(editor.request(reqwest::Method::PUT, &named).json(&body));
        refused(put(json!({"body_id": of, "starts_at": "2027-01-15T14:00:00Z"})).await);
        put(json!({"body_id": of, "starts_at": "2026-05-15T14:00:00Z"})).await.expect(201);
        refused(put(moved).await);

        let at = format!("/api/v1/bodies/{of}/meetings:import");
        let file = calendar(&[event("a", 0, "20260505T160000", ""), event("b", 0, "20270115T160000", "")]);
        let whole = import(editor, &at, &file).await.refused(422, "calendar_file.malformed");
        assert_eq!(whole["errors"][0]["code"], "outside_validity");
        let done = import(editor, &format!("{at}?skip_invalid=true"), &file).await.expect(200);
        assert_eq!(done["counts"], counts(1, 0, 0, 0, 1));
        assert!(outcomes(&done).contains(&("skipped".to_owned(), "outside_validity".to_owned())));
        // A body that ends sooner than its meetings leaves them to be cancelled or described.
        kotka.admin.change(&format!("/api/v1/bodies/{of}"), json!({"valid_to": "2026-04-30"})).await.expect(200);
        let later = world.anonymous().all(&format!("/api/v1/meetings?body_id={of}&starts_from=2026-05-01")).await;
        let path = format!("/api/v1/meetings/{}", id(&later[0]));
        editor.change(&path, json!({"location": "Kirjasto"})).await.expect(200);
        editor.act(&format!("{path}:cancel")).await.expect(200);
    }

    async fn a_time_in_the_gap_of_the_clock_is_counted_by_the_clock_before(world: World) {
        let kotka = world.municipality("Kotka").await;
        let of = body(&kotka, "committee").await;
        let file = calendar(&[event("a", 0, "20260329T033000", "")]);
        let done = import(&kotka.editor, &format!("/api/v1/bodies/{of}/meetings:import"), &file).await.expect(200);
        // 04:30 of the summer time.
        assert_eq!(done["events"][0]["starts_at"], "2026-03-29T01:30:00Z");
    }
}
