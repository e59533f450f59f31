-- How many endpoints a partner has; its row is locked, so that two cannot pass the bound together.
SELECT count(*) FROM endpoints WHERE partner = $1 AND deleted_at IS NULL
