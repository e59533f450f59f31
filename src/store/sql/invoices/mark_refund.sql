-- Marks a refund as sent or failed.
UPDATE invoice_refunds SET status = $2, failure = $3, updated_at = now() WHERE id = $1
