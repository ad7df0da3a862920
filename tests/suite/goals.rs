//! Goals: a tree in their programme, whose version counts their changes.

use crate::programmes::{active, found};
use serde_json::{Value, json};
use yhteen_tests::caller::id;
use yhteen_tests::{Caller, both};

async fn goal(coordinator: &Caller, programme: &str, code: &str, parent: Option<&str>) -> String {
    let body = json!({"code": code, "title": {"fi": format!("Tavoite {code}")}, "parent_id": parent});
    id(&coordinator.post(&format!("{programme}/goals"), body).await.expect(201))
}

fn codes(goals: &[Value]) -> Vec<&str> {
    goals.iter().map(|goal| goal["code"].as_str().unwrap()).collect()
}

both! {
    async fn a_coordinator_grows_the_tree_and_everyone_reads_it(world: World) {
        let (county, city) = (world.municipality("Kouvola").await, world.municipality("Kotka").await);
        let at = active(&county, &[&city]).await;
        let body = json!({"code": "T1", "title": {"fi": "Tavoite", "sv": "Mål"}});
        city.admin.post(&format!("{at}/goals"), body.clone()).await.refused(403, "auth.forbidden");
        let reply = county.admin.post(&format!("{at}/goals"), body.clone()).await;
        let (location, etag) = (reply.header("location").unwrap().to_owned(), reply.header("etag").unwrap().to_owned());
        let made = reply.expect(201);
        assert!(etag.starts_with("\"5."), "{etag}");
        assert_eq!((&made["title"], &made["parent_id"], &made["position"]), (&body["title"], &Value::Null, &json!(0)));
        let second = goal(&county.admin, &at, "T1.1", Some(&id(&made))).await;
        let seen = world.anonymous().get(&format!("/api/v1/goals/{second}")).await.expect(200);
        assert_eq!((&seen["parent_id"], &seen["position"]), (&made["id"], &json!(1)));
        assert_eq!(seen["permissions"], json!({"edit": false}));
        assert_eq!(world.anonymous().get(&location).await.expect(200)["code"], "T1");
        assert_eq!(county.viewer.get(&at).await.expect(200)["version"], 6);
    }

    async fn goals_of_a_draft_are_hidden_with_it(world: World) {
        let (county, city) = (world.municipality("Kouvola").await, world.municipality("Kotka").await);
        let at = found(&county).await;
        let goal = format!("/api/v1/goals/{}", goal(&county.admin, &at, "T1", None).await);
        county.viewer.get(&goal).await.expect(200);
        for caller in [&city.admin, &world.anonymous()] {
            caller.get(&goal).await.refused(404, "request.not_found");
            caller.get(&format!("{at}/goals")).await.refused(404, "request.not_found");
        }
        city.admin.change(&goal, json!({"position": 3})).await.refused(404, "request.not_found");
        city.admin.delete(&goal).await.refused(404, "request.not_found");
    }

    async fn goals_are_listed_by_position_and_code(world: World) {
        let county = world.municipality("Kouvola").await;
        let at = active(&county, &[]).await;
        for (code, position) in [("C", 1), ("B", 2), ("A", 2), ("D", 0)] {
            let body = json!({"code": code, "title": {"fi": "Tavoite"}, "position": position});
            county.admin.post(&format!("{at}/goals"), body).await.expect(201);
        }
        assert_eq!(codes(&world.anonymous().all(&format!("{at}/goals")).await), ["D", "C", "A", "B"]);
        let page = world.anonymous().get(&format!("{at}/goals?limit=3")).await.expect(200);
        assert_eq!(codes(page["items"].as_array().unwrap()), ["D", "C", "A"]);
        let next = format!("{at}/goals?limit=3&cursor={}", page["next"].as_str().unwrap());
        let rest = world.anonymous().get(&next).await.expect(200);
        assert_eq!((codes(rest["items"].as_array().unwrap()), &rest["next"]), (vec!["B"], &Value::Null));
    }

    async fn a_goal_stands_under_another_of_its_programme_and_never_under_itself(world: World) {
        let county = world.municipality("Kouvola").await;
        let (at, other) = (active(&county, &[]).await, active(&county, &[]).await);
        let first = goal(&county.admin, &at, "T1", None).await;
        let second = goal(&county.admin, &at, "T1.1", Some(&first)).await;
        let third = goal(&county.admin, &at, "T1.1.1", Some(&second)).await;
        let foreign = goal(&county.admin, &other, "T1", None).await;
        let change = |goal: &str, parent: Value| {
            let (admin, path) = (county.admin.clone(), format!("/api/v1/goals/{goal}"));
            async move { admin.change(&path, json!({"parent_id": parent})).await }
        };
        for under in [&first, &second, &third] {
            let refused = change(&first, json!(under)).await.refused(422, "goal.ring");
            assert_eq!(refused["errors"][0]["pointer"], "/parent_id");
        }
        for nothing in [foreign.as_str(), "00000000-0000-7000-8000-000000000000"] {
            let refused = change(&first, json!(nothing)).await.refused(422, "request.invalid");
            assert_eq!(refused["errors"][0]["code"], "unknown_reference");
        }
        change(&second, Value::Null).await.expect(200);
        change(&first, json!(third)).await.expect(200);
    }

    async fn a_code_is_unique_in_its_programme(world: World) {
        let county = world.municipality("Kouvola").await;
        let (at, other) = (active(&county, &[]).await, active(&county, &[]).await);
        goal(&county.admin, &at, "T1", None).await;
        goal(&county.admin, &other, "T1", None).await;
        let second = goal(&county.admin, &at, "T2", None).await;
        let again = json!({"code": "T1", "title": {"fi": "Toinen"}});
        let refused = county.admin.post(&format!("{at}/goals"), again).await.refused(409, "request.already_exists");
        assert_eq!(refused["errors"][0]["pointer"], "/code");
        let path = format!("/api/v1/goals/{second}");
        county.admin.change(&path, json!({"code": "T1"})).await.refused(409, "request.already_exists");
        // What was refused has left nothing behind.
        assert_eq!(county.admin.get(&at).await.expect(200)["version"], 4);
    }

    async fn a_goal_is_deleted_once_nothing_stands_under_it(world: World) {
        let county = world.municipality("Kouvola").await;
        let at = active(&county, &[]).await;
        let first = goal(&county.admin, &at, "T1", None).await;
        let second = goal(&county.admin, &at, "T1.1", Some(&first)).await;
        let path = |goal: &str| format!("/api/v1/goals/{goal}");
        county.admin.delete(&path(&first)).await.refused(409, "request.in_use");
        county.editor.delete(&path(&second)).await.refused(403, "auth.forbidden");
        let unread = county.admin.request(reqwest::Method::DELETE, &path(&second));
        county.admin.send(unread).await.refused(428, "request.precondition_required");
        assert_eq!(county.admin.delete(&path(&second)).await.status, 204);
        assert_eq!(county.admin.delete(&path(&first)).await.status, 204);
        county.admin.get(&path(&first)).await.refused(404, "request.not_found");
        assert!(county.admin.all(&format!("{at}/goals")).await.is_empty());
    }

    async fn a_closed_programme_keeps_its_goals(world: World) {
        let county = world.municipality("Kouvola").await;
        let at = active(&county, &[]).await;
        let path = format!("/api/v1/goals/{}", goal(&county.admin, &at, "T1", None).await);
        county.admin.act(&format!("{at}:close")).await.expect(200);
        let body = json!({"code": "T2", "title": {"fi": "Tavoite"}});
        county.admin.post(&format!("{at}/goals"), body).await.refused(409, "programme.closed");
        county.admin.change(&path, json!({"position": 3})).await.refused(409, "programme.closed");
        county.admin.delete(&path).await.refused(409, "programme.closed");
    }

    async fn what_cannot_be_is_refused_with_its_place(world: World) {
        let county = world.municipality("Kouvola").await;
        let at = active(&county, &[]).await;
        for (body, pointer, code) in [
            (json!({"title": {"fi": "Tavoite"}}), "/code", "required"),
            (json!({"code": "T1"}), "/title", "required"),
            (json!({"code": "T 1", "title": {"fi": "Tavoite"}}), "/code", "bad_code"),
            (json!({"code": "T1", "title": {"fi": "Tavoite"}, "position": -1}), "/position", "out_of_range"),
            (json!({"code": "T1", "title": {"fi": "Tavoite"}, "position": 2_147_483_648_i64}), "/position", "bad_value"),
            (json!({"code": "T1", "title": {"fi": "Tavoite"}, "parent_id": "x"}), "/parent_id", "bad_value"),
        ] {
            let refused = county.admin.post(&format!("{at}/goals"), body).await.refused(422, "request.invalid");
            let place = &refused["errors"][0];
            assert_eq!((place["pointer"].as_str(), place["code"].as_str()), (Some(pointer), Some(code)), "{refused}");
        }
    }
}
