-- Sets the total of a counted item to what its partner reported, never below what is held and sold.
UPDATE stock SET total = greatest($3, held + sold), reported = CASE WHEN $3 < held + sold THEN $3 END, updated_at = now()
WHERE partner = $1 AND item_id = $2 AND kind = 'counter'
RETURNING item_id, reported
