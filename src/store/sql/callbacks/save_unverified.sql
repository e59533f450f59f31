-- Stores an unsigned callback until the partner's own record confirms it. The number per partner is limited, except
-- for callbacks that name an acknowledged order: made-up ids cannot crowd those out.
INSERT INTO unverified_callbacks (id, partner, record_url, request, partner_order_id)
SELECT $1, $2, $3, $4, $6
WHERE EXISTS (SELECT FROM unverified_callbacks WHERE partner = $2 AND record_url = $3)
   OR (SELECT count(*) FROM unverified_callbacks WHERE partner = $2) < $5::bigint
   OR EXISTS (SELECT FROM acknowledgements a WHERE a.partner = $2 AND a.partner_order_id = $6)
ON CONFLICT (partner, record_url) DO UPDATE SET request = excluded.request, version = unverified_callbacks.version + 1
RETURNING id
