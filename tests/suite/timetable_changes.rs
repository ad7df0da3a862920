//! What is told of timetables that change: once, in order, to whoever sees the action, and whatever becomes of the
//! process that tells it.

mod many;
mod processes;

use crate::actions::{Region, region};
use diesel::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use yhteen_persistence::{Actor, Db, changes};
use yhteen_tests::caller::id;
use yhteen_tests::{Caller, World, both};

/// An action of the city's that is to start on 1 March, once the city's committee has decided.
struct Stage {
    region: Region,
    action: String,
    at: String,
    body: String,
    step: String,
    meetings: Vec<String>,
}

impl Stage {
    async fn new(world: &World, visibility: &str) -> Self {
        let region = region(world).await;
        let at = region.draft("P1", visibility).await;
        let (body, meetings) = committee(&region, ["2026-02-10", "2026-03-10", "2026-04-14"]).await;
        region.city.editor.change(&at, json!({"starts_on": "2026-03-01"})).await.expect(200);
        let step = step(&region.city.editor, &at, &body).await;
        let action = at.rsplit('/').next().unwrap().to_owned();
        Self { region, action, at, body, step, meetings }
    }

    async fn cancel(&self, meeting: usize) {
        let at = format!("/api/v1/meetings/{}:cancel", self.meetings[meeting]);
        self.region.city.editor.act(&at).await.expect(200);
    }
}

/// A committee of the city's that meets on these days.
async fn committee(region: &Region, days: [&str; 3]) -> (String, Vec<String>) {
    let new = json!({"organisation_id": region.city.id, "name": {"fi": "Lautakunta"}, "kind": "committee",
        "agenda_lead": {"days": 7, "time": "12:00"}, "minutes_publication_days": 7});
    let body = id(&region.city.admin.post("/api/v1/bodies", new).await.expect(201));
    let mut meetings = Vec::new();
    for day in days {
        let new = json!({"starts_at": format!("{day}T15:00:00Z")});
        meetings.push(id(&region.city.editor.post(&format!("/api/v1/bodies/{body}/meetings"), new).await.expect(201)));
    }
    (body, meetings)
}

/// A decision of the body for which the action waits.
async fn step(editor: &Caller, at: &str, body: &str) -> String {
    let new = json!({"body_id": body, "title": {"fi": "Päätös"}, "function": "decision", "authoritative": true});
    id(&editor.post(&format!("{at}/decision-steps"), new).await.expect(201))
}

/// All that a reader is told of timetables, from the beginning.
async fn told(reader: &Caller) -> Vec<Value> {
    let (mut told, mut after) = (Vec::new(), String::new());
    loop {
        let page = reader.get(&format!("/api/v1/changes?limit=1000{after}")).await.expect(200);
        for item in page["items"].as_array().unwrap() {
            let is_timetable = item["aggregate"]["type"] == "timetable";
            assert_eq!((item["type"] == "timetable.changed", item.get("data").is_some()), (is_timetable, is_timetable));
            told.extend(is_timetable.then(|| item.clone()));
        }
        if page["more"] == false {
            return told;
        }
        after = format!("&after={}", page["next"].as_str().unwrap());
    }
}

/// What a timetable comes to, as it is told.
fn state(verdict: &str, earliest_on: Option<&str>, delay_days: Option<i64>, slack_days: Option<i64>) -> Value {
    json!({"verdict": verdict, "earliest_on": earliest_on, "delay_days": delay_days, "slack_days": slack_days})
}

/// What everyone is told of each action, told apart from whoever else is told of it: each version once, each going on
/// from the one before, none that says nothing new. Answers the last of each.
fn last_of_each(told: &[Value]) -> BTreeMap<String, Value> {
    let mut last: BTreeMap<String, (i64, Value)> = BTreeMap::new();
    for event in told {
        let (action, data) = (event["aggregate"]["id"].as_str().unwrap().to_owned(), &event["data"]);
        let (version, before) = last.get(&action).cloned().unwrap_or((0, Value::Null));
        assert_eq!((event["version"].as_i64(), &data["before"]), (Some(version + 1), &before), "{event}");
        assert_ne!(data["before"], data["after"]);
        last.insert(action, (version + 1, data["after"].clone()));
    }
    last.into_iter().map(|(action, (_, state))| (action, state)).collect()
}

/// The actions of which something was told that may be told again.
fn kept(world: &World) -> i64 {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        count: i64,
    }
    let query = diesel::sql_query("SELECT count(*) AS count FROM timetable_states");
    let count: Count = match Db::open(&world.database.url).unwrap() {
        Db::Postgres(mut db) => query.get_result(&mut db).unwrap(),
        Db::Sqlite(mut db) => query.get_result(&mut db).unwrap(),
    };
    count.count
}

