-- Deletes the findings of finished runs after 90 days, except those of the last applied run and of runs awaiting a
-- decision. Returns how far it scanned.
WITH passed AS MATERIALIZED (
    SELECT run, n FROM feed_issues WHERE (run, n) > ($1, $2::int) AND run < $3 ORDER BY run, n LIMIT $4::bigint
), kept AS (
    SELECT r.id FROM feed_runs r
    WHERE r.id IN (SELECT run FROM passed) AND (r.status IN ('queued', 'running', 'held') OR r.status = 'applied'
        AND NOT EXISTS (SELECT FROM feed_runs later
                        WHERE later.partner = r.partner AND later.id > r.id AND later.status = 'applied'))
), gone AS (
    DELETE FROM feed_issues i USING passed p
    WHERE i.run = p.run AND i.n = p.n AND i.run NOT IN (SELECT id FROM kept) RETURNING i.run
)
SELECT (SELECT count(*) FROM gone) AS gone, last.run, last.n
FROM (SELECT run, n FROM passed ORDER BY run DESC, n DESC LIMIT 1) last
