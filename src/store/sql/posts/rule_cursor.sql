-- Reads a rule and its cursor in a catalog after both are locked, so that the last step's commit is visible.
SELECT r.spec, coalesce(c.passing, $3::bigint) AS passing, coalesce(c.after, '') AS after,
       coalesce(c.since, to_timestamp(0)) AS since,
       CASE WHEN NOT r.existing AND coalesce(c.version, 0) = 0 THEN r.created_at END AS skip_before
FROM post_rules r LEFT JOIN post_rule_cursors c ON c.rule = r.id AND c.partner = $2 WHERE r.id = $1
