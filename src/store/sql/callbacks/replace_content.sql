-- Replaces a callback's content with one that omits the buyer.
UPDATE callbacks SET content = $2 WHERE id = $1
