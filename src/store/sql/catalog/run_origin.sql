-- Reads whose run it is, and how it came about.
SELECT p.slug, r.mode, r.actor, r.bytes, r.created_at, r.dry_run, r.identical_to
FROM feed_runs r JOIN partners p ON p.id = r.partner WHERE r.id = $1
