-- For how many actions an organisation is accountable is counted whenever it adds one.
CREATE INDEX participants_accountable ON participants (organisation_id) WHERE accountable;
