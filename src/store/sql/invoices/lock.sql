-- Locks an invoice: it is marked once, and refunded never beyond what was paid.
SELECT FROM invoices WHERE id = $1 FOR UPDATE
