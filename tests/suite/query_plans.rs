//! No list reads a whole table that is large by nature: the plans of the statements that the lists send.
//!
//! The plans are SQLite's, which explains them in a stable form; the indexes are the same on PostgreSQL, as the tests
//! of the schema show.

use crate::bodies::body;
use crate::reports::Stage;
use crate::seed::{self, Seen};
use diesel::connection::{Connection, Instrumentation, InstrumentationEvent, SimpleConnection};
use diesel::prelude::*;
use diesel::sql_types::Text;
use serde_json::json;
use std::sync::{Arc, Mutex};
use yhteen_domain::actions::ActionStatus;
use yhteen_domain::calendar::{CalendarKind, Filter, Span};
use yhteen_domain::changes::Position;
use yhteen_domain::ids::{ActionId, BodyId, GoalId, OrganisationId, PeriodId, ProgrammeId};
use yhteen_domain::time::{Instant, date_of};
use yhteen_persistence::decision_steps::Of;
use yhteen_persistence::page::{Page, Slice};
use yhteen_persistence::scope::{Access, Scope, access};
use yhteen_persistence::timetable::{conflicts, overview, sources};
use yhteen_persistence::{
    Db, Error, actions, bodies, calendar, changes, decision_steps, meetings, programmes, progress, reporting_periods,
    reports, security, sessions,
};
use yhteen_tests::caller::id;
use yhteen_tests::{Engine, World, world};

/// Tables that grow with use and not with the number of partners.
const LARGE: [&str; 19] = [
    "actions",
    "action_goals",
    "action_status_history",
    "audiences",
    "change_events",
    "decision_steps",
    "handlings",
    "meetings",
    "participants",
    "participant_history",
    "refresh_tokens",
    "remedy_claims",
    "reports",
    "sessions",
    "security_event_organisations",
    "security_events",
    "step_bookings",
    "step_dependencies",
    "timetable_states",
];

/// Writes down the statements of a connection.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<Vec<String>>>);

impl Instrumentation for Recorder {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            let shown = query.to_string();
            let statement = shown.split(" -- binds").next().unwrap_or_default();
            self.0.lock().unwrap().push(statement.to_owned());
        }
    }
}

/// What is asked, and the steps of the plan that it may not have.
struct Plans {
    db: Db,
    recorder: Recorder,
    explain: Db,
    access: Access,
    looked_at: usize,
    bad: Vec<String>,
}

impl Plans {
    /// Asks, and looks at the plan of each statement that this sends; answers what was asked.
    fn of<T>(&mut self, name: &str, ask: impl FnOnce(&mut Db, &Access) -> Result<T, Error>) -> T {
        let answer = ask(&mut self.db, &self.access).unwrap();
        let statements = std::mem::take(&mut *self.recorder.0.lock().unwrap());
        self.look_at(name, &statements);
        answer
    }

    /// Looks at the plans of statements.
    fn look_at(&mut self, name: &str, statements: &[String]) {
        #[derive(QueryableByName)]
        struct Step {
            #[diesel(sql_type = Text)]
            detail: String,
        }
        assert!(!statements.is_empty(), "{name} sends nothing");
        for statement in statements {
            let steps: Vec<Step> =
                diesel::sql_query(format!("EXPLAIN QUERY PLAN {statement}")).load(&mut self.explain).unwrap();
            let steps: Vec<String> = steps.into_iter().map(|step| step.detail).collect();
            self.looked_at += 1;
            if steps.iter().any(|step| reads_a_large_table(step)) {
                self.bad.push(format!("{name}: {}\n    {statement}", steps.join("; ")));
            }
        }
    }
}

/// Whether a step reads a large table as it lies, row by row, without an index that gives the order or the choice; or
/// the feed from its beginning, for a place in it is a transaction and a sequence.
fn reads_a_large_table(step: &str) -> bool {
    if step.starts_with("SEARCH change_events ") && step.ends_with("(transaction_id>?)") {
        return true;
    }
    let Some(rest) = step.strip_prefix("SCAN ") else { return false };
    let mut words = rest.split(' ');
    let table = words.next().unwrap_or_default();
    LARGE.contains(&table) && words.next() != Some("USING")
}

