//! Who owes a report is a question about the days of its period: what held then counts, and not what holds now.

use crate::programmes::active;
use crate::reporting_periods::period;
use diesel::connection::SimpleConnection;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use yhteen_persistence::Db;
use yhteen_tests::caller::id;
use yhteen_tests::{Caller, Engine, Organisation, World, both};

/// An action of the year 2026 with one who leads it and one who carries it out, and a period for each month.
struct Year {
    county: Organisation,
    lead: Organisation,
    city: Organisation,
    heir: Organisation,
    programme: String,
    action: String,
    months: Vec<String>,
}

const MONTHS: [(&str, &str); 9] = [
    ("01-01", "01-31"),
    ("02-01", "02-28"),
    ("03-01", "03-31"),
    ("04-01", "04-30"),
    ("05-01", "05-31"),
    ("06-01", "06-30"),
    ("07-01", "07-31"),
    ("08-01", "08-31"),
    ("09-01", "09-30"),
];

/// Somebody does something on a day.
async fn on(world: &World, day: &str, caller: &Caller, path: &str) -> Value {
    world.set_clock(&format!("2026-{day}T10:00:00Z"));
    world.renewed(caller).act(path).await.expect(200)
}

impl Year {
    /// Everything is agreed on 15 January, when worlds begin, unless it is only proposed.
    async fn new(world: &World, visibility: &str) -> Self {
        let county = world.organisation("Hyvinvointialue", "wellbeing_services_county").await;
        let (lead, city) = (world.municipality("Kouvola").await, world.municipality("Kotka").await);
        let heir = world.municipality("Uusi Kotka").await;
        let programme = active(&county, &[&lead, &city]).await;
        let mut months = Vec::new();
        for (number, (from, to)) in MONTHS.iter().enumerate() {
            let body = json!({"code": format!("M{}", number + 1), "kind": "annual", "starts_on": format!("2026-{from}"),
                "ends_on": format!("2026-{to}"), "opens_on": format!("2026-{from}"), "due_on": "2026-12-15"});
            months.push(period(&county.admin, &programme, body).await);
        }
        let plan = json!({"programme_id": programme.rsplit('/').next(), "organisation_id": lead.id, "code": "A1",
            "title": {"fi": "Perhekeskus"}, "visibility": visibility});
        let action = format!("/api/v1/actions/{}", id(&lead.editor.post("/api/v1/actions", plan).await.expect(201)));
        let body = json!({"organisation_id": city.id, "roles": ["implementing"]});
        lead.editor.post(&format!("{action}/participants"), body).await.expect(201);
        city.editor.act(&format!("{action}/participants/{}:commit", city.id)).await.expect(200);
        lead.editor.act(&format!("{action}:propose")).await.expect(200);
        Self { county, lead, city, heir, programme, action, months }
    }

    async fn agree(&self) {
        self.lead.editor.act(&format!("{}:agree", self.action)).await.expect(200);
    }

    /// The states of the reports that are owed for a month, by organisation; the totals are those of the list.
    async fn owed(&self, world: &World, reader: &Caller, month: usize) -> BTreeMap<String, String> {
        let period = &self.months[month - 1];
        let reader = if reader.token().is_some() { world.renewed(reader) } else { reader.clone() };
        let at = format!("{}/progress", self.programme);
        let items = reader.all(&format!("{at}/reports?reporting_period_id={period}")).await;
        let counts = reader.get(&format!("{at}?reporting_period_id={period}")).await.expect(200)["reports"].clone();
        assert_eq!(counts["owed"], items.len(), "{counts} {items:?}");
        let names = [(&self.lead, "lead"), (&self.city, "city"), (&self.heir, "heir")];
        let name = |id: &Value| names.iter().find(|(it, _)| *id == it.id.as_str()).unwrap().1.to_owned();
        let word = |item: &Value| item["state"].as_str().unwrap().to_owned();
        items.iter().map(|item| (name(&item["organisation_id"]), word(item))).collect()
    }

    /// Who owes a report for a month, as the coordinator sees it.
    async fn who(&self, world: &World, month: usize) -> String {
        let owed = self.owed(world, &self.county.admin, month).await;
        owed.into_keys().collect::<Vec<_>>().join(" ")
    }

