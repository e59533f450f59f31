-- Deletes due images that no product uses.
DELETE FROM images i WHERE i.hash IN (
    SELECT due.hash FROM images due
    WHERE due.host = $1 AND due.next_at <= now()
        AND NOT EXISTS (SELECT FROM image_uses u WHERE u.image = due.hash)
    ORDER BY due.next_at LIMIT 500)
