-- What was last told of the timetable of each action that is not over. No reference to the action holds it back from
-- being deleted: the worker comes after.
CREATE TABLE timetable_states (
    action_id uuid PRIMARY KEY,
    -- Counts the changes that were told.
    version bigint NOT NULL,
    verdict text NOT NULL,
    earliest_on date,
    delay_days bigint,
    slack_days bigint,
    computed_at timestamptz NOT NULL
);

-- What works beside the requests, and how far each has come in the feed.
CREATE TABLE workers (
    name text PRIMARY KEY,
    -- Counts what it has written: whoever has read another number knows less than it needs to.
    round bigint NOT NULL,
    position_transaction bigint NOT NULL,
    position_sequence bigint NOT NULL,
    -- The process that does the work, and until when others leave it alone.
    holder uuid,
    held_until timestamptz,
    -- The last day on which everything was looked at; null where it is to begin anew.
    ticked_on date
);
INSERT INTO workers (name, round, position_transaction, position_sequence) VALUES ('timetables', 0, 0, 0);

-- What an event tells beyond the fact that something has changed.
ALTER TABLE change_events ADD COLUMN data jsonb;
