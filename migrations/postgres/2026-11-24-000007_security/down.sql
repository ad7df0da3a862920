-- Drafts that share a code keep a key that no code is.
UPDATE actions SET code_key = code
WHERE code_key <> code AND NOT EXISTS (
    SELECT 1 FROM actions AS other
    WHERE other.programme_id = actions.programme_id AND other.id <> actions.id AND other.code = actions.code
);
ALTER TABLE actions DROP COLUMN code;
ALTER TABLE actions RENAME COLUMN code_key TO code;
DELETE FROM programme_members WHERE status <> 'joined';
ALTER TABLE programme_members DROP COLUMN status;
DROP TABLE security_event_organisations;
DROP TABLE security_events;
DROP TABLE suspensions;
ALTER TABLE principals DROP COLUMN suspended_at;
ALTER TABLE organisations DROP COLUMN suspended_at;
