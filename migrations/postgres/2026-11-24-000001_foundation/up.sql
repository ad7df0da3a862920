-- Facts about this installation: the feed's epoch.
CREATE TABLE installation (
    name text PRIMARY KEY,
    value text NOT NULL
);
INSERT INTO installation (name, value) VALUES ('feed_epoch', replace(gen_random_uuid()::text, '-', ''));

CREATE TABLE organisations (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    name jsonb NOT NULL,
    kind text NOT NULL,
    business_id text,
    municipality_code text,
    parent_id uuid REFERENCES organisations (id),
    umbrella_id uuid REFERENCES organisations (id),
    contact_email text,
    website text,
    valid_from date,
    valid_to date,
    successor_id uuid REFERENCES organisations (id),
    succeeded_on date
);
CREATE INDEX organisations_by_parent ON organisations (parent_id);
CREATE INDEX organisations_by_umbrella ON organisations (umbrella_id);
CREATE INDEX organisations_by_successor ON organisations (successor_id);

-- People (users) and machines (clients).
CREATE TABLE principals (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    kind text NOT NULL,
    organisation_id uuid REFERENCES organisations (id),
    name text NOT NULL,
    email text UNIQUE,
    -- argon2id (PHC string) for a user, keyed SHA-256 for a client.
    secret text,
    scopes jsonb NOT NULL,
    operator boolean NOT NULL,
    deactivated_at timestamptz
);
CREATE INDEX principals_by_organisation ON principals (organisation_id, kind, id);

CREATE TABLE principal_roles (
    principal_id uuid NOT NULL REFERENCES principals (id),
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    role text NOT NULL,
    PRIMARY KEY (principal_id, organisation_id)
);
CREATE INDEX principal_roles_by_organisation ON principal_roles (organisation_id);

CREATE TABLE refresh_tokens (
    digest text PRIMARY KEY,
    family_id uuid NOT NULL,
    principal_id uuid NOT NULL REFERENCES principals (id),
    scopes jsonb NOT NULL,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    spent boolean NOT NULL
);
CREATE INDEX refresh_tokens_by_family ON refresh_tokens (family_id);
CREATE INDEX refresh_tokens_by_principal ON refresh_tokens (principal_id);
CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at);

-- Failed sign-ins of late, by account and by address.
CREATE TABLE sign_in_failures (
    subject text PRIMARY KEY,
    failures bigint NOT NULL,
    last_at timestamptz NOT NULL
);

CREATE TABLE idempotency_records (
    principal_id uuid NOT NULL REFERENCES principals (id),
    route text NOT NULL,
    key text NOT NULL,
    fingerprint text NOT NULL,
    answer jsonb,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (principal_id, route, key)
);
CREATE INDEX idempotency_records_by_age ON idempotency_records (created_at);

-- Who sees which aggregate now.
CREATE TABLE audiences (
    aggregate_id uuid NOT NULL,
    audience_key text NOT NULL,
    PRIMARY KEY (aggregate_id, audience_key)
);

-- What changed, when, by whom, and who saw it before and after. Order is by (transaction_id, sequence): a
-- sequence alone becomes visible out of order.
CREATE TABLE change_events (
    sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    transaction_id bigint NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
    kind text NOT NULL,
    aggregate_type text NOT NULL,
    aggregate_id uuid NOT NULL,
    version bigint NOT NULL,
    occurred_at timestamptz NOT NULL,
    organisation_id uuid,
    principal_id uuid,
    seen_before jsonb NOT NULL,
    seen_after jsonb NOT NULL
);
CREATE INDEX change_events_in_order ON change_events (transaction_id, sequence);
CREATE INDEX change_events_of_aggregate ON change_events (aggregate_id, sequence);

-- A transaction is numbered at its first lock, and may then wait for one that has a higher number: what it does to an
-- aggregate would stand before what it has waited for. So an event stands at the highest of its own transaction and that
-- of the event before it of the same aggregate, whose row is locked. Nobody is shown it too early: it never stands
-- before its own transaction.
CREATE FUNCTION place_change_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.transaction_id := greatest(NEW.transaction_id, (
        SELECT transaction_id FROM change_events
        WHERE aggregate_id = NEW.aggregate_id ORDER BY sequence DESC LIMIT 1
    ));
    RETURN NEW;
END
$$;
CREATE TRIGGER place_change_event BEFORE INSERT ON change_events
    FOR EACH ROW EXECUTE FUNCTION place_change_event();

CREATE TABLE programmes (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    title jsonb NOT NULL,
    description jsonb,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    status text NOT NULL,
    area jsonb NOT NULL
);

CREATE TABLE programme_members (
    programme_id uuid NOT NULL REFERENCES programmes (id),
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    role text NOT NULL,
    joined_on date NOT NULL,
    left_on date,
    PRIMARY KEY (programme_id, organisation_id)
);
CREATE INDEX programme_members_by_organisation ON programme_members (organisation_id);

-- The coordinators of a programme, person by person; good while their organisation is a coordinating member.
CREATE TABLE programme_coordinators (
    programme_id uuid NOT NULL REFERENCES programmes (id),
    principal_id uuid NOT NULL REFERENCES principals (id),
    PRIMARY KEY (programme_id, principal_id)
);
CREATE INDEX programme_coordinators_by_principal ON programme_coordinators (principal_id);

CREATE TABLE goals (
    id uuid PRIMARY KEY,
    programme_id uuid NOT NULL REFERENCES programmes (id),
    parent_id uuid REFERENCES goals (id),
    code text NOT NULL,
    title jsonb NOT NULL,
    description jsonb,
    position integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (programme_id, code)
);
CREATE INDEX goals_by_parent ON goals (parent_id);

