-- No picture is at this host.
DELETE FROM image_hosts h WHERE h.host = $1 AND NOT EXISTS (SELECT FROM images i WHERE i.host = h.host)
