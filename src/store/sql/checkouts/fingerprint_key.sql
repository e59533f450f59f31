-- Reads the sealed key of the hashes by which buyers are recognised.
SELECT sealed FROM fingerprint_key WHERE id = 1
