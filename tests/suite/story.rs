//! The whole path of one action, told as a story: read it first to learn what Yhteen is for.
//!
//! Kouvola wants a family centre together with Kymsote, its wellbeing services county, and its parish. Kotka is a
//! member of the same programme and takes no part; what it is told of all this, and what not, is the last chapter.

mod scenery;

use crate::follower::{Follower, listed};
use scenery::{Story, body_with_calendar, day, last, step_path};
use serde_json::json;
use yhteen_tests::caller::id;
use yhteen_tests::{Organisation, both};

both! {
    async fn kouvola_and_its_partners_carry_out_one_action(world: World) {
        let mut story = Story::begins(world).await;
        story.kouvola_drafts_an_action_that_nobody_else_sees().await;
        story.the_meetings_come_from_calendar_files().await;
        let kotkas_copy = story.the_feeds_of_the_others_tell_of_meetings_alone().await;
        story.the_route_leads_through_three_bodies().await;
        story.who_is_invited_sees_the_draft_and_every_member_the_proposal().await;
        story.each_commits_itself_and_nobody_else().await;
        story.the_timetable_gives_every_date().await;
        story.the_action_starts_once_every_decision_has_legal_force().await;
        story.a_report_is_returned_corrected_and_accepted().await;
        story.progress_counts_what_each_may_see().await;
        story.kotka_loses_sight_of_the_action().await;
        story.kotka_was_told_exactly_this(kotkas_copy).await;
    }
}

/// When the board meets: every other Monday, but not in the week of the winter holidays.
const BOARD: [&str; 5] = ["2026-01-19", "2026-02-02", "2026-03-02", "2026-03-16", "2026-03-30"];
/// When the council meets: on the fourth Monday of the month.
const COUNCIL: [&str; 5] = ["2026-01-26", "2026-02-23", "2026-03-23", "2026-04-27", "2026-05-25"];
/// When the parish council meets: on the third Thursday of the month.
const PARISH_COUNCIL: [&str; 6] = ["2026-01-15", "2026-02-19", "2026-03-19", "2026-04-16", "2026-05-21", "2026-06-18"];

impl Story {
    async fn kouvola_drafts_an_action_that_nobody_else_sees(&mut self) {
        let plan = json!({
            "programme_id": last(&self.programme), "organisation_id": self.kouvola.id, "code": "1.1",
            "title": {"fi": "Perhekeskus"}, "visibility": "partners", "starts_on": "2026-08-10", "start_gate": "final"
        });
        let made = self.kouvola.editor.post("/api/v1/actions", plan).await.expect(201);
        self.action = format!("/api/v1/actions/{}", id(&made));
        for other in self.others().into_iter().chain([&self.world.operator, &self.world.anonymous()]) {
            for path in ["", "/participants", "/decision-steps", "/timetable"] {
                other.get(&format!("{}{path}", self.action)).await.refused(404, "request.not_found");
            }
            assert!(other.all("/api/v1/actions").await.is_empty());
        }
    }

    async fn the_meetings_come_from_calendar_files(&mut self) {
        let board = "20260119T160000\r\nDURATION:PT2H\r\nRRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=6\r\n\
            EXDATE;TZID=Europe/Helsinki:20260216T160000";
        let council = "20260126T170000\r\nDURATION:PT3H\r\nRRULE:FREQ=MONTHLY;BYDAY=4MO;COUNT=5";
        let parish_council = "20260115T180000\r\nDURATION:PT1H\r\nRRULE:FREQ=MONTHLY;BYDAY=3TH;COUNT=6";
        self.bodies = [
            body_with_calendar(&self.kouvola, "board", 7, board).await,
            body_with_calendar(&self.kouvola, "council", 7, council).await,
            body_with_calendar(&self.parish, "parish_council", 14, parish_council).await,
        ];
        for (body, days) in self.bodies.iter().zip([&BOARD[..], &COUNCIL, &PARISH_COUNCIL]) {
            let meetings = self.world.anonymous().all(&format!("/api/v1/meetings?body_id={body}")).await;
            assert_eq!(meetings.iter().map(day).collect::<Vec<_>>(), days);
        }
    }

