//! The world of the table: its callers, and one thing of every sort to do something to. It is seeded once, and put
//! back into that state after every call that changed something.

use super::table::CALLERS;
use crate::oauth::PASSWORD;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use yhteen_domain::accounts::{Account, Password, Roles};
use yhteen_domain::ids::PrincipalId;
use yhteen_domain::roles::{Role, TokenScope};
use yhteen_domain::text::{Email, Text};
use yhteen_domain::vocabulary::Vocabulary;
use yhteen_persistence::{Actor, accounts};
use yhteen_tests::caller::id;
use yhteen_tests::{Caller, Organisation, World};

/// The seeded world.
pub(super) struct Scene {
    pub(super) world: World,
    nobody: Caller,
    /// The account behind each of the callers.
    people: Vec<Option<PrincipalId>>,
    /// What there is, by the name of its sort and its state: `action draft private`.
    pub(super) things: BTreeMap<String, String>,
}

/// The organisations, by what they are to the owner.
struct Cast {
    county: Organisation,
    owner: Organisation,
    participant: Organisation,
    member: Organisation,
    observer: Organisation,
    outsider: Organisation,
    parent: Organisation,
    successor: Organisation,
}

/// The actions, by status and visibility.
const ACTIONS: [(&str, &str); 15] = [
    ("draft", "private"),
    ("draft", "participants"),
    ("draft", "partners"),
    ("draft", "public"),
    ("proposed", "private"),
    ("proposed", "participants"),
    ("proposed", "partners"),
    ("proposed", "public"),
    ("agreed", "private"),
    ("agreed", "public"),
    ("in_progress", "private"),
    ("in_progress", "participants"),
    ("in_progress", "public"),
    ("on_hold", "private"),
    ("on_hold", "public"),
];

impl Scene {
    /// The world as it is before every call.
    pub(super) async fn new(world: World) -> Self {
        let cast = Cast::new(&world).await;
        let nobody = world.anonymous();
        let mut scene = Self { world, nobody, people: Vec::new(), things: BTreeMap::new() };
        scene.populate(&cast).await;
        scene.add_accounts(&cast).await;
        for status in ["draft", "active"] {
            scene.add_programme(&cast, status).await;
        }
        for (status, visibility) in ACTIONS {
            scene.add_action(&cast, status, visibility).await;
        }
        for visibility in ["private", "public"] {
            scene.add_body(&cast, visibility).await;
        }
        scene.add_steps(&cast).await;
        scene.add_reports(&cast).await;
        scene.add_calendar_feed().await;
        scene.add_session().await;
        for state in ["draft private", "proposed public"] {
            let timetable = format!("/api/v1/actions/{}/timetable", scene.things[&format!("action {state}")]);
            let seen = cast.owner.editor.get(&timetable).await.expect(200);
            scene.name(&format!("plan {state}"), seen["plan_digest"].as_str().unwrap());
        }
        super::restore::keep(&scene.world).await;
        scene
    }

    /// The caller in a column. Its token carries every scope; one that shall lack a scope carries all but `needed`.
    pub(super) fn caller(&self, column: usize, needed: Option<TokenScope>) -> Caller {
        let Some(person) = self.people[column] else { return self.nobody.clone() };
        let unscoped = CALLERS[column].1 == "unscoped";
        let carried = |scope: &TokenScope| !unscoped || Some(*scope) != needed;
        let scopes: Vec<_> = TokenScope::ALL.iter().copied().filter(carried).collect();
        self.nobody.with_token(self.world.token(person, &scopes))
    }

    /// The identifier of the first of these things that there is.
    pub(super) fn thing(&self, names: &[String]) -> &str {
        let found = names.iter().find_map(|name| self.things.get(name));
        found.unwrap_or_else(|| panic!("nothing is called any of {names:?}"))
    }

    fn name(&mut self, name: &str, id: impl Into<String>) {
        self.things.insert(name.to_owned(), id.into());
    }

