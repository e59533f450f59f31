-- Lists the first conflicts of each kind, with the total per kind.
WITH first AS (
    SELECT * FROM (SELECT n, code, gtin, count(*) OVER (PARTITION BY code) AS total,
                          row_number() OVER (PARTITION BY code ORDER BY n, gtin) AS position FROM feed_conflicts) d
    WHERE position <= 1000
)
SELECT d.code, d.total, s.line, s.item_id,
       left(CASE d.code WHEN 'group_currency_conflict' THEN s.currency WHEN 'group_attribute_conflict' THEN s.group_key
            WHEN 'link_shared_by_variants' THEN s.url WHEN 'id_case_conflict' THEN s.item_id ELSE d.gtin END, 200) AS value
FROM first d JOIN feed_staged s ON s.n = d.n ORDER BY s.line, s.n, d.position
