-- Updates descriptions from a supplement, which neither restores an absent product nor unblocks one. Only a refused
-- image is cleared if the item has another, as in a full feed.
UPDATE products p SET search = c.search, category = c.category, item = c.item, content_hash = c.content_hash,
    availability = CASE WHEN p.image_refused AND NOT p.sold_out AND NOT p.blocked AND p.missing_runs = 0
            AND p.item::json #>> '{images,0,url}' IS DISTINCT FROM c.item::json #>> '{images,0,url}'
        THEN c.availability ELSE p.availability END,
    image_refused = CASE WHEN p.image_refused
        THEN p.item::json #>> '{images,0,url}' IS NOT DISTINCT FROM c.item::json #>> '{images,0,url}' ELSE false END,
    raw_hash = NULL, gtins = c.gtins, traits_hash = c.traits_hash, sketch = c.sketch, version = p.version + 1, updated_at = now()
FROM feed_plan plan JOIN feed_contents c ON c.n = plan.n
WHERE plan.action = 'describe' AND p.id = plan.product
