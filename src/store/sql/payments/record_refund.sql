-- Records what the processor said of a refund.
UPDATE payment_refunds SET processor_id = coalesce($2, processor_id), status = $3, failure = $4, due_at = $5, updated_at = now()
WHERE id = $1
