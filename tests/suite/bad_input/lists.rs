//! The parameters of every list, and cursors that belong to another.

use super::programmes::DATES;
use super::scene::{Scene, last};
use super::{NOTHING, Wrong, bare};
use yhteen_tests::Caller;

/// Times that no list begins at; the last are beyond what one engine or the other can keep.
const EXTREMES: [(&str, &str); 8] = [
    ("yesterday", "bad_value"),
    ("2026-01-15", "bad_value"),
    ("2026-02-30T00:00:00Z", "bad_value"),
    ("0000-01-01T00:00:00Z", "out_of_range"),
    ("9999-12-31T23:59:59Z", "out_of_range"),
    ("-4714-01-01T00:00:00Z", "out_of_range"),
    ("%2B262142-12-31T23:59:59Z", "out_of_range"),
    ("-262143-01-01T00:00:00Z", "out_of_range"),
];

/// What lists take beside `cursor` and `limit`, with a wrong value and how that is called.
const FILTERS: [(&str, &[(&str, &str)]); 7] = [
    ("/api/v1/organisations", &[("kind", "guild"), ("parent_id", "x")]),
    ("/api/v1/programmes", &[("status", "open"), ("member_id", "1")]),
    (
        "/api/v1/actions",
        &[
            ("status", "open"),
            ("programme_id", "x"),
            ("organisation_id", "x"),
            ("accountable_id", "-"),
            ("goal_id", "T1"),
            ("visibility", "secret"),
            ("sort", "title"),
            ("sort", "+id"),
            ("include", "reports"),
            ("starts_from", "soon"),
        ],
    ),
    ("/api/v1/bodies", &[("kind", "senate"), ("organisation_id", "x")]),
    ("/api/v1/meetings", &[("body_id", "x"), ("cancelled", "maybe"), ("starts_to", "1.1.2026")]),
    ("/api/v1/reports", &[("state", "open"), ("action_id", "x"), ("reporting_period_id", "2026")]),
    ("/api/v1/users", &[("active", "1"), ("organisation_id", "x")]),
];

/// Those of them that take a word of a vocabulary.
const WORDS: [&str; 6] = ["kind", "status", "visibility", "sort", "include", "state"];

pub(super) async fn table(scene: &Scene) -> Vec<Wrong> {
    let admin = &scene.city.admin;
    let of_programme = ["goals", "members", "reporting-periods"].map(|part| format!("{}/{part}", scene.programme));
    let whole = FILTERS.iter().map(|(path, _)| (*path).to_owned());
    let paths: Vec<String> = whole.chain(["/api/v1/clients".to_owned()]).chain(of_programme).collect();
    let mut table = Vec::new();
    for path in &paths {
        table.extend(paging(admin, path));
    }
    table.extend(cursors(admin, &paths).await);
    for (path, filters) in FILTERS {
        for (name, value) in filters {
            let code = if WORDS.contains(name) { "not_in_vocabulary" } else { "bad_value" };
            let expect = format!("400 request.bad_parameter ?{name} {code}");
            table.push(bare(admin, format!("GET {path}?{name}={value}"), expect));
        }
        if path == "/api/v1/users" {
            continue;
        }
        for (time, code) in EXTREMES {
            let expect = format!("400 request.bad_parameter ?updated_since {code}");
            table.push(bare(admin, format!("GET {path}?updated_since={time}"), expect));
        }
    }
    // A parameter without a value is none.
    for (date, code) in DATES.into_iter().filter(|(date, _)| !date.is_empty()) {
        for (path, name) in [
            ("actions", "starts_from"),
            ("actions", "starts_to"),
            ("meetings", "starts_from"),
            ("meetings", "starts_to"),
        ] {
            let date = date.replace('+', "%2B").replace(' ', "%20");
            let expect = format!("400 request.bad_parameter ?{name} {code}");
            table.push(bare(admin, format!("GET /api/v1/{path}?{name}={date}"), expect));
        }
    }
    table.extend(others(scene));
    table
}

/// What every list refuses.
fn paging(caller: &Caller, path: &str) -> Vec<Wrong> {
    let asked = |query: &str, expect: &str| bare(caller, format!("GET {path}?{query}"), format!("400 {expect}"));
    vec![
        asked("limit=0", "request.bad_parameter ?limit out_of_range"),
        asked("limit=201", "request.bad_parameter ?limit out_of_range"),
        asked("limit=-1", "request.bad_parameter ?limit bad_value"),
        asked("limit=70000", "request.bad_parameter ?limit bad_value"),
        asked("limit=99999999999999999999999", "request.bad_parameter ?limit bad_value"),
        asked("limit=1.5", "request.bad_parameter ?limit bad_value"),
        asked("limit=1&limit=2", "request.bad_parameter ?limit duplicate_parameter"),
        asked("limits=1", "request.bad_parameter ?limits unknown_parameter"),
        asked("limit%00=1", "request.bad_parameter ?limit\u{0} unknown_parameter"),
        asked("cursor=x", "request.bad_cursor ?cursor bad_cursor"),
        asked("cursor=%00%ff", "request.bad_cursor ?cursor bad_cursor"),
        asked(&format!("cursor={}", "A".repeat(4_000)), "request.bad_cursor ?cursor bad_cursor"),
    ]
}

