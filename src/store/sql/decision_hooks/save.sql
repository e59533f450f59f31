-- Saves a decision hook in place of the one before.
INSERT INTO decision_hooks (partner, url, sealed_url, url_saved_by, tax_included, secret, previous_secret, previous_valid_until)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (partner) DO UPDATE
SET url = excluded.url, sealed_url = excluded.sealed_url, url_saved_by = excluded.url_saved_by,
    tax_included = excluded.tax_included, secret = excluded.secret, previous_secret = excluded.previous_secret,
    previous_valid_until = excluded.previous_valid_until, updated_at = now()
RETURNING updated_at
