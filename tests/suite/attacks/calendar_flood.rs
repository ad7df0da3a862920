//! One editor floods the calendars of everyone with a small file.

use crate::bodies::body;
use crate::calendar::files::events;
use crate::meetings_import::import;
use chrono::{NaiveDate, TimeDelta};
use serde_json::{Value, json};
use std::collections::HashSet;
use yhteen_tests::{Organisation, World, both};

/// A file of half a kilobyte with 2,000 meetings, four on each day of 500.
fn flood() -> String {
    let event = |hour: u32| {
        format!(
            "BEGIN:VEVENT\r\nUID:{hour}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260201T{hour:02}0000Z\r\n\
             RRULE:FREQ=DAILY;COUNT=500\r\nEND:VEVENT\r\n"
        )
    };
    let events: String = (8..12).map(event).collect();
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\n{events}END:VCALENDAR\r\n")
}

/// Two bodies of an organisation have 4,000 meetings and as many agenda deadlines; one of another has a meeting.
struct Flooded {
    city: Organisation,
    town: Organisation,
    quiet_body: String,
}

impl Flooded {
    async fn new(world: &World) -> Self {
        let (city, town) = (world.municipality("Kotka").await, world.municipality("Hamina").await);
        for _ in 0..2 {
            let of = body(&city, "committee").await;
            let done =
                import(&city.editor, &format!("/api/v1/bodies/{of}/meetings:import"), &flood()).await.expect(200);
            assert_eq!(done["counts"]["created"], 2_000);
        }
        let quiet_body = body(&town, "committee").await;
        let at = format!("/api/v1/bodies/{quiet_body}/meetings");
        town.editor.post(&at, json!({"starts_at": "2026-03-10T14:00:00Z"})).await.expect(201);
        Self { city, town, quiet_body }
    }
}

fn day(text: &Value) -> NaiveDate {
    text.as_str().unwrap().parse().unwrap()
}

both! {
    async fn the_calendars_of_others_are_cut_off_with_a_notice_and_never_refused(world: World) {
        let Flooded { city, town, quiet_body } = Flooded::new(&world).await;
        let anyone = world.anonymous();
        let (mut from, mut pages, mut seen) = ("2026-01-01".to_owned(), 0, HashSet::new());
        loop {
            let page = anyone.get(&format!("/api/v1/calendar?from={from}&to=2027-12-31")).await.expect(200);
            let items = page["items"].as_array().unwrap();
            assert!(items.len() <= 5_000);
            let times: Vec<_> = items.iter().map(|it| it["starts_at"].as_str().unwrap()).collect();
            assert!(times.is_sorted());
            for item in items {
                assert!(seen.insert((item["meeting_id"].to_string(), item["kind"].to_string())), "twice: {item}");
            }
            pages += 1;
            let truncated = &page["truncated"];
            if truncated.is_null() {
                break;
            }
            assert_eq!(truncated["limit"], 5_000);
            assert_eq!(truncated["narrow_by"], json!(["organisation_id", "body_id", "programme_id", "action_id", "kind"]));
            assert!(truncated["notice"]["sv"].as_str().unwrap().starts_with("Kalendern rymmer"));
            from = (day(&truncated["until"]) + TimeDelta::days(1)).to_string();
        }
        // Who goes on after the last complete day sees everything, once.
        assert_eq!((pages, seen.len()), (2, 8_002));
        let narrowed = [
            (format!("organisation_id={}", town.id), 2),
            (format!("body_id={quiet_body}"), 2),
            (format!("organisation_id={}&kind=meeting", city.id), 4_000),
        ];
        for (query, expect) in narrowed {
            let page = anyone.get(&format!("/api/v1/calendar?from=2026-01-01&to=2027-12-31&{query}")).await.expect(200);
            assert_eq!(page["items"].as_array().unwrap().len(), expect, "{query}");
            assert_eq!(page["truncated"], Value::Null, "{query}");
        }
    }

    async fn files_and_feeds_say_on_their_last_day_that_they_are_cut_off(world: World) {
        let Flooded { city, town, quiet_body } = Flooded::new(&world).await;
        let anyone = world.anonymous();
        let feed = json!({"language": "fi"});
        let feed = town.viewer.post("/api/v1/calendar-feeds", feed).await.expect(201)["url"].as_str().unwrap().to_owned();
        let own = format!("/api/v1/organisations/{}/calendar.ics?lang=fi", city.id);
        for path in ["/api/v1/calendar.ics?lang=fi", &own, &feed] {
            let reply = anyone.get(path).await;
            assert_eq!(reply.status, 200, "{path}");
            let found = events(&reply.text);
            assert!(found.len() > 4_900 && found.len() <= 5_001, "{path}: {}", found.len());
            let notice = &found["cut-off"];
            assert_eq!(notice["SUMMARY"], "Kalenterista puuttuu merkintöjä", "{path}");
            assert_eq!(notice["TRANSP"], "TRANSPARENT");
            let last = found.values().filter_map(|it| it.get("DTSTART;TZID=Europe/Helsinki")).max().unwrap();
            assert_eq!(notice["DTSTART;VALUE=DATE"], last[..8], "{path}: on the last day that is shown");
            let lines = reply.text.replace("\r\n ", "");
            assert!(lines.contains(&format!("X-WR-CALDESC:{}\r\n", notice["DESCRIPTION"])), "{path}");
        }
        let quiet = anyone.get(&format!("/api/v1/bodies/{quiet_body}/calendar.ics")).await;
        assert_eq!(events(&quiet.text).len(), 2);
        let narrow = json!({"language": "fi", "filters": {"organisation_id": [town.id]}});
        let narrow = town.viewer.post("/api/v1/calendar-feeds", narrow).await.expect(201);
        assert_eq!(events(&anyone.get(narrow["url"].as_str().unwrap()).await.text).len(), 2);
    }
}
