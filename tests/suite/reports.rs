//! Reports: written by committed participants, reviewed by the coordinators, seen by more as they go on.

use crate::follower::Follower;
use crate::programmes::active;
use crate::reporting_periods::{period, year};
use crate::seed::{self, Seen};
use serde_json::{Value, json};
use yhteen_domain::audience::Audience;
use yhteen_domain::ids::ReportId;
use yhteen_domain::reports::Report;
use yhteen_persistence::{Actor, Error, Tx, reports, scope};
use yhteen_tests::caller::id;
use yhteen_tests::{Organisation, World, both};

/// A programme that a county coordinates, with an action for which one city is accountable and another is committed.
pub(crate) struct Stage {
    pub(crate) county: Organisation,
    pub(crate) lead: Organisation,
    pub(crate) city: Organisation,
    pub(crate) stranger: Organisation,
    pub(crate) programme: String,
    pub(crate) period: String,
    pub(crate) action: String,
}

impl Stage {
    pub(crate) async fn new(world: &World, seen: Seen) -> Self {
        let county = world.organisation("Hyvinvointialue", "wellbeing_services_county").await;
        let (lead, city) = (world.municipality("Kouvola").await, world.municipality("Kotka").await);
        let stranger = world.municipality("Hamina").await;
        let programme = active(&county, &[&lead, &city]).await;
        let period = period(&county.admin, &programme, year()).await;
        let parts = [(&lead, "accountable", "committed"), (&city, "implementing", "committed")];
        let action = seed::action(world, &programme, "in_progress", &parts, seen).await;
        Self { county, lead, city, stranger, programme, period, action }
    }

    pub(crate) fn body(&self, organisation: &Organisation) -> Value {
        json!({
            "action_id": self.action,
            "organisation_id": organisation.id,
            "reporting_period_id": self.period,
            "implementation_status": "in_progress",
            "rating": "on_track",
            "completion_percent": 40,
            "summary": {"fi": "Perhekeskus avattiin."}
        })
    }

    /// A new draft of the organisation: its path.
    pub(crate) async fn draft(&self, organisation: &Organisation) -> String {
        let made = organisation.reporter.post("/api/v1/reports", self.body(organisation)).await.expect(201);
        format!("/api/v1/reports/{}", id(&made))
    }

    /// A new report of the organisation, submitted: its path.
    pub(crate) async fn submitted(&self, organisation: &Organisation) -> String {
        let report = self.draft(organisation).await;
        organisation.reporter.act(&format!("{report}:submit")).await.expect(200);
        report
    }

    /// A new report of the organisation, accepted: its path.
    pub(crate) async fn accepted(&self, organisation: &Organisation) -> String {
        let report = self.submitted(organisation).await;
        self.county.admin.act(&format!("{report}:accept")).await.expect(200);
        report
    }

    fn period(&self) -> String {
        format!("/api/v1/reporting-periods/{}", self.period)
    }
}

