-- Loads the contents of a held run's items.
INSERT INTO feed_contents SELECT n, raw_hash, item_id, group_key, search, price, currency, availability, category, item, content_hash, gtins, page_hash, traits_hash, sketch FROM feed_held_contents WHERE run = $1
