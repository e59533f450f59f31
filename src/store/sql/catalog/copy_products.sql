-- Inserts new products directly from the spill file.
COPY products (id, partner, raw_hash, item_id, group_key, search, price, currency, availability, category, item, content_hash, gtins, page_hash, traits_hash, sketch) FROM STDIN (FORMAT binary)
