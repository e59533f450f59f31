-- Lists payments, newest first.
SELECT * FROM payments
WHERE ($1::uuid IS NULL OR id < $1) AND ($2::text IS NULL OR status = $2) AND ($3::uuid IS NULL OR checkout = $3)
ORDER BY id DESC LIMIT $4
