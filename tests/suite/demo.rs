//! The demo: it loads on both engines and on any day, all of it or nothing, and is what it says it is.

use chrono::{Datelike, Days, Months, NaiveDate};
use reqwest::Method;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use yhteen_domain::holidays::is_working_day;
use yhteen_domain::time::{Date, Instant, date_of};
use yhteen_http::demo;
use yhteen_tests::{Caller, World, both};

/// Days on which it is loaded: in the first and in the last year of a term, at the turn of the year, and later.
pub(crate) const DAYS: [&str; 5] = ["2026-01-02", "2026-11-24", "2027-03-01", "2029-12-20", "2031-07-15"];

/// The world with the demo, loaded at noon of a day.
pub(crate) async fn loaded(world: World, day: &str) -> World {
    world.set_clock(&format!("{day}T10:00:00Z"));
    assert!(demo::load(world.app()).await.unwrap());
    world
}

/// Somebody of the demo.
async fn sign_in(world: &World, email: &str) -> Caller {
    let form = [("grant_type", "password"), ("username", email), ("password", "talkoovoimin")];
    token(world, &form).await
}

async fn token(world: &World, form: &[(&str, &str)]) -> Caller {
    let anyone = world.anonymous();
    let answer = anyone.send(anyone.request(Method::POST, "/oauth/token").form(form)).await.expect(200);
    Caller::new(&world.base, Some(answer["access_token"].as_str().unwrap().to_owned()))
}

fn instant(value: &Value) -> Instant {
    value.as_str().unwrap_or_else(|| panic!("{value} is no time")).parse().unwrap()
}

fn day(value: &Value) -> Date {
    value.as_str().unwrap_or_else(|| panic!("{value} is no day")).parse().unwrap()
}

/// The distinct values of a member.
fn words(items: &[Value], member: &str) -> BTreeSet<String> {
    items.iter().map(|item| item[member].as_str().unwrap().to_owned()).collect()
}

fn set(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(ToString::to_string).collect()
}

/// The lines of the notice at the start, by what they tell.
fn credentials() -> BTreeMap<String, String> {
    let notice = demo::credentials().unwrap();
    let told = notice.lines().filter_map(|line| line.strip_prefix("    ")?.split_once(' '));
    told.map(|(what, value)| (what.to_owned(), value.trim().to_owned())).collect()
}

