-- Reads a refund with the currency of its invoice.
SELECT r.*, i.currency FROM invoice_refunds r JOIN invoices i ON i.id = r.invoice WHERE r.id = $1