CREATE TABLE actions (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    programme_id uuid NOT NULL REFERENCES programmes (id),
    code text NOT NULL,
    title jsonb NOT NULL,
    description jsonb,
    status text NOT NULL,
    -- The status before the hold or the cancellation.
    held_status text,
    visibility text NOT NULL,
    starts_on date,
    ends_on date,
    started_on date,
    ended_on date,
    start_gate text NOT NULL,
    target_groups jsonb NOT NULL,
    prevention_level text,
    area jsonb NOT NULL,
    tags jsonb NOT NULL,
    UNIQUE (programme_id, code)
);
CREATE INDEX actions_by_start ON actions (starts_on, id);
CREATE INDEX actions_by_update ON actions (updated_at, id);
CREATE INDEX actions_by_programme ON actions (programme_id, id);

CREATE TABLE action_goals (
    action_id uuid NOT NULL REFERENCES actions (id),
    goal_id uuid NOT NULL REFERENCES goals (id),
    PRIMARY KEY (action_id, goal_id)
);
CREATE INDEX action_goals_by_goal ON action_goals (goal_id);

CREATE TABLE participants (
    action_id uuid NOT NULL REFERENCES actions (id),
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    accountable boolean NOT NULL,
    implementing boolean NOT NULL,
    funding boolean NOT NULL,
    supporting boolean NOT NULL,
    consulted boolean NOT NULL,
    commitment text NOT NULL,
    invited_at timestamptz NOT NULL,
    answered_at timestamptz,
    PRIMARY KEY (action_id, organisation_id)
);
CREATE INDEX participants_by_organisation ON participants (organisation_id, action_id);
CREATE UNIQUE INDEX participants_one_accountable ON participants (action_id) WHERE accountable;

CREATE TABLE bodies (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    name jsonb NOT NULL,
    kind text NOT NULL,
    visibility text NOT NULL,
    valid_from date,
    valid_to date,
    published_until date,
    agenda_lead_days integer NOT NULL,
    agenda_lead_time text NOT NULL,
    minutes_publication_days integer NOT NULL,
    regime text NOT NULL
);
CREATE INDEX bodies_by_organisation ON bodies (organisation_id, id);

CREATE TABLE meetings (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    body_id uuid NOT NULL REFERENCES bodies (id),
    starts_at timestamptz NOT NULL,
    ends_at timestamptz,
    agenda_deadline timestamptz NOT NULL,
    zone text NOT NULL,
    state text NOT NULL,
    cancelled boolean NOT NULL,
    tags jsonb NOT NULL,
    location text,
    minutes_published_on date,
    -- Where an imported meeting came from: UID and RECURRENCE-ID of RFC 5545 (the latter empty for a single event).
    calendar_uid text,
    calendar_recurrence text NOT NULL,
    calendar_sequence integer NOT NULL,
    -- What the calendar said last: what people have changed since is theirs until it says something else.
    calendar_imported jsonb,
    CHECK ((calendar_uid IS NULL) = (calendar_imported IS NULL)),
    UNIQUE (body_id, calendar_uid, calendar_recurrence)
);
CREATE INDEX meetings_by_start ON meetings (starts_at, id);
CREATE INDEX meetings_by_body ON meetings (body_id, starts_at, id);

CREATE TABLE decision_steps (
    id uuid PRIMARY KEY,
    action_id uuid NOT NULL REFERENCES actions (id),
    body_id uuid NOT NULL REFERENCES bodies (id),
    title jsonb NOT NULL,
    function text NOT NULL,
    authoritative boolean NOT NULL,
    not_before date,
    preparation_days integer NOT NULL,
    required_tag text,
    visibility text NOT NULL,
    diary_number text,
    recorded_legal_force_on date,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX decision_steps_by_action ON decision_steps (action_id, id);
CREATE INDEX decision_steps_by_body ON decision_steps (body_id);

CREATE TABLE step_dependencies (
    step_id uuid NOT NULL REFERENCES decision_steps (id),
    depends_on_id uuid NOT NULL REFERENCES decision_steps (id),
    gate text NOT NULL,
    due_by text NOT NULL,
    PRIMARY KEY (step_id, depends_on_id)
);
CREATE INDEX step_dependencies_by_target ON step_dependencies (depends_on_id);

CREATE TABLE reporting_periods (
    id uuid PRIMARY KEY,
    programme_id uuid NOT NULL REFERENCES programmes (id),
    code text NOT NULL,
    kind text NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    opens_on date NOT NULL,
    due_on date NOT NULL,
    locked boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (programme_id, code)
);

-- More time for one organisation, granted by the coordinator.
CREATE TABLE report_extensions (
    period_id uuid NOT NULL REFERENCES reporting_periods (id),
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    until date NOT NULL,
    PRIMARY KEY (period_id, organisation_id)
);
CREATE INDEX report_extensions_by_organisation ON report_extensions (organisation_id);

CREATE TABLE reports (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    action_id uuid NOT NULL REFERENCES actions (id),
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    period_id uuid NOT NULL REFERENCES reporting_periods (id),
    revision integer NOT NULL,
    state text NOT NULL,
    implementation_status text NOT NULL,
    rating text,
    completion_percent integer,
    summary jsonb,
    achievements jsonb,
    obstacles jsonb,
    delay_cause text,
    participation jsonb,
    review_note text,
    submitted_at timestamptz,
    submitted_by uuid,
    reviewed_at timestamptz,
    reviewed_by uuid,
    UNIQUE (action_id, organisation_id, period_id, revision)
);
CREATE INDEX reports_by_period ON reports (period_id, action_id, organisation_id);
CREATE INDEX reports_by_organisation ON reports (organisation_id, id);
