-- Finds checkouts that do not get on: something they need has failed several times or waits for long, or time should
-- have changed them. The outbox and what is due are short while all is well, and read up to a bound.
SELECT checkout, max(attempts) AS attempts, min(since) AS since, (array_agg(action ORDER BY attempts DESC))[1] AS action
FROM (
    SELECT checkout, attempts, created_at AS since, effect->>'action' AS action
    FROM (SELECT * FROM checkout_effects ORDER BY due_at LIMIT 5000) effects
    WHERE attempts >= 3 OR created_at < now() - make_interval(secs => $1)
    UNION ALL
    SELECT id, 0, wakes_at, NULL
    FROM (SELECT id, wakes_at FROM checkouts WHERE wakes_at IS NOT NULL ORDER BY wakes_at LIMIT 1000) due
    WHERE wakes_at < now() - make_interval(secs => $1)
) found
GROUP BY checkout ORDER BY min(since), checkout LIMIT $2
