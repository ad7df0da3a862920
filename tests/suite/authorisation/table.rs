//! Who may do what: the one table that the tests hold the service to, and that `docs/authorisation.md` shows.
//!
//! The statuses follow from who may know of a thing and who may do it, in the order of the answers: 401 without a
//! token, 403 without the scope, 404 for what the caller may not know of, 403 for what it may know of but not do.

/// Who calls: the short name of the column, the full name, and who that is. The owner is the organisation that an
/// action, a body, a report or an account belongs to; it is a coordinating member of the programme.
pub(super) const CALLERS: [(&str, &str, &str); 14] = [
    ("anon", "nobody", "someone who is not signed in"),
    ("outs", "outsider", "an editor of an organisation that is no member of the programme"),
    ("view", "viewer", "a viewer of the owner"),
    ("repo", "reporter", "a reporter of the owner"),
    ("edit", "editor", "an editor of the owner"),
    ("admi", "admin", "an administrator of the owner"),
    ("part", "participant", "an editor of an organisation that is invited or committed to the action"),
    ("memb", "member", "an editor of a member of the programme that takes no part in the action"),
    ("obsv", "observer", "an editor of an organisation that observes the programme"),
    ("pare", "parent", "an administrator of the organisation that the owner is a part of"),
    (
        "succ",
        "successor",
        "an administrator of the successor of an organisation that has ended, of which the owner was a part",
    ),
    ("coor", "coordinator", "a coordinator of the programme, from another coordinating member, a viewer there"),
    ("nosc", "unscoped", "a client of the owner, its administrator, whose token has every scope but the one needed"),
    ("oper", "operator", "someone who runs the service"),
];

/// A row for each operation, or several where the answers depend on what it is done to, which stands after the dot:
/// the status and visibility of the action, the status of the programme, and the like.
const TABLE: &str = "\
                                                   | anon outs | view repo edit admi | part memb obsv | pare succ | coor | nosc | oper

# Service
get_liveness                                       | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 200  | 200
get_readiness                                      | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 200  | 200

# Authentication
issue_token                                        | 200  401  | 401  401  401  401  | 401  401  401  | 401  401  | 401  | 401  | 401
revoke_token                                       | 200  401  | 401  401  401  401  | 401  401  401  | 401  401  | 401  | 401  | 401
get_key_set                                        | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 200  | 200
get_authorization_server                           | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 200  | 200

# Me
get_me                                             | 401  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 200  | 200
change_password                                    | 401  204  | 204  204  204  204  | 204  204  204  | 204  204  | 204  | 409  | 204
set_password                                       | 204  204  | 204  204  204  204  | 204  204  204  | 204  204  | 204  | 204  | 204
list_sessions                                      | 401  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 200  | 200
get_session                                        | 401  404  | 404  404  200  404  | 404  404  404  | 404  404  | 404  | 404  | 404
end_session                                        | 401  404  | 404  404  204  404  | 404  404  404  | 404  404  | 404  | 404  | 404
sign_out_everywhere                                | 401  204  | 204  204  204  204  | 204  204  204  | 204  204  | 204  | 204  | 204

# Users
list_users                                         | 401  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
list_users · the owner's                           | 401  403  | 403  403  403  200  | 403  403  403  | 200  200  | 403  | 403  | 403
create_user                                        | 401  403  | 403  403  403  201  | 403  403  403  | 201  201  | 403  | 403  | 403
create_user · the first administrator              | 401  403  | 403  403  403  403  | 403  403  403  | 403  403  | 403  | 403  | 201
get_user                                           | 401  404  | 404  404  404  200  | 404  404  404  | 200  200  | 404  | 403  | 404
patch_user                                         | 401  404  | 404  404  404  200  | 404  404  404  | 200  200  | 404  | 403  | 404
reset_user_password                                | 401  404  | 404  404  404  200  | 404  404  404  | 200  200  | 404  | 403  | 404

# Clients
list_clients                                       | 401  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
list_clients · the owner's                         | 401  403  | 403  403  403  200  | 403  403  403  | 200  200  | 403  | 403  | 403
create_client                                      | 401  403  | 403  403  403  201  | 403  403  403  | 201  201  | 403  | 403  | 403
get_client                                         | 401  404  | 404  404  404  200  | 404  404  404  | 200  200  | 404  | 403  | 404
patch_client                                       | 401  404  | 404  404  404  200  | 404  404  404  | 200  200  | 404  | 403  | 404
rotate_client_secret                               | 401  404  | 404  404  404  200  | 404  404  404  | 200  200  | 404  | 403  | 404

