-- What changed items say, once it is known which those are.
COPY feed_contents (n, raw_hash, item_id, group_key, search, price, currency, availability, category, item, content_hash, gtins, page_hash, traits_hash, sketch) FROM STDIN (FORMAT binary)
