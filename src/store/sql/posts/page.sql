-- Lists posts, newest first, after a cursor.
SELECT id FROM posts
WHERE ($1::uuid IS NULL OR id < $1)
    AND ($2::text IS NULL OR state = $2)
    AND ($3::uuid IS NULL OR partner = $3)
    AND ($4::uuid IS NULL OR product = $4)
ORDER BY id DESC LIMIT $5
