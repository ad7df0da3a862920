//! Actions put into the database as they are wanted, without the way there.

use diesel::connection::SimpleConnection;
use std::fmt::Write;
use std::sync::atomic::{AtomicU32, Ordering};
use yhteen_domain::actions::{Action, ActionVisibility};
use yhteen_domain::ids::{ActionId, OrganisationId};
use yhteen_domain::time::date_of;
use yhteen_persistence::scope::access;
use yhteen_persistence::{Actor, actions};
use yhteen_tests::{Caller, Engine, Organisation, World};

/// Who sees an action.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Seen {
    /// Everyone.
    ByEveryone,
    /// Its participants.
    ByParticipants,
}

impl Seen {
    fn visibility(self) -> ActionVisibility {
        match self {
            Self::ByEveryone => ActionVisibility::Public,
            Self::ByParticipants => ActionVisibility::Participants,
        }
    }
}

/// An action in a status, with the role and commitment of its participants.
pub(crate) async fn action(
    world: &World,
    programme: &str,
    status: &str,
    parts: &[(&Organisation, &str, &str)],
    seen: Seen,
) -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(1);
    let action = uuid::Uuid::now_v7().to_string();
    let programme = programme.rsplit('/').next().unwrap();
    let mut keys = vec![format!("coordinator:{programme}")];
    let (own, programme) = (uuid(world, &action), uuid(world, programme));
    let (at, code) = (instant(world), NUMBER.fetch_add(1, Ordering::Relaxed));
    let mut sql = format!(
        "INSERT INTO actions (id, version, created_at, updated_at, programme_id, code, code_key, title, status, visibility, \
         start_gate, target_groups, area, tags) VALUES ({own}, 1, {at}, {at}, {programme}, 'A{code}', 'A{code}', \
         '{{\"fi\":\"Toimenpide\"}}', '{status}', '{}', 'decided', '[]', '[]', '[]');",
        seen.visibility()
    );
    // As it goes, all at once: each status counts on this day.
    let way: &[&str] = match status {
        "agreed" => &["draft", "proposed", "agreed"],
        "in_progress" => &["draft", "proposed", "agreed", "in_progress"],
        "on_hold" => &["draft", "proposed", "agreed", "on_hold"],
        "completed" => &["draft", "proposed", "agreed", "in_progress", "completed"],
        other => &["draft", other],
    };
    for (passed, on_the_way) in way.iter().enumerate() {
        let until = if passed + 1 < way.len() { at.as_str() } else { "NULL" };
        // The last of them is the first version that there is.
        let version = 2 + i64::try_from(passed).unwrap() - i64::try_from(way.len() + 1).unwrap();
        write!(sql, "INSERT INTO action_status_history VALUES ({own}, {version}, '{on_the_way}', {at}, {until});")
            .unwrap();
    }
    for (organisation, role, commitment) in parts {
        let flags = ["accountable", "implementing", "funding", "supporting", "consulted"].map(|name| name == *role);
        let flags = flags.map(|flag| if flag { "TRUE" } else { "FALSE" }.to_owned()).join(", ");
        let id = uuid(world, &organisation.id);
        write!(sql, "INSERT INTO participants VALUES ({own}, {id}, {flags}, '{commitment}', {at}, NULL);").unwrap();
        write!(sql, "INSERT INTO participant_history VALUES ({own}, {id}, 1, {flags}, '{commitment}', {at}, NULL);")
            .unwrap();
        if matches!(*commitment, "invited" | "committed") {
            keys.push(format!("organisation:{}", organisation.id));
        }
    }
    if matches!(seen, Seen::ByEveryone) {
        keys.push("public".into());
    }
    for key in keys {
        write!(sql, "INSERT INTO audiences VALUES ({own}, '{key}');").unwrap();
    }
    run(world, sql).await;
    action
}

/// A decision of a body for which an action waits.
pub(crate) async fn step(world: &World, action: &str, body: &str) {
    let id = uuid(world, &uuid::Uuid::now_v7().to_string());
    let (action, body, at) = (uuid(world, action), uuid(world, body), instant(world));
    let sql = format!(
        "INSERT INTO decision_steps (id, action_id, body_id, title, function, authoritative, preparation_days, \
         visibility, created_at, updated_at) VALUES ({id}, {action}, {body}, '{{\"fi\":\"Päätös\"}}', 'decision', TRUE, \
         0, 'action', {at}, {at});"
    );
    run(world, sql).await;
}

