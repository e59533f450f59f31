-- Lists runs of all partners or one, newest first: one page, found among the latest that may match.
SELECT r.id, p.slug, r.mode, r.dry_run, r.status, r.reason, r.items, r.actor, r.created_at, r.finished_at
FROM (
    SELECT * FROM feed_runs
    WHERE ($1::uuid IS NULL OR partner = $1) AND ($2::uuid IS NULL OR id < $2)
    ORDER BY id DESC LIMIT 20000
) r
JOIN partners p ON p.id = r.partner
WHERE ($3::text IS NULL OR r.status = $3)
ORDER BY r.id DESC LIMIT $4
