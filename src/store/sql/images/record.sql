-- Records the result of an image check, unless another node has checked it in the meantime. Products are updated
-- later if the image's refusal changed.
UPDATE images SET status = $3, reason = $4, kind = $5, width = $6, height = $7, bytes = $8, etag = $9,
    unsettled = unsettled OR (bad_count >= 2) <> ($10::smallint >= 2), bad_count = $10, inconclusive_count = $11,
    checked_at = clock_timestamp(), next_at = now() + make_interval(secs => $12)
WHERE hash = $1 AND checked_at IS NOT DISTINCT FROM $2
