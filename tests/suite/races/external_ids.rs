//! Races of systems that say the same thing twice at once: it is one thing.

use super::{Ends, LANES, ROUNDS, at_once, side_by_side};
use crate::actions::region;
use crate::bookings::new_body;
use crate::external_ids::{path, say};
use serde_json::{Value, json};
use yhteen_tests::caller::id;
use yhteen_tests::{Organisation, Reply, both};

/// How often what belongs to an action is raced for in each lane: all that an action has is read with it.
const FEW: usize = ROUNDS / 5;

async fn body(organisation: &Organisation, kind: &str) -> String {
    id(&organisation.admin.post("/api/v1/bodies", new_body(&organisation.id, kind)).await.expect(201))
}

/// That one of the two has made it and the other has found it; answers whether the second has made it, and which it is.
#[track_caller]
fn one_thing(replies: [Reply; 2]) -> (bool, String) {
    let [one, other] = replies;
    let second = one.status != 201;
    let (made, found) = if second { (other, one) } else { (one, other) };
    let (made, found) = (made.expect(201), found.expect(200));
    assert_eq!(made, found);
    (second, id(&made))
}

both! {
    async fn one_external_id_makes_one_meeting(world: World) {
        let kotka = world.municipality("Kotka").await;
        let body = body(&kotka, "board").await;
        let ends = Ends::default();
        let lanes = (0..LANES).map(|lane| {
            let (kotka, body, ends) = (kotka.clone(), body.clone(), ends.clone());
            async move {
                for round in 0..ROUNDS {
                    let at = path(&kotka, "meetings", &format!("{lane}-{round}"));
                    let new = json!({"body_id": body, "starts_at": "2026-03-31T13:00:00Z"});
                    let made = at_once(round, say(&kotka.editor, &at, new.clone()), say(&kotka.editor, &at, new));
                    let (one, other) = made.await;
                    ends.count(one_thing([one, other]).0);
                }
            }
        });
        side_by_side(lanes).await;
        ends.both_came_about();
        assert_eq!(kotka.editor.all("/api/v1/meetings").await.len(), LANES * ROUNDS);
    }

    async fn one_external_id_names_one_of_two_meetings(world: World) {
        let kotka = world.municipality("Kotka").await;
        let body = body(&kotka, "board").await;
        let ends = Ends::default();
        let lanes = (0..LANES).map(|lane| {
            let (kotka, body, ends) = (kotka.clone(), body.clone(), ends.clone());
            async move {
                for round in 0..FEW {
                    let at = path(&kotka, "meetings", &format!("{lane}-{round}"));
                    let new = json!({"starts_at": "2026-03-31T13:00:00Z"});
                    let meetings = format!("/api/v1/bodies/{body}/meetings");
                    let known = id(&kotka.editor.post(&meetings, new.clone()).await.expect(201));
                    let mut made = new;
                    made["body_id"] = json!(body);
                    let made = say(&kotka.editor, &at, made);
                    let (made, named) = at_once(round, made, say(&kotka.editor, &at, json!({"meeting_id": known}))).await;
                    let second = made.status != 201;
                    ends.count(second);
                    let now = say(&kotka.editor, &at, json!({})).await.expect(200);
                    if second {
                        assert_eq!((id(&made.expect(200)), id(&named.expect(200))), (known.clone(), known.clone()));
                        assert_eq!(id(&now), known);
                    } else {
                        named.refused(409, "request.already_exists");
                        assert_eq!(id(&now), id(&made.expect(201)));
                    }
                }
            }
        });
        side_by_side(lanes).await;
        ends.both_came_about();
    }

    async fn one_external_id_makes_one_step_and_one_handling(world: World) {
        let region = region(&world).await;
        let office = body(&region.town, "office_holder").await;
        let ends = Ends::default();
        let mut lanes = Vec::new();
        for lane in 0..LANES {
            let at = region.draft(&format!("A{lane}"), "public").await;
            region.city.editor.act(&format!("{at}:propose")).await.expect(200);
            let (city, town, office, ends) = (region.city.clone(), region.town.clone(), office.clone(), ends.clone());
            lanes.push(async move {
                let new = json!({"action_id": at.rsplit('/').next(), "body_id": office, "title": {"fi": "Päätös"},
                    "function": "decision", "authoritative": true});
                for round in 0..FEW {
                    let name = format!("{lane}-{round}");
                    let steps = path(&city, "decision-steps", &name);
                    let propose = |body: &Value| say(&city.editor, &steps, body.clone());
                    let (one, other) = at_once(round, propose(&new), propose(&new)).await;
                    let (second, step) = one_thing([one, other]);
                    ends.count(second);

                    let handlings = path(&town, "handlings", &name);
                    let new = json!({"decision_step_id": step, "day": "2026-01-14", "outcome": "approved"});
                    let record = || say(&town.editor, &handlings, new.clone());
                    let (one, other) = at_once(round, record(), record()).await;
                    let (second, recorded) = one_thing([one, other]);
                    ends.count(second);

                    // Of two corrections, the later one stands in the place of the earlier.
                    let correct = |outcome: &str| say(&town.editor, &handlings, json!({"outcome": outcome}));
                    let (one, other) = at_once(round, correct("rejected"), correct("tabled")).await;
                    let corrected = [id(&one.expect(200)), id(&other.expect(200))];
                    let now = say(&town.editor, &handlings, json!({})).await.expect(200);
                    assert!(corrected.contains(&id(&now)) && id(&now) != recorded);
                    let step = town.editor.get(&format!("/api/v1/decision-steps/{step}")).await.expect(200);
                    let standing: Vec<_> = step["handlings"].as_array().unwrap().iter()
                        .filter(|handling| handling["superseded_by_id"].is_null()).cloned().collect();
                    assert_eq!(standing, [now]);
                }
            });
        }
        side_by_side(lanes).await;
        ends.both_came_about();
    }
}
