//! Actions put into the database as they are wanted, without the way there.

use diesel::connection::SimpleConnection;
use std::fmt::Write;
use std::sync::atomic::{AtomicU32, Ordering};
use yhteen_domain::audience::{Audience, Key};
use yhteen_domain::ids::{ActionId, OrganisationId};
use yhteen_persistence::{Actor, reports};
use yhteen_tests::{Engine, Organisation, World};

/// Who sees an action.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Seen {
    /// Everyone.
    ByEveryone,
    /// Its participants.
    ByParticipants,
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
    let (own, programme) = (uuid(world, &action), uuid(world, programme.rsplit('/').next().unwrap()));
    let (at, code) = (instant(world), NUMBER.fetch_add(1, Ordering::Relaxed));
    let mut sql = format!(
        "INSERT INTO actions (id, version, created_at, updated_at, programme_id, code, title, status, visibility, \
         start_gate, target_groups, area, tags) VALUES ({own}, 1, {at}, {at}, {programme}, 'A{code}', \
         '{{\"fi\":\"Toimenpide\"}}', '{status}', 'public', 'decided', '[]', '[]', '[]');"
    );
    let mut keys = vec![];
    for (organisation, role, commitment) in parts {
        let flags = ["accountable", "implementing", "funding", "supporting", "consulted"].map(|name| name == *role);
        let flags = flags.map(|flag| if flag { "TRUE" } else { "FALSE" }.to_owned()).join(", ");
        let id = uuid(world, &organisation.id);
        write!(sql, "INSERT INTO participants VALUES ({own}, {id}, {flags}, '{commitment}', {at}, NULL);").unwrap();
        keys.push(format!("organisation:{}", organisation.id));
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

/// Says that an action serves a goal.
pub(crate) async fn serves(world: &World, action: &str, goal: &str) {
    let (action, goal) = (uuid(world, action), uuid(world, goal));
    run(world, format!("INSERT INTO action_goals VALUES ({action}, {goal});")).await;
}

/// Lets the reports on an action follow a change of its audience or of its accountable organisation.
pub(crate) async fn follow(world: &World, action: &str, accountable: &Organisation, seen: Seen) {
    let action: ActionId = action.parse().unwrap();
    let accountable: OrganisationId = accountable.id.parse().unwrap();
    let audience = match seen {
        Seen::ByEveryone => Audience::everyone(),
        Seen::ByParticipants => [Key::Organisation(accountable)].into_iter().collect(),
    };
    let work = move |tx: &mut yhteen_persistence::Tx<'_>| reports::follow_action(tx, action, &audience, accountable);
    world.app().store.write(Actor::default(), world.app().now(), work).await.unwrap();
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
