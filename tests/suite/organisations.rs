//! Organisations: known to everyone, made by the operator.

use serde_json::json;
use yhteen_tests::{both, caller::id};

both! {
    async fn an_organisation_is_made_by_the_operator_and_known_to_everyone(world: World) {
        let body = json!({"name": {"fi": "Kouvola", "sv": "Kouvola"}, "kind": "municipality", "business_id": "0161075-9"});
        let created = world.operator.post("/api/v1/organisations", body.clone()).await;
        let location = created.header("location").unwrap().to_owned();
        let etag = created.header("etag").unwrap().to_owned();
        let made = created.expect(201);
        assert_eq!(made["permissions"], json!({"edit": true, "administer": true, "manage_accounts": false, "suspend": true}));

        let seen = world.anonymous().get(&location).await.expect(200);
        assert_eq!(seen["name"], body["name"]);
        assert_eq!(seen["permissions"], json!({"edit": false, "administer": false, "manage_accounts": false, "suspend": false}));

        let known = world.operator.request(reqwest::Method::GET, &location).header("if-none-match", etag);
        assert_eq!(world.operator.send(known).await.status, 304);

        let kotka = world.municipality("Kotka").await;
        kotka.admin.post("/api/v1/organisations", body).await.refused(403, "auth.forbidden");
        let at = format!("/api/v1/organisations/{}", kotka.id);
        kotka.admin.patch(&at, 1, json!({"website": "https://kotka.example.org/"})).await.expect(200);
        kotka.admin.patch(&at, 1, json!({"website": null})).await.refused(412, "request.precondition_failed");
        kotka.admin.patch(&at, 2, json!({"kind": "ngo"})).await.refused(403, "auth.forbidden");
        kotka.editor.patch(&at, 2, json!({"website": null})).await.refused(403, "auth.forbidden");
        assert_eq!(world.anonymous().get(&at).await.expect(200)["version"], 2);
    }

    async fn a_repeated_request_changes_nothing_more(world: World) {
        let send = |name: &'static str| {
            let body = json!({"name": {"fi": name}, "kind": "ngo"});
            let request = world.operator.request(reqwest::Method::POST, "/api/v1/organisations");
            world.operator.send(request.header("idempotency-key", "one").json(&body))
        };
        let first = send("Järjestö").await.expect(201);
        assert_eq!(send("Järjestö").await.expect(201), first);
        send("Toinen").await.refused(422, "idempotency.key_reused");
        assert_eq!(world.anonymous().all("/api/v1/organisations").await.len(), 1);
    }

    async fn superiors_form_no_ring(world: World) {
        let city = world.municipality("Kaupunki").await;
        let office = world.part_of(Some(&city.id), "Toimiala", "other").await;
        let at = format!("/api/v1/organisations/{}", city.id);
        let ring = world.operator.change(&at, json!({"parent_id": office.id})).await.refused(422, "organisation.ring");
        assert_eq!(ring["errors"][0]["pointer"], "/parent_id");
        let nothing = json!({"parent_id": "00000000-0000-7000-8000-000000000000"});
        let dangling = world.operator.change(&at, nothing).await.refused(422, "request.invalid");
        assert_eq!(dangling["errors"][0]["code"], "unknown_reference");
        // A parent's rights reach its parts.
        let part = format!("/api/v1/organisations/{}", office.id);
        city.admin.change(&part, json!({"contact_email": "Kirjaamo@Example.org"})).await.expect(200);
        office.admin.change(&at, json!({"website": null})).await.refused(403, "auth.forbidden");
    }

    async fn successors_form_no_ring_either(world: World) {
        let (old, new) = (world.municipality("Kymsote").await, world.municipality("Hyvinvointialue").await);
        let office = world.part_of(Some(&old.id), "Toimiala", "other").await;
        let at = |of: &str| format!("/api/v1/organisations/{of}");
        let succeeds = |of: &str| json!({"successor_id": of, "succeeded_on": "2027-01-01"});
        world.operator.change(&at(&old.id), succeeds(&new.id)).await.expect(200);
        for (of, patch, pointer) in [
            (&new.id, succeeds(&old.id), "/successor_id"),
            (&new.id, succeeds(&office.id), "/successor_id"),
            (&new.id, json!({"parent_id": office.id}), "/parent_id"),
            (&old.id, succeeds(&office.id), "/successor_id"),
        ] {
            let ring = world.operator.change(&at(of), patch.clone()).await.refused(422, "organisation.ring");
            assert_eq!(ring["errors"][0]["pointer"], pointer, "{patch}");
        }
    }

    async fn rights_follow_a_change_of_superiors_at_once(world: World) {
        let (city, office) = (world.municipality("Kotka").await, world.municipality("Sivistystoimi").await);
        let body = json!({"organisation_id": office.id, "name": {"fi": "Johtoryhmä"}, "kind": "other", "visibility": "private",
            "agenda_lead": {"days": 7, "time": "12:00"}, "minutes_publication_days": 7});
        let body = format!("/api/v1/bodies/{}", id(&office.admin.post("/api/v1/bodies", body).await.expect(201)));
        let at = format!("/api/v1/organisations/{}", office.id);
        city.viewer.get(&body).await.refused(404, "request.not_found");
        for (ties, unties) in [
            (json!({"parent_id": city.id}), json!({"parent_id": null})),
            (
                json!({"successor_id": city.id, "succeeded_on": "2026-01-15"}),
                json!({"successor_id": null, "succeeded_on": null}),
            ),
        ] {
            world.operator.change(&at, ties).await.expect(200);
            city.viewer.get(&body).await.expect(200);
            world.operator.change(&at, unties).await.expect(200);
            city.viewer.get(&body).await.refused(404, "request.not_found");
        }
    }

    async fn a_list_is_read_page_by_page(world: World) {
        let mut made = Vec::new();
        for number in 0..7 {
            let kind = if number % 2 == 0 { "ngo" } else { "parish" };
            let body = json!({"name": {"fi": format!("Järjestö {number}")}, "kind": kind});
            made.push(id(&world.operator.post("/api/v1/organisations", body).await.expect(201)));
        }
        let anyone = world.anonymous();
        let page = anyone.get("/api/v1/organisations?limit=3").await;
        assert!(page.header("link").unwrap().contains("rel=\"next\""));
        let page = page.expect(200);
        let cursor = page["next"].as_str().unwrap();
        assert_eq!(page["items"].as_array().unwrap().len(), 3);
        let rest = anyone.get(&format!("/api/v1/organisations?limit=200&cursor={cursor}")).await.expect(200);
        let ids: Vec<_> = page["items"].as_array().unwrap().iter().chain(rest["items"].as_array().unwrap()).map(id).collect();
        assert_eq!(ids, made);
        assert_eq!(rest["next"], serde_json::Value::Null);
        assert_eq!(anyone.all("/api/v1/organisations?kind=ngo").await.len(), 4);
        assert_eq!(anyone.all("/api/v1/organisations?kind=ngo&kind=parish").await.len(), 7);
        // A cursor is good for its own list alone.
        anyone.get(&format!("/api/v1/organisations?kind=ngo&cursor={cursor}")).await.refused(400, "request.bad_cursor");
        anyone.get(&format!("/api/v1/organisations?cursor=x{cursor}")).await.refused(400, "request.bad_cursor");
        let unknown = anyone.get("/api/v1/organisations?kinds=ngo").await.refused(400, "request.bad_parameter");
        assert_eq!(unknown["errors"][0]["pointer"], "?kinds");
        assert!(unknown["detail"].as_str().unwrap().contains("did you mean kind?"));
    }
}
