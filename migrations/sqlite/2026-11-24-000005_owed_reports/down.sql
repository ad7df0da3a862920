ALTER TABLE reports DROP COLUMN superseded_by_id;
DROP TABLE participant_history;
DROP TABLE action_status_history;
