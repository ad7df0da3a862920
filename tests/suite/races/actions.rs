//! Races for actions and their decision steps.

use super::{Ends, LANES, ROUNDS, at_once, one_of, side_by_side};
use crate::actions::region;
use crate::programmes::active;
use crate::seed::{self, Seen};
use serde_json::json;
use yhteen_tests::both;
use yhteen_tests::caller::id;

both! {
    /// Of two versions of one action, the agreement is the earlier, or it is refused for want of a commitment.
    async fn nothing_is_agreed_on_without_those_who_carry_it_out(world: World) {
        let (lead, city) = (world.municipality("Kouvola").await, world.municipality("Kotka").await);
        let programme = active(&lead, &[&city]).await;
        let ends = Ends::default();
        let parts = [(&lead, "accountable", "committed"), (&city, "implementing", "committed")];
        let mut lanes = Vec::new();
        for _ in 0..LANES {
            let mut actions = Vec::new();
            for _ in 0..ROUNDS {
                actions.push(seed::action(&world, &programme, "proposed", &parts, Seen::ByParticipants).await);
            }
            let (lead, city, ends) = (lead.clone(), city.clone(), ends.clone());
            lanes.push(async move {
                for (round, action) in actions.into_iter().enumerate() {
                    let at = format!("/api/v1/actions/{action}");
                    let part = format!("{at}/participants/{}", city.id);
                    // Either the organisation withdraws, or it is asked for more than it has committed itself to.
                    let uncommit = async {
                        if round % 4 < 2 {
                            city.editor.act(&format!("{part}:withdraw")).await
                        } else {
                            lead.editor.change(&part, json!({"roles": ["implementing", "funding"]})).await
                        }
                    };
                    let agree = format!("{at}:agree");
                    let (agreed, uncommitted) = at_once(round, lead.editor.act(&agree), uncommit).await;
                    let uncommitted_in = uncommitted.version();
                    let commitment = uncommitted.expect(200)["commitment"].clone();
                    let refused = agreed.status == 409;
                    let versions = if refused {
                        agreed.refused(409, "action.not_committed");
                        (None, uncommitted_in)
                    } else {
                        (Some(agreed.version()), uncommitted_in)
                    };
                    assert_eq!(versions, if refused { (None, 2) } else { (Some(2), 3) });
                    let after = lead.viewer.get(&at).await.expect(200);
                    assert_eq!(after["status"], if refused { "proposed" } else { "agreed" });
                    assert_eq!(after["version"], uncommitted_in);
                    let parts = after["participants"].as_array().unwrap();
                    let part = parts.iter().find(|part| part["organisation_id"] == city.id.as_str()).unwrap();
                    assert_eq!(part["commitment"], commitment);
                    ends.count(refused);
                }
            });
        }
        side_by_side(lanes).await;
        ends.both_came_about();
    }

    async fn two_edges_never_close_a_cycle(world: World) {
        let region = region(&world).await;
        let body = json!({"organisation_id": region.town.id, "name": {"fi": "Lautakunta"}, "kind": "committee",
            "agenda_lead": {"days": 7, "time": "12:00"}, "minutes_publication_days": 7});
        let body = id(&region.town.admin.post("/api/v1/bodies", body).await.expect(201));
        let ends = Ends::default();
        let mut lanes = Vec::new();
        for lane in 0..LANES {
            let at = region.draft(&format!("A{lane}"), "public").await;
            let mut steps = Vec::new();
            for _ in 0..2 {
                let step = json!({"body_id": body, "title": {"fi": "Päätös"}, "function": "decision", "authoritative": true});
                steps.push(id(&region.city.editor.post(&format!("{at}/decision-steps"), step).await.expect(201)));
            }
            let (city, ends) = (region.city.editor.clone(), ends.clone());
            lanes.push(async move {
                let depend = async |step: usize, on: &[usize]| {
                    let on: Vec<_> = on.iter().map(|on| json!({"step_id": steps[*on]})).collect();
                    city.change(&format!("/api/v1/decision-steps/{}", steps[step]), json!({"depends_on": on})).await
                };
                for round in 0..ROUNDS {
                    let (one, other) = at_once(round, depend(0, &[1]), depend(1, &[0])).await;
                    let second = one_of([one, other], 422, "decision_step.cycle");
                    ends.count(second);
                    depend(usize::from(second), &[]).await.expect(200);
                }
            });
        }
        side_by_side(lanes).await;
        ends.both_came_about();
    }
}
