-- From which networks an account has signed in: nobody else keeps it out there. Networks are kept as keyed digests.
CREATE TABLE sign_in_networks (
    principal_id BLOB NOT NULL REFERENCES principals (id),
    digest TEXT NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (principal_id, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_in_networks_by_age ON sign_in_networks (last_at);
