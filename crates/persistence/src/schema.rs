//! The tables, as both engines have them.
//!
//! Made from the migrated databases by the test `schema`: after a change of the migrations, run it with
//! `YHTEEN_UPDATE=1`.
#![allow(missing_docs, reason = "the columns are described where they are used")]
#![allow(clippy::wildcard_imports, reason = "this is how diesel's table! finds its types")]

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Doc, Instant, Uid};

    installation (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Doc, Instant, Uid};

    organisations (id) {
        id -> Uid,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
        name -> Doc,
        kind -> Text,
        business_id -> Nullable<Text>,
        municipality_code -> Nullable<Text>,
        parent_id -> Nullable<Uid>,
        umbrella_id -> Nullable<Uid>,
        contact_email -> Nullable<Text>,
        website -> Nullable<Text>,
        valid_from -> Nullable<Date>,
        valid_to -> Nullable<Date>,
        successor_id -> Nullable<Uid>,
        succeeded_on -> Nullable<Date>,
        suspended_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Doc, Instant, Uid};

    principals (id) {
        id -> Uid,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
        kind -> Text,
        organisation_id -> Nullable<Uid>,
        name -> Text,
        email -> Nullable<Text>,
        secret -> Nullable<Text>,
        scopes -> Doc,
        operator -> Bool,
        deactivated_at -> Nullable<Instant>,
        generation -> BigInt,
        code_expires_at -> Nullable<Instant>,
        suspended_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Doc, Instant, Uid};

    principal_roles (principal_id, organisation_id) {
        principal_id -> Uid,
        organisation_id -> Uid,
        role -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Doc, Instant, Uid};

    sign_in_failures (subject) {
        subject -> Text,
        failures -> BigInt,
        last_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Doc, Instant, Uid};

    idempotency_records (principal_id, route, key) {
        principal_id -> Uid,
        route -> Text,
        key -> Text,
        fingerprint -> Text,
        answer -> Nullable<Doc>,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Doc, Instant, Uid};

    audiences (aggregate_id, audience_key) {
        aggregate_id -> Uid,
        audience_key -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Doc, Instant, Uid};

    change_events (sequence) {
        sequence -> BigInt,
        transaction_id -> BigInt,
        kind -> Text,
        aggregate_type -> Text,
        aggregate_id -> Uid,
        version -> BigInt,
        occurred_at -> Instant,
        organisation_id -> Nullable<Uid>,
        principal_id -> Nullable<Uid>,
        seen_before -> Doc,
        seen_after -> Doc,
        data -> Nullable<Doc>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Doc, Instant, Uid};

    programmes (id) {
        id -> Uid,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
        title -> Doc,
        description -> Nullable<Doc>,
        starts_on -> Date,
        ends_on -> Date,
        status -> Text,
        area -> Doc,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Doc, Instant, Uid};

    programme_members (programme_id, organisation_id) {
        programme_id -> Uid,
        organisation_id -> Uid,
        role -> Text,
        joined_on -> Date,
        left_on -> Nullable<Date>,
        status -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Doc, Instant, Uid};

    programme_coordinators (programme_id, principal_id) {
        programme_id -> Uid,
        principal_id -> Uid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Doc, Instant, Uid};

    goals (id) {
        id -> Uid,
        programme_id -> Uid,
        parent_id -> Nullable<Uid>,
        code -> Text,
        title -> Doc,
        description -> Nullable<Doc>,
        position -> Integer,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Doc, Instant, Uid};

    actions (id) {
        id -> Uid,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
        programme_id -> Uid,
        code_key -> Text,
        title -> Doc,
        description -> Nullable<Doc>,
        status -> Text,
        held_status -> Nullable<Text>,
        visibility -> Text,
        starts_on -> Nullable<Date>,
        ends_on -> Nullable<Date>,
        started_on -> Nullable<Date>,
        ended_on -> Nullable<Date>,
        start_gate -> Text,
        target_groups -> Doc,
        prevention_level -> Nullable<Text>,
        area -> Doc,
        tags -> Doc,
        code -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Doc, Instant, Uid};

    action_goals (action_id, goal_id) {
        action_id -> Uid,
        goal_id -> Uid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Doc, Instant, Uid};

    participants (action_id, organisation_id) {
        action_id -> Uid,
        organisation_id -> Uid,
        accountable -> Bool,
        implementing -> Bool,
        funding -> Bool,
        supporting -> Bool,
        consulted -> Bool,
        commitment -> Text,
        invited_at -> Instant,
        answered_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Doc, Instant, Uid};

    bodies (id) {
        id -> Uid,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
        organisation_id -> Uid,
        name -> Doc,
        kind -> Text,
        visibility -> Text,
        valid_from -> Nullable<Date>,
        valid_to -> Nullable<Date>,
        published_until -> Nullable<Date>,
        agenda_lead_days -> Integer,
        agenda_lead_time -> Text,
        minutes_publication_days -> Integer,
        regime -> Text,
        agenda_deadline_shift -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Doc, Instant, Uid};

    meetings (id) {
        id -> Uid,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
        body_id -> Uid,
        starts_at -> Instant,
        ends_at -> Nullable<Instant>,
        agenda_deadline -> Instant,
        zone -> Text,
        state -> Text,
        cancelled -> Bool,
        tags -> Doc,
        location -> Nullable<Text>,
        minutes_published_on -> Nullable<Date>,
        calendar_uid -> Nullable<Text>,
        calendar_recurrence -> Text,
        calendar_sequence -> Integer,
        calendar_imported -> Nullable<Doc>,
        agenda_deadline_computed -> Bool,
        agenda_deadline_shifted_from -> Nullable<Date>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Doc, Instant, Uid};

    decision_steps (id) {
        id -> Uid,
        action_id -> Uid,
        body_id -> Uid,
        title -> Doc,
        function -> Text,
        authoritative -> Bool,
        not_before -> Nullable<Date>,
        preparation_days -> Integer,
        required_tag -> Nullable<Text>,
        visibility -> Text,
        diary_number -> Nullable<Text>,
        recorded_legal_force_on -> Nullable<Date>,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Doc, Instant, Uid};

    step_dependencies (step_id, depends_on_id) {
        step_id -> Uid,
        depends_on_id -> Uid,
        gate -> Text,
        due_by -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Doc, Instant, Uid};

    reporting_periods (id) {
        id -> Uid,
        programme_id -> Uid,
        code -> Text,
        kind -> Text,
        starts_on -> Date,
        ends_on -> Date,
        opens_on -> Date,
        due_on -> Date,
        locked -> Bool,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Doc, Instant, Uid};

    report_extensions (period_id, organisation_id) {
        period_id -> Uid,
        organisation_id -> Uid,
        until -> Date,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Doc, Instant, Uid};

    reports (id) {
        id -> Uid,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
        action_id -> Uid,
        organisation_id -> Uid,
        period_id -> Uid,
        revision -> Integer,
        state -> Text,
        implementation_status -> Text,
        rating -> Nullable<Text>,
        completion_percent -> Nullable<Integer>,
        summary -> Nullable<Doc>,
        achievements -> Nullable<Doc>,
        obstacles -> Nullable<Doc>,
        delay_cause -> Nullable<Text>,
        participation -> Nullable<Doc>,
        review_note -> Nullable<Text>,
        submitted_at -> Nullable<Instant>,
        submitted_by -> Nullable<Uid>,
        reviewed_at -> Nullable<Instant>,
        reviewed_by -> Nullable<Uid>,
        superseded_by_id -> Nullable<Uid>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Doc, Instant, Uid};

    step_bookings (step_id) {
        step_id -> Uid,
        meeting_id -> Nullable<Uid>,
        day -> Nullable<Date>,
        state -> Text,
        proposed_by -> Uid,
        proposed_at -> Instant,
        answered_at -> Nullable<Instant>,
        handed_in_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Doc, Instant, Uid};

    handlings (id) {
        id -> Uid,
        step_id -> Uid,
        meeting_id -> Nullable<Uid>,
        day -> Nullable<Date>,
        agenda_number -> Nullable<Text>,
        outcome -> Text,
        resolution -> Nullable<Doc>,
        minutes_url -> Nullable<Text>,
        returned_to_step_id -> Nullable<Uid>,
        recorded_at -> Instant,
        superseded_by_id -> Nullable<Uid>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Doc, Instant, Uid};

    remedy_claims (id) {
        id -> Uid,
        step_id -> Uid,
        handling_id -> Uid,
        kind -> Text,
        filed_on -> Date,
        ruling -> Nullable<Text>,
        ruled_on -> Nullable<Date>,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Doc, Instant, Uid};

    external_ids (organisation_id, entity_type, source, value) {
        organisation_id -> Uid,
        entity_type -> Text,
        source -> Text,
        value -> Text,
        entity_id -> Uid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Doc, Instant, Uid};

    calendar_feeds (id) {
        id -> Uid,
        principal_id -> Uid,
        digest -> Text,
        title -> Nullable<Text>,
        language -> Text,
        filters -> Doc,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Doc, Instant, Uid};

    timetable_states (action_id) {
        action_id -> Uid,
        version -> BigInt,
        verdict -> Text,
        earliest_on -> Nullable<Date>,
        delay_days -> Nullable<BigInt>,
        slack_days -> Nullable<BigInt>,
        computed_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Doc, Instant, Uid};

    workers (name) {
        name -> Text,
        round -> BigInt,
        position_transaction -> BigInt,
        position_sequence -> BigInt,
        holder -> Nullable<Uid>,
        held_until -> Nullable<Instant>,
        ticked_on -> Nullable<Date>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Doc, Instant, Uid};

    action_status_history (action_id, version) {
        action_id -> Uid,
        version -> BigInt,
        status -> Text,
        since -> Instant,
        until -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Doc, Instant, Uid};

    participant_history (action_id, organisation_id, version) {
        action_id -> Uid,
        organisation_id -> Uid,
        version -> BigInt,
        accountable -> Bool,
        implementing -> Bool,
        funding -> Bool,
        supporting -> Bool,
        consulted -> Bool,
        commitment -> Text,
        since -> Instant,
        until -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Doc, Instant, Uid};

    sessions (id) {
        id -> Uid,
        principal_id -> Uid,
        scopes -> Doc,
        begun_at -> Instant,
        last_used_at -> Instant,
        expires_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Doc, Instant, Uid};

    refresh_tokens (digest) {
        digest -> Text,
        session_id -> Uid,
        issued_at -> Instant,
        spent_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Doc, Instant, Uid};

    suspensions (id) {
        id -> Uid,
        version -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
        organisation_id -> Nullable<Uid>,
        principal_id -> Nullable<Uid>,
        reason -> Text,
        suspended_by -> Nullable<Uid>,
        lifted_at -> Nullable<Instant>,
        lifted_by -> Nullable<Uid>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Doc, Instant, Uid};

    security_events (id) {
        id -> Uid,
        occurred_at -> Instant,
        kind -> Text,
        outcome -> Text,
        principal_id -> Nullable<Uid>,
        client_address -> Nullable<Text>,
        request_id -> Nullable<Text>,
        operation -> Nullable<Text>,
        subject_type -> Nullable<Text>,
        subject_id -> Nullable<Uid>,
        detail -> Nullable<Text>,
        times -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Doc, Instant, Uid};

    security_event_organisations (organisation_id, occurred_at, event_id) {
        organisation_id -> Uid,
        occurred_at -> Instant,
        event_id -> Uid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Doc, Instant, Uid};

    sign_in_networks (principal_id, digest) {
        principal_id -> Uid,
        digest -> Text,
        last_at -> Instant,
    }
}

