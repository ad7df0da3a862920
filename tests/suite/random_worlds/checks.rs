//! Holds what the service answers against the model.

use super::model::{Action, Body, Meeting, Model, Programme, Report, Step};
use super::play::Play;
use super::recount::Owed;
use crate::follower::Copy;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use yhteen_tests::Caller;
use yhteen_tests::caller::id;

/// The person or client that acted is told to readers of the organisation that acted, and to no one else.
pub(super) fn authors(play: &Play<'_>, which: usize) {
    let following = &play.followers[which];
    let own: BTreeSet<&str> =
        play.model.reads_for(following.reader).iter().map(|at| play.model.organisations[*at].id.as_str()).collect();
    // Who was told before its standing changed was told by another measure.
    let (_, latest) = following.follower.events.split_at(following.told_before);
    for event in latest {
        let told = event.organisation.as_deref().is_some_and(|organisation| own.contains(organisation));
        assert_eq!(event.principal.is_some(), told, "reader {}: {event:?}", following.reader);
    }
}

/// Everything of one kind, and which of it a reader sees.
fn seen<'m, T>(all: &'m [T], id: impl Fn(&'m T) -> &'m str, sees: impl Fn(usize) -> bool) -> BTreeSet<&'m str> {
    all.iter().enumerate().filter(|(at, _)| sees(*at)).map(|(_, item)| id(item)).collect()
}

/// What a reader may see, by type.
fn sight(model: &Model, reader: usize) -> BTreeMap<&'static str, BTreeSet<&str>> {
    [
        ("organisation", seen(&model.organisations, |it| &it.id, |_| true)),
        ("programme", seen(&model.programmes, |it| &it.id, |at| model.sees_programme(reader, at))),
        ("action", seen(&model.actions, |it| &it.id, |at| model.sees_action(reader, at))),
        ("body", seen(&model.bodies, |it| &it.id, |at| model.sees_body(reader, at))),
        ("meeting", seen(&model.meetings, |it| &it.id, |at| model.sees_meeting(reader, at))),
        ("report", seen(&model.reports, |it| &it.id, |at| model.sees_report(reader, at))),
    ]
    .into()
}

/// The lists show a reader exactly what it may see.
pub(super) fn shown(play: &Play<'_>, reader: usize, shown: &Copy) {
    for (kind, may_see) in sight(&play.model, reader) {
        let shown: BTreeSet<&str> = shown.keys().filter(|(of, _)| of == kind).map(|(_, id)| id.as_str()).collect();
        assert_eq!(shown, may_see, "reader {reader}: {kind}");
    }
}

/// Holds all answers to all readers against the model.
pub(super) async fn everything(play: &Play<'_>) {
    for (reader, caller) in play.callers.iter().enumerate() {
        let check = Check { model: &play.model, reader, caller };
        check.lists_of_actions().await;
        check.other_lists().await;
        check.singles().await;
        check.parts_of_programmes().await;
        check.parts_of_actions().await;
        check.progress().await;
    }
}

struct Check<'p> {
    model: &'p Model,
    reader: usize,
    caller: &'p Caller,
}

