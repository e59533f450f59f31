-- Remembers who holds, by keyed hashes.
INSERT INTO hold_buyers (hold, kind, fingerprint) SELECT * FROM unnest($1::uuid[], $2::text[], $3::bytea[])
ON CONFLICT DO NOTHING