/// The cursor of each list is none of any other, nor of the same with other filters, nor good after a change.
async fn cursors(caller: &Caller, paths: &[String]) -> Vec<Wrong> {
    let mut table = Vec::new();
    let mut given = Vec::new();
    for path in paths {
        let page = caller.get(&format!("{path}?limit=1")).await.expect(200);
        given.extend(page["next"].as_str().map(|cursor| (path.clone(), cursor.to_owned())));
    }
    assert!(given.len() >= 5, "only {} lists have a next page", given.len());
    let expect = "400 request.bad_cursor ?cursor bad_cursor";
    for (of, cursor) in &given {
        for path in paths.iter().filter(|path| *path != of) {
            table.push(bare(caller, format!("GET {path}?cursor={cursor}"), expect));
        }
        let (begin, end) = cursor.split_at(cursor.len() / 2);
        let other = if end.starts_with('A') { 'B' } else { 'A' };
        table.push(bare(caller, format!("GET {of}?cursor={begin}{other}{}", &end[1..]), expect));
        table.push(bare(caller, format!("GET {of}?cursor={begin}"), expect));
        table.push(bare(caller, format!("GET {of}?cursor={cursor}{cursor}"), expect));
        table.push(bare(caller, format!("GET /api/v1/changes?after={cursor}"), "410 changes.resync ?after resync"));
        if of == "/api/v1/actions" {
            table.push(bare(caller, format!("GET {of}?sort=updated_at&cursor={cursor}"), expect));
            table.push(bare(caller, format!("GET {of}?status=draft&cursor={cursor}"), expect));
        }
    }
    table
}

/// Lists that are whole, the feed, and lists of what is not there.
fn others(scene: &Scene) -> Vec<Wrong> {
    let admin = &scene.city.admin;
    let feed = |query: &str, expect: &str| bare(&scene.anyone, format!("GET /api/v1/changes?{query}"), expect);
    vec![
        feed("after=x", "410 changes.resync ?after resync"),
        feed("limit=0", "400 request.bad_parameter ?limit out_of_range"),
        feed("limit=1001", "400 request.bad_parameter ?limit out_of_range"),
        feed("limit=-1", "400 request.bad_parameter ?limit bad_value"),
        feed("wait=31", "400 request.bad_parameter ?wait out_of_range"),
        feed("wait=256", "400 request.bad_parameter ?wait bad_value"),
        feed("wait=-1", "400 request.bad_parameter ?wait bad_value"),
        feed("since=2026-01-01", "400 request.bad_parameter ?since unknown_parameter"),
        feed("after=now&after=now", "400 request.bad_parameter ?after duplicate_parameter"),
        bare(&scene.anyone, "GET /api/v1/users", "401 auth.unauthenticated"),
        bare(&scene.anyone, "GET /api/v1/clients?limit=0", "401 auth.unauthenticated"),
        bare(admin, format!("GET /api/v1/users?organisation_id={}", scene.town.id), "403 auth.forbidden"),
        bare(admin, format!("GET /api/v1/clients?organisation_id={NOTHING}"), "403 auth.forbidden"),
        bare(admin, format!("GET {}/coordinators", scene.programme), "403 auth.forbidden"),
        bare(admin, format!("GET /api/v1/programmes/{NOTHING}/goals?limit=0"), "404 request.not_found"),
        bare(admin, format!("GET /api/v1/actions/{NOTHING}/participants"), "404 request.not_found"),
        bare(admin, format!("GET /api/v1/actions/{}/decision-steps", last(&scene.programme)), "404 request.not_found"),
        bare(admin, "GET /api/v1/actions/%00", "404 request.not_found"),
        bare(admin, "GET /api/v1/actions/%FF%FE", "404 request.not_found"),
        bare(admin, format!("GET /api/v1/actions/{}", "9".repeat(6_000)), "404 request.not_found"),
        bare(admin, "GET /api/v1/everything", "404 request.not_found"),
    ]
}

/// Parameters of operations that take none: they are told of where the body would be, after who may know of what.
pub(super) fn unknown(scene: &Scene) -> Vec<Wrong> {
    let (editor, anyone) = (&scene.city.editor, &scene.anyone);
    let unknown = "400 request.bad_parameter ?x unknown_parameter";
    let at = format!("/api/v1/organisations/{}", scene.city.id);
    vec![
        bare(anyone, format!("GET {at}?x=1"), unknown),
        bare(editor, "GET /api/v1/me?x=1", unknown),
        bare(editor, "POST /api/v1/actions?x=1", unknown),
        bare(&scene.city.admin, format!("PATCH {at}?x=1"), unknown),
        bare(anyone, "GET /api/v1/me?x=1", "401 auth.unauthenticated"),
        bare(anyone, format!("GET /api/v1/organisations/{NOTHING}?x=1"), "404 request.not_found"),
        bare(anyone, "POST /api/v1/actions?x=1", "401 auth.unauthenticated"),
        bare(editor, format!("POST /api/v1/actions/{NOTHING}:propose?x=1"), "404 request.not_found"),
    ]
}
