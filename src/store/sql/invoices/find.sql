-- Reads an invoice, with what was sent back of it and what is to be sent back.
SELECT i.*,
       (SELECT coalesce(sum(r.amount), 0)::bigint FROM invoice_refunds r WHERE r.invoice = i.id AND r.status = 'succeeded') AS refunded,
       (SELECT coalesce(sum(r.amount), 0)::bigint FROM invoice_refunds r WHERE r.invoice = i.id AND r.status = 'pending') AS refund_pending
FROM invoices i WHERE i.id = $1
