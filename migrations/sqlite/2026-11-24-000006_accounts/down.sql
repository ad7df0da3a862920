-- An account with a one-time code has no password, and a program that knows no codes would take the code for one.
UPDATE principals SET secret = NULL WHERE code_expires_at IS NOT NULL;
ALTER TABLE refresh_tokens RENAME TO new_refresh_tokens;
DROP INDEX refresh_tokens_by_session;
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
INSERT INTO refresh_tokens (digest, family_id, principal_id, scopes, issued_at, expires_at, spent)
SELECT digest, session_id, principal_id, scopes, issued_at, expires_at, spent_at IS NOT NULL
FROM new_refresh_tokens JOIN sessions ON sessions.id = session_id;
DROP TABLE new_refresh_tokens;
DROP TABLE sessions;
ALTER TABLE principals DROP COLUMN code_expires_at;
ALTER TABLE principals DROP COLUMN generation;
