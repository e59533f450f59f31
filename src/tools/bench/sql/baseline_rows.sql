-- The rows of the baseline: what a run read, as the products it became.
COPY (SELECT row_number() OVER (), raw_hash, item_id, group_key, search, price, currency, availability, category, item,
             content_hash, gtins, page_hash, traits_hash, sketch FROM products) TO STDOUT (FORMAT binary)
