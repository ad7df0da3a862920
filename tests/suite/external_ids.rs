//! External ids: partners' own systems say what they know by their own names for it.

use crate::actions::region;
use crate::bookings::{Matter, new_body};
use crate::nightly::events;
use reqwest::Method;
use serde_json::{Value, json};
use yhteen_tests::caller::id;
use yhteen_tests::{Caller, Organisation, Reply, both};

/// `PUT` without a version: whoever speaks by its own names need not have seen any.
pub(crate) async fn say(caller: &Caller, path: &str, body: Value) -> Reply {
    caller.send(caller.request(Method::PUT, path).json(&body)).await
}

/// The path of something by what the organisation's system calls it.
pub(crate) fn path(organisation: &Organisation, sort: &str, value: &str) -> String {
    format!("/api/v1/organisations/{}/{sort}/by-external-id/asianhallinta/{value}", organisation.id)
}

fn names(values: &[&str]) -> Value {
    values.iter().map(|value| json!({"source": "asianhallinta", "value": value})).collect()
}

async fn board(organisation: &Organisation) -> String {
    id(&organisation.admin.post("/api/v1/bodies", new_body(&organisation.id, "board")).await.expect(201))
}

fn step(matter: &Matter) -> &str {
    matter.step.rsplit('/').next().unwrap()
}

