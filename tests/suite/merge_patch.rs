//! Merge patches of localised texts (RFC 7396): a language that is not named stays, wherever texts are patched.

use crate::bodies::body;
use crate::reports::Stage;
use crate::seed::Seen;
use serde_json::json;
use yhteen_tests::caller::id;
use yhteen_tests::{Caller, both};

/// Patches one text in every way, as somebody who may.
async fn check(caller: &Caller, path: &str, member: &str, may_be_null: bool) {
    let at = format!("/{member}");
    let patch = async |text| caller.change(path, json!({member: text})).await;
    let text = async || caller.get(path).await.expect(200)[member].clone();
    patch(json!({"fi": "Suomi", "sv": "Svenska", "en": null})).await.expect(200);
    assert_eq!(text().await, json!({"fi": "Suomi", "sv": "Svenska"}), "{path}{at}");
    let changed = patch(json!({"en": "English"})).await.expect(200);
    assert_eq!(changed[member], json!({"fi": "Suomi", "sv": "Svenska", "en": "English"}), "{path}{at}");
    patch(json!({"sv": null, "fi": "Uusi"})).await.expect(200);
    assert_eq!(text().await, json!({"fi": "Uusi", "en": "English"}), "{path}{at}");
    let refused = patch(json!({"fi": null, "en": null})).await.refused(422, "request.invalid");
    assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!(at), &json!("no_language")));
    patch(json!({"fi": ""})).await.refused(422, "request.invalid");
    patch(json!({"de": "Deutsch"})).await.refused(422, "request.invalid");
    assert_eq!(text().await, json!({"fi": "Uusi", "en": "English"}), "{path}{at}");
    if may_be_null {
        patch(json!(null)).await.expect(200);
        patch(json!({})).await.refused(422, "request.invalid");
        patch(json!({"sv": "Ny"})).await.expect(200);
        assert_eq!(text().await, json!({"sv": "Ny"}), "{path}{at}");
    } else {
        patch(json!(null)).await.refused(422, "request.invalid");
    }
}

both! {
    async fn a_patch_keeps_the_languages_that_it_does_not_name(world: World) {
        let stage = Stage::new(&world, Seen::ByEveryone).await;
        let lead = &stage.lead;
        check(&lead.admin, &format!("/api/v1/organisations/{}", lead.id), "name", false).await;
        check(&stage.county.admin, &stage.programme, "title", false).await;
        check(&stage.county.admin, &stage.programme, "description", true).await;
        let goal = json!({"code": "T1", "title": {"fi": "Tavoite"}});
        let goal = stage.county.admin.post(&format!("{}/goals", stage.programme), goal).await.expect(201);
        let goal = format!("/api/v1/goals/{}", id(&goal));
        check(&stage.county.admin, &goal, "title", false).await;
        check(&stage.county.admin, &goal, "description", true).await;
        let action = format!("/api/v1/actions/{}", stage.action);
        check(&lead.editor, &action, "title", false).await;
        check(&lead.editor, &action, "description", true).await;
        let body = format!("/api/v1/bodies/{}", body(lead, "board").await);
        check(&lead.admin, &body, "name", false).await;
        let step = json!({"body_id": body.rsplit('/').next(), "title": {"fi": "Lautakunta päättää"}, "function": "decision", "authoritative": false});
        let step = lead.editor.post(&format!("{action}/decision-steps"), step).await.expect(201);
        check(&lead.editor, &format!("/api/v1/decision-steps/{}", id(&step)), "title", false).await;
        let report = stage.draft(lead).await;
        for member in ["summary", "achievements", "obstacles", "participation"] {
            check(&lead.reporter, &report, member, true).await;
        }
    }
}
