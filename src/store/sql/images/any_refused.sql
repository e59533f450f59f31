-- Checks whether a run has any refused image to report; nearly always it has none.
SELECT EXISTS (SELECT FROM image_uses WHERE partner = $1 AND refused) AS any
