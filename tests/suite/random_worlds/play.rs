//! Carries out what a script says, over HTTP, and keeps the model in step with what has succeeded.

mod actions;
mod bodies_and_reports;
mod programmes;

use super::model::{Model, Organisation};
use super::script::{Kind, Script};
use crate::follower::Follower;
use chrono::{Days, NaiveDate};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use yhteen_domain::roles::{Role, TokenScope};
use yhteen_domain::vocabulary::Vocabulary;
use yhteen_tests::caller::id;
use yhteen_tests::world::BEGINNING;
use yhteen_tests::{Caller, Reply, World};

/// A running world, its model, and those who follow it.
pub(super) struct Play<'w> {
    pub(super) world: &'w World,
    pub(super) model: Model,
    /// As many as the model has readers: anyone, the operator, then of each organisation an administrator and a viewer,
    /// then a viewer of two organisations.
    pub(super) callers: Vec<Caller>,
    pub(super) followers: Vec<super::Following>,
    /// How often each kind of act has succeeded.
    pub(super) done: BTreeMap<Kind, u32>,
    /// How often each reader was sent back.
    pub(super) resyncs: BTreeMap<usize, u32>,
    /// How often readers were told that they have lost sight of something.
    pub(super) tombstones: usize,
}

/// One of these, or none where there are none.
fn pick<T: Copy>(among: impl IntoIterator<Item = T>, byte: u8) -> Option<T> {
    let among: Vec<T> = among.into_iter().collect();
    among.get(usize::from(byte) % among.len().max(1)).copied()
}

fn name() -> Value {
    json!({"fi": "Nimi"})
}

impl<'w> Play<'w> {
    /// A world with its organisations, and with a programme, an action and a body to begin with.
    pub(super) async fn begin(world: &'w World, script: &Script) -> Self {
        let today = BEGINNING.get(..10).unwrap().parse().unwrap();
        let model = Model { today, readers: vec![BTreeSet::new(), BTreeSet::new()], ..Model::default() };
        let callers = vec![world.anonymous(), world.operator.clone()];
        let (followers, done, resyncs) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        let mut play = Self { world, model, callers, followers, done, resyncs, tombstones: 0 };
        for parent in &script.organisations {
            play.organisation(*parent).await;
        }
        let two = [1, 2].map(|at| (play.model.organisations[at].id.clone(), Role::Viewer));
        let two = two.each_ref().map(|(id, role)| (id.as_str(), *role));
        play.reader(&two, &[1, 2]).await;
        play.followers.extend(super::Following::all(&play));
        for kind in [Kind::Found, Kind::Activate, Kind::Goal, Kind::Goal, Kind::Period] {
            play.act(kind, [0; 4]).await;
        }
        for member in 1..=3 {
            play.act(Kind::Join, [0, member, 1, 255]).await;
        }
        // The first action: of the second organisation, with the third, seen by the participants; one has reported.
        for (kind, bytes) in [
            (Kind::Body, [1, 0, 0, 0]),
            (Kind::Draft, [0, 1, 1, 0]),
            (Kind::Invite, [0, 2, 1, 0]),
            (Kind::Commit, [0; 4]),
            (Kind::Propose, [0; 4]),
            (Kind::Agree, [0; 4]),
            (Kind::Meeting, [0; 4]),
            (Kind::Step, [0; 4]),
            (Kind::Report, [0; 4]),
            (Kind::Submit, [0; 4]),
            (Kind::Accept, [0; 4]),
        ] {
            play.act(kind, bytes).await;
        }
        play
    }

    pub(super) async fn organisation(&mut self, parent: Option<usize>) -> String {
        let above = parent.map(|at| self.model.organisations[at].id.clone());
        let body = json!({"name": name(), "kind": "municipality", "parent_id": above});
        let made = self.callers[1].post("/api/v1/organisations", body).await.expect(201);
        let (id, at) = (id(&made), self.model.organisations.len());
        self.model.organisations.push(Organisation {
            id: id.clone(),
            parent,
            successor: None,
            valid_from: None,
            valid_to: None,
        });
        for role in [Role::Admin, Role::Viewer] {
            self.reader(&[(&id, role)], &[at]).await;
        }
        id
    }

