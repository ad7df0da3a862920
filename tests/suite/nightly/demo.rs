//! The whole demo, pushed every night by the systems of the organisations that own it.

use super::events;
use crate::demo::loaded;
use crate::external_ids::say;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use yhteen_domain::roles::{Role, TokenScope};
use yhteen_tests::{Caller, World, both};

/// Tonight's system of each organisation, by the organisation.
type Systems = BTreeMap<String, Caller>;

async fn systems(world: &World) -> Systems {
    use TokenScope::{ActionsRead, ActionsWrite, MeetingsRead, MeetingsWrite};
    let mut systems = Systems::new();
    for organisation in world.anonymous().all("/api/v1/organisations").await {
        let id = organisation["id"].as_str().unwrap();
        let scopes = [ActionsRead, ActionsWrite, MeetingsRead, MeetingsWrite];
        systems.insert(id.to_owned(), world.client(id, &[(id, Role::Editor)], &scopes).await);
    }
    systems
}

/// Those members of a thing that its owner's system knows, with the identifier by which it gets its external id.
fn known(thing: &Value, named_by: &str, members: &[&str]) -> Value {
    let mut said: Map<String, Value> =
        members.iter().map(|member| ((*member).to_owned(), thing[*member].clone())).collect();
    said.insert(named_by.to_owned(), thing["id"].clone());
    said.into()
}

/// The answer to what a system says of something by the external id that is our own identifier.
async fn pushed(system: &Caller, organisation: &str, sort: &str, thing: &Value, said: Value) -> Value {
    let id = thing["id"].as_str().unwrap();
    let path = format!("/api/v1/organisations/{organisation}/{sort}/by-external-id/asianhallinta/{id}");
    let answer = say(system, &path, said).await.expect(200);
    let seen = system.get(&path).await.expect(200);
    assert_eq!(seen["notices"], Value::Null);
    answer
}

/// One organisation's night: all its meetings, steps, bookings, handlings and remedies. Answers what it was told.
async fn night(organisation: &str, system: &Caller) -> Vec<Value> {
    let mut told = Vec::new();
    for meeting in system.all(&format!("/api/v1/meetings?organisation_id={organisation}")).await {
        let members = [
            "body_id",
            "starts_at",
            "ends_at",
            "agenda_deadline",
            "zone",
            "state",
            "tags",
            "location",
            "minutes_published_on",
            "cancelled",
        ];
        let said = known(&meeting, "meeting_id", &members);
        told.push(pushed(system, organisation, "meetings", &meeting, said).await);
    }
    for action in system.all("/api/v1/actions").await {
        // Nothing new is said of what is over.
        if ["completed", "cancelled"].contains(&action["status"].as_str().unwrap()) {
            continue;
        }
        let leads = action["accountable_id"] == organisation;
        let path = format!("/api/v1/actions/{}/decision-steps", action["id"].as_str().unwrap());
        for step in system.all(&path).await {
            let own = step["organisation_id"] == organisation;
            if step["opaque"] == true || !own && !leads {
                continue;
            }
            let mut members = vec!["action_id", "body_id"];
            if leads {
                members.extend([
                    "title",
                    "function",
                    "authoritative",
                    "depends_on",
                    "not_before",
                    "preparation_days",
                    "required_tag",
                    "visibility",
                ]);
            }
            if own {
                members.push("diary_number");
            }
            told.push(
                pushed(system, organisation, "decision-steps", &step, known(&step, "decision_step_id", &members)).await,
            );
            told.extend(proceedings(organisation, system, &step, own).await);
        }
    }
    told
}

