//! What is wrong before anything is understood: bytes, media types, header fields, sizes.

use super::scene::{Scene, last};
use super::{Wrong, bare, wrong};
use reqwest::header;
use serde_json::json;

pub(super) fn table(scene: &Scene) -> Vec<Wrong> {
    let mut table = of_bodies(scene);
    table.extend(of_headers(scene));
    table
}

/// A request that takes a body, of each method, each with a member that takes a text.
fn takers(scene: &Scene) -> Vec<(&yhteen_tests::Caller, String)> {
    vec![
        (&scene.operator, "POST /api/v1/organisations".to_owned()),
        (&scene.county.admin, "POST /api/v1/programmes".to_owned()),
        (&scene.county.admin, format!("PATCH {}", scene.programme)),
        (&scene.county.admin, format!("PUT {}/members/{}", scene.programme, scene.city.id)),
        (&scene.county.admin, format!("POST {}/goals", scene.programme)),
        (&scene.county.admin, format!("PUT {}/extensions/{}", scene.period, scene.city.id)),
        (&scene.city.editor, "POST /api/v1/actions".to_owned()),
        (&scene.city.editor, format!("PATCH {}", scene.action)),
        (&scene.city.editor, format!("POST {}/participants", scene.action)),
        (&scene.city.editor, format!("PATCH {}", scene.steps[0])),
        (&scene.city.viewer, format!("POST {}/timetable:simulate", scene.action)),
        (&scene.anyone, "POST /api/v1/timetable:impact".to_owned()),
        (&scene.town.admin, "POST /api/v1/bodies".to_owned()),
        (&scene.town.editor, format!("PATCH {}", scene.meeting)),
        (&scene.city.reporter, "POST /api/v1/reports".to_owned()),
        (&scene.city.reporter, format!("PATCH {}", scene.report)),
        (&scene.city.admin, "POST /api/v1/users".to_owned()),
        (&scene.city.admin, format!("PATCH {}", scene.client)),
        (&scene.city.admin, "POST /api/v1/me:change-password".to_owned()),
    ]
}

