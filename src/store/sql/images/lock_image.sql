-- A walk that names a picture holds its row: whoever locks it has seen all who use it.
SELECT bad_count >= 2 AS refused FROM images WHERE hash = $1 FOR UPDATE
