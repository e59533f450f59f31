-- Whether there is anything to tell a run of: nearly always there is not.
SELECT EXISTS (SELECT FROM image_uses WHERE partner = $1 AND refused) AS any