# Organisations
list_organisations                                 | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
create_organisation                                | 401  403  | 403  403  403  403  | 403  403  403  | 403  403  | 403  | 403  | 201
get_organisation                                   | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
patch_organisation · mailbox                       | 401  403  | 403  403  403  200  | 403  403  403  | 200  200  | 403  | 403  | 200
patch_organisation · parent                        | 401  403  | 403  403  403  403  | 403  403  403  | 403  403  | 403  | 403  | 200

# Security
list_suspensions                                   | 401  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
get_suspension                                     | 401  404  | 404  404  404  200  | 404  404  404  | 200  200  | 404  | 403  | 200
suspend_organisation                               | 401  403  | 403  403  403  403  | 403  403  403  | 403  403  | 403  | 403  | 200
lift_organisation_suspension                       | 401  403  | 403  403  403  403  | 403  403  403  | 403  403  | 403  | 403  | 200
suspend_user                                       | 401  404  | 404  404  404  403  | 404  404  404  | 403  403  | 404  | 403  | 200
lift_user_suspension · of a user                   | 401  404  | 404  404  404  403  | 404  404  404  | 403  403  | 404  | 403  | 200
suspend_client                                     | 401  404  | 404  404  404  403  | 404  404  404  | 403  403  | 404  | 403  | 200
lift_client_suspension · of a client               | 401  404  | 404  404  404  403  | 404  404  404  | 403  403  | 404  | 403  | 200
list_security_events                               | 401  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
list_security_events · the owner's                 | 401  403  | 403  403  403  200  | 403  403  403  | 200  200  | 403  | 403  | 200

# Programmes
list_programmes                                    | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
create_programme                                   | 401  403  | 403  403  403  201  | 403  403  403  | 201  201  | 403  | 403  | 403
get_programme · draft                              | 404  404  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 404
get_programme · active                             | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
patch_programme · draft                            | 401  404  | 403  403  403  403  | 403  403  403  | 403  403  | 200  | 403  | 404
patch_programme · active                           | 401  403  | 403  403  403  403  | 403  403  403  | 403  403  | 200  | 403  | 403
activate_programme · draft                         | 401  404  | 403  403  403  403  | 403  403  403  | 403  403  | 200  | 403  | 404
close_programme · active                           | 401  403  | 403  403  403  403  | 403  403  403  | 403  403  | 200  | 403  | 403
list_programme_members · draft                     | 404  404  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 404
list_programme_members · active                    | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
put_programme_member · draft                       | 401  404  | 403  403  403  403  | 403  403  403  | 403  403  | 200  | 403  | 404
put_programme_member · active                      | 401  403  | 403  403  403  403  | 403  403  403  | 403  403  | 200  | 403  | 403
join_programme · draft                             | 401  404  | 403  403  403  200  | 403  403  403  | 200  200  | 403  | 403  | 404
join_programme · active                            | 401  404  | 403  403  403  200  | 403  403  403  | 200  200  | 403  | 403  | 404
decline_programme · draft                          | 401  404  | 403  403  403  200  | 403  403  403  | 200  200  | 403  | 403  | 404
decline_programme · active                         | 401  404  | 403  403  403  200  | 403  403  403  | 200  200  | 403  | 403  | 404
leave_programme · draft                            | 401  404  | 403  403  403  200  | 403  403  403  | 200  200  | 403  | 403  | 404
leave_programme · active                           | 401  403  | 403  403  403  200  | 403  403  403  | 200  200  | 403  | 403  | 403
list_programme_coordinators · draft                | 401  404  | 403  403  403  200  | 403  403  403  | 200  200  | 200  | 403  | 404
list_programme_coordinators · active               | 401  403  | 403  403  403  200  | 403  403  403  | 200  200  | 200  | 403  | 403
put_programme_coordinator · draft                  | 401  404  | 403  403  403  200  | 403  403  403  | 200  200  | 200  | 403  | 404
put_programme_coordinator · active                 | 401  403  | 403  403  403  200  | 403  403  403  | 200  200  | 200  | 403  | 403
delete_programme_coordinator · draft               | 401  404  | 403  403  403  200  | 403  403  403  | 200  200  | 200  | 403  | 404
delete_programme_coordinator · active              | 401  403  | 403  403  403  200  | 403  403  403  | 200  200  | 200  | 403  | 403

