-- Lists the catalogs that a selection covers.
SELECT f.partner FROM feeds f WHERE $1::uuid IS NULL OR f.partner = $1 ORDER BY f.partner
