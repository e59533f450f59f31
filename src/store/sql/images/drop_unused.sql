-- Due pictures that no product has any more.
DELETE FROM images i WHERE i.hash IN (
    SELECT due.hash FROM images due
    WHERE due.host = $1 AND due.next_at <= now()
        AND NOT EXISTS (SELECT FROM image_uses u WHERE u.image = due.hash)
    ORDER BY due.next_at LIMIT 500)
