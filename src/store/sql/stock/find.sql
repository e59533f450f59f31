-- An item's stock: as counted, or as the catalog has it while nobody has wanted to buy it.
SELECT p.item_id, coalesce(s.kind, CASE WHEN c.total IS NULL THEN 'unlimited' ELSE 'counter' END) AS kind,
    CASE WHEN s.kind IS NULL THEN c.total ELSE s.total END AS total, s.reported, coalesce(s.held, 0) AS held,
    coalesce(s.sold, 0) AS sold, s.per_buyer_max, coalesce(s.updated_at, p.updated_at) AS updated_at
FROM products p LEFT JOIN stock s USING (partner, item_id),
    LATERAL (SELECT CASE WHEN p.item::json ->> 'availability' <> 'backorder'
                    THEN (p.item::json ->> 'quantity')::bigint END AS total) c
WHERE p.partner = $1 AND p.item_id = $2
