//! What happens to organisations and programmes.

use super::super::model::{Member, Model, Period, Programme};
use super::super::script::Kind;
use super::{Play, name, pick, took};
use chrono::NaiveDate;
use serde_json::json;
use std::collections::BTreeMap;
use yhteen_tests::Caller;
use yhteen_tests::caller::id;

impl Play<'_> {
    pub(super) async fn superior(&mut self, kind: Kind, [which, other, on, _]: [u8; 4]) -> Option<()> {
        let (which, other) = (pick(0..self.organisations(), which)?, pick(0..self.organisations(), other)?);
        let (at, above) = (&self.model.organisations[which].id, self.model.organisations[other].id.clone());
        let none = on > 160;
        let day = self.day(on);
        let patch = match kind {
            Kind::Parent if none => json!({"parent_id": null}),
            Kind::Parent => json!({"parent_id": above}),
            _ if none => json!({"successor_id": null, "succeeded_on": null}),
            _ => json!({"successor_id": above, "succeeded_on": day}),
        };
        took(self.callers[1].change(&format!("/api/v1/organisations/{at}"), patch).await)?;
        let organisation = &mut self.model.organisations[which];
        match kind {
            Kind::Parent => organisation.parent = (!none).then_some(other),
            _ => organisation.successor = (!none).then_some((other, day)),
        }
        Some(())
    }

    /// Someone who may run the programme, or another where nobody may.
    pub(super) fn coordinator(&self, programme: usize) -> &Caller {
        let readers = 0..self.callers.len();
        let any = readers.clone().find(|reader| self.model.leads(*reader, programme));
        &self.callers[any.unwrap_or(2)]
    }

    pub(super) async fn programme(&mut self, kind: Kind, [which, other, first, second]: [u8; 4]) -> Option<()> {
        if kind == Kind::Found {
            let organisation = pick(0..self.organisations(), other)?;
            let body = json!({"organisation_id": self.model.organisations[organisation].id, "title": name(),
                "starts_on": "2026-01-01", "ends_on": "2029-12-31"});
            let made = took(self.admin(organisation).post("/api/v1/programmes", body).await)?;
            let founder = Member { coordinates: true, joined: true, joined_on: self.model.today, left_on: None };
            let coordinator = 2 + 2 * self.model.acting(organisation);
            let (members, coordinators) = ([(organisation, founder)].into(), [coordinator].into());
            let (goals, periods) = (Vec::new(), Vec::new());
            let programme = Programme { id: id(&made), status: "draft", members, coordinators, goals, periods };
            self.model.programmes.push(programme);
            return Some(());
        }
        let which = pick(0..self.model.programmes.len(), which)?;
        let at = format!("/api/v1/programmes/{}", self.model.programmes[which].id);
        let coordinator = self.coordinator(which);
        match kind {
            Kind::Activate | Kind::Close => {
                let (verb, status) = if kind == Kind::Close { ("close", "closed") } else { ("activate", "active") };
                took(coordinator.act(&format!("{at}:{verb}")).await)?;
                self.model.programmes[which].status = status;
            }
            Kind::Join => {
                let organisation = pick(0..self.organisations(), other)?;
                let (role, joined_on) = (if first % 3 == 0 { "coordinator" } else { "member" }, self.day(first));
                let left_on = (second < 100).then(|| self.day(second).max(joined_on));
                let body = json!({"role": role, "joined_on": joined_on, "left_on": left_on});
                let member = format!("{at}/members/{}", self.model.organisations[organisation].id);
                took(coordinator.put(&member, body).await)?;
                let over = |left_on: Option<NaiveDate>| left_on.is_some_and(|left| left <= self.model.today);
                let before = self.model.programmes[which].members.get(&organisation);
                let stays = before.is_some_and(|it| it.joined && (!over(it.left_on) || over(left_on)));
                let joined = stays || took(self.admin(organisation).act(&format!("{member}:join")).await).is_some();
                let member = Member { coordinates: role == "coordinator", joined, joined_on, left_on };
                self.model.programmes[which].members.insert(organisation, member);
            }
            _ => {
                // Those of the coordinating members, since they alone can be appointed.
                let (today, members) = (self.model.today, &self.model.programmes[which].members);
                let coordinate =
                    members.iter().filter(|(_, it)| it.coordinates && it.left_on.is_none_or(|on| today < on));
                let readers = coordinate.flat_map(|(organisation, _)| [2 + 2 * organisation, 3 + 2 * organisation]);
                let reader = pick(readers, other)?;
                let account = format!("{at}/coordinators/{}", self.world.principal(&self.callers[reader]));
                if kind == Kind::Appoint {
                    took(coordinator.put(&account, json!({})).await)?;
                    self.model.programmes[which].coordinators.insert(reader);
                } else {
                    took(coordinator.delete(&account).await)?;
                    self.model.programmes[which].coordinators.remove(&reader);
                }
            }
        }
        Some(())
    }

    pub(super) async fn part_of_programme(&mut self, kind: Kind, [which, other, first, second]: [u8; 4]) -> Option<()> {
        let which = pick(0..self.model.programmes.len(), which)?;
        let of = &self.model.programmes[which];
        let (at, coordinator) = (format!("/api/v1/programmes/{}", of.id), self.coordinator(which));
        if kind == Kind::Goal {
            let above = pick(0..of.goals.len(), other);
            let above_id = above.map(|goal| of.goals[goal].0.clone());
            let body = json!({"code": format!("T{}", of.goals.len()), "title": name(), "parent_id": above_id});
            let made = took(coordinator.post(&format!("{at}/goals"), body).await)?;
            self.model.programmes[which].goals.push((id(&made), above));
            return Some(());
        }
        // From one day to all the year, around the days on which something happens.
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let starts_on = if first % 2 == 0 { day("2026-01-01") } else { Model::early(first / 2) };
        let ends_on = if second % 3 == 0 { day("2026-12-31") } else { Model::early(second / 3).max(starts_on) };
        let due_on = Model::early(other);
        let body = json!({"code": format!("P{}", of.periods.len()), "kind": "annual", "starts_on": starts_on,
            "ends_on": ends_on, "opens_on": "2026-01-01", "due_on": due_on});
        let made = took(coordinator.post(&format!("{at}/reporting-periods"), body).await)?;
        let period = Period { id: id(&made), starts_on, ends_on, due_on, extensions: BTreeMap::new() };
        self.model.programmes[which].periods.push(period);
        Some(())
    }

    /// Grants an organisation more time, or takes it back.
    pub(super) async fn extend(&mut self, [which, period, organisation, until]: [u8; 4]) -> Option<()> {
        let programme = pick(0..self.model.programmes.len(), which)?;
        let period = pick(0..self.model.programmes[programme].periods.len(), period)?;
        let organisation = pick(0..self.organisations(), organisation)?;
        let (id, of) =
            (&self.model.programmes[programme].periods[period].id, &self.model.organisations[organisation].id);
        let (path, coordinator) =
            (format!("/api/v1/reporting-periods/{id}/extensions/{of}"), self.coordinator(programme));
        let until = (until % 4 > 0).then(|| Model::early(until / 4));
        took(match until {
            Some(until) => coordinator.put(&path, json!({"until": until})).await,
            None => coordinator.delete(&path).await,
        })?;
        let extensions = &mut self.model.programmes[programme].periods[period].extensions;
        match until {
            Some(until) => drop(extensions.insert(organisation, until)),
            None => drop(extensions.remove(&organisation)),
        }
        Some(())
    }

    /// Says from when to when an organisation exists.
    pub(super) async fn life(&mut self, [which, from, to, _]: [u8; 4]) -> Option<()> {
        let which = pick(0..self.organisations(), which)?;
        let end = |byte: u8| byte.is_multiple_of(2).then(|| Model::early(byte / 2));
        let (valid_from, valid_to) = (end(from), end(to));
        let path = format!("/api/v1/organisations/{}", self.model.organisations[which].id);
        took(self.callers[1].change(&path, json!({"valid_from": valid_from, "valid_to": valid_to})).await)?;
        let organisation = &mut self.model.organisations[which];
        (organisation.valid_from, organisation.valid_to) = (valid_from, valid_to);
        Some(())
    }
}
