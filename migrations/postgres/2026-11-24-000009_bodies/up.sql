-- What happens to a computed agenda deadline on a day on which nobody works.
ALTER TABLE bodies ADD COLUMN agenda_deadline_shift text NOT NULL DEFAULT 'previous_working_day';

-- Whether the agenda deadline was computed by the body's rule. Of the meetings that were known before this, nobody has
-- kept that: their deadlines count as given, and stay where they are.
ALTER TABLE meetings ADD COLUMN agenda_deadline_computed boolean NOT NULL DEFAULT false;
-- The day on which nobody works, from which a computed deadline was moved.
ALTER TABLE meetings ADD COLUMN agenda_deadline_shifted_from date;
