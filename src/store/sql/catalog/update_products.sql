-- Updates products that changed or are back. A sold-out item stays sold out, and a refused
-- image refused until the item has another; only such
-- rows pay for that comparison.
UPDATE products p SET group_key = c.group_key, search = c.search, price = c.price, currency = c.currency,
    availability = CASE WHEN p.sold_out OR p.image_refused AND p.item::json #>> '{images,0,url}' IS NOT DISTINCT FROM c.item::json #>> '{images,0,url}'
                   THEN 'out_of_stock' ELSE c.availability END,
    image_refused = CASE WHEN p.image_refused
                    THEN p.item::json #>> '{images,0,url}' IS NOT DISTINCT FROM c.item::json #>> '{images,0,url}'
                    ELSE false END,
    category = c.category, item = c.item, content_hash = c.content_hash, raw_hash = c.raw_hash,
    gtins = c.gtins, page_hash = c.page_hash, traits_hash = c.traits_hash, sketch = c.sketch, blocked = false, missing_runs = 0, removed_at = NULL, version = p.version + 1,
    updated_at = now()
FROM feed_plan plan JOIN feed_contents c ON c.n = plan.n
WHERE plan.action = 'update' AND p.id = plan.product
