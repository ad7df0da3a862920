//! The scenery of the story: who and what is in it, and what it calls them.

use crate::meetings_import::import;
use crate::programmes::active;
use crate::reporting_periods::period;
use serde_json::{Value, json};
use std::collections::HashMap;
use yhteen_tests::caller::id;
use yhteen_tests::{Caller, Organisation, World};

/// Those who take part, and what they make.
pub(super) struct Story {
    pub(super) world: World,
    /// It coordinates the programme.
    pub(super) kymsote: Organisation,
    pub(super) kouvola: Organisation,
    pub(super) parish: Organisation,
    /// A member of the programme that takes no part in the action.
    pub(super) kotka: Organisation,
    pub(super) programme: String,
    pub(super) period: String,
    // What comes about on the way: the paths of the action and the reports, the identifiers of bodies and steps.
    pub(super) action: String,
    /// Kouvola's board and council, and the parish council.
    pub(super) bodies: [String; 3],
    pub(super) steps: [String; 3],
    /// Kouvola's, the parish's and Kymsote's.
    pub(super) reports: [String; 3],
}

impl Story {
    pub(super) async fn begins(world: World) -> Self {
        let kymsote = world.organisation("Kymsote", "wellbeing_services_county").await;
        let (kouvola, kotka) = (world.municipality("Kouvola").await, world.municipality("Kotka").await);
        let parish = world.organisation("Seurakunta", "parish").await;
        let programme = active(&kymsote, &[&kouvola, &kotka, &parish]).await;
        let year = json!({
            "code": "2026", "kind": "annual", "starts_on": "2026-01-01", "ends_on": "2026-12-31",
            "opens_on": "2026-07-01", "due_on": "2027-01-31"
        });
        let period = period(&kymsote.admin, &programme, year).await;
        let (action, [bodies, steps, reports]) = Default::default();
        Self { world, kymsote, kouvola, parish, kotka, programme, period, action, bodies, steps, reports }
    }

    /// All but Kouvola; Kymsote's administrator is the coordinator.
    pub(super) fn others(&self) -> [&Caller; 4] {
        [&self.kymsote.admin, &self.kymsote.editor, &self.parish.editor, &self.kotka.viewer]
    }

    /// Time goes on, and everyone signs in again.
    pub(super) fn it_is(&mut self, time: &str) {
        self.world.set_clock(time);
        for of in [&mut self.kymsote, &mut self.kouvola, &mut self.parish, &mut self.kotka] {
            for caller in [&mut of.admin, &mut of.editor, &mut of.reporter, &mut of.viewer] {
                *caller = self.world.renewed(caller);
            }
        }
    }

    /// What Kotka's part of the story calls things, by identifier.
    pub(super) async fn names(&self) -> HashMap<String, String> {
        let of =
            [("Kymsote", &self.kymsote), ("Kouvola", &self.kouvola), ("parish", &self.parish), ("Kotka", &self.kotka)];
        let paths = [
            ("programme", &self.programme),
            ("action", &self.action),
            ("of Kouvola", &self.reports[0]),
            ("of the parish", &self.reports[1]),
        ];
        let all = of.map(|(name, of)| (name, &of.id)).into_iter().chain(paths);
        let mut names: HashMap<_, _> = all.map(|(name, path)| (last(path).to_owned(), name.to_owned())).collect();
        for (body, name) in self.bodies.iter().zip(["board", "council", "parish council"]) {
            names.insert(body.clone(), name.to_owned());
            for meeting in self.world.anonymous().all(&format!("/api/v1/meetings?body_id={body}")).await {
                names.insert(id(&meeting), format!("{name} {}", day(&meeting)));
            }
        }
        names
    }
}

/// A body whose agenda is closed at noon so many days before a meeting, and whose minutes come out a week after it, with
/// the meetings of a series: its identifier.
pub(super) async fn body_with_calendar(of: &Organisation, kind: &str, days: u32, series: &str) -> String {
    let new = json!({
        "organisation_id": of.id, "name": {"fi": kind}, "kind": kind,
        "agenda_lead": {"days": days, "time": "12:00"}, "minutes_publication_days": 7
    });
    let body = id(&of.admin.post("/api/v1/bodies", new).await.expect(201));
    let file = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\nBEGIN:VEVENT\r\nUID:{kind}\r\n\
         DTSTAMP:20260101T000000Z\r\nDTSTART;TZID=Europe/Helsinki:{series}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    import(&of.editor, &format!("/api/v1/bodies/{body}/meetings:import"), &file).await.expect(200);
    body
}

/// The day of a meeting.
pub(super) fn day(meeting: &Value) -> &str {
    &meeting["starts_at"].as_str().unwrap()[..10]
}

pub(super) fn step_path(step: &str) -> String {
    format!("/api/v1/decision-steps/{step}")
}

/// The identifier at the end of a path.
pub(super) fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}
