//! What the `permissions` in answers say that the caller may do is what it may do by the table.

use super::operations;
use super::requests::request;
use super::table::{CALLERS, Row, rows};
use super::world::Scene;
use reqwest::Method;
use yhteen_domain::vocabulary::Vocabulary;
use yhteen_tests::both;

/// Which operation gets the thing, the name among its `permissions`, and what that allows: operations, or single rows of
/// the table where the same operation needs more than one right.
const PERMISSIONS: &[(&str, &str, &[&str])] = &[
    ("get_user", "edit", &["patch_user", "reset_user_password"]),
    ("get_client", "edit", &["patch_client", "rotate_client_secret"]),
    ("get_organisation", "edit", &["patch_organisation · mailbox"]),
    ("get_organisation", "administer", &["patch_organisation · parent"]),
    ("get_organisation", "manage_accounts", &["create_user · ", "create_client", "list_users · the owner's"]),
    ("get_programme", "edit", &["patch_programme", "activate_programme", "close_programme", "put_programme_member"]),
    ("get_programme", "edit", &["create_goal", "create_reporting_period"]),
    ("get_programme", "appoint", &["put_programme_coordinator", "delete_programme_coordinator"]),
    ("get_programme", "join", &["join_programme", "decline_programme"]),
    ("get_programme", "leave", &["leave_programme"]),
    ("get_organisation", "suspend", &["suspend_organisation", "lift_organisation_suspension"]),
    ("get_suspension", "lift", &["lift_user_suspension", "lift_client_suspension"]),
    ("get_goal", "edit", &["patch_goal", "delete_goal"]),
    ("get_reporting_period", "edit", &["patch_reporting_period", "delete_reporting_period"]),
    ("get_reporting_period", "edit", &["put_report_extension", "delete_report_extension"]),
    ("get_report", "edit", &["patch_report", "submit_report"]),
    ("get_report", "delete", &["delete_report"]),
    ("get_report", "review", &["return_report", "accept_report"]),
    ("get_action", "edit", &["patch_action", "invite_participant", "create_decision_step"]),
    ("get_action", "delete", &["delete_action"]),
    ("get_action", "propose", &["propose_action"]),
    ("get_action", "agree", &["agree_action"]),
    ("get_action", "start", &["start_action"]),
    ("get_action", "complete", &["complete_action"]),
    ("get_action", "cancel", &["cancel_action"]),
    ("get_action", "hold", &["hold_action"]),
    ("get_action", "resume", &["resume_action"]),
    ("get_action", "book", &["book_action_timetable"]),
    ("get_action", "commit", &["commit_participant", "decline_participant"]),
    ("get_action", "withdraw", &["withdraw_participant"]),
    ("get_participant", "edit", &["patch_participant"]),
    ("get_participant", "delete", &["delete_participant"]),
    ("get_participant", "commit", &["commit_participant"]),
    ("get_participant", "decline", &["decline_participant"]),
    ("get_participant", "withdraw", &["withdraw_participant"]),
    ("get_decision_step", "edit", &["patch_decision_step · draft private", "patch_decision_step · proposed public"]),
    ("get_decision_step", "edit", &["patch_decision_step · a participant's body"]),
    ("get_action", "edit", &["put_decision_step · proposed public", "put_action_route"]),
    ("get_decision_step", "edit", &["put_decision_step · with a proposal"]),
    ("get_decision_step", "edit_diary_number", &["patch_decision_step · a participant's diary number"]),
    ("get_decision_step", "edit_diary_number", &["put_decision_step · a participant's diary number"]),
    ("get_decision_step", "delete", &["delete_decision_step"]),
    ("get_decision_step", "propose_booking", &["propose_booking"]),
    ("get_decision_step", "book", &["book_decision_step"]),
    ("get_decision_step", "answer_booking", &["accept_booking", "decline_booking"]),
    ("get_decision_step", "hand_in", &["hand_in_decision_step", "put_booking"]),
    ("get_decision_step", "release_booking", &["release_booking"]),
    ("get_decision_step", "record_handling", &["create_handling", "put_handling", "supersede_handling"]),
    ("get_decision_step", "record_remedy_claim", &["create_remedy_claim", "put_remedy_claim", "rule_on_remedy_claim"]),
    ("get_decision_step", "record_legal_force", &["record_legal_force"]),
    ("get_body", "edit", &["patch_body"]),
    ("get_body", "edit_meetings", &["create_meeting", "put_meeting", "import_meetings"]),
    ("get_meeting", "edit", &["patch_meeting"]),
    ("get_meeting", "cancel", &["cancel_meeting"]),
    ("get_calendar_feed", "delete", &["delete_calendar_feed"]),
    ("get_session", "end", &["end_session"]),
];

/// What the operator alone does to accounts, of which it sees nothing: no answer could say so.
const UNSEEN: [&str; 2] = ["suspend_user", "suspend_client"];

/// Whether a name in [`PERMISSIONS`] means the row.
fn means(name: &str, row: &Row) -> bool {
    match name.split_once(" · ") {
        None => name == row.operation,
        Some((operation, variant)) => (operation, variant) == (row.operation, row.variant),
    }
}

#[test]
fn every_change_of_something_has_a_permission() {
    let operations = operations();
    for row in rows() {
        let operation = &operations[row.operation];
        // What is asked with a body, such as what would be if, changes nothing.
        let writes = operation.scope.is_none_or(|scope| scope.as_str().ends_with(":write"));
        let changes = operation.method != Method::GET && writes && operation.path.contains('{');
        let shown = PERMISSIONS.iter().flat_map(|(_, _, names)| *names).any(|name| means(name, &row));
        assert!(
            shown || !changes || UNSEEN.contains(&row.operation),
            "who may {} · {}, no permission says",
            row.operation,
            row.variant
        );
    }
}

both! {
    async fn the_permissions_in_answers_say_what_the_table_says(world: World) {
        let (scene, operations, rows) = (Scene::new(world).await, operations(), rows());
        for (get, permission, names) in PERMISSIONS {
            let concerned = |row: &&Row| names.iter().any(|name| means(name, row));
            for Row { operation, variant, statuses, .. } in rows.iter().filter(concerned) {
                for (column, status) in statuses.iter().enumerate() {
                    let (name, caller) = (CALLERS[column].1, scene.caller(column, None));
                    // A scope is the token's, and permissions are about roles.
                    if name == "unscoped" {
                        continue;
                    }
                    let place = format!("{permission} of {get}, for {operation} · {variant}, {name}");
                    let reply = caller.send(request(&scene, &caller, &operations[*get], variant)).await;
                    if reply.status == 200 {
                        assert_eq!(reply.body["permissions"][permission], *status < 300, "{place}");
                    } else {
                        assert!([401, 404].contains(status), "{place}: {}", reply.text);
                    }
                }
            }
        }
    }
}
