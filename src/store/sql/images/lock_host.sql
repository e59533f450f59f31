-- Locks a claimed host, so that an image added in the meantime is either seen here or makes the host due again.
SELECT failing FROM image_hosts WHERE host = $1 AND lease = $2 FOR UPDATE
