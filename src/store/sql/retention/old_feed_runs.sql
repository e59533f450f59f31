-- Deletes runs after the same time as orders, with everything stored of them. A partner's last applied run stays,
-- and so does a run awaiting a decision. Returns how far it scanned.
WITH passed AS MATERIALIZED (
    SELECT id FROM feed_runs WHERE id > $1 AND id < $2 ORDER BY id LIMIT $3::bigint
), gone AS (
    DELETE FROM feed_runs r USING passed p
    WHERE r.id = p.id AND r.status NOT IN ('queued', 'running', 'held') AND (r.status <> 'applied'
        OR EXISTS (SELECT FROM feed_runs later
                   WHERE later.partner = r.partner AND later.id > r.id AND later.status = 'applied'))
    RETURNING r.id
), held_staged AS (
    DELETE FROM feed_held_staged WHERE run IN (SELECT id FROM gone)
), held_contents AS (
    DELETE FROM feed_held_contents WHERE run IN (SELECT id FROM gone)
), held_plan AS (
    DELETE FROM feed_held_plan WHERE run IN (SELECT id FROM gone)
)
SELECT (SELECT count(*) FROM gone) AS gone, (SELECT id FROM passed ORDER BY id DESC LIMIT 1) AS cursor