/// Says that an action serves a goal.
pub(crate) async fn serves(world: &World, action: &str, goal: &str) {
    let (action, goal) = (uuid(world, action), uuid(world, goal));
    run(world, format!("INSERT INTO action_goals VALUES ({action}, {goal});")).await;
}

/// Decisions of these bodies, in which each step waits for the one before it.
pub(crate) async fn steps(world: &World, action: &str, bodies: &[&str]) {
    let (action, at) = (uuid(world, action), instant(world));
    let (mut sql, mut before) = (String::new(), None);
    for body in bodies {
        let step = uuid(world, &uuid::Uuid::now_v7().to_string());
        let body = uuid(world, body);
        write!(
            sql,
            "INSERT INTO decision_steps (id, action_id, body_id, title, function, authoritative, preparation_days, \
             visibility, created_at, updated_at) VALUES ({step}, {action}, {body}, '{{\"fi\":\"Päätös\"}}', 'decision', \
             TRUE, 0, 'action', {at}, {at});"
        )
        .unwrap();
        if let Some(before) = before.replace(step.clone()) {
            write!(sql, "INSERT INTO step_dependencies VALUES ({step}, {before}, 'proposed', 'meeting');").unwrap();
        }
    }
    run(world, sql).await;
}

/// Says that a step waits for the decision of another, whatever circle that closes.
pub(crate) async fn waits(world: &World, step: &str, on: &str) {
    let (step, on) = (uuid(world, step), uuid(world, on));
    run(world, format!("INSERT INTO step_dependencies VALUES ({step}, {on}, 'decided', 'meeting');")).await;
}

/// Says that a body's calendar is known for longer than any timetable is computed.
pub(crate) async fn far_calendar(world: &World, body: &str) {
    let body = uuid(world, body);
    run(world, format!("UPDATE bodies SET published_until = '8500-01-01' WHERE id = {body};")).await;
}

/// Changes who sees an action.
pub(crate) async fn show(world: &World, reader: &Caller, action: &str, to: Seen) {
    let change = move |mut action: Action| {
        action.details.visibility = to.visibility();
        action
    };
    save(world, reader, action, change).await;
}

/// Makes another organisation accountable for an action.
pub(crate) async fn hand_over(world: &World, reader: &Caller, action: &str, to: &Organisation) {
    let to: OrganisationId = to.id.parse().unwrap();
    let change = move |mut action: Action| {
        for participant in &mut action.participants {
            participant.organisation_id = if participant.is_accountable() { to } else { participant.organisation_id };
        }
        Action { accountable_id: to, ..action }
    };
    save(world, reader, action, change).await;
}

/// Changes an action that the reader sees.
async fn save(world: &World, reader: &Caller, action: &str, change: impl Fn(Action) -> Action + Send + Sync + 'static) {
    let id: ActionId = action.parse().unwrap();
    let (reader, now) = (world.principal(reader), world.app().now());
    let work = move |tx: &mut yhteen_persistence::Tx<'_>| {
        let access = access(tx, reader, date_of(now))?.unwrap();
        let action = actions::lock(tx, access.scope(), id)?.touched(now)?;
        actions::save(tx, &change(action), "action.updated")
    };
    world.app().store.write(Actor::default(), now, work).await.unwrap();
}

async fn run(world: &World, sql: String) {
    let work = move |tx: &mut yhteen_persistence::Tx<'_>| {
        tx.batch_execute(&sql).unwrap();
        Ok(())
    };
    world.app().store.write(Actor::default(), world.app().now(), work).await.unwrap();
}

fn uuid(world: &World, id: &str) -> String {
    match world.engine {
        Engine::Sqlite => format!("x'{}'", id.replace('-', "")),
        Engine::Postgres => format!("'{id}'::uuid"),
    }
}

fn instant(world: &World) -> String {
    let micros = world.app().now().timestamp_micros();
    match world.engine {
        Engine::Sqlite => micros.to_string(),
        Engine::Postgres => format!("to_timestamp({micros} / 1000000.0)"),
    }
}
