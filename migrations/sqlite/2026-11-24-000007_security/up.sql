-- Accounts and organisations that the operator has suspended: the fact here, the history in suspensions.
ALTER TABLE organisations ADD COLUMN suspended_at INTEGER;
ALTER TABLE principals ADD COLUMN suspended_at INTEGER;

CREATE TABLE suspensions (
    id BLOB PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    organisation_id BLOB REFERENCES organisations (id),
    principal_id BLOB REFERENCES principals (id),
    reason TEXT NOT NULL,
    -- Who did it; nobody where it was done on the command line.
    suspended_by BLOB REFERENCES principals (id),
    lifted_at INTEGER,
    lifted_by BLOB REFERENCES principals (id),
    CHECK ((organisation_id IS NULL) <> (principal_id IS NULL))
) STRICT;
CREATE UNIQUE INDEX suspensions_of_organisation ON suspensions (organisation_id) WHERE lifted_at IS NULL;
CREATE UNIQUE INDEX suspensions_of_principal ON suspensions (principal_id) WHERE lifted_at IS NULL;

-- What happened that concerns security: who signed in, who was refused, whose rights were changed.
CREATE TABLE security_events (
    id BLOB PRIMARY KEY NOT NULL,
    occurred_at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    outcome TEXT NOT NULL,
    principal_id BLOB,
    client_address TEXT,
    request_id TEXT,
    operation TEXT,
    subject_type TEXT,
    subject_id BLOB,
    detail TEXT,
    times INTEGER NOT NULL
) STRICT;
CREATE INDEX security_events_by_time ON security_events (occurred_at, id);
CREATE INDEX security_events_by_principal ON security_events (principal_id, occurred_at, id);

-- The organisations that an event concerns: their administrators read it.
CREATE TABLE security_event_organisations (
    organisation_id BLOB NOT NULL,
    occurred_at INTEGER NOT NULL,
    event_id BLOB NOT NULL,
    PRIMARY KEY (organisation_id, occurred_at, event_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX security_event_organisations_by_time ON security_event_organisations (occurred_at);

-- An organisation is a member once it has joined.
ALTER TABLE programme_members ADD COLUMN status TEXT NOT NULL DEFAULT 'joined';

-- What no two actions of a programme share: the code, and before it was proposed the code with its organisation.
ALTER TABLE actions RENAME COLUMN code TO code_key;
ALTER TABLE actions ADD COLUMN code TEXT NOT NULL DEFAULT '';
UPDATE actions SET code = code_key;
UPDATE actions SET code_key = code || ' ' || (
    SELECT lower(hex(organisation_id)) FROM participants WHERE action_id = actions.id AND accountable = 1
)
WHERE (status = 'draft' OR (status = 'cancelled' AND held_status = 'draft'))
    AND EXISTS (SELECT 1 FROM participants WHERE action_id = actions.id AND accountable = 1);
