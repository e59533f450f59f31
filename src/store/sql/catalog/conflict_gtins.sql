-- Finds staged items whose GTIN an earlier item already has. The reader has counted which GTINs repeat.
INSERT INTO feed_conflicts (n, code, gtin)
SELECT n, 'gtin_duplicate_across_items', gtin
FROM (SELECT s.n, g.gtin, row_number() OVER (PARTITION BY g.gtin ORDER BY s.n) AS position
      FROM feed_staged s CROSS JOIN LATERAL unnest(string_to_array(s.gtins, ' ')) AS g (gtin)
      WHERE s.kind = 0 AND g.gtin IN (SELECT unnest($1::text[]))) numbered
WHERE position > 1
