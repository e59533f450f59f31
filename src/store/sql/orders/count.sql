-- Counts the orders that match among the latest $6, for a list that says how many match.
SELECT count(*) AS scanned, count(*) FILTER (
    WHERE ($1::text IS NULL OR w.status = $1)
      AND ($2::boolean IS NULL OR w.test = $2)
      AND ($3::uuid IS NULL OR EXISTS (
          SELECT FROM events e WHERE e.order_id = w.id AND e.partner = $3 AND e.type = 'order.confirmed'))
      AND ($4::timestamptz IS NULL OR w.created_at >= $4)
      AND ($5::timestamptz IS NULL OR w.created_at < $5)) AS matched
FROM (
    SELECT id, status, test, created_at FROM orders
    WHERE id < $8::uuid AND id >= $7::uuid
    ORDER BY id DESC
    LIMIT $6::bigint
) w
