-- Items with holds whose time is over; at most a slice.
SELECT DISTINCT partner, item_id
FROM (SELECT partner, item_id FROM holds WHERE state = 'held' AND expires_at <= now() ORDER BY expires_at LIMIT $1) due
