//! The change feed: nothing is left out, whoever writes in whatever order, and nobody learns what is not theirs.

use diesel::connection::SimpleConnection;
use serde_json::{Value, json};
use std::io::Write;
use std::time::{Duration, Instant};
use yhteen_domain::changes::Position;
use yhteen_domain::roles::{Role, TokenScope};
use yhteen_persistence::scope::Scope;
use yhteen_persistence::{Db, changes};
use yhteen_tests::{Caller, World, both, caller::id, database::Database};

async fn feed(caller: &Caller, query: &str) -> Value {
    caller.get(&format!("/api/v1/changes?{query}")).await.expect(200)
}

/// The position of the present. On PostgreSQL other transactions of the cluster hold it back for moments.
async fn now(caller: &Caller) -> String {
    feed(caller, "after=now").await["next"].as_str().unwrap().to_owned()
}

fn items(feed: &Value) -> &Vec<Value> {
    feed["items"].as_array().unwrap()
}

/// All that comes after a cursor, until `count` have come.
async fn until(caller: &Caller, cursor: &str, count: usize) -> Vec<Value> {
    let (mut seen, mut cursor) = (Vec::new(), cursor.to_owned());
    for _ in 0..20 {
        let part = feed(caller, &format!("after={cursor}&wait=5&limit=3")).await;
        seen.extend(items(&part).iter().cloned());
        part["next"].as_str().unwrap().clone_into(&mut cursor);
        if seen.len() >= count {
            return seen;
        }
    }
    panic!("only {} of {count} have come: {seen:?}", seen.len());
}

