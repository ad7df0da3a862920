//! The change feed under many writers: two processes, thirty-two who write what comes into their heads, and readers who
//! follow meanwhile. In the end each reader holds what it is shown, and was told of each version in its order.

use crate::follower::{Copy, Follower, listed};
use crate::programmes::active;
use crate::reporting_periods::{period, year};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use yhteen_tests::caller::id;
use yhteen_tests::process::Process;
use yhteen_tests::{Caller, Organisation, Reply, World, both};

const WRITERS: u64 = 32;
const WRITES: u64 = 30;

/// What the writers write on.
struct Field {
    county: Organisation,
    city: Organisation,
    town: Organisation,
    operator: Caller,
    period: String,
    actions: Vec<String>,
    bodies: Vec<String>,
    meetings: Vec<String>,
    /// What was made or changed by answered requests: each version of each thing.
    written: Mutex<BTreeMap<String, BTreeMap<i64, Value>>>,
}

impl Field {
    async fn new(world: &World) -> Self {
        let operator = world.join_the_present();
        let county = world.organisation("Hyvinvointialue", "wellbeing_services_county").await;
        let (city, town) = (world.municipality("Kouvola").await, world.municipality("Kotka").await);
        let programme = active(&county, &[&city, &town]).await;
        let period = period(&county.admin, &programme, year()).await;
        let (mut actions, mut bodies, mut meetings) = (Vec::new(), Vec::new(), Vec::new());
        for number in 0..5 {
            let body = json!({"programme_id": programme.rsplit('/').next(), "organisation_id": city.id,
                "code": format!("A{number}"), "title": {"fi": "Toimenpide"}, "visibility": "public"});
            let at = format!("/api/v1/actions/{}", id(&city.editor.post("/api/v1/actions", body).await.expect(201)));
            let invitation = json!({"organisation_id": town.id, "roles": ["implementing"]});
            city.editor.post(&format!("{at}/participants"), invitation).await.expect(201);
            town.editor.act(&format!("{at}/participants/{}:commit", town.id)).await.expect(200);
            city.editor.act(&format!("{at}:propose")).await.expect(200);
            city.editor.act(&format!("{at}:agree")).await.expect(200);
            actions.push(at);
        }
        for _ in 0..2 {
            let body = json!({"organisation_id": town.id, "name": {"fi": "Lautakunta"}, "kind": "committee",
                "agenda_lead": {"days": 7, "time": "12:00"}, "minutes_publication_days": 7});
            let at = format!("/api/v1/bodies/{}", id(&town.admin.post("/api/v1/bodies", body).await.expect(201)));
            for month in 1..4 {
                let meeting = json!({"starts_at": format!("2027-0{month}-10T15:00:00Z")});
                let made = town.editor.post(&format!("{at}/meetings"), meeting).await.expect(201);
                meetings.push(format!("/api/v1/meetings/{}", id(&made)));
            }
            bodies.push(at);
        }
        for (number, at) in actions.iter().enumerate() {
            let body = bodies[number % bodies.len()].rsplit('/').next();
            let step =
                json!({"body_id": body, "title": {"fi": "Päätös"}, "function": "decision", "authoritative": true});
            city.editor.post(&format!("{at}/decision-steps"), step).await.expect(201);
        }
        Self { county, city, town, operator, period, actions, bodies, meetings, written: Mutex::default() }
    }

    /// Writes what the number says, through one of the servers.
    async fn write(&self, base: &str, writer: u64, number: u64) {
        let mut number = number;
        let mut any = |count: usize| {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(number >> 33).unwrap() % count
        };
        let kind = any(12);
        let (action, body, meeting) = (any(self.actions.len()), any(self.bodies.len()), any(self.meetings.len()));
        let (action, body, meeting) = (&self.actions[action], &self.bodies[body], &self.meetings[meeting]);
        let visibility = ["private", "participants", "partners", "public"][any(4)];
        let part = format!("{action}/participants/{}", self.town.id);
        let (city, town) = (self.city.editor.at(base), self.town.admin.at(base));
        let reply = match kind {
            0 | 1 => city.change(action, json!({"visibility": visibility})).await,
            2 => city.change(action, json!({"title": {"fi": format!("Nimi {writer}")}})).await,
            3 => {
                let invitation = json!({"organisation_id": self.town.id, "roles": ["implementing"]});
                let request = city.request(Method::POST, &format!("{action}/participants"));
                city.send(request.header("idempotency-key", format!("{writer}.{number}")).json(&invitation)).await
            }
            4 => town.act(&format!("{part}:{}", ["commit", "decline"][any(2)])).await,
            5 => town.act(&format!("{part}:withdraw")).await,
            6 => {
                let visibility = ["private", "public"][any(2)];
                town.change(body, json!({"visibility": visibility})).await
            }
            7 => town.change(meeting, json!({"location": format!("Huone {writer}")})).await,
            8 => {
                let organisation = json!({"name": {"fi": format!("Järjestö {number}")}, "kind": "ngo"});
                self.operator.at(base).post("/api/v1/organisations", organisation).await
            }
            9 => {
                let one = format!("/api/v1/organisations/{}", self.town.id);
                town.change(&one, json!({"website": format!("https://{writer}.example/")})).await
            }
            // This changes what is told of its timetable.
            10 => city.change(action, json!({"starts_on": format!("2027-0{}-15", 1 + any(4))})).await,
            _ => self.report(base, action, any(3)).await,
        };
        self.note(reply);
    }