impl Check<'_> {
    /// What of `all` is listed with this filter is what the reader sees, and the filter lets through.
    async fn list<T>(&self, path: &str, all: &[T], id_of: impl Fn(&T) -> &str, wanted: impl Fn(usize, &T) -> bool) {
        let wanted: BTreeSet<_> = all
            .iter()
            .enumerate()
            .filter(|(at, item)| wanted(*at, item))
            .map(|(_, item)| id_of(item).to_owned())
            .collect();
        let items = self.caller.all(path).await;
        let listed: BTreeSet<_> = items.iter().map(id).collect();
        assert_eq!((items.len(), listed), (wanted.len(), wanted), "reader {}: {path}", self.reader);
    }

    /// An organisation and a programme to filter by: other ones for other readers.
    fn any(&self) -> (usize, usize) {
        // The first organisations do something; later ones only mark a time.
        ((self.reader + 1) % 4, (self.reader + 1) % self.model.programmes.len())
    }

    async fn lists_of_actions(&self) {
        let Self { model, reader, .. } = *self;
        let (organisation, programme) = self.any();
        let (of, within) = (&model.organisations[organisation].id, &model.programmes[programme].id);
        let list = async |query: &str, wanted: &dyn Fn(&Action) -> bool| {
            let path = format!("/api/v1/actions?{query}");
            self.list(&path, &model.actions, |it| &it.id, |at, it| wanted(it) && model.sees_action(reader, at)).await;
        };
        let statuses = "sort=-updated_at&status=proposed&status=cancelled";
        list(&format!("programme_id={within}&{statuses}"), &|it| {
            it.programme == programme && matches!(it.status, "proposed" | "cancelled")
        })
        .await;
        list(&format!("organisation_id={of}&sort=starts_on"), &|it| {
            it.parts.get(&organisation).is_some_and(|part| matches!(part.commitment, "invited" | "committed"))
        })
        .await;
        list(&format!("accountable_id={of}&sort=-starts_on"), &|it| it.accountable == organisation).await;
        list("visibility=private&visibility=partners&sort=updated_at", &|it| {
            matches!(it.visibility, "private" | "partners")
        })
        .await;
        let goal = &model.programmes[0].goals[0].0;
        let serves =
            |it: &Action| model.actions.iter().position(|of| of.id == it.id).is_some_and(|at| model.serves(at, 0));
        list(&format!("goal_id={goal}"), &|it| it.programme == 0 && serves(it)).await;
    }

    async fn other_lists(&self) {
        let Self { model, reader, .. } = *self;
        let Model { organisations, programmes, actions, bodies, meetings, reports, .. } = model;
        let (organisation, programme) = self.any();
        let (of, within) = (&organisations[organisation].id, &programmes[programme].id);
        let list = async |query: &str, wanted: &dyn Fn(&Programme) -> bool| {
            let path = format!("/api/v1/programmes?{query}");
            self.list(&path, programmes, |it| &it.id, |at, it| wanted(it) && model.sees_programme(reader, at)).await;
        };
        list("status=draft&status=closed", &|it| it.status != "active").await;
        list(&format!("member_id={of}"), &|it| it.members.contains_key(&organisation)).await;

        let path = format!("/api/v1/bodies?organisation_id={of}");
        let own = |it: &Body| it.organisation == organisation;
        self.list(&path, bodies, |it| &it.id, |at, it| own(it) && model.sees_body(reader, at)).await;
        let list = async |query: &str, wanted: &dyn Fn(&Meeting) -> bool| {
            let path = format!("/api/v1/meetings?{query}");
            self.list(&path, meetings, |it| &it.id, |at, it| wanted(it) && model.sees_meeting(reader, at)).await;
        };
        list(&format!("organisation_id={of}&cancelled=false"), &|it| own(&bodies[it.body]) && !it.cancelled).await;
        list(&format!("body_id={}", bodies[0].id), &|it| it.body == 0).await;

        let list = async |query: &str, wanted: &dyn Fn(&Report) -> bool| {
            let path = format!("/api/v1/reports?{query}");
            self.list(&path, reports, |it| &it.id, |at, it| wanted(it) && model.sees_report(reader, at)).await;
        };
        list(&format!("programme_id={within}&state=submitted&state=accepted"), &|it| {
            actions[it.action].programme == programme && matches!(it.state, "submitted" | "accepted")
        })
        .await;
        list(&format!("organisation_id={of}"), &|it| it.organisation == organisation).await;
        let (action, period) = (&actions[0].id, &programmes[0].periods[0].id);
        list(&format!("action_id={action}&reporting_period_id={period}"), &|it| (it.action, it.period) == (0, 0)).await;
    }

    /// What is at a path: found exactly where the reader sees it.
    async fn found(&self, path: &str, sees: bool) -> Option<Value> {
        let reply = self.caller.get(path).await;
        if sees {
            return Some(reply.expect(200));
        }
        reply.refused(404, "request.not_found");
        None
    }

    /// Each thing by itself is there exactly where it is listed, and then the same.
    async fn singles(&self) {
        let Self { model, reader, caller } = *self;
        let sight = sight(model, reader);
        let all: [(&str, &str, Vec<&str>); 5] = [
            ("programme", "/api/v1/programmes", model.programmes.iter().map(|it| it.id.as_str()).collect()),
            ("action", "/api/v1/actions", model.actions.iter().map(|it| it.id.as_str()).collect()),
            ("body", "/api/v1/bodies", model.bodies.iter().map(|it| it.id.as_str()).collect()),
            ("meeting", "/api/v1/meetings", model.meetings.iter().map(|it| it.id.as_str()).collect()),
            ("report", "/api/v1/reports", model.reports.iter().map(|it| it.id.as_str()).collect()),
        ];
        for (kind, path, all) in all {
            let include = if kind == "action" { "?include=participants" } else { "" };
            let listed: BTreeMap<_, _> =
                caller.all(&format!("{path}{include}")).await.into_iter().map(|item| (id(&item), item)).collect();
            for one in all {
                let found = self.found(&format!("{path}/{one}"), sight[kind].contains(one)).await;
                assert_eq!(
                    found.as_ref().map(thin).as_ref(),
                    listed.get(one).map(thin).as_ref(),
                    "reader {reader}: {path}/{one}"
                );
                if let Some(action) = model.actions.iter().find(|action| action.id == one) {
                    let same = found.is_none_or(|it| {
                        (&it["status"], &it["visibility"]) == (&json!(action.status), &json!(action.visibility))
                    });
                    assert!(same, "reader {reader}: {action:?}");
                }
            }
        }
    }

    /// Goals, periods and members are there with their programme.
    async fn parts_of_programmes(&self) {
        for (at, programme) in self.model.programmes.iter().enumerate() {
            let (sees, path) =
                (self.model.sees_programme(self.reader, at), format!("/api/v1/programmes/{}", programme.id));
            for part in ["goals", "reporting-periods", "members"] {
                self.found(&format!("{path}/{part}"), sees).await;
            }
            if let Some((goal, _)) = programme.goals.first() {
                self.found(&format!("/api/v1/goals/{goal}"), sees).await;
            }
            if let Some(period) = programme.periods.first() {
                self.found(&format!("/api/v1/reporting-periods/{}", period.id), sees).await;
            }
        }
    }

    /// Participants and decision steps are there with their action; a step that the reader may not see is opaque.
    async fn parts_of_actions(&self) {
        let Self { model, reader, .. } = *self;
        let hidden: Vec<&str> = (0..model.bodies.len())
            .filter(|body| !model.sees_body(reader, *body))
            .map(|body| model.bodies[body].id.as_str())
            .collect();
        for (at, action) in model.actions.iter().enumerate() {
            let (sees, path) = (model.sees_action(reader, at), format!("/api/v1/actions/{}", action.id));
            if let Some(found) = self.found(&format!("{path}/participants"), sees).await {
                let parts: BTreeMap<_, _> = action
                    .parts
                    .iter()
                    .map(|(of, part)| (model.organisations[*of].id.clone(), json!(part.commitment)))
                    .collect();
                let found = found["items"].as_array().unwrap().iter();
                let found =
                    found.map(|it| (it["organisation_id"].as_str().unwrap().to_owned(), it["commitment"].clone()));
                assert_eq!(found.collect::<BTreeMap<_, _>>(), parts, "reader {reader}: {path}");
            }
            let listed = self.found(&format!("{path}/decision-steps"), sees).await;
            if let Some(listed) = &listed {
                let text = listed.to_string();
                assert!(
                    !hidden.iter().any(|body| text.contains(body)),
                    "reader {reader} is told of a hidden body: {text}"
                );
                assert_eq!(listed["items"].as_array().unwrap().len(), action.steps.len(), "reader {reader}: {path}");
            }
            for (index, step) in action.steps.iter().enumerate() {
                let found = self.found(&format!("/api/v1/decision-steps/{}", step.id), sees).await;
                assert_eq!(found.as_ref(), listed.as_ref().map(|it| &it["items"][index]), "reader {reader}: {step:?}");
                if let Some(found) = found {
                    self.step(at, step, &found);
                }
            }
        }
    }

    fn step(&self, action: usize, step: &Step, found: &Value) {
        let opaque = !self.model.sees_step(self.reader, action, step);
        assert_eq!(found["opaque"], opaque, "reader {}: {found}", self.reader);
        for told in ["body_id", "title", "function", "authoritative", "depends_on", "preparation_days", "visibility"] {
            assert_eq!(found[told].is_null(), opaque, "reader {}: {told} in {found}", self.reader);
        }
    }

    /// The list names each owed report with its organisation, action, state and days overdue.
    async fn owed_reports(&self, path: &str, owed: &BTreeMap<(usize, usize), Owed>) {
        let Self { model, reader, caller } = *self;
        let listed = caller.all(path).await;
        let of = |item: &Value| {
            let text = |name: &str| item[name].as_str().unwrap().to_owned();
            ((text("action_id"), text("organisation_id")), (text("state"), item["days_overdue"].clone()))
        };
        let wanted = owed.iter().map(|((action, organisation), owed)| {
            let who = (model.actions[*action].id.clone(), model.organisations[*organisation].id.clone());
            (who, (owed.state.to_owned(), json!(owed.days_overdue)))
        });
        assert_eq!(listed.len(), owed.len(), "reader {reader}: {path}");
        let (listed, wanted): (BTreeMap<_, _>, BTreeMap<_, _>) = (listed.iter().map(of).collect(), wanted.collect());
        assert_eq!(listed, wanted, "reader {reader}: {path}");
    }

    /// Progress is counted over what the reader sees, in all and by goal and organisation.
    async fn progress(&self) {
        let Self { model, reader, .. } = *self;
        for (at, programme) in model.programmes.iter().enumerate() {
            for (period, of) in programme.periods.iter().enumerate() {
                let (at_progress, query) =
                    (format!("/api/v1/programmes/{}/progress", programme.id), format!("reporting_period_id={}", of.id));
                let path = format!("{at_progress}?{query}");
                let Some(found) = self.found(&path, model.sees_programme(reader, at)).await else { continue };
                let (actions, owed) = (model.seen_actions(reader, at), model.owed(reader, at, period));
                let count = |of: &dyn Fn(usize, Option<usize>) -> bool| {
                    let statuses =
                        actions.iter().filter(|action| of(**action, None)).map(|action| model.actions[*action].status);
                    let reports = owed.iter().filter(|((action, organisation), _)| of(*action, Some(*organisation)));
                    (statuses_of(statuses), reports_of(reports.map(|(_, owed)| owed)))
                };
                let told = |it: &Value| (it["actions"].clone(), it["reports"].clone());
                assert_eq!(told(&found), count(&|_, _| true), "reader {reader}: {path}");
                for (goal, (id, _)) in programme.goals.iter().enumerate() {
                    let one =
                        found["goals"].as_array().unwrap().iter().find(|it| it["goal_id"] == id.as_str()).unwrap();
                    assert_eq!(told(one), count(&|action, _| model.serves(action, goal)), "reader {reader}: {path}");
                }
                self.owed_reports(&format!("{at_progress}/reports?{query}"), &owed).await;
                let committed = actions.iter().flat_map(|action| model.committed(*action));
                let committed: BTreeSet<usize> =
                    committed.chain(owed.keys().map(|(_, organisation)| *organisation)).collect();
                assert_eq!(
                    found["organisations"].as_array().unwrap().len(),
                    committed.len(),
                    "reader {reader}: {path}"
                );
                for one in found["organisations"].as_array().unwrap() {
                    let own =
                        model.organisations.iter().position(|it| one["organisation_id"] == it.id.as_str()).unwrap();
                    let of = |action: usize, organisation: Option<usize>| match organisation {
                        Some(organisation) => organisation == own,
                        None => model.committed(action).contains(&own),
                    };
                    assert_eq!(told(one), count(&of), "reader {reader}: {path}");
                }
            }
        }
    }
}

