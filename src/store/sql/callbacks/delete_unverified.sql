-- Nobody could confirm it.
DELETE FROM callback_hints WHERE id = $1
