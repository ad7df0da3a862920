//! The most that an action may have, and dates that are far off: an answer or a refusal, in time.

use super::{World, body, json, meetings as add_meetings, new_step, region, step, timetable};
use crate::seed;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use std::time::{Duration, Instant};
use yhteen_domain::bodies::{Deadline, DeadlineBasis};
use yhteen_domain::ids::{BodyId, Id};
use yhteen_domain::meetings::{Details, Meeting, MeetingState};
use yhteen_domain::text::ZoneName;
use yhteen_persistence::scope::Scope;
use yhteen_persistence::{Actor, bodies, meetings};
use yhteen_tests::both;
use yhteen_tests::caller::Reply;

/// Gives a body two thousand meetings, one a day.
async fn fill(world: &World, body: &str) {
    let (body, now): (BodyId, _) = (body.parse().unwrap(), world.app().now());
    let details = |number: i64| {
        let starts_at: DateTime<Utc> = "2026-02-01T14:00:00Z".parse().unwrap();
        let starts_at = starts_at + TimeDelta::days(number);
        Details {
            starts_at,
            ends_at: None,
            agenda_deadline: Deadline { at: starts_at - TimeDelta::days(5), basis: DeadlineBasis::Given },
            zone: ZoneName::helsinki(),
            state: MeetingState::Planned,
            tags: Vec::new(),
            location: None,
            minutes_published_on: None,
        }
    };
    let work = move |tx: &mut yhteen_persistence::Tx<'_>| {
        let body = bodies::find(tx, &Scope::anonymous(), body)?;
        for number in 0..2_000 {
            let meeting = Meeting::new(Id::from_uuid(uuid::Uuid::now_v7()), &body, details(number), now)?;
            meetings::create(tx, &meeting)?;
        }
        Ok(())
    };
    world.app().store.write(Actor::default(), now, work).await.unwrap();
}

