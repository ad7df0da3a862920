-- Counts how often all sign-ins of the account were ended: an access token carries the number of its time.
ALTER TABLE principals ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
-- Where it is set, the secret is a one-time code, which is good until then.
ALTER TABLE principals ADD COLUMN code_expires_at INTEGER;

-- A sign-in, with the refresh tokens that came of it.
CREATE TABLE sessions (
    id BLOB PRIMARY KEY NOT NULL,
    principal_id BLOB NOT NULL REFERENCES principals (id),
    scopes TEXT NOT NULL,
    begun_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_by_principal ON sessions (principal_id, id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- A session lasts 90 days at most, from its first token that is known.
INSERT INTO sessions (id, principal_id, scopes, begun_at, last_used_at, expires_at)
SELECT family_id, principal_id, min(scopes), min(issued_at), max(issued_at),
    min(max(expires_at), min(issued_at) + 90 * 86400000000)
FROM refresh_tokens GROUP BY family_id, principal_id;

ALTER TABLE refresh_tokens RENAME TO old_refresh_tokens;
DROP INDEX refresh_tokens_by_family;
DROP INDEX refresh_tokens_by_principal;
DROP INDEX refresh_tokens_by_expiry;
CREATE TABLE refresh_tokens (
    digest TEXT PRIMARY KEY NOT NULL,
    session_id BLOB NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    issued_at INTEGER NOT NULL,
    -- When it was first used.
    spent_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);
INSERT INTO refresh_tokens (digest, session_id, issued_at, spent_at)
SELECT digest, family_id, issued_at, CASE spent WHEN 1 THEN issued_at END FROM old_refresh_tokens;
DROP TABLE old_refresh_tokens;
