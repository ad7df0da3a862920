//! Membership needs consent: nobody is drawn into a programme, and nobody is disturbed by an invitation.

use crate::programmes::{active, found};
use serde_json::{Value, json};
use yhteen_tests::{Organisation, both};

fn terms(role: &str) -> Value {
    json!({"role": role, "joined_on": "2026-01-01"})
}

fn membership<'a>(programme: &'a Value, organisation: &Organisation) -> Option<&'a Value> {
    programme["members"].as_array().unwrap().iter().find(|it| it["organisation_id"] == organisation.id.as_str())
}

both! {
    async fn an_invitation_makes_nobody_a_member(world: World) {
        let (county, city, town) =
            (world.municipality("Hyvinvointialue").await, world.municipality("Kouvola").await, world.municipality("Kotka").await);
        let at = active(&county, &[&town]).await;
        let programme = at.rsplit('/').next().unwrap();
        // What partners share, the invited does not see.
        let plan = json!({"programme_id": programme, "organisation_id": town.id, "code": "A1",
            "title": {"fi": "Perhekeskus"}, "visibility": "partners"});
        let action = yhteen_tests::caller::id(&town.editor.post("/api/v1/actions", plan).await.expect(201));
        let action = format!("/api/v1/actions/{action}");
        town.editor.act(&format!("{action}:propose")).await.expect(200);
        let member = format!("{at}/members/{}", city.id);
        let invited = county.admin.put(&member, terms("member")).await.expect(200);
        assert_eq!(membership(&invited, &city).unwrap()["status"], "invited");
        city.viewer.get(&action).await.refused(404, "request.not_found");
        // It neither leads nor takes part.
        let own = json!({"programme_id": programme, "organisation_id": city.id, "code": "A2",
            "title": {"fi": "Oma"}, "visibility": "public"});
        city.editor.post("/api/v1/actions", own).await.refused(422, "request.invalid");
        // Its coordinators are none.
        let account = world.principal(&city.admin);
        county.admin.put(&member, terms("coordinator")).await.expect(200);
        city.admin.put(&format!("{at}/coordinators/{account}"), json!({})).await.refused(403, "auth.forbidden");

        let joined = city.admin.act(&format!("{member}:join")).await.expect(200);
        assert_eq!(membership(&joined, &city).unwrap()["status"], "joined");
        city.viewer.get(&action).await.expect(200);
    }

    async fn nobody_joins_for_another(world: World) {
        let (county, city, town) =
            (world.municipality("Hyvinvointialue").await, world.municipality("Kouvola").await, world.municipality("Kotka").await);
        let at = found(&county).await;
        let member = format!("{at}/members/{}", city.id);
        county.admin.put(&member, terms("member")).await.expect(200);
        for verb in ["join", "decline"] {
            let act = format!("{member}:{verb}");
            county.admin.act(&act).await.refused(403, "auth.forbidden");
            city.editor.act(&act).await.refused(403, "auth.forbidden");
            town.admin.act(&act).await.refused(404, "request.not_found");
            world.operator.act(&act).await.refused(404, "request.not_found");
        }
        // Who is not invited cannot join; and what is not there is not found.
        town.admin.act(&format!("{at}/members/{}:join", town.id)).await.refused(404, "request.not_found");
        city.admin.act(&format!("{member}:leave")).await.refused(409, "programme.membership");
        city.admin.act(&format!("{member}:join")).await.expect(200);
        city.admin.act(&format!("{member}:join")).await.refused(409, "programme.membership");
    }

    async fn whoever_has_declined_or_left_is_invited_again_and_not_put_back(world: World) {
        let (county, city) = (world.municipality("Hyvinvointialue").await, world.municipality("Kouvola").await);
        let at = found(&county).await;
        let member = format!("{at}/members/{}", city.id);
        county.admin.put(&member, terms("member")).await.expect(200);
        city.admin.act(&format!("{member}:decline")).await.expect(200);
        // The draft is out of its sight again.
        city.admin.get(&at).await.refused(404, "request.not_found");
        city.join(&county.admin, &at, terms("member")).await;
        city.admin.act(&format!("{member}:leave")).await.expect(200);
        city.admin.get(&at).await.refused(404, "request.not_found");
        let again = county.admin.put(&member, terms("member")).await.expect(200);
        assert_eq!(membership(&again, &city).unwrap()["status"], "invited");
        assert_eq!(city.admin.get(&at).await.expect(200)["permissions"]["join"], true);
    }

    async fn the_last_coordinating_member_cannot_be_replaced_by_an_invitation(world: World) {
        let (county, city) = (world.municipality("Hyvinvointialue").await, world.municipality("Kouvola").await);
        let at = found(&county).await;
        county.admin.put(&format!("{at}/members/{}", city.id), terms("coordinator")).await.expect(200);
        county.admin.act(&format!("{at}/members/{}:leave", county.id)).await.refused(409, "programme.last_coordinator");
        city.admin.act(&format!("{at}/members/{}:join", city.id)).await.expect(200);
        county.admin.act(&format!("{at}/members/{}:leave", county.id)).await.expect(200);
    }

    async fn an_invitation_to_a_draft_breaks_no_feed(world: World) {
        let (county, city) = (world.municipality("Hyvinvointialue").await, world.municipality("Kouvola").await);
        let at = found(&county).await;
        let cursor = |feed: &Value| feed["next"].as_str().unwrap().to_owned();
        crate::attacks::settled(&world).await;
        let before = cursor(&city.viewer.get("/api/v1/changes?after=now").await.expect(200));
        for _ in 0..3 {
            county.admin.put(&format!("{at}/members/{}", city.id), terms("member")).await.expect(200);
        }
        crate::attacks::settled(&world).await;
        let feed = city.viewer.get(&format!("/api/v1/changes?after={before}")).await.expect(200);
        let kinds: Vec<_> = feed["items"].as_array().unwrap().iter().map(|item| item["type"].clone()).collect();
        assert!(kinds.iter().all(|kind| kind == "programme.member_invited"), "{kinds:?}");
        // Declining neither: it ends with the draft going out of sight.
        let next = cursor(&feed);
        city.admin.act(&format!("{at}/members/{}:decline", city.id)).await.expect(200);
        crate::attacks::settled(&world).await;
        let feed = city.viewer.get(&format!("/api/v1/changes?after={next}")).await.expect(200);
        assert_eq!(feed["items"].as_array().unwrap().last().unwrap()["tombstone"], true);
    }

    async fn who_is_invited_or_has_declined_the_world_does_not_learn(world: World) {
        let (county, city, town) =
            (world.municipality("Hyvinvointialue").await, world.municipality("Kouvola").await, world.municipality("Kotka").await);
        let at = active(&county, &[]).await;
        let member = format!("{at}/members/{}", city.id);
        county.admin.put(&member, terms("member")).await.expect(200);
        for declined in [false, true] {
            if declined {
                city.admin.act(&format!("{member}:decline")).await.expect(200);
            }
            for stranger in [&town.admin, &world.anonymous()] {
                assert!(membership(&stranger.get(&at).await.expect(200), &city).is_none());
                assert_eq!(stranger.all(&format!("{at}/members")).await.len(), 1);
                assert!(stranger.all(&format!("/api/v1/programmes?member_id={}", city.id)).await.is_empty());
            }
            for concerned in [&county.viewer, &city.viewer] {
                assert!(membership(&concerned.get(&at).await.expect(200), &city).is_some());
                assert_eq!(concerned.all(&format!("{at}/members")).await.len(), 2);
            }
            assert_eq!(city.viewer.all(&format!("/api/v1/programmes?member_id={}", city.id)).await.len(), 1);
        }
    }
}
