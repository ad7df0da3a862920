//! What happens to actions, their participants and decision steps.

use super::super::model::{Action, Part, Step};
use super::super::recount::Chronicle;
use super::super::script::Kind;
use super::{Play, name, pick, took};
use serde_json::json;
use std::collections::BTreeSet;
use yhteen_tests::caller::id;

const ROLES: [&str; 4] = ["implementing", "funding", "supporting", "consulted"];
const VISIBILITIES: [&str; 4] = ["private", "participants", "partners", "public"];

impl Play<'_> {
    pub(super) async fn draft(&mut self, [which, organisation, visibility, goal]: [u8; 4]) -> Option<()> {
        let (programme, accountable) =
            (pick(0..self.model.programmes.len(), which)?, pick(0..self.organisations(), organisation)?);
        let visibility = VISIBILITIES[usize::from(visibility) % 4];
        let of = &self.model.programmes[programme];
        let goal = pick(0..of.goals.len(), goal);
        let goals: Vec<_> = goal.iter().map(|goal| of.goals[*goal].0.clone()).collect();
        let body = json!({"programme_id": of.id, "organisation_id": self.model.organisations[accountable].id,
            "code": format!("A{}", self.model.actions.len()), "title": name(), "visibility": visibility, "goals": goals});
        let made = took(self.admin(accountable).post("/api/v1/actions", body).await)?;
        let own = Part { commitment: "committed", roles: ["accountable"].into() };
        self.model.actions.push(Action {
            id: id(&made),
            programme,
            accountable,
            visibility,
            status: "draft",
            held: "draft",
            proposed: false,
            chronicle: Chronicle::default(),
            parts: [(accountable, own)].into(),
            goal,
            steps: Vec::new(),
            gone: false,
        });
        Some(())
    }

    /// One of the actions that are there.
    fn action(&self, byte: u8) -> Option<(usize, String)> {
        let there = (0..self.model.actions.len()).filter(|at| !self.model.actions[*at].gone);
        pick(there, byte).map(|at| (at, format!("/api/v1/actions/{}", self.model.actions[at].id)))
    }

    pub(super) async fn lead(&mut self, kind: Kind, [which, visibility, ..]: [u8; 4]) -> Option<()> {
        let (at, path) = self.action(which)?;
        let admin = self.admin(self.model.actions[at].accountable);
        if kind == Kind::Delete {
            took(admin.delete(&path).await)?;
            self.model.actions[at].gone = true;
            return Some(());
        }
        let visibility = VISIBILITIES[usize::from(visibility) % 4];
        took(admin.change(&path, json!({"visibility": visibility})).await)?;
        self.model.actions[at].visibility = visibility;
        Some(())
    }

    pub(super) async fn invite(&mut self, kind: Kind, [which, other, role, more]: [u8; 4]) -> Option<()> {
        let (at, path) = self.action(which)?;
        let of = &self.model.actions[at];
        let other = if kind == Kind::Invite {
            pick(0..self.organisations(), other)?
        } else {
            pick(of.parts.keys().copied().filter(|part| *part != of.accountable), other)?
        };
        let roles: BTreeSet<&str> = [role, more].map(|byte| ROLES[usize::from(byte) % 4]).into();
        let (admin, id) = (self.admin(of.accountable), &self.model.organisations[other].id);
        let participant = format!("{path}/participants/{id}");
        match kind {
            Kind::Invite => {
                let body = json!({"organisation_id": id, "roles": roles});
                took(admin.post(&format!("{path}/participants"), body).await)?;
                self.model.actions[at].parts.insert(other, Part { commitment: "invited", roles });
            }
            Kind::Reassign => {
                took(admin.change(&participant, json!({"roles": roles})).await)?;
                let part = self.model.actions[at].parts.get_mut(&other)?;
                // Nobody can bind another.
                if part.commitment == "committed" && part.roles != roles {
                    part.commitment = "invited";
                }
                part.roles = roles;
            }
            _ => {
                took(admin.delete(&participant).await)?;
                self.model.actions[at].parts.remove(&other);
            }
        }
        Some(())
    }

    pub(super) async fn answer(&mut self, kind: Kind, [which, ..]: [u8; 4]) -> Option<()> {
        let (verb, from, to) = match kind {
            Kind::Commit => ("commit", "invited", "committed"),
            Kind::Decline => ("decline", "invited", "declined"),
            _ => ("withdraw", "committed", "withdrawn"),
        };
        let actions = self.model.actions.iter().enumerate().filter(|(_, action)| !action.gone);
        let those = actions.flat_map(|(at, action)| {
            let parts = action.parts.iter().filter(|(of, part)| part.commitment == from && **of != action.accountable);
            parts.map(move |(organisation, _)| (at, *organisation))
        });
        let (at, organisation) = pick(those, which)?;
        let part = format!("{}/participants/{}", self.model.actions[at].id, self.model.organisations[organisation].id);
        took(self.admin(organisation).act(&format!("/api/v1/actions/{part}:{verb}")).await)?;
        self.model.actions[at].parts.get_mut(&organisation)?.commitment = to;
        Some(())
    }

    pub(super) async fn transit(&mut self, kind: Kind, [which, ..]: [u8; 4]) -> Option<()> {
        let (verb, from, to): (_, &[&str], _) = match kind {
            Kind::Propose => ("propose", &["draft"], "proposed"),
            Kind::Agree => ("agree", &["proposed"], "agreed"),
            Kind::Start => ("start", &["agreed"], "in_progress"),
            Kind::Complete => ("complete", &["in_progress"], "completed"),
            Kind::Cancel => ("cancel", &["draft", "proposed", "agreed", "in_progress", "on_hold"], "cancelled"),
            Kind::Hold => ("hold", &["agreed", "in_progress"], "on_hold"),
            _ => ("resume", &["on_hold"], ""),
        };
        let of = &self.model.actions;
        let at = pick((0..of.len()).filter(|at| !of[*at].gone && from.contains(&of[*at].status)), which)?;
        let (path, admin) = (format!("/api/v1/actions/{}", of[at].id), self.admin(of[at].accountable));
        took(admin.act(&format!("{path}:{verb}")).await)?;
        let action = &mut self.model.actions[at];
        let before = std::mem::replace(&mut action.status, to);
        match kind {
            Kind::Propose => action.proposed = true,
            Kind::Hold => action.held = before,
            Kind::Resume => action.status = action.held,
            _ => {}
        }
        Some(())
    }

    pub(super) async fn step(&mut self, kind: Kind, [which, body, narrow, after]: [u8; 4]) -> Option<()> {
        if kind == Kind::Step {
            let (at, path) = self.action(which)?;
            let (of, body) = (&self.model.actions[at], pick(0..self.model.bodies.len(), body)?);
            let depends_on: Vec<_> =
                pick(of.steps.iter(), after).iter().map(|step| json!({"step_id": step.id})).collect();
            let narrow = narrow % 2 == 0;
            let new = json!({"body_id": self.model.bodies[body].id, "title": name(), "function": "decision",
                "authoritative": false, "depends_on": depends_on, "visibility": if narrow { "narrow" } else { "action" }});
            let made = took(self.admin(of.accountable).post(&format!("{path}/decision-steps"), new).await)?;
            self.model.actions[at].steps.push(Step { id: id(&made), body, narrow });
            return Some(());
        }
        let actions = self.model.actions.iter().enumerate().filter(|(_, action)| !action.gone);
        let (at, index) =
            pick(actions.flat_map(|(at, action)| (0..action.steps.len()).map(move |step| (at, step))), which)?;
        let of = &self.model.actions[at];
        let (path, admin) = (format!("/api/v1/decision-steps/{}", of.steps[index].id), self.admin(of.accountable));
        if kind == Kind::RemoveStep {
            took(admin.delete(&path).await)?;
            self.model.actions[at].steps.remove(index);
            return Some(());
        }
        let narrow = narrow % 2 == 0;
        took(admin.change(&path, json!({"visibility": if narrow { "narrow" } else { "action" }})).await)?;
        self.model.actions[at].steps[index].narrow = narrow;
        Some(())
    }
}
