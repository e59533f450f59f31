-- Finds the next partner with a product whose state differs from the image's.
SELECT partner FROM image_uses WHERE image = $1 AND refused = NOT $2 AND partner > $3 ORDER BY partner LIMIT 1
