-- What was last told of the timetable of each action that is not over. No reference to the action holds it back from
-- being deleted: the worker comes after.
CREATE TABLE timetable_states (
    action_id BLOB PRIMARY KEY NOT NULL,
    -- Counts the changes that were told.
    version INTEGER NOT NULL,
    verdict TEXT NOT NULL,
    earliest_on TEXT,
    delay_days INTEGER,
    slack_days INTEGER,
    computed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What works beside the requests, and how far each has come in the feed.
CREATE TABLE workers (
    name TEXT PRIMARY KEY NOT NULL,
    -- Counts what it has written: whoever has read another number knows less than it needs to.
    round INTEGER NOT NULL,
    position_transaction INTEGER NOT NULL,
    position_sequence INTEGER NOT NULL,
    -- The process that does the work, and until when others leave it alone.
    holder BLOB,
    held_until INTEGER,
    -- The last day on which everything was looked at; null where it is to begin anew.
    ticked_on TEXT
) STRICT, WITHOUT ROWID;
INSERT INTO workers (name, round, position_transaction, position_sequence) VALUES ('timetables', 0, 0, 0);

-- What an event tells beyond the fact that something has changed.
ALTER TABLE change_events ADD COLUMN data TEXT;
