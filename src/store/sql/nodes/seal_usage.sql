-- Counts the sealed values per master key. Bytes 2 to 5 of a sealed value name its key. Every sealed column of the
-- schema must be listed here.
SELECT kind, substring(sealed FROM 2 FOR 4) AS key, count(*) AS stored
FROM (
    SELECT 'endpoint secrets' AS kind, secret AS sealed FROM endpoint_keys
    UNION ALL
    SELECT 'endpoint headers', headers FROM endpoints
    UNION ALL
    SELECT 'gateway keys', secret FROM signing_keys
    UNION ALL
    SELECT 'callback settings', callback FROM partners
    UNION ALL SELECT 'headers of settings', sealed_settings FROM partners
    UNION ALL SELECT 'endpoint addresses', sealed_url FROM endpoints
    UNION ALL SELECT 'endpoint certificates', tls FROM endpoints
    UNION ALL SELECT 'endpoint proxies', sealed_proxy FROM endpoints
    UNION ALL SELECT 'feed source addresses', sealed_url FROM feed_sources
    UNION ALL
    SELECT 'feed source headers', headers FROM feed_sources
    UNION ALL SELECT 'feed source logins', login FROM feed_sources
    UNION ALL SELECT 'decision hook addresses', sealed_url FROM decision_hooks
    UNION ALL SELECT 'decision hook secrets', secret FROM decision_hooks
    UNION ALL SELECT 'previous decision hook secrets', previous_secret FROM decision_hooks
    UNION ALL SELECT 'checkout tokens', token FROM checkouts
    UNION ALL SELECT 'keys of buyers', buyer_key FROM checkouts
    UNION ALL SELECT 'fingerprint key', sealed FROM fingerprint_key
    UNION ALL SELECT 'withdrawals', statement FROM withdrawals
    UNION ALL SELECT 'payment tokens', payment_token FROM checkouts
    UNION ALL SELECT 'answers to repeated requests', answer FROM idempotent_requests
    UNION ALL
    SELECT 'unsigned callbacks', request FROM unverified_callbacks
) sealed_values
WHERE sealed IS NOT NULL
GROUP BY kind, key
ORDER BY kind, key
