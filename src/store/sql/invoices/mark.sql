-- Marks an invoice as paid or void.
UPDATE invoices SET status = $2, updated_at = now() WHERE id = $1
