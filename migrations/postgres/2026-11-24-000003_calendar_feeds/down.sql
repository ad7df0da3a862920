DROP INDEX meetings_by_agenda_deadline;
DROP TABLE calendar_feeds;
