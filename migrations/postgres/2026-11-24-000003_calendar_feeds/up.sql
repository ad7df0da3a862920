-- Calendars at secret addresses. Of the secret in the address only a keyed digest is kept.
CREATE TABLE calendar_feeds (
    id uuid PRIMARY KEY,
    principal_id uuid NOT NULL REFERENCES principals (id),
    digest text NOT NULL,
    title text,
    language text NOT NULL,
    filters jsonb NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX calendar_feeds_by_digest ON calendar_feeds (digest);
CREATE INDEX calendar_feeds_by_principal ON calendar_feeds (principal_id, id);

-- Calendars show agenda deadlines by their time.
CREATE INDEX meetings_by_agenda_deadline ON meetings (agenda_deadline);
