-- Changes what is held and sold of locked items. A total that is above what the partner reported, because more was
-- promised to buyers, goes down with it.
UPDATE stock s SET held = s.held + change.held, sold = s.sold + change.sold,
    total = CASE WHEN s.reported IS NULL THEN s.total
            ELSE greatest(s.reported, s.held + s.sold + change.held + change.sold) END,
    reported = CASE WHEN s.reported < s.held + s.sold + change.held + change.sold THEN s.reported END,
    updated_at = now()
FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[]) AS change (partner, item_id, held, sold)
WHERE s.partner = change.partner AND s.item_id = change.item_id
