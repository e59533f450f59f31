-- Products that say something else than before, or are back. A refused picture stays refused until the item has
-- another; only such rows pay for the question.
UPDATE products p SET group_key = s.group_key, title = s.title, price = s.price, currency = s.currency,
    availability = CASE WHEN p.image_refused AND p.item::json #>> '{images,0,url}' IS NOT DISTINCT FROM s.item::json #>> '{images,0,url}'
                   THEN 'out_of_stock' ELSE s.availability END,
    image_refused = CASE WHEN p.image_refused
                    THEN p.item::json #>> '{images,0,url}' IS NOT DISTINCT FROM s.item::json #>> '{images,0,url}'
                    ELSE false END,
    category = s.category, item = s.item, content_hash = s.content_hash, raw_hash = s.raw_hash,
    gtins = s.gtins, page_hash = s.page_hash, traits_hash = s.traits_hash, blocked = false, missing_runs = 0, gone_at = NULL, version = p.version + 1,
    changed_at = now()
FROM feed_plan plan JOIN feed_staged s ON s.n = plan.n
WHERE plan.action = 'update' AND p.id = plan.product
