//! Rights end with the organisation: its people read what they could, and write nothing.

use crate::actions::region;
use crate::programmes::{active, found};
use serde_json::{Value, json};
use yhteen_domain::roles::{Role, TokenScope};
use yhteen_domain::vocabulary::Vocabulary;
use yhteen_tests::{Organisation, World, both};

/// Ends an organisation by these details.
async fn end(world: &World, organisation: &Organisation, details: Value) {
    world.operator.change(&format!("/api/v1/organisations/{}", organisation.id), details).await.expect(200);
}

fn body(organisation: &Organisation) -> Value {
    crate::attacks::body(organisation, "public")
}

both! {
    async fn the_last_day_of_an_organisation_is_the_last_on_which_its_people_write(world: World) {
        let city = world.municipality("Kouvola").await;
        end(&world, &city, json!({"valid_to": "2026-01-20"})).await;
        // Finland's day ends two hours before that of UTC.
        world.set_clock("2026-01-20T21:59:00Z");
        world.renewed(&city.admin).post("/api/v1/bodies", body(&city)).await.expect(201);
        world.set_clock("2026-01-20T22:00:00Z");
        world.renewed(&city.admin).post("/api/v1/bodies", body(&city)).await.refused(403, "organisation.ended");
    }

    async fn after_it_has_ended_its_drafts_are_read_and_changed_by_nobody_of_its_own(world: World) {
        let region = region(&world).await;
        let draft = region.draft("A1", "private").await;
        end(&world, &region.city, json!({"valid_to": "2026-01-20"})).await;
        world.set_clock("2026-01-21T10:00:00Z");
        let (editor, admin) = (world.renewed(&region.city.editor), world.renewed(&region.city.admin));
        let seen = editor.get(&draft).await.expect(200);
        let permissions = seen["permissions"].as_object().unwrap();
        assert!(permissions.values().all(|allowed| allowed == false), "{permissions:?}");
        editor.change(&draft, json!({"title": {"fi": "Uusi"}})).await.refused(403, "organisation.ended");
        editor.act(&format!("{draft}:propose")).await.refused(403, "organisation.ended");
        editor.delete(&draft).await.refused(403, "organisation.ended");
        editor.post("/api/v1/actions", region.plan("A2", "private")).await.refused(403, "organisation.ended");
        // Its accounts are still read by its administrators, and no longer changed.
        assert_eq!(admin.all("/api/v1/clients").await.len(), 4);
        let user = json!({"organisation_id": region.city.id, "name": "Uusi", "email": "uusi@example.org"});
        admin.post("/api/v1/users", user).await.refused(403, "organisation.ended");
        let me = admin.get("/api/v1/me").await.expect(200);
        assert_eq!(me["roles"], json!([{"organisation_id": region.city.id, "role": "admin", "read_only": true}]));
        // What its own account needs stays in its own hands.
        admin.post("/api/v1/calendar-feeds", json!({"language": "fi"})).await.expect(201);
    }

    async fn what_it_was_given_in_a_living_organisation_stays(world: World) {
        let (city, town) = (world.municipality("Kouvola").await, world.municipality("Kotka").await);
        let both = [(city.id.as_str(), Role::Admin), (town.id.as_str(), Role::Admin)];
        let admin = world.client(&city.id, &both, TokenScope::ALL).await;
        end(&world, &city, json!({"valid_to": "2026-01-14"})).await;
        admin.post("/api/v1/bodies", body(&city)).await.refused(403, "organisation.ended");
        admin.post("/api/v1/bodies", body(&town)).await.expect(201);
    }

    async fn a_successor_acts_for_its_predecessor_whose_people_get_nothing_in_it(world: World) {
        let (old, new) = (world.municipality("Kymsote").await, world.municipality("Hyvinvointialue").await);
        let private = crate::attacks::body(&old, "private");
        let made = old.admin.post("/api/v1/bodies", private).await.expect(201);
        let at = format!("/api/v1/bodies/{}", yhteen_tests::caller::id(&made));
        end(&world, &old, json!({"successor_id": new.id, "succeeded_on": "2026-01-20"})).await;
        old.admin.change(&at, json!({"minutes_publication_days": 5})).await.expect(200);
        new.admin.get(&at).await.refused(404, "request.not_found");

        world.set_clock("2026-01-20T10:00:00Z");
        let (old_admin, new_admin) = (world.renewed(&old.admin), world.renewed(&new.admin));
        let change = json!({"minutes_publication_days": 6});
        old_admin.change(&at, change.clone()).await.refused(403, "organisation.ended");
        assert_eq!(old_admin.get(&at).await.expect(200)["permissions"]["edit"], false);
        assert_eq!(new_admin.change(&at, change).await.expect(200)["permissions"]["edit"], true);
        old_admin.post("/api/v1/bodies", body(&new)).await.refused(403, "auth.forbidden");
        new_admin.post("/api/v1/bodies", body(&old)).await.expect(201);
    }

    async fn an_ended_parent_carries_no_authority_over_its_parts(world: World) {
        let city = world.municipality("Kouvola").await;
        let office = world.part_of(Some(&city.id), "Sivistystoimi", "municipality").await;
        city.admin.post("/api/v1/bodies", body(&office)).await.expect(201);
        end(&world, &city, json!({"valid_to": "2026-01-14"})).await;
        city.admin.post("/api/v1/bodies", body(&office)).await.refused(403, "organisation.ended");
        assert_eq!(city.admin.all(&format!("/api/v1/clients?organisation_id={}", office.id)).await.len(), 4);
        // The part goes on by itself, until it ends.
        office.admin.post("/api/v1/bodies", body(&office)).await.expect(201);
    }

    async fn a_parent_acts_for_a_part_that_has_ended(world: World) {
        let city = world.municipality("Kouvola").await;
        let office = world.part_of(Some(&city.id), "Sivistystoimi", "municipality").await;
        end(&world, &office, json!({"valid_to": "2026-01-14"})).await;
        office.admin.post("/api/v1/bodies", body(&office)).await.refused(403, "organisation.ended");
        city.admin.post("/api/v1/bodies", body(&office)).await.expect(201);
    }

    async fn a_coordinator_whose_only_organisation_has_ended_reads_and_coordinates_no_more(world: World) {
        let (county, city) = (world.municipality("Hyvinvointialue").await, world.municipality("Kouvola").await);
        let at = found(&county).await;
        city.join(&county.admin, &at, json!({"role": "coordinator", "joined_on": "2026-01-01"})).await;
        end(&world, &county, json!({"valid_to": "2026-01-14"})).await;
        let seen = county.admin.get(&at).await.expect(200);
        assert_eq!(seen["permissions"], json!({"edit": false, "appoint": false, "join": false, "leave": false}));
        county.admin.change(&at, json!({"area": []})).await.refused(403, "organisation.ended");
        county.admin.act(&format!("{at}:activate")).await.refused(403, "organisation.ended");
        assert_eq!(county.admin.all(&format!("{at}/coordinators")).await.len(), 1);
        assert_eq!(county.admin.get("/api/v1/me").await.expect(200)["coordinates"], json!([]));
        let account = world.principal(&county.editor);
        county.admin.put(&format!("{at}/coordinators/{account}"), json!({})).await.refused(403, "auth.forbidden");
    }

    async fn a_calendar_feed_goes_on_when_the_organisation_of_its_owner_has_ended(world: World) {
        let city = world.municipality("Kouvola").await;
        let private = crate::attacks::body(&city, "private");
        let made = city.admin.post("/api/v1/bodies", private).await.expect(201);
        let meetings = format!("/api/v1/bodies/{}/meetings", yhteen_tests::caller::id(&made));
        city.editor.post(&meetings, json!({"starts_at": "2026-03-02T14:00:00Z"})).await.expect(201);
        let feed = city.viewer.post("/api/v1/calendar-feeds", json!({"language": "fi"})).await.expect(201);
        let url = feed["url"].as_str().unwrap();
        end(&world, &city, json!({"valid_to": "2026-01-14"})).await;
        let file = world.anonymous().get(url).await;
        assert!(file.text.contains("Lautakunta"), "{}", file.text);
    }

    async fn a_repeated_write_is_not_answered_again_to_whoever_may_no_longer_write(world: World) {
        let city = world.municipality("Kouvola").await;
        let send = || {
            let request = city.admin.request(reqwest::Method::POST, "/api/v1/bodies");
            city.admin.send(request.header("idempotency-key", "one").json(&body(&city)))
        };
        send().await.expect(201);
        end(&world, &city, json!({"valid_to": "2026-01-14"})).await;
        send().await.refused(403, "organisation.ended");
    }

    async fn an_ended_member_still_sees_what_the_members_of_a_programme_see(world: World) {
        let (county, city) = (world.municipality("Hyvinvointialue").await, world.municipality("Kouvola").await);
        let at = active(&county, &[&city]).await;
        end(&world, &city, json!({"valid_to": "2026-01-14"})).await;
        city.viewer.get(&at).await.expect(200);
        city.admin.act(&format!("{at}/members/{}:leave", city.id)).await.refused(403, "organisation.ended");
    }
}
