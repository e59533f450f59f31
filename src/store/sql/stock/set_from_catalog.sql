-- Sets the totals of locked items to the quantities of their catalog, never below what is held and sold. A kind that
-- the partner has set stays, and so does the total of an item whose feed has no quantity.
UPDATE stock s SET kind = new.kind,
    total = CASE WHEN new.kind = 'counter' THEN greatest(coalesce(new.quantity, s.reported, s.total), s.held + s.sold) END,
    reported = CASE WHEN new.kind = 'counter' AND coalesce(new.quantity, s.reported) < s.held + s.sold
               THEN coalesce(new.quantity, s.reported) END,
    updated_at = now()
FROM (
    SELECT one.partner, one.item_id, item.quantity,
        CASE WHEN one.set_by = 'request' THEN one.kind
             WHEN item.quantity IS NULL OR item.backorder THEN 'unlimited' ELSE 'counter' END AS kind
    FROM stock one JOIN products p USING (partner, item_id),
        LATERAL (SELECT (p.item::json ->> 'quantity')::bigint AS quantity,
                        p.item::json ->> 'availability' = 'backorder' AS backorder) item
    WHERE one.partner = $1 AND one.item_id = ANY($2)
) new
WHERE s.partner = new.partner AND s.item_id = new.item_id
    AND (s.kind, s.total, s.reported) IS DISTINCT FROM (new.kind,
        CASE WHEN new.kind = 'counter' THEN greatest(coalesce(new.quantity, s.reported, s.total), s.held + s.sold) END,
        CASE WHEN new.kind = 'counter' AND coalesce(new.quantity, s.reported) < s.held + s.sold
             THEN coalesce(new.quantity, s.reported) END)
RETURNING s.item_id, s.reported
