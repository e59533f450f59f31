-- A backlog grows over days; what autovacuum would have done meanwhile is done here.
VACUUM (ANALYZE)
