-- Who owes a report is a question about the days of its period, so what actions and participants were is kept with the
-- times between which they were it. What is so now has no end.
CREATE TABLE action_status_history (
    action_id BLOB NOT NULL REFERENCES actions (id),
    -- The version of the action with which it began.
    version INTEGER NOT NULL,
    status TEXT NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    PRIMARY KEY (action_id, version)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX action_status_history_now ON action_status_history (action_id) WHERE until IS NULL;

CREATE TABLE participant_history (
    action_id BLOB NOT NULL REFERENCES actions (id),
    organisation_id BLOB NOT NULL REFERENCES organisations (id),
    -- The version of the action with which it began.
    version INTEGER NOT NULL,
    accountable INTEGER NOT NULL CHECK (accountable IN (0, 1)),
    implementing INTEGER NOT NULL CHECK (implementing IN (0, 1)),
    funding INTEGER NOT NULL CHECK (funding IN (0, 1)),
    supporting INTEGER NOT NULL CHECK (supporting IN (0, 1)),
    consulted INTEGER NOT NULL CHECK (consulted IN (0, 1)),
    commitment TEXT NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    PRIMARY KEY (action_id, organisation_id, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX participant_history_by_organisation ON participant_history (organisation_id, action_id);
CREATE UNIQUE INDEX participant_history_now ON participant_history (action_id, organisation_id) WHERE until IS NULL;

-- The change feed tells of every change of a status since the action was created: this is the whole history.
INSERT INTO action_status_history (action_id, version, status, since, until)
SELECT action_id, version, status, since, lead(since) OVER (PARTITION BY action_id ORDER BY version)
FROM (
    SELECT
        event.aggregate_id AS action_id,
        event.version AS version,
        event.occurred_at AS since,
        CASE event.kind
            WHEN 'action.created' THEN 'draft'
            WHEN 'action.proposed' THEN 'proposed'
            WHEN 'action.agreed' THEN 'agreed'
            WHEN 'action.started' THEN 'in_progress'
            WHEN 'action.held' THEN 'on_hold'
            WHEN 'action.completed' THEN 'completed'
            WHEN 'action.cancelled' THEN 'cancelled'
            -- It is taken up again where it was put on hold.
            ELSE CASE WHEN EXISTS (
                SELECT 1 FROM change_events started
                WHERE started.aggregate_id = event.aggregate_id AND started.kind = 'action.started'
                AND started.version < event.version
            ) THEN 'in_progress' ELSE 'agreed' END
        END AS status
    FROM change_events event
    JOIN actions ON actions.id = event.aggregate_id
    WHERE event.kind IN (
        'action.created', 'action.proposed', 'action.agreed', 'action.started', 'action.held', 'action.resumed',
        'action.completed', 'action.cancelled'
    )
) told;
-- An action of which the feed tells nothing has had its status since it last changed, as far as is known.
INSERT INTO action_status_history (action_id, version, status, since, until)
SELECT id, version, status, updated_at, NULL FROM actions
WHERE id NOT IN (SELECT action_id FROM action_status_history);

-- What each participant is now, since its last answer or, where it has not answered, since it was last asked.
INSERT INTO participant_history
SELECT p.action_id, p.organisation_id, actions.version, p.accountable, p.implementing, p.funding, p.supporting, p.consulted,
    p.commitment, coalesce(p.answered_at, p.invited_at), NULL
FROM participants p JOIN actions ON actions.id = p.action_id;
-- What it was committed to before: the feed tells when each organisation committed itself and when it withdrew, but not
-- as what. Its present roles are taken for those of the time. Such a commitment ended when the organisation answered
-- again, or when it was asked again.
INSERT INTO participant_history
SELECT p.action_id, p.organisation_id, event.version, p.accountable, p.implementing, p.funding, p.supporting, p.consulted,
    'committed', event.occurred_at, (
        SELECT min(ends.at) FROM (
            SELECT later.occurred_at AS at FROM change_events later
            WHERE later.aggregate_id = event.aggregate_id AND later.organisation_id = event.organisation_id
            AND later.kind IN ('action.participant_committed', 'action.participant_declined', 'action.participant_withdrawn')
            AND later.version > event.version
            UNION ALL
            SELECT p.invited_at AS at WHERE p.invited_at > event.occurred_at
        ) ends
    )
FROM change_events event
JOIN participants p ON p.action_id = event.aggregate_id AND p.organisation_id = event.organisation_id
WHERE event.kind = 'action.participant_committed'
AND NOT (p.commitment = 'committed' AND p.answered_at = event.occurred_at);

-- The accepted revision that came after this one. An accepted report is never deleted.
ALTER TABLE reports ADD COLUMN superseded_by_id BLOB;
UPDATE reports SET superseded_by_id = (
    SELECT later.id FROM reports later
    WHERE later.action_id = reports.action_id AND later.organisation_id = reports.organisation_id
    AND later.period_id = reports.period_id AND later.revision > reports.revision AND later.state = 'accepted'
    ORDER BY later.revision LIMIT 1
);
