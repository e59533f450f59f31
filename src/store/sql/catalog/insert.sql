-- New products.
INSERT INTO products (id, partner, item_id, group_key, title, price, currency, availability, category, item,
                      content_hash, raw_hash, gtins, page_hash, traits_hash)
SELECT plan.product, $1, s.item_id, s.group_key, s.title, s.price, s.currency, s.availability, s.category, s.item,
       s.content_hash, s.raw_hash, s.gtins, s.page_hash, s.traits_hash
FROM feed_plan plan JOIN feed_staged s ON s.n = plan.n WHERE plan.action = 'insert'
