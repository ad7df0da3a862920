//! Meetings from calendar files.

mod choices;
mod outlook;

use crate::bodies::body;
use serde_json::{Value, json};
use yhteen_tests::{Caller, Reply, both};

/// An event: UID, sequence, start, further lines.
fn event(uid: &str, sequence: u32, start: &str, more: &str) -> String {
    format!(
        "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\nSEQUENCE:{sequence}\r\n\
         DTSTART;TZID=Europe/Helsinki:{start}\r\nDURATION:PT2H\r\n{more}END:VEVENT\r\n"
    )
}

fn calendar(events: &[String]) -> String {
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\n{}END:VCALENDAR\r\n", events.concat())
}

/// What comes of sending a file to a body's import.
pub(crate) async fn import(caller: &Caller, at: &str, file: &str) -> Reply {
    let request = caller.request(reqwest::Method::POST, at).header("content-type", "text/calendar; charset=utf-8");
    caller.send(request.body(file.to_owned())).await
}

fn counts(created: u32, updated: u32, cancelled: u32, unchanged: u32, skipped: u32) -> Value {
    json!({
        "created": created, "updated": updated, "cancelled": cancelled, "unchanged": unchanged, "skipped": skipped,
    })
}

both! {
    async fn a_calendar_is_imported_once_and_then_followed(world: World) {
        let kotka = world.municipality("Kotka").await;
        let of = body(&kotka, "committee").await;
        let (at, list) = (format!("/api/v1/bodies/{of}/meetings:import"), format!("/api/v1/meetings?body_id={of}"));
        let file = calendar(&[
            event("series", 0, "20260210T160000", "RRULE:FREQ=MONTHLY;COUNT=3\r\n"),
            event("single", 0, "20260505T160000", "LOCATION:Kaupungintalo\r\nCATEGORIES:budget\r\n"),
            event("old", 0, "20200505T160000", ""),
        ]);
        let dry = import(&kotka.editor, &format!("{at}?dry_run=true"), &file).await.expect(200);
        assert_eq!(dry["counts"], counts(4, 0, 0, 0, 1));
        assert_eq!(world.anonymous().all(&list).await.len(), 0);

        let reply = import(&kotka.editor, &at, &file).await;
        assert_eq!(reply.header("etag"), None);
        let done = reply.expect(200);
        assert_eq!((&done["counts"], &done["events"]), (&dry["counts"], &dry["events"]));
        assert_eq!((&done["dry_run"], &dry["dry_run"]), (&json!(false), &json!(true)));
        let meetings = world.anonymous().all(&list).await;
        let starts: Vec<_> = meetings.iter().map(|it| it["starts_at"].as_str().unwrap()).collect();
        // By the wall clock: summer time has begun in between.
        let expect = ["2026-02-10T14:00:00Z", "2026-03-10T14:00:00Z", "2026-04-10T13:00:00Z", "2026-05-05T13:00:00Z"];
        assert_eq!(starts, expect);
        assert_eq!(meetings[3]["agenda_deadline"], "2026-04-28T09:00:00Z");
        assert_eq!((&meetings[3]["location"], &meetings[3]["tags"]), (&json!("Kaupungintalo"), &json!(["budget"])));
        assert_eq!((&meetings[3]["calendar_uid"], &meetings[3]["version"]), (&json!("single"), &json!(1)));

        let again = import(&kotka.editor, &at, &file).await.expect(200);
        assert_eq!(again["counts"], counts(0, 0, 0, 4, 1));
        assert_eq!(world.anonymous().all(&list).await, meetings);

        // One instance is taken out, the single event is moved.
        let file = calendar(&[
            event("series", 1, "20260210T160000", "RRULE:FREQ=MONTHLY;COUNT=3\r\nEXDATE;TZID=Europe/Helsinki:20260310T160000\r\n"),
            event("single", 1, "20260512T160000", "LOCATION:Kaupungintalo\r\n"),
        ]);
        let moved = import(&kotka.editor, &at, &file).await.expect(200);
        assert_eq!(moved["counts"], counts(0, 1, 1, 2, 0));
        let now = world.anonymous().all(&list).await;
        let versions: Vec<_> = now.iter().map(|it| (it["version"].clone(), it["cancelled"].clone())).collect();
        let seen = |version: i64, cancelled: bool| (json!(version), json!(cancelled));
        assert_eq!(versions, [seen(1, false), seen(2, true), seen(1, false), seen(2, false)]);
        assert_eq!(now[3]["starts_at"], "2026-05-12T13:00:00Z");
        assert_eq!(now[3]["agenda_deadline"], "2026-05-05T09:00:00Z");
        // The calendar has taken its category back, too.
        assert_eq!((&now[3]["id"], &now[3]["tags"]), (&meetings[3]["id"], &json!([])));
        assert_eq!(now[3]["created_at"], meetings[3]["created_at"]);
        let again = import(&kotka.editor, &at, &file).await.expect(200);
        assert_eq!(again["counts"], counts(0, 0, 0, 3, 0));
    }

    async fn what_people_have_changed_stays_until_the_calendar_changes_it(world: World) {
        let kotka = world.municipality("Kotka").await;
        let of = body(&kotka, "committee").await;
        let (at, list) = (format!("/api/v1/bodies/{of}/meetings:import"), format!("/api/v1/meetings?body_id={of}"));
        let file = calendar(&[
            event("moved", 0, "20260505T160000", "LOCATION:Kaupungintalo\r\n"),
            event("off", 0, "20260506T160000", ""),
        ]);
        import(&kotka.editor, &at, &file).await.expect(200);
        let made = world.anonymous().all(&list).await;
        let path = |index: usize| format!("/api/v1/meetings/{}", made[index]["id"].as_str().unwrap());
        let moved = json!({"starts_at": "2026-05-07T13:00:00Z", "ends_at": "2026-05-07T15:00:00Z"});
        kotka.editor.change(&path(0), moved).await.expect(200);
        kotka.editor.act(&format!("{}:cancel", path(1))).await.expect(200);
        let here = world.anonymous().all(&list).await;
        let again = import(&kotka.editor, &at, &file).await.expect(200);
        assert_eq!(again["counts"], counts(0, 0, 0, 2, 0));
        assert_eq!(world.anonymous().all(&list).await, here);
        // What the calendar changes, and no more, follows it.
        let file = calendar(&[
            event("moved", 1, "20260505T160000", "LOCATION:Kirjasto\r\n"),
            event("off", 1, "20260506T160000", ""),
        ]);
        assert_eq!(import(&kotka.editor, &at, &file).await.expect(200)["counts"], counts(0, 1, 0, 1, 0));
        let now = world.anonymous().get(&path(0)).await.expect(200);
        assert_eq!((&now["location"], &now["starts_at"]), (&json!("Kirjasto"), &json!("2026-05-07T13:00:00Z")));
        let file = calendar(&[
            event("moved", 2, "20260512T160000", "LOCATION:Kirjasto\r\n"),
            event("off", 2, "20260506T170000", ""),
        ]);
        assert_eq!(import(&kotka.editor, &at, &file).await.expect(200)["counts"], counts(0, 2, 0, 0, 0));
        assert_eq!(world.anonymous().get(&path(0)).await.expect(200)["starts_at"], "2026-05-12T13:00:00Z");
        let off = world.anonymous().get(&path(1)).await.expect(200);
        assert_eq!((&off["cancelled"], &off["starts_at"]), (&json!(true), &json!("2026-05-06T14:00:00Z")));
    }

    async fn a_held_meeting_stays_as_it_was(world: World) {
        let kotka = world.municipality("Kotka").await;
        let of = body(&kotka, "committee").await;
        let (at, list) = (format!("/api/v1/bodies/{of}/meetings:import"), format!("/api/v1/meetings?body_id={of}"));
        import(&kotka.editor, &at, &calendar(&[event("a", 0, "20260113T160000", "")])).await.expect(200);
        let meeting = format!("/api/v1/meetings/{}", world.anonymous().all(&list).await[0]["id"].as_str().unwrap());
        kotka.editor.change(&meeting, json!({"state": "invited"})).await.expect(200);
        kotka.editor.change(&meeting, json!({"state": "held"})).await.expect(200);
        let done = import(&kotka.editor, &at, &calendar(&[event("a", 1, "20260120T160000", "")])).await.expect(200);
        assert_eq!(done["counts"], counts(0, 0, 0, 0, 1));
        assert_eq!(done["events"][0]["reason"], "held");
        assert_eq!(world.anonymous().get(&meeting).await.expect(200)["starts_at"], "2026-01-13T14:00:00Z");
    }

    async fn a_broken_file_changes_nothing(world: World) {
        let kotka = world.municipality("Kotka").await;
        let of = body(&kotka, "committee").await;
        let at = format!("/api/v1/bodies/{of}/meetings:import");
        let broken = calendar(&[event("a", 0, "20260505T160000", ""), event("b", 0, "2026-05-05", "")]);
        let refused = import(&kotka.editor, &at, &broken).await.refused(422, "calendar_file.malformed");
        assert!(refused["errors"][0]["pointer"].as_str().unwrap().starts_with("line:"), "{refused}");
        import(&kotka.editor, &at, "").await.refused(422, "calendar_file.malformed");
        kotka.editor.post(&at, json!({})).await.refused(415, "request.unsupported_media_type");
        let fine = calendar(&[event("a", 0, "20260505T160000", "")]);
        import(&kotka.editor, &format!("{at}?dry_run=maybe"), &fine).await.refused(400, "request.bad_parameter");
        import(&kotka.editor, &format!("{at}?dryrun=true"), &fine).await.refused(400, "request.bad_parameter");
        let large = "X".repeat((10 << 20) + 1);
        import(&kotka.editor, &at, &large).await.refused(413, "request.too_large");
        assert_eq!(world.anonymous().all("/api/v1/meetings").await.len(), 0);
    }

    async fn only_the_bodys_editors_import(world: World) {
        let kotka = world.municipality("Kotka").await;
        let hamina = world.municipality("Hamina").await;
        let of = body(&kotka, "committee").await;
        let at = format!("/api/v1/bodies/{of}/meetings:import");
        let file = calendar(&[event("a", 0, "20260505T160000", "")]);
        for other in [&hamina.admin, &kotka.reporter, &world.operator] {
            import(other, &at, &file).await.refused(403, "auth.forbidden");
            // It is not even read for them.
            import(other, &at, "x").await.refused(403, "auth.forbidden");
        }
        import(&world.anonymous(), &at, &file).await.refused(401, "auth.unauthenticated");
        kotka.admin.change(&format!("/api/v1/bodies/{of}"), json!({"visibility": "private"})).await.expect(200);
        import(&hamina.admin, &at, "x").await.refused(404, "request.not_found");
        let nowhere = "/api/v1/bodies/00000000-0000-7000-8000-000000000000/meetings:import";
        import(&kotka.editor, nowhere, &file).await.refused(404, "request.not_found");
    }

    async fn a_repeated_import_is_answered_from_memory(world: World) {
        let kotka = world.municipality("Kotka").await;
        let of = body(&kotka, "committee").await;
        let at = format!("/api/v1/bodies/{of}/meetings:import");
        let send = |file: String| {
            let request = kotka.editor.request(reqwest::Method::POST, &at).header("content-type", "text/calendar");
            kotka.editor.send(request.header("idempotency-key", "one").body(file))
        };
        let file = calendar(&[event("a", 0, "20260505T160000", "")]);
        let first = send(file.clone()).await.expect(200);
        assert_eq!(first["counts"], counts(1, 0, 0, 0, 0));
        assert_eq!(send(file).await.expect(200), first);
        send(calendar(&[event("b", 0, "20260505T160000", "")])).await.refused(422, "idempotency.key_reused");
    }

    async fn a_large_calendar_is_one_change(world: World) {
        let kotka = world.municipality("Kotka").await;
        let of = body(&kotka, "committee").await;
        let at = format!("/api/v1/bodies/{of}/meetings:import");
        // More than one statement carries.
        let events = |sequence, hour: u32| -> Vec<String> {
            let day = |n: u32| format!("2026{:02}{:02}T{hour:02}{:02}00", 1 + n / 28 % 12, 1 + n % 28, n / 336);
            (0..1_500).map(|n| event(&format!("e{n}"), sequence, &day(n), "")).collect()
        };
        let done = import(&kotka.editor, &at, &calendar(&events(0, 16))).await.expect(200);
        assert_eq!(done["counts"], counts(1_500, 0, 0, 0, 0));
        let list = format!("/api/v1/meetings?body_id={of}");
        assert_eq!(world.anonymous().all(&list).await.len(), 1_500);
        let done = import(&kotka.editor, &at, &calendar(&events(1, 17))).await.expect(200);
        assert_eq!(done["counts"], counts(0, 1_500, 0, 0, 0));
        let meetings = world.anonymous().all(&list).await;
        assert!(meetings.len() == 1_500 && meetings.iter().all(|it| it["version"] == 2));
    }
}