    fn report(&self, organisation: &Organisation, month: usize) -> Value {
        json!({"action_id": self.action.rsplit('/').next(), "organisation_id": organisation.id,
            "reporting_period_id": self.months[month - 1], "implementation_status": "in_progress",
            "rating": "on_track", "summary": {"fi": "Avattiin."}})
    }

    /// A draft in the name of an organisation: its path.
    async fn draft(&self, world: &World, reporter: &Caller, organisation: &Organisation, month: usize) -> String {
        let made = world.renewed(reporter).post("/api/v1/reports", self.report(organisation, month)).await.expect(201);
        format!("/api/v1/reports/{}", id(&made))
    }

    async fn submitted(&self, world: &World, reporter: &Caller, organisation: &Organisation, month: usize) -> String {
        let report = self.draft(world, reporter, organisation, month).await;
        world.renewed(reporter).act(&format!("{report}:submit")).await.expect(200);
        report
    }

    /// The last day of the city is 30 April; the heir takes its place.
    async fn succession(&self, world: &World) {
        let ended = json!({"valid_to": "2026-04-30", "successor_id": self.heir.id, "succeeded_on": "2026-05-01"});
        let at = format!("/api/v1/organisations/{}", self.city.id);
        world.renewed(&world.operator).change(&at, ended).await.expect(200);
        world.app().accesses.forget();
    }
}

