//! Programmes: founded by an organisation, run by its coordinators, known to everyone once active.

use serde_json::{Value, json};
use yhteen_domain::ids::PrincipalId;
use yhteen_domain::roles::{Role, TokenScope};
use yhteen_domain::vocabulary::Vocabulary;
use yhteen_tests::caller::id;
use yhteen_tests::{Organisation, both};

fn plan(organisation: &Organisation) -> Value {
    json!({
        "organisation_id": organisation.id,
        "title": {"fi": "Lasten hyvinvointisuunnitelma"},
        "starts_on": "2026-01-01",
        "ends_on": "2029-12-31",
        "area": ["489", "075", "489"]
    })
}

/// A programme in draft that the organisation has founded: its path.
pub(crate) async fn found(organisation: &Organisation) -> String {
    format!(
        "/api/v1/programmes/{}",
        id(&organisation.admin.post("/api/v1/programmes", plan(organisation)).await.expect(201))
    )
}

/// An active programme that the first organisation has founded, with the others as members: its path.
pub(crate) async fn active(founder: &Organisation, members: &[&Organisation]) -> String {
    let at = found(founder).await;
    for member in members {
        let membership = json!({"role": "member", "joined_on": "2026-01-01"});
        member.join(&founder.admin, &at, membership).await;
    }
    founder.admin.act(&format!("{at}:activate")).await.expect(200);
    at
}

