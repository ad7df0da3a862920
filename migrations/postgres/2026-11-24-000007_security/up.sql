-- Accounts and organisations that the operator has suspended: the fact here, the history in suspensions.
ALTER TABLE organisations ADD COLUMN suspended_at timestamptz;
ALTER TABLE principals ADD COLUMN suspended_at timestamptz;

CREATE TABLE suspensions (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    organisation_id uuid REFERENCES organisations (id),
    principal_id uuid REFERENCES principals (id),
    reason text NOT NULL,
    -- Who did it; nobody where it was done on the command line.
    suspended_by uuid REFERENCES principals (id),
    lifted_at timestamptz,
    lifted_by uuid REFERENCES principals (id),
    CHECK ((organisation_id IS NULL) <> (principal_id IS NULL))
);
CREATE UNIQUE INDEX suspensions_of_organisation ON suspensions (organisation_id) WHERE lifted_at IS NULL;
CREATE UNIQUE INDEX suspensions_of_principal ON suspensions (principal_id) WHERE lifted_at IS NULL;

-- What happened that concerns security: who signed in, who was refused, whose rights were changed.
CREATE TABLE security_events (
    id uuid PRIMARY KEY,
    occurred_at timestamptz NOT NULL,
    kind text NOT NULL,
    outcome text NOT NULL,
    principal_id uuid,
    client_address text,
    request_id text,
    operation text,
    subject_type text,
    subject_id uuid,
    detail text,
    times bigint NOT NULL
);
CREATE INDEX security_events_by_time ON security_events (occurred_at, id);
CREATE INDEX security_events_by_principal ON security_events (principal_id, occurred_at, id);

-- The organisations that an event concerns: their administrators read it.
CREATE TABLE security_event_organisations (
    organisation_id uuid NOT NULL,
    occurred_at timestamptz NOT NULL,
    event_id uuid NOT NULL,
    PRIMARY KEY (organisation_id, occurred_at, event_id)
);
CREATE INDEX security_event_organisations_by_time ON security_event_organisations (occurred_at);

-- An organisation is a member once it has joined.
ALTER TABLE programme_members ADD COLUMN status text NOT NULL DEFAULT 'joined';

-- What no two actions of a programme share: the code, and before it was proposed the code with its organisation.
ALTER TABLE actions RENAME COLUMN code TO code_key;
ALTER TABLE actions ADD COLUMN code text NOT NULL DEFAULT '';
UPDATE actions SET code = code_key;
UPDATE actions SET code_key = code || ' ' || replace(participants.organisation_id::text, '-', '')
FROM participants
WHERE participants.action_id = actions.id AND participants.accountable
    AND (actions.status = 'draft' OR (actions.status = 'cancelled' AND actions.held_status = 'draft'));
