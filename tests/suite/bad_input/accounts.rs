//! Organisations, users, clients, one's own account, and signing in.

use super::programmes::DATES;
use super::scene::{Scene, but, last};
use super::{NOTHING, Wrong, bare, wrong};
use reqwest::header;
use serde_json::{Value, json};

pub(super) fn table(scene: &Scene) -> Vec<Wrong> {
    let mut table = of_organisations(scene);
    table.extend(of_users(scene));
    table.extend(of_clients(scene));
    table.extend(of_oneself(scene));
    table.extend(of_signing_in(scene));
    table
}

fn of_organisations(scene: &Scene) -> Vec<Wrong> {
    let (operator, path) = (&scene.operator, format!("/api/v1/organisations/{}", scene.city.id));
    let organisation = json!({"name": {"fi": "Esimerkkilä"}, "kind": "municipality"});
    let new = |name: &str, value: Value, expect: &str| {
        wrong(operator, "POST /api/v1/organisations", but(&organisation, name, value), expect)
    };
    let patch = |body: Value, expect: &str| wrong(operator, format!("PATCH {path}"), body, expect);
    let mut table = vec![
        new("kind", json!("guild"), "422 request.invalid /kind not_in_vocabulary"),
        new("name", json!({"fi": ""}), "422 request.invalid /name/fi empty"),
        new("business_id", json!("0161075-8"), "422 request.invalid /business_id bad_check_digit"),
        new("business_id", json!("0161075"), "422 request.invalid /business_id bad_business_id"),
        new("municipality_code", json!(286), "422 request.invalid /municipality_code wrong_type"),
        new("contact_email", json!("kirjaamo"), "422 request.invalid /contact_email bad_email"),
        new("contact_email", json!("a@b.fi\r\nBcc: c@d.fi"), "422 request.invalid /contact_email bad_email"),
        new(
            "contact_email",
            json!(format!("{}@example.org", "x".repeat(250))),
            "422 request.invalid /contact_email bad_email",
        ),
        new("website", json!("https://me:secret@example.org/"), "422 request.invalid /website credentials_in_address"),
        new("website", json!("https://me@example.org/"), "422 request.invalid /website credentials_in_address"),
        new("website", json!("ftp://example.org/"), "422 request.invalid /website bad_web_address"),
        new("website", json!("javascript:alert(1)"), "422 request.invalid /website bad_web_address"),
        // A browser, and the parser of addresses, would leave these out without a word.
        new("website", json!("https://example.org/\u{0}"), "422 request.invalid /website bad_web_address"),
        new("website", json!("https://exam\nple.org/"), "422 request.invalid /website bad_web_address"),
        new("website", json!(" https://example.org/"), "422 request.invalid /website bad_web_address"),
        new(
            "website",
            json!(format!("https://example.org/{}", "x".repeat(2_000))),
            "422 request.invalid /website bad_web_address",
        ),
        new("parent_id", json!(NOTHING), "422 request.invalid /parent_id unknown_reference"),
        new("umbrella_id", json!(last(&scene.programme)), "422 request.invalid /umbrella_id unknown_reference"),
        new("successor_id", json!(scene.town.id), "422 request.invalid /successor_id unknown_member"),
        new("version", json!(7), "422 request.invalid /version unknown_member"),
        patch(json!({"parent_id": scene.city.id}), "422 request.invalid /parent_id ring"),
        patch(json!({"successor_id": scene.town.id}), "422 request.invalid /succeeded_on incomplete"),
        patch(
            json!({"successor_id": NOTHING, "succeeded_on": "2026-01-01"}),
            "422 request.invalid /successor_id unknown_reference",
        ),
        patch(
            json!({"valid_from": "2026-01-02", "valid_to": "2026-01-01"}),
            "422 request.invalid /valid_to before_start",
        ),
        patch(json!({"name": null}), "422 request.invalid /name wrong_type"),
        wrong(&scene.city.admin, format!("PATCH {path}"), json!({"kind": "ngo"}), "403 auth.forbidden"),
        wrong(&scene.city.admin, "POST /api/v1/organisations", organisation.clone(), "403 auth.forbidden"),
        wrong(operator, format!("PATCH /api/v1/organisations/{NOTHING}"), json!({}), "404 request.not_found"),
        bare(operator, format!("DELETE {path}"), "405 request.method_not_allowed"),
    ];
    for (date, code) in DATES {
        table.push(new("valid_from", json!(date), &format!("422 request.invalid /valid_from {code}")));
        let succession = json!({"successor_id": scene.town.id, "succeeded_on": date});
        table.push(patch(succession, &format!("422 request.invalid /succeeded_on {code}")));
    }
    table
}

