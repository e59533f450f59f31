-- What a rule says and how far it has come in a catalog, read after both are held: it sees the last step's commit.
SELECT r.spec, coalesce(c.passing, $3::bigint) AS passing, coalesce(c.after, '') AS after,
       coalesce(c.since, to_timestamp(0)) AS since,
       CASE WHEN NOT r.existing AND coalesce(c.version, 0) = 0 THEN r.created_at END AS left_until
FROM post_rules r LEFT JOIN post_rule_cursors c ON c.rule = r.id AND c.partner = $2 WHERE r.id = $1
