//! What happens to bodies, meetings and reports.

use super::super::model::{Body, Meeting, Report};
use super::super::script::Kind;
use super::{Play, name, pick, took};
use serde_json::json;
use yhteen_tests::caller::id;

impl Play<'_> {
    pub(super) async fn body(&mut self, kind: Kind, [which, other, ..]: [u8; 4]) -> Option<()> {
        if kind == Kind::Body {
            let (organisation, private) = (pick(0..self.organisations(), which)?, other % 3 == 0);
            let body = json!({"organisation_id": self.model.organisations[organisation].id, "name": name(),
                "kind": "committee", "visibility": if private { "private" } else { "public" },
                "agenda_lead": {"days": 7, "time": "12:00"}, "minutes_publication_days": 7});
            let made = took(self.admin(organisation).post("/api/v1/bodies", body).await)?;
            self.model.bodies.push(Body { id: id(&made), organisation, private });
            return Some(());
        }
        if kind == Kind::CancelMeeting {
            let at = pick(0..self.model.meetings.len(), which)?;
            let Meeting { id, body, .. } = &self.model.meetings[at];
            let admin = self.admin(self.model.bodies[*body].organisation);
            took(admin.act(&format!("/api/v1/meetings/{id}:cancel")).await)?;
            self.model.meetings[at].cancelled = true;
            return Some(());
        }
        let at = pick(0..self.model.bodies.len(), which)?;
        let (path, admin) =
            (format!("/api/v1/bodies/{}", self.model.bodies[at].id), self.admin(self.model.bodies[at].organisation));
        if kind == Kind::ShowBody {
            let private = other % 2 == 0;
            let visibility = if private { "private" } else { "public" };
            took(admin.change(&path, json!({"visibility": visibility})).await)?;
            self.model.bodies[at].private = private;
            return Some(());
        }
        let starts_at = format!("2026-{:02}-10T15:00:00Z", other % 9 + 3);
        let made = took(admin.post(&format!("{path}/meetings"), json!({"starts_at": starts_at})).await)?;
        self.model.meetings.push(Meeting { id: id(&made), body: at, cancelled: false });
        Some(())
    }

    /// Whoever took part in the period may report, or answers for one that did and owes: nobody else.
    pub(super) async fn report(&mut self, [which, period, other, often]: [u8; 4]) -> Option<()> {
        let proposed = (0..self.model.actions.len())
            .filter(|at| !self.model.actions[*at].gone && self.model.actions[*at].proposed);
        let action = pick(proposed, which)?;
        let of = &self.model.actions[action];
        let organisation =
            if often % 4 == 0 { pick(0..self.organisations(), other)? } else { pick(of.parts.keys().copied(), other)? };
        let periods = &self.model.programmes[of.programme].periods;
        let period = pick(0..periods.len(), period)?;
        let body = json!({"action_id": of.id, "organisation_id": self.model.organisations[organisation].id,
            "reporting_period_id": periods[period].id, "implementation_status": "in_progress", "rating": "on_track",
            "summary": name()});
        let reply = self.admin(organisation).post("/api/v1/reports", body).await;
        let may = self.model.may_report(action, organisation, period);
        match (reply.status.as_u16(), reply.body["code"].as_str()) {
            (201, _) => assert!(may, "{organisation} reports on {action} for {period}: {of:?}"),
            (409, Some("report.action_not_agreed" | "report.not_participant")) => {
                assert!(!may, "{organisation} may not report on {action} for {period}: {of:?}");
            }
            _ => {}
        }
        let made = took(reply)?;
        let (id, state) = (id(&made), "draft");
        self.model.reports.push(Report { id, action, organisation, period, state, handed_in: false, gone: false });
        Some(())
    }

    pub(super) async fn go_on_with_report(&mut self, kind: Kind, [which, ..]: [u8; 4]) -> Option<()> {
        let from: &[&str] = match kind {
            Kind::DropReport => &["draft"],
            Kind::Return | Kind::Accept => &["submitted"],
            _ => &["draft", "returned"],
        };
        let of = &self.model.reports;
        let at = pick((0..of.len()).filter(|at| !of[*at].gone && from.contains(&of[*at].state)), which)?;
        let (path, author) = (format!("/api/v1/reports/{}", of[at].id), self.admin(of[at].organisation));
        let coordinator = self.coordinator(self.model.actions[of[at].action].programme);
        let (reply, state) = match kind {
            Kind::Edit => (author.change(&path, json!({"completion_percent": which % 100})).await, of[at].state),
            Kind::Submit => (author.act(&format!("{path}:submit")).await, "submitted"),
            Kind::Return => (coordinator.post(&format!("{path}:return"), json!({"note": "Lisää"})).await, "returned"),
            Kind::Accept => (coordinator.act(&format!("{path}:accept")).await, "accepted"),
            _ => (author.delete(&path).await, of[at].state),
        };
        took(reply)?;
        let report = &mut self.model.reports[at];
        (report.state, report.gone) = (state, kind == Kind::DropReport);
        report.handed_in |= kind == Kind::Submit;
        Some(())
    }
}
