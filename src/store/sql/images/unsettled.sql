-- Lists images whose products may need an update.
SELECT hash, url, bad_count >= 2 AS refused FROM images WHERE unsettled AND hash > $1 ORDER BY hash LIMIT 100
