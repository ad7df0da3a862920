ALTER TABLE meetings DROP COLUMN agenda_deadline_shifted_from;
ALTER TABLE meetings DROP COLUMN agenda_deadline_computed;
ALTER TABLE bodies DROP COLUMN agenda_deadline_shift;
