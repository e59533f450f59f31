-- The host of a lease, so that a picture that comes meanwhile is either seen or makes it due again.
SELECT failing FROM image_hosts WHERE host = $1 AND lease = $2 FOR UPDATE
