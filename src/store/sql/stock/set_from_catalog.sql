-- Sets the totals of locked items to the quantities of their catalog, never below what is held and sold. A kind that
-- the partner has set stays, and so does the total of an item whose feed has no quantity.
UPDATE stock s SET kind = new.kind, total = greatest(new.total, CASE WHEN new.total IS NOT NULL THEN s.held + s.sold END),
    reported = CASE WHEN new.total < s.held + s.sold THEN new.total END, updated_at = now()
FROM (
    SELECT one.partner, one.item_id, decided.kind,
        CASE WHEN decided.kind = 'counter' THEN coalesce(item.quantity, one.reported, one.total) END AS total
    FROM stock one JOIN products p USING (partner, item_id),
        LATERAL (SELECT (p.item::json ->> 'quantity')::bigint AS quantity,
                        p.item::json ->> 'availability' = 'backorder' AS backorder) item,
        LATERAL (SELECT CASE WHEN one.set_by = 'request' THEN one.kind
                             WHEN item.quantity IS NULL OR item.backorder THEN 'unlimited' ELSE 'counter' END AS kind) decided
    WHERE one.partner = $1 AND one.item_id = ANY($2)
) new
WHERE s.partner = new.partner AND s.item_id = new.item_id
    AND (s.kind, coalesce(s.reported, s.total)) IS DISTINCT FROM (new.kind, new.total)
RETURNING s.item_id, s.reported
