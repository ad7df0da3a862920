//! How many statements a request needs does not grow with what there is.
//!
//! External ids, which are shown to their own organisation alone, take one more: see `external_ids.rs`.

use crate::bodies::body;
use crate::reports::Stage;
use crate::seed::{self, Seen};
use serde_json::json;
use yhteen_tests::{World, both};

/// How many statements it takes to read a path without signing in.
pub(crate) async fn count(world: &World, path: &str) -> usize {
    let anyone = world.anonymous();
    world.statements(async { anyone.get(path).await.expect(200) }).await.len()
}

both! {
    async fn a_page_takes_as_many_statements_whatever_its_size(world: World) {
        let stage = Stage::new(&world, Seen::ByEveryone).await;
        let parts = [(&stage.lead, "accountable", "committed"), (&stage.city, "implementing", "committed")];
        let body = body(&stage.city, "committee").await;
        for day in 1..=12 {
            seed::action(&world, &stage.programme, "agreed", &parts, Seen::ByEveryone).await;
            let new = json!({"starts_at": format!("2026-03-{day:02}T14:00:00Z"), "tags": ["budget"]});
            stage.city.editor.post(&format!("/api/v1/bodies/{body}/meetings"), new).await.expect(201);
            world.municipality("Kunta").await;
            stage.accepted(&stage.city).await;
        }
        let lists = [
            ("/api/v1/organisations?", 1),
            ("/api/v1/meetings?", 1),
            ("/api/v1/bodies?", 1),
            ("/api/v1/reports?", 1),
            ("/api/v1/actions?", 3),
            ("/api/v1/actions?include=participants&", 3),
            ("/api/v1/actions?sort=-updated_at&", 3),
        ];
        for (list, expect) in lists {
            let items = world.anonymous().get(&format!("{list}limit=200")).await.expect(200)["items"].clone();
            for limit in [1, 2, 10, 200] {
                let path = format!("{list}limit={limit}");
                let counted = count(&world, &path).await;
                assert_eq!(counted, expect, "{path}, {} in all", items.as_array().unwrap().len());
            }
        }
    }
}
