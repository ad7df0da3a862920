-- What happens to a computed agenda deadline on a day on which nobody works.
ALTER TABLE bodies ADD COLUMN agenda_deadline_shift TEXT NOT NULL DEFAULT 'previous_working_day';

-- Whether the agenda deadline was computed by the body's rule. Of the meetings that were known before this, nobody has
-- kept that: their deadlines count as given, and stay where they are.
ALTER TABLE meetings ADD COLUMN agenda_deadline_computed INTEGER NOT NULL CHECK (agenda_deadline_computed IN (0, 1)) DEFAULT 0;
-- The day on which nobody works, from which a computed deadline was moved.
ALTER TABLE meetings ADD COLUMN agenda_deadline_shifted_from TEXT;
