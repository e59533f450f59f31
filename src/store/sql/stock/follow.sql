-- Settles what the partner reported while more was held and sold than it has: as far as that has ended.
UPDATE stock s SET total = greatest(s.reported, s.held + s.sold),
    reported = CASE WHEN s.reported < s.held + s.sold THEN s.reported END, updated_at = now()
FROM unnest($1::uuid[], $2::text[]) AS locked (partner, item_id)
WHERE s.partner = locked.partner AND s.item_id = locked.item_id AND s.reported IS NOT NULL