    /// Answers what Kotka has of the feed, to be carried on.
    async fn the_feeds_of_the_others_tell_of_meetings_alone(&self) -> Follower {
        let mut copies = Vec::new();
        for other in self.others() {
            let mut copy = Follower::from_the_beginning(other.clone());
            copy.until("body.created", &self.bodies[2]).await.unwrap();
            assert!(copy.events.iter().any(|event| event.kind == "body.created"));
            assert!(!copy.events.iter().any(|event| event.kind.starts_with("action.")));
            copies.push(copy);
        }
        copies.pop().unwrap()
    }

    async fn the_route_leads_through_three_bodies(&mut self) {
        for (number, (function, days)) in
            [("preparation", 14), ("decision", 0), ("decision", 0)].into_iter().enumerate()
        {
            let before = self.steps[..number].last().map(|step| json!({"step_id": step, "gate": "final"}));
            let step = json!({
                "body_id": self.bodies[number], "title": {"fi": "Perhekeskuksen perustaminen"}, "function": function,
                "authoritative": function == "decision", "preparation_days": days, "depends_on": Vec::from_iter(before)
            });
            let made = self.kouvola.editor.post(&format!("{}/decision-steps", self.action), step).await;
            self.steps[number] = id(&made.expect(201));
        }
    }

    async fn who_is_invited_sees_the_draft_and_every_member_the_proposal(&self) {
        for (invited, role) in [(&self.kymsote, "implementing"), (&self.parish, "funding")] {
            let invitation = json!({"organisation_id": invited.id, "roles": [role]});
            invited.viewer.get(&self.action).await.refused(404, "request.not_found");
            self.kouvola.editor.post(&format!("{}/participants", self.action), invitation).await.expect(201);
            assert_eq!(invited.viewer.get(&self.action).await.expect(200)["status"], "draft");
        }
        self.kotka.viewer.get(&self.action).await.refused(404, "request.not_found");
        self.kouvola.editor.act(&format!("{}:propose", self.action)).await.expect(200);
        assert_eq!(self.kotka.viewer.get(&self.action).await.expect(200)["status"], "proposed");
    }

    async fn each_commits_itself_and_nobody_else(&self) {
        let Self { kymsote, kouvola, parish, kotka, action, .. } = self;
        let agree = format!("{action}:agree");
        let missing = kouvola.editor.act(&agree).await.refused(409, "action.not_committed");
        assert_eq!(missing["errors"].as_array().unwrap().len(), 2);
        let commit = |of: &Organisation| format!("{action}/participants/{}:commit", of.id);
        for stranger in [&kouvola.admin, &kymsote.editor, &kotka.editor] {
            stranger.act(&commit(parish)).await.refused(403, "auth.forbidden");
        }
        self.world.operator.act(&commit(parish)).await.refused(404, "request.not_found");
        // Nor does anyone change what is another's: the action and its route are Kouvola's, the decision of the parish
        // council is the parish's.
        let (prepares, joins) = (step_path(&self.steps[0]), step_path(&self.steps[2]));
        for partner in [kymsote, parish, kotka] {
            partner.editor.change(action, json!({"title": {"fi": "Oma"}})).await.refused(403, "auth.forbidden");
            partner.editor.change(&prepares, json!({"not_before": null})).await.refused(403, "auth.forbidden");
            partner.editor.act(&agree).await.refused(403, "auth.forbidden");
        }
        let decided = json!({"on": "2026-01-15"});
        kouvola.editor.post(&format!("{joins}:record-legal-force"), decided).await.refused(403, "auth.forbidden");
        for partner in [kymsote, parish] {
            assert_eq!(partner.editor.act(&commit(partner)).await.expect(200)["commitment"], "committed");
        }
        assert_eq!(kouvola.editor.act(&agree).await.expect(200)["status"], "agreed");
    }

