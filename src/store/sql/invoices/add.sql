-- Opens an invoice, unless it is there already.
INSERT INTO invoices (id, checkout, currency, amount, instructions, due_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (id) DO NOTHING