fn of_users(scene: &Scene) -> Vec<Wrong> {
    let (admin, path) = (&scene.city.admin, &scene.user);
    let user = json!({"organisation_id": scene.city.id, "name": "Kirjaamo", "email": "kirjaamo@example.org"});
    let new =
        |name: &str, value: Value, expect: &str| wrong(admin, "POST /api/v1/users", but(&user, name, value), expect);
    let patch = |body: Value, expect: &str| wrong(admin, format!("PATCH {path}"), body, expect);
    let role = |organisation: &str, role: &str| json!({"organisation_id": organisation, "role": role});
    vec![
        new("email", json!("kirjaaja@example.org"), "409 request.already_exists /email already_exists"),
        new("email", json!("KIRJAAJA@example.org"), "409 request.already_exists /email already_exists"),
        new("email", json!("kirjaamo"), "422 request.invalid /email bad_email"),
        new("email", json!("a\u{0}@example.org"), "422 request.invalid /email bad_email"),
        new("name", json!("\u{0}"), "422 request.invalid /name control_character"),
        new("password", json!("lyhyt"), "422 request.invalid /password too_short"),
        new("password", json!("x".repeat(201)), "422 request.invalid /password too_long"),
        new("password", json!("aaaaaaaaaaaa"), "422 request.invalid /password too_uniform"),
        new("password", json!("kirjaamo@example.org"), "422 request.invalid /password like_email"),
        new("roles", json!([role(&scene.town.id, "editor")]), "403 auth.forbidden /roles not_administered"),
        new("roles", json!([role(NOTHING, "editor")]), "403 auth.forbidden /roles not_administered"),
        new("roles", json!([role(&scene.city.id, "mayor")]), "422 request.invalid /roles/0/role not_in_vocabulary"),
        new(
            "roles",
            json!([role(&scene.city.id, "editor"), role(&scene.city.id, "viewer")]),
            "422 request.invalid /roles/1/organisation_id duplicate",
        ),
        new("roles", json!(vec![role(&scene.city.id, "editor"); 201]), "422 request.invalid /roles too_many"),
        new("roles", json!([[scene.city.id, "editor"]]), "422 request.invalid /roles/0 wrong_type"),
        new("operator", json!(true), "422 request.invalid /operator unknown_member"),
        new("organisation_id", json!(scene.town.id), "403 auth.forbidden"),
        new("organisation_id", json!(NOTHING), "403 auth.forbidden"),
        wrong(
            &scene.operator,
            "POST /api/v1/users",
            but(&but(&user, "organisation_id", json!(NOTHING)), "roles", json!([role(NOTHING, "admin")])),
            "422 request.invalid /organisation_id unknown_reference",
        ),
        wrong(&scene.operator, "POST /api/v1/users", user.clone(), "403 auth.forbidden"),
        patch(json!({"email": "toinen@example.org"}), "422 request.invalid /email unknown_member"),
        patch(json!({"active": null}), "422 request.invalid /active wrong_type"),
        patch(json!({"roles": {}}), "422 request.invalid /roles wrong_type"),
        wrong(&scene.town.admin, format!("PATCH {path}"), json!({"active": false}), "404 request.not_found"),
        wrong(admin, format!("PATCH /api/v1/users/{}", last(&scene.client)), json!({}), "404 request.not_found"),
        wrong(
            admin,
            format!("POST {path}:reset-password"),
            json!({"password": "x"}),
            "422 request.invalid /password unknown_member",
        ),
        wrong(admin, format!("POST /api/v1/users/{NOTHING}:reset-password"), json!({}), "404 request.not_found"),
    ]
}

fn of_clients(scene: &Scene) -> Vec<Wrong> {
    let (admin, path) = (&scene.city.admin, &scene.client);
    let client = json!({"organisation_id": scene.city.id, "name": "Rajapinta", "scopes": ["actions:read"]});
    let new = |name: &str, value: Value, expect: &str| {
        wrong(admin, "POST /api/v1/clients", but(&client, name, value), expect)
    };
    let patch = |body: Value, expect: &str| wrong(admin, format!("PATCH {path}"), body, expect);
    let editor = |organisation: &str| json!([{"organisation_id": organisation, "role": "editor"}]);
    vec![
        new("scopes", json!([]), "422 request.invalid /scopes empty"),
        new("scopes", json!(["actions:fly"]), "422 request.invalid /scopes/0 not_in_vocabulary"),
        new("scopes", json!("actions:read"), "422 request.invalid /scopes wrong_type"),
        new("roles", editor(&scene.town.id), "403 auth.forbidden /roles not_administered"),
        new("roles", editor(NOTHING), "403 auth.forbidden /roles not_administered"),
        new("client_secret", json!("x"), "422 request.invalid /client_secret unknown_member"),
        new("organisation_id", json!(scene.town.id), "403 auth.forbidden"),
        patch(json!({"scopes": []}), "422 request.invalid /scopes empty"),
        patch(json!({"name": "x".repeat(201)}), "422 request.invalid /name too_long"),
        patch(json!({"roles": editor(&scene.town.id)}), "403 auth.forbidden /roles not_administered"),
        wrong(admin, format!("PATCH /api/v1/clients/{}", last(&scene.user)), json!({}), "404 request.not_found"),
        wrong(&scene.town.admin, format!("POST {path}:rotate-secret"), json!({}), "404 request.not_found"),
        wrong(
            admin,
            format!("POST {path}:rotate-secret"),
            json!({"secret": "x"}),
            "422 request.invalid /secret unknown_member",
        ),
        wrong(&scene.city.editor, "POST /api/v1/clients", client.clone(), "403 auth.forbidden"),
    ]
}

