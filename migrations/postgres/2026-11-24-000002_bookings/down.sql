DROP TABLE external_ids;
DROP TABLE remedy_claims;
DROP TABLE handlings;
DROP TABLE step_bookings;