    async fn the_timetable_gives_every_date(&self) {
        // Today is 15 January, and the board takes 14 days to prepare: until the 29th. Its agenda of 2 February is closed
        // on 26 January; on 16 February it does not meet. So on 2 March at 16–18, where the agenda is closed on 23
        // February at 12. No remedy lies against preparation: it is final when it is made.
        let board = ["2026-02-23T10:00:00Z", "2026-03-02T14:00:00Z", "2026-03-02T16:00:00Z"];
        // The council's agenda of 23 March, at 17–20, is closed on the 16th: in time. (A remedy of 14 days after the
        // board's minutes would have lasted until the 30th.) Minutes 30 March; notice 6 April, Easter Monday, which
        // does not move it; 30 days: Wednesday 6 May, and legal force the day after.
        let council =
            ["2026-03-16T10:00:00Z", "2026-03-23T15:00:00Z", "2026-03-23T18:00:00Z", "2026-04-06", "2026-05-07"];
        // The parish council's agenda of 21 May, at 18–19, is closed on 7 May at 12, by summer time: just in time.
        // Minutes 28 May, notice 4 June, 30 days: 4 July, a Saturday, so Monday 6 July, and legal force the day after.
        let parish =
            ["2026-05-07T09:00:00Z", "2026-05-21T15:00:00Z", "2026-05-21T16:00:00Z", "2026-06-04", "2026-07-07"];
        let timetable = self.kotka.viewer.get(&format!("{}/timetable", self.action)).await.expect(200);
        for (number, expected) in [&board[..], &council, &parish].into_iter().enumerate() {
            let step = &timetable["steps"][number];
            assert_eq!((&step["step_id"], &step["body_id"]), (&json!(self.steps[number]), &json!(self.bodies[number])));
            let names = ["agenda_deadline", "starts_at", "decided_at", "notice_on", "legal_force_on"];
            let dates: Vec<_> = names.iter().filter_map(|name| step["earliest"][name].as_str()).collect();
            assert_eq!(dates, expected);
        }
        assert_eq!(timetable["verdict"], "feasible");
        assert_eq!(timetable["start"], json!({"earliest_on": "2026-07-07", "delay_days": 0}));
        // The legal calendar tells the last day of the remedy, too.
        for (regime, minutes, last_day, force) in [
            ("municipal_council", "2026-03-30", "2026-05-06", "2026-05-07"),
            ("parish_council", "2026-05-28", "2026-07-06", "2026-07-07"),
        ] {
            let at = format!("/api/v1/legal-effect?regime={regime}&minutes_published_on={minutes}");
            let effect = self.world.anonymous().get(&at).await.expect(200);
            assert_eq!((&effect["last_day"], &effect["legal_force_on"]), (&json!(last_day), &json!(force)));
        }
    }

    async fn the_action_starts_once_every_decision_has_legal_force(&mut self) {
        for (of, step, on) in [(&self.kouvola, 1, "2026-05-07"), (&self.parish, 2, "2026-07-07")] {
            let record = format!("{}:record-legal-force", step_path(&self.steps[step]));
            of.editor.post(&record, json!({"on": on})).await.expect(200);
        }
        let start = format!("{}:start", self.action);
        self.it_is("2026-07-06T12:00:00Z");
        self.kouvola.editor.act(&start).await.refused(409, "action.not_decided");
        self.it_is("2026-07-07T06:00:00Z");
        let started = self.kouvola.editor.act(&start).await.expect(200);
        assert_eq!((&started["status"], &started["started_on"]), (&json!("in_progress"), &json!("2026-07-07")));
    }

    async fn a_report_is_returned_corrected_and_accepted(&mut self) {
        let Self { kymsote, kouvola, parish, kotka, .. } = &*self;
        let mut reports = Vec::new();
        for of in [kouvola, parish, kymsote] {
            let report = json!({
                "action_id": last(&self.action), "organisation_id": of.id, "reporting_period_id": self.period,
                "implementation_status": "in_progress", "rating": "on_track", "completion_percent": 10,
                "summary": {"fi": "Perhekeskus avattiin."}
            });
            let made = of.reporter.post("/api/v1/reports", report).await.expect(201);
            let report = format!("/api/v1/reports/{}", id(&made));
            // A draft is its author's alone.
            for other in [kymsote, kouvola, parish, kotka].into_iter().filter(|other| other.id != of.id) {
                other.admin.change(&report, json!({"summary": null})).await.refused(404, "request.not_found");
            }
            of.reporter.act(&format!("{report}:submit")).await.expect(200);
            reports.push(report);
        }
        kymsote.admin.act(&format!("{}:accept", reports[0])).await.expect(200);

        let report = &reports[1];
        kotka.viewer.get(report).await.refused(404, "request.not_found");
        kouvola.admin.act(&format!("{report}:accept")).await.refused(403, "auth.forbidden");
        let note = json!({"note": "Kertokaa, miten perheitä kuultiin."});
        kymsote.admin.post(&format!("{report}:return"), note.clone()).await.expect(200);
        let returned = parish.reporter.get(report).await.expect(200);
        assert_eq!((&returned["state"], &returned["review_note"]), (&json!("returned"), &note["note"]));
        let correction = json!({"summary": {"fi": "Perhekeskus avattiin, kun 40 perhettä oli kuultu."}});
        kouvola.reporter.change(report, correction.clone()).await.refused(403, "auth.forbidden");
        parish.reporter.change(report, correction).await.expect(200);
        parish.reporter.act(&format!("{report}:submit")).await.expect(200);
        assert_eq!(kymsote.admin.act(&format!("{report}:accept")).await.expect(200)["state"], "accepted");
        self.reports = reports.try_into().unwrap();
    }

