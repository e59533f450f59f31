-- The same item in other bytes: they will be recognised the next time.
UPDATE products p SET raw_hash = s.raw_hash
FROM feed_plan plan JOIN feed_staged s ON s.n = plan.n
WHERE plan.action = 'touch' AND p.id = plan.product
