-- The next partner with a product that was told something else of a picture.
SELECT partner FROM image_uses WHERE image = $1 AND refused = NOT $2 AND partner > $3 ORDER BY partner LIMIT 1