both! {
    async fn an_administrator_founds_a_programme_and_coordinates_it(world: World) {
        let county = world.organisation("Hyvinvointialue", "wellbeing_services_county").await;
        county.editor.post("/api/v1/programmes", plan(&county)).await.refused(403, "auth.forbidden");
        world.anonymous().post("/api/v1/programmes", plan(&county)).await.refused(401, "auth.unauthenticated");
        let reply = county.admin.post("/api/v1/programmes", plan(&county)).await;
        let at = reply.header("location").unwrap().to_owned();
        let made = reply.expect(201);
        assert_eq!((&made["status"], &made["area"]), (&json!("draft"), &json!(["075", "489"])));
        assert_eq!(made["permissions"], json!({"edit": true, "appoint": true, "join": false, "leave": true}));
        let first = json!({"organisation_id": county.id, "role": "coordinator", "status": "joined",
            "joined_on": "2026-01-15", "left_on": null});
        assert_eq!(made["members"], json!([first]));
        assert_eq!(county.admin.get(&at).await.expect(200), made);
        assert_eq!(county.viewer.get(&at).await.expect(200)["permissions"], json!({"edit": false, "appoint": false, "join": false, "leave": false}));
    }

    async fn a_repeated_founding_founds_one_programme(world: World) {
        let county = world.municipality("Kouvola").await;
        let send = || {
            let request = county.admin.request(reqwest::Method::POST, "/api/v1/programmes");
            county.admin.send(request.header("idempotency-key", "one").json(&plan(&county)))
        };
        let first = send().await.expect(201);
        assert_eq!(send().await.expect(201), first);
        assert_eq!(county.viewer.all("/api/v1/programmes").await.len(), 1);
    }

    async fn a_draft_is_known_to_its_members_alone_and_an_active_one_to_everyone(world: World) {
        let (county, city) = (world.municipality("Kouvola").await, world.municipality("Kotka").await);
        let at = found(&county).await;
        for caller in [&city.admin, &world.operator, &world.anonymous()] {
            caller.get(&at).await.refused(404, "request.not_found");
            assert!(caller.all("/api/v1/programmes").await.is_empty());
        }
        city.admin.change(&at, json!({"description": null})).await.refused(404, "request.not_found");
        let joins = |on| json!({"role": "observer", "joined_on": on});
        let member = format!("{at}/members/{}", city.id);
        city.join(&county.admin, &at, joins("2026-01-16")).await;
        // What it is to join, it sees at once; what the members see, from its first day on.
        city.viewer.get(&at).await.expect(200);
        county.admin.put(&member, joins("2026-01-15")).await.expect(200);
        city.viewer.get(&at).await.expect(200);
        let left = json!({"role": "observer", "joined_on": "2026-01-01", "left_on": "2026-01-15"});
        county.admin.put(&member, left).await.expect(200);
        city.viewer.get(&at).await.refused(404, "request.not_found");

        city.admin.act(&format!("{at}:activate")).await.refused(404, "request.not_found");
        county.editor.act(&format!("{at}:activate")).await.refused(403, "auth.forbidden");
        county.admin.act(&format!("{at}:close")).await.refused(409, "programme.not_active");
        county.admin.act(&format!("{at}:activate")).await.expect(200);
        assert_eq!(world.anonymous().get(&at).await.expect(200)["status"], "active");
        county.admin.act(&format!("{at}:activate")).await.refused(409, "programme.not_draft");
        city.admin.act(&format!("{at}:close")).await.refused(403, "auth.forbidden");
        county.admin.act(&format!("{at}:close")).await.expect(200);
        county.admin.change(&at, json!({"area": []})).await.refused(409, "programme.closed");
        assert_eq!(world.anonymous().get(&at).await.expect(200)["status"], "closed");
    }

    async fn a_coordinator_changes_the_version_that_it_has_seen(world: World) {
        let (county, city) = (world.municipality("Kouvola").await, world.municipality("Kotka").await);
        let at = active(&county, &[&city]).await;
        let version = county.admin.get(&at).await.expect(200)["version"].as_i64().unwrap();
        let patch = json!({"title": {"fi": "Uusi", "sv": "Ny"}, "description": {"fi": "Kuvaus"}});
        city.admin.patch(&at, version, patch.clone()).await.refused(403, "auth.forbidden");
        county.viewer.patch(&at, version, patch.clone()).await.refused(403, "auth.forbidden");
        county.admin.patch(&at, version - 1, patch.clone()).await.refused(412, "request.precondition_failed");
        let changed = county.admin.patch(&at, version, patch.clone()).await.expect(200);
        assert_eq!((&changed["title"], &changed["version"]), (&patch["title"], &json!(version + 1)));
        let unread = county.admin.request(reqwest::Method::PATCH, &at).json(&patch);
        county.admin.send(unread).await.refused(428, "request.precondition_required");
        county.admin.change(&at, json!({"description": null})).await.expect(200);
        let seen = world.anonymous().get(&at).await.expect(200);
        assert_eq!((&seen["description"], &seen["title"]), (&Value::Null, &patch["title"]));
    }

    async fn what_cannot_be_is_refused_with_its_place(world: World) {
        let county = world.municipality("Kouvola").await;
        let with = |name: &str, value: Value| {
            let mut body = plan(&county);
            body[name] = value;
            body
        };
        for (body, pointer, code) in [
            (with("title", json!({})), "/title", "no_language"),
            (with("title", Value::Null), "/title", "wrong_type"),
            (with("starts_on", json!("2026-02-30")), "/starts_on", "bad_value"),
            (with("ends_on", json!("2025-12-31")), "/ends_on", "before_start"),
            (with("area", json!(["49"])), "/area/0", "bad_municipality_code"),
            (with("area", json!(vec!["049"; 501])), "/area", "too_many"),
            (with("status", json!("active")), "/status", "unknown_member"),
        ] {
            let refused = county.admin.post("/api/v1/programmes", body).await.refused(422, "request.invalid");
            let place = &refused["errors"][0];
            assert_eq!((place["pointer"].as_str(), place["code"].as_str()), (Some(pointer), Some(code)), "{refused}");
        }
        assert!(county.admin.all("/api/v1/programmes").await.is_empty());
    }

    async fn programmes_are_listed_by_status_and_member(world: World) {
        let (county, city) = (world.municipality("Kouvola").await, world.municipality("Kotka").await);
        let (first, second) = (active(&county, &[]).await, active(&city, &[&county]).await);
        found(&county).await;
        let anyone = world.anonymous();
        let paths = |items: Vec<Value>| items.iter().map(|item| format!("/api/v1/programmes/{}", id(item))).collect::<Vec<_>>();
        assert_eq!(paths(anyone.all("/api/v1/programmes").await), [first, second.clone()]);
        assert_eq!(paths(anyone.all(&format!("/api/v1/programmes?member_id={}", city.id)).await), std::slice::from_ref(&second));
        assert_eq!(county.admin.all("/api/v1/programmes?status=draft").await.len(), 1);
        assert_eq!(county.admin.all("/api/v1/programmes?status=draft&status=active").await.len(), 3);
        assert!(anyone.all("/api/v1/programmes?updated_since=2026-01-16T00:00:00Z").await.is_empty());
        let page = anyone.get("/api/v1/programmes?limit=1").await.expect(200);
        assert_eq!(page["items"].as_array().unwrap().len(), 1);
        let rest = anyone.get(&format!("/api/v1/programmes?limit=1&cursor={}", page["next"].as_str().unwrap())).await;
        assert_eq!(paths(rest.expect(200)["items"].as_array().unwrap().clone()), std::slice::from_ref(&second));
        let members = anyone.get(&format!("{second}/members?limit=1")).await.expect(200);
        assert_eq!(members["items"].as_array().unwrap().len(), 1);
        assert_eq!(anyone.all(&format!("{second}/members")).await.len(), 2);
    }

    async fn the_last_coordinating_member_cannot_leave(world: World) {
        let (county, city) = (world.municipality("Kouvola").await, world.municipality("Kotka").await);
        let at = active(&county, &[]).await;
        let leaves = json!({"role": "coordinator", "joined_on": "2026-01-01", "left_on": "2026-06-01"});
        let own = format!("{at}/members/{}", county.id);
        county.admin.put(&own, leaves.clone()).await.refused(409, "programme.last_coordinator");
        let joins = json!({"role": "coordinator", "joined_on": "2026-05-01"});
        city.join(&county.admin, &at, joins).await;
        county.admin.put(&own, leaves).await.expect(200);
        // From that day on the appointed of the one that has left coordinate no more.
        world.set_clock("2026-05-31T20:30:00Z");
        let admin = world.renewed(&county.admin);
        admin.change(&at, json!({"area": []})).await.expect(200);
        world.set_clock("2026-05-31T21:30:00Z");
        let admin = world.renewed(&county.admin);
        admin.change(&at, json!({"area": []})).await.refused(403, "auth.forbidden");
    }

    async fn a_member_is_an_organisation_that_exists(world: World) {
        let county = world.municipality("Kouvola").await;
        let at = active(&county, &[]).await;
        let membership = json!({"role": "member", "joined_on": "2026-01-01"});
        let nobody = format!("{at}/members/00000000-0000-7000-8000-000000000000");
        county.admin.put(&nobody, membership.clone()).await.refused(404, "request.not_found");
        let own = format!("{at}/members/{}", county.id);
        let early = json!({"role": "coordinator", "joined_on": "2026-01-02", "left_on": "2026-01-01"});
        let refused = county.admin.put(&own, early).await.refused(422, "request.invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/left_on");
        county.viewer.put(&own, membership).await.refused(403, "auth.forbidden");
    }

    async fn coordinators_are_appointed_out_of_the_coordinating_members(world: World) {
        let (county, city) = (world.municipality("Kouvola").await, world.municipality("Kotka").await);
        let at = active(&county, &[&city]).await;
        let own = world.client(&county.id, &[(&county.id, Role::Viewer)], TokenScope::ALL).await;
        let (own_id, foreign_id) = (world.principal(&own), world.principal(&city.editor));
        let appointed = |id: &PrincipalId| format!("{at}/coordinators/{id}");
        own.change(&at, json!({"area": []})).await.refused(403, "auth.forbidden");
        county.editor.put(&appointed(&own_id), json!({})).await.refused(403, "auth.forbidden");
        city.admin.put(&appointed(&foreign_id), json!({})).await.refused(403, "auth.forbidden");
        county.admin.put(&appointed(&foreign_id), json!({})).await.refused(404, "request.not_found");
        county.admin.put(&appointed(&own_id), json!({})).await.expect(200);
        assert_eq!(own.change(&at, json!({"area": []})).await.expect(200)["permissions"]["edit"], true);
        assert_eq!(own.all(&format!("{at}/coordinators")).await.len(), 2);
        city.admin.get(&format!("{at}/coordinators")).await.refused(403, "auth.forbidden");
        county.admin.delete(&appointed(&own_id)).await.expect(200);
        own.change(&at, json!({"area": ["075"]})).await.refused(403, "auth.forbidden");
        county.admin.delete(&appointed(&own_id)).await.refused(404, "request.not_found");
    }

    async fn an_administrator_of_a_coordinating_member_appoints_its_own(world: World) {
        let (county, city) = (world.municipality("Kouvola").await, world.municipality("Kotka").await);
        let at = active(&county, &[]).await;
        let joins = json!({"role": "coordinator", "joined_on": "2026-01-01"});
        city.join(&county.admin, &at, joins).await;
        let editor = world.principal(&city.editor);
        let reporter = world.principal(&county.reporter);
        city.admin.put(&format!("{at}/coordinators/{reporter}"), json!({})).await.refused(404, "request.not_found");
        let changed = city.admin.put(&format!("{at}/coordinators/{editor}"), json!({})).await.expect(200);
        assert_eq!(changed["permissions"], json!({"edit": false, "appoint": true, "join": false, "leave": true}));
        city.editor.put(&format!("{at}/coordinators/{reporter}"), json!({})).await.expect(200);
        city.editor.put(&format!("{at}/coordinators/{reporter}"), json!({})).await.expect(200);
    }

    async fn a_change_of_a_part_is_a_change_of_the_programme(world: World) {
        let (county, city) = (world.municipality("Kouvola").await, world.municipality("Kotka").await);
        let at = active(&county, &[&city]).await;
        county.admin.post(&format!("{at}/goals"), json!({"code": "T1", "title": {"fi": "Tavoite"}})).await.expect(201);
        assert_eq!(county.admin.get(&at).await.expect(200)["version"], 5);
    }
}
