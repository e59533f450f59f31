-- Lists the catalogs that a selection covers. Those of suspended partners sell nothing.
SELECT f.partner FROM feeds f JOIN partners owner ON owner.id = f.partner AND owner.suspended_at IS NULL
WHERE $1::uuid IS NULL OR f.partner = $1 ORDER BY f.partner