diesel::joinable!(action_goals -> actions (action_id));
diesel::joinable!(action_goals -> goals (goal_id));
diesel::joinable!(action_status_history -> actions (action_id));
diesel::joinable!(actions -> programmes (programme_id));
diesel::joinable!(bodies -> organisations (organisation_id));
diesel::joinable!(calendar_feeds -> principals (principal_id));
diesel::joinable!(decision_steps -> actions (action_id));
diesel::joinable!(decision_steps -> bodies (body_id));
diesel::joinable!(external_ids -> organisations (organisation_id));
diesel::joinable!(goals -> programmes (programme_id));
diesel::joinable!(handlings -> meetings (meeting_id));
diesel::joinable!(idempotency_records -> principals (principal_id));
diesel::joinable!(meetings -> bodies (body_id));
diesel::joinable!(participant_history -> actions (action_id));
diesel::joinable!(participant_history -> organisations (organisation_id));
diesel::joinable!(participants -> actions (action_id));
diesel::joinable!(participants -> organisations (organisation_id));
diesel::joinable!(principal_roles -> organisations (organisation_id));
diesel::joinable!(principal_roles -> principals (principal_id));
diesel::joinable!(principals -> organisations (organisation_id));
diesel::joinable!(programme_coordinators -> principals (principal_id));
diesel::joinable!(programme_coordinators -> programmes (programme_id));
diesel::joinable!(programme_members -> organisations (organisation_id));
diesel::joinable!(programme_members -> programmes (programme_id));
diesel::joinable!(refresh_tokens -> sessions (session_id));
diesel::joinable!(remedy_claims -> decision_steps (step_id));
diesel::joinable!(remedy_claims -> handlings (handling_id));
diesel::joinable!(report_extensions -> organisations (organisation_id));
diesel::joinable!(report_extensions -> reporting_periods (period_id));
diesel::joinable!(reporting_periods -> programmes (programme_id));
diesel::joinable!(reports -> actions (action_id));
diesel::joinable!(reports -> organisations (organisation_id));
diesel::joinable!(reports -> reporting_periods (period_id));
diesel::joinable!(sessions -> principals (principal_id));
diesel::joinable!(sign_in_networks -> principals (principal_id));
diesel::joinable!(step_bookings -> decision_steps (step_id));
diesel::joinable!(step_bookings -> meetings (meeting_id));
diesel::joinable!(step_bookings -> organisations (proposed_by));
diesel::joinable!(suspensions -> organisations (organisation_id));

diesel::allow_tables_to_appear_in_same_query!(
    action_goals,
    action_status_history,
    actions,
    audiences,
    bodies,
    calendar_feeds,
    change_events,
    decision_steps,
    external_ids,
    goals,
    handlings,
    idempotency_records,
    installation,
    meetings,
    organisations,
    participant_history,
    participants,
    principal_roles,
    principals,
    programme_coordinators,
    programme_members,
    programmes,
    refresh_tokens,
    remedy_claims,
    report_extensions,
    reporting_periods,
    reports,
    security_event_organisations,
    security_events,
    sessions,
    sign_in_failures,
    sign_in_networks,
    step_bookings,
    step_dependencies,
    suspensions,
    timetable_states,
    workers,
);
