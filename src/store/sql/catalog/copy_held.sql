-- Stores the contents of a held run's new items until it is approved or discarded.
COPY feed_held_contents (run, n, raw_hash, item_id, group_key, search, price, currency, availability, category, item, content_hash, gtins, page_hash, traits_hash, sketch) FROM STDIN (FORMAT binary)
