DROP INDEX participants_accountable;
