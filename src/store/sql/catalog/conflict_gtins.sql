-- Items that were read, where one before them has the same GTIN. Which GTINs come again the reader has counted.
INSERT INTO feed_conflicts (n, code, gtin)
SELECT n, 'gtin_duplicate_across_items', gtin
FROM (SELECT s.n, g.gtin, row_number() OVER (PARTITION BY g.gtin ORDER BY s.n) AS place
      FROM feed_staged s CROSS JOIN LATERAL unnest(string_to_array(s.gtins, ' ')) AS g (gtin)
      WHERE s.kind = 0 AND g.gtin IN (SELECT unnest($1::text[]))) held
WHERE place > 1