# Goals
list_goals · draft                                 | 404  404  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 404
list_goals · active                                | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
create_goal · draft                                | 401  404  | 403  403  403  403  | 403  403  403  | 403  403  | 201  | 403  | 404
create_goal · active                               | 401  403  | 403  403  403  403  | 403  403  403  | 403  403  | 201  | 403  | 403
get_goal · draft                                   | 404  404  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 404
get_goal · active                                  | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
delete_goal · draft                                | 401  404  | 403  403  403  403  | 403  403  403  | 403  403  | 204  | 403  | 404
delete_goal · active                               | 401  403  | 403  403  403  403  | 403  403  403  | 403  403  | 204  | 403  | 403
patch_goal · draft                                 | 401  404  | 403  403  403  403  | 403  403  403  | 403  403  | 200  | 403  | 404
patch_goal · active                                | 401  403  | 403  403  403  403  | 403  403  403  | 403  403  | 200  | 403  | 403

# Reporting periods
list_reporting_periods · draft                     | 404  404  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 404
list_reporting_periods · active                    | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
create_reporting_period · draft                    | 401  404  | 403  403  403  403  | 403  403  403  | 403  403  | 201  | 403  | 404
create_reporting_period · active                   | 401  403  | 403  403  403  403  | 403  403  403  | 403  403  | 201  | 403  | 403
get_reporting_period · draft                       | 404  404  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 404
get_reporting_period · active                      | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
delete_reporting_period · draft                    | 401  404  | 403  403  403  403  | 403  403  403  | 403  403  | 204  | 403  | 404
delete_reporting_period · active                   | 401  403  | 403  403  403  403  | 403  403  403  | 403  403  | 204  | 403  | 403
patch_reporting_period · draft                     | 401  404  | 403  403  403  403  | 403  403  403  | 403  403  | 200  | 403  | 404
patch_reporting_period · active                    | 401  403  | 403  403  403  403  | 403  403  403  | 403  403  | 200  | 403  | 403
put_report_extension · draft                       | 401  404  | 403  403  403  403  | 403  403  403  | 403  403  | 200  | 403  | 404
put_report_extension · active                      | 401  403  | 403  403  403  403  | 403  403  403  | 403  403  | 200  | 403  | 403
delete_report_extension · draft                    | 401  404  | 403  403  403  403  | 403  403  403  | 403  403  | 200  | 403  | 404
delete_report_extension · active                   | 401  403  | 403  403  403  403  | 403  403  403  | 403  403  | 200  | 403  | 403

# Reports
list_reports                                       | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
create_report                                      | 401  403  | 403  201  201  201  | 403  403  403  | 201  201  | 403  | 403  | 403
get_report · draft                                 | 404  404  | 200  200  200  200  | 404  404  404  | 200  200  | 404  | 403  | 404
get_report · submitted                             | 404  404  | 200  200  200  200  | 404  404  404  | 200  200  | 200  | 403  | 404
get_report · accepted private                      | 404  404  | 200  200  200  200  | 404  404  404  | 200  200  | 200  | 403  | 404
get_report · accepted public                       | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
get_report · a participant's draft                 | 404  404  | 404  404  404  404  | 200  404  404  | 404  404  | 404  | 403  | 404
get_report · a participant's submitted             | 404  404  | 200  200  200  200  | 200  404  404  | 200  200  | 200  | 403  | 404
delete_report · draft                              | 401  404  | 403  204  204  204  | 404  404  404  | 204  204  | 404  | 403  | 404
delete_report · a participant's draft              | 401  404  | 404  404  404  404  | 204  404  404  | 404  404  | 404  | 403  | 404
patch_report · draft                               | 401  404  | 403  200  200  200  | 404  404  404  | 200  200  | 404  | 403  | 404
patch_report · a participant's draft               | 401  404  | 404  404  404  404  | 200  404  404  | 404  404  | 404  | 403  | 404
submit_report · draft                              | 401  404  | 403  200  200  200  | 404  404  404  | 200  200  | 404  | 403  | 404
submit_report · a participant's draft              | 401  404  | 404  404  404  404  | 200  404  404  | 404  404  | 404  | 403  | 404
return_report · submitted                          | 401  404  | 403  403  403  403  | 404  404  404  | 403  403  | 200  | 403  | 404
return_report · a participant's submitted          | 401  404  | 403  403  403  403  | 403  404  404  | 403  403  | 200  | 403  | 404
accept_report · submitted                          | 401  404  | 403  403  403  403  | 404  404  404  | 403  403  | 200  | 403  | 404
accept_report · a participant's submitted          | 401  404  | 403  403  403  403  | 403  404  404  | 403  403  | 200  | 403  | 404

# Progress
get_programme_progress · draft                     | 404  404  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 404
get_programme_progress · active                    | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
list_owed_reports · draft                          | 404  404  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 404
list_owed_reports · active                         | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200

