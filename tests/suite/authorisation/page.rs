//! `docs/authorisation.md`: the table as people read it.

use super::operations;
use super::table::{CALLERS, Row, rows};
use std::fmt::Write;
use yhteen_domain::vocabulary::Vocabulary;

const HEAD: &str = "\
# Who may do what
Generated from the table in `tests/suite/authorisation/table.rs`, which the tests hold the service to: every operation
is called by every kind of caller, on both engines. After a change of the table, make it again:
`YHTEEN_UPDATE=1 cargo test -p yhteen-tests --test suite authorisation::page`.

A number is the status of the answer. 401: a token is needed. 403: the token lacks the scope, or the caller may know of
the thing but not do this. 404: the caller may not know of it. What an operation is done to stands after the dot: the
status and visibility of the action, the status of the programme, and the like. An operation on what is named after a
participant is about that participant's own report, body or step.

The owner is the organisation that an action, a body, a report or an account belongs to; it is a coordinating member of
the programme.

| | who |
|---|---|
";

const NOTES: &str = "
Notes:
- A list answers everyone; what stands in it is what the caller finds one by one, which is tested too.
- What a caller may do with a thing, its `permissions` say, which are held against this table.
- `/oauth/*` takes a client's own credentials: an access token there is no proof, and refused.
- A machine has no password to change: 409.
";

/// The page.
fn page() -> String {
    let operations = operations();
    let mut page = HEAD.to_owned();
    for (_, name, who) in CALLERS {
        writeln!(page, "| {name} | {who} |").unwrap();
    }
    page.push_str(NOTES);
    let head = CALLERS.map(|(_, name, _)| name).join(" | ");
    let rule = "---|".repeat(CALLERS.len());
    let mut section = "";
    for Row { tag, operation, variant, statuses } in rows() {
        if section != tag {
            section = tag;
            write!(page, "\n## {tag}\n| operation | {head} |\n|---|{rule}\n").unwrap();
        }
        let scope = operations[operation].scope.map(|scope| format!(" ({})", scope.as_str())).unwrap_or_default();
        let variant = if variant.is_empty() { String::new() } else { format!(" · {variant}") };
        let cells = statuses.iter().map(ToString::to_string).collect::<Vec<_>>().join(" | ");
        writeln!(page, "| `{operation}`{scope}{variant} | {cells} |").unwrap();
    }
    page
}

#[test]
fn is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/authorisation.md");
    if std::env::var_os("YHTEEN_UPDATE").is_some() {
        std::fs::write(path, page()).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    // Not `assert_eq`, which would print both.
    assert!(committed == page(), "make docs/authorisation.md again: run this test with YHTEEN_UPDATE=1");
}
