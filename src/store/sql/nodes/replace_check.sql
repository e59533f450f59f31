-- Reseals the check value with a new master key: from now on, a node without that key refuses to start.
UPDATE master_key_check SET sealed = $2 WHERE sealed = $1