# Actions
list_actions                                       | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
create_action                                      | 401  403  | 403  403  201  201  | 403  403  403  | 201  201  | 403  | 403  | 403
get_action · draft private                         | 404  404  | 200  200  200  200  | 404  404  404  | 200  200  | 404  | 403  | 404
get_action · draft participants                    | 404  404  | 200  200  200  200  | 200  404  404  | 200  200  | 404  | 403  | 404
get_action · draft partners                        | 404  404  | 200  200  200  200  | 200  404  404  | 200  200  | 404  | 403  | 404
get_action · draft public                          | 404  404  | 200  200  200  200  | 200  404  404  | 200  200  | 404  | 403  | 404
get_action · proposed private                      | 404  404  | 200  200  200  200  | 404  404  404  | 200  200  | 200  | 403  | 404
get_action · proposed participants                 | 404  404  | 200  200  200  200  | 200  404  404  | 200  200  | 200  | 403  | 404
get_action · proposed partners                     | 404  404  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 404
get_action · proposed public                       | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
delete_action · draft private                      | 401  404  | 403  403  204  204  | 404  404  404  | 204  204  | 404  | 403  | 404
delete_action · draft public                       | 401  404  | 403  403  204  204  | 403  404  404  | 204  204  | 404  | 403  | 404
patch_action · draft private                       | 401  404  | 403  403  200  200  | 404  404  404  | 200  200  | 404  | 403  | 404
patch_action · proposed public                     | 401  403  | 403  403  200  200  | 403  403  403  | 200  200  | 403  | 403  | 403
propose_action · draft private                     | 401  404  | 403  403  200  200  | 404  404  404  | 200  200  | 404  | 403  | 404
propose_action · draft public                      | 401  404  | 403  403  200  200  | 403  404  404  | 200  200  | 404  | 403  | 404
agree_action · proposed private                    | 401  404  | 403  403  200  200  | 404  404  404  | 200  200  | 403  | 403  | 404
agree_action · proposed public                     | 401  403  | 403  403  200  200  | 403  403  403  | 200  200  | 403  | 403  | 403
start_action · agreed private                      | 401  404  | 403  403  200  200  | 404  404  404  | 200  200  | 403  | 403  | 404
start_action · agreed public                       | 401  403  | 403  403  200  200  | 403  403  403  | 200  200  | 403  | 403  | 403
complete_action · in_progress private              | 401  404  | 403  403  200  200  | 404  404  404  | 200  200  | 403  | 403  | 404
complete_action · in_progress public               | 401  403  | 403  403  200  200  | 403  403  403  | 200  200  | 403  | 403  | 403
cancel_action · proposed private                   | 401  404  | 403  403  200  200  | 404  404  404  | 200  200  | 403  | 403  | 404
cancel_action · proposed public                    | 401  403  | 403  403  200  200  | 403  403  403  | 200  200  | 403  | 403  | 403
hold_action · in_progress private                  | 401  404  | 403  403  200  200  | 404  404  404  | 200  200  | 403  | 403  | 404
hold_action · in_progress public                   | 401  403  | 403  403  200  200  | 403  403  403  | 200  200  | 403  | 403  | 403
resume_action · on_hold private                    | 401  404  | 403  403  200  200  | 404  404  404  | 200  200  | 403  | 403  | 404
resume_action · on_hold public                     | 401  403  | 403  403  200  200  | 403  403  403  | 200  200  | 403  | 403  | 403

# Participants
list_participants · draft private                  | 404  404  | 200  200  200  200  | 404  404  404  | 200  200  | 404  | 403  | 404
list_participants · proposed public                | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
invite_participant · draft private                 | 401  404  | 403  403  201  201  | 404  404  404  | 201  201  | 404  | 403  | 404
invite_participant · proposed public               | 401  403  | 403  403  201  201  | 403  403  403  | 201  201  | 403  | 403  | 403
get_participant · draft private                    | 404  404  | 200  200  200  200  | 404  404  404  | 200  200  | 404  | 403  | 404
get_participant · proposed public                  | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
delete_participant · draft private                 | 401  404  | 403  403  204  204  | 404  404  404  | 204  204  | 404  | 403  | 404
delete_participant · proposed public               | 401  403  | 403  403  204  204  | 403  403  403  | 204  204  | 403  | 403  | 403
patch_participant · draft private                  | 401  404  | 403  403  200  200  | 404  404  404  | 200  200  | 404  | 403  | 404
patch_participant · proposed public                | 401  403  | 403  403  200  200  | 403  403  403  | 200  200  | 403  | 403  | 403
commit_participant · draft participants            | 401  404  | 403  403  403  403  | 200  404  404  | 403  403  | 404  | 403  | 404
commit_participant · proposed public               | 401  403  | 403  403  403  403  | 200  403  403  | 403  403  | 403  | 403  | 403
decline_participant · draft participants           | 401  404  | 403  403  403  403  | 200  404  404  | 403  403  | 404  | 403  | 404
decline_participant · proposed public              | 401  403  | 403  403  403  403  | 200  403  403  | 403  403  | 403  | 403  | 403
withdraw_participant · in_progress participants    | 401  404  | 403  403  403  403  | 200  404  404  | 403  403  | 403  | 403  | 404
withdraw_participant · in_progress public          | 401  403  | 403  403  403  403  | 200  403  403  | 403  403  | 403  | 403  | 403

