-- The records were asked: the hint goes, unless another one came meanwhile.
DELETE FROM callback_hints WHERE id = $1 AND version = $2