    /// The callers, in the order of the table.
    async fn populate(&mut self, cast: &Cast) {
        let hash = self.world.app().hashing.hash(Password::parse(PASSWORD).unwrap()).await.unwrap();
        for (_, name, _) in CALLERS {
            let place = match name {
                "nobody" => None,
                "operator" => Some(None),
                "outsider" => Some(Some((&cast.outsider, Role::Editor))),
                "viewer" => Some(Some((&cast.owner, Role::Viewer))),
                "reporter" => Some(Some((&cast.owner, Role::Reporter))),
                "editor" => Some(Some((&cast.owner, Role::Editor))),
                "admin" | "unscoped" => Some(Some((&cast.owner, Role::Admin))),
                "participant" => Some(Some((&cast.participant, Role::Editor))),
                "member" => Some(Some((&cast.member, Role::Editor))),
                "observer" => Some(Some((&cast.observer, Role::Editor))),
                "parent" => Some(Some((&cast.parent, Role::Admin))),
                "successor" => Some(Some((&cast.successor, Role::Admin))),
                "coordinator" => Some(Some((&cast.county, Role::Viewer))),
                _ => panic!("who is {name}?"),
            };
            let person = match place {
                None => None,
                Some(place) => Some(self.person(name, place, &hash).await),
            };
            if let (Some(person), "coordinator") = (person, name) {
                self.name("coordinator", person.to_string());
            }
            self.people.push(person);
        }
    }

    async fn person(&self, name: &str, place: Option<(&Organisation, Role)>, hash: &str) -> PrincipalId {
        let now = self.world.app().now();
        let id: PrincipalId = self.world.app().fresh();
        let (text, email) = (Text::parse(name).unwrap(), Email::parse(&format!("{name}@example.org")).unwrap());
        let account = match place {
            None => Account::operator(id, text, email, now),
            Some((organisation, role)) => {
                let home = organisation.id.parse().unwrap();
                let roles = Roles::from([(home, role)]);
                if name == "unscoped" {
                    Account::client(id, home, text, TokenScope::ALL.to_vec(), roles, now)
                } else {
                    Account::user(id, home, text, email, roles, now)
                }
            }
        };
        let hash = hash.to_owned();
        let create = move |tx: &mut yhteen_persistence::Tx<'_>| accounts::create(tx, &account, Some(&hash));
        self.world.app().store.write(Actor::default(), now, create).await.unwrap();
        id
    }

    /// A user and clients of the owner, and an organisation without anyone.
    async fn add_accounts(&mut self, cast: &Cast) {
        let (owner, admin) = (&cast.owner.id, &cast.owner.admin);
        let user = json!({"organisation_id": owner, "name": "Kirjaaja", "email": "kirjaaja@example.org", "password": PASSWORD});
        let user = id(&admin.post("/api/v1/users", user).await.expect(201));
        self.name("user", user);
        let forgetful = json!({"organisation_id": owner, "name": "Unohtaja", "email": "unohtaja@example.org"});
        let forgetful = id(&admin.post("/api/v1/users", forgetful).await.expect(201));
        let reset = admin.act(&format!("/api/v1/users/{forgetful}:reset-password")).await.expect(200);
        self.name("code", reset["code"].as_str().unwrap());
        for name in ["client", "put_programme_coordinator principal", "delete_programme_coordinator principal"] {
            let client = json!({"organisation_id": owner, "name": "Järjestelmä", "scopes": ["actions:read"]});
            let client = id(&admin.post("/api/v1/clients", client).await.expect(201));
            self.name(name, client);
        }
        let vacant = json!({"name": {"fi": "Tyhjä"}, "kind": "ngo"});
        let vacant = id(&self.world.operator.post("/api/v1/organisations", vacant).await.expect(201));
        self.name("vacant organisation", vacant);
        self.name("organisation", owner);
        self.name("member organisation", &cast.member.id);
        self.name("parent organisation", &cast.parent.id);
        self.name("put_programme_member organisation", &cast.member.id);
        self.name("organisation a participant's diary number", &cast.participant.id);
        self.name("organisation a participant's body", &cast.participant.id);
        for operation in ["get", "delete", "patch", "commit", "decline", "withdraw"] {
            self.name(&format!("{operation}_participant organisation"), &cast.participant.id);
        }
    }

    /// A programme with a goal and a reporting period that nothing refers to, and an extension for the owner.
    async fn add_programme(&mut self, cast: &Cast, status: &str) {
        let founder = &cast.county.admin;
        let plan = super::requests::programme(&cast.county.id);
        let programme = id(&founder.post("/api/v1/programmes", plan).await.expect(201));
        let at = format!("/api/v1/programmes/{programme}");
        for (organisation, role) in [
            (&cast.owner, "coordinator"),
            (&cast.participant, "member"),
            (&cast.member, "member"),
            (&cast.observer, "observer"),
        ] {
            let membership = json!({"role": role, "joined_on": "2026-01-01"});
            founder.put(&format!("{at}/members/{}", organisation.id), membership).await.expect(200);
        }
        for coordinator in ["coordinator", "delete_programme_coordinator principal"] {
            let principal = self.thing(&[coordinator.to_owned()]);
            founder.put(&format!("{at}/coordinators/{principal}"), json!({})).await.expect(200);
        }
        let goal = json!({"code": "T1", "title": {"fi": "Tavoite"}});
        let goal = id(&founder.post(&format!("{at}/goals"), goal).await.expect(201));
        let period = super::requests::period("2026");
        let period = id(&founder.post(&format!("{at}/reporting-periods"), period).await.expect(201));
        let extension = format!("/api/v1/reporting-periods/{period}/extensions/{}", cast.owner.id);
        founder.put(&extension, json!({"until": "2026-06-30"})).await.expect(200);
        if status == "active" {
            founder.act(&format!("{at}:activate")).await.expect(200);
        }
        for (sort, id) in [("programme", programme), ("goal", goal), ("reporting_period", period)] {
            self.name(&format!("{sort} {status}"), id);
        }
    }