# Decision steps
list_decision_steps · draft private                | 404  404  | 200  200  200  200  | 404  404  404  | 200  200  | 404  | 403  | 404
list_decision_steps · proposed public              | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
create_decision_step · draft private               | 401  404  | 403  403  201  201  | 404  404  404  | 201  201  | 404  | 403  | 404
create_decision_step · proposed public             | 401  403  | 403  403  201  201  | 403  403  403  | 201  201  | 403  | 403  | 403
get_decision_step · draft private                  | 404  404  | 200  200  200  200  | 404  404  404  | 200  200  | 404  | 403  | 404
get_decision_step · proposed public                | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
delete_decision_step · draft private               | 401  404  | 403  403  204  204  | 404  404  404  | 204  204  | 404  | 403  | 404
delete_decision_step · proposed public             | 401  403  | 403  403  204  204  | 403  403  403  | 204  204  | 403  | 403  | 403
patch_decision_step · draft private                | 401  404  | 403  403  200  200  | 404  404  404  | 200  200  | 404  | 403  | 404
patch_decision_step · proposed public              | 401  403  | 403  403  200  200  | 403  403  403  | 200  200  | 403  | 403  | 403
patch_decision_step · a participant's body         | 401  403  | 403  403  200  200  | 403  403  403  | 200  200  | 403  | 403  | 403
patch_decision_step · a participant's diary number | 401  403  | 403  403  403  403  | 200  403  403  | 403  403  | 403  | 403  | 403
put_decision_step · proposed public                | 401  403  | 403  403  201  201  | 403  403  403  | 201  201  | 403  | 403  | 403
put_decision_step · with a proposal                | 401  403  | 403  403  200  200  | 403  403  403  | 200  200  | 403  | 403  | 403
put_decision_step · a participant's diary number   | 401  403  | 403  403  403  403  | 200  403  403  | 403  403  | 403  | 403  | 403
put_action_route · proposed public                 | 401  403  | 403  403  200  200  | 403  403  403  | 200  200  | 403  | 403  | 403
put_action_route · draft private                   | 401  404  | 403  403  200  200  | 404  404  404  | 200  200  | 404  | 403  | 404
get_decision_step_by_external_id                   | 404  404  | 200  200  200  200  | 404  404  404  | 200  200  | 404  | 403  | 404
record_legal_force · draft private                 | 401  404  | 403  403  200  200  | 404  404  404  | 200  200  | 404  | 403  | 404
record_legal_force · proposed public               | 401  403  | 403  403  200  200  | 403  403  403  | 200  200  | 403  | 403  | 403
record_legal_force · a participant's body          | 401  403  | 403  403  403  403  | 200  403  403  | 403  403  | 403  | 403  | 403

# Bookings
propose_booking · draft private                    | 401  404  | 403  403  200  200  | 404  404  404  | 200  200  | 404  | 403  | 404
propose_booking · proposed public                  | 401  403  | 403  403  200  200  | 403  403  403  | 200  200  | 403  | 403  | 403
propose_booking · a participant's body             | 401  403  | 403  403  200  200  | 403  403  403  | 200  200  | 403  | 403  | 403
book_decision_step · draft private                 | 401  404  | 403  403  200  200  | 404  404  404  | 200  200  | 404  | 403  | 404
book_decision_step · proposed public               | 401  403  | 403  403  200  200  | 403  403  403  | 200  200  | 403  | 403  | 403
book_decision_step · a participant's body          | 401  403  | 403  403  403  403  | 200  403  403  | 403  403  | 403  | 403  | 403
accept_booking · with a proposal                   | 401  403  | 403  403  200  200  | 403  403  403  | 200  200  | 403  | 403  | 403
decline_booking · with a proposal                  | 401  403  | 403  403  200  200  | 403  403  403  | 200  200  | 403  | 403  | 403
hand_in_decision_step · booked                     | 401  403  | 403  403  200  200  | 403  403  403  | 200  200  | 403  | 403  | 403
release_booking · booked                           | 401  403  | 403  403  200  200  | 403  403  403  | 200  200  | 403  | 403  | 403
release_booking · with a proposal                  | 401  403  | 403  403  200  200  | 403  403  403  | 200  200  | 403  | 403  | 403
put_booking · booked                               | 401  403  | 403  403  200  200  | 403  403  403  | 200  200  | 403  | 403  | 403
get_booking                                        | 404  404  | 200  200  200  200  | 404  404  404  | 200  200  | 404  | 403  | 404

