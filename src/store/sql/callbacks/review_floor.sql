-- Finds how far a page of callbacks looks back: few of very many need a look, and none of them has an index.
SELECT id FROM callbacks WHERE id < $1 ORDER BY id DESC OFFSET $2 LIMIT 1