    /// An action of the owner, to which the participant is invited, and committed from the agreement on where it may
    /// know of it.
    async fn add_action(&mut self, cast: &Cast, status: &str, visibility: &str) {
        let mut plan = super::requests::action(self, &format!("{status}-{visibility}"));
        plan["visibility"] = json!(visibility);
        let action = id(&cast.owner.editor.post("/api/v1/actions", plan).await.expect(201));
        let at = format!("/api/v1/actions/{action}");
        let invitation = json!({"organisation_id": cast.participant.id, "roles": ["supporting"]});
        cast.owner.editor.post(&format!("{at}/participants"), invitation).await.expect(201);
        let verbs: &[&str] = match status {
            "draft" => &[],
            "proposed" => &["propose"],
            "agreed" => &["propose", "agree"],
            "in_progress" => &["propose", "agree", "start"],
            _ => &["propose", "agree", "start", "hold"],
        };
        for verb in verbs {
            if *verb == "agree" && visibility != "private" {
                let part = format!("{at}/participants/{}:commit", cast.participant.id);
                cast.participant.editor.act(&part).await.expect(200);
            }
            cast.owner.editor.act(&format!("{at}:{verb}")).await.expect(200);
        }
        self.name(&format!("action {status} {visibility}"), action);
    }

    /// A body of the owner with a meeting.
    async fn add_body(&mut self, cast: &Cast, visibility: &str) {
        let mut new = super::requests::body(&cast.owner.id);
        new["visibility"] = json!(visibility);
        let body = id(&cast.owner.admin.post("/api/v1/bodies", new).await.expect(201));
        let meetings = format!("/api/v1/bodies/{body}/meetings");
        let meeting = json!({"starts_at": "2026-05-05T13:00:00Z"});
        let meeting = id(&cast.owner.editor.post(&meetings, meeting).await.expect(201));
        self.name(&format!("body {visibility}"), body);
        self.name(&format!("meeting {visibility}, dry run"), &meeting);
        self.name(&format!("meeting {visibility}"), meeting);
    }

    /// Steps of the owner's actions, before a body of its own and one of the participant.
    async fn add_steps(&mut self, cast: &Cast) {
        let own = self.things["body public"].clone();
        let new = super::requests::body(&cast.participant.id);
        let other = id(&cast.participant.admin.post("/api/v1/bodies", new).await.expect(201));
        for (state, body, names) in [
            ("draft private", &own, ["draft private"].as_slice()),
            ("proposed public", &own, &["proposed public"]),
            ("proposed public", &other, &["a participant's body", "a participant's diary number"]),
        ] {
            let at = format!("/api/v1/actions/{}/decision-steps", self.things[&format!("action {state}")]);
            let step = super::requests::step(body);
            let step = id(&cast.owner.editor.post(&at, step).await.expect(201));
            for name in names {
                self.name(&format!("decision_step {name}"), &step);
            }
        }
        let meetings = format!("/api/v1/bodies/{other}/meetings");
        let meeting = json!({"starts_at": "2026-05-06T13:00:00Z"});
        self.name("participant's meeting", id(&cast.participant.editor.post(&meetings, meeting).await.expect(201)));
        let past = json!({"starts_at": "2026-01-13T13:00:00Z"});
        self.name(
            "participant's past meeting",
            id(&cast.participant.editor.post(&meetings, past.clone()).await.expect(201)),
        );
        let meetings = format!("/api/v1/bodies/{own}/meetings");
        self.name("past meeting", id(&cast.owner.editor.post(&meetings, past).await.expect(201)));
        self.add_bookings_and_handlings(cast, &own).await;
    }

