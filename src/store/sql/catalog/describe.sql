-- Described otherwise, and sold as before: a supplement neither brings back what is missing nor clears what is bad. Only
-- a refused picture is forgotten when it gives another, as in a full feed.
UPDATE products p SET title = s.title, category = s.category, item = s.item, content_hash = s.content_hash,
    availability = CASE WHEN p.image_refused AND NOT p.blocked AND p.missing_runs = 0
            AND p.item::json #>> '{images,0,url}' IS DISTINCT FROM s.item::json #>> '{images,0,url}'
        THEN s.availability ELSE p.availability END,
    image_refused = CASE WHEN p.image_refused
        THEN p.item::json #>> '{images,0,url}' IS NOT DISTINCT FROM s.item::json #>> '{images,0,url}' ELSE false END,
    raw_hash = NULL, gtins = s.gtins, traits_hash = s.traits_hash, version = p.version + 1, changed_at = now()
FROM feed_plan plan JOIN feed_staged s ON s.n = plan.n
WHERE plan.action = 'describe' AND p.id = plan.product
