-- Facts about this installation: the feed's epoch.
CREATE TABLE installation (
    name TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO installation (name, value) VALUES ('feed_epoch', lower(hex(randomblob(16))));

CREATE TABLE organisations (
    id BLOB PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    business_id TEXT,
    municipality_code TEXT,
    parent_id BLOB REFERENCES organisations (id),
    umbrella_id BLOB REFERENCES organisations (id),
    contact_email TEXT,
    website TEXT,
    valid_from TEXT,
    valid_to TEXT,
    successor_id BLOB REFERENCES organisations (id),
    succeeded_on TEXT
) STRICT;
CREATE INDEX organisations_by_parent ON organisations (parent_id);
CREATE INDEX organisations_by_umbrella ON organisations (umbrella_id);
CREATE INDEX organisations_by_successor ON organisations (successor_id);

-- People (users) and machines (clients).
CREATE TABLE principals (
    id BLOB PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    organisation_id BLOB REFERENCES organisations (id),
    name TEXT NOT NULL,
    email TEXT UNIQUE,
    -- argon2id (PHC string) for a user, keyed SHA-256 for a client.
    secret TEXT,
    scopes TEXT NOT NULL,
    operator INTEGER NOT NULL CHECK (operator IN (0, 1)),
    deactivated_at INTEGER
) STRICT;
CREATE INDEX principals_by_organisation ON principals (organisation_id, kind, id);

CREATE TABLE principal_roles (
    principal_id BLOB NOT NULL REFERENCES principals (id),
    organisation_id BLOB NOT NULL REFERENCES organisations (id),
    role TEXT NOT NULL,
    PRIMARY KEY (principal_id, organisation_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX principal_roles_by_organisation ON principal_roles (organisation_id);

CREATE TABLE refresh_tokens (
    digest TEXT PRIMARY KEY NOT NULL,
    family_id BLOB NOT NULL,
    principal_id BLOB NOT NULL REFERENCES principals (id),
    scopes TEXT NOT NULL,
    issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    spent INTEGER NOT NULL CHECK (spent IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_tokens_by_family ON refresh_tokens (family_id);
CREATE INDEX refresh_tokens_by_principal ON refresh_tokens (principal_id);
CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at);

-- Failed sign-ins of late, by account and by address.
CREATE TABLE sign_in_failures (
    subject TEXT PRIMARY KEY NOT NULL,
    failures INTEGER NOT NULL,
    last_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency_records (
    principal_id BLOB NOT NULL REFERENCES principals (id),
    route TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    answer TEXT,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (principal_id, route, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_records_by_age ON idempotency_records (created_at);

-- Who sees which aggregate now.
CREATE TABLE audiences (
    aggregate_id BLOB NOT NULL,
    audience_key TEXT NOT NULL,
    PRIMARY KEY (aggregate_id, audience_key)
) STRICT, WITHOUT ROWID;

-- What changed, when, by whom, and who saw it before and after. One writer at a time: the sequence is the order, and
-- transaction_id is there for the shape that it shares with PostgreSQL.
CREATE TABLE change_events (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    transaction_id INTEGER NOT NULL DEFAULT 0,
    kind TEXT NOT NULL,
    aggregate_type TEXT NOT NULL,
    aggregate_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    occurred_at INTEGER NOT NULL,
    organisation_id BLOB,
    principal_id BLOB,
    seen_before TEXT NOT NULL,
    seen_after TEXT NOT NULL
) STRICT;
CREATE INDEX change_events_in_order ON change_events (transaction_id, sequence);
CREATE INDEX change_events_of_aggregate ON change_events (aggregate_id, sequence);

CREATE TABLE programmes (
    id BLOB PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    title TEXT NOT NULL,
    description TEXT,
    starts_on TEXT NOT NULL,
    ends_on TEXT NOT NULL,
    status TEXT NOT NULL,
    area TEXT NOT NULL
) STRICT;

CREATE TABLE programme_members (
    programme_id BLOB NOT NULL REFERENCES programmes (id),
    organisation_id BLOB NOT NULL REFERENCES organisations (id),
    role TEXT NOT NULL,
    joined_on TEXT NOT NULL,
    left_on TEXT,
    PRIMARY KEY (programme_id, organisation_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX programme_members_by_organisation ON programme_members (organisation_id);

-- The coordinators of a programme, person by person; good while their organisation is a coordinating member.
CREATE TABLE programme_coordinators (
    programme_id BLOB NOT NULL REFERENCES programmes (id),
    principal_id BLOB NOT NULL REFERENCES principals (id),
    PRIMARY KEY (programme_id, principal_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX programme_coordinators_by_principal ON programme_coordinators (principal_id);

CREATE TABLE goals (
    id BLOB PRIMARY KEY NOT NULL,
    programme_id BLOB NOT NULL REFERENCES programmes (id),
    parent_id BLOB REFERENCES goals (id),
    code TEXT NOT NULL,
    title TEXT NOT NULL,
    description TEXT,
    position INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (programme_id, code)
) STRICT;
CREATE INDEX goals_by_parent ON goals (parent_id);

CREATE TABLE actions (
    id BLOB PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    programme_id BLOB NOT NULL REFERENCES programmes (id),
    code TEXT NOT NULL,
    title TEXT NOT NULL,
    description TEXT,
    status TEXT NOT NULL,
    -- The status before the hold or the cancellation.
    held_status TEXT,
    visibility TEXT NOT NULL,
    starts_on TEXT,
    ends_on TEXT,
    started_on TEXT,
    ended_on TEXT,
    start_gate TEXT NOT NULL,
    target_groups TEXT NOT NULL,
    prevention_level TEXT,
    area TEXT NOT NULL,
    tags TEXT NOT NULL,
    UNIQUE (programme_id, code)
) STRICT;
CREATE INDEX actions_by_start ON actions (starts_on, id);
CREATE INDEX actions_by_update ON actions (updated_at, id);
CREATE INDEX actions_by_programme ON actions (programme_id, id);

CREATE TABLE action_goals (
    action_id BLOB NOT NULL REFERENCES actions (id),
    goal_id BLOB NOT NULL REFERENCES goals (id),
    PRIMARY KEY (action_id, goal_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX action_goals_by_goal ON action_goals (goal_id);

CREATE TABLE participants (
    action_id BLOB NOT NULL REFERENCES actions (id),
    organisation_id BLOB NOT NULL REFERENCES organisations (id),
    accountable INTEGER NOT NULL CHECK (accountable IN (0, 1)),
    implementing INTEGER NOT NULL CHECK (implementing IN (0, 1)),
    funding INTEGER NOT NULL CHECK (funding IN (0, 1)),
    supporting INTEGER NOT NULL CHECK (supporting IN (0, 1)),
    consulted INTEGER NOT NULL CHECK (consulted IN (0, 1)),
    commitment TEXT NOT NULL,
    invited_at INTEGER NOT NULL,
    answered_at INTEGER,
    PRIMARY KEY (action_id, organisation_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX participants_by_organisation ON participants (organisation_id, action_id);
CREATE UNIQUE INDEX participants_one_accountable ON participants (action_id) WHERE accountable;

CREATE TABLE bodies (
    id BLOB PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    organisation_id BLOB NOT NULL REFERENCES organisations (id),
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    visibility TEXT NOT NULL,
    valid_from TEXT,
    valid_to TEXT,
    published_until TEXT,
    agenda_lead_days INTEGER NOT NULL,
    agenda_lead_time TEXT NOT NULL,
    minutes_publication_days INTEGER NOT NULL,
    regime TEXT NOT NULL
) STRICT;
CREATE INDEX bodies_by_organisation ON bodies (organisation_id, id);

CREATE TABLE meetings (
    id BLOB PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    body_id BLOB NOT NULL REFERENCES bodies (id),
    starts_at INTEGER NOT NULL,
    ends_at INTEGER,
    agenda_deadline INTEGER NOT NULL,
    zone TEXT NOT NULL,
    state TEXT NOT NULL,
    cancelled INTEGER NOT NULL CHECK (cancelled IN (0, 1)),
    tags TEXT NOT NULL,
    location TEXT,
    minutes_published_on TEXT,
    -- Where an imported meeting came from: UID and RECURRENCE-ID of RFC 5545 (the latter empty for a single event).
    calendar_uid TEXT,
    calendar_recurrence TEXT NOT NULL,
    calendar_sequence INTEGER NOT NULL,
    -- What the calendar said last: what people have changed since is theirs until it says something else.
    calendar_imported TEXT,
    CHECK ((calendar_uid IS NULL) = (calendar_imported IS NULL)),
    UNIQUE (body_id, calendar_uid, calendar_recurrence)
) STRICT;
CREATE INDEX meetings_by_start ON meetings (starts_at, id);
CREATE INDEX meetings_by_body ON meetings (body_id, starts_at, id);

CREATE TABLE decision_steps (
    id BLOB PRIMARY KEY NOT NULL,
    action_id BLOB NOT NULL REFERENCES actions (id),
    body_id BLOB NOT NULL REFERENCES bodies (id),
    title TEXT NOT NULL,
    function TEXT NOT NULL,
    authoritative INTEGER NOT NULL CHECK (authoritative IN (0, 1)),
    not_before TEXT,
    preparation_days INTEGER NOT NULL,
    required_tag TEXT,
    visibility TEXT NOT NULL,
    diary_number TEXT,
    recorded_legal_force_on TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX decision_steps_by_action ON decision_steps (action_id, id);
CREATE INDEX decision_steps_by_body ON decision_steps (body_id);

CREATE TABLE step_dependencies (
    step_id BLOB NOT NULL REFERENCES decision_steps (id),
    depends_on_id BLOB NOT NULL REFERENCES decision_steps (id),
    gate TEXT NOT NULL,
    due_by TEXT NOT NULL,
    PRIMARY KEY (step_id, depends_on_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX step_dependencies_by_target ON step_dependencies (depends_on_id);

CREATE TABLE reporting_periods (
    id BLOB PRIMARY KEY NOT NULL,
    programme_id BLOB NOT NULL REFERENCES programmes (id),
    code TEXT NOT NULL,
    kind TEXT NOT NULL,
    starts_on TEXT NOT NULL,
    ends_on TEXT NOT NULL,
    opens_on TEXT NOT NULL,
    due_on TEXT NOT NULL,
    locked INTEGER NOT NULL CHECK (locked IN (0, 1)),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (programme_id, code)
) STRICT;

-- More time for one organisation, granted by the coordinator.
CREATE TABLE report_extensions (
    period_id BLOB NOT NULL REFERENCES reporting_periods (id),
    organisation_id BLOB NOT NULL REFERENCES organisations (id),
    until TEXT NOT NULL,
    PRIMARY KEY (period_id, organisation_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX report_extensions_by_organisation ON report_extensions (organisation_id);

CREATE TABLE reports (
    id BLOB PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    action_id BLOB NOT NULL REFERENCES actions (id),
    organisation_id BLOB NOT NULL REFERENCES organisations (id),
    period_id BLOB NOT NULL REFERENCES reporting_periods (id),
    revision INTEGER NOT NULL,
    state TEXT NOT NULL,
    implementation_status TEXT NOT NULL,
    rating TEXT,
    completion_percent INTEGER,
    summary TEXT,
    achievements TEXT,
    obstacles TEXT,
    delay_cause TEXT,
    participation TEXT,
    review_note TEXT,
    submitted_at INTEGER,
    submitted_by BLOB,
    reviewed_at INTEGER,
    reviewed_by BLOB,
    UNIQUE (action_id, organisation_id, period_id, revision)
) STRICT;
CREATE INDEX reports_by_period ON reports (period_id, action_id, organisation_id);
CREATE INDEX reports_by_organisation ON reports (organisation_id, id);