    /// Steps of the owner's before its own body: with a proposal, booked, and decided with a claim against the decision.
    async fn add_bookings_and_handlings(&mut self, cast: &Cast, body: &str) {
        let editor = &cast.owner.editor;
        let ahead = json!({"meeting_id": self.things["meeting public"]});
        for (state, name) in [
            ("proposed public", "with a proposal"),
            ("proposed public", "booked"),
            ("proposed public", "decided"),
            ("proposed private", "decided, private"),
        ] {
            let at = format!("/api/v1/actions/{}/decision-steps", self.things[&format!("action {state}")]);
            let step = id(&editor.post(&at, super::requests::step(body)).await.expect(201));
            let at = format!("/api/v1/decision-steps/{step}");
            match name {
                "with a proposal" => {
                    drop(editor.post(&format!("{at}:propose-booking"), ahead.clone()).await.expect(200));
                }
                "booked" => drop(editor.post(&format!("{at}:book"), ahead.clone()).await.expect(200)),
                _ => {
                    let handling = json!({"meeting_id": self.things["past meeting"], "outcome": "approved"});
                    let handling = id(&editor.post(&format!("{at}/handlings"), handling).await.expect(201));
                    let claim = json!({"kind": "rectification", "filed_on": "2026-01-14"});
                    let claim = id(&editor.post(&format!("{at}/remedy-claims"), claim).await.expect(201));
                    self.name(&format!("handling {name}"), handling);
                    self.name(&format!("remedy_claim {name}"), claim);
                }
            }
            self.name(&format!("decision_step {name}"), step);
        }
    }

    /// A session of the editor's.
    async fn add_session(&mut self) {
        let column = CALLERS.iter().position(|(_, name, _)| *name == "editor").unwrap();
        self.world.refresh_token(self.people[column].unwrap()).await;
        let sessions = self.caller(column, None).all("/api/v1/me/sessions").await;
        self.name("session", id(&sessions[0]));
    }

    /// A calendar feed of the editor's.
    async fn add_calendar_feed(&mut self) {
        let column = CALLERS.iter().position(|(_, name, _)| *name == "editor").unwrap();
        let editor = self.caller(column, None);
        let feed = editor.post("/api/v1/calendar-feeds", json!({"language": "fi"})).await.expect(201);
        self.name("calendar_feed", id(&feed));
        self.name("token", feed["url"].as_str().unwrap().rsplit('/').nth(1).unwrap());
    }

    /// Reports of the owner and of the participant, in every state.
    async fn add_reports(&mut self, cast: &Cast) {
        let programme = self.things["programme active"].clone();
        let mut periods = BTreeMap::new();
        for state in ["draft", "submitted", "accepted"] {
            let at = format!("/api/v1/programmes/{programme}/reporting-periods");
            let period = id(&cast.county.admin.post(&at, super::requests::period(state)).await.expect(201));
            periods.insert(state, period);
        }
        for (author, action, state, name) in [
            (&cast.owner, "in_progress public", "draft", "draft"),
            (&cast.owner, "in_progress public", "submitted", "submitted"),
            (&cast.owner, "in_progress public", "accepted", "accepted public"),
            (&cast.owner, "in_progress private", "accepted", "accepted private"),
            (&cast.participant, "in_progress public", "draft", "a participant's draft"),
            (&cast.participant, "in_progress public", "submitted", "a participant's submitted"),
        ] {
            let action = &self.things[&format!("action {action}")];
            let report = super::requests::report(action, &author.id, &periods[state]);
            let report = id(&author.reporter.post("/api/v1/reports", report).await.expect(201));
            let at = format!("/api/v1/reports/{report}");
            if state != "draft" {
                author.reporter.act(&format!("{at}:submit")).await.expect(200);
            }
            if state == "accepted" {
                cast.county.admin.act(&format!("{at}:accept")).await.expect(200);
            }
            self.name(&format!("report {name}"), report);
        }
    }
}

impl Cast {
    async fn new(world: &World) -> Self {
        let parent = world.municipality("Konserni").await;
        let owner = world.part_of(Some(&parent.id), "Kouvola", "municipality").await;
        let successor = world.municipality("Uusi Kouvola").await;
        let succeeded: Value = json!({"successor_id": successor.id, "succeeded_on": "2026-01-01"});
        world.operator.change(&format!("/api/v1/organisations/{}", owner.id), succeeded).await.expect(200);
        Self {
            county: world.organisation("Hyvinvointialue", "wellbeing_services_county").await,
            owner,
            participant: world.municipality("Kotka").await,
            member: world.municipality("Hamina").await,
            observer: world.municipality("Pyhtää").await,
            outsider: world.municipality("Helsinki").await,
            parent,
            successor,
        }
    }
}
