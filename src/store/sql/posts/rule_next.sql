-- Locks a rule and a catalog that it has to scan, so that no feed is applied there, no posts are made in bulk, no
-- other rule runs and this rule does not change in the meantime. Busy ones are skipped. A suspended partner's catalog
-- waits: what a rule decides for an item is decided for good.
SELECT r.id AS rule, f.partner, f.version
FROM post_rules r JOIN feeds f ON r.partner IS NULL OR r.partner = f.partner
LEFT JOIN post_rule_cursors c ON c.rule = r.id AND c.partner = f.partner
WHERE r.enabled AND NOT EXISTS (SELECT FROM partners o WHERE o.id = f.partner AND o.suspended_at IS NOT NULL)
    AND (c.passing IS NOT NULL OR f.version > coalesce(c.version, 0))
ORDER BY c.stepped_at NULLS FIRST, r.id LIMIT 1
FOR UPDATE OF f SKIP LOCKED FOR SHARE OF r SKIP LOCKED
