-- Pictures that are known already, and of which these products were told something else.
UPDATE images i SET unsettled = true
FROM image_uses u
WHERE u.product = ANY ($1) AND i.hash = u.image AND u.refused <> (i.bad_count >= 2)
