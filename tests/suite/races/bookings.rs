//! Races for bookings: plans booked against each other while a meeting is cancelled.

use super::{Ends, LANES, ROUNDS, side_by_side};
use crate::actions::region;
use crate::bookings::plan::Plan;
use serde_json::{Value, json};
use std::sync::Arc;
use yhteen_tests::both;

/// The city and the town book the plan at once, while the town cancels the first meeting of its board.
async fn race(plan: Arc<Plan>, round: usize, ends: &Ends) {
    let (city, town) = (plan.region.city.editor.clone(), plan.region.town.editor.clone());
    let digest = plan.digest(&city).await;
    let first = format!("/api/v1/meetings/{}:cancel", plan.meetings[1][0]);
    let by = |caller: &yhteen_tests::Caller| {
        let (plan, digest, caller) = (Arc::clone(&plan), digest.clone(), caller.clone());
        tokio::spawn(async move { plan.book(&caller, &digest).await })
    };
    let cancel = {
        let town = town.clone();
        async move { town.act(&first).await.expect(200) }
    };
    let mut books = Vec::new();
    let cancelled = if round.is_multiple_of(3) {
        let cancelled = tokio::spawn(cancel);
        books.extend([by(&city), by(&town)]);
        cancelled
    } else {
        books.push(by(&city));
        let cancelled = tokio::spawn(cancel);
        books.push(by(&town));
        cancelled
    };
    cancelled.await.unwrap();
    let mut booked = 0;
    for book in books {
        let reply = book.await.unwrap();
        if reply.status == 200 {
            reply.expect(200);
            booked += 1;
        } else {
            // Somebody else came first, or the meeting was gone.
            assert_eq!(reply.status, 409);
        }
    }
    ends.count(booked == 0);
    let bookings = plan.bookings(&city).await;
    // All of a plan or nothing of it.
    let some = bookings.iter().filter(|(meeting, _)| *meeting != Value::Null).count();
    assert_eq!(some, if booked == 0 { 0 } else { 2 }, "{bookings:?}");
    // An accepted booking on the meeting that is cancelled is shown as what it is.
    let seen = city.get(&format!("{}/timetable", plan.action)).await.expect(200);
    let on_cancelled = bookings[1] == (json!(plan.meetings[1][0]), json!("accepted"));
    let told = seen["blocking"].as_array().unwrap().iter().any(|it| it["reason"] == "booking_cancelled");
    assert_eq!(told, on_cancelled, "{bookings:?} {seen}");
}

both! {
    async fn plans_booked_against_each_other_and_a_cancellation_leave_nothing_half_done(world: World) {
        let region = Arc::new(region(&world).await);
        let ends = Ends::default();
        // What a race needs takes ten requests to make: fewer of them than of the others.
        side_by_side((0..LANES).map(|lane| {
            let (region, ends) = (Arc::clone(&region), ends.clone());
            async move {
                for round in 0..ROUNDS / 8 {
                    let plan = Plan::within(Arc::clone(&region), &format!("R{round}L{lane}")).await;
                    race(Arc::new(plan), round, &ends).await;
                }
            }
        }))
        .await;
        ends.both_came_about();
    }
}
