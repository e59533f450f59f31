-- Finds the time before which no event can still appear, because no transaction of ours that began earlier is open.
-- Runs before the statement that reads the events, so that this one sees whatever ended in between.
SELECT least(now() - interval '10 seconds', min(xact_start)) AS settled_before
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
  AND (backend_xid IS NOT NULL OR application_name = current_setting('application_name'))
