//! A conflict tells of nothing that its reader may not see.

use crate::actions::region;
use serde_json::json;
use yhteen_tests::both;

both! {
    async fn the_code_of_a_hidden_draft_stands_in_nobodys_way(world: World) {
        let region = region(&world).await;
        let hidden = region.draft("A1", "private").await;
        let mut plan = region.plan("A1", "public");
        plan["organisation_id"] = json!(region.town.id);
        let made = region.town.editor.post("/api/v1/actions", plan).await.expect(201);
        let own = format!("/api/v1/actions/{}", yhteen_tests::caller::id(&made));
        // Neither does changing the code tell anything.
        region.town.editor.change(&own, json!({"code": "A2"})).await.expect(200);
        region.town.editor.change(&own, json!({"code": "A1"})).await.expect(200);
        // Within one organisation a code is given once; it sees all of its own.
        region.city.editor.post("/api/v1/actions", region.plan("A1", "public")).await
            .refused(409, "request.already_exists");

        // Whoever proposes first has the code in the programme.
        region.town.editor.act(&format!("{own}:propose")).await.expect(200);
        region.city.editor.act(&format!("{hidden}:propose")).await.refused(409, "request.already_exists");
        region.city.editor.change(&hidden, json!({"code": "A3"})).await.expect(200);
        region.city.editor.act(&format!("{hidden}:propose")).await.expect(200);
        region.town.editor.change(&own, json!({"code": "A3"})).await.refused(409, "request.already_exists");
    }

    async fn a_draft_that_was_cancelled_keeps_no_code_from_others(world: World) {
        let region = region(&world).await;
        let hidden = region.draft("A1", "private").await;
        region.city.editor.act(&format!("{hidden}:cancel")).await.expect(200);
        let mut plan = region.plan("A1", "public");
        plan["organisation_id"] = json!(region.town.id);
        let made = region.town.editor.post("/api/v1/actions", plan).await.expect(201);
        let own = format!("/api/v1/actions/{}:propose", yhteen_tests::caller::id(&made));
        region.town.editor.act(&own).await.expect(200);
    }
}
