-- Drops an unverified callback that could not be confirmed.
DELETE FROM unverified_callbacks WHERE id = $1