fn of_bodies(scene: &Scene) -> Vec<Wrong> {
    let deep = |open: &str, close: &str| format!("{{\"x\":{}1{}}}", open.repeat(100_000), close.repeat(100_000));
    let (arrays, objects) = (deep("[", "]"), deep("{\"x\":", "}"));
    let large = format!("{{\"x\":\"{}\"}}", "x".repeat(1 << 20));
    let bodies: [(&str, &str, &[u8], &str); 17] = [
        ("application/json", "nothing", b"", "400 request.unreadable not_json"),
        ("application/json", "half of it", b"{\"title\":", "400 request.unreadable not_json"),
        ("application/json", "two of it", b"{} {}", "400 request.unreadable not_json"),
        ("application/json", "a text", b"\"x\"", "422 request.invalid wrong_type"),
        ("application/json", "a list", b"[]", "422 request.invalid wrong_type"),
        ("application/json", "null", b"null", "422 request.invalid wrong_type"),
        ("application/json", "a number beyond all numbers", b"1e999", "422 request.invalid bad_value"),
        ("application/json", "bytes that are no text", b"{\"\xff\xfe\":1}", "400 request.unreadable not_json"),
        ("application/json", "a mark of the byte order", b"\xef\xbb\xbf{}", "400 request.unreadable not_json"),
        ("application/json", "UTF-16", b"{\0}\0", "400 request.unreadable not_json"),
        ("application/json", "half a character in a name", br#"{"\ud800":1}"#, "422 request.invalid bad_value"),
        ("application/json", "deep arrays", arrays.as_bytes(), "422 request.invalid /x unknown_member"),
        ("application/json", "deep objects", objects.as_bytes(), "422 request.invalid /x unknown_member"),
        ("application/json", "too much", large.as_bytes(), "413 request.too_large"),
        ("text/plain", "a text of its own", b"{}", "415 request.unsupported_media_type content-type media_type"),
        ("application/xml", "XML", b"<x/>", "415 request.unsupported_media_type content-type media_type"),
        ("", "no type", b"{}", "415 request.unsupported_media_type content-type media_type"),
    ];
    let mut table = Vec::new();
    for (caller, asked) in takers(scene) {
        for (media_type, what, bytes, expect) in bodies {
            let request = bare(caller, asked.clone(), expect).raw(media_type, bytes.to_vec());
            let mut request = request.with(|request| request.header(header::IF_MATCH, "*"));
            request.what = format!("{asked}: {what}");
            table.push(request);
        }
    }
    table.extend(of_texts(scene));
    table
}

/// Texts that are no texts, in a body that is otherwise right.
fn of_texts(scene: &Scene) -> Vec<Wrong> {
    let new = |title: &[u8], expect: &str| {
        let mut body = format!(
            r#"{{"programme_id":"{}","organisation_id":"{}","code":"A9","title":"#,
            last(&scene.programme),
            scene.city.id
        )
        .into_bytes();
        body.extend_from_slice(title);
        body.push(b'}');
        bare(&scene.city.editor, "POST /api/v1/actions", expect).raw("application/json", body)
    };
    vec![
        new(br#"{"fi":"\u0000"}"#, "422 request.invalid /title/fi control_character"),
        new(br#"{"fi":"a\u0000b"}"#, "422 request.invalid /title/fi control_character"),
        new(br#"{"fi":"a\u202eb"}"#, "422 request.invalid /title/fi bidirectional_control"),
        new(br#"{"fi":"a\u2066b"}"#, "422 request.invalid /title/fi bidirectional_control"),
        new(br#"{"fi":"\u001b[2K"}"#, "422 request.invalid /title/fi control_character"),
        new(b"{\"fi\":\"\x00\"}", "400 request.unreadable not_json"),
        new(br#"{"fi":"\ud800"}"#, "422 request.invalid /title/fi bad_value"),
        new(br#"{"fi":"\udc00\ud800"}"#, "422 request.invalid /title/fi bad_value"),
        new(b"{\"fi\":\"\xff\"}", "400 request.unreadable not_json"),
        new(b"{\"fi\":\"\xed\xa0\x80\"}", "400 request.unreadable not_json"),
        new(br#"{"fi":"a","fi":"b"}"#, "422 request.invalid /title/fi duplicate_member"),
        new(br#"{"fi":"a"},"title":{"fi":"b"}"#, "422 request.invalid /title duplicate_member"),
        new(br#"{"fi":"a","FI":"b"}"#, "422 request.invalid /title/FI unknown_member"),
        new(br#"{"fi":"a"},"a/b~c":1"#, "422 request.invalid /a~1b~0c unknown_member"),
        new(br#"{"fi":1e400}"#, "422 request.invalid /title/fi bad_value"),
        new(br#"{"fi":123456789012345678901234567890}"#, "422 request.invalid /title/fi wrong_type"),
    ]
}

fn of_headers(scene: &Scene) -> Vec<Wrong> {
    let (editor, path) = (&scene.city.editor, &scene.action);
    let patch = |tag: &'static str, expect: &str| {
        bare(editor, format!("PATCH {path}"), expect)
            .with(|request| request.header(header::IF_MATCH, tag).json(&json!({"tags": ["x"]})))
    };
    let post = |name: &'static str, value: Vec<u8>, expect: &str| {
        bare(editor, format!("POST {path}:propose"), expect).with(|request| request.header(name, value))
    };
    let mut table = vec![
        patch("\"1\"", "412 request.precondition_failed"),
        patch("\"99999999999999999999\"", "412 request.precondition_failed"),
        patch("\"-1\"", "412 request.precondition_failed"),
        patch("\"\"", "412 request.precondition_failed"),
        patch("W/\"3\"", "412 request.precondition_failed"),
        patch("3", "400 request.unreadable if-match bad_entity_tag"),
        patch("\"3", "400 request.unreadable if-match bad_entity_tag"),
        post("if-match", b"\"1\"".to_vec(), "412 request.precondition_failed"),
        post("if-match", b"\xff".to_vec(), "400 request.unreadable if-match bad_entity_tag"),
        post("idempotency-key", Vec::new(), "400 request.unreadable Idempotency-Key bad_value"),
        post("idempotency-key", vec![b'x'; 256], "400 request.unreadable Idempotency-Key bad_value"),
        post("idempotency-key", "ä".as_bytes().to_vec(), "400 request.unreadable Idempotency-Key bad_value"),
        post("content-encoding", b"gzip".to_vec(), "400 request.unreadable").raw("application/json", "{}"),
    ];
    for value in [b"Bearer".to_vec(), b"Bearer x".to_vec(), b"\xff\xfe".to_vec(), b"Negotiate x".to_vec()] {
        let request = bare(&scene.anyone, format!("POST {path}:propose"), "401 auth.unauthenticated");
        table.push(request.with(|request| request.header(header::AUTHORIZATION, value)));
    }
    // A path may be long, and goes into the record of the key.
    let long =
        (0..4_000_u32).map(|n| char::from(b'a' + (n.wrapping_mul(2_654_435_761) >> 27) as u8 % 26)).collect::<String>();
    table.push(
        wrong(editor, format!("POST /api/v1/actions/{long}:propose"), json!({}), "404 request.not_found")
            .with(|request| request.header("idempotency-key", "long")),
    );
    for changed in [&scene.programme, path, &scene.meeting, &scene.body, &scene.report, &scene.period, &scene.goals[1]]
    {
        let caller = [&scene.county.admin, editor, &scene.town.admin, &scene.city.reporter];
        let caller = caller[match changed.split('/').nth(3) {
            Some("actions") => 1,
            Some("meetings" | "bodies") => 2,
            Some("reports") => 3,
            _ => 0,
        }];
        let without = bare(caller, format!("PATCH {changed}"), "428 request.precondition_required if-match required");
        table.push(without.with(|request| request.json(&json!({}))));
        let stale = bare(caller, format!("PATCH {changed}"), "412 request.precondition_failed");
        table.push(stale.with(|request| request.header(header::IF_MATCH, "\"77\"").json(&json!({}))));
    }
    table
}
