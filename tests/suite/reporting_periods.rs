//! Reporting periods: opened and locked by the coordinators, with more time for single organisations.

use crate::programmes::{active, found};
use serde_json::{Value, json};
use yhteen_tests::caller::id;
use yhteen_tests::{Caller, both};

pub(crate) fn year() -> Value {
    json!({
        "code": "2026", "kind": "annual", "starts_on": "2026-01-01", "ends_on": "2026-12-31",
        "opens_on": "2026-01-10", "due_on": "2026-02-28"
    })
}

/// A new reporting period of the programme.
pub(crate) async fn period(coordinator: &Caller, programme: &str, body: Value) -> String {
    id(&coordinator.post(&format!("{programme}/reporting-periods"), body).await.expect(201))
}

both! {
    async fn a_coordinator_opens_locks_and_deletes_a_period(world: World) {
        let (county, city) = (world.municipality("Kouvola").await, world.municipality("Kotka").await);
        let at = active(&county, &[&city]).await;
        city.admin.post(&format!("{at}/reporting-periods"), year()).await.refused(403, "auth.forbidden");
        let made = county.admin.post(&format!("{at}/reporting-periods"), year()).await;
        let path = made.header("location").unwrap().to_owned();
        let made = made.expect(201);
        assert_eq!((&made["locked"], &made["extensions"]), (&json!(false), &json!([])));
        county.admin.post(&format!("{at}/reporting-periods"), year()).await.refused(409, "request.already_exists");
        assert_eq!(world.anonymous().get(&path).await.expect(200)["code"], "2026");
        city.admin.change(&path, json!({"locked": true})).await.refused(403, "auth.forbidden");
        county.admin.patch(&path, 4, json!({"locked": true})).await.refused(412, "request.precondition_failed");
        assert_eq!(county.admin.patch(&path, 5, json!({"locked": true})).await.expect(200)["locked"], true);
        assert_eq!(county.admin.change(&path, json!({"locked": false})).await.expect(200)["locked"], false);
        city.admin.delete(&path).await.refused(403, "auth.forbidden");
        assert_eq!(county.admin.delete(&path).await.status, 204);
        county.admin.get(&path).await.refused(404, "request.not_found");
    }

    async fn periods_of_a_draft_are_hidden_with_it(world: World) {
        let (county, city) = (world.municipality("Kouvola").await, world.municipality("Kotka").await);
        let at = found(&county).await;
        let path = format!("/api/v1/reporting-periods/{}", period(&county.admin, &at, year()).await);
        county.viewer.get(&path).await.expect(200);
        for caller in [&city.admin, &world.anonymous()] {
            caller.get(&path).await.refused(404, "request.not_found");
            caller.get(&format!("{at}/reporting-periods")).await.refused(404, "request.not_found");
        }
        let extension = format!("{path}/extensions/{}", city.id);
        city.admin.put(&extension, json!({"until": "2026-03-31"})).await.refused(404, "request.not_found");
    }

    async fn periods_are_listed_by_their_first_day(world: World) {
        let county = world.municipality("Kouvola").await;
        let at = active(&county, &[]).await;
        for (code, starts_on) in [("2026H2", "2026-07-01"), ("2026", "2026-01-01"), ("2026H1", "2026-01-01")] {
            let mut body = year();
            (body["code"], body["starts_on"]) = (json!(code), json!(starts_on));
            period(&county.admin, &at, body).await;
        }
        let page = world.anonymous().get(&format!("{at}/reporting-periods?limit=2")).await.expect(200);
        let rest = format!("{at}/reporting-periods?limit=2&cursor={}", page["next"].as_str().unwrap());
        let rest = world.anonymous().get(&rest).await.expect(200);
        let items = page["items"].as_array().unwrap().iter().chain(rest["items"].as_array().unwrap());
        let codes: Vec<_> = items.map(|item| item["code"].as_str().unwrap()).collect();
        assert_eq!(codes, ["2026", "2026H1", "2026H2"]);
    }

    async fn an_extension_is_shown_to_the_coordinators_and_to_whom_it_is_granted(world: World) {
        let (county, city) = (world.municipality("Kouvola").await, world.municipality("Kotka").await);
        let at = active(&county, &[&city]).await;
        let path = format!("/api/v1/reporting-periods/{}", period(&county.admin, &at, year()).await);
        let extension = format!("{path}/extensions/{}", city.id);
        city.admin.put(&extension, json!({"until": "2026-03-31"})).await.refused(403, "auth.forbidden");
        county.admin.delete(&extension).await.refused(404, "request.not_found");
        county.admin.put(&extension, json!({"until": "2026-03-15"})).await.expect(200);
        let granted = json!([{"organisation_id": city.id, "until": "2026-03-31"}]);
        let changed = county.admin.put(&extension, json!({"until": "2026-03-31"})).await.expect(200);
        assert_eq!(changed["extensions"], granted);
        assert_eq!(city.viewer.get(&path).await.expect(200)["extensions"], granted);
        assert_eq!(county.viewer.get(&path).await.expect(200)["extensions"], json!([]));
        assert_eq!(world.anonymous().get(&path).await.expect(200)["extensions"], json!([]));
        assert_eq!(county.admin.delete(&extension).await.expect(200)["extensions"], json!([]));
        let nobody = format!("{path}/extensions/00000000-0000-7000-8000-000000000000");
        county.admin.put(&nobody, json!({"until": "2026-03-31"})).await.refused(404, "request.not_found");
        county.admin.put(&extension, json!({"until": "2026-03-31"})).await.expect(200);
        assert_eq!(county.admin.delete(&path).await.status, 204);
    }

    async fn what_cannot_be_is_refused_with_its_place(world: World) {
        let county = world.municipality("Kouvola").await;
        let at = active(&county, &[]).await;
        for (name, value, code) in [
            ("code", json!(""), "bad_code"),
            ("kind", json!("weekly"), "not_in_vocabulary"),
            ("ends_on", json!("2025-12-31"), "before_start"),
            ("due_on", json!("2026-01-09"), "before_start"),
            ("opens_on", json!(1), "wrong_type"),
            ("locked", json!(true), "unknown_member"),
        ] {
            let mut body = year();
            body[name] = value;
            let refused = county.admin.post(&format!("{at}/reporting-periods"), body).await.refused(422, "request.invalid");
            let place = &refused["errors"][0];
            assert_eq!(place["pointer"], format!("/{name}"), "{refused}");
            assert_eq!(place["code"], code, "{refused}");
        }
        let path = format!("/api/v1/reporting-periods/{}", period(&county.admin, &at, year()).await);
        let refused = county.admin.change(&path, json!({"starts_on": "2027-01-01"})).await.refused(422, "request.invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/ends_on");
        county.admin.change(&path, json!({"locked": null})).await.refused(422, "request.invalid");
    }
}