both! {
    async fn it_is_loaded_once(world: World) {
        let world = loaded(world, "2026-11-24").await;
        let anyone = world.anonymous();
        let before = anyone.get("/api/v1/changes?after=now").await.expect(200)["next"].clone();
        let organisations = anyone.all("/api/v1/organisations").await;
        assert_eq!(organisations.len(), 15);
        assert!(!demo::load(world.app()).await.unwrap());
        assert_eq!(anyone.all("/api/v1/organisations").await, organisations);
        let after = format!("/api/v1/changes?after={}", before.as_str().unwrap());
        assert_eq!(anyone.get(&after).await.expect(200)["items"].as_array().unwrap().len(), 0);
    }

    async fn a_database_in_use_is_left_alone(world: World) {
        world.municipality("Kotka").await;
        assert!(!demo::load(world.app()).await.unwrap());
        assert_eq!(world.anonymous().all("/api/v1/organisations").await.len(), 1);
        assert_eq!(world.anonymous().all("/api/v1/programmes").await.len(), 0);
    }

    async fn everyone_can_sign_in_as_the_start_says(world: World) {
        let world = loaded(world, "2026-11-24").await;
        let told = credentials();
        assert!(told["password"].starts_with("talkoovoimin "));
        let kouvola = sign_in(&world, &told["viewer"]).await.get("/api/v1/me").await.expect(200)["organisation_id"].clone();
        for role in ["admin", "editor", "reporter", "viewer"] {
            let me = sign_in(&world, &told[role]).await.get("/api/v1/me").await.expect(200);
            assert_eq!((&me["roles"][0]["role"], &me["roles"][0]["organisation_id"]), (&role.into(), &kouvola));
        }
        let coordinator = sign_in(&world, &told["coordinator"]).await.get("/api/v1/me").await.expect(200);
        assert_eq!(coordinator["coordinates"].as_array().unwrap().len(), 2);
        let operator = sign_in(&world, &told["operator"]).await.get("/api/v1/me").await.expect(200);
        assert_eq!(operator["operator"], true);
        let secret = ("client_secret", told["client_secret"].as_str());
        let form = [("grant_type", "client_credentials"), ("client_id", told["client_id"].as_str()), secret];
        let me = token(&world, &form).await.get("/api/v1/me").await.expect(200);
        assert_eq!((&me["kind"], &me["organisation_id"]), (&"client".into(), &kouvola));
    }

    async fn its_calendars_reach_two_years_back_and_ahead_whenever_it_is_loaded(world: World) {
        let engine = world.engine;
        drop(world);
        for today in DAYS {
            let Some(world) = World::new(engine).await else { return };
            let world = loaded(world, today).await;
            check_calendars(&world, today.parse().unwrap()).await;
        }
    }

    async fn nothing_is_newer_or_further_than_the_day_of_loading(world: World) {
        let engine = world.engine;
        drop(world);
        for today in DAYS {
            let Some(world) = World::new(engine).await else { return };
            let world = loaded(world, today).await;
            check_times(&world).await;
            check_term(&world, today.parse().unwrap()).await;
        }
    }

    async fn it_shows_every_state_that_there_is(world: World) {
        let world = loaded(world, "2026-11-24").await;
        let coordinator = sign_in(&world, "coordinator@liitto.example").await;
        let actions = coordinator.all("/api/v1/actions?include=participants").await;
        let statuses = set(&["proposed", "agreed", "in_progress", "on_hold", "completed", "cancelled"]);
        assert_eq!(words(&actions, "status"), statuses);
        let participants: Vec<Value> =
            actions.iter().flat_map(|action| action["participants"].as_array().unwrap().clone()).collect();
        assert_eq!(words(&participants, "commitment"), set(&["invited", "committed", "declined", "withdrawn"]));
        let reports = coordinator.all("/api/v1/reports").await;
        assert_eq!(words(&reports, "state"), set(&["submitted", "returned", "accepted"]));
        assert!(reports.iter().any(|report| report["revision"] == 2));
        assert_eq!(words(&coordinator.all("/api/v1/programmes").await, "status"), set(&["closed", "active"]));
        // What is a draft or private is its own organisation's.
        let district = sign_in(&world, "viewer@mll-kymi.example").await;
        assert_eq!(district.all("/api/v1/actions?status=draft").await.len(), 1);
        let association = sign_in(&world, "viewer@mll-kouvola.example").await;
        assert_eq!(association.all("/api/v1/bodies").await.len(), world.anonymous().all("/api/v1/bodies").await.len() + 1);
    }

    async fn every_timetable_and_progress_is_answered_whenever_it_is_loaded(world: World) {
        let engine = world.engine;
        drop(world);
        for today in DAYS {
            let Some(world) = World::new(engine).await else { return };
            let world = loaded(world, today).await;
            check_timetables(&world, today).await;
            check_progress(&world).await;
        }
    }

    async fn a_successor_acts_for_what_it_has_taken_the_place_of(world: World) {
        let world = loaded(world, "2026-11-24").await;
        let anyone = world.anonymous();
        let organisations = anyone.all("/api/v1/organisations").await;
        let kymsote = organisations.iter().find(|it| it["succeeded_on"] == "2023-01-01").expect("Kymsote has ended");
        assert_eq!(kymsote["valid_to"], "2022-12-31");
        let county = sign_in(&world, "reporter@kymenhva.example").await;
        let me = county.get("/api/v1/me").await.expect(200);
        assert_eq!(kymsote["successor_id"], me["organisation_id"]);
        let reports = county.all(&format!("/api/v1/reports?organisation_id={}", kymsote["id"].as_str().unwrap())).await;
        assert!(reports.iter().any(|report| report["submitted_by"] == me["id"]), "{reports:?}");
    }

    async fn the_feed_tells_its_history_in_order(world: World) {
        let world = loaded(world, "2026-11-24").await;
        let coordinator = sign_in(&world, "coordinator@liitto.example").await;
        let (mut cursor, mut last, mut count) = (String::new(), Instant::UNIX_EPOCH, 0);
        // On PostgreSQL other transactions of the cluster hold the feed back for moments.
        while count < 3_000 {
            let feed = coordinator.get(&format!("/api/v1/changes?limit=1000&wait=5{cursor}")).await.expect(200);
            let items = feed["items"].as_array().unwrap();
            for item in items {
                let at = instant(&item["occurred_at"]);
                assert!(last <= at && at <= world.app().now(), "{item}");
                // The operator acts for no organisation, and everyone else for one.
                let of_operator = item["aggregate"]["type"] == "organisation";
                assert_eq!(item["organisation_id"].is_null(), of_operator, "{item}");
                last = at;
            }
            count += items.len();
            cursor = format!("&after={}", feed["next"].as_str().unwrap());
        }
    }
}

async fn check_calendars(world: &World, today: Date) {
    let anyone = world.anonymous();
    let now = world.app().now();
    let bodies: BTreeMap<String, Value> = anyone
        .all("/api/v1/bodies")
        .await
        .into_iter()
        .map(|body| (body["id"].as_str().unwrap().to_owned(), body))
        .collect();
    let mut meetings: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for meeting in anyone.all("/api/v1/meetings").await {
        meetings.entry(meeting["body_id"].as_str().unwrap().to_owned()).or_default().push(meeting);
    }
    assert_eq!(meetings.len(), 29, "{today}");
    let (from, to) = (today - Months::new(24), today + Months::new(24));
    for (id, meetings) in meetings {
        let body = &bodies[&id];
        let days: Vec<Date> = meetings.iter().map(|meeting| date_of(instant(&meeting["starts_at"]))).collect();
        let (first, last) = (days[0], days[days.len() - 1]);
        assert!(from <= first && last <= to, "{today}: {first} to {last}, {body}");
        // The assembly of the region meets twice a year.
        assert!(first < from + Days::new(190) && to - Days::new(190) < last, "{today}: {first} to {last}, {body}");
        assert!(days.iter().all(|day| is_working_day(*day) && day.month() != 7), "{today}: {days:?}, {body}");
        for meeting in &meetings {
            check_meeting(meeting, body, now);
        }
    }
}

/// What lies behind has been held and its minutes are published when they are due; what lies ahead has not.
fn check_meeting(meeting: &Value, body: &Value, now: Instant) {
    let held = instant(&meeting["ends_at"]) <= now;
    assert_eq!(meeting["state"] == "held", held, "{meeting}");
    let due = date_of(instant(&meeting["starts_at"])) + Days::new(body["minutes_publication_days"].as_u64().unwrap());
    if due < date_of(now) {
        assert_eq!(day(&meeting["minutes_published_on"]), due, "{meeting}");
    }
    if due > date_of(now) {
        assert_eq!(meeting["minutes_published_on"], Value::Null, "{meeting}");
    }
}

async fn check_times(world: &World) {
    let coordinator = sign_in(world, "coordinator@liitto.example").await;
    let now = world.app().now();
    for list in ["organisations", "programmes", "bodies", "meetings", "actions", "reports"] {
        for item in coordinator.all(&format!("/api/v1/{list}")).await {
            assert!(instant(&item["created_at"]) <= instant(&item["updated_at"]), "{item}");
            assert!(instant(&item["updated_at"]) <= now, "{item}");
            for done in ["started_on", "ended_on", "submitted_at", "reviewed_at"] {
                match item[done].as_str().map(|text| (text.parse::<NaiveDate>(), text.parse::<Instant>())) {
                    Some((Ok(on), _)) => assert!(on <= date_of(now), "{item}"),
                    Some((_, at)) => assert!(at.unwrap() <= now, "{item}"),
                    None => {}
                }
            }
        }
    }
}

/// The present term is the one in which today lies, and its open actions lie ahead.
async fn check_term(world: &World, today: Date) {
    let coordinator = sign_in(world, "coordinator@liitto.example").await;
    let programmes = coordinator.all("/api/v1/programmes").await;
    let present = programmes.last().unwrap();
    assert!(day(&present["starts_on"]) <= today && today <= day(&present["ends_on"]), "{today}: {present}");
    let id = present["id"].as_str().unwrap();
    let periods = coordinator.all(&format!("/api/v1/programmes/{id}/reporting-periods")).await;
    let year = today.year().to_string();
    let own = periods.iter().find(|period| period["code"] == year).expect("a period of this year");
    assert!(day(&own["opens_on"]) <= today && own["locked"] == false, "{today}: {own}");
    let actions = coordinator.all(&format!("/api/v1/actions?programme_id={id}")).await;
    let open = |action: &&Value| ["proposed", "agreed"].contains(&action["status"].as_str().unwrap());
    let ahead: Vec<&Value> = actions.iter().filter(open).collect();
    assert!(ahead.len() >= 8, "{today}: {ahead:?}");
    for action in ahead {
        assert!(day(&action["starts_on"]) > today, "{today}: {action}");
        assert!(today - Days::new(100) < date_of(instant(&action["created_at"])), "{today}: {action}");
    }
}

/// What has begun had its decisions; of the rest one is late, as its description says, and all others can be in time.
async fn check_timetables(world: &World, today: &str) {
    let coordinator = sign_in(world, "coordinator@liitto.example").await;
    for action in coordinator.all("/api/v1/actions").await {
        let at = format!("/api/v1/actions/{}/timetable", action["id"].as_str().unwrap());
        let timetable = coordinator.get(&at).await.expect(200);
        let late = action["code"] == "T9";
        let expect = if late { "late" } else { "feasible" };
        assert_eq!(timetable["verdict"], expect, "{today}: {action} {timetable}");
        for objective in ["latest", "tightest_window"] {
            coordinator.get(&format!("{at}?objective={objective}")).await.expect(200);
        }
    }
}

async fn check_progress(world: &World) {
    let coordinator = sign_in(world, "coordinator@liitto.example").await;
    for programme in coordinator.all("/api/v1/programmes").await {
        let at = format!("/api/v1/programmes/{}", programme["id"].as_str().unwrap());
        for period in coordinator.all(&format!("{at}/reporting-periods")).await {
            let id = period["id"].as_str().unwrap();
            let progress = coordinator.get(&format!("{at}/progress?reporting_period_id={id}")).await.expect(200);
            assert!(!progress["organisations"].as_array().unwrap().is_empty(), "{progress}");
            check_owed(&coordinator, &at, &period, &progress).await;
        }
    }
}

/// What was accepted counts, whoever has succeeded its author; nobody owes for the time before it existed.
async fn check_owed(coordinator: &Caller, programme: &str, period: &Value, progress: &Value) {
    let id = period["id"].as_str().unwrap();
    let owed = coordinator.all(&format!("{programme}/progress/reports?reporting_period_id={id}")).await;
    assert_eq!(progress["reports"]["owed"], owed.len(), "{progress}");
    let reports = coordinator.all(&format!("/api/v1/reports?reporting_period_id={id}&state=accepted")).await;
    for report in reports.iter().filter(|report| report["superseded_by_id"].is_null()) {
        let own = owed.iter().find(|it| it["report_id"] == report["id"]);
        let own = own.unwrap_or_else(|| panic!("{report} does not count in {owed:?}"));
        assert_eq!((&own["state"], &own["organisation_id"]), (&"accepted".into(), &report["organisation_id"]));
    }
    let organisations = coordinator.all("/api/v1/organisations").await;
    for organisation in &organisations {
        // A successor answers for what is still owed by those whose place it has taken.
        let has_succeeded = organisations.iter().any(|before| before["successor_id"] == organisation["id"]);
        if !has_succeeded
            && !organisation["valid_from"].is_null()
            && day(&organisation["valid_from"]) > day(&period["ends_on"])
        {
            assert!(owed.iter().all(|it| it["organisation_id"] != organisation["id"]), "{organisation} {period}");
        }
    }
}
