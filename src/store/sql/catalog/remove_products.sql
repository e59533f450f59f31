-- Removes products that the feed asks to remove.
UPDATE products p SET availability = 'discontinued', raw_hash = NULL, removed_at = now(), version = p.version + 1,
    updated_at = now()
FROM feed_plan plan WHERE plan.action = 'remove' AND p.id = plan.product
