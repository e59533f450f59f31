-- Reads one rule and counts its posts.
SELECT r.id, r.name, r.spec, r.existing, r.enabled, r.created_at, r.updated_at,
       (SELECT count(*) FROM post_rule_items i WHERE i.rule = r.id AND i.post IS NOT NULL) AS made
FROM post_rules r WHERE r.id = $1
