-- From which networks an account has signed in: nobody else keeps it out there. Networks are kept as keyed digests.
CREATE TABLE sign_in_networks (
    principal_id uuid NOT NULL REFERENCES principals (id),
    digest text NOT NULL,
    last_at timestamptz NOT NULL,
    PRIMARY KEY (principal_id, digest)
);
CREATE INDEX sign_in_networks_by_age ON sign_in_networks (last_at);
