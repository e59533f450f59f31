-- Blocks products whose records are now invalid. The last good data stays, but they cannot be bought.
UPDATE products p SET blocked = true, availability = 'out_of_stock', missing_runs = 0, raw_hash = NULL,
    version = p.version + 1, updated_at = now()
FROM feed_plan plan
WHERE plan.action = 'block' AND p.id = plan.product AND (NOT p.blocked OR p.missing_runs > 0)