both! {
    async fn a_reader_keeps_a_copy_by_following(world: World) {
        let anyone = world.anonymous();
        let begin = now(&anyone).await;
        assert_eq!(items(&feed(&anyone, "after=now").await).len(), 0);
        let mut made = Vec::new();
        for number in 0..7 {
            let body = json!({"name": {"fi": format!("Järjestö {number}")}, "kind": "ngo"});
            made.push(id(&world.operator.post("/api/v1/organisations", body).await.expect(201)));
        }
        world.operator.patch(&format!("/api/v1/organisations/{}", made[2]), 1, json!({"website": "https://a.example/"})).await.expect(200);
        let seen = until(&anyone, &begin, 8).await;
        let ids: Vec<_> = seen.iter().map(|item| item["aggregate"]["id"].as_str().unwrap()).collect();
        assert_eq!(ids[..7], made);
        let last = &seen[7];
        assert_eq!(last["type"], "organisation.updated");
        assert_eq!(last["aggregate"], json!({"type": "organisation", "id": made[2]}));
        assert_eq!((&last["version"], &last["tombstone"]), (&json!(2), &json!(false)));
        // Who it was is for readers of the acting organisation alone.
        assert_eq!(last["principal_id"], Value::Null);
        assert_eq!(until(&anyone, &begin, 8).await, seen);
        let whole = feed(&anyone, "limit=1000").await;
        assert!(items(&whole).len() >= 8);
        assert_eq!(whole["more"], false);
    }

    async fn what_one_may_not_see_moves_the_cursor_and_no_more(world: World) {
        let anyone = world.anonymous();
        let kotka = world.municipality("Kotka").await;
        until(&anyone, &now(&anyone).await, 0).await;
        let begin = now(&anyone).await;
        for number in 0..5 {
            let body = json!({"organisation_id": kotka.id, "name": "A", "email": format!("{number}@example.org")});
            kotka.admin.post("/api/v1/users", body).await.expect(201);
        }
        flood(&world, 3_000);
        let kymi = json!({"name": {"fi": "Kymi"}, "kind": "ngo"});
        world.operator.post("/api/v1/organisations", kymi).await.expect(201);
        let seen = until(&anyone, &begin, 1).await;
        assert_eq!((seen.len(), &seen[0]["type"]), (1, &json!("organisation.created")));
        // Accounts are shown to nobody, not even to their own.
        let own = feed(&kotka.admin, "limit=1000").await;
        assert!(items(&own).iter().all(|item| item["aggregate"]["type"] == "organisation"), "{own}");
    }

    async fn one_who_may_see_nothing_is_answered_with_how_far_it_has_come(world: World) {
        let anyone = world.anonymous();
        let begin = now(&anyone).await;
        flood(&world, 120_000);
        let since = Instant::now();
        let part = feed(&anyone, &format!("after={begin}&wait=30")).await;
        assert_eq!((items(&part).len(), &part["more"]), (0, &json!(true)));
        assert!(since.elapsed() < Duration::from_secs(25), "{:?}", since.elapsed());
        let rest = feed(&anyone, &format!("after={}", part["next"].as_str().unwrap())).await;
        assert_eq!((items(&rest).len(), &rest["more"]), (0, &json!(false)));
    }

    async fn one_who_waits_is_answered_at_once(world: World) {
        let anyone = world.anonymous();
        until(&anyone, &now(&anyone).await, 0).await;
        let begin = now(&anyone).await;
        let idle = Instant::now();
        let nothing = feed(&anyone, &format!("after={begin}&wait=1")).await;
        assert_eq!((items(&nothing).len(), &nothing["more"]), (0, &json!(false)));
        assert!(idle.elapsed() >= Duration::from_millis(900), "{:?}", idle.elapsed());

        let waiting = {
            let (anyone, begin) = (anyone.clone(), begin.clone());
            tokio::spawn(async move { feed(&anyone, &format!("after={begin}&wait=30")).await })
        };
        tokio::time::sleep(Duration::from_millis(300)).await;
        let written = Instant::now();
        let body = json!({"name": {"fi": "Järjestö"}, "kind": "ngo"});
        world.operator.post("/api/v1/organisations", body).await.expect(201);
        assert_eq!(items(&waiting.await.unwrap()).len(), 1);
        assert!(written.elapsed() < Duration::from_secs(5), "{:?}", written.elapsed());
    }

    async fn one_who_goes_away_is_not_waited_for(world: World) {
        let begin = now(&world.anonymous()).await;
        let tide = &world.app().tide;
        let mut stream = std::net::TcpStream::connect(world.base.trim_start_matches("http://")).unwrap();
        write!(stream, "GET /api/v1/changes?after={begin}&wait=30 HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        wait_for(|| tide.waiting() == 1);
        drop(stream);
        wait_for(|| tide.waiting() == 0);
    }

    async fn another_process_is_heard_of(world: World) {
        let anyone = world.anonymous();
        let begin = now(&anyone).await;
        let waiting = {
            let (anyone, begin) = (anyone.clone(), begin.clone());
            tokio::spawn(async move { feed(&anyone, &format!("after={begin}&wait=30")).await })
        };
        tokio::time::sleep(Duration::from_millis(100)).await;
        let mut other = Db::open(&world.database.url).unwrap();
        other.batch_execute(&event(&world, "[\"public\"]", 1)).unwrap();
        assert_eq!(items(&waiting.await.unwrap()).len(), 1);
    }

    async fn a_cursor_that_is_no_longer_good_says_so(world: World) {
        let (kotka, kouvola) = (world.municipality("Kotka").await, world.municipality("Kouvola").await);
        let anyone = world.anonymous();
        let cursor = now(&anyone).await;
        let gone = |caller: &Caller, cursor: String| {
            let caller = caller.clone();
            async move { caller.get(&format!("/api/v1/changes?after={cursor}")).await.refused(410, "changes.resync") }
        };
        gone(&anyone, format!("x{cursor}")).await;
        gone(&anyone, "x".into()).await;
        // Who may see something else reads another feed.
        gone(&kotka.admin, cursor.clone()).await;
        gone(&kouvola.admin, now(&kotka.admin).await).await;
        // A list's cursor is none of the feed's.
        let page = anyone.get("/api/v1/organisations?limit=1").await.expect(200);
        gone(&anyone, page["next"].as_str().unwrap().to_owned()).await;

        let body = json!({"organisation_id": kotka.id, "name": "A", "scopes": ["changes:read"]});
        let made = kotka.admin.post("/api/v1/clients", body).await.expect(201);
        let form = [("grant_type", "client_credentials"), ("client_id", made["id"].as_str().unwrap()), ("client_secret", made["client_secret"].as_str().unwrap())];
        let reader = crate::oauth::with(&world, &crate::oauth::ask(&world, &form).await.expect(200));
        let theirs = now(&reader).await;
        feed(&reader, &format!("after={theirs}")).await;
        let waiting = {
            let (reader, theirs) = (reader.clone(), theirs.clone());
            tokio::spawn(async move { reader.get(&format!("/api/v1/changes?after={theirs}&wait=20")).await })
        };
        tokio::time::sleep(Duration::from_millis(200)).await;
        kotka.admin.patch(&format!("/api/v1/clients/{}", id(&made)), 1, json!({"roles": []})).await.expect(200);
        // Also one who waits hears of it.
        waiting.await.unwrap().refused(410, "changes.resync");
        gone(&reader, theirs).await;

        // After a restore from a backup every reader begins again.
        feed(&anyone, &format!("after={cursor}")).await;
        let begin = |tx: &mut yhteen_persistence::Tx<'_>| changes::begin_epoch(tx, "another");
        world.app().store.write(yhteen_persistence::Actor::default(), world.app().now(), begin).await.unwrap();
        gone(&anyone, cursor).await;
        assert!(!items(&feed(&anyone, "limit=5").await).is_empty());
    }

    async fn parameters_that_cannot_be_are_refused(world: World) {
        let anyone = world.anonymous();
        for (query, pointer) in [("limit=0", "?limit"), ("limit=1001", "?limit"), ("wait=31", "?wait"), ("wait=-1", "?wait"), ("wait=x", "?wait"), ("since=1", "?since")] {
            let refused = anyone.get(&format!("/api/v1/changes?{query}")).await.refused(400, "request.bad_parameter");
            assert_eq!(refused["errors"][0]["pointer"], pointer, "{query}");
        }
        let kotka = world.municipality("Kotka").await;
        let blind = world.client(&kotka.id, &[(&kotka.id, Role::Admin)], &[TokenScope::ActionsRead]).await;
        blind.get("/api/v1/changes").await.refused(403, "auth.scope_missing");
    }
}

/// SQL for so many events with this audience.
fn event(world: &World, audience: &str, count: u32) -> String {
    let (id, at) = match world.engine {
        yhteen_tests::Engine::Sqlite => ("randomblob(16)", "0"),
        yhteen_tests::Engine::Postgres => ("gen_random_uuid()", "now()"),
    };
    format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
         INSERT INTO change_events (kind, aggregate_type, aggregate_id, version, occurred_at, seen_before, seen_after)
         SELECT 'organisation.created', 'organisation', {id}, 1, {at}, '[]', '{audience}' FROM n"
    )
}

