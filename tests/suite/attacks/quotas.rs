//! One organisation adds without end. What is too much is refused, and the refusal names the quota, its use and the
//! setting.

use crate::actions::region;
use crate::bodies::body;
use crate::meetings_import::import;
use reqwest::StatusCode;
use serde_json::{Value, json};
use yhteen_domain::quotas::Quotas;
use yhteen_tests::caller::id;
use yhteen_tests::{Caller, Reply, both};

/// Quotas that are soon reached.
fn few() -> Quotas {
    Quotas {
        meetings_per_body_and_year: 3,
        meetings_per_import: 4,
        actions_per_organisation: 2,
        steps_per_action: 2,
        feeds_per_organisation: 2,
        // An organisation of the tests has four to begin with.
        clients_per_organisation: 5,
    }
}

/// That a quota is reached, with the whole sentence.
#[track_caller]
fn reached(reply: Reply, setting: &str, sentence: &str) {
    let refused = reply.refused(409, "quota.reached");
    assert_eq!(refused["errors"][0]["code"], setting);
    let detail = refused["detail"].as_str().unwrap();
    assert_eq!(detail, format!("{sentence} (setting {setting} of the service)."));
}

async fn add(editor: &Caller, body: &str, starts_at: &str) -> Reply {
    editor.post(&format!("/api/v1/bodies/{body}/meetings"), json!({"starts_at": starts_at})).await
}

fn series(uid: &str, start: &str, count: u32) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\n\
         DTSTAMP:20260101T000000Z\r\nDTSTART:{start}\r\nRRULE:FREQ=DAILY;COUNT={count}\r\nEND:VEVENT\r\n\
         END:VCALENDAR\r\n"
    )
}

