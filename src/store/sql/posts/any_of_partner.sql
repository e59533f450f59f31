-- Whether any post sells of this catalog: for most the answer costs a look into an index, and no more is done.
SELECT EXISTS (SELECT FROM posts WHERE partner = $1) AS any
