-- Deletes a host that serves no image.
DELETE FROM image_hosts h WHERE h.host = $1 AND NOT EXISTS (SELECT FROM images i WHERE i.host = h.host)
