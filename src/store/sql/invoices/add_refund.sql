-- Adds a refund that an operator has to make, unless it is there already.
INSERT INTO invoice_refunds (id, invoice, amount) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING
