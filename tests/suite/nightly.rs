//! A nightly feed: a system says all that it knows again and again, and what is no news leaves no trace.

pub(crate) mod demo;

use crate::actions::region;
use crate::bookings::{Matter, new_body};
use crate::external_ids::{path, say};
use crate::reports::Stage;
use crate::seed::Seen;
use diesel::dsl::sql;
use diesel::sql_types::BigInt;
use diesel::{RunQueryDsl, select};
use reqwest::Method;
use serde_json::{Value, json};
use yhteen_persistence::Db;
use yhteen_tests::caller::id;
use yhteen_tests::{Caller, World, both};

/// How many change events there are, also such as nobody sees.
pub(crate) async fn events(world: &World) -> i64 {
    let count = || select(sql::<BigInt>("(SELECT count(*) FROM change_events)"));
    let read = world.app().store.read(move |db| match db {
        Db::Sqlite(db) => Ok(count().get_result(db)?),
        Db::Postgres(db) => Ok(count().get_result(db)?),
    });
    read.await.unwrap()
}

/// Asserts that a request changes nothing: it answers as `expect`, in the same version, and no event tells of it.
async fn no_news(world: &World, caller: &Caller, (method, path): (Method, &str), body: Value, expect: &Value) {
    let request = || caller.request(method.clone(), path).json(&body);
    let whatever = method == Method::PATCH || method == Method::PUT && !path.contains("by-external-id");
    let before = events(world).await;
    for _ in 0..2 {
        let request = if whatever { request().header("if-match", "*") } else { request() };
        assert_eq!(&caller.send(request).await.expect(200), expect, "{method} {path} {body}");
    }
    assert_eq!(events(world).await, before, "{method} {path} {body}");
}

/// Some members of what was answered.
fn some(of: &Value, members: &[&str]) -> Value {
    members.iter().map(|member| ((*member).to_owned(), of[*member].clone())).collect::<serde_json::Map<_, _>>().into()
}

both! {
    async fn a_patch_with_what_is_so_already_changes_nothing(world: World) {
        let stage = Stage::new(&world, Seen::ByEveryone).await;
        let (county, lead, city) = (&stage.county, &stage.lead, &stage.city);
        let programme = stage.programme.clone();
        let goal = json!({"code": "1", "title": {"fi": "Tavoite"}});
        let goal = format!("/api/v1/goals/{}", id(&county.admin.post(&format!("{programme}/goals"), goal).await.expect(201)));
        let body = id(&city.admin.post("/api/v1/bodies", new_body(&city.id, "board")).await.expect(201));
        let meeting = json!({"starts_at": "2026-03-31T13:00:00Z", "location": "Sali"});
        let meeting = id(&city.editor.post(&format!("/api/v1/bodies/{body}/meetings"), meeting).await.expect(201));
        let action = format!("/api/v1/actions/{}", stage.action);
        let step = json!({"body_id": body, "title": {"fi": "Päätös"}, "function": "decision", "authoritative": true});
        let step = id(&lead.editor.post(&format!("{action}/decision-steps"), step).await.expect(201));
        let report = stage.draft(city).await;
        let account = format!("/api/v1/clients/{}", world.principal(&city.editor));
        let cases: [(&Caller, String, &[&str]); 10] = [
            (&city.admin, format!("/api/v1/organisations/{}", city.id), &["name", "contact_email", "website"]),
            (&county.admin, programme.clone(), &["title", "description", "starts_on", "ends_on", "area"]),
            (&county.admin, goal, &["code", "title", "description", "parent_id", "position"]),
            (&county.admin, format!("/api/v1/reporting-periods/{}", stage.period), &["code", "kind", "due_on", "locked"]),
            (&city.admin, format!("/api/v1/bodies/{body}"), &["name", "kind", "agenda_lead", "published_until", "regime"]),
            (&city.editor, format!("/api/v1/meetings/{meeting}"), &["starts_at", "ends_at", "tags", "location", "state"]),
            (&lead.editor, action.clone(), &["title", "code", "goals", "visibility", "starts_on", "tags"]),
            (&lead.editor, format!("{action}/participants/{}", city.id), &["roles"]),
            (&lead.editor, format!("/api/v1/decision-steps/{step}"), &["title", "depends_on", "not_before", "visibility"]),
            (&city.reporter, report, &["rating", "summary", "completion_percent"]),
        ];
        for (caller, path, members) in cases {
            let seen = caller.get(&path).await.expect(200);
            for said in [some(&seen, members), json!({})] {
                no_news(&world, caller, (Method::PATCH, &path), said, &seen).await;
            }
        }
        let seen = city.admin.get(&account).await.expect(200);
        no_news(&world, &city.admin, (Method::PATCH, &account), some(&seen, &["name", "roles", "scopes"]), &seen).await;

        // Also what does not change any more.
        lead.editor.act(&format!("{action}:complete")).await.expect(200);
        let seen = lead.editor.get(&action).await.expect(200);
        no_news(&world, &lead.editor, (Method::PATCH, &action), some(&seen, &["title", "goals"]), &seen).await;
        let at = format!("/api/v1/decision-steps/{step}");
        let seen = lead.editor.get(&at).await.expect(200);
        no_news(&world, &lead.editor, (Method::PATCH, &at), some(&seen, &["title"]), &seen).await;
    }

    async fn a_membership_an_extension_and_a_coordinator_are_put_once(world: World) {
        let stage = Stage::new(&world, Seen::ByEveryone).await;
        let (county, city) = (&stage.county, &stage.city);
        let programme = stage.programme.clone();
        let member = format!("{programme}/members/{}", city.id);
        let membership = json!({"role": "member", "joined_on": "2026-01-01"});
        let extension = format!("/api/v1/reporting-periods/{}/extensions/{}", stage.period, city.id);
        let coordinator = format!("{programme}/coordinators/{}", world.principal(&county.editor));
        for (path, body) in [(member, membership), (extension, json!({"until": "2027-03-01"})), (coordinator, json!({}))] {
            let put = county.admin.put(&path, body.clone()).await.expect(200);
            no_news(&world, &county.admin, (Method::PUT, &path), body, &put).await;
        }
    }

    async fn a_meeting_is_planned_then_held_with_its_minutes_and_then_stays(world: World) {
        let kotka = world.municipality("Kotka").await;
        let body = id(&kotka.admin.post("/api/v1/bodies", new_body(&kotka.id, "board")).await.expect(201));
        let at = path(&kotka, "meetings", "KH-2026-1");
        let planned = json!({"body_id": body, "starts_at": "2026-01-15T10:05:00Z", "state": "planned"});
        say(&kotka.editor, &at, planned.clone()).await.expect(201);
        world.set_clock("2026-01-19T10:00:00Z");
        let editor = world.renewed(&kotka.editor);
        let held = json!({"state": "held", "minutes_published_on": "2026-01-19"});
        let stands = say(&editor, &at, held.clone()).await.expect(200);
        assert_eq!((&stands["version"], &stands["minutes_published_on"]), (&json!(2), &json!("2026-01-19")));
        world.set_clock("2026-01-20T10:00:00Z");
        let editor = world.renewed(&editor);
        no_news(&world, &editor, (Method::PUT, &at), held.clone(), &stands).await;
        let by_id = format!("/api/v1/meetings/{}", id(&stands));
        no_news(&world, &editor, (Method::PATCH, &by_id), held, &stands).await;
        say(&editor, &at, planned).await.refused(409, "meeting.state_order");

        let next = json!({"body_id": body, "starts_at": "2026-02-15T10:05:00Z"});
        let at = path(&kotka, "meetings", "KH-2026-2");
        let next = say(&editor, &at, next).await.expect(201);
        let cancel = format!("/api/v1/meetings/{}:cancel", id(&next));
        let cancelled = editor.act(&cancel).await.expect(200);
        no_news(&world, &editor, (Method::POST, &cancel), json!({}), &cancelled).await;
        no_news(&world, &editor, (Method::PUT, &at), json!({"cancelled": true}), &cancelled).await;

        // It was cancelled here, and the system does not know: it hears what stands, and why, and nothing comes of it.
        let before = events(&world).await;
        for (language, sentence) in [
            ("fi", "Kokous on peruttu ja pysyy sellaisenaan"),
            ("sv", "Sammanträdet är inställt och förblir som det är"),
            ("en", "The meeting is cancelled and stays as it is"),
        ] {
            let request = editor.request(Method::PUT, &at).header("accept-language", language);
            let mut told = editor.send(request.json(&json!({"cancelled": false, "tags": ["budget"]}))).await.expect(200);
            let notices = told.as_object_mut().unwrap().remove("notices").unwrap();
            assert!(notices[0]["detail"].as_str().unwrap().starts_with(sentence), "{notices}");
            assert_eq!(told, cancelled);
        }
        assert_eq!(events(&world).await, before);
    }

    async fn what_is_booked_handed_in_or_answered_already_stays_so(world: World) {
        let matter = Matter::new(&world).await;
        let (city, town, step) = (&matter.region.city.editor, &matter.region.town.editor, &matter.step);
        let verb = |verb: &str| format!("{step}:{verb}");
        let proposed = city.post(&verb("propose-booking"), matter.meeting(0)).await.expect(200);
        no_news(&world, city, (Method::POST, &verb("propose-booking")), matter.meeting(0), &proposed).await;
        let declined = town.act(&verb("decline-booking")).await.expect(200);
        no_news(&world, town, (Method::POST, &verb("decline-booking")), json!({}), &declined).await;
        city.post(&verb("propose-booking"), matter.meeting(0)).await.expect(200);
        let accepted = town.act(&verb("accept-booking")).await.expect(200);
        no_news(&world, town, (Method::POST, &verb("accept-booking")), json!({}), &accepted).await;
        no_news(&world, town, (Method::POST, &verb("book")), matter.meeting(0), &accepted).await;
        let proposal = city.post(&verb("propose-booking"), matter.meeting(0)).await;
        assert_eq!(proposal.version(), town.get(step).await.version());
        assert_eq!(proposal.expect(200)["booking"], accepted["booking"]);

        let handed_in = town.post(&verb("hand-in"), json!({})).await.expect(200);
        world.set_clock("2026-02-20T10:00:00Z");
        let (town, city) = (&world.renewed(town), &world.renewed(city));
        no_news(&world, town, (Method::POST, &verb("hand-in")), json!({}), &handed_in).await;
        let same = json!({"at": handed_in["booking"]["handed_in_at"]});
        no_news(&world, town, (Method::POST, &verb("hand-in")), same.clone(), &handed_in).await;

        // Once it is decided, too, the calendar is full and the action is over.
        world.set_clock("2026-03-03T18:00:00Z");
        let (town, city) = (&world.renewed(town), &world.renewed(city));
        let approved = json!({"meeting_id": matter.meetings[0], "outcome": "approved"});
        let handling = town.post(&format!("{step}/handlings"), approved).await.expect(201);
        let claims = format!("{step}/remedy-claims");
        world.set_clock("2026-03-20T18:00:00Z");
        let (town, city) = (&world.renewed(town), &world.renewed(city));
        let filed = json!({"kind": "rectification", "filed_on": "2026-03-20"});
        let claim = town.post(&claims, filed).await.expect(201);
        assert_eq!(claim["handling_id"], handling["id"]);
        let rule = format!("/api/v1/remedy-claims/{}:rule", id(&claim));
        let ruling = json!({"outcome": "dismissed", "on": "2026-03-20"});
        let ruled = town.post(&rule, ruling.clone()).await.expect(200);
        no_news(&world, town, (Method::POST, &rule), ruling.clone(), &ruled).await;
        city.act(&format!("{}:cancel", matter.action)).await.expect(200);
        let stands = town.get(step).await.expect(200);
        no_news(&world, town, (Method::POST, &rule), ruling, &ruled).await;
        no_news(&world, town, (Method::POST, &verb("book")), matter.meeting(0), &stands).await;
        no_news(&world, town, (Method::POST, &verb("hand-in")), same, &stands).await;
        town.post(&verb("book"), matter.meeting(1)).await.refused(409, "action.closed");
    }

    async fn a_version_that_stands_is_still_checked(world: World) {
        let region = region(&world).await;
        let action = region.draft("A1", "public").await;
        let editor = &region.city.editor;
        editor.patch(&action, 7, json!({})).await.refused(412, "request.precondition_failed");
        let unchanged = editor.patch(&action, 1, json!({"code": "A1"})).await;
        assert_eq!(unchanged.version(), 1);
        let key = || editor.request(Method::POST, &format!("{action}:propose")).header("idempotency-key", "1");
        let proposed = editor.send(key()).await.expect(200);
        assert_eq!(editor.send(key()).await.expect(200), proposed);
    }
}
