-- What was kept under this key before.
SELECT id FROM callbacks WHERE partner = $1 AND key = $2
