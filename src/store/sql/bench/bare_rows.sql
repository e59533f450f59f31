-- The rows that a run has staged, as they became products.
COPY (SELECT row_number() OVER (), 1::bigint, 0::smallint, item_id, group_key, title, price, currency, availability,
             category, item, content_hash, raw_hash, gtins, page_hash, traits_hash, NULL::text FROM products) TO STDOUT (FORMAT binary)
