-- Lists rules, newest first, after a cursor.
SELECT r.id, r.name, r.spec, r.existing, r.enabled, r.created_at, r.updated_at,
       (SELECT count(*) FROM post_rule_items i WHERE i.rule = r.id AND i.post IS NOT NULL) AS made
FROM post_rules r WHERE $1::uuid IS NULL OR r.id < $1 ORDER BY r.id DESC LIMIT $2