# Handlings
create_handling · draft private                    | 401  404  | 403  403  201  201  | 404  404  404  | 201  201  | 404  | 403  | 404
create_handling · proposed public                  | 401  403  | 403  403  201  201  | 403  403  403  | 201  201  | 403  | 403  | 403
create_handling · a participant's body             | 401  403  | 403  403  403  403  | 201  403  403  | 403  403  | 403  | 403  | 403
put_handling · proposed public                     | 401  403  | 403  403  201  201  | 403  403  403  | 201  201  | 403  | 403  | 403
put_handling · a participant's body                | 401  403  | 403  403  403  403  | 201  403  403  | 403  403  | 403  | 403  | 403
get_handling_by_external_id                        | 404  404  | 200  200  200  200  | 404  404  404  | 200  200  | 404  | 403  | 404
get_handling · decided, private                    | 404  404  | 200  200  200  200  | 404  404  404  | 200  200  | 200  | 403  | 404
get_handling · decided                             | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
supersede_handling · decided, private              | 401  404  | 403  403  201  201  | 404  404  404  | 201  201  | 403  | 403  | 404
supersede_handling · decided                       | 401  403  | 403  403  201  201  | 403  403  403  | 201  201  | 403  | 403  | 403
create_remedy_claim · decided, private             | 401  404  | 403  403  201  201  | 404  404  404  | 201  201  | 403  | 403  | 404
create_remedy_claim · decided                      | 401  403  | 403  403  201  201  | 403  403  403  | 201  201  | 403  | 403  | 403
get_remedy_claim · decided, private                | 404  404  | 200  200  200  200  | 404  404  404  | 200  200  | 200  | 403  | 404
get_remedy_claim · decided                         | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
rule_on_remedy_claim · decided, private            | 401  404  | 403  403  200  200  | 404  404  404  | 200  200  | 403  | 403  | 404
rule_on_remedy_claim · decided                     | 401  403  | 403  403  200  200  | 403  403  403  | 200  200  | 403  | 403  | 403
put_remedy_claim · decided                         | 401  403  | 403  403  201  201  | 403  403  403  | 201  201  | 403  | 403  | 403
get_remedy_claim_by_external_id                    | 404  404  | 200  200  200  200  | 404  404  404  | 200  200  | 404  | 403  | 404

