-- Claims hosts that are due. If the node that claimed one dies, another node claims it after the lease.
UPDATE image_hosts h SET lease = $1, next_at = now() + make_interval(secs => $2)
WHERE h.host IN (SELECT host FROM image_hosts WHERE next_at <= now() ORDER BY next_at LIMIT $3 FOR UPDATE SKIP LOCKED)
RETURNING h.host, h.failing
