-- Counts how often all sign-ins of the account were ended: an access token carries the number of its time.
ALTER TABLE principals ADD COLUMN generation bigint NOT NULL DEFAULT 0;
-- Where it is set, the secret is a one-time code, which is good until then.
ALTER TABLE principals ADD COLUMN code_expires_at timestamptz;

-- A sign-in, with the refresh tokens that came of it.
CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    principal_id uuid NOT NULL REFERENCES principals (id),
    scopes jsonb NOT NULL,
    begun_at timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_by_principal ON sessions (principal_id, id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- A session lasts 90 days at most, from its first token that is known.
INSERT INTO sessions (id, principal_id, scopes, begun_at, last_used_at, expires_at)
SELECT family_id, principal_id, min(scopes::text)::jsonb, min(issued_at), max(issued_at),
    least(max(expires_at), min(issued_at) + interval '90 days')
FROM refresh_tokens GROUP BY family_id, principal_id;

ALTER TABLE refresh_tokens RENAME TO old_refresh_tokens;
ALTER INDEX refresh_tokens_pkey RENAME TO old_refresh_tokens_pkey;
CREATE TABLE refresh_tokens (
    digest text PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    issued_at timestamptz NOT NULL,
    -- When it was first used.
    spent_at timestamptz
);
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);
INSERT INTO refresh_tokens (digest, session_id, issued_at, spent_at)
SELECT digest, family_id, issued_at, CASE WHEN spent THEN issued_at END FROM old_refresh_tokens;
DROP TABLE old_refresh_tokens;