    async fn progress_counts_what_each_may_see(&self) {
        let at = format!("{}/progress?reporting_period_id={}", self.programme, self.period);
        let coordinator = self.kymsote.admin.get(&at).await.expect(200);
        let counts = json!({"owed": 3, "not_started": 0, "draft": 0, "submitted": 1, "returned": 0, "accepted": 2,
            "reported": 0, "overdue": 0});
        assert_eq!(coordinator["reports"], counts);
        assert_eq!(coordinator["actions"]["in_progress"], 1);
        let kotka = self.kotka.viewer.get(&at).await.expect(200);
        assert_eq!((&kotka["reports"]["reported"], &kotka["reports"]["accepted"]), (&json!(1), &json!(2)));
        assert_eq!((&kotka["reports"]["owed"], &kotka["reports"]["not_started"]), (&json!(3), &json!(0)));
    }

    async fn kotka_loses_sight_of_the_action(&self) {
        let (editor, coordinator) = (&self.kouvola.editor, &self.kymsote.admin);
        editor.change(&self.action, json!({"visibility": "participants"})).await.expect(200);
        for path in [&self.action, &self.reports[0], &self.reports[1]] {
            self.kotka.viewer.get(path).await.refused(404, "request.not_found");
            self.parish.viewer.get(path).await.expect(200);
        }
        // Of what comes then, only the end of the programme is for Kotka.
        editor.act(&format!("{}:complete", self.action)).await.expect(200);
        coordinator.act(&format!("{}:accept", self.reports[2])).await.expect(200);
        coordinator.act(&format!("{}:close", self.programme)).await.expect(200);
    }

    async fn kotka_was_told_exactly_this(&self, mut copy: Follower) {
        copy.reader = self.kotka.viewer.clone();
        copy.until("programme.closed", last(&self.programme)).await.unwrap();
        let names = self.names().await;
        let told = copy.events.iter().map(|event| {
            let (kind, gone) = (&event.kind, if event.tombstone { ", gone" } else { "" });
            format!("{kind}: {}{gone}", names.get(&event.aggregate.1).unwrap_or_else(|| panic!("{event:?}")))
        });
        let calendar = |body: &str, days: &[&str]| {
            let meetings = days.iter().map(|day| format!("meeting.created: {body} {day}\n"));
            format!("body.created: {body}\n{}", meetings.collect::<String>())
        };
        let [board, council, parish_council] =
            [calendar("board", &BOARD), calendar("council", &COUNCIL), calendar("parish council", &PARISH_COUNCIL)];
        // A member reads the history of the programme from its founding, whenever it joined. Nothing tells of the
        // draft of the action, of its route, of invitations, or of reports before they were accepted.
        let expected = format!(
            "organisation.created: Kymsote\n\
             organisation.created: Kouvola\n\
             organisation.created: Kotka\n\
             organisation.created: parish\n\
             programme.created: programme\n\
             programme.member_invited: programme\n\
             programme.member_joined: programme\n\
             programme.member_invited: programme\n\
             programme.member_joined: programme\n\
             programme.member_invited: programme\n\
             programme.member_joined: programme\n\
             programme.activated: programme\n\
             programme.period_created: programme\n\
             {board}{council}{parish_council}\
             action.proposed: action\n\
             action.participant_committed: action\n\
             action.participant_committed: action\n\
             action.agreed: action\n\
             action.step_legal_force_recorded: action\n\
             action.step_legal_force_recorded: action\n\
             action.started: action\n\
             report.accepted: of Kouvola\n\
             report.accepted: of the parish\n\
             action.updated: action, gone\n\
             report.audience_changed: of Kouvola, gone\n\
             report.audience_changed: of the parish, gone\n\
             programme.closed: programme"
        );
        assert_eq!(told.collect::<Vec<_>>(), expected.lines().collect::<Vec<_>>());
        assert_eq!(copy.holds, listed(&self.kotka.viewer).await, "what Kotka holds is what it may see");
    }
}