/// A few hundred of everything, put in as it stands.
fn fill(world: &World, stage: &Stage, body: &str) {
    let blob = |id: &str| format!("x'{}'", id.rsplit('/').next().unwrap().replace('-', ""));
    let (programme, period, action) = (blob(&stage.programme), blob(&stage.period), blob(&stage.action));
    let (lead, body) = (blob(&stage.lead.id), blob(body));
    let sql = format!(
        r#"
        CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
            SELECT i, randomblob(16) AS id FROM n;
        INSERT INTO actions (id, version, created_at, updated_at, programme_id, code, code_key, title, status, visibility,
            starts_on, start_gate, target_groups, area, tags)
            SELECT id, 1, i, i, {programme}, 'B' || i, 'B' || i, '{{"fi":"Toimenpide"}}', 'agreed', 'public',
            CASE WHEN i % 3 THEN '2026-09-01' END, 'decided', '[]', '[]', '[]' FROM n;
        INSERT INTO participants SELECT id, {lead}, 1, 0, 0, 0, 0, 'committed', i, i FROM n;
        INSERT INTO action_status_history SELECT id, 1, 'agreed', i, NULL FROM n;
        INSERT INTO participant_history SELECT id, {lead}, 1, 1, 0, 0, 0, 0, 'committed', i, NULL FROM n;
        INSERT INTO audiences SELECT id, 'public' FROM n;
        INSERT INTO meetings (id, version, created_at, updated_at, body_id, starts_at, agenda_deadline, zone, state,
            cancelled, tags, calendar_recurrence, calendar_sequence)
            SELECT randomblob(16), 1, i, i, {body}, i, i, 'Europe/Helsinki', 'planned', 0, '[]', '', 0 FROM n;
        INSERT INTO decision_steps (id, action_id, body_id, title, function, authoritative, preparation_days,
            visibility, created_at, updated_at)
            SELECT randomblob(16), id, {body}, '{{"fi":"Päätös"}}', 'decision', 1, 14, 'action', i, i FROM n;
        INSERT INTO reports (id, version, created_at, updated_at, action_id, organisation_id, period_id, revision,
            state, implementation_status)
            SELECT randomblob(16), 1, i, i, {action}, {lead}, {period}, i, 'accepted', 'completed' FROM n;
        INSERT INTO audiences SELECT id, 'public' FROM reports;
        INSERT INTO change_events (kind, aggregate_type, aggregate_id, version, occurred_at, seen_before, seen_after)
            SELECT 'action.updated', 'action', id, 1, i, '[]', '["public"]' FROM n;
        INSERT INTO security_events (id, occurred_at, kind, outcome, times) SELECT id, i, 'sign_in', 'success', 1 FROM n;
        INSERT INTO security_event_organisations SELECT {lead}, i, id FROM n;
        "#
    );
    Db::open(&world.database.url).unwrap().batch_execute(&sql).unwrap();
}

/// Asks for two pages of a list, the second after the last item of the first.
fn pages<T, K>(
    plans: &mut Plans,
    name: &str,
    list: impl Fn(&mut Db, &Scope, &Slice<K>) -> Result<Page<T>, Error>,
    place: impl Fn(&T) -> K,
) {
    let first = plans.of(name, |db, access| list(db, access.scope(), &Slice { after: None, limit: 50 }));
    let Some(last) = first.items.last() else { return };
    let after = Some(place(last));
    plans.of(&format!("{name}, next page"), |db, access| list(db, access.scope(), &Slice { after, limit: 50 }));
}

/// The lists of actions, in each order and by each filter.
fn actions_lists(plans: &mut Plans, ids: &Ids, since: Instant) {
    use actions::{Filter, Order};
    let all = Filter::default;
    let orders = [
        ("id", Order::Id),
        ("start", Order::StartsOn { descending: false }),
        ("start, latest first", Order::StartsOn { descending: true }),
        ("change", Order::UpdatedAt { descending: false }),
        ("change, latest first", Order::UpdatedAt { descending: true }),
    ];
    let filters = [
        ("all", all()),
        ("programme", Filter { programme: Some(ids.programme), ..all() }),
        ("participant", Filter { participant: Some(ids.lead), ..all() }),
        ("accountable", Filter { accountable: Some(ids.lead), ..all() }),
        ("goal", Filter { goal: Some(ids.goal), ..all() }),
        ("status", Filter { statuses: vec![ActionStatus::Agreed], ..all() }),
        ("start", Filter { starts_from: Some(date_of(since)), ..all() }),
        ("change", Filter { updated_since: Some(since), ..all() }),
    ];
    for ((by, order), (of, filter)) in orders.iter().flat_map(|order| filters.iter().map(move |it| (order, it))) {
        let list = |db: &mut Db, scope: &Scope, slice: &Slice<_>| actions::list(db, scope, filter, *order, slice);
        pages(plans, &format!("actions of {of} by {by}"), list, |action| action.into());
    }
}

