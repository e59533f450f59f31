-- Bulk-loads the columns by which records are compared.
COPY feed_staged (n, line, kind, item_id, group_key, price, currency, content_hash, raw_hash, gtins, page_hash, traits_hash, url, supplement, sketch, buyable) FROM STDIN (FORMAT binary)
