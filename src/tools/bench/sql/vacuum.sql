-- A real backlog grows over days: do what autovacuum would have done meanwhile.
VACUUM (ANALYZE)
