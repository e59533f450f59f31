-- Finds the callback stored earlier under this key.
SELECT id FROM callbacks WHERE partner = $1 AND key = $2
