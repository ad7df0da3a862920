-- The meeting that is asked for, or reserved, for a step: at most one at a time. Office holders have days.
CREATE TABLE step_bookings (
    step_id uuid PRIMARY KEY REFERENCES decision_steps (id),
    meeting_id uuid REFERENCES meetings (id),
    day date,
    state text NOT NULL,
    -- The organisation that asked for it.
    proposed_by uuid NOT NULL REFERENCES organisations (id),
    proposed_at timestamptz NOT NULL,
    answered_at timestamptz,
    handed_in_at timestamptz,
    CHECK ((meeting_id IS NULL) <> (day IS NULL))
);
CREATE INDEX step_bookings_by_meeting ON step_bookings (meeting_id);

-- What bodies have done with steps. A wrong record is superseded by a further one and kept.
CREATE TABLE handlings (
    id uuid PRIMARY KEY,
    step_id uuid NOT NULL REFERENCES decision_steps (id),
    meeting_id uuid REFERENCES meetings (id),
    day date,
    agenda_number text,
    outcome text NOT NULL,
    resolution jsonb,
    minutes_url text,
    returned_to_step_id uuid REFERENCES decision_steps (id),
    recorded_at timestamptz NOT NULL,
    superseded_by_id uuid REFERENCES handlings (id),
    CHECK ((meeting_id IS NULL) <> (day IS NULL))
);
CREATE INDEX handlings_by_step ON handlings (step_id, id);
CREATE INDEX handlings_by_meeting ON handlings (meeting_id);
CREATE INDEX handlings_by_returned_to ON handlings (returned_to_step_id);
CREATE INDEX handlings_by_successor ON handlings (superseded_by_id);
CREATE UNIQUE INDEX handlings_once ON handlings (step_id, meeting_id) WHERE superseded_by_id IS NULL;

-- Claims for rectification and appeals against the decision that a handling has recorded, with their rulings.
CREATE TABLE remedy_claims (
    id uuid PRIMARY KEY,
    step_id uuid NOT NULL REFERENCES decision_steps (id),
    handling_id uuid NOT NULL REFERENCES handlings (id),
    kind text NOT NULL,
    filed_on date NOT NULL,
    ruling text,
    ruled_on date,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK ((ruling IS NULL) = (ruled_on IS NULL))
);
CREATE INDEX remedy_claims_by_step ON remedy_claims (step_id, id);
CREATE INDEX remedy_claims_by_handling ON remedy_claims (handling_id);

-- How organisations' own systems know what is theirs.
CREATE TABLE external_ids (
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    entity_type text NOT NULL,
    source text NOT NULL,
    value text NOT NULL,
    entity_id uuid NOT NULL,
    PRIMARY KEY (organisation_id, entity_type, source, value)
);
CREATE INDEX external_ids_by_entity ON external_ids (entity_id);
