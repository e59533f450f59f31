-- Marks an image as settled once every product that uses it has its state.
UPDATE images SET unsettled = false WHERE hash = $1
    AND NOT EXISTS (SELECT FROM image_uses u WHERE u.image = $1 AND u.refused = NOT $2)
