-- Lists runs that wait for approval, the newest first. Their plans name them; a plan is skipped from run to run,
-- however long it is. A run without any plan is found while it is among the latest.
WITH RECURSIVE planned AS (
    (SELECT run FROM feed_held_plan ORDER BY run DESC LIMIT 1)
    UNION ALL
    SELECT (SELECT h.run FROM feed_held_plan h WHERE h.run < planned.run ORDER BY h.run DESC LIMIT 1)
    FROM planned WHERE planned.run IS NOT NULL
)
SELECT r.id, p.slug, r.mode, r.dry_run, r.status, r.reason, r.items, r.actor, r.created_at, r.finished_at
FROM (
    SELECT run AS id FROM planned WHERE run IS NOT NULL
    UNION
    SELECT id FROM (SELECT id, status FROM feed_runs ORDER BY id DESC LIMIT 1000) latest WHERE status = 'held'
) found
JOIN feed_runs r ON r.id = found.id
JOIN partners p ON p.id = r.partner
WHERE r.status = 'held' AND ($1::uuid IS NULL OR r.partner = $1)
ORDER BY r.id DESC LIMIT $2
