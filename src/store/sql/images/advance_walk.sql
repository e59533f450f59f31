-- The walk has come so far.
UPDATE image_walks SET after = $2 WHERE partner = $1