both! {
    async fn a_meeting_is_made_and_changed_by_its_external_id(world: World) {
        let kotka = world.municipality("Kotka").await;
        let (body, editor) = (board(&kotka).await, &kotka.editor);
        let at = path(&kotka, "meetings", "KH-2026-5");
        let new = json!({"body_id": body, "starts_at": "2026-03-31T13:00:00Z", "tags": ["budget", "budget"]});
        let reply = say(editor, &at, new.clone()).await;
        let location = reply.header("location").unwrap().to_owned();
        let made = reply.expect(201);
        assert!(location.ends_with(&format!("/api/v1/meetings/{}", id(&made))));
        assert_eq!((&made["version"], &made["state"]), (&json!(1), &json!("planned")));
        assert_eq!(made["agenda_deadline"], "2026-03-24T10:00:00Z");
        assert_eq!(made["external_ids"], names(&["KH-2026-5"]));
        assert_eq!(editor.get(&location).await.expect(200), made);

        // Said again it is nothing new.
        let before = events(&world).await;
        for same in [new, json!({}), json!({"cancelled": false, "state": "planned", "location": null})] {
            let reply = say(editor, &at, same).await;
            assert_eq!(reply.header("location"), None);
            assert_eq!(reply.expect(200), made);
        }
        assert_eq!(events(&world).await, before);

        let changed = say(editor, &at, json!({"location": "Valtuustosali", "state": "invited"})).await.expect(200);
        assert_eq!((&changed["version"], &changed["tags"]), (&json!(2), &json!(["budget"])));
        let stale = editor.request(Method::PUT, &at).header("if-match", "\"1\"").json(&json!({"location": null}));
        editor.send(stale).await.refused(412, "request.precondition_failed");
        let seen = editor.request(Method::PUT, &at).header("if-match", "\"2\"").json(&json!({"location": null}));
        let changed = editor.send(seen).await.expect(200);
        assert_eq!((&changed["version"], &changed["location"]), (&json!(3), &Value::Null));
        say(editor, &at, json!({"body_id": board(&kotka).await})).await.refused(422, "request.invalid");

        let cancelled = say(editor, &at, json!({"cancelled": true, "location": "Sali"})).await.expect(200);
        assert_eq!((&cancelled["cancelled"], &cancelled["location"]), (&json!(true), &json!("Sali")));
        assert_eq!(say(editor, &at, json!({"cancelled": true})).await.expect(200), cancelled);
        // What a system goes on to say of it is answered with what stands, and why.
        for otherwise in [json!({"cancelled": false}), json!({"tags": []}), json!({"cancelled": true, "state": "held"})] {
            let mut stands = say(editor, &at, otherwise).await.expect(200);
            let notices = stands.as_object_mut().unwrap().remove("notices").unwrap();
            assert_eq!((&notices[0]["pointer"], &notices[0]["code"]), (&json!("/cancelled"), &json!("meeting.cancelled")));
            assert_eq!((stands, notices.as_array().unwrap().len()), (cancelled.clone(), 1));
        }
        assert_eq!(world.anonymous().all("/api/v1/meetings").await.len(), 1);
    }

    async fn a_meeting_of_the_past_is_said_as_it_was(world: World) {
        let kotka = world.municipality("Kotka").await;
        let (body, editor) = (board(&kotka).await, &kotka.editor);
        let held = json!({"body_id": body, "starts_at": "2026-01-12T13:00:00Z", "state": "held",
            "minutes_published_on": "2026-01-14"});
        let held = say(editor, &path(&kotka, "meetings", "1"), held).await.expect(201);
        assert_eq!((&held["state"], &held["minutes_published_on"]), (&json!("held"), &json!("2026-01-14")));
        let early = json!({"body_id": body, "starts_at": "2026-03-12T13:00:00Z", "state": "held"});
        say(editor, &path(&kotka, "meetings", "2"), early).await.refused(409, "meeting.not_started");
        let off = json!({"body_id": body, "starts_at": "2026-01-05T13:00:00Z", "cancelled": true});
        let off = say(editor, &path(&kotka, "meetings", "3"), off).await.expect(201);
        assert_eq!((&off["cancelled"], &off["external_ids"]), (&json!(true), &names(&["3"])));
        assert_eq!(world.anonymous().all("/api/v1/meetings").await.len(), 2);
    }

    async fn a_meeting_that_there_is_gets_an_external_id(world: World) {
        let (kotka, hamina) = (world.municipality("Kotka").await, world.municipality("Hamina").await);
        let (body, editor) = (board(&kotka).await, &kotka.editor);
        let new = json!({"starts_at": "2026-03-31T13:00:00Z"});
        let at = format!("/api/v1/bodies/{body}/meetings");
        let first = id(&editor.post(&at, new.clone()).await.expect(201));
        let second = id(&editor.post(&at, new).await.expect(201));
        let give = |value: &str, meeting: &str| {
            let (editor, at) = (editor.clone(), path(&kotka, "meetings", value));
            let body = json!({"meeting_id": meeting});
            async move { say(&editor, &at, body).await }
        };
        let named = give("a", &first).await.expect(200);
        assert_eq!((&named["version"], &named["external_ids"]), (&json!(2), &names(&["a"])));
        assert_eq!(give("a", &first).await.expect(200), named);
        let taken = give("a", &second).await.refused(409, "request.already_exists");
        assert_eq!(taken["errors"][0]["pointer"], "/meeting_id");
        let named = give("b", &first).await.expect(200);
        assert_eq!((&named["version"], &named["external_ids"]), (&json!(3), &names(&["a", "b"])));
        for value in 3..=20 {
            give(&format!("c{value:02}"), &first).await.expect(200);
        }
        give("d", &first).await.refused(409, "external_id.too_many");
        // Also what is cancelled.
        editor.act(&format!("/api/v1/meetings/{second}:cancel")).await.expect(200);
        assert_eq!(give("e", &second).await.expect(200)["version"], 3);

        // The same name is another thing's in another organisation.
        let own = board(&hamina).await;
        let new = json!({"body_id": own, "starts_at": "2026-03-31T13:00:00Z"});
        say(&hamina.editor, &path(&hamina, "meetings", "a"), new).await.expect(201);
        let foreign = json!({"meeting_id": first});
        let foreign = say(&hamina.editor, &path(&hamina, "meetings", "f"), foreign).await.refused(422, "request.invalid");
        assert_eq!(foreign["errors"][0]["code"], "other_organisation");

        // Nobody else reads them.
        let seen = format!("/api/v1/meetings/{first}");
        for reader in [&hamina.admin, &world.operator, &world.anonymous()] {
            assert_eq!(reader.get(&seen).await.expect(200)["external_ids"], json!([]));
            let listed = reader.all(&format!("/api/v1/meetings?body_id={body}")).await;
            assert!(listed.iter().all(|meeting| meeting["external_ids"] == json!([])));
        }
        let listed = kotka.viewer.all(&format!("/api/v1/meetings?body_id={body}")).await;
        let counts: Vec<_> = listed.iter().map(|meeting| meeting["external_ids"].as_array().unwrap().len()).collect();
        assert_eq!(counts, [20, 1]);
    }

    async fn whatever_a_system_calls_it_fits_into_the_path(world: World) {
        let kotka = world.municipality("Kotka").await;
        let body = board(&kotka).await;
        for (written, value) in [
            ("KOT%2F12%2F2026", "KOT/12/2026"),
            ("a%20b", "a b"),
            ("p%C3%B6yt%C3%A4", "pöytä"),
            ("poyta%CC%88", "poytä"),
            ("%F0%9F%8F%9B", "🏛"),
            ("urn:kot:1", "urn:kot:1"),
            ("urn%3Akot%3A2", "urn:kot:2"),
            ("100%25", "100%"),
            ("%252F", "%2F"),
            ("a+b", "a+b"),
            ("a%2Bc", "a+c"),
            ("%3F%23", "?#"),
            ("'%22;--", "'\";--"),
        ] {
            let at = path(&kotka, "meetings", written);
            let made = say(&kotka.editor, &at, json!({"body_id": body, "starts_at": "2026-03-31T13:00:00Z"})).await;
            let made = made.expect(201);
            assert_eq!(made["external_ids"], names(&[value]));
            assert_eq!(say(&kotka.editor, &at, json!({})).await.expect(200), made);
        }
        // Two ways of writing one name.
        let composed = path(&kotka, "meetings", "poyt%C3%A4");
        say(&kotka.editor, &composed, json!({})).await.expect(200);
        kotka.editor.delete(&composed).await.refused(405, "request.method_not_allowed");
    }

    async fn a_step_is_proposed_and_changed_by_the_accountable_organisation(world: World) {
        let region = region(&world).await;
        let (city, town) = (&region.city, &region.town);
        let body = board(town).await;
        let action = region.draft("A1", "public").await;
        let action_id = action.rsplit('/').next().unwrap();
        let new = json!({"action_id": action_id, "body_id": body, "title": {"fi": "Päätös"}, "function": "decision",
            "authoritative": true});
        let at = |value: &str| path(city, "decision-steps", value);
        let reply = say(&city.editor, &at("1"), new.clone()).await;
        let location = reply.header("location").unwrap().to_owned();
        assert_eq!(reply.version(), 2);
        let first = reply.expect(201);
        assert_eq!((&first["external_ids"], &first["preparation_days"]), (&names(&["1"]), &json!(0)));
        assert_eq!(city.editor.get(&location).await.expect(200), first);

        let mut second = new.clone();
        second["depends_on"] = json!([{"source": "asianhallinta", "value": "1", "gate": "notified"}]);
        let second = say(&city.editor, &at("2"), second).await.expect(201);
        let depends_on = json!([{"step_id": first["id"], "gate": "notified", "by": "agenda_deadline"}]);
        assert_eq!(second["depends_on"], depends_on);
        let on_second = json!({"depends_on": [{"source": "asianhallinta", "value": "2"}]});
        say(&city.editor, &at("1"), on_second).await.refused(422, "decision_step.cycle");

        let before = events(&world).await;
        let again = say(&city.editor, &at("1"), new).await;
        assert_eq!(again.version(), 3);
        assert_eq!(id(&again.expect(200)), id(&first));
        assert_eq!(events(&world).await, before);
        let changed = say(&city.editor, &at("1"), json!({"not_before": "2026-02-01"})).await;
        assert_eq!(changed.version(), 4);
        assert_eq!(changed.expect(200)["not_before"], "2026-02-01");
        let stale = city.editor.request(Method::PUT, &at("1")).header("if-match", "\"3\"").json(&json!({"not_before": null}));
        city.editor.send(stale).await.refused(412, "request.precondition_failed");

        // What the body's own organisation knows is its own affair.
        let own = json!({"decision_step_id": first["id"], "diary_number": "KOT 7/2026"});
        say(&city.editor, &at("1"), own.clone()).await.refused(403, "auth.forbidden");
        say(&town.editor, &path(town, "decision-steps", "x"), own.clone()).await.refused(422, "request.invalid");
        city.editor.act(&format!("{action}:propose")).await.expect(200);
        let foreign = json!({"decision_step_id": first["id"], "title": {"fi": "Oma"}});
        say(&town.editor, &path(town, "decision-steps", "x"), foreign).await.refused(403, "auth.forbidden");
        say(&region.county.editor, &path(&region.county, "decision-steps", "x"), own.clone()).await
            .refused(403, "auth.forbidden");
        let named = say(&town.editor, &path(town, "decision-steps", "x"), own.clone()).await.expect(200);
        assert_eq!((&named["diary_number"], &named["external_ids"]), (&json!("KOT 7/2026"), &names(&["x"])));
        assert_eq!(say(&town.editor, &path(town, "decision-steps", "x"), own).await.expect(200), named);
        for (reader, seen) in [(&city.viewer, names(&["1"])), (&town.viewer, names(&["x"])), (&region.county.viewer, json!([]))] {
            assert_eq!(reader.get(&location).await.expect(200)["external_ids"], seen);
            assert_eq!(reader.all(&format!("{action}/decision-steps")).await[0]["external_ids"], seen);
        }
        let other = json!({"action_id": action_id, "body_id": body, "title": {"fi": "Päätös"}, "function": "decision",
            "authoritative": true});
        say(&town.editor, &path(town, "decision-steps", "y"), other).await.refused(403, "auth.forbidden");
    }

    async fn a_step_that_goes_takes_its_external_ids_along(world: World) {
        let region = region(&world).await;
        let city = &region.city;
        let body = board(city).await;
        let step = |action: &str| json!({"action_id": action.rsplit('/').next(), "body_id": body, "title": {"fi": "Päätös"},
            "function": "decision", "authoritative": true});
        let (first, second) = (region.draft("A1", "public").await, region.draft("A2", "public").await);
        let at = path(city, "decision-steps", "1");
        let made = say(&city.editor, &at, step(&first)).await.expect(201);
        say(&city.editor, &at, step(&second)).await.refused(422, "request.invalid");
        city.editor.delete(&format!("/api/v1/decision-steps/{}", id(&made))).await.expect(204);
        say(&city.editor, &at, json!({})).await.refused(422, "request.invalid");
        say(&city.editor, &at, step(&second)).await.expect(201);
        city.editor.delete(&second).await.expect(204);
        say(&city.editor, &at, step(&first)).await.expect(201);
    }

    async fn a_handling_is_recorded_and_superseded_by_its_external_id(world: World) {
        let mut matter = Matter::new(&world).await;
        world.set_clock("2026-03-03T18:00:00Z");
        let town = Organisation { editor: world.renewed(&matter.region.town.editor), ..matter.region.town.clone() };
        matter.region.town = town.clone();
        let editor = &town.editor;
        say(editor, &path(&town, "meetings", "m"), json!({"meeting_id": matter.meetings[0]})).await.expect(200);
        say(editor, &path(&town, "decision-steps", "s"), json!({"decision_step_id": step(&matter)})).await.expect(200);
        let at = path(&town, "handlings", "h%2F1");
        let new = json!({"decision_step": {"source": "asianhallinta", "value": "s"},
            "meeting": {"source": "asianhallinta", "value": "m"}, "agenda_number": "§ 12", "outcome": "tabled"});
        let reply = say(editor, &at, new.clone()).await;
        let location = reply.header("location").unwrap().to_owned();
        let recorded = reply.expect(201);
        assert_eq!((&recorded["meeting_id"], &recorded["external_ids"]), (&json!(matter.meetings[0]), &names(&["h/1"])));
        assert_eq!(editor.get(&location).await.expect(200), recorded);
        assert_eq!(world.anonymous().get(&location).await.expect(200)["external_ids"], json!([]));

        let before = events(&world).await;
        for same in [new, json!({}), json!({"decision_step_id": step(&matter), "outcome": "tabled"})] {
            assert_eq!(say(editor, &at, same).await.expect(200), recorded);
        }
        assert_eq!(events(&world).await, before);

        let superseding = say(editor, &at, json!({"outcome": "approved", "agenda_number": null})).await;
        assert_eq!(superseding.header("location"), None);
        let superseding = superseding.expect(200);
        assert_ne!(superseding["id"], recorded["id"]);
        assert_eq!((&superseding["agenda_number"], &superseding["meeting_id"]), (&Value::Null, &recorded["meeting_id"]));
        assert_eq!(superseding["external_ids"], names(&["h/1"]));
        let old = editor.get(&location).await.expect(200);
        assert_eq!((&old["superseded_by_id"], &old["external_ids"]), (&superseding["id"], &json!([])));
        assert_eq!(editor.get(&matter.step).await.expect(200)["handlings"], json!([old, superseding]));

        // However it is corrected, the name is that of the record that stands.
        let correct = format!("/api/v1/handlings/{}:supersede", id(&superseding));
        let corrected = json!({"meeting_id": matter.meetings[0], "outcome": "approved_amended"});
        let corrected = editor.post(&correct, corrected).await.expect(201);
        assert_eq!(corrected["external_ids"], names(&["h/1"]));
        assert_eq!(say(editor, &at, json!({})).await.expect(200), corrected);
        let again = json!({"decision_step_id": step(&matter), "meeting_id": matter.meetings[0], "outcome": "approved"});
        say(editor, &path(&town, "handlings", "2"), again).await.refused(409, "handling.already_recorded");
        let early = json!({"meeting_id": matter.meetings[1]});
        say(editor, &at, early).await.refused(409, "handling.not_begun");
    }

    async fn an_office_holders_decision_is_recorded_by_its_day(world: World) {
        let matter = Matter::new(&world).await;
        let (city, town) = (&matter.region.city, &matter.region.town);
        let office = id(&town.admin.post("/api/v1/bodies", new_body(&town.id, "office_holder")).await.expect(201));
        let new = json!({"action_id": matter.action.rsplit('/').next(), "body_id": office, "title": {"fi": "Päätös"},
            "function": "decision", "authoritative": true});
        let step = say(&city.editor, &path(city, "decision-steps", "1"), new).await.expect(201);
        let handling = json!({"decision_step_id": id(&step), "day": "2026-01-14", "outcome": "approved"});
        let recorded = say(&town.editor, &path(town, "handlings", "1"), handling.clone()).await.expect(201);
        assert_eq!(recorded["day"], "2026-01-14");
        assert_eq!(say(&town.editor, &path(town, "handlings", "1"), handling).await.expect(200), recorded);
    }

    async fn nobody_speaks_for_another_organisation(world: World) {
        let matter = Matter::new(&world).await;
        let (city, town) = (&matter.region.city, &matter.region.town);
        let handling = json!({"decision_step_id": step(&matter), "meeting_id": matter.meetings[0], "outcome": "approved"});
        let meeting = json!({"meeting_id": matter.meetings[0]});
        let named = json!({"decision_step_id": step(&matter)});
        let nothing = Organisation { id: "00000000-0000-7000-8000-000000000000".to_owned(), ..town.clone() };
        for (sort, body) in [("meetings", meeting), ("decision-steps", named), ("handlings", handling.clone())] {
            for stranger in [&city.admin, &town.reporter, &world.operator, &matter.region.outsider.admin] {
                say(stranger, &path(town, sort, "1"), body.clone()).await.refused(403, "auth.forbidden");
            }
            say(&world.anonymous(), &path(town, sort, "1"), body.clone()).await.refused(401, "auth.unauthenticated");
            say(&town.editor, &path(&nothing, sort, "1"), body.clone()).await.refused(404, "request.not_found");
        }
        // In its own name the accountable organisation records nothing of another's body either.
        say(&city.editor, &path(city, "handlings", "1"), handling).await.refused(403, "auth.forbidden");
        assert_eq!(town.editor.get(&matter.step).await.expect(200)["external_ids"], json!([]));
    }

    async fn external_ids_take_one_statement_whatever_their_number(world: World) {
        let kotka = world.municipality("Kotka").await;
        let body = board(&kotka).await;
        for day in 1..=12 {
            let new = json!({"body_id": body, "starts_at": format!("2026-03-{day:02}T14:00:00Z")});
            say(&kotka.editor, &path(&kotka, "meetings", &day.to_string()), new).await.expect(201);
        }
        // Its rights are known from the request before.
        let counts = async |limit: usize| {
            let list = format!("/api/v1/meetings?limit={limit}");
            kotka.editor.get(&list).await.expect(200);
            world.statements(async { kotka.editor.get(&list).await.expect(200) }).await.len()
        };
        for limit in [1, 2, 12] {
            assert_eq!(counts(limit).await, 2, "{limit} meetings");
        }
    }
}
