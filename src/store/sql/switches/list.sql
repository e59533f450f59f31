-- Lists the switches that were ever set.
SELECT scope, enabled, reason, updated_at FROM switches ORDER BY scope
