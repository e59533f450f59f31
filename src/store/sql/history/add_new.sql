-- Adds the first row of each new product of a run. Only the items of the records $1 (null: all) have a sale or a quantity
-- and are parsed: a first load writes everything else from its columns. A new product has no stock yet.
INSERT INTO product_history (product, at, price, sale_price, sale_starts_at, sale_ends_at, quantity, currency, availability)
SELECT p.id, statement_timestamp(), p.price, (details.item #>> '{sale,amount}')::bigint,
       item_time(details.item #>> '{sale,starts_at}'), item_time(details.item #>> '{sale,ends_at}'),
       CASE WHEN details.item ->> 'availability' <> 'backorder' THEN (details.item ->> 'quantity')::bigint END,
       p.currency, p.availability
FROM feed_plan plan JOIN products p ON p.id = plan.product
CROSS JOIN LATERAL (
    SELECT CASE WHEN $1::bigint[] IS NULL OR plan.n = ANY ($1) THEN p.item::json END AS item OFFSET 0) details
WHERE plan.action = 'insert'
