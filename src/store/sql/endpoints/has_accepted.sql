-- Checks whether any of these endpoints has accepted something at its present URL. Ten minutes are longer than an attempt
-- to an earlier URL that was under way when the URL changed.
SELECT EXISTS (
    SELECT FROM endpoints p JOIN delivered d ON d.endpoint = p.id
    WHERE p.id = ANY ($1::uuid[])
        AND (p.url_changed_at IS NULL OR d.delivered_at > p.url_changed_at + interval '10 minutes')
) AS any
