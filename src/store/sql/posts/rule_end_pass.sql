-- Ends a rule's pass over a catalog. The next pass scans what changed since this one began, and the day before that:
-- longer than any transaction that changes products.
INSERT INTO post_rule_cursors (rule, partner, version, after, since)
VALUES ($1, $2, $3, $4, now() - interval '1 day')
ON CONFLICT (rule, partner) DO UPDATE SET
    since = CASE WHEN post_rule_cursors.passing IS NULL THEN now() ELSE post_rule_cursors.began_at END
            - interval '1 day',
    version = $3, passing = NULL, after = $4, stepped_at = now()