    async fn reader(&mut self, roles: &[(&str, Role)], at: &[usize]) {
        self.callers.push(self.world.client(roles[0].0, roles, TokenScope::ALL).await);
        self.model.readers.push(at.iter().copied().collect());
    }

    fn admin(&self, organisation: usize) -> &Caller {
        &self.callers[2 + 2 * organisation]
    }

    fn organisations(&self) -> usize {
        self.model.organisations.len()
    }

    fn day(&self, byte: u8) -> NaiveDate {
        // From two days before to three days after.
        self.model
            .today
            .checked_add_days(Days::new(u64::from(byte % 6)))
            .unwrap()
            .checked_sub_days(Days::new(2))
            .unwrap()
    }

    /// Tries one act.
    pub(super) async fn act(&mut self, kind: Kind, bytes: [u8; 4]) {
        let done = match kind {
            Kind::Parent | Kind::Successor => self.superior(kind, bytes).await,
            Kind::Life => self.life(bytes).await,
            Kind::Found | Kind::Activate | Kind::Close | Kind::Join | Kind::Appoint | Kind::Dismiss => {
                self.programme(kind, bytes).await
            }
            Kind::Extend => self.extend(bytes).await,
            Kind::Goal | Kind::Period => self.part_of_programme(kind, bytes).await,
            Kind::Draft => self.draft(bytes).await,
            Kind::Show | Kind::Delete => self.lead(kind, bytes).await,
            Kind::Invite | Kind::Reassign | Kind::Uninvite => self.invite(kind, bytes).await,
            Kind::Commit | Kind::Decline | Kind::Withdraw => self.answer(kind, bytes).await,
            Kind::Propose | Kind::Agree | Kind::Start | Kind::Complete | Kind::Cancel | Kind::Hold | Kind::Resume => {
                self.transit(kind, bytes).await
            }
            Kind::Body | Kind::ShowBody | Kind::Meeting | Kind::CancelMeeting => self.body(kind, bytes).await,
            Kind::Step | Kind::ShowStep | Kind::RemoveStep => self.step(kind, bytes).await,
            Kind::Report => self.report(bytes).await,
            Kind::Edit | Kind::Submit | Kind::Return | Kind::Accept | Kind::DropReport => {
                self.go_on_with_report(kind, bytes).await
            }
            Kind::Days => {
                self.days(bytes);
                Some(())
            }
            Kind::Follow => super::follow(self, bytes).await,
            Kind::Arrive => super::arrive(self, bytes).await,
            Kind::CatchUp => super::catch_up(self).await,
        };
        self.model.keep();
        if done.is_some() {
            *self.done.entry(kind).or_default() += 1;
        }
    }

    fn days(&mut self, bytes: [u8; 4]) {
        self.model.today = self.model.today.checked_add_days(Days::new(u64::from(bytes[0] % 2) + 1)).unwrap();
        self.world.set_clock(&format!("{}T10:00:00Z", self.model.today));
        for caller in self.callers.iter_mut().filter(|caller| caller.token().is_some()) {
            *caller = self.world.renewed(caller);
        }
        for following in &mut self.followers {
            following.follower.reader = self.callers[following.reader].clone();
        }
    }

    /// Adds one who begins to follow now.
    pub(super) async fn arrives(&mut self, reader: usize) {
        let follower = Follower::from_now(self.callers[reader].clone()).await;
        let known = self.model.standing(reader);
        self.followers.push(super::Following { reader, follower, known, told_before: 0 });
    }
}

/// What was answered, where the service did it. A refusal is fine; a failure is not.
#[track_caller]
fn took(reply: Reply) -> Option<Value> {
    assert!(reply.status.as_u16() < 500, "{reply:?}");
    reply.status.is_success().then_some(reply.body)
}
