-- Checkouts whose buyers are paying, a page at a time.
SELECT id FROM checkouts WHERE state IN ('paying', 'closing') AND id > $1 ORDER BY id LIMIT $2
