-- Changes what is held and sold of locked items.
UPDATE stock s SET held = s.held + change.held, sold = s.sold + change.sold, updated_at = now()
FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[]) AS change (partner, item_id, held, sold)
WHERE s.partner = change.partner AND s.item_id = change.item_id
