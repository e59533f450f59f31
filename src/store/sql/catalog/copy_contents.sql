-- Loads the contents of changed items, once the plan shows which ones changed.
COPY feed_contents (n, raw_hash, item_id, group_key, search, price, currency, availability, category, item, content_hash, gtins, page_hash, traits_hash, sketch) FROM STDIN (FORMAT binary)
