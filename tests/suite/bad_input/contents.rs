//! What is in the database, to see whether a request has left a trace.

use diesel::prelude::*;
use diesel::sql_types::Text;
use std::collections::BTreeMap;
use yhteen_persistence::Db;
use yhteen_tests::World;

/// What a refused request may change: the memory of repeated requests, of failed sign-ins, and of the networks from which
/// the sign-ins before it came.
const EXCEPTED: [&str; 3] = ["idempotency_records", "sign_in_failures", "sign_in_networks"];

/// The contents of every table but the excepted.
pub(super) struct Contents {
    db: Db,
    query: String,
    seen: BTreeMap<String, String>,
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Content {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    content: String,
}

impl Contents {
    /// As they are now.
    pub(super) fn of(world: &World) -> Self {
        let mut db = Db::open(&world.database.url).unwrap();
        let query = query(&mut db);
        let mut contents = Self { db, query, seen: BTreeMap::new() };
        contents.seen = contents.read();
        assert!(contents.seen.len() > 15 && contents.seen.values().any(|content| !content.is_empty()));
        contents
    }

    /// The tables that have changed since the last look.
    pub(super) fn touched(&mut self) -> Option<String> {
        let now = self.read();
        let touched: Vec<_> = now.iter().filter(|(name, content)| self.seen.get(*name) != Some(content)).collect();
        let names: Vec<_> = touched.into_iter().map(|(name, _)| name.clone()).collect();
        self.seen = now;
        (!names.is_empty()).then(|| names.join(", "))
    }

    fn read(&mut self) -> BTreeMap<String, String> {
        let query = diesel::sql_query(&self.query);
        let rows: Vec<Content> = match &mut self.db {
            Db::Sqlite(db) => query.load(db).unwrap(),
            Db::Postgres(db) => query.load(db).unwrap(),
        };
        rows.into_iter().map(|row| (row.name, row.content)).collect()
    }
}

/// One statement for the contents of all tables: a table a row.
fn query(db: &mut Db) -> String {
    const TABLES: &str = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'sqlite_sequence'";
    let selects = match db {
        Db::Sqlite(db) => {
            tables(diesel::sql_query(TABLES).load(db)).map(|table| sqlite(db, &table)).collect::<Vec<_>>()
        }
        Db::Postgres(db) => {
            let names = "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public'";
            tables(diesel::sql_query(names).load(db)).map(|table| postgres(&table)).collect()
        }
    };
    selects.join(" UNION ALL ")
}

fn tables(found: QueryResult<Vec<Named>>) -> impl Iterator<Item = String> {
    found.unwrap().into_iter().map(|table| table.name).filter(|name| !EXCEPTED.contains(&name.as_str()))
}

fn postgres(table: &str) -> String {
    format!(
        "SELECT '{table}' AS name, coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') AS content FROM {table} AS t"
    )
}

fn sqlite(db: &mut SqliteConnection, table: &str) -> String {
    let columns = format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid");
    let columns: Vec<Named> = diesel::sql_query(columns).load(db).unwrap();
    let row = columns.iter().map(|column| format!("quote({})", column.name)).collect::<Vec<_>>().join(" || ',' || ");
    format!(
        "SELECT '{table}' AS name, (SELECT coalesce(group_concat(r, '|'), '') FROM (SELECT {row} AS r FROM {table} ORDER BY 1)) AS content"
    )
}
