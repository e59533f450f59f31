-- Checks whether any post sells from this catalog. For most catalogs one index lookup is all it takes.
SELECT EXISTS (SELECT FROM posts WHERE partner = $1) AS any
