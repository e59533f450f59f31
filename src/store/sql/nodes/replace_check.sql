-- The known value under a new master key: from now on nobody starts who cannot read what is sealed with it.
UPDATE master_key_check SET sealed = $2 WHERE sealed = $1
