-- The fast way for what is read.
COPY feed_staged (n, line, kind, item_id, group_key, title, price, currency, availability, category, item, content_hash, raw_hash, gtins, page_hash, traits_hash, supplement) FROM STDIN (FORMAT binary)
