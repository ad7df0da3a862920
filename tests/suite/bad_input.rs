//! Whatever comes in: a problem that names its place, and nothing in the database is touched.
//!
//! Each table below is a list of wrong requests with what is answered. After every single one the contents of all
//! tables are compared with those before.

mod accounts;
mod actions;
mod contents;
mod decisions;
mod external_ids;
mod lists;
mod meetings;
mod programmes;
mod reports;
mod scene;
mod timetables;
mod wire;

use contents::Contents;
use reqwest::{Method, RequestBuilder, header};
use scene::Scene;
use serde_json::Value;
use yhteen_tests::{Caller, World, both};

/// An identifier of nothing.
const NOTHING: &str = "00000000-0000-7000-8000-000000000000";

/// A wrong request, and what is answered: status and code, the place of the first error and its name.
struct Wrong {
    request: RequestBuilder,
    caller: Caller,
    what: String,
    expect: String,
}

/// A wrong request with a JSON body, of whatever version: `POST /api/v1/actions`.
fn wrong(caller: &Caller, asked: impl Into<String>, body: Value, expect: impl Into<String>) -> Wrong {
    let asked = asked.into();
    let request = request(caller, &asked).header(header::IF_MATCH, "*").json(&body);
    Wrong { request, caller: caller.clone(), what: format!("{asked} {body}"), expect: expect.into() }
}

/// A wrong request without a body.
fn bare(caller: &Caller, asked: impl Into<String>, expect: impl Into<String>) -> Wrong {
    let asked = asked.into();
    Wrong { request: request(caller, &asked), caller: caller.clone(), what: asked, expect: expect.into() }
}

fn request(caller: &Caller, asked: &str) -> RequestBuilder {
    let (method, path) = asked.split_once(' ').unwrap();
    caller.request(Method::from_bytes(method.as_bytes()).unwrap(), path)
}

impl Wrong {
    /// The same with something else about the request.
    fn with(self, change: impl FnOnce(RequestBuilder) -> RequestBuilder) -> Self {
        Self { request: change(self.request), ..self }
    }

    /// The same with these bytes in the place of its body.
    fn raw(self, media_type: &str, body: impl Into<reqwest::Body>) -> Self {
        self.with(|request| request.header(header::CONTENT_TYPE, media_type).body(body))
    }
}

/// Sends each of the requests, and tells of all that are answered otherwise or leave a trace.
async fn check(world: &World, table: Vec<Wrong>) {
    let mut contents = Contents::of(world);
    let mut failures = Vec::new();
    for Wrong { request, caller, what, expect } in table {
        let reply = caller.send(request).await;
        let place = &reply.body["errors"][0];
        let words = [&reply.body["code"], &place["pointer"], &place["code"]].map(|it| it.as_str().unwrap_or("-"));
        let got = format!("{} {}", reply.status.as_u16(), words.join(" ").replace("  ", " "));
        let got = got.trim_end_matches(" -").trim_end();
        let what = what.chars().take(300).collect::<String>();
        if got != expect {
            failures.push(format!("{what}\n    expected {expect}\n    answered {got}: {:.400}", reply.text));
        }
        if let Some(touched) = contents.touched() {
            failures.push(format!("{what}\n    has changed {touched}"));
        }
    }
    assert!(failures.is_empty(), "{} wrong answers:\n{}", failures.len(), failures.join("\n"));
}

/// What a schema of the document says of dates that are written in it and not by reference to `Day` or `Moment`.
fn bare_dates(schema: &Value, at: &str, found: &mut Vec<String>) {
    match schema {
        Value::Object(members) => {
            if members.get("format").is_some_and(|format| format == "date" || format == "date-time") {
                found.push(at.to_owned());
            }
            members.iter().for_each(|(name, below)| bare_dates(below, &format!("{at}/{name}"), found));
        }
        Value::Array(items) => items.iter().for_each(|below| bare_dates(below, at, found)),
        _ => {}
    }
}

both! {
    /// The types that bound them are known by their names in the document. The legal calendar has bounds of its own.
    async fn every_date_that_may_be_given_is_bounded(world: World) {
        let document = world.anonymous().get("/openapi.json").await.expect(200);
        let mut found = Vec::new();
        for (path, operations) in document["paths"].as_object().unwrap() {
            for (method, operation) in operations.as_object().unwrap() {
                bare_dates(&operation["parameters"], &format!("{method} {path}"), &mut found);
                for content in operation["requestBody"]["content"].as_object().into_iter().flat_map(|it| it.values()) {
                    let name = content["schema"]["$ref"].as_str().and_then(|name| name.rsplit('/').next());
                    let schema = name.map_or(&content["schema"], |name| &document["components"]["schemas"][name]);
                    bare_dates(schema, &format!("{method} {path}"), &mut found);
                }
            }
        }
        assert_eq!(found, ["get /api/v1/legal-effect/schema"]);
    }

    async fn programmes_and_what_belongs_to_them(world: World) {
        let scene = Scene::new(&world).await;
        check(&world, programmes::table(&scene)).await;
    }

    async fn actions_and_what_belongs_to_them(world: World) {
        let scene = Scene::new(&world).await;
        check(&world, actions::table(&scene)).await;
    }

    async fn decisions_and_what_is_recorded_of_them(world: World) {
        let scene = Scene::new(&world).await;
        check(&world, decisions::table(&scene)).await;
    }

    async fn timetables_and_what_is_tried_on_them(world: World) {
        let scene = Scene::new(&world).await;
        check(&world, timetables::table(&scene)).await;
    }

    async fn bodies_and_meetings_and_the_law(world: World) {
        let scene = Scene::new(&world).await;
        check(&world, meetings::table(&scene)).await;
    }

    async fn what_is_said_by_external_ids(world: World) {
        let scene = Scene::new(&world).await;
        check(&world, external_ids::table(&scene)).await;
    }

    async fn reports_and_progress(world: World) {
        let scene = Scene::new(&world).await;
        check(&world, reports::table(&scene)).await;
    }

    async fn organisations_accounts_and_signing_in(world: World) {
        let scene = Scene::new(&world).await;
        check(&world, accounts::table(&scene)).await;
    }

    async fn the_parameters_of_every_list(world: World) {
        let scene = Scene::new(&world).await;
        check(&world, lists::table(&scene).await).await;
    }

    async fn parameters_that_an_operation_does_not_take(world: World) {
        let scene = Scene::new(&world).await;
        check(&world, lists::unknown(&scene)).await;
    }

    async fn requests_that_cannot_be_read(world: World) {
        let scene = Scene::new(&world).await;
        check(&world, wire::table(&scene)).await;
    }
}
