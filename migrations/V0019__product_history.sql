-- What products cost and how many units there were, one row per change.

-- A time as items have it (RFC 3339), whose offset may be one that timestamptz does not read.
CREATE FUNCTION item_time(text) RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT (left($1, 19)::timestamp AT TIME ZONE 'UTC')
         - CASE WHEN right($1, 1) = 'Z' THEN interval '0' ELSE right($1, 6)::interval END
$$;

-- What the next row of a product's history would say.
-- quantity: the units that its partner gave last, those sold here included; null: unlimited or not given.
CREATE VIEW product_values AS
SELECT p.id AS product, p.price, (details.item #>> '{sale,amount}')::bigint AS sale_price,
    item_time(details.item #>> '{sale,starts_at}') AS sale_starts_at,
    item_time(details.item #>> '{sale,ends_at}') AS sale_ends_at, p.currency, p.availability,
    CASE WHEN s.item_id IS NOT NULL THEN coalesce(s.reported, s.total)
         WHEN details.item ->> 'availability' <> 'backorder' THEN (details.item ->> 'quantity')::bigint END AS quantity
FROM products p LEFT JOIN stock s ON s.partner = p.partner AND s.item_id = p.item_id
-- Most items have neither: looking for the names is far cheaper than parsing. OFFSET: once, and not in each column.
CROSS JOIN LATERAL (
    SELECT CASE WHEN strpos(p.item, '"sale":') > 0 OR strpos(p.item, '"quantity":') > 0 THEN p.item::json END AS item
    OFFSET 0) details;

-- A row holds from its time until the next row of the product. The first one is from when the product appeared. The
-- price that a buyer pays is sale_price from sale_starts_at until before sale_ends_at (null: open), otherwise price.
CREATE TABLE product_history (
    product        uuid        NOT NULL,
    at             timestamptz NOT NULL,
    price          bigint      NOT NULL,          -- minor units
    sale_price     bigint,
    sale_starts_at timestamptz,
    sale_ends_at   timestamptz,
    quantity       bigint,
    currency       text        NOT NULL,
    availability   text        NOT NULL,          -- as offered
    PRIMARY KEY (product, at)
);

-- What is known of existing products: this has held since their last change.
INSERT INTO product_history (product, at, price, sale_price, sale_starts_at, sale_ends_at, quantity, currency, availability)
SELECT v.product, p.updated_at, v.price, v.sale_price, v.sale_starts_at, v.sale_ends_at, v.quantity, v.currency,
       v.availability
FROM product_values v JOIN products p ON p.id = v.product;
