//! Races for programmes, their periods and the reports on them, and for the order of organisations.

use super::{Ends, LANES, ROUNDS, at_once, one_of, side_by_side};
use crate::programmes::active;
use crate::reporting_periods::{period, year};
use crate::seed::{self, Seen};
use serde_json::{Value, json};
use std::sync::Arc;
use yhteen_tests::caller::id;
use yhteen_tests::{Caller, Organisation, Reply, World, both};

/// A period that is locked while its reports are submitted.
struct Deadline {
    county: Organisation,
    period: String,
    /// Each with its author.
    reports: Vec<(Caller, String)>,
}

impl Deadline {
    async fn new(world: &World, county: &Organisation, parts: [&Organisation; 2]) -> Self {
        let programme = active(county, &parts).await;
        let own = period(&county.admin, &programme, year()).await;
        let mut reports = Vec::new();
        for _ in 0..2 {
            let parties = [(parts[0], "accountable", "committed"), (parts[1], "implementing", "committed")];
            let action = seed::action(world, &programme, "agreed", &parties, Seen::ByEveryone).await;
            for part in parts {
                let body = json!({"action_id": action, "organisation_id": part.id, "reporting_period_id": own,
                    "implementation_status": "in_progress", "rating": "on_track", "summary": {"fi": "Tehty."}});
                let made = part.reporter.post("/api/v1/reports", body).await.expect(201);
                reports.push((part.reporter.clone(), format!("/api/v1/reports/{}", id(&made))));
            }
        }
        Self { county: county.clone(), period: format!("/api/v1/reporting-periods/{own}"), reports }
    }

    async fn locked(&self, locked: bool) -> Value {
        self.county.admin.change(&self.period, json!({"locked": locked})).await.expect(200)
    }

    async fn states(&self) -> Vec<Value> {
        let mut states = Vec::new();
        for (author, report) in &self.reports {
            states.push(author.get(report).await.expect(200)["state"].clone());
        }
        states
    }

    /// Once the lock is answered, no report is submitted any more, and each submission that was not is refused.
    async fn race(self: Arc<Self>, round: usize, ends: &Ends) {
        let mut submissions = tokio::task::JoinSet::new();
        let submit = |submissions: &mut tokio::task::JoinSet<(usize, Reply)>, which: usize| {
            let (author, report) = self.reports[which].clone();
            drop(submissions.spawn(async move { (which, author.act(&format!("{report}:submit")).await) }));
        };
        let before = round % (self.reports.len() + 1);
        (0..before).for_each(|which| submit(&mut submissions, which));
        let lock = tokio::spawn({
            let this = Arc::clone(&self);
            async move {
                this.locked(true).await;
                this.states().await
            }
        });
        (before..self.reports.len()).for_each(|which| submit(&mut submissions, which));
        let at_the_lock = lock.await.unwrap();
        while let Some(answered) = submissions.join_next().await {
            let (which, reply) = answered.unwrap();
            let refused = reply.status != 200;
            if refused {
                reply.refused(409, "report.period_locked");
            } else {
                reply.expect(200);
            }
            assert_eq!(at_the_lock[which] != "submitted", refused, "report {which} in round {round}");
            ends.count(refused);
        }
        let after = self.states().await;
        assert_eq!(after, at_the_lock, "round {round}");
        self.locked(false).await;
        for ((_, report), state) in self.reports.iter().zip(after) {
            if state == "submitted" {
                let note = json!({"note": "Uudestaan."});
                self.county.admin.post(&format!("{report}:return"), note).await.expect(200);
            }
        }
    }
}

both! {
    async fn no_report_is_submitted_after_the_lock(world: World) {
        let county = world.organisation("Hyvinvointialue", "wellbeing_services_county").await;
        let (lead, city) = (world.municipality("Kouvola").await, world.municipality("Kotka").await);
        let ends = Ends::default();
        let mut lanes = Vec::new();
        for _ in 0..4 {
            let (deadline, ends) = (Arc::new(Deadline::new(&world, &county, [&lead, &city]).await), ends.clone());
            lanes.push(async move {
                // Each round is four races of a submission against the lock.
                for round in 0..ROUNDS / 2 {
                    Arc::clone(&deadline).race(round, &ends).await;
                }
            });
        }
        side_by_side(lanes).await;
        ends.both_came_about();
    }

    async fn one_coordinating_member_stays(world: World) {
        let mut lanes = Vec::new();
        let ends = Ends::default();
        let members = [world.municipality("Kouvola").await, world.municipality("Kotka").await];
        for _ in 0..LANES {
            let at = active(&members[0], &[]).await;
            let stays = json!({"role": "coordinator", "joined_on": "2026-01-01"});
            members[1].join(&members[0].admin, &at, stays.clone()).await;
            let coordinator = world.principal(&members[1].admin);
            members[0].admin.put(&format!("{at}/coordinators/{coordinator}"), json!({})).await.expect(200);
            let (members, ends) = (members.clone(), ends.clone());
            lanes.push(async move {
                let paths = members.each_ref().map(|member| format!("{at}/members/{}", member.id));
                for round in 0..ROUNDS {
                    let leaves = json!({"role": "coordinator", "joined_on": "2026-01-01", "left_on": "2026-01-15"});
                    let steps_down = json!({"role": "member", "joined_on": "2026-01-01"});
                    let (one, other) = at_once(
                        round,
                        members[0].admin.put(&paths[0], leaves),
                        members[1].admin.put(&paths[1], steps_down),
                    )
                    .await;
                    let second = one_of([one, other], 409, "programme.last_coordinator");
                    ends.count(second);
                    // The one that is left lets the other one in again.
                    let (left, gone) = (usize::from(!second), usize::from(second));
                    members[gone].join(&members[left].admin, &at, stays.clone()).await;
                }
            });
        }
        side_by_side(lanes).await;
        ends.both_came_about();
    }

    async fn no_two_organisations_stand_above_each_other(world: World) {
        let ends = Ends::default();
        let mut lanes = Vec::new();
        for _ in 0..LANES {
            let mut pair = Vec::new();
            for _ in 0..2 {
                let body = json!({"name": {"fi": "Järjestö"}, "kind": "ngo"});
                pair.push(id(&world.operator.post("/api/v1/organisations", body).await.expect(201)));
            }
            let (operator, ends) = (world.operator.clone(), ends.clone());
            lanes.push(async move {
                let above = async |which: usize, parent: Value| {
                    operator.change(&format!("/api/v1/organisations/{}", pair[which]), json!({"parent_id": parent})).await
                };
                for round in 0..ROUNDS {
                    let (one, other) = at_once(round, above(0, json!(pair[1])), above(1, json!(pair[0]))).await;
                    let second = one_of([one, other], 422, "organisation.ring");
                    ends.count(second);
                    above(usize::from(second), Value::Null).await.expect(200);
                }
            });
        }
        side_by_side(lanes).await;
        ends.both_came_about();
    }
}
