//! What a reader may not see shows its dates, and nothing else anywhere.

use super::{Caller, Organisation, World, body, id, json, local, new_step, region, step, timetable};
use serde_json::Value;
use yhteen_domain::roles::{Role, TokenScope};
use yhteen_tests::both;

/// An action that everyone sees, of whose three steps two are not for everyone.
pub(super) struct Stage {
    pub(super) at: String,
    /// A step on a body that its own organisation alone sees, a narrow step of the same organisation, and an open one.
    pub(super) steps: [String; 3],
    /// What tells of the first step, and of the second: names, words and identifiers.
    pub(super) secrets: [Vec<String>; 2],
    pub(super) town: Organisation,
    /// By name, with whether they see the first step and the second.
    pub(super) readers: Vec<(&'static str, Caller, [bool; 2])>,
}

/// A body of the town with meetings of its own, all marked with a word: its identifier, and all that tells of it.
async fn marked(town: &Organisation, word: &str, months: [u32; 2]) -> (String, Vec<String>) {
    let body = body(town, "committee", &format!("{word}lautakunta"), 4).await;
    let mut secrets = vec![body.clone(), word.to_owned()];
    for month in months {
        let new = json!({
            "starts_at": local(&format!("2026-{month:02}-03 16:00")),
            "location": format!("{word}talo"),
            "tags": [format!("{word}tunnus")]
        });
        secrets.push(id(&town.editor.post(&format!("/api/v1/bodies/{body}/meetings"), new).await.expect(201)));
    }
    (body, secrets)
}

impl Stage {
    pub(super) async fn new(world: &World) -> Self {
        let region = region(world).await;
        let above = world.municipality("Maakunta").await;
        let mut town = world.part_of(Some(&above.id), "Osasto", "municipality").await;
        let heir = world.municipality("Seuraaja").await;
        let (private, of_private) = marked(&town, "salasana", [2, 4]).await;
        let (narrow, of_narrow) = marked(&town, "kapeus", [5, 7]).await;
        let council = body(&region.city, "council", "Valtuusto", 7).await;
        for day in ["2026-06-15", "2026-10-26"] {
            let new = json!({"starts_at": local(&format!("{day} 17:00"))});
            region.city.editor.post(&format!("/api/v1/bodies/{council}/meetings"), new).await.expect(201);
        }
        let at = region.draft("A1", "public").await;
        let with = |body: &str, word: &str, after: &[&str]| {
            let mut new = new_step(body, "decision", after);
            new["title"] = json!({"fi": format!("{word}otsikko")});
            new["required_tag"] = json!(format!("{word}tunnus"));
            new
        };
        let first = step(&region.city, &at, with(&private, "salasana", &[])).await;
        let mut second = with(&narrow, "kapeus", &[&first]);
        second["visibility"] = json!("narrow");
        let second = step(&region.city, &at, second).await;
        let third = step(&region.city, &at, new_step(&council, "decision", &[&second])).await;
        let plan = json!({"starts_on": "2026-12-01", "start_gate": "final"});
        region.city.editor.change(&at, plan).await.expect(200);
        region.city.editor.act(&format!("{at}:propose")).await.expect(200);
        for (step, number) in [(&first, "salasana 1/2026"), (&second, "kapeus 2/2026")] {
            let patch = json!({"diary_number": number});
            town.editor.change(&format!("/api/v1/decision-steps/{step}"), patch).await.expect(200);
        }
        // The city knew of the body when it proposed the step; since then it is the town's alone.
        let hidden = json!({"visibility": "private"});
        town.admin.change(&format!("/api/v1/bodies/{private}"), hidden).await.expect(200);

        let reading =
            world.client(&region.city.id, &[(&region.city.id, Role::Viewer)], &[TokenScope::ActionsRead]).await;
        let readers = vec![
            ("everyone", world.anonymous(), [false, false]),
            ("the operator", world.operator.clone(), [false, false]),
            ("an outsider", region.outsider.admin.clone(), [false, false]),
            ("another member", region.town.admin.clone(), [false, false]),
            ("a coordinator", region.county.admin.clone(), [false, false]),
            ("the accountable organisation's viewer", region.city.viewer.clone(), [false, true]),
            ("its editor", region.city.editor.clone(), [false, true]),
            ("its administrator", region.city.admin.clone(), [false, true]),
            ("its machine that reads actions alone", reading, [false, true]),
            ("the body's viewer", town.viewer.clone(), [true, true]),
            ("its reporter", town.reporter.clone(), [true, true]),
            ("its editor", town.editor.clone(), [true, true]),
            ("its parent", above.viewer.clone(), [true, true]),
            ("its successor", heir.viewer.clone(), [true, true]),
        ];
        let succession = json!({"successor_id": heir.id, "succeeded_on": "2026-01-01"});
        world.operator.change(&format!("/api/v1/organisations/{}", town.id), succession).await.expect(200);
        // From then on its own people only read, and the successor's write.
        town.editor = heir.editor.clone();
        Self { at, steps: [first, second, third], secrets: [of_private, of_narrow], town, readers }
    }
}

/// The questions that lead to an answer of each sort: feasible, late, not known for want of a meeting of the first body,
/// or of both. Those who do not see all steps ask no other time than the present.
const QUERIES: [&str; 7] = [
    "",
    "?objective=latest",
    "?objective=tightest_window",
    "?lang=fi",
    "?lang=sv&now=2026-02-20T00:00:00Z",
    "?now=2026-04-20T00:00:00Z",
    "?now=2026-07-01T00:00:00Z",
];

/// The day in Helsinki of an instant, which is all that is told of a hidden step.
fn day(at: &Value) -> Value {
    json!(at.as_str().map(|at| yhteen_domain::time::date_of(at.parse().unwrap())))
}

/// What may be told of the timetable to somebody from whom the steps in `hidden` are kept: of these, their own dates by
/// day, and nothing that depends on other meetings of their bodies.
fn dates(seen: &Value, hidden: &[&str], own_plan: bool) -> Value {
    let of = |place: &Value, hidden: bool| {
        let at = |name: &str| if hidden { day(&place[name]) } else { place[name].clone() };
        let law = ["notice_on", "legal_force_on"].map(|name| place[name].clone());
        let times = ["starts_at", "agenda_deadline", "decided_at"].map(at);
        json!([times, law])
    };
    let is_hidden = |step: &Value| hidden.iter().any(|id| step["step_id"] == *id);
    let steps = seen["steps"].as_array().unwrap().iter().map(|step| {
        let known =
            json!([step["step_id"], step["organisation_id"], step["state"], of(&step["earliest"], is_hidden(step))]);
        match (is_hidden(step), own_plan) {
            (false, _) => json!([
                known,
                of(&step["planned"], false),
                of(&step["latest"], false),
                step["slack_days"],
                step["critical"]
            ]),
            (true, true) => json!([known, of(&step["planned"], true)]),
            (true, false) => json!([known]),
        }
    });
    let chain = seen["critical_chain"].as_array().unwrap().iter();
    let chain = chain.map(|link| {
        let at = if is_hidden(link) { day(&link["at"]) } else { link["at"].clone() };
        json!([link["step_id"], link["gate"], at])
    });
    let blocking = seen["blocking"].as_array().unwrap().iter();
    let blocking = blocking.map(|root| json!([root["step_id"], root["reason"]]));
    let (steps, chain, blocking): (Vec<_>, Vec<_>, Vec<_>) = (steps.collect(), chain.collect(), blocking.collect());
    json!([seen["verdict"], seen["start"], steps, chain, blocking])
}

both! {
    async fn what_a_reader_may_not_see_is_nowhere_in_its_timetable(world: World) {
        let stage = Stage::new(&world).await;
        let mut verdicts = Vec::new();
        for query in QUERIES {
            let full = timetable(&stage.town.viewer, &stage.at, query).await;
            verdicts.push(full["verdict"].as_str().unwrap().to_owned());
            for (name, reader, sees) in &stage.readers {
                let reply = reader.get(&format!("{}/timetable{query}", stage.at)).await;
                for (secrets, sees) in stage.secrets.iter().zip(sees) {
                    let headers = format!("{:?}", reply.headers);
                    for secret in secrets.iter().filter(|_| !sees) {
                        assert!(!reply.text.contains(secret) && !headers.contains(secret), "{name} reads {secret}: {}", reply.text);
                    }
                }
                if query.contains("now=") && *sees != [true, true] {
                    reply.refused(403, "timetable.opaque_steps");
                    continue;
                }
                let seen = reply.expect(200);
                let hidden = [0, 1].into_iter().filter(|number| !sees[*number]).map(|number| &*stage.steps[number]);
                let (hidden, own_plan) = (hidden.collect::<Vec<_>>(), !query.contains("objective="));
                assert_eq!(dates(&seen, &hidden, own_plan), dates(&full, &hidden, own_plan), "{name} {query}");
                for (number, sees) in [sees[0], sees[1], true].into_iter().enumerate() {
                    assert_step(&seen, number, &stage, sees, name);
                }
            }
        }
        assert_eq!(verdicts, ["feasible", "feasible", "feasible", "feasible", "late", "unknown", "unknown"]);
    }

    async fn nor_is_it_in_its_picture(world: World) {
        let stage = Stage::new(&world).await;
        for query in QUERIES.map(|query| query.trim_start_matches('?')) {
            for (name, reader, sees) in &stage.readers {
                let reply = reader.get(&format!("{}/timetable.svg?theme=light&{query}", stage.at)).await;
                if query.contains("now=") && *sees != [true, true] {
                    reply.refused(403, "timetable.opaque_steps");
                    continue;
                }
                assert_eq!(reply.status, 200, "{name} {query}");
                let said = format!("{:?} {}", reply.headers, reply.text);
                for (secrets, sees) in stage.secrets.iter().zip(sees) {
                    // Identifiers are nowhere; whoever may know the names reads them.
                    assert_eq!(said.contains(&secrets[1]), *sees, "{name} {query} {}: {said}", secrets[1]);
                    for secret in secrets.iter().filter(|secret| **secret != secrets[1]) {
                        assert!(!said.contains(secret), "{name} reads {secret}: {said}");
                    }
                }
                assert!(!stage.steps.iter().any(|step| said.contains(step)), "{name} {query}: {said}");
            }
        }
    }

    async fn a_hidden_calendar_is_not_drawn(world: World) {
        let stage = Stage::new(&world).await;
        let path = format!("{}/timetable.svg", stage.at);
        let reading = world.client(&stage.town.id, &[(&stage.town.id, Role::Viewer)], &[TokenScope::ActionsRead]).await;
        // What of the first step's body is drawn: nothing for those who do not know of it, the meeting of its step for
        // a token that reads no calendars, and all for whoever reads them.
        let readers = [(world.anonymous(), false), (stage.town.viewer.clone(), true), (reading, false)];
        let mut before = Vec::new();
        for (reader, _) in &readers {
            before.push(reader.get(&path).await.text);
        }
        assert!(before[0] != before[1] && before[1] != before[2] && before[0] != before[2]);
        // It changes no date: it lies between the first meeting and the last that would do.
        let body = &stage.secrets[0][0];
        let new = json!({"starts_at": local("2026-03-10 16:00")});
        stage.town.editor.post(&format!("/api/v1/bodies/{body}/meetings"), new).await.expect(201);
        for ((reader, changes), before) in readers.iter().zip(before) {
            assert_eq!(reader.get(&path).await.text != before, *changes);
        }
    }

    async fn refusals_tell_no_more(world: World) {
        let stage = Stage::new(&world).await;
        let body = &stage.secrets[0][0];
        // A decision older than the rules that are known, on which the start waits.
        let old = json!({"starts_at": "2016-05-02T14:00:00Z", "location": "salasanatalo", "tags": ["salasanatunnus"]});
        let meeting = id(&stage.town.editor.post(&format!("/api/v1/bodies/{body}/meetings"), old).await.expect(201));
        let handling = json!({"meeting_id": meeting, "outcome": "approved", "resolution": {"fi": "salasanapäätös"}});
        let handlings = format!("/api/v1/decision-steps/{}/handlings", stage.steps[0]);
        stage.town.editor.post(&handlings, handling).await.expect(201);
        for change in [json!({"state": "invited"}), json!({"state": "held", "minutes_published_on": "2016-05-04"})] {
            stage.town.editor.change(&format!("/api/v1/meetings/{meeting}"), change).await.expect(200);
        }
        for (name, reader, _) in &stage.readers {
            let refused = reader.get(&format!("{}/timetable", stage.at)).await;
            for secret in stage.secrets.iter().flatten().chain([&meeting, &"salasana".to_owned()]) {
                assert!(!refused.text.contains(secret), "{name} reads {secret}: {}", refused.text);
            }
            refused.refused(422, "legal.before_validity");
        }
    }

    async fn the_token_must_carry_the_scope(world: World) {
        let stage = Stage::new(&world).await;
        let scopes = [TokenScope::MeetingsRead, TokenScope::ReportsRead];
        let without = world.client(&stage.town.id, &[(&stage.town.id, Role::Admin)], &scopes).await;
        without.get(&format!("{}/timetable", stage.at)).await.refused(403, "auth.scope_missing");
    }
}

/// Asserts that a step is shown in full, or opaque, in every part of the answer.
#[track_caller]
fn assert_step(seen: &Value, number: usize, stage: &Stage, sees: bool, name: &str) {
    let own = |list: &str| -> Vec<&Value> {
        let all = seen[list].as_array().unwrap().iter();
        all.filter(|it| it["step_id"] == stage.steps[number].as_str()).collect()
    };
    let step = own("steps")[0];
    assert_eq!((&step["opaque"], step["body_id"].is_string()), (&json!(!sees), sees), "{name}: {step}");
    for place in ["planned", "earliest", "latest"].map(|name| &step[name]).into_iter().filter(|it| !it.is_null()) {
        assert_eq!(place["meeting_id"].is_string(), sees, "{name}: {step}");
        for at in ["starts_at", "agenda_deadline", "decided_at"].map(|name| &place[name]) {
            let instant: yhteen_domain::time::Instant = at.as_str().unwrap().parse().unwrap();
            let by_day = instant == yhteen_domain::time::midnight(yhteen_domain::time::date_of(instant));
            assert_eq!(by_day, !sees, "{name}: {step}");
        }
    }
    if sees {
        assert_eq!(step["binding"].is_null(), step["earliest"].is_null(), "{name}: {step}");
    } else {
        for member in ["binding", "spare_meetings", "latest", "slack_days"] {
            assert_eq!(step[member], Value::Null, "{name}: {step}");
        }
    }
    for link in own("critical_chain") {
        assert_eq!(link["text"].is_string(), sees, "{name}: {link}");
    }
    for root in own("blocking") {
        assert_eq!(root["body_id"].is_string(), sees, "{name}: {root}");
        assert!(sees || root["needed_until"].is_null(), "{name}: {root}");
    }
}