both! {
    async fn a_report_for_a_period_that_has_just_gone_is_refused(world: World) {
        let stage = Stage::new(&world, Seen::ByEveryone).await;
        let path = stage.draft(&stage.city).await;
        let report: ReportId = path.rsplit('/').next().unwrap().parse().unwrap();
        let (principal, today) = (world.principal(&stage.city.reporter), world.app().today());
        let (fresh, gone) = (world.app().fresh(), world.app().fresh());
        let create = move |tx: &mut Tx<'_>| {
            let access = scope::access(tx, principal, today)?.unwrap();
            let known = reports::find(tx, access.scope(), report)?;
            let late = Report { id: fresh, period_id: gone, ..known };
            reports::create(tx, &late, Audience::nobody())
        };
        let refused = world.app().store.write(Actor::default(), world.app().now(), create).await;
        let Err(Error::Fault(fault)) = refused else { panic!("{refused:?}") };
        assert_eq!(fault.culprits[0].pointer, "/reporting_period_id");
    }

    async fn a_report_goes_from_draft_to_accepted(world: World) {
        let stage = Stage::new(&world, Seen::ByEveryone).await;
        let reply = stage.city.reporter.post("/api/v1/reports", stage.body(&stage.city)).await;
        let report = reply.header("location").unwrap().to_owned();
        let made = reply.expect(201);
        assert_eq!((&made["state"], &made["revision"]), (&json!("draft"), &json!(1)));
        assert_eq!(made["permissions"], json!({"edit": true, "delete": true, "review": false}));
        stage.county.admin.act(&format!("{report}:accept")).await.refused(404, "request.not_found");
        let submitted = stage.city.reporter.act(&format!("{report}:submit")).await.expect(200);
        assert_eq!((&submitted["state"], &submitted["version"]), (&json!("submitted"), &json!(2)));
        assert_eq!(submitted["submitted_by"], json!(world.principal(&stage.city.reporter)));
        let again = stage.city.reporter.act(&format!("{report}:submit")).await;
        again.refused(409, "report.already_submitted");
        let change = stage.city.reporter.change(&report, json!({"completion_percent": 50})).await;
        change.refused(409, "report.already_submitted");
        stage.city.reporter.delete(&report).await.refused(409, "report.already_submitted");

        let note = json!({"note": "Kertokaa lisää."});
        stage.lead.admin.post(&format!("{report}:return"), note.clone()).await.refused(403, "auth.forbidden");
        stage.county.admin.post(&format!("{report}:return"), json!({})).await.refused(422, "request.invalid");
        let returned = stage.county.admin.post(&format!("{report}:return"), note).await.expect(200);
        assert_eq!((&returned["state"], &returned["submitted_by"]), (&json!("returned"), &Value::Null));
        assert_eq!(stage.city.viewer.get(&report).await.expect(200)["review_note"], "Kertokaa lisää.");
        assert_eq!(stage.lead.viewer.get(&report).await.expect(200)["review_note"], Value::Null);
        stage.county.admin.act(&format!("{report}:accept")).await.refused(409, "report.not_submitted");
        stage.city.reporter.change(&report, json!({"completion_percent": 50})).await.expect(200);
        stage.city.reporter.act(&format!("{report}:submit")).await.expect(200);

        stage.city.admin.act(&format!("{report}:accept")).await.refused(403, "auth.forbidden");
        let accepted = stage.county.admin.act(&format!("{report}:accept")).await.expect(200);
        assert_eq!((&accepted["state"], &accepted["version"]), (&json!("accepted"), &json!(6)));
        for verb in ["submit", "accept"] {
            let caller = if verb == "submit" { &stage.city.reporter } else { &stage.county.admin };
            caller.act(&format!("{report}:{verb}")).await.refused(409, "report.already_accepted");
        }
        let change = stage.city.reporter.change(&report, json!({"completion_percent": 60})).await;
        change.refused(409, "report.already_accepted");
        stage.city.reporter.delete(&report).await.refused(409, "report.already_accepted");
    }

    async fn a_report_is_seen_by_more_as_it_goes_on(world: World) {
        let stage = Stage::new(&world, Seen::ByEveryone).await;
        let report = stage.draft(&stage.city).await;
        let anyone = world.anonymous();
        let check = |step: &'static str, seeing: [bool; 4]| {
            let callers = [&stage.lead.viewer, &stage.county.admin, &stage.stranger.admin, &anyone].map(Clone::clone);
            let report = report.clone();
            async move {
                for (number, (caller, sees)) in callers.iter().zip(seeing).enumerate() {
                    let status = caller.get(&report).await.status.as_u16();
                    assert_eq!(status, if sees { 200 } else { 404 }, "{step}: caller {number}");
                    assert_eq!(caller.all("/api/v1/reports").await.len(), usize::from(sees), "{step}: caller {number}");
                }
            }
        };
        check("draft", [false; 4]).await;
        stage.city.viewer.get(&report).await.expect(200);
        stage.city.reporter.act(&format!("{report}:submit")).await.expect(200);
        check("submitted", [true, true, false, false]).await;
        stage.county.admin.post(&format!("{report}:return"), json!({"note": "Lisää"})).await.expect(200);
        check("returned", [true, true, false, false]).await;
        stage.city.reporter.act(&format!("{report}:submit")).await.expect(200);
        stage.county.admin.act(&format!("{report}:accept")).await.expect(200);
        check("accepted", [true; 4]).await;
    }

    async fn an_accepted_report_is_seen_by_whoever_sees_the_action(world: World) {
        let stage = Stage::new(&world, Seen::ByParticipants).await;
        let report = stage.accepted(&stage.city).await;
        stage.lead.viewer.get(&report).await.expect(200);
        stage.stranger.admin.get(&report).await.refused(404, "request.not_found");
        world.anonymous().get(&report).await.refused(404, "request.not_found");

        // The action is opened to everyone, then closed again, and the report with it.
        seed::show(&world, &stage.county.admin, &stage.action, Seen::ByEveryone).await;
        assert_eq!(world.anonymous().get(&report).await.expect(200)["version"], 4);
        seed::show(&world, &stage.county.admin, &stage.action, Seen::ByEveryone).await;
        assert_eq!(world.anonymous().get(&report).await.expect(200)["version"], 4);
        seed::show(&world, &stage.county.admin, &stage.action, Seen::ByParticipants).await;
        world.anonymous().get(&report).await.refused(404, "request.not_found");
        assert_eq!(stage.city.viewer.get(&report).await.expect(200)["version"], 5);
    }

    async fn a_submitted_report_follows_the_accountable_organisation(world: World) {
        let stage = Stage::new(&world, Seen::ByParticipants).await;
        let (report, draft) = (stage.submitted(&stage.city).await, stage.draft(&stage.lead).await);
        stage.stranger.viewer.get(&report).await.refused(404, "request.not_found");
        seed::hand_over(&world, &stage.county.admin, &stage.action, &stage.stranger).await;
        stage.stranger.viewer.get(&report).await.expect(200);
        stage.lead.viewer.get(&report).await.refused(404, "request.not_found");
        // A draft is its author's alone.
        assert_eq!(stage.lead.viewer.get(&draft).await.expect(200)["version"], 1);
    }

    async fn only_a_committed_participant_of_an_agreed_action_reports(world: World) {
        let stage = Stage::new(&world, Seen::ByEveryone).await;
        let refused = stage.stranger.reporter.post("/api/v1/reports", stage.body(&stage.stranger)).await;
        refused.refused(409, "report.not_participant");
        stage.stranger.reporter.post("/api/v1/reports", stage.body(&stage.city)).await.refused(403, "auth.forbidden");
        stage.city.viewer.post("/api/v1/reports", stage.body(&stage.city)).await.refused(403, "auth.forbidden");
        world.anonymous().post("/api/v1/reports", stage.body(&stage.city)).await.refused(401, "auth.unauthenticated");
        for (status, commitment, code) in [
            ("proposed", "committed", Some("report.action_not_agreed")),
            ("cancelled", "committed", Some("report.action_not_agreed")),
            ("agreed", "invited", Some("report.not_participant")),
            ("agreed", "declined", Some("report.not_participant")),
            ("agreed", "withdrawn", Some("report.not_participant")),
            ("agreed", "committed", None),
            // Each of these was agreed on today.
            ("on_hold", "committed", None),
            ("completed", "committed", None),
        ] {
            let parts = [(&stage.lead, "accountable", "committed"), (&stage.city, "consulted", commitment)];
            let action = seed::action(&world, &stage.programme, status, &parts, Seen::ByEveryone).await;
            let mut body = stage.body(&stage.city);
            body["action_id"] = json!(action);
            let reply = stage.city.reporter.post("/api/v1/reports", body).await;
            match code {
                Some(code) => drop(reply.refused(409, code)),
                None => drop(reply.expect(201)),
            }
        }
    }

    async fn a_report_is_about_an_action_that_its_author_sees_and_a_period_of_its_programme(world: World) {
        let stage = Stage::new(&world, Seen::ByParticipants).await;
        let other = active(&stage.county, &[]).await;
        let foreign = period(&stage.county.admin, &other, year()).await;
        let with = |name: &str, value: &str, organisation: &Organisation| {
            let mut body = stage.body(organisation);
            body[name] = json!(value);
            body
        };
        let nothing = "00000000-0000-7000-8000-000000000000";
        for (organisation, name, value) in [
            (&stage.city, "action_id", nothing),
            (&stage.stranger, "action_id", stage.action.as_str()),
            (&stage.city, "reporting_period_id", nothing),
            (&stage.city, "reporting_period_id", foreign.as_str()),
        ] {
            let reply = organisation.reporter.post("/api/v1/reports", with(name, value, organisation)).await;
            let refused = reply.refused(422, "request.invalid");
            let place = json!({"pointer": format!("/{name}"), "code": "unknown_reference"});
            assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&place["pointer"], &place["code"]));
        }
    }

    async fn a_period_takes_reports_from_its_opening_until_it_is_locked(world: World) {
        let mut stage = Stage::new(&world, Seen::ByEveryone).await;
        let mut later = year();
        (later["code"], later["opens_on"]) = (json!("2026H2"), json!("2026-02-01"));
        let first = std::mem::replace(&mut stage.period, period(&stage.county.admin, &stage.programme, later).await);
        let early = stage.draft(&stage.city).await;
        let refused = stage.city.reporter.act(&format!("{early}:submit")).await.refused(409, "report.not_open_yet");
        assert_eq!(refused["errors"][0]["code"], "not_open_yet");

        stage.period = first;
        let report = stage.draft(&stage.city).await;
        stage.county.admin.change(&stage.period(), json!({"locked": true})).await.expect(200);
        let submit = format!("{report}:submit");
        stage.city.reporter.act(&submit).await.refused(409, "report.period_locked");
        let extension = format!("{}/extensions/{}", stage.period(), stage.city.id);
        stage.county.admin.put(&extension, json!({"until": "2026-01-14"})).await.expect(200);
        stage.city.reporter.act(&submit).await.refused(409, "report.period_locked");
        stage.county.admin.put(&extension, json!({"until": "2026-01-15"})).await.expect(200);
        stage.city.reporter.act(&submit).await.expect(200);
        // Someone else's extension helps nobody.
        let other = stage.draft(&stage.lead).await;
        stage.lead.reporter.act(&format!("{other}:submit")).await.refused(409, "report.period_locked");
    }

    async fn a_late_report_is_taken_until_the_period_is_locked(world: World) {
        let stage = Stage::new(&world, Seen::ByEveryone).await;
        let report = stage.draft(&stage.city).await;
        world.set_clock("2026-06-01T10:00:00Z");
        world.renewed(&stage.city.reporter).act(&format!("{report}:submit")).await.expect(200);
    }

    async fn a_submission_names_everything_that_is_missing(world: World) {
        let stage = Stage::new(&world, Seen::ByEveryone).await;
        let report = stage.draft(&stage.city).await;
        stage.city.reporter.change(&report, json!({"rating": null, "summary": null})).await.expect(200);
        let refused = stage.city.reporter.act(&format!("{report}:submit")).await.refused(409, "report.incomplete");
        let names: Vec<_> = refused["errors"].as_array().unwrap().iter().map(|it| it["code"].clone()).collect();
        assert_eq!(names, ["rating_missing", "summary_missing"]);
        assert_eq!(stage.city.viewer.get(&report).await.expect(200)["version"], 2);
    }

    async fn a_correction_is_a_new_revision(world: World) {
        let stage = Stage::new(&world, Seen::ByEveryone).await;
        let report = stage.submitted(&stage.city).await;
        let again = stage.city.reporter.post("/api/v1/reports", stage.body(&stage.city)).await;
        again.refused(409, "report.revision_open");
        stage.county.admin.act(&format!("{report}:accept")).await.expect(200);
        let second = stage.city.reporter.post("/api/v1/reports", stage.body(&stage.city)).await.expect(201);
        assert_eq!(second["revision"], 2);
        let path = format!("/api/v1/reports/{}", id(&second));
        assert_eq!(stage.city.reporter.delete(&path).await.status, 204);
        stage.city.reporter.get(&path).await.refused(404, "request.not_found");
        // The accepted one has not changed by all this.
        assert_eq!(world.anonymous().get(&report).await.expect(200)["version"], 3);
        let third = stage.city.reporter.post("/api/v1/reports", stage.body(&stage.city)).await.expect(201);
        assert_eq!(third["revision"], 2);
    }

    async fn an_accepted_correction_supersedes_what_it_corrects(world: World) {
        let stage = Stage::new(&world, Seen::ByEveryone).await;
        let first = stage.accepted(&stage.city).await;
        let by = async |path: &str| {
            let anyone = world.anonymous();
            let shown = anyone.get(path).await.expect(200);
            let listed = anyone.all("/api/v1/reports").await.into_iter().find(|it| it["id"] == shown["id"]).unwrap();
            assert_eq!(listed, shown);
            (shown["version"].clone(), shown["superseded_by_id"].clone())
        };
        let mut follower = Follower::from_now(world.anonymous()).await;
        // A correction that is not accepted yet changes nothing: neither a draft nor a submitted one can be told from it.
        let second = stage.submitted(&stage.city).await;
        assert_eq!(by(&first).await, (json!(3), Value::Null));
        stage.county.admin.act(&format!("{second}:accept")).await.expect(200);
        let third = stage.accepted(&stage.city).await;
        let of = |path: &str| json!(path.rsplit('/').next().unwrap());
        assert_eq!(by(&first).await, (json!(4), of(&second)));
        assert_eq!(by(&second).await, (json!(4), of(&third)));
        assert_eq!(by(&third).await, (json!(3), Value::Null));
        let mark = world.municipality("Hamina").await;
        follower.until("organisation.created", &mark.id).await.unwrap();
        let superseded = follower.events.iter().filter(|event| event.kind == "report.superseded");
        let superseded: Vec<_> = superseded.map(|event| json!(event.aggregate.1)).collect();
        assert_eq!(superseded, [of(&first), of(&second)]);
    }

    async fn two_who_begin_the_same_revision_at_once_make_one_report(world: World) {
        let stage = Stage::new(&world, Seen::ByEveryone).await;
        let send = || stage.city.reporter.post("/api/v1/reports", stage.body(&stage.city));
        let (one, two, three, four) = tokio::join!(send(), send(), send(), send());
        let mut statuses = [one, two, three, four].map(|reply| reply.status.as_u16());
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409, 409, 409]);
        assert_eq!(stage.city.viewer.all("/api/v1/reports").await.len(), 1);
    }

    async fn a_repeated_request_makes_one_report(world: World) {
        let stage = Stage::new(&world, Seen::ByEveryone).await;
        let send = || {
            let request = stage.city.reporter.request(reqwest::Method::POST, "/api/v1/reports");
            stage.city.reporter.send(request.header("idempotency-key", "one").json(&stage.body(&stage.city)))
        };
        let first = send().await.expect(201);
        assert_eq!(send().await.expect(201), first);
    }

    async fn a_report_is_changed_by_its_reporters_who_have_seen_it(world: World) {
        let stage = Stage::new(&world, Seen::ByEveryone).await;
        let report = stage.draft(&stage.city).await;
        let patch = json!({"obstacles": {"fi": "Tilat puuttuvat."}, "delay_cause": "resources", "rating": "at_risk"});
        stage.city.viewer.patch(&report, 1, patch.clone()).await.refused(403, "auth.forbidden");
        stage.lead.reporter.patch(&report, 1, patch.clone()).await.refused(404, "request.not_found");
        stage.city.editor.patch(&report, 7, patch.clone()).await.refused(412, "request.precondition_failed");
        let changed = stage.city.editor.patch(&report, 1, patch.clone()).await.expect(200);
        for name in ["obstacles", "delay_cause", "rating"] {
            assert_eq!(changed[name], patch[name]);
        }
        let cleared = stage.city.reporter.patch(&report, 2, json!({"delay_cause": null})).await.expect(200);
        assert_eq!((&cleared["delay_cause"], &cleared["rating"]), (&Value::Null, &json!("at_risk")));
        let stale = stage.city.reporter.request(reqwest::Method::POST, &format!("{report}:submit"));
        let stale = stage.city.reporter.send(stale.header("if-match", "\"2\"")).await;
        stale.refused(412, "request.precondition_failed");
    }

    async fn reports_are_listed_by_what_they_are_about(world: World) {
        let stage = Stage::new(&world, Seen::ByEveryone).await;
        let (first, second) = (stage.accepted(&stage.city).await, stage.accepted(&stage.lead).await);
        let list = |query: String| {
            let anyone = world.anonymous();
            async move {
                let items = anyone.all(&format!("/api/v1/reports?{query}")).await;
                items.iter().map(|item| format!("/api/v1/reports/{}", id(item))).collect::<Vec<_>>()
            }
        };
        let programme = stage.programme.rsplit('/').next().unwrap();
        let nothing = "00000000-0000-7000-8000-000000000000";
        assert_eq!(list(format!("action_id={}", stage.action)).await, [first.clone(), second.clone()]);
        assert_eq!(list(format!("organisation_id={}", stage.lead.id)).await, std::slice::from_ref(&second));
        assert_eq!(list(format!("reporting_period_id={}&state=accepted", stage.period)).await.len(), 2);
        assert_eq!(list(format!("programme_id={programme}&state=accepted&state=draft")).await.len(), 2);
        assert!(list("state=draft".into()).await.is_empty());
        assert!(list(format!("programme_id={nothing}")).await.is_empty());
        assert!(list(format!("action_id={nothing}")).await.is_empty());
        assert!(list("updated_since=2026-01-16T00:00:00Z".into()).await.is_empty());
    }

    async fn what_cannot_be_is_refused_with_its_place(world: World) {
        let stage = Stage::new(&world, Seen::ByEveryone).await;
        for (name, value, code) in [
            ("implementation_status", json!("done"), "not_in_vocabulary"),
            ("implementation_status", Value::Null, "wrong_type"),
            ("completion_percent", json!(101), "out_of_range"),
            ("completion_percent", json!(-1), "out_of_range"),
            ("completion_percent", json!(40.5), "wrong_type"),
            ("summary", json!({}), "no_language"),
            ("summary", json!("Avattiin."), "wrong_type"),
            ("state", json!("accepted"), "unknown_member"),
        ] {
            let mut body = stage.body(&stage.city);
            body[name] = value;
            let refused = stage.city.reporter.post("/api/v1/reports", body).await.refused(422, "request.invalid");
            let place = &refused["errors"][0];
            assert_eq!((&place["pointer"], &place["code"]), (&json!(format!("/{name}")), &json!(code)), "{refused}");
        }
        assert!(stage.city.viewer.all("/api/v1/reports").await.is_empty());
    }
}
