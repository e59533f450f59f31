-- Records what a rule decided for items, permanently: the key prevents a second post of an item.
INSERT INTO post_rule_items (rule, product, post)
SELECT $1, d.product, d.post FROM unnest($2::uuid[], $3::uuid[]) AS d (product, post)