# Timetables
get_action_timetable · draft private               | 404  404  | 200  200  200  200  | 404  404  404  | 200  200  | 404  | 403  | 404
get_action_timetable · draft participants          | 404  404  | 200  200  200  200  | 200  404  404  | 200  200  | 404  | 403  | 404
get_action_timetable · draft partners              | 404  404  | 200  200  200  200  | 200  404  404  | 200  200  | 404  | 403  | 404
get_action_timetable · draft public                | 404  404  | 200  200  200  200  | 200  404  404  | 200  200  | 404  | 403  | 404
get_action_timetable · proposed private            | 404  404  | 200  200  200  200  | 404  404  404  | 200  200  | 200  | 403  | 404
get_action_timetable · proposed participants       | 404  404  | 200  200  200  200  | 200  404  404  | 200  200  | 200  | 403  | 404
get_action_timetable · proposed partners           | 404  404  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 404
get_action_timetable · proposed public             | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
get_programme_timetable · draft                    | 404  404  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 404
get_programme_timetable · active                   | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
list_programme_conflicts · draft                   | 404  404  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 404
list_programme_conflicts · active                  | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
book_action_timetable · draft private              | 401  404  | 403  403  200  200  | 404  404  404  | 200  200  | 404  | 403  | 404
book_action_timetable · proposed public            | 401  403  | 403  403  200  200  | 200  403  403  | 200  200  | 403  | 403  | 403
simulate_action_timetable · draft private          | 404  404  | 200  200  200  200  | 404  404  404  | 200  200  | 404  | 403  | 404
simulate_action_timetable · draft participants     | 404  404  | 200  200  200  200  | 200  404  404  | 200  200  | 404  | 403  | 404
simulate_action_timetable · draft partners         | 404  404  | 200  200  200  200  | 200  404  404  | 200  200  | 404  | 403  | 404
simulate_action_timetable · draft public           | 404  404  | 200  200  200  200  | 200  404  404  | 200  200  | 404  | 403  | 404
simulate_action_timetable · proposed private       | 404  404  | 200  200  200  200  | 404  404  404  | 200  200  | 200  | 403  | 404
simulate_action_timetable · proposed participants  | 404  404  | 200  200  200  200  | 200  404  404  | 200  200  | 200  | 403  | 404
simulate_action_timetable · proposed partners      | 404  404  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 404
simulate_action_timetable · proposed public        | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
list_timetable_levers · draft private              | 404  404  | 200  200  200  200  | 404  404  404  | 200  200  | 404  | 403  | 404
list_timetable_levers · draft participants         | 404  404  | 200  200  200  200  | 200  404  404  | 200  200  | 404  | 403  | 404
list_timetable_levers · draft partners             | 404  404  | 200  200  200  200  | 200  404  404  | 200  200  | 404  | 403  | 404
list_timetable_levers · draft public               | 404  404  | 200  200  200  200  | 200  404  404  | 200  200  | 404  | 403  | 404
list_timetable_levers · proposed private           | 404  404  | 200  200  200  200  | 404  404  404  | 200  200  | 200  | 403  | 404
list_timetable_levers · proposed participants      | 404  404  | 200  200  200  200  | 200  404  404  | 200  200  | 200  | 403  | 404
list_timetable_levers · proposed partners          | 404  404  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 404
list_timetable_levers · proposed public            | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
assess_timetable_impact                            | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
assess_timetable_impact · private                  | 422  422  | 200  200  200  200  | 422  422  422  | 200  200  | 422  | 403  | 422
get_action_timetable_picture · draft private       | 404  404  | 200  200  200  200  | 404  404  404  | 200  200  | 404  | 403  | 404
get_action_timetable_picture · draft participants  | 404  404  | 200  200  200  200  | 200  404  404  | 200  200  | 404  | 403  | 404
get_action_timetable_picture · draft partners      | 404  404  | 200  200  200  200  | 200  404  404  | 200  200  | 404  | 403  | 404
get_action_timetable_picture · draft public        | 404  404  | 200  200  200  200  | 200  404  404  | 200  200  | 404  | 403  | 404
get_action_timetable_picture · proposed private    | 404  404  | 200  200  200  200  | 404  404  404  | 200  200  | 200  | 403  | 404
get_action_timetable_picture · proposed participants | 404  404  | 200  200  200  200  | 200  404  404  | 200  200  | 200  | 403  | 404
get_action_timetable_picture · proposed partners   | 404  404  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 404
get_action_timetable_picture · proposed public     | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200

# Meetings
list_bodies                                        | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
create_body                                        | 401  403  | 403  403  403  201  | 403  403  403  | 201  201  | 403  | 403  | 403
get_body · private                                 | 404  404  | 200  200  200  200  | 404  404  404  | 200  200  | 404  | 403  | 404
get_body · public                                  | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
patch_body · private                               | 401  404  | 403  403  403  200  | 404  404  404  | 200  200  | 404  | 403  | 404
patch_body · public                                | 401  403  | 403  403  403  200  | 403  403  403  | 200  200  | 403  | 403  | 403
list_meetings                                      | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
create_meeting · private                           | 401  404  | 403  403  201  201  | 404  404  404  | 201  201  | 404  | 403  | 404
create_meeting · public                            | 401  403  | 403  403  201  201  | 403  403  403  | 201  201  | 403  | 403  | 403
get_meeting · private                              | 404  404  | 200  200  200  200  | 404  404  404  | 200  200  | 404  | 403  | 404
get_meeting · public                               | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
patch_meeting · private                            | 401  404  | 403  403  200  200  | 404  404  404  | 200  200  | 404  | 403  | 404
patch_meeting · private, dry run                   | 401  404  | 403  403  200  200  | 404  404  404  | 200  200  | 404  | 403  | 404
patch_meeting · public                             | 401  403  | 403  403  200  200  | 403  403  403  | 200  200  | 403  | 403  | 403
patch_meeting · public, dry run                    | 401  403  | 403  403  200  200  | 403  403  403  | 200  200  | 403  | 403  | 403
put_meeting · public                               | 401  403  | 403  403  201  201  | 403  403  403  | 201  201  | 403  | 403  | 403
get_meeting_by_external_id                         | 404  404  | 200  200  200  200  | 404  404  404  | 200  200  | 404  | 403  | 404
cancel_meeting · private                           | 401  404  | 403  403  200  200  | 404  404  404  | 200  200  | 404  | 403  | 404
cancel_meeting · private, dry run                  | 401  404  | 403  403  200  200  | 404  404  404  | 200  200  | 404  | 403  | 404
cancel_meeting · public                            | 401  403  | 403  403  200  200  | 403  403  403  | 200  200  | 403  | 403  | 403
cancel_meeting · public, dry run                   | 401  403  | 403  403  200  200  | 403  403  403  | 200  200  | 403  | 403  | 403
import_meetings · private                          | 401  404  | 403  403  200  200  | 404  404  404  | 200  200  | 404  | 403  | 404
import_meetings · public                           | 401  403  | 403  403  200  200  | 403  403  403  | 200  200  | 403  | 403  | 403

