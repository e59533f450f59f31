-- Deletes a slice of answers that are no longer kept.
DELETE FROM idempotent_requests WHERE ctid IN (
    SELECT ctid FROM idempotent_requests WHERE created_at < now() - make_interval(secs => $1) LIMIT $2
)
