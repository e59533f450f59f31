-- Inserts the new products of a held run. Those of other runs come by COPY.
INSERT INTO products (id, partner, item_id, group_key, search, price, currency, availability, category, item,
                      content_hash, raw_hash, gtins, page_hash, traits_hash, sketch)
SELECT plan.product, $1, c.item_id, c.group_key, c.search, c.price, c.currency, c.availability, c.category, c.item,
       c.content_hash, c.raw_hash, c.gtins, c.page_hash, c.traits_hash, c.sketch
FROM feed_contents c JOIN feed_plan plan ON plan.n = c.n WHERE plan.action = 'insert'
