-- Marks products that a full feed does not have: out of stock now, removed after three such runs.
UPDATE products p SET availability = CASE WHEN p.missing_runs >= 2 THEN 'discontinued' ELSE 'out_of_stock' END,
    missing_runs = p.missing_runs + 1, raw_hash = NULL,
    removed_at = CASE WHEN p.missing_runs >= 2 THEN now() END, version = p.version + 1, updated_at = now()
FROM feed_plan plan WHERE plan.action = 'miss' AND p.id = plan.product
