-- Adds a row for each of these locked products that differs from its newest row. It begins after the statements that
-- locked them, so that rows of one product never swap.
INSERT INTO product_history (product, at, price, sale_price, sale_starts_at, sale_ends_at, quantity, currency, availability)
SELECT v.product, greatest(statement_timestamp(), last.at + interval '1 microsecond'), v.price, v.sale_price,
       v.sale_starts_at, v.sale_ends_at, v.quantity, v.currency, v.availability
FROM (SELECT DISTINCT id FROM unnest($1::uuid[]) AS changed (id)) changed JOIN product_values v ON v.product = changed.id
LEFT JOIN LATERAL (
    SELECT h.* FROM product_history h WHERE h.product = changed.id ORDER BY h.at DESC LIMIT 1) last ON true
WHERE (v.price, v.sale_price, v.sale_starts_at, v.sale_ends_at, v.quantity, v.currency, v.availability) IS DISTINCT FROM
      (last.price, last.sale_price, last.sale_starts_at, last.sale_ends_at, last.quantity, last.currency, last.availability)
