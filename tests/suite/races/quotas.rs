//! Races for the last place that a quota leaves.

use super::{LANES, side_by_side};
use crate::bodies::body;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use yhteen_domain::quotas::Quotas;
use yhteen_tests::both;

/// How many meetings are added at once, and how many there may be.
const PLACES: u32 = 40;

both! {
    async fn many_who_add_at_once_fill_the_quota_and_no_more(world: World) {
        let quotas = Quotas { meetings_per_body_and_year: PLACES, feeds_per_organisation: PLACES, ..Quotas::default() };
        let world = world.with_quotas(quotas).await;
        let city = world.municipality("Kotka").await;
        let of = body(&city, "committee").await;
        let done = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
        side_by_side((0..LANES).map(|lane| {
            let (city, of, done) = (city.clone(), of.clone(), Arc::clone(&done));
            // Feeds of four accounts, which are not kept apart by the lock of one.
            let owner = [&city.admin, &city.editor, &city.reporter, &city.viewer][lane % 4].clone();
            async move {
                for round in 0..PLACES / 4 {
                    let new = json!({"starts_at": format!("2026-03-{:02}T1{lane}:00:00Z", round + 1)});
                    let reply = city.editor.post(&format!("/api/v1/bodies/{of}/meetings"), new).await;
                    let feed = owner.post("/api/v1/calendar-feeds", json!({"language": "fi"})).await;
                    for (reply, done) in [reply, feed].into_iter().zip(done.iter()) {
                        if reply.status == 201 {
                            done.fetch_add(1, Ordering::Relaxed);
                        } else {
                            reply.refused(409, "quota.reached");
                        }
                    }
                }
            }
        }))
        .await;
        let places = PLACES as usize;
        assert_eq!(done.each_ref().map(|count| count.load(Ordering::Relaxed)), [places, places]);
        assert_eq!(world.anonymous().all("/api/v1/meetings").await.len(), places);
    }
}
