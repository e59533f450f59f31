-- How the other living nodes are set up.
SELECT settings, master_keys FROM nodes WHERE id <> $1 AND expires_at > now()