    /// Goes on with a report of the city, or begins one.
    async fn report(&self, base: &str, action: &str, how_far: usize) -> Reply {
        let (city, county) = (self.city.reporter.at(base), self.county.admin.at(base));
        let action = action.rsplit('/').next().unwrap();
        let body = json!({"action_id": action, "organisation_id": self.city.id, "reporting_period_id": self.period,
            "implementation_status": "in_progress", "rating": "on_track", "summary": {"fi": "Tehty."}});
        let made = city.post("/api/v1/reports", body).await;
        let own = format!("/api/v1/reports?action_id={action}&organisation_id={}", self.city.id);
        let Some(report) = city.all(&own).await.last().map(|report| format!("/api/v1/reports/{}", id(report))) else {
            return made;
        };
        self.note(made);
        match how_far {
            0 => city.change(&report, json!({"completion_percent": 50})).await,
            1 => city.act(&format!("{report}:submit")).await,
            _ => county.act(&format!("{report}:accept")).await,
        }
    }

    /// The city sees its actions and reports in all their versions, and organisations as everyone does: it was told of
    /// each version once, from the first to the last, and of all that was answered.
    fn check_all_was_told(&self, follower: &Follower) {
        let told_of = |is_shown: fn(&str) -> bool| {
            let mut told: BTreeMap<&str, BTreeSet<i64>> = BTreeMap::new();
            for event in follower.events.iter().filter(|event| is_shown(&event.aggregate.0)) {
                told.entry(&event.aggregate.1).or_default().insert(event.version);
            }
            told
        };
        let told = told_of(|kind| !matches!(kind, "body" | "meeting" | "timetable"));
        let timetables = told_of(|kind| kind == "timetable");
        assert_eq!(timetables.len(), self.actions.len());
        for (id, told) in told.iter().chain(&timetables) {
            assert_eq!(
                told.iter().copied().collect::<Vec<_>>(),
                (1..=*told.last().unwrap()).collect::<Vec<_>>(),
                "{id}"
            );
        }
        let of_the_town = |id: &str| self.bodies.iter().chain(&self.meetings).any(|path| path.ends_with(id));
        let written = self.written.lock().unwrap();
        assert!(written.len() > 20, "hardly anything was written: {written:?}");
        for (id, versions) in written.iter().filter(|(id, _)| !of_the_town(id)) {
            assert!(
                told.get(id.as_str()).is_some_and(|told| versions.keys().all(|version| told.contains(version))),
                "{id}: {versions:?}, {told:?}"
            );
        }
    }

    /// Whatever is refused is refused for a reason; what is done is noted.
    fn note(&self, reply: Reply) {
        assert!(reply.status.as_u16() < 500, "{reply:?}");
        // What is answered of a participant has its organisation for a name, and the version of its action.
        let Some(id) = reply.body["id"].as_str().filter(|_| reply.status.is_success()) else { return };
        let version = reply.version();
        // What was so already is answered in the version that stands.
        let time = reply.body["updated_at"].clone();
        let known = self.written.lock().unwrap().entry(id.to_owned()).or_default().insert(version, time.clone());
        assert!(known.is_none_or(|known| known == time), "{id} has version {version} twice");
    }
}

/// Follows until the writers have ended and everything has come.
async fn keep(bases: [String; 2], mut follower: Follower, ended: Arc<AtomicBool>) -> Follower {
    let mut pages = 0;
    while !ended.load(Ordering::Relaxed) {
        follower.reader = follower.reader.at(&bases[pages % 2]);
        follower.follow(7, 1).await.unwrap();
        pages += 1;
    }
    follower
}

both! {
    async fn whoever_follows_holds_what_the_writers_have_left(world: World) {
        let field = Arc::new(Field::new(&world).await);
        let program = Path::new(env!("CARGO_BIN_EXE_yhteen-server"));
        let servers = [0, 1].map(|_| Process::start(program, &world.database, &world.base));
        for server in &servers {
            server.ready().await;
        }
        let bases = servers.each_ref().map(|server| server.base.clone());
        let ended = Arc::new(AtomicBool::new(false));
        let readers = [
            field.city.viewer.clone(),
            field.town.viewer.clone(),
            field.county.viewer.clone(),
            field.county.admin.clone(),
            world.anonymous(),
        ];
        let mut followers = tokio::task::JoinSet::new();
        for (which, reader) in readers.iter().enumerate() {
            let early = keep(bases.clone(), Follower::from_the_beginning(reader.clone()), Arc::clone(&ended));
            followers.spawn(async move { (which == 0, early.await) });
        }

        let mut writers = tokio::task::JoinSet::new();
        for writer in 0..WRITERS {
            let (field, bases) = (Arc::clone(&field), bases.clone());
            writers.spawn(async move {
                for write in 0..WRITES {
                    let base = &bases[usize::try_from((writer + write) % 2).unwrap()];
                    field.write(base, writer, writer * WRITES + write).await;
                }
            });
        }
        // These begin while much is under way.
        for reader in &readers {
            let late = keep(bases.clone(), Follower::from_now(reader.at(&bases[1])).await, Arc::clone(&ended));
            followers.spawn(async move { (false, late.await) });
        }
        while let Some(writer) = writers.join_next().await {
            writer.unwrap();
        }
        ended.store(true, Ordering::Relaxed);
        let mark = json!({"name": {"fi": "Loppu"}, "kind": "ngo"});
        let mark = id(&field.operator.post("/api/v1/organisations", mark).await.expect(201));

        while let Some(follower) = followers.join_next().await {
            let (sees_all, mut follower) = follower.unwrap();
            follower.until("organisation.created", &mark).await.unwrap();
            let shown: Copy = listed(&follower.reader).await;
            assert_eq!(follower.holds, shown);
            if sees_all {
                field.check_all_was_told(&follower);
            }
        }
    }
}
