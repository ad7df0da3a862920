//! What a reader may not see is nowhere: every operation that reads is called by everyone with everything there is, and
//! the answers, events, errors and calendars are searched for what tells of it.

use super::opaque::Stage;
use super::{World, id, json};
use crate::timetable::local;
use serde_json::Value;
use std::collections::BTreeMap;
use yhteen_tests::{Caller, both};

const NOTHING: &str = "00000000-0000-7000-8000-000000000000";

/// What has happened to the hidden steps: handled, booked and handed in.
struct Proceedings {
    stage: Stage,
    /// What tells of the first step, and of the second.
    secrets: [Vec<String>; 2],
    /// What stands for the parameters of paths.
    things: BTreeMap<&'static str, Vec<String>>,
}

impl Proceedings {
    async fn new(world: &World) -> Self {
        let stage = Stage::new(world).await;
        let town = &stage.town.editor;
        let (body, ahead) = (stage.secrets[0][0].clone(), stage.secrets[0][3].clone());
        let past = json!({"starts_at": local("2026-01-12 16:00"), "location": "salasanahuone"});
        let past = id(&town.post(&format!("/api/v1/bodies/{body}/meetings"), past).await.expect(201));
        let step = |number: usize| format!("/api/v1/decision-steps/{}", stage.steps[number]);
        let handling = json!({
            "meeting_id": past, "outcome": "tabled", "agenda_number": "salasana § 1",
            "resolution": {"fi": "salasanapäätös"}, "minutes_url": "https://salasana.example.org/"
        });
        let handling = id(&town.post(&format!("{}/handlings", step(0)), handling).await.expect(201));
        town.post(&format!("{}:book", step(0)), json!({"meeting_id": ahead})).await.expect(200);
        let narrow = json!({"meeting_id": stage.secrets[1][2]});
        town.post(&format!("{}:book", step(1)), narrow).await.expect(200);
        town.post(&format!("{}:hand-in", step(1)), json!({})).await.expect(200);
        let of_first = stage.secrets[0].iter().cloned().chain([past.clone(), handling.clone()]).collect();
        // The narrow step is on a body that everyone may see, with its meetings: only the step is not for everyone.
        let of_second = vec!["kapeusotsikko".to_owned(), "kapeus 2/2026".to_owned()];
        // What is told of its timetable is told to everyone who sees the action.
        world.settle_timetables().await;
        let action = stage.at.rsplit('/').next().unwrap().to_owned();
        let seen = stage.town.viewer.get(&stage.at).await.expect(200);
        let things = BTreeMap::from([
            ("action_id", vec![action]),
            ("decision_step_id", stage.steps.to_vec()),
            ("body_id", vec![body, stage.secrets[1][0].clone()]),
            ("meeting_id", vec![ahead, past, stage.secrets[1][2].clone()]),
            ("handling_id", vec![handling]),
            ("organisation_id", vec![stage.town.id.clone(), seen["accountable_id"].as_str().unwrap().to_owned()]),
            ("programme_id", vec![seen["programme_id"].as_str().unwrap().to_owned()]),
        ]);
        Self { stage, secrets: [of_first, of_second], things }
    }

    /// The paths that an operation has with everything there is.
    fn paths(&self, template: &str, operation: &Value) -> Vec<String> {
        let nothing = vec![NOTHING.to_owned()];
        let mut paths = vec![String::new()];
        for (number, part) in template.split(['{', '}']).enumerate() {
            let choices = match number % 2 {
                0 => vec![part.to_owned()],
                _ => self.things.get(part).unwrap_or(&nothing).clone(),
            };
            paths = paths.iter().flat_map(|path| choices.iter().map(move |choice| format!("{path}{choice}"))).collect();
        }
        let query = required(operation);
        paths.into_iter().map(|path| format!("{path}{query}")).collect()
    }
}

/// The query that an operation cannot do without.
fn required(operation: &Value) -> String {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let named = parameters.filter(|it| it["in"] == "query" && it["required"] == true).map(|it| {
        let name = it["name"].as_str().unwrap();
        let value = match name {
            "from" | "minutes_published_on" => "2026-01-01",
            "to" => "2027-06-30",
            "year" => "2026",
            "regime" => "municipal_board",
            "reporting_period_id" => NOTHING,
            _ => panic!("what is a good {name}?"),
        };
        format!("{name}={value}")
    });
    let named: Vec<_> = named.collect();
    if named.is_empty() { String::new() } else { format!("?{}", named.join("&")) }
}

/// The text that an answer is searched in: all of it.
async fn read(reader: &Caller, path: &str, accept: Option<&str>) -> String {
    let request = reader.request(reqwest::Method::GET, path);
    let request = match accept {
        Some(accept) => request.header("accept", accept),
        None => request,
    };
    let reply = reader.send(request).await;
    format!("{:?} {}", reply.headers, reply.text)
}

both! {
    async fn what_a_reader_may_not_see_is_in_no_answer_whatever(world: World) {
        let all = Proceedings::new(&world).await;
        let document = serde_json::to_value(yhteen_http::openapi::document()).unwrap();
        let reads: Vec<_> = document["paths"]
            .as_object()
            .unwrap()
            .iter()
            .filter_map(|(path, item)| Some((path.as_str(), item.get("get")?)))
            // A stream of events does not end by itself; the feed it is made of is read here.
            .filter(|(_, operation)| operation["responses"]["200"]["content"].get("text/event-stream").is_none())
            .collect();
        assert!(reads.len() > 30);
        let mut told = [0; 2];
        for (template, operation) in reads {
            for path in all.paths(template, operation) {
                let calendar = template.contains("calendar").then_some("text/calendar");
                for accept in std::iter::once(None).chain(calendar.map(Some)) {
                    for (name, reader, sees) in &all.stage.readers {
                        let text = read(reader, &path, accept).await;
                        for (number, (secrets, sees)) in all.secrets.iter().zip(sees).enumerate() {
                            for secret in secrets.iter().filter(|secret| text.contains(*secret)) {
                                told[number] += 1;
                                // The body was known to everyone until it became private: the feed tells that it went.
                                let has_gone = template == "/api/v1/changes" && all.stage.secrets[0].contains(secret);
                                // The security log repeats what the readers' own people have asked for: here, by this test.
                                let asked = template == "/api/v1/security-events" && secret.len() == 36;
                                let known = path.contains(secret) || asked || has_gone && secret != "salasana";
                                assert!(*sees || known, "{name} reads {secret} at {path}: {text}");
                            }
                        }
                    }
                }
            }
        }
        // Who may see it does.
        assert!(told.iter().all(|times| *times > 20), "{told:?}");
    }
}