/// The lists of meetings and reports, by each filter.
fn other_lists(plans: &mut Plans, ids: &Ids, since: Instant) {
    let all = meetings::Filter::default;
    for (of, filter) in [
        ("all", all()),
        ("body", meetings::Filter { bodies: vec![ids.body], ..all() }),
        ("organisation", meetings::Filter { organisations: vec![ids.lead], ..all() }),
        ("time", meetings::Filter { from: Some(Instant::UNIX_EPOCH), before: Some(since), ..all() }),
        ("change", meetings::Filter { updated_since: Some(since), ..all() }),
    ] {
        let list = |db: &mut Db, scope: &Scope, slice: &Slice<_>| meetings::list(db, scope, &filter, slice);
        pages(plans, &format!("meetings of {of}"), list, |it| (it.details.starts_at, it.id));
    }
    let all = reports::Filter::default;
    for (of, filter) in [
        ("all", all()),
        ("action", reports::Filter { action: Some(ids.action), ..all() }),
        ("organisation", reports::Filter { organisation: Some(ids.lead), ..all() }),
        ("period", reports::Filter { period: Some(ids.period), ..all() }),
        ("programme", reports::Filter { programme: Some(ids.programme), ..all() }),
        ("change", reports::Filter { updated_since: Some(since), ..all() }),
    ] {
        let list = |db: &mut Db, scope: &Scope, slice: &Slice<_>| reports::list(db, scope, &filter, slice);
        pages(plans, &format!("reports of {of}"), list, |it| it.id);
    }
}

/// Calendars, by each filter. One of decisions that is not narrowed looks through whatever decisions there are: their
/// dates of legal force are computed, not kept.
fn calendars(plans: &mut Plans, ids: &Ids, now: Instant) {
    let (all, today) = (Filter::default, date_of(now));
    for (of, filter) in [
        ("body", Filter { body_id: vec![ids.body], ..all() }),
        ("organisation", Filter { organisation_id: vec![ids.lead], ..all() }),
        ("action", Filter { action_id: vec![ids.action], ..all() }),
        ("programme", Filter { programme_id: vec![ids.programme], ..all() }),
        ("meetings", Filter { kind: vec![CalendarKind::Meeting], ..all() }),
        ("deadlines", Filter { kind: vec![CalendarKind::AgendaDeadline], ..all() }),
        ("reports", Filter { kind: vec![CalendarKind::ReportDue], ..all() }),
    ] {
        let name = format!("calendar of {of}");
        plans.of(&name, |db, access| calendar::entries(db, access.scope(), Span::around(today), &filter, now));
    }
}

/// The security log, as the operator reads it and as administrators do.
fn security_log(plans: &mut Plans, ids: &Ids, since: Instant) {
    use security::{Filter, Place};
    let all = Filter::default;
    let own = || Filter { organisations: Some(vec![ids.lead]), ..all() };
    for (of, filter) in [
        ("all", all()),
        ("time", Filter { from: Some(Instant::UNIX_EPOCH), to: Some(since), ..all() }),
        ("principal", Filter { principal: Some(uuid::Uuid::nil().into()), ..all() }),
        ("organisation", own()),
        ("organisation and time", Filter { from: Some(Instant::UNIX_EPOCH), to: Some(since), ..own() }),
    ] {
        let list = |db: &mut Db, _: &Scope, slice: &Slice<_>| security::list(db, &filter, slice);
        pages(plans, &format!("security log of {of}"), list, |it| Place(it.event.occurred_at, it.event.id));
    }
}

