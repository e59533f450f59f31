-- Shown beside the figures: without it they would mean little.
SELECT setting FROM pg_settings WHERE name = 'synchronous_commit'
