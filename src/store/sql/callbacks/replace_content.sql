-- Give a callback other words: without the buyer.
UPDATE callbacks SET content = $2 WHERE id = $1