# Calendars
get_calendar                                       | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
get_calendar_file                                  | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
get_body_calendar · private                        | 404  404  | 200  200  200  200  | 404  404  404  | 200  200  | 404  | 403  | 404
get_body_calendar · public                         | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
get_organisation_calendar                          | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
get_action_calendar · draft private                | 404  404  | 200  200  200  200  | 404  404  404  | 200  200  | 404  | 403  | 404
get_action_calendar · draft participants           | 404  404  | 200  200  200  200  | 200  404  404  | 200  200  | 404  | 403  | 404
get_action_calendar · draft partners               | 404  404  | 200  200  200  200  | 200  404  404  | 200  200  | 404  | 403  | 404
get_action_calendar · draft public                 | 404  404  | 200  200  200  200  | 200  404  404  | 200  200  | 404  | 403  | 404
get_action_calendar · proposed private             | 404  404  | 200  200  200  200  | 404  404  404  | 200  200  | 200  | 403  | 404
get_action_calendar · proposed participants        | 404  404  | 200  200  200  200  | 200  404  404  | 200  200  | 200  | 403  | 404
get_action_calendar · proposed partners            | 404  404  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 404
get_action_calendar · proposed public              | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
get_programme_calendar · draft                     | 404  404  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 404
get_programme_calendar · active                    | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
create_calendar_feed                               | 401  201  | 201  201  201  201  | 201  201  201  | 201  201  | 201  | 403  | 201
list_calendar_feeds                                | 401  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 200  | 200
get_calendar_feed                                  | 401  404  | 404  404  200  404  | 404  404  404  | 404  404  | 404  | 404  | 404
delete_calendar_feed                               | 401  404  | 404  404  204  404  | 404  404  404  | 404  404  | 404  | 404  | 404
read_calendar_feed                                 | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 200  | 200

# Legal calendar
get_legal_effect                                   | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 200  | 200
list_holidays                                      | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 200  | 200

# Changes
list_changes                                       | 200  200  | 200  200  200  200  | 200  200  200  | 200  200  | 200  | 403  | 200
";

/// What is expected of one operation.
pub(super) struct Row {
    /// The tag under which the row stands.
    pub(super) tag: &'static str,
    /// The `operationId`.
    pub(super) operation: &'static str,
    /// What it is done to; empty where that makes no difference.
    pub(super) variant: &'static str,
    /// The status for each of [`CALLERS`].
    pub(super) statuses: Vec<u16>,
}

/// The rows of the table.
pub(super) fn rows() -> Vec<Row> {
    let mut lines = TABLE.lines();
    let names: Vec<_> = words(lines.next().unwrap().trim_start()).collect();
    assert_eq!(names, CALLERS.map(|(short, ..)| short), "the head names the callers");
    let mut tag = "";
    let mut rows = Vec::new();
    for line in lines.filter(|line| !line.is_empty()) {
        if let Some(name) = line.strip_prefix("# ") {
            tag = name;
            continue;
        }
        let (name, cells) = line.split_once('|').unwrap();
        let (operation, variant) = name.split_once('·').unwrap_or((name, ""));
        let statuses: Vec<u16> = words(cells).map(|status| status.parse().unwrap()).collect();
        assert_eq!(statuses.len(), CALLERS.len(), "{line}");
        rows.push(Row { tag, operation: operation.trim(), variant: variant.trim(), statuses });
    }
    rows
}

fn words(cells: &str) -> impl Iterator<Item = &str> {
    cells.split_whitespace().filter(|word| *word != "|")
}
