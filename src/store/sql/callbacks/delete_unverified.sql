-- Nobody could confirm it.
DELETE FROM unverified_callbacks WHERE id = $1
