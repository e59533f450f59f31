-- Deletes an unverified callback once its confirmation is stored, unless it arrived again in the meantime.
DELETE FROM unverified_callbacks WHERE id = $1 AND version = $2
