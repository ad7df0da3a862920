-- An account with a one-time code has no password, and a program that knows no codes would take the code for one.
UPDATE principals SET secret = NULL WHERE code_expires_at IS NOT NULL;
ALTER TABLE refresh_tokens RENAME TO new_refresh_tokens;
ALTER INDEX refresh_tokens_pkey RENAME TO new_refresh_tokens_pkey;
CREATE TABLE refresh_tokens (
    digest text PRIMARY KEY,
    family_id uuid NOT NULL,
    principal_id uuid NOT NULL REFERENCES principals (id),
    scopes jsonb NOT NULL,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    spent boolean NOT NULL
);
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
