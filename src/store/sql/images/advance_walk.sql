-- Records how far the walk has come.
UPDATE image_walks SET after = $2 WHERE partner = $1