both! {
    async fn two_hundred_steps_over_two_thousand_meetings_each_are_answered(world: World) {
        let region = region(&world).await;
        let at = region.draft("A1", "public").await;
        let (council, board) = (body(&region.city, "council", "Valtuusto", 7).await, body(&region.city, "board", "Hallitus", 3).await);
        fill(&world, &council).await;
        fill(&world, &board).await;
        let office = body(&region.city, "office_holder", "Johtaja", 1).await;
        let mut steps: Vec<String> = Vec::new();
        for number in 0..200 {
            // A grid of ten rows: each step waits for the one before it in its row and for the one above it.
            let before = (number % 20 > 0).then(|| &steps[number - 1]);
            let above = (number >= 20).then(|| &steps[number - 20]);
            let after: Vec<_> = before.into_iter().chain(above).map(String::as_str).collect();
            let new = new_step([&council, &board, &office][number % 3], "decision", &after);
            steps.push(step(&region.city, &at, new).await);
        }
        for starts_on in ["2031-06-01", "7999-12-31", "2026-02-01"] {
            region.city.editor.change(&at, json!({"starts_on": starts_on})).await.expect(200);
            for objective in ["earliest", "latest", "tightest_window"] {
                let asked = Instant::now();
                let seen = timetable(&region.city.viewer, &at, &format!("?objective={objective}")).await;
                assert_eq!(seen["steps"].as_array().unwrap().len(), 200);
                assert_ne!(seen["start"]["earliest_on"], Value::Null);
                assert!(asked.elapsed() < Duration::from_secs(30), "{starts_on} {objective}: {:?}", asked.elapsed());
            }
            let asked = Instant::now();
            let picture = region.city.viewer.get(&format!("{at}/timetable.svg?lang=fi")).await;
            assert_eq!(picture.status, 200);
            let (size, time) = (picture.text.len(), asked.elapsed());
            assert!(size < 2_000_000 && time < Duration::from_secs(30), "{starts_on}: {size} bytes in {time:?}");
        }
    }

    async fn far_dates_are_answered_or_refused(world: World) {
        let region = region(&world).await;
        let at = region.draft("A1", "public").await;
        let council = body(&region.city, "council", "Valtuusto", 7).await;
        let office = body(&region.city, "office_holder", "Johtaja", 365).await;
        let steps = [
            step(&region.city, &at, new_step(&council, "decision", &[])).await,
            step(&region.city, &at, new_step(&office, "decision", &[])).await,
        ];
        let city = &region.city.editor;
        let answered = || async {
            city.get(&format!("{at}/timetable?objective=latest")).await.expect(200);
            city.get(&format!("{at}/decision-steps")).await.expect(200);
        };
        let refuse = |reply: Reply, pointer: &str| {
            let refused = reply.refused(422, "request.invalid");
            let place = &refused["errors"][0];
            assert_eq!((place["pointer"].as_str(), place["code"].as_str()), (Some(pointer), Some("out_of_range")));
        };
        let ends = ["1900-01-01", "8000-12-31"];
        refuse(city.change(&at, json!({"starts_on": "8001-01-01"})).await, "/starts_on");
        for starts_on in ends {
            city.change(&at, json!({"starts_on": starts_on})).await.expect(200);
            answered().await;
        }
        for step in &steps {
            let path = format!("/api/v1/decision-steps/{step}");
            let days = json!({"preparation_days": 365});
            city.change(&path, days).await.expect(200);
            refuse(city.change(&path, json!({"not_before": "8001-01-01"})).await, "/not_before");
            for not_before in ends {
                city.change(&path, json!({"not_before": not_before})).await.expect(200);
                answered().await;
            }
        }
        let record = format!("/api/v1/decision-steps/{}:record-legal-force", steps[0]);
        refuse(city.post(&record, json!({"on": "8001-01-01"})).await, "/on");
        for on in ends {
            city.post(&record, json!({"on": on})).await.expect(200);
            answered().await;
        }
        let meetings = format!("/api/v1/bodies/{council}/meetings");
        refuse(city.post(&meetings, json!({"starts_at": "8001-01-01T12:00:00Z"})).await, "/starts_at");
        city.post(&meetings, json!({"starts_at": "8000-12-30T12:00:00Z"})).await.expect(201);
        answered().await;
    }

    async fn what_is_older_than_the_rules_is_refused_where_it_matters(world: World) {
        let region = region(&world).await;
        let at = region.draft("A1", "public").await;
        let council = body(&region.city, "council", "Valtuusto", 7).await;
        add_meetings(&region.city, &council, &[("2015-03-02", "17:00", "19:00", "2015-02-20")]).await;
        step(&region.city, &at, new_step(&council, "decision", &[])).await;
        let city = &region.city.editor;
        let path = format!("{at}/timetable?now=2015-01-01T00:00:00Z");
        let seen = city.get(&path).await.expect(200);
        assert_eq!((&seen["start"]["earliest_on"], &seen["steps"][0]["earliest"]["legal_force_on"]), (&json!("2015-03-03"), &Value::Null));
        city.change(&at, json!({"start_gate": "final"})).await.expect(200);
        city.get(&path).await.refused(422, "legal.before_validity");
    }

    async fn a_circle_in_what_is_stored_is_named(world: World) {
        let region = region(&world).await;
        let at = region.draft("A1", "public").await;
        let council = body(&region.city, "council", "Valtuusto", 7).await;
        let first = step(&region.city, &at, new_step(&council, "decision", &[])).await;
        let second = step(&region.city, &at, new_step(&council, "decision", &[&first])).await;
        // No write makes one; a database that was restored by hand might have one.
        seed::waits(&world, &first, &second).await;
        let refused = region.city.viewer.get(&format!("{at}/timetable")).await.refused(409, "timetable.cycle");
        assert!(refused["detail"].as_str().unwrap().contains(&format!("{first} → {second}")), "{refused}");
    }
}
