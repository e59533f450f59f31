-- A rule has decided on items, for good: a second post of one would break this table's key.
INSERT INTO post_rule_items (rule, product, post)
SELECT $1, d.product, d.post FROM unnest($2::uuid[], $3::uuid[]) AS d (product, post)
