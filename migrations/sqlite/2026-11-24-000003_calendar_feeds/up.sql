-- Calendars at secret addresses. Of the secret in the address only a keyed digest is kept.
CREATE TABLE calendar_feeds (
    id BLOB PRIMARY KEY NOT NULL,
    principal_id BLOB NOT NULL REFERENCES principals (id),
    digest TEXT NOT NULL,
    title TEXT,
    language TEXT NOT NULL,
    filters TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX calendar_feeds_by_digest ON calendar_feeds (digest);
CREATE INDEX calendar_feeds_by_principal ON calendar_feeds (principal_id, id);

-- Calendars show agenda deadlines by their time.
CREATE INDEX meetings_by_agenda_deadline ON meetings (agenda_deadline);
