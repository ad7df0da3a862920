//! Both engines have one schema, and crates/persistence/src/schema.rs is what it says.
//!
//! After a change of the migrations run this with `YHTEEN_UPDATE=1`: it writes the file anew.

use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use yhteen_persistence::Db;
use yhteen_tests::{Engine, database::Database};

/// What diesel and the migrations keep for themselves.
const FOREIGN: &str = "('__diesel_schema_migrations', 'sqlite_sequence')";

/// A table as a database describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Table {
    name: String,
    columns: Vec<Column>,
    primary_key: Vec<String>,
    unique: BTreeSet<Vec<String>>,
    references: BTreeSet<Reference>,
    indexes: BTreeMap<String, Index>,
}

#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Bool)]
    nullable: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Reference {
    columns: Vec<String>,
    table: String,
    target: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Index {
    columns: Vec<String>,
    unique: bool,
    partial: bool,
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

/// A constraint or an index: its sort or name, the columns that it is on, and what it refers to.
#[derive(QueryableByName)]
struct Rule {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    columns: String,
    #[diesel(sql_type = Text)]
    table: String,
    #[diesel(sql_type = Text)]
    target: String,
    #[diesel(sql_type = Bool)]
    is_unique: bool,
    #[diesel(sql_type = Bool)]
    partial: bool,
}

impl Rule {
    fn columns(&self) -> Vec<String> {
        words(&self.columns)
    }

    fn index(&self) -> (String, Index) {
        let Self { name, is_unique, partial, .. } = self;
        (name.clone(), Index { columns: self.columns(), unique: *is_unique, partial: *partial })
    }

    fn reference(&self) -> Reference {
        Reference { columns: self.columns(), table: self.table.clone(), target: words(&self.target) }
    }
}

fn words(list: &str) -> Vec<String> {
    list.split(',').map(str::to_owned).collect()
}

fn migrated(engine: Engine) -> Option<(Database, Db)> {
    let database = Database::fresh(engine)?;
    let db = Db::open(&database.url).unwrap();
    Some((database, db))
}

/// The tables of PostgreSQL in the order in which they were made.
fn postgres_tables(db: &mut PgConnection) -> Vec<Table> {
    let names = format!(
        "SELECT relname::text AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' \
         AND relname NOT IN {FOREIGN} ORDER BY oid"
    );
    let names: Vec<Named> = diesel::sql_query(names).load(db).unwrap();
    names.into_iter().map(|Named { name }| postgres_table(db, name)).collect()
}

fn postgres_table(db: &mut PgConnection, name: String) -> Table {
    let columns = format!(
        "SELECT attname::text AS name, format_type(atttypid, atttypmod) AS kind, NOT attnotnull AS nullable \
         FROM pg_attribute WHERE attrelid = '{name}'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
    );
    let listed = |relation: &str, numbers: &str| {
        format!(
            "(SELECT coalesce(string_agg(attname, ',' ORDER BY place), '') FROM unnest({numbers}) WITH ORDINALITY \
             AS of(number, place) JOIN pg_attribute ON attrelid = {relation} AND attnum = number)"
        )
    };
    let constraints = format!(
        "SELECT contype::text AS name, {} AS columns, coalesce(confrelid::regclass::text, '') AS \"table\", {} AS \
         target, true AS is_unique, false AS partial FROM pg_constraint \
         WHERE conrelid = '{name}'::regclass AND contype IN ('p', 'u', 'f')",
        listed("conrelid", "conkey"),
        listed("confrelid", "confkey")
    );
    let indexes = format!(
        "SELECT indexrelid::regclass::text AS name, {} AS columns, '' AS \"table\", '' AS target, \
         indisunique AS is_unique, indpred IS NOT NULL AS partial FROM pg_index WHERE indrelid = '{name}'::regclass \
         AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))",
        listed("indrelid", "indkey::int2[]")
    );
    let columns = diesel::sql_query(columns).load(db).unwrap();
    let constraints: Vec<Rule> = diesel::sql_query(constraints).load(db).unwrap();
    let indexes: Vec<Rule> = diesel::sql_query(indexes).load(db).unwrap();
    let of = |sort: &'static str| constraints.iter().filter(move |rule| rule.name == sort);
    Table {
        name,
        columns,
        primary_key: of("p").flat_map(Rule::columns).collect(),
        unique: of("u").map(Rule::columns).collect(),
        references: of("f").map(Rule::reference).collect(),
        indexes: indexes.iter().map(Rule::index).collect(),
    }
}

/// The tables of SQLite in the order in which they were made.
fn sqlite_tables(db: &mut SqliteConnection) -> Vec<Table> {
    let names = format!("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN {FOREIGN} ORDER BY rowid");
    let names: Vec<Named> = diesel::sql_query(names).load(db).unwrap();
    names.into_iter().map(|Named { name }| sqlite_table(db, name)).collect()
}

fn sqlite_table(db: &mut SqliteConnection, name: String) -> Table {
    let columns =
        format!("SELECT name, type AS kind, \"notnull\" = 0 AS nullable FROM pragma_table_info('{name}') ORDER BY cid");
    let key = format!("SELECT name FROM pragma_table_info('{name}') WHERE pk > 0 ORDER BY pk");
    let references = format!(
        "SELECT '' AS name, group_concat(\"from\", ',') AS columns, \"table\", group_concat(\"to\", ',') AS target, \
         0 AS is_unique, 0 AS partial FROM (SELECT * FROM pragma_foreign_key_list('{name}') ORDER BY id, seq) GROUP BY id"
    );
    let indexes = |origin: &str| {
        format!(
            "SELECT name, (SELECT group_concat(name, ',') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY \
             seqno)) AS columns, '' AS \"table\", '' AS target, \"unique\" AS is_unique, partial \
             FROM pragma_index_list('{name}') AS i WHERE origin = '{origin}'"
        )
    };
    let columns = diesel::sql_query(columns).load(db).unwrap();
    let key: Vec<Named> = diesel::sql_query(key).load(db).unwrap();
    let references: Vec<Rule> = diesel::sql_query(references).load(db).unwrap();
    let unique: Vec<Rule> = diesel::sql_query(indexes("u")).load(db).unwrap();
    let made: Vec<Rule> = diesel::sql_query(indexes("c")).load(db).unwrap();
    Table {
        name,
        columns,
        primary_key: key.into_iter().map(|column| column.name).collect(),
        unique: unique.iter().map(Rule::columns).collect(),
        references: references.iter().map(Rule::reference).collect(),
        indexes: made.iter().map(Rule::index).collect(),
    }
}

/// How diesel calls a type of PostgreSQL's, and how SQLite keeps it.
fn types(of_postgres: &str) -> (&'static str, &'static str) {
    match of_postgres {
        "uuid" => ("Uid", "BLOB"),
        "timestamp with time zone" => ("Instant", "INTEGER"),
        "jsonb" => ("Doc", "TEXT"),
        "text" => ("Text", "TEXT"),
        "date" => ("Date", "TEXT"),
        "boolean" => ("Bool", "INTEGER"),
        "integer" => ("Integer", "INTEGER"),
        "bigint" => ("BigInt", "INTEGER"),
        other => panic!("no type of schema.rs: {other}"),
    }
}

/// The file that describes these tables to diesel.
fn rendered(tables: &[Table]) -> String {
    let mut file = String::from(
        "//! The tables, as both engines have them.\n//!\n\
         //! Made from the migrated databases by the test `schema`: after a change of the migrations, run it with\n\
         //! `YHTEEN_UPDATE=1`.\n\
         #![allow(missing_docs, reason = \"the columns are described where they are used\")]\n\
         #![allow(clippy::wildcard_imports, reason = \"this is how diesel's table! finds its types\")]\n",
    );
    for Table { name, columns, primary_key, .. } in tables {
        let key = primary_key.join(", ");
        write!(
            file,
            "\ndiesel::table! {{\n    use diesel::sql_types::*;\n    use crate::sql_types::{{Doc, Instant, Uid}};\n\n    \
             {name} ({key}) {{\n"
        )
        .unwrap();
        for Column { name, kind, nullable } in columns {
            let kind = types(kind).0;
            let kind = if *nullable { format!("Nullable<{kind}>") } else { kind.to_owned() };
            writeln!(file, "        {name} -> {kind},").unwrap();
        }
        file.push_str("    }\n}\n");
    }
    let joins: BTreeSet<String> = tables.iter().flat_map(joins).collect();
    file.push('\n');
    file.extend(joins);
    file.push_str("\ndiesel::allow_tables_to_appear_in_same_query!(\n");
    let names: BTreeSet<&str> = tables.iter().map(|table| table.name.as_str()).collect();
    for name in names {
        writeln!(file, "    {name},").unwrap();
    }
    file.push_str(");\n");
    file
}

/// The tables that a table can be joined with in one way only.
fn joins(table: &Table) -> Vec<String> {
    let to = |name: &str| table.references.iter().filter(|it| it.table == name).count();
    let single = table.references.iter().filter(|it| it.table != table.name && to(&it.table) == 1);
    single
        .map(|it| format!("diesel::joinable!({} -> {} ({}));\n", table.name, it.table, it.columns.join(", ")))
        .collect()
}

#[test]
fn the_description_for_diesel_is_what_the_migrations_make() {
    let Some((_database, Db::Postgres(mut db))) = migrated(Engine::Postgres) else { return };
    let made = rendered(&postgres_tables(&mut db));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/persistence/src/schema.rs");
    if std::env::var("YHTEEN_UPDATE").as_deref() == Ok("1") {
        std::fs::write(path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap();
    let first = kept.lines().zip(made.lines()).find(|(kept, made)| kept != made);
    assert!(kept == made, "schema.rs is not what the migrations make: run this test with YHTEEN_UPDATE=1; {first:?}");
}

#[test]
fn both_engines_have_the_same_tables() {
    let Some((_postgres, Db::Postgres(mut postgres))) = migrated(Engine::Postgres) else { return };
    let Some((_sqlite, Db::Sqlite(mut sqlite))) = migrated(Engine::Sqlite) else { return };
    let kept_as = |mut table: Table| {
        table.columns.iter_mut().for_each(|column| types(&column.kind).1.clone_into(&mut column.kind));
        table
    };
    let (of_postgres, of_sqlite) = (postgres_tables(&mut postgres), sqlite_tables(&mut sqlite));
    let names = |tables: &[Table]| tables.iter().map(|table| table.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&of_sqlite), names(&of_postgres));
    for (on_sqlite, on_postgres) in of_sqlite.into_iter().zip(of_postgres) {
        assert_eq!(on_sqlite, kept_as(on_postgres));
    }
}

#[test]
fn sqlite_keeps_to_the_types_and_a_flag_is_0_or_1() {
    #[derive(QueryableByName)]
    struct Made {
        #[diesel(sql_type = Text)]
        sql: String,
        #[diesel(sql_type = Bool)]
        strict: bool,
    }
    let Some((_postgres, Db::Postgres(mut postgres))) = migrated(Engine::Postgres) else { return };
    let Some((_sqlite, Db::Sqlite(mut sqlite))) = migrated(Engine::Sqlite) else { return };
    for Table { name, columns, .. } in postgres_tables(&mut postgres) {
        let made = format!(
            "SELECT s.sql, l.strict FROM sqlite_schema AS s JOIN pragma_table_list AS l ON l.name = s.name \
             WHERE s.name = '{name}'"
        );
        let made: Made = diesel::sql_query(made).get_result(&mut sqlite).unwrap();
        assert!(made.strict, "{name} is not STRICT");
        for flag in columns.iter().filter(|column| column.kind == "boolean").map(|column| &column.name) {
            let check = format!("{flag} INTEGER NOT NULL CHECK ({flag} IN (0, 1))");
            assert!(made.sql.contains(&check), "{name}.{flag} may be something else than 0 and 1");
        }
    }
}
