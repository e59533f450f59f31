-- Replaces the sealed key of the hashes, if it is still the same.
UPDATE fingerprint_key SET sealed = $2 WHERE id = 1 AND sealed = $1
