-- Counts the trials of a host in the last minute, which the audit log has, and says when the first of them is a minute ago.
SELECT count(*) AS count, ceil(extract(epoch FROM min(at) + interval '1 minute' - now()))::bigint AS next_in_s
FROM audit
WHERE at > now() - interval '1 minute' AND partner IS NOT DISTINCT FROM $1 AND role <> 'operator'
    AND action IN ('endpoint.test', 'delivery.replay') AND details ->> 'host' = $2
