//! What is sent: for every operation a request that succeeds for whoever may do it.

use super::Operation;
use super::world::Scene;
use crate::oauth::PASSWORD;
use reqwest::{Method, RequestBuilder, header};
use serde_json::{Value, json};
use yhteen_tests::Caller;

/// The request for an operation on a variant of its subject.
pub(super) fn request(scene: &Scene, caller: &Caller, operation: &Operation, variant: &str) -> RequestBuilder {
    let path = format!("{}{}", path(scene, operation, variant), query(scene, &operation.id, variant));
    let request = caller.request(operation.method.clone(), &path);
    let request = match operation.method {
        Method::PATCH | Method::PUT | Method::DELETE => request.header(header::IF_MATCH, "*"),
        _ => request,
    };
    match operation.id.as_str() {
        "issue_token" => {
            request.form(&[("grant_type", "password"), ("username", "kirjaaja@example.org"), ("password", PASSWORD)])
        }
        "revoke_token" => request.form(&[("token", "unknown")]),
        "import_meetings" => request.header(header::CONTENT_TYPE, "text/calendar").body(CALENDAR),
        id => match content(scene, id, variant) {
            Value::Null => request,
            body => request.json(&body),
        },
    }
}

/// The path, in which each identifier is that of the operation's own subject, of one in the state of the variant, or
/// of the only one there is.
fn path(scene: &Scene, operation: &Operation, variant: &str) -> String {
    let mut path = String::new();
    for (number, part) in operation.path.split(['{', '}']).enumerate() {
        if number % 2 == 0 {
            path.push_str(part);
            continue;
        }
        if let "source" | "value" = part {
            // What the owner's system knows already, or a new name.
            let known = operation.method == Method::GET || operation.id == "put_booking";
            path.push_str(if known { "kirjaamo" } else { "dynasty" });
            continue;
        }
        let sort = part.trim_end_matches("_id");
        let names = [format!("{} {sort}", operation.id), format!("{sort} {variant}"), sort.to_owned()];
        path.push_str(scene.thing(&names));
    }
    path
}

fn query(scene: &Scene, operation: &str, variant: &str) -> String {
    match (operation, variant) {
        ("list_users" | "list_clients" | "list_security_events", "the owner's") => {
            format!("?organisation_id={}", scene.things["organisation"])
        }
        ("get_programme_progress" | "list_owed_reports", _) => {
            format!("?reporting_period_id={}", scene.things[&format!("reporting_period {variant}")])
        }
        ("get_legal_effect", _) => "?regime=municipal_board&minutes_published_on=2026-03-02".to_owned(),
        ("get_calendar", _) => "?from=2026-01-01&to=2026-12-31".to_owned(),
        ("list_holidays", _) => "?year=2026".to_owned(),
        ("patch_meeting" | "cancel_meeting", variant) if variant.ends_with("dry run") => "?dry_run=true".to_owned(),
        _ => String::new(),
    }
}

