-- Described otherwise, and sold as before: a supplement neither brings back what is missing nor clears what is bad.
UPDATE products p SET title = s.title, category = s.category, item = s.item, content_hash = s.content_hash,
    raw_hash = NULL, gtins = s.gtins, traits_hash = s.traits_hash, version = p.version + 1, changed_at = now()
FROM feed_plan plan JOIN feed_staged s ON s.n = plan.n
WHERE plan.action = 'describe' AND p.id = plan.product
