-- Reads the settings of the other living nodes.
SELECT settings, master_keys FROM nodes WHERE id <> $1 AND expires_at > now()
