-- Which master keys sealed what is stored, and how much. Each sealed value names its key in its bytes 2 to 5. Every
-- sealed column of the schema stands here.
SELECT place, substring(sealed FROM 2 FOR 4) AS key, count(*) AS stored
FROM (
    SELECT 'endpoint secrets' AS place, secret AS sealed FROM endpoint_keys
    UNION ALL
    SELECT 'endpoint headers', headers FROM endpoints
    UNION ALL
    SELECT 'gateway keys', secret FROM signing_keys
    UNION ALL
    SELECT 'callback settings', callback FROM partners
    UNION ALL SELECT 'headers of settings', sealed_settings FROM partners
    UNION ALL SELECT 'endpoint addresses', sealed_url FROM endpoints
    UNION ALL SELECT 'feed source addresses', sealed_url FROM feed_sources
    UNION ALL
    SELECT 'feed source headers', headers FROM feed_sources
    UNION ALL
    SELECT 'unsigned callbacks', request FROM unverified_callbacks
) places
WHERE sealed IS NOT NULL
GROUP BY place, key
ORDER BY place, key
