-- Finds the newest audit entry, so that a search can look through a bounded number before it.
SELECT coalesce(max(id), 0) AS id FROM audit
