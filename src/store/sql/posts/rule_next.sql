-- A rule and a catalog that it has to look at, held: nobody applies a feed, makes posts in bulk, follows a rule
-- or changes this rule there meanwhile. Those that are busy are left for later.
SELECT r.id AS rule, f.partner, f.version
FROM post_rules r JOIN feeds f ON r.partner IS NULL OR r.partner = f.partner
LEFT JOIN post_rule_cursors c ON c.rule = r.id AND c.partner = f.partner
WHERE r.enabled AND (c.passing IS NOT NULL OR f.version > coalesce(c.version, 0))
ORDER BY c.stepped_at NULLS FIRST, r.id LIMIT 1
FOR UPDATE OF f SKIP LOCKED FOR SHARE OF r SKIP LOCKED
