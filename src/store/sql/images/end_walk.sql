-- Ends a walk: everything that changed before it began has been walked.
UPDATE image_walks SET since = target, target = NULL, after = '' WHERE partner = $1