/// Events that nobody may see.
fn flood(world: &World, count: u32) {
    Db::open(&world.database.url).unwrap().batch_execute(&event(world, "[]", count)).unwrap();
}

/// PostgreSQL hands out sequence numbers and transaction ids in one order and makes them visible in another. Step by
/// step: A takes its transaction id; B takes its own and the sequence number 1; A takes 2 and commits; the reader reads;
/// B commits. A reader that goes by sequence numbers has 2 by then and never sees 1.
#[test]
fn no_order_of_commits_makes_a_reader_miss_an_event() {
    const BEGIN: &str = "BEGIN; SELECT pg_current_xact_id();";
    let Some(database) = Database::fresh(yhteen_tests::Engine::Postgres) else { return };
    let open = || Db::open(&database.url).unwrap();
    let insert = |kind: &str| {
        format!(
            "INSERT INTO change_events (kind, aggregate_type, aggregate_id, version, occurred_at, seen_before, seen_after)
             VALUES ('{kind}', 'organisation', gen_random_uuid(), 1, now(), '[]', '[\"public\"]')"
        )
    };
    let (mut a, mut b, mut reader) = (open(), open(), open());
    let mut position = Position::default();
    let mut seen: Vec<(String, i64)> = Vec::new();
    let mut read = |reader: &mut Db| {
        let feed = changes::after(reader, &Scope::anonymous(), position, 10).unwrap();
        position = feed.position;
        seen.extend(feed.changes.into_iter().map(|change| (change.kind, change.position.sequence)));
        seen.clone()
    };

    a.batch_execute(BEGIN).unwrap();
    b.batch_execute(BEGIN).unwrap();
    b.batch_execute(&insert("b")).unwrap();
    a.batch_execute(&insert("a")).unwrap();
    assert_eq!(read(&mut reader), []);
    a.batch_execute("COMMIT").unwrap();
    // A is the older transaction, and whatever is older than the oldest that still runs may be read.
    wait_for(|| read(&mut reader).len() == 1);
    assert_eq!(read(&mut reader), [("a".to_owned(), 2)]);
    b.batch_execute("COMMIT").unwrap();
    wait_for(|| read(&mut reader).len() == 2);
    assert_eq!(read(&mut reader), [("a".to_owned(), 2), ("b".to_owned(), 1)]);

    // The other way round: what the younger one commits waits for the older one.
    a.batch_execute(BEGIN).unwrap();
    b.batch_execute(BEGIN).unwrap();
    b.batch_execute(&insert("c")).unwrap();
    b.batch_execute("COMMIT").unwrap();
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(read(&mut reader).len(), 2);
    let present = changes::now(&mut reader).unwrap();
    a.batch_execute(&insert("d")).unwrap();
    a.batch_execute("COMMIT").unwrap();
    wait_for(|| read(&mut reader).len() == 4);
    let kinds: Vec<_> = read(&mut reader).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["a", "b", "d", "c"]);
    // A cursor for the present that was taken while both were open has both after it.
    let later = changes::after(&mut reader, &Scope::anonymous(), present, 10).unwrap();
    assert_eq!(later.changes.len(), 2);
}

/// Transactions of other tests in the same cluster hold the horizon back for moments.
fn wait_for(mut done: impl FnMut() -> bool) {
    let since = Instant::now();
    while !done() {
        assert!(since.elapsed() < Duration::from_secs(20), "it has not come about");
        std::thread::sleep(Duration::from_millis(20));
    }
}