both! {
    async fn each_day_of_the_period_is_asked_what_held_on_it(world: World) {
        let year = Year::new(&world, "public").await;
        let (action, lead) = (&year.action, &year.lead.editor);
        // Half past midnight of 1 February in Finland.
        world.set_clock("2026-01-31T22:30:00Z");
        world.renewed(lead).act(&format!("{action}:agree")).await.expect(200);
        on(&world, "02-05", lead, &format!("{action}:start")).await;
        on(&world, "03-31", &year.city.editor, &format!("{action}/participants/{}:withdraw", year.city.id)).await;
        on(&world, "04-30", lead, &format!("{action}:hold")).await;
        on(&world, "07-01", lead, &format!("{action}:resume")).await;
        on(&world, "08-31", lead, &format!("{action}:complete")).await;
        world.set_clock("2026-12-01T10:00:00Z");
        let mut who = Vec::new();
        for month in 1..=9 {
            who.push(year.who(&world, month).await);
        }
        // Agreed on 1 February; the city withdrew on 31 March; on hold from 30 April to 1 July; completed on 31 August.
        assert_eq!(who, ["", "city lead", "city lead", "lead", "", "", "lead", "lead", ""]);
    }

    async fn a_late_commitment_owes_nothing_for_the_time_before_it(world: World) {
        let year = Year::new(&world, "public").await;
        year.agree().await;
        world.set_clock("2026-02-20T10:00:00Z");
        let body = json!({"organisation_id": year.county.id, "roles": ["funding"]});
        world.renewed(&year.lead.editor).post(&format!("{}/participants", year.action), body).await.expect(201);
        let commit = format!("{}/participants/{}:commit", year.action, year.county.id);
        on(&world, "03-01", &year.county.editor, &commit).await;
        // Other roles are asked for again: from 10 April on it only helps.
        world.set_clock("2026-04-10T10:00:00Z");
        let part = format!("{}/participants/{}", year.action, year.county.id);
        world.renewed(&year.lead.editor).change(&part, json!({"roles": ["supporting"]})).await.expect(200);
        on(&world, "04-12", &year.county.editor, &commit).await;
        world.set_clock("2026-12-01T10:00:00Z");
        let owed = async |month: usize| {
            let at = format!("{}/progress?reporting_period_id={}", year.programme, year.months[month - 1]);
            let found = world.anonymous().get(&at).await.expect(200);
            let own = found["organisations"].as_array().unwrap().iter().find(|it| it["organisation_id"] == year.county.id.as_str());
            own.map(|it| it["reports"]["owed"].clone())
        };
        assert_eq!([owed(2).await, owed(3).await, owed(4).await, owed(5).await].map(Option::unwrap), [0, 1, 1, 0]);
    }

    async fn an_organisation_owes_nothing_for_days_on_which_it_does_not_exist(world: World) {
        let year = Year::new(&world, "public").await;
        year.agree().await;
        world.set_clock("2026-12-01T10:00:00Z");
        let life = json!({"valid_from": "2026-03-31", "valid_to": "2026-05-01"});
        let at = format!("/api/v1/organisations/{}", year.city.id);
        world.renewed(&world.operator).change(&at, life).await.expect(200);
        let mut who = Vec::new();
        for month in 1..=7 {
            who.push(year.who(&world, month).await);
        }
        assert_eq!(who, ["lead", "lead", "city lead", "city lead", "city lead", "lead", "lead"]);
    }

    async fn nothing_is_owed_for_days_to_come(world: World) {
        let year = Year::new(&world, "public").await;
        year.agree().await;
        assert_eq!((year.who(&world, 1).await, year.who(&world, 2).await), ("city lead".into(), String::new()));
        world.set_clock("2026-02-01T10:00:00Z");
        assert_eq!(year.who(&world, 2).await, "city lead");
    }

    async fn a_successor_takes_over_what_is_owed_and_erases_nothing(world: World) {
        let year = Year::new(&world, "public").await;
        let Year { county, city, heir, .. } = &year;
        year.agree().await;
        world.set_clock("2026-04-20T10:00:00Z");
        let accepted = year.submitted(&world, &city.reporter, city, 1).await;
        world.renewed(&county.admin).act(&format!("{accepted}:accept")).await.expect(200);
        let submitted = year.submitted(&world, &city.reporter, city, 2).await;
        let draft = year.draft(&world, &city.reporter, city, 3).await;
        year.succession(&world).await;
        let of = async |reader: &Caller, month: usize| {
            let owed = year.owed(&world, reader, month).await.into_iter().filter(|(name, _)| name != "lead");
            owed.map(|(name, state)| format!("{name} {state}")).collect::<Vec<_>>().join(" ")
        };
        world.set_clock("2026-04-30T10:00:00Z");
        assert_eq!(of(&county.admin, 4).await, "city not_started");
        world.set_clock("2026-05-02T10:00:00Z");
        assert_eq!(of(&county.admin, 1).await, "city accepted");
        assert_eq!(of(&county.admin, 2).await, "city submitted");
        assert_eq!(of(&world.anonymous(), 2).await, "city reported");
        assert_eq!((of(&county.admin, 3).await, of(&heir.viewer, 3).await), ("heir not_started".into(), "heir draft".into()));
        assert_eq!(of(&county.admin, 4).await, "heir not_started");
        assert_eq!(of(&county.admin, 5).await, "");

        // What has come back is not done: the successor answers for it. Nobody else learns that it came back.
        let back = json!({"note": "Lisää"});
        world.renewed(&county.admin).post(&format!("{submitted}:return"), back).await.expect(200);
        assert_eq!((of(&county.admin, 2).await, of(&world.anonymous(), 2).await), ("heir returned".into(), "city reported".into()));

        // It reports in its own name what it has taken over, and goes on with what its predecessor began.
        year.submitted(&world, &heir.reporter, heir, 4).await;
        assert_eq!(of(&county.admin, 4).await, "heir submitted");
        world.renewed(&heir.reporter).act(&format!("{draft}:submit")).await.expect(200);
        assert_eq!(of(&county.admin, 3).await, "city submitted");
        for (author, month) in [(heir, 1), (heir, 3), (heir, 5), (city, 5)] {
            let reply = world.renewed(&heir.reporter).post("/api/v1/reports", year.report(author, month)).await;
            reply.refused(409, "report.not_participant");
        }
    }

    async fn whoever_owed_may_still_report_after_it_has_left(world: World) {
        let year = Year::new(&world, "participants").await;
        let Year { city, lead, heir, action, .. } = &year;
        year.agree().await;
        on(&world, "02-10", &lead.editor, &format!("{action}:start")).await;
        on(&world, "02-20", &city.editor, &format!("{action}/participants/{}:withdraw", city.id)).await;
        on(&world, "03-10", &lead.editor, &format!("{action}:complete")).await;
        world.set_clock("2026-05-02T10:00:00Z");
        // It does not see the action any more, and knows what it took part in.
        world.renewed(&city.reporter).get(action).await.refused(404, "request.not_found");
        year.submitted(&world, &city.reporter, city, 2).await;
        year.submitted(&world, &lead.reporter, lead, 3).await;
        let create = async |organisation: &Organisation, month: usize| {
            world.renewed(&organisation.reporter).post("/api/v1/reports", year.report(organisation, month)).await
        };
        create(city, 3).await.refused(409, "report.not_participant");
        let refused = create(lead, 4).await.refused(409, "report.action_not_agreed");
        assert_eq!(refused["errors"].as_array().unwrap().len(), 1);
        // Whoever never took part does not learn that there is such an action.
        create(heir, 2).await.refused(422, "request.invalid");
    }

    async fn a_cancelled_action_is_reported_on_for_the_time_in_which_it_ran(world: World) {
        let year = Year::new(&world, "public").await;
        year.agree().await;
        on(&world, "02-10", &year.lead.editor, &format!("{}:cancel", year.action)).await;
        world.set_clock("2026-05-02T10:00:00Z");
        assert_eq!((year.who(&world, 2).await, year.who(&world, 3).await), ("city lead".into(), String::new()));
        year.submitted(&world, &year.city.reporter, &year.city, 2).await;
    }

    async fn an_older_database_is_told_by_its_feed_what_was(world: World) {
        let year = Year::new(&world, "public").await;
        let (action, lead, city) = (&year.action, &year.lead.editor, &year.city.editor);
        year.agree().await;
        let part = format!("{action}/participants/{}", year.city.id);
        on(&world, "02-05", lead, &format!("{action}:start")).await;
        let report = year.submitted(&world, &year.city.reporter, &year.city, 1).await;
        world.renewed(&year.county.admin).act(&format!("{report}:accept")).await.expect(200);
        let second = year.submitted(&world, &year.city.reporter, &year.city, 1).await;
        world.renewed(&year.county.admin).act(&format!("{second}:accept")).await.expect(200);
        on(&world, "02-20", city, &format!("{part}:withdraw")).await;
        world.set_clock("2026-04-10T10:00:00Z");
        let again = json!({"organisation_id": year.city.id, "roles": ["implementing"]});
        world.renewed(lead).post(&format!("{action}/participants"), again).await.expect(201);
        on(&world, "04-20", city, &format!("{part}:commit")).await;
        on(&world, "05-31", lead, &format!("{action}:hold")).await;
        on(&world, "07-01", lead, &format!("{action}:resume")).await;
        on(&world, "08-20", city, &format!("{part}:withdraw")).await;
        world.set_clock("2026-12-01T10:00:00Z");
        let known = async || {
            let mut owed = Vec::new();
            for month in 1..=9 {
                owed.push(year.owed(&world, &year.county.admin, month).await);
            }
            (owed, world.anonymous().get(&report).await.expect(200)["superseded_by_id"].clone())
        };
        let before = known().await;
        let who = before.0.iter().map(|owed| owed.keys().cloned().collect::<Vec<_>>().join(" "));
        assert_eq!(who.collect::<Vec<_>>(), [
            "city lead", "city lead", "lead", "city lead", "city lead", "", "city lead", "city lead", "lead"
        ]);
        assert_eq!(before.1, second.rsplit('/').next().unwrap());
        upgrade(&world);
        assert_eq!(known().await, before);
    }
}

/// Takes the history away, and finds it again as an upgrade does.
fn upgrade(world: &World) {
    const SQLITE: [&str; 2] = [
        include_str!("../../migrations/sqlite/2026-11-24-000005_owed_reports/down.sql"),
        include_str!("../../migrations/sqlite/2026-11-24-000005_owed_reports/up.sql"),
    ];
    const POSTGRES: [&str; 2] = [
        include_str!("../../migrations/postgres/2026-11-24-000005_owed_reports/down.sql"),
        include_str!("../../migrations/postgres/2026-11-24-000005_owed_reports/up.sql"),
    ];
    let migration = match world.engine {
        Engine::Sqlite => SQLITE,
        Engine::Postgres => POSTGRES,
    };
    let mut db = Db::open(&world.database.url).unwrap();
    for sql in migration {
        db.batch_execute(sql).unwrap();
    }
}
