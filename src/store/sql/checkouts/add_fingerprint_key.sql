-- Writes the sealed key of the hashes, unless another node was first.
INSERT INTO fingerprint_key (id, sealed) VALUES (1, $1) ON CONFLICT (id) DO NOTHING
