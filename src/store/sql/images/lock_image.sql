-- Locks an image. A walk that adds a use holds this row, so the lock makes all uses visible.
SELECT bad_count >= 2 AS refused FROM images WHERE hash = $1 FOR UPDATE