both! {
    async fn a_body_has_no_more_meetings_in_a_year_than_the_quota(world: World) {
        let world = world.with_quotas(few()).await;
        let city = world.municipality("Kotka").await;
        let of = body(&city, "committee").await;
        let editor = &city.editor;
        let mut meetings = Vec::new();
        for day in 1..=3 {
            meetings.push(id(&add(editor, &of, &format!("2026-03-0{day}T14:00:00Z")).await.expect(201)));
        }
        let (setting, sentence) = ("quota_meetings_per_body_and_year", "Meetings of the body in the same year: 3 in use, 1 more requested, 3 at most");
        reached(add(editor, &of, "2026-03-04T14:00:00Z").await, setting, sentence);
        // The year is that of Finland: this is the first day of the next.
        let next = id(&add(editor, &of, "2026-12-31T22:00:00Z").await.expect(201));
        // No way around: a cancelled one counts, and so does one that is moved or named by an external id.
        editor.act(&format!("/api/v1/meetings/{}:cancel", meetings[0])).await.expect(200);
        reached(add(editor, &of, "2026-03-04T14:00:00Z").await, setting, sentence);
        let moved = json!({"starts_at": "2026-03-04T14:00:00Z"});
        reached(editor.change(&format!("/api/v1/meetings/{next}"), moved).await, setting, sentence);
        let named = format!("/api/v1/organisations/{}/meetings/by-external-id/case/1", city.id);
        let new = json!({"body_id": of, "starts_at": "2026-03-04T14:00:00Z"});
        let put = |new: &Value| editor.send(editor.request(reqwest::Method::PUT, &named).json(new));
        reached(put(&new).await, setting, sentence);
        // What stays in its year is changed as ever.
        let later = json!({"starts_at": "2026-03-05T14:00:00Z"});
        editor.change(&format!("/api/v1/meetings/{}", meetings[1]), later).await.expect(200);
        let other = body(&city, "committee").await;
        add(editor, &other, "2026-03-04T14:00:00Z").await.expect(201);
    }

    async fn an_import_adds_no_more_than_the_quota_and_is_done_whole_or_not(world: World) {
        let world = world.with_quotas(few()).await;
        let city = world.municipality("Kotka").await;
        let of = body(&city, "committee").await;
        let at = format!("/api/v1/bodies/{of}/meetings:import");
        for at in [format!("{at}?dry_run=true"), at.clone()] {
            let many = import(&city.editor, &at, &series("a", "20261230T140000Z", 5)).await;
            reached(many, "quota_meetings_per_import", "Meetings added by one import: 0 in use, 5 more requested, 4 at most");
            let many = import(&city.editor, &at, &series("a", "20260301T140000Z", 4)).await;
            let sentence = "Meetings of the body in the same year: 0 in use, 4 more requested, 3 at most";
            reached(many, "quota_meetings_per_body_and_year", sentence);
        }
        assert_eq!(world.anonymous().all("/api/v1/meetings").await.len(), 0);
        let turn = series("a", "20261230T140000Z", 4);
        assert_eq!(import(&city.editor, &at, &turn).await.expect(200)["counts"]["created"], 4);
        // The same once more adds nothing.
        assert_eq!(import(&city.editor, &at, &turn).await.expect(200)["counts"]["unchanged"], 4);
        let more = import(&city.editor, &at, &series("b", "20260301T140000Z", 2)).await;
        let sentence = "Meetings of the body in the same year: 2 in use, 2 more requested, 3 at most";
        reached(more, "quota_meetings_per_body_and_year", sentence);
    }

    async fn a_kilobyte_of_rules_does_not_become_thousands_of_meetings(world: World) {
        let city = world.municipality("Kotka").await;
        let of = body(&city, "committee").await;
        let event = |hour: u32| format!(
            "BEGIN:VEVENT\r\nUID:{hour}\r\nDTSTART:20240301T{hour:02}0000Z\r\nRRULE:FREQ=DAILY;COUNT=1400\r\nEND:VEVENT\r\n"
        );
        let events: String = (8..12).map(event).collect();
        let file = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\n{events}END:VCALENDAR\r\n");
        assert!(file.len() < 1_000);
        let refused = import(&city.editor, &format!("/api/v1/bodies/{of}/meetings:import"), &file).await;
        let sentence = "Meetings added by one import: 0 in use, 5600 more requested, 2000 at most";
        reached(refused, "quota_meetings_per_import", sentence);
    }

    async fn actions_and_their_steps_are_limited(world: World) {
        let world = world.with_quotas(few()).await;
        let region = region(&world).await;
        let city = &region.city;
        let at = region.draft("A1", "public").await;
        region.draft("A2", "public").await;
        let new = region.plan("A3", "public");
        let path = "/api/v1/actions";
        let sentence = "Actions for which the organisation is accountable: 2 in use, 1 more requested, 2 at most";
        reached(city.editor.post(path, new.clone()).await, "quota_actions_per_organisation", sentence);
        let council = body(city, "council").await;
        let step = json!({"body_id": council, "title": {"fi": "Päätös"}, "function": "decision", "authoritative": true});
        let steps = format!("{at}/decision-steps");
        for _ in 0..2 {
            city.editor.post(&steps, step.clone()).await.expect(201);
        }
        let sentence = "Decision steps of the action: 2 in use, 1 more requested, 2 at most";
        reached(city.editor.post(&steps, step).await, "quota_steps_per_action", sentence);
        // A draft that is deleted makes room.
        assert_eq!(city.editor.delete(&at).await.status, StatusCode::NO_CONTENT);
        city.editor.post(path, new).await.expect(201);
    }

    async fn feeds_and_clients_are_limited_for_an_organisation_as_a_whole(world: World) {
        let world = world.with_quotas(few()).await;
        let city = world.municipality("Kotka").await;
        let feed = json!({"language": "fi"});
        for owner in [&city.viewer, &city.editor] {
            owner.post("/api/v1/calendar-feeds", feed.clone()).await.expect(201);
        }
        let sentence = "Calendar feeds of the organisation: 2 in use, 1 more requested, 2 at most";
        reached(city.admin.post("/api/v1/calendar-feeds", feed.clone()).await, "quota_feeds_per_organisation", sentence);
        let town = world.municipality("Hamina").await;
        town.viewer.post("/api/v1/calendar-feeds", feed).await.expect(201);

        let client = json!({"organisation_id": city.id, "name": "Järjestelmä", "scopes": ["meetings:read"]});
        let first = id(&city.admin.post("/api/v1/clients", client.clone()).await.expect(201));
        let sentence = "Active clients of the organisation: 5 in use, 1 more requested, 5 at most";
        reached(city.admin.post("/api/v1/clients", client.clone()).await, "quota_clients_per_organisation", sentence);
        // One that cannot sign in does not count, until it can again.
        let path = format!("/api/v1/clients/{first}");
        city.admin.change(&path, json!({"active": false})).await.expect(200);
        city.admin.post("/api/v1/clients", client).await.expect(201);
        reached(city.admin.change(&path, json!({"active": true})).await, "quota_clients_per_organisation", sentence);
        city.admin.change(&path, json!({"name": "Vanha"})).await.expect(200);
    }
}
