-- Before this moment nothing can appear any more: no transaction of ours that began earlier is still open.
-- Read in a statement before the events, so that whatever ended in between is seen by them.
SELECT least(now() - interval '10 seconds', min(xact_start)) AS settled_before
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
  AND (backend_xid IS NOT NULL OR application_name = current_setting('application_name'))
