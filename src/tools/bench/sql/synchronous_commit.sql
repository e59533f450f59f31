-- Printed with the figures, which mean little without it.
SELECT setting FROM pg_settings WHERE name = 'synchronous_commit'
