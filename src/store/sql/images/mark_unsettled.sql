-- Marks known images as unsettled if these products have another state of them.
UPDATE images i SET unsettled = true
FROM image_uses u
WHERE u.product = ANY ($1) AND i.hash = u.image AND u.refused <> (i.bad_count >= 2)