/// What has become of a step: its booking, and before its own organisation's body handlings and remedies.
async fn proceedings(organisation: &str, system: &Caller, step: &Value, own: bool) -> Vec<Value> {
    let mut told = Vec::new();
    let name = |id: &Value| json!({"source": "asianhallinta", "value": id});
    let at = |meeting: &Value, day: &Value| match meeting {
        Value::Null => json!({"day": day}),
        meeting if own => json!({"meeting": name(meeting)}),
        meeting => json!({"meeting_id": meeting}),
    };
    let booking = &step["booking"];
    let said = match booking["state"].as_str() {
        Some("accepted") if own => {
            let mut said = at(&booking["meeting_id"], &booking["day"]);
            said["booked_at"] = booking["answered_at"].clone();
            if !booking["handed_in_at"].is_null() {
                said["handed_in_at"] = booking["handed_in_at"].clone();
            }
            Some(said)
        }
        Some("proposed" | "accepted") if !own => Some(at(&booking["meeting_id"], &booking["day"])),
        _ => None,
    };
    if let Some(said) = said {
        let id = step["id"].as_str().unwrap();
        let path =
            format!("/api/v1/organisations/{organisation}/decision-steps/by-external-id/asianhallinta/{id}/booking");
        told.push(say(system, &path, said).await.expect(200));
        assert_eq!(&system.get(&path).await.expect(200), told.last().unwrap());
    }
    if !own {
        return told;
    }
    for handling in step["handlings"].as_array().unwrap().iter().filter(|it| it["superseded_by_id"].is_null()) {
        let members = ["agenda_number", "outcome", "resolution", "minutes_url", "returned_to_step_id", "recorded_at"];
        let mut said = known(handling, "handling_id", &members);
        said["decision_step"] = name(&step["id"]);
        said.as_object_mut()
            .unwrap()
            .extend(at(&handling["meeting_id"], &handling["day"]).as_object().unwrap().clone());
        told.push(pushed(system, organisation, "handlings", handling, said).await);
    }
    for claim in step["remedy_claims"].as_array().unwrap() {
        let mut said = known(claim, "remedy_claim_id", &["kind", "filed_on"]);
        if !claim["ruling"].is_null() {
            said["ruling"] = claim["ruling"].clone();
            said["ruled_on"] = claim["ruled_on"].clone();
        }
        told.push(pushed(system, organisation, "remedy-claims", claim, said).await);
    }
    told
}

/// All meetings and actions with their versions and times, and the steps with theirs, as their owners see them.
async fn stand(systems: &Systems) -> Vec<Value> {
    let mut all = Vec::new();
    for (organisation, system) in systems {
        all.extend(system.all(&format!("/api/v1/meetings?organisation_id={organisation}")).await);
        for action in system.all("/api/v1/actions").await {
            let path = format!("/api/v1/actions/{}/decision-steps", action["id"].as_str().unwrap());
            all.extend(system.all(&path).await);
            all.push(action);
        }
    }
    all
}

both! {
    async fn the_whole_demo_is_pushed_twice_and_the_second_night_leaves_no_trace(world: World) {
        let world = loaded(world, "2026-11-24").await;
        let mut systems = systems(&world).await;
        for (organisation, system) in &systems {
            night(organisation, system).await;
        }
        let (first, before) = (stand(&systems).await, events(&world).await);
        world.set_clock("2026-11-24T10:20:00Z");
        for system in systems.values_mut() {
            *system = world.renewed(system);
        }
        let mut told = Vec::new();
        for (organisation, system) in &systems {
            told.extend(night(organisation, system).await);
        }
        assert!(told.len() > 500, "{} things were pushed", told.len());
        for sort in ["meeting", "step", "handling"] {
            assert!(told.iter().any(|it| !it["external_ids"].is_null() && is(it, sort)), "no {sort} was pushed");
        }
        assert!(told.iter().any(|it| !it["proposed_at"].is_null()), "no booking was pushed");
        assert_eq!(events(&world).await, before);
        assert_eq!(stand(&systems).await, first);
    }
}

/// Whether what was told is of this sort, by what such things alone have.
fn is(told: &Value, sort: &str) -> bool {
    let member = match sort {
        "meeting" => "agenda_deadline",
        "step" => "preparation_days",
        _ => "outcome",
    };
    !told[member].is_null()
}
