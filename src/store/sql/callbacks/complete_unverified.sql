-- The records were asked: the hint goes, unless another one came meanwhile.
DELETE FROM unverified_callbacks WHERE id = $1 AND version = $2
