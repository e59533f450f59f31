-- Pictures of which products may have to be told.
SELECT hash, url, bad_times >= 2 AS refused FROM images WHERE unsettled LIMIT 100