fn of_oneself(scene: &Scene) -> Vec<Wrong> {
    let change = |body: Value, expect: &str| wrong(&scene.city.admin, "POST /api/v1/me:change-password", body, expect);
    vec![
        bare(&scene.anyone, "GET /api/v1/me", "401 auth.unauthenticated"),
        bare(&scene.anyone, "GET /api/v1/me", "401 auth.unauthenticated").with(|request| request.bearer_auth("x.y.z")),
        bare(&scene.anyone, "GET /api/v1/me", "401 auth.unauthenticated")
            .with(|request| request.basic_auth("a", Some("b"))),
        change(json!({"new_password": "hevonen on vahva"}), "422 request.invalid /current_password required"),
        change(
            json!({"current_password": "x", "new_password": "lyhyt"}),
            "422 request.invalid /new_password too_short",
        ),
        change(
            json!({"current_password": 1, "new_password": "hevonen on vahva"}),
            "422 request.invalid /current_password wrong_type",
        ),
        // A machine has none.
        change(json!({"current_password": "x", "new_password": "hevonen on vahva"}), "409 account.no_password"),
    ]
}

fn of_signing_in(scene: &Scene) -> Vec<Wrong> {
    let form = |path: &str, pairs: &[(&str, &str)], expect: &str| {
        bare(&scene.anyone, format!("POST /oauth/{path}"), expect).with(|request| request.form(pairs))
    };
    let token = |pairs: &[(&str, &str)], expect: &str| form("token", pairs, expect);
    let long = "x".repeat(17_000);
    vec![
        token(&[], "400 oauth.invalid_request grant_type required"),
        token(&[("grant_type", "implicit")], "400 oauth.unsupported_grant_type grant_type not_in_vocabulary"),
        token(&[("grant_type", "password")], "400 oauth.invalid_request username required"),
        token(&[("grant_type", "password"), ("username", "a@b.fi")], "400 oauth.invalid_request password required"),
        token(&[("grant_type", "refresh_token")], "400 oauth.invalid_request refresh_token required"),
        token(&[("grant_type", "refresh_token"), ("refresh_token", "\u{0}")], "400 oauth.invalid_grant"),
        token(&[("grant_type", "client_credentials")], "401 oauth.invalid_client client_id invalid_client"),
        token(&[("grant_type", "password"), ("grant_type", "password")], "400 request.unreadable bad_form"),
        token(&[("scope", &long)], "413 request.too_large"),
        token(
            &[("grant_type", "client_credentials"), ("client_id", "\u{0}"), ("client_secret", "\u{0}")],
            "401 oauth.invalid_client client_secret invalid_client",
        ),
        token(
            &[("grant_type", "password"), ("username", "a\u{0}@b.fi"), ("password", "\u{0}\u{1}")],
            "400 oauth.invalid_grant",
        ),
        bare(&scene.anyone, "POST /oauth/token", "415 request.unsupported_media_type content-type media_type")
            .raw("application/json", "{}"),
        bare(&scene.anyone, "POST /oauth/token", "401 oauth.invalid_client Authorization invalid_client")
            .with(|request| request.header(header::AUTHORIZATION, "Basic !!!").form(&[("grant_type", "password")])),
        bare(&scene.anyone, "POST /oauth/token", "400 oauth.unsupported_grant_type grant_type not_in_vocabulary")
            .raw("application/x-www-form-urlencoded", b"grant_type=%FF%FE&\xff\xfe=1".to_vec()),
        bare(&scene.anyone, "GET /oauth/token", "405 request.method_not_allowed"),
        form("revoke", &[], "400 oauth.invalid_request token required"),
        form(
            "revoke",
            &[("token", "x"), ("client_id", NOTHING), ("client_secret", "x")],
            "401 oauth.invalid_client client_secret invalid_client",
        ),
        form(
            "revoke",
            &[("token", scene.city.admin.token().unwrap())],
            "400 oauth.unsupported_token_type token access_token",
        ),
    ]
}
