-- Finds staged items whose id differs from an earlier one only in case.
INSERT INTO feed_conflicts (n, code)
SELECT n, 'id_case_conflict'
FROM (SELECT n, item_id, first_value(item_id) OVER (PARTITION BY lower(item_id) ORDER BY n) AS first
      FROM feed_staged WHERE kind = 0) spelled
WHERE item_id <> first