fn statuses_of<'a>(statuses: impl Iterator<Item = &'a str>) -> Value {
    let mut counts: BTreeMap<&str, u32> =
        ["draft", "proposed", "agreed", "in_progress", "on_hold", "completed", "cancelled"]
            .map(|status| (status, 0))
            .into();
    statuses.for_each(|status| *counts.entry(status).or_default() += 1);
    json!(counts)
}

fn reports_of<'a>(reports: impl Iterator<Item = &'a Owed>) -> Value {
    let mut counts: BTreeMap<&str, u32> =
        ["owed", "not_started", "draft", "returned", "reported", "submitted", "accepted"].map(|word| (word, 0)).into();
    let mut overdue = Some(0);
    for Owed { state, days_overdue } in reports {
        *counts.entry(state).or_default() += 1;
        *counts.entry("owed").or_default() += 1;
        overdue = overdue.zip(*days_overdue).map(|(count, days)| count + u32::from(days > 0));
    }
    let mut counts = json!(counts);
    counts["overdue"] = json!(overdue);
    counts
}

/// What a list tells of an item too: what an action's decisions come to is told of it by itself alone.
fn thin(item: &Value) -> Value {
    let mut item = item.clone();
    if let Some(members) = item.as_object_mut() {
        members.remove("readiness");
    }
    if let Some(permissions) = item["permissions"].as_object_mut() {
        permissions.remove("book");
    }
    item
}