/// What is read whole, and the lists of what is small but shown by its audience.
fn what_else_is_read(plans: &mut Plans, ids: &Ids, since: Instant) {
    let programme = plans.of("programme", |db, access| programmes::find(db, access.scope(), ids.programme));
    let period = plans.of("period", |db, _| reporting_periods::of_programme(db, &programme, ids.period)).unwrap();
    plans.of("the period that was opened last", |db, _| reporting_periods::opened_last(db, &programme, date_of(since)));
    let facts = plans.of("progress", |db, access| progress::facts(db, access.scope(), &programme, Some(&period)));
    let owed = facts.owed(&period, date_of(since), plans.access.scope().keys());
    assert!(owed.len() > 300, "{}", owed.len());
    let list = |db: &mut Db, scope: &Scope, slice: &Slice<_>| progress::page(db, scope, owed.clone(), slice);
    pages(plans, "owed reports", list, progress::Line::place);
    for (of, position) in
        [("the beginning", Position::default()), ("later", Position { transaction: 0, sequence: 100 })]
    {
        plans.of(&format!("changes from {of}"), |db, access| changes::after(db, access.scope(), position, 50));
    }
    plans.of("the last change", |db, _| changes::last(db));
    plans.of("the present of the feed", |db, _| changes::now(db));
    plans.of("decision steps", |db, _| decision_steps::of_action(db, ids.action));
    let bodies = [ids.body];
    for (of, wanted) in [
        ("an action", Of::Actions(&[ids.action])),
        ("a programme", Of::Programme(ids.programme)),
        ("a body", Of::Bodies(&bodies)),
    ] {
        plans.of(&format!("timetables of {of}"), |db, access| sources(db, access.scope(), wanted));
    }
    let now = programme.meta.created_at;
    let filter = conflicts::Filter::default();
    let list =
        |db: &mut Db, scope: &Scope, slice: &Slice<_>| conflicts::list(db, scope, ids.programme, &filter, now, slice);
    pages(plans, "conflicts", list, conflicts::Found::place);
    let filter = overview::Filter::default();
    let list = |db: &mut Db, scope: &Scope, slice: &Slice<_>| {
        overview::overview(db, scope, ids.programme, &filter, overview::At { now, asked: false }, slice)
    };
    pages(plans, "timetables of a programme", list, overview::Line::place);
    plans.of("sessions", |db, access| sessions::list(db, access.principal, now, &Slice { after: None, limit: 50 }));
    plans.of("meetings of bodies", |db, _| meetings::of_bodies(db, &[ids.body]));
    let filter = programmes::Filter { member: Some(ids.lead), updated_since: Some(since), ..Default::default() };
    pages(plans, "programmes", |db, scope, slice| programmes::list(db, scope, &filter, slice), |it| it.id);
    let filter = bodies::Filter { organisations: vec![ids.lead], ..Default::default() };
    pages(plans, "bodies", |db, scope, slice| bodies::list(db, scope, &filter, slice), |it| it.id);
}

/// What the lists are asked for.
struct Ids {
    programme: ProgrammeId,
    period: PeriodId,
    action: ActionId,
    goal: GoalId,
    lead: OrganisationId,
    body: BodyId,
}

/// What the worker says when a body has changed. Once a day it does read everything.
async fn round_of_the_worker(world: &World, stage: &Stage, body: &str) -> Vec<String> {
    world.settle_timetables().await;
    let change = json!({"minutes_publication_days": 9});
    stage.lead.admin.change(&format!("/api/v1/bodies/{body}"), change).await.expect(200);
    let said = world.statements(world.settle_timetables()).await;
    let said = said.iter().map(|statement| statement.split(" -- binds").next().unwrap_or_default().to_owned());
    said.filter(|statement| !statement.contains("SAVEPOINT")).collect()
}

async fn no_list_reads_a_large_table_as_it_lies(world: World) {
    let stage = Stage::new(&world, Seen::ByEveryone).await;
    let of_body = body(&stage.lead, "council").await;
    let goal = json!({"code": "T1", "title": {"fi": "Tavoite"}});
    let goal = id(&stage.county.admin.post(&format!("{}/goals", stage.programme), goal).await.expect(201));
    seed::serves(&world, &stage.action, &goal).await;
    fill(&world, &stage, &of_body);
    let ids = Ids {
        programme: stage.programme.rsplit('/').next().unwrap().parse().unwrap(),
        period: stage.period.parse().unwrap(),
        action: stage.action.parse().unwrap(),
        goal: goal.parse().unwrap(),
        lead: stage.lead.id.parse().unwrap(),
        body: of_body.parse().unwrap(),
    };

    let (mut db, now) = (Db::open(&world.database.url).unwrap(), world.app().now());
    let access = access(&mut db, world.principal(&stage.county.admin), date_of(now)).unwrap().unwrap();
    let recorder = Recorder::default();
    db.set_instrumentation(recorder.clone());
    let explain = Db::open(&world.database.url).unwrap();
    let mut plans = Plans { db, recorder, explain, access, looked_at: 0, bad: Vec::new() };
    actions_lists(&mut plans, &ids, now);
    other_lists(&mut plans, &ids, now);
    security_log(&mut plans, &ids, now);
    what_else_is_read(&mut plans, &ids, now);
    plans.look_at("a round of the worker", &round_of_the_worker(&world, &stage, &of_body).await);
    calendars(&mut plans, &ids, now);
    assert!(plans.looked_at > 200, "only {} plans were seen", plans.looked_at);
    assert!(plans.bad.is_empty(), "a large table is read as it lies:\n{}", plans.bad.join("\n"));
}

#[test]
fn the_plans_of_all_lists() {
    world::run(Engine::Sqlite, no_list_reads_a_large_table_as_it_lies);
}
