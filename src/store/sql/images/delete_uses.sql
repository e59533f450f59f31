-- Deletes the uses of products that were removed or have no image.
DELETE FROM image_uses WHERE product = ANY ($1)
