-- Counts what an interrupted bulk request has made, so that its repetition stays within its limit.
SELECT coalesce(sum((details ->> 'made')::bigint), 0)::bigint AS made FROM audit
WHERE at > now() - interval '2 days' AND action = 'post.bulk' AND details ->> 'request' = $1::text
