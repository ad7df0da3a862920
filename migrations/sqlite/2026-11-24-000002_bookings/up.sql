-- The meeting that is asked for, or reserved, for a step: at most one at a time. Office holders have days.
CREATE TABLE step_bookings (
    step_id BLOB PRIMARY KEY NOT NULL REFERENCES decision_steps (id),
    meeting_id BLOB REFERENCES meetings (id),
    day TEXT,
    state TEXT NOT NULL,
    -- The organisation that asked for it.
    proposed_by BLOB NOT NULL REFERENCES organisations (id),
    proposed_at INTEGER NOT NULL,
    answered_at INTEGER,
    handed_in_at INTEGER,
    CHECK ((meeting_id IS NULL) <> (day IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX step_bookings_by_meeting ON step_bookings (meeting_id);

-- What bodies have done with steps. A wrong record is superseded by a further one and kept.
CREATE TABLE handlings (
    id BLOB PRIMARY KEY NOT NULL,
    step_id BLOB NOT NULL REFERENCES decision_steps (id),
    meeting_id BLOB REFERENCES meetings (id),
    day TEXT,
    agenda_number TEXT,
    outcome TEXT NOT NULL,
    resolution TEXT,
    minutes_url TEXT,
    returned_to_step_id BLOB REFERENCES decision_steps (id),
    recorded_at INTEGER NOT NULL,
    superseded_by_id BLOB REFERENCES handlings (id),
    CHECK ((meeting_id IS NULL) <> (day IS NULL))
) STRICT;
CREATE INDEX handlings_by_step ON handlings (step_id, id);
CREATE INDEX handlings_by_meeting ON handlings (meeting_id);
CREATE INDEX handlings_by_returned_to ON handlings (returned_to_step_id);
CREATE INDEX handlings_by_successor ON handlings (superseded_by_id);
CREATE UNIQUE INDEX handlings_once ON handlings (step_id, meeting_id) WHERE superseded_by_id IS NULL;

-- Claims for rectification and appeals against the decision that a handling has recorded, with their rulings.
CREATE TABLE remedy_claims (
    id BLOB PRIMARY KEY NOT NULL,
    step_id BLOB NOT NULL REFERENCES decision_steps (id),
    handling_id BLOB NOT NULL REFERENCES handlings (id),
    kind TEXT NOT NULL,
    filed_on TEXT NOT NULL,
    ruling TEXT,
    ruled_on TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CHECK ((ruling IS NULL) = (ruled_on IS NULL))
) STRICT;
CREATE INDEX remedy_claims_by_step ON remedy_claims (step_id, id);
CREATE INDEX remedy_claims_by_handling ON remedy_claims (handling_id);

-- How organisations' own systems know what is theirs.
CREATE TABLE external_ids (
    organisation_id BLOB NOT NULL REFERENCES organisations (id),
    entity_type TEXT NOT NULL,
    source TEXT NOT NULL,
    value TEXT NOT NULL,
    entity_id BLOB NOT NULL,
    PRIMARY KEY (organisation_id, entity_type, source, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX external_ids_by_entity ON external_ids (entity_id);
