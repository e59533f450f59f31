-- Products that are gone, or have no picture.
DELETE FROM image_uses WHERE product = ANY ($1)