both! {
    async fn a_cancelled_meeting_is_told_once_to_whoever_sees_the_action_and_to_nobody_else(world: World) {
        let stage = Stage::new(&world, "participants").await;
        let Region { city, town, county, outsider, .. } = &stage.region;
        world.settle_timetables().await;
        let begun = state("feasible", Some("2026-02-11"), Some(0), Some(0));
        let seen = told(&city.viewer).await;
        assert_eq!((seen.len(), &seen[0]["data"]), (1, &json!({"before": null, "after": begun})));
        // A draft is its own organisation's, until it is proposed.
        assert_eq!(told(&county.admin).await, [] as [Value; 0]);
        city.editor.act(&format!("{}:propose", stage.at)).await.expect(200);
        stage.cancel(0).await;
        world.set_clock("2026-01-15T10:05:00Z");
        world.settle_timetables().await;

        let now = state("late", Some("2026-03-11"), Some(10), Some(0));
        let event = json!({
            "type": "timetable.changed",
            "aggregate": {"type": "timetable", "id": stage.action},
            "version": 2,
            "occurred_at": "2026-01-15T10:05:00Z",
            "organisation_id": null,
            "principal_id": null,
            "tombstone": false,
            "data": {"before": begun, "after": now}
        });
        let seen = told(&city.viewer).await;
        assert_eq!((seen.len(), &seen[1]), (2, &event));
        let shown = city.viewer.get(&format!("{}/timetable", stage.at)).await.expect(200);
        assert_eq!((&shown["verdict"], &shown["start"]), (&json!("late"), &json!({"earliest_on": "2026-03-11", "delay_days": 10})));
        // The coordinator sees it by now; for everyone else there is no such action.
        assert_eq!(told(&county.admin).await, [event]);
        for reader in [&town.viewer, &outsider.viewer, &world.anonymous()] {
            assert_eq!(told(reader).await, [] as [Value; 0]);
        }
        world.settle_timetables().await;
        assert_eq!(told(&city.viewer).await, seen);
    }

    async fn what_leaves_a_timetable_as_it_is_is_not_told(world: World) {
        let stage = Stage::new(&world, "public").await;
        let Region { city, town, .. } = &stage.region;
        world.settle_timetables().await;
        let seen = told(&city.viewer).await;
        assert_eq!(seen.len(), 1);
        city.editor.change(&stage.at, json!({"title": {"fi": "Toinen nimi"}})).await.expect(200);
        // The last meeting is not needed, and nobody waits for a notice.
        stage.cancel(2).await;
        city.editor.change(&format!("/api/v1/meetings/{}", stage.meetings[0]), json!({"location": "Huone 2"})).await.expect(200);
        let notice = json!({"body_id": stage.body, "title": {"fi": "Tiedoksi"}, "function": "notice", "authoritative": false});
        city.editor.post(&format!("{}/decision-steps", stage.at), notice).await.expect(201);
        // An action that needs no decision has no timetable to speak of.
        stage.region.draft("P2", "public").await;
        town.admin.change(&format!("/api/v1/organisations/{}", town.id), json!({"website": "https://kotka.example/"})).await.expect(200);
        world.settle_timetables().await;
        assert_eq!((told(&city.viewer).await, kept(&world)), (seen, 1));
    }

    async fn a_change_is_told_whatever_causes_it(world: World) {
        let stage = Stage::new(&world, "public").await;
        let city = &stage.region.city;
        let mut last = Value::Null;
        let mut changed = async |to: Value| {
            world.settle_timetables().await;
            let event = told(&city.viewer).await.pop().unwrap();
            assert_eq!(event["data"], json!({"before": last, "after": to}));
            last = to;
        };
        changed(state("feasible", Some("2026-02-11"), Some(0), Some(0))).await;
        city.editor.change(&stage.at, json!({"starts_on": "2026-03-15"})).await.expect(200);
        changed(state("feasible", Some("2026-02-11"), Some(0), Some(28))).await;
        city.editor.change(&stage.at, json!({"start_gate": "final"})).await.expect(200);
        // Minutes on 17 February, notice on 24 February, 14 days until 10 March.
        changed(state("feasible", Some("2026-03-11"), Some(0), Some(0))).await;
        city.admin.change(&format!("/api/v1/bodies/{}", stage.body), json!({"minutes_publication_days": 1})).await.expect(200);
        changed(state("feasible", Some("2026-03-05"), Some(0), Some(0))).await;
        let moved = json!({"starts_at": "2026-02-12T15:00:00Z"});
        city.editor.change(&format!("/api/v1/meetings/{}", stage.meetings[0]), moved).await.expect(200);
        changed(state("feasible", Some("2026-03-07"), Some(0), Some(0))).await;
        city.editor.change(&stage.at, json!({"starts_on": null})).await.expect(200);
        changed(state("feasible", Some("2026-03-07"), None, None)).await;
        // Without the step there is nothing left to wait for.
        let only = format!("/api/v1/decision-steps/{}", stage.step);
        let request = city.editor.request(reqwest::Method::DELETE, &only).header("if-match", "*");
        city.editor.send(request).await.expect(204);
        changed(state("feasible", None, None, None)).await;
        let at = format!("/api/v1/decision-steps/{}", step(&city.editor, &stage.at, &stage.body).await);
        changed(state("feasible", Some("2026-03-07"), None, None)).await;
        city.editor.post(&format!("{at}:record-legal-force"), json!({"on": "2026-01-12"})).await.expect(200);
        changed(state("feasible", Some("2026-01-12"), None, None)).await;
        city.editor.change(&stage.at, json!({"starts_on": "2026-01-10"})).await.expect(200);
        changed(state("late", Some("2026-01-12"), Some(2), None)).await;
        last_of_each(&told(&city.viewer).await);
    }

    async fn time_alone_makes_an_action_late(world: World) {
        let stage = Stage::new(&world, "public").await;
        world.settle_timetables().await;
        // The agenda of 10 February is closed at noon of 3 February.
        world.set_clock("2026-02-03T10:30:00Z");
        world.settle_timetables().await;
        assert_eq!(told(&world.anonymous()).await.len(), 0, "it is a draft");
        let viewer = world.renewed(&stage.region.city.viewer);
        let late = state("late", Some("2026-03-11"), Some(10), Some(0));
        let seen = told(&viewer).await;
        assert_eq!((seen.len(), &seen[1]["data"]["after"]), (2, &late));
        // Once a day: what the afternoon brings is told on the next one.
        world.set_clock("2026-03-03T09:30:00Z");
        world.settle_timetables().await;
        world.set_clock("2026-03-03T10:30:00Z");
        world.settle_timetables().await;
        let viewer = world.renewed(&viewer);
        assert_eq!(told(&viewer).await.len(), 2);
        world.set_clock("2026-03-03T22:00:00Z");
        world.settle_timetables().await;
        world.settle_timetables().await;
        let seen = told(&world.renewed(&viewer)).await;
        assert_eq!((seen.len(), &seen[2]["data"]["after"]["earliest_on"]), (3, &json!("2026-04-15")));
        // A clock that is set back brings nothing back.
        world.set_clock("2026-03-03T21:59:00Z");
        world.settle_timetables().await;
        assert_eq!(told(&world.renewed(&viewer)).await, seen);
    }

    async fn a_timetable_goes_with_its_action(world: World) {
        let stage = Stage::new(&world, "public").await;
        let city = &stage.region.city;
        let other = stage.region.draft("P2", "public").await;
        step(&city.editor, &other, &stage.body).await;
        world.settle_timetables().await;
        assert_eq!((told(&city.viewer).await.len(), kept(&world)), (2, 2));
        let request = city.editor.request(reqwest::Method::DELETE, &other).header("if-match", "*");
        city.editor.send(request).await.expect(204);
        city.editor.act(&format!("{}:cancel", stage.at)).await.expect(200);
        stage.cancel(0).await;
        world.settle_timetables().await;
        world.set_clock("2026-02-20T10:00:00Z");
        world.settle_timetables().await;
        assert_eq!((told(&world.renewed(&city.viewer)).await.len(), kept(&world)), (2, 0));
    }

    async fn after_a_restore_all_is_looked_at_and_nothing_is_told_twice(world: World) {
        let stage = Stage::new(&world, "public").await;
        let city = &stage.region.city;
        world.settle_timetables().await;
        let seen = told(&city.viewer).await;
        let begin = async |epoch: &'static str| {
            let begin = move |tx: &mut yhteen_persistence::Tx<'_>| changes::begin_epoch(tx, epoch);
            world.app().store.write(Actor::default(), world.app().now(), begin).await.unwrap();
        };
        begin("second").await;
        world.settle_timetables().await;
        assert_eq!(told(&city.viewer).await, seen);
        // What had not been told by then is told after it, and so is what comes later.
        stage.cancel(0).await;
        begin("third").await;
        world.settle_timetables().await;
        stage.cancel(1).await;
        world.settle_timetables().await;
        let seen = told(&city.viewer).await;
        let starts: Vec<_> = seen.iter().map(|event| event["data"]["after"]["earliest_on"].as_str().unwrap()).collect();
        assert_eq!(starts, ["2026-02-11", "2026-03-11", "2026-04-15"]);
        last_of_each(&seen);
    }
}
