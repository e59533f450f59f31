-- Loads a held run's records as they were read.
INSERT INTO feed_staged SELECT n, line, kind, item_id, group_key, price, currency, content_hash, raw_hash, gtins, page_hash, traits_hash, url, supplement, sketch, buyable FROM feed_held_staged WHERE run = $1
