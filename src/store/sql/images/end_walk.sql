-- The walk is at its end: what changed until it began was walked.
UPDATE image_walks SET since = target, target = NULL, after = '' WHERE partner = $1