/// The JSON body; null where there is none.
fn content(scene: &Scene, operation: &str, variant: &str) -> Value {
    let thing = |name: &str| &scene.things[name];
    let owner = thing("organisation");
    let name = json!({"fi": "Uusi"});
    match operation {
        "change_password" => json!({"current_password": PASSWORD, "new_password": "toinen hyvä salasana"}),
        "set_password" => {
            json!({"email": "unohtaja@example.org", "code": thing("code"), "new_password": "toinen hyvä salasana"})
        }
        "create_user" => {
            let (organisation, role) = match variant {
                "the first administrator" => (thing("vacant organisation"), "admin"),
                _ => (owner, "viewer"),
            };
            let roles = json!([{"organisation_id": organisation, "role": role}]);
            json!({"organisation_id": organisation, "name": "Uusi", "email": "uusi@example.org", "roles": roles})
        }
        "create_client" => {
            let organisation = if variant.is_empty() { owner } else { thing("vacant organisation") };
            json!({"organisation_id": organisation, "name": "Uusi", "scopes": ["actions:read"]})
        }
        "patch_user" | "patch_client" => json!({"name": "Uusi"}),
        "create_organisation" => json!({"name": name, "kind": "ngo"}),
        "patch_organisation" if variant == "parent" => json!({"parent_id": thing("parent organisation")}),
        "patch_organisation" => json!({"contact_email": "kirjaamo@example.org"}),
        "create_programme" => programme(owner),
        "patch_programme" | "patch_goal" | "patch_action" => json!({"description": name}),
        "put_programme_member" => json!({"role": "observer", "joined_on": "2026-01-01"}),
        "suspend_organisation" | "suspend_user" | "suspend_client" => json!({"reason": "Kokeilu"}),
        "create_goal" => json!({"code": "T2", "title": name}),
        "create_reporting_period" => period("2027"),
        "patch_reporting_period" => json!({"due_on": "2026-03-31"}),
        "put_report_extension" => json!({"until": "2026-07-31"}),
        "create_report" => report(thing("action in_progress public"), owner, thing("reporting_period active")),
        "patch_report" => json!({"completion_percent": 50}),
        "return_report" => json!({"note": "Kertokaa lisää."}),
        "create_action" => action(scene, "A1"),
        "invite_participant" => json!({"organisation_id": thing("member organisation"), "roles": ["funding"]}),
        "patch_participant" => json!({"roles": ["consulted"]}),
        "create_decision_step" => step(thing("body public")),
        "patch_decision_step" if variant.ends_with("diary number") => json!({"diary_number": "KOT/1/2026"}),
        "patch_decision_step" => json!({"preparation_days": 7}),
        "propose_booking" | "book_decision_step" if variant.contains("participant") => {
            json!({"meeting_id": thing("participant's meeting")})
        }
        "propose_booking" | "book_decision_step" => json!({"meeting_id": thing("meeting public")}),
        "book_action_timetable" => json!({"plan_digest": thing(&format!("plan {variant}"))}),
        "hand_in_decision_step" => json!({}),
        "create_handling" if variant.contains("participant") => {
            json!({"meeting_id": thing("participant's past meeting"), "outcome": "tabled"})
        }
        "create_handling" | "supersede_handling" => json!({"meeting_id": thing("past meeting"), "outcome": "tabled"}),
        "create_remedy_claim" => json!({"kind": "rectification", "filed_on": "2026-01-14"}),
        "rule_on_remedy_claim" => json!({"outcome": "dismissed", "on": "2026-01-15"}),
        "record_legal_force" => json!({"on": "2026-01-10"}),
        "put_decision_step" => match variant {
            "proposed public" => {
                let mut step = step(thing("body public"));
                step["action_id"] = json!(thing("action proposed public"));
                step
            }
            "with a proposal" => {
                json!({"decision_step_id": thing("decision_step with a proposal"), "preparation_days": 7})
            }
            _ => json!({"decision_step_id": thing("decision_step a participant's body"), "diary_number": "KOT/1/2026"}),
        },
        "put_action_route" => {
            let name = json!({"source": "dynasty", "value": "dynasty"});
            json!({"steps": [{"external_id": name, "step": step(thing("body public"))}]})
        }
        "put_handling" => {
            let (step, meeting) = match variant {
                "proposed public" => ("decision_step proposed public", "past meeting"),
                _ => ("decision_step a participant's body", "participant's past meeting"),
            };
            json!({"decision_step_id": thing(step), "meeting_id": thing(meeting), "outcome": "tabled"})
        }
        "put_booking" => json!({"handed_in_at": "2026-01-14T10:00:00Z"}),
        "put_remedy_claim" => json!({
            "decision_step_id": thing("decision_step decided"), "kind": "rectification", "filed_on": "2026-01-14"
        }),
        "create_calendar_feed" => json!({"language": "fi"}),
        "create_body" => body(owner),
        "patch_body" => json!({"minutes_publication_days": 5}),
        "put_meeting" => json!({"body_id": thing("body public"), "starts_at": "2026-06-02T13:00:00Z"}),
        "create_meeting" => json!({"starts_at": "2026-06-02T13:00:00Z"}),
        "patch_meeting" => json!({"tags": ["budget"]}),
        "simulate_action_timetable" => json!({"changes": [{"kind": "target_moved", "target_on": "2026-12-01"}]}),
        "assess_timetable_impact" if variant == "private" => {
            json!({"changes": [{"kind": "meeting_cancelled", "meeting_id": thing("meeting private")}]})
        }
        "assess_timetable_impact" => {
            json!({"changes": [{"kind": "meeting_cancelled", "meeting_id": thing("meeting public")}]})
        }
        _ => Value::Null,
    }
}

const CALENDAR: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\nBEGIN:VEVENT\r\nUID:one\r\n\
    DTSTAMP:20260101T000000Z\r\nDTSTART;TZID=Europe/Helsinki:20260609T160000\r\nDURATION:PT2H\r\nEND:VEVENT\r\n\
    END:VCALENDAR\r\n";

/// A new programme of the organisation.
pub(super) fn programme(organisation: &str) -> Value {
    let title = json!({"fi": "Hyvinvointisuunnitelma"});
    json!({"organisation_id": organisation, "title": title, "starts_on": "2026-01-01", "ends_on": "2029-12-31"})
}

/// A new reporting period, which is open.
pub(super) fn period(code: &str) -> Value {
    json!({
        "code": code, "kind": "annual", "starts_on": "2026-01-01", "ends_on": "2026-12-31",
        "opens_on": "2026-01-10", "due_on": "2026-02-28"
    })
}

/// A new action of the owner.
pub(super) fn action(scene: &Scene, code: &str) -> Value {
    json!({
        "programme_id": scene.things["programme active"],
        "organisation_id": scene.things["organisation"],
        "code": code,
        "title": {"fi": "Perhekeskus"}
    })
}

/// A new decision step before a body; the action may start without it.
pub(super) fn step(body: &str) -> Value {
    json!({"body_id": body, "title": {"fi": "Päätös"}, "function": "decision", "authoritative": false})
}

/// A new body of an organisation.
pub(super) fn body(organisation: &str) -> Value {
    json!({
        "organisation_id": organisation,
        "name": {"fi": "Lautakunta"},
        "kind": "committee",
        "agenda_lead": {"days": 7, "time": "12:00"},
        "minutes_publication_days": 7
    })
}

/// A new report, complete enough to be submitted.
pub(super) fn report(action: &str, organisation: &str, period: &str) -> Value {
    json!({
        "action_id": action,
        "organisation_id": organisation,
        "reporting_period_id": period,
        "implementation_status": "in_progress",
        "rating": "on_track",
        "summary": {"fi": "Perhekeskus avattiin."}
    })
}
