//! What it costs to show the timetables of a programme: 10,000 actions of 6 steps over 1,000 bodies with 24 meetings each.
//!
//! `cargo bench -p yhteen-persistence --bench programme_timetable`, on SQLite and, where `YHTEEN_BENCH_POSTGRES_URL`
//! names an empty database, on PostgreSQL too. `YHTEEN_BENCH_ACTIONS` sets another number of actions.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark fails by panicking")]

use chrono::{DateTime, Days, TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use std::time::{Duration, Instant};
use yhteen_domain::ids::{Id, ProgrammeId};
use yhteen_persistence::decision_steps::Of;
use yhteen_persistence::page::Slice;
use yhteen_persistence::scope::Scope;
use yhteen_persistence::timetable::overview::{At, Filter, overview};
use yhteen_persistence::timetable::sources;
use yhteen_persistence::{Db, migrations};

const BODIES: usize = 1_000;
const MEETINGS: usize = 24;
const STEPS: usize = 6;
const ROUNDS: usize = 10;

fn now() -> DateTime<Utc> {
    "2026-01-15T07:00:00Z".parse().unwrap()
}

fn main() {
    let actions = std::env::var("YHTEEN_BENCH_ACTIONS").map_or(10_000, |number| number.parse().unwrap());
    let directory = tempfile::tempdir().unwrap();
    // A file that is named stays, to be served over HTTP.
    let file = std::env::var("YHTEEN_BENCH_SQLITE_FILE").map_or(directory.path().join("yhteen.db"), Into::into);
    measure("SQLite", &format!("sqlite:{}", file.display()), actions);
    match std::env::var("YHTEEN_BENCH_POSTGRES_URL") {
        Ok(url) => measure("PostgreSQL", &url, actions),
        Err(_) => println!("PostgreSQL: left out, since YHTEEN_BENCH_POSTGRES_URL names no database"),
    }
}

fn measure(engine: &str, url: &str, actions: usize) {
    let mut db = Db::open(url).unwrap();
    migrations::run(&mut db).unwrap();
    fill(&mut db, actions);
    let (scope, programme) = (Scope::anonymous(), ProgrammeId::from_uuid(uuid(Sort::Programme, 0)));
    let read = timed(|| sources(&mut db, &scope, Of::Programme(programme)).unwrap().actions.len());
    let all = timed(|| {
        let slice = Slice { after: None, limit: 50 };
        let page =
            overview(&mut db, &scope, programme, &Filter::default(), At { now: now(), asked: false }, &slice).unwrap();
        assert!(page.items.len() == 50 || page.items.len() == actions);
        page.items.len()
    });
    println!(
        "{engine}, {actions} actions: a page of the overview {all:?}, of which reading {read:?} (medians of {ROUNDS})"
    );
}

/// The median of several rounds.
fn timed(mut work: impl FnMut() -> usize) -> Duration {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            std::hint::black_box(work());
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[ROUNDS / 2]
}

#[derive(Clone, Copy)]
enum Sort {
    Programme = 1,
    Organisation,
    Body,
    Meeting,
    Action,
    Step,
    Handling,
}

fn uuid(sort: Sort, number: usize) -> uuid::Uuid {
    uuid::Uuid::from_u128(((sort as u128) << 96) | number as u128)
}

/// How values are written in an engine's SQL.
struct Literals {
    postgres: bool,
}

impl Literals {
    fn id(&self, sort: Sort, number: usize) -> String {
        let id = uuid(sort, number);
        if self.postgres { format!("'{id}'") } else { format!("x'{}'", id.simple()) }
    }

    fn at(&self, at: DateTime<Utc>) -> String {
        if self.postgres { format!("'{}'", at.to_rfc3339()) } else { at.timestamp_micros().to_string() }
    }
}

/// Puts rows into a table, a thousand in each statement.
fn insert(db: &mut Db, into: &str, rows: impl Iterator<Item = String>) {
    let rows: Vec<String> = rows.collect();
    for some in rows.chunks(1_000) {
        db.batch_execute(&format!("INSERT INTO {into} VALUES {}", some.join(", "))).unwrap();
    }
}

fn fill(db: &mut Db, actions: usize) {
    let sql = Literals { postgres: matches!(db, Db::Postgres(_)) };
    db.batch_execute("BEGIN").unwrap();
    fill_partners(db, &sql);
    fill_meetings(db, &sql);
    fill_actions(db, &sql, actions);
    fill_routes(db, &sql, actions);
    db.batch_execute("COMMIT").unwrap();
    // PostgreSQL's own worker would have done so a minute later.
    db.batch_execute("ANALYZE").unwrap();
}

/// The organisation of a body.
fn organisation(body: usize) -> usize {
    body % 100
}

fn fill_partners(db: &mut Db, sql: &Literals) {
    let at = sql.at(now());
    insert(
        db,
        "programmes (id, version, created_at, updated_at, title, starts_on, ends_on, status, area)",
        [format!(
            r#"({}, 1, {at}, {at}, '{{"fi": "Suunnitelma"}}', '2026-01-01', '2029-12-31', 'active', '[]')"#,
            sql.id(Sort::Programme, 0)
        )]
        .into_iter(),
    );
    insert(
        db,
        "organisations (id, version, created_at, updated_at, name, kind)",
        (0..100).map(|number| {
            let id = sql.id(Sort::Organisation, number);
            format!(r#"({id}, 1, {at}, {at}, '{{"fi": "Kunta {number}", "sv": "Kommun {number}"}}', 'municipality')"#)
        }),
    );
    insert(
        db,
        "bodies (id, version, created_at, updated_at, organisation_id, name, kind, visibility, agenda_lead_days, \
         agenda_lead_time, minutes_publication_days, regime)",
        (0..BODIES).map(|number| {
            let (kind, regime) = if number % 4 == 2 { ("council", "municipal_council") } else { ("board", "municipal_board") };
            let (id, of) = (sql.id(Sort::Body, number), sql.id(Sort::Organisation, organisation(number)));
            format!(
                r#"({id}, 1, {at}, {at}, {of}, '{{"fi": "Toimielin {number}", "sv": "Organ {number}"}}', '{kind}', 'public',
                7, '12:00', 5, '{regime}')"#
            )
        }),
    );
}

fn fill_meetings(db: &mut Db, sql: &Literals) {
    let at = sql.at(now());
    let starts_at =
        |body: usize, meeting: usize| now() + Days::new((meeting * 21 + body % 21) as u64) + TimeDelta::hours(7);
    insert(
        db,
        "meetings (id, version, created_at, updated_at, body_id, starts_at, ends_at, agenda_deadline, zone, state, \
         cancelled, tags, calendar_recurrence, calendar_sequence)",
        (0..BODIES * MEETINGS).map(|number| {
            let (body, meeting) = (number / MEETINGS, number % MEETINGS);
            let starts = starts_at(body, meeting);
            let (ends, deadline) = (starts + TimeDelta::hours(3), starts - Days::new(6 + (body % 5) as u64));
            let tags = if meeting % 6 == 5 { r#"["budget"]"# } else { "[]" };
            format!(
                "({}, 1, {at}, {at}, {}, {}, {}, {}, 'Europe/Helsinki', 'planned', {}, '{tags}', '', 0)",
                sql.id(Sort::Meeting, number),
                sql.id(Sort::Body, body),
                sql.at(starts),
                sql.at(ends),
                sql.at(deadline),
                if meeting % 11 == 10 { "TRUE" } else { "FALSE" },
            )
        }),
    );
}

fn fill_actions(db: &mut Db, sql: &Literals, actions: usize) {
    let (at, programme) = (sql.at(now()), sql.id(Sort::Programme, 0));
    insert(
        db,
        "actions (id, version, created_at, updated_at, programme_id, code, title, status, visibility, starts_on, \
         start_gate, target_groups, area, tags)",
        (0..actions).map(|number| {
            let id = sql.id(Sort::Action, number);
            let starts_on = (now() + Days::new(365 + (number % 60) as u64)).date_naive();
            format!(
                r#"({id}, 1, {at}, {at}, {programme}, 'A{number}', '{{"fi": "Toimenpide {number}", "sv": "Åtgärd {number}"}}',
                'proposed', 'public', '{starts_on}', 'final', '[]', '[]', '[]')"#
            )
        }),
    );
    let mut participants = Vec::new();
    let mut seen = Vec::new();
    for number in 0..actions {
        let id = sql.id(Sort::Action, number);
        for (offset, accountable) in [(0, "TRUE"), (1, "FALSE"), (2, "FALSE")] {
            let of = sql.id(Sort::Organisation, (number + offset) % 100);
            participants
                .push(format!("({id}, {of}, {accountable}, TRUE, FALSE, FALSE, FALSE, 'committed', {at}, {at})"));
            seen.push(format!("({id}, 'organisation:{}')", uuid(Sort::Organisation, (number + offset) % 100)));
        }
        seen.push(format!("({id}, 'public')"));
    }
    seen.extend((0..BODIES).map(|number| format!("({}, 'public')", sql.id(Sort::Body, number))));
    insert(db, "participants", participants.into_iter());
    insert(db, "audiences", seen.into_iter());
}

/// Three rounds of two steps: each after the two of the round before. The first step of every tenth action is decided,
/// and that of every third other one is booked.
fn fill_routes(db: &mut Db, sql: &Literals, actions: usize) {
    let at = sql.at(now());
    let body_of = |action: usize, step: usize| (action * 7 + step * 13) % BODIES;
    let (mut steps, mut edges, mut bookings, mut handlings) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for number in 0..actions * STEPS {
        let (action, step) = (number / STEPS, number % STEPS);
        let (id, body) = (sql.id(Sort::Step, number), body_of(action, step));
        steps.push(format!(
            r#"({id}, {}, {}, '{{"fi": "Päätös hankkeesta", "sv": "Beslut om projektet"}}', 'decision', {}, {}, 'action', {at}, {at})"#,
            sql.id(Sort::Action, action),
            sql.id(Sort::Body, body),
            if step >= STEPS - 2 { "TRUE" } else { "FALSE" },
            [0, 5, 10][step % 3],
        ));
        for before in [step.checked_sub(2), step.checked_sub(3)].into_iter().flatten() {
            let gate = ["decided", "final", "proposed"][(step + before) % 3];
            let by = if step % 4 == 3 { "meeting" } else { "agenda_deadline" };
            edges.push(format!("({id}, {}, '{gate}', '{by}')", sql.id(Sort::Step, action * STEPS + before)));
        }
        let meeting = sql.id(Sort::Meeting, body * MEETINGS + 1);
        if step == 0 && action % 10 == 0 {
            handlings.push(format!("({}, {id}, {meeting}, 'approved', {at})", sql.id(Sort::Handling, number)));
        } else if step == 0 && action % 3 == 0 {
            let organisation = sql.id(Sort::Organisation, organisation(body));
            bookings.push(format!("({id}, {meeting}, 'accepted', {organisation}, {at})"));
        }
    }
    insert(
        db,
        "decision_steps (id, action_id, body_id, title, function, authoritative, preparation_days, visibility, \
         created_at, updated_at)",
        steps.into_iter(),
    );
    insert(db, "step_dependencies", edges.into_iter());
    insert(db, "step_bookings (step_id, meeting_id, state, proposed_by, proposed_at)", bookings.into_iter());
    insert(db, "handlings (id, step_id, meeting_id, outcome, recorded_at)", handlings.into_iter());
}
