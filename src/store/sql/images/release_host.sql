-- Releases a host until it may be asked again and has a due image.
UPDATE image_hosts h SET lease = NULL, failing = $2,
    next_at = greatest(now() + make_interval(secs => $3), (SELECT min(i.next_at) FROM images i WHERE i.host = h.host))
WHERE h.host = $1 AND EXISTS (SELECT FROM images i WHERE i.host = h.host)
